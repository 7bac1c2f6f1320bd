package bulk

import (
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/stretchr/testify/require"
)

func op(kind, match string) *Operation {
	o := &Operation{Operation: batch.Operation{Kind: kind, ID: "1", IfMatch: match}}
	if kind == batch.Create || kind == batch.Upsert || kind == batch.Replace {
		o.Body = []byte(`{"id":"1","n":1}`)
	}
	return o
}

// What may be sent twice.
func TestEffect(t *testing.T) {
	t.Parallel()
	rename := op(batch.Replace, "")
	rename.Renames = true
	for _, tt := range []struct {
		name string
		op   *Operation
		want rest.Effect
	}{
		{"read", op(batch.Read, ""), rest.Read},
		{"create", op(batch.Create, ""), rest.Repeatable},
		{"upsert", op(batch.Upsert, ""), rest.Repeatable},
		{"upsert under an ETag", op(batch.Upsert, `"e"`), rest.Write},
		{"replace", op(batch.Replace, ""), rest.Repeatable},
		{"replace under an ETag", op(batch.Replace, `"e"`), rest.Repeatable},
		{"replace that renames", rename, rest.Write},
		{"patch", op(batch.Patch, ""), rest.Write},
		{"patch under an ETag", op(batch.Patch, `"e"`), rest.Repeatable},
		{"patch of any that exists", op(batch.Patch, "*"), rest.Write},
		{"delete", op(batch.Delete, ""), rest.Repeatable},
		{"delete under an ETag", op(batch.Delete, `"e"`), rest.Repeatable},
	} {
		require.Equal(t, tt.want, (&Config{}).effect(tt.op), tt.name)
		if tt.want == rest.Write {
			require.Equal(t, rest.Repeatable, (&Config{RepeatWrites: true}).effect(tt.op), tt.name)
		}
	}
}

// What follows each outcome of one attempt, for an operation that may be sent twice, and for one that may not.
func TestDecide(t *testing.T) {
	t.Parallel()
	answer := func(status, sub int) outcome {
		return outcome{Result: batch.Result{StatusCode: status, SubStatus: sub}}
	}
	whole := func(status, sub int) outcome {
		out := answer(status, sub)
		out.whole = true
		return out
	}
	final := answer(409, 0)
	final.final = true
	for _, tt := range []struct {
		name             string
		out              outcome
		upsert, patch    action
		unknown, skipped bool // the outcome is unknown; nothing was sent together with the operation
	}{
		{name: "created", out: answer(201, 0)},
		{name: "not modified", out: answer(304, 0)},
		{name: "bad request", out: answer(400, 0)},
		{name: "another partition key", out: answer(400, 1001), upsert: redefined, patch: redefined},
		{name: "recreated", out: answer(400, 1024), upsert: redefined, patch: redefined},
		{name: "unauthorized", out: whole(401, 0)},
		{name: "quota", out: answer(403, 1014)},
		{name: "not found", out: answer(404, 0)},
		{name: "session not reached", out: answer(404, 1002), upsert: again, patch: again},
		{name: "no such container", out: whole(404, 1003), upsert: redefined, patch: redefined},
		{name: "conflict", out: answer(409, 0)},
		{name: "single and final", out: final},
		{name: "split", out: answer(410, 1002), upsert: elsewhere, patch: elsewhere},
		{name: "moving", out: whole(410, 1008), upsert: elsewhere, patch: elsewhere},
		{name: "gone with an open end", out: answer(410, 1022), upsert: elsewhere, unknown: true},
		{name: "precondition", out: answer(412, 0)},
		{name: "too large", out: answer(413, 0)},
		{name: "request too large", out: whole(413, 0), upsert: again, patch: again},
		{name: "request too large though alone", out: whole(413, 0), skipped: true},
		{name: "answer too large", out: answer(413, 3402), upsert: again, unknown: true},
		{name: "depends on another", out: answer(424, 0), upsert: again, patch: again},
		{name: "throttled", out: answer(429, 3200), upsert: throttled, patch: throttled},
		{name: "concurrent write", out: answer(449, 0), upsert: again, patch: again},
		{name: "timeout", out: answer(408, 0), upsert: again, unknown: true},
		{name: "server error", out: answer(500, 0), upsert: again, unknown: true},
		{name: "not implemented", out: answer(501, 0)},
		{name: "unavailable", out: answer(503, 0), upsert: again, unknown: true},
		{name: "lost", out: outcome{sent: true}, upsert: again, unknown: true},
		{name: "not sent", out: outcome{}, upsert: again, patch: again},
		{name: "closed", out: outcome{closed: true}},
		{name: "closed when it was sent", out: outcome{closed: true, sent: true}, unknown: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := &Config{Attempts: new(rest.Client).Attempts, RetryThrottled: true, LongestPause: time.Second}
			for kind, want := range map[string]action{batch.Upsert: tt.upsert, batch.Patch: tt.patch} {
				o, out := op(kind, ""), tt.out
				require.Equal(t, want, c.decide(o, &out, !tt.skipped).action, kind)
				require.Equal(t, tt.unknown, o.outcomeUnknown, kind)
			}
		})
	}
	out := answer(429, 3200)
	require.Equal(t, finished,
		(&Config{Attempts: new(rest.Client).Attempts}).decide(op(batch.Upsert, ""), &out, true).action)
	out.RetryAfter = time.Hour
	c := &Config{Attempts: new(rest.Client).Attempts, RetryThrottled: true, LongestPause: time.Second}
	require.Equal(t, finished, c.decide(op(batch.Upsert, ""), &out, true).action, "nobody waits an hour")
	read := op(batch.Read, "")
	out = answer(503, 0)
	c.decide(read, &out, true)
	require.False(t, read.outcomeUnknown)
}

func TestSupport(t *testing.T) {
	t.Parallel()
	now := time.Now()
	var s Support
	for range refusals {
		require.True(t, s.Known(now), "one odd answer, or two, show nothing")
		s.Refused(now)
	}
	require.False(t, s.Known(now))
	require.True(t, s.Known(now.Add(askAgain)), "it is asked again after a while")
	s.Answered()
	for range 2 * refusals {
		s.Refused(now)
	}
	require.True(t, s.Known(now), "a server that has answered once knows them")
}
