package bulk

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/stretchr/testify/require"
)

const written = `{"id":"1","n":1}`

// The answer to the first attempt is lost, after it was executed or before; meanwhile another writer may do something.
// What the result says is what happened, or that it is not known.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	type change = func(s *service)
	nothing := func(*service) {}
	store := func(body, etag string) change {
		return func(s *service) { s.docs["1"] = stored{body: body, etag: etag} }
	}
	remove := func(s *service) { delete(s.docs, "1") }
	rename := op(batch.Replace, "")
	rename.ID, rename.Renames = "old", true
	for _, tt := range []struct {
		name      string
		op        *Operation
		before    change
		executed  bool // the first attempt
		meanwhile change
		status    int
		unknown   bool
		sent      int
	}{
		{"create, executed", op(batch.Create, ""), nothing, true, nothing, 201, false, 2},
		{"create, not executed", op(batch.Create, ""), nothing, false, nothing, 201, false, 2},
		{"create, executed and changed", op(batch.Create, ""), nothing, true, store(`{"id":"1","n":2}`, "x"),
			409, true, 2},
		{"create of one that is there", op(batch.Create, ""), store(`{"id":"1","n":2}`, "x"), true, nothing,
			409, true, 2},
		{"upsert, executed", op(batch.Upsert, ""), nothing, true, nothing, 200, false, 2},
		{"upsert under an ETag, executed", op(batch.Upsert, "x"), store("{}", "x"), true, nothing, 200, false, 1},
		{"upsert under an ETag, not executed", op(batch.Upsert, "x"), store("{}", "x"), false, nothing, 0, true, 1},
		{"upsert under an ETag, not executed, of what is there", op(batch.Upsert, "x"), store(written, "x"), false,
			nothing, 0, true, 1},
		{"upsert under an ETag, executed and deleted", op(batch.Upsert, "x"), store("{}", "x"), true,
			remove, 0, true, 1},
		{"replace, executed", op(batch.Replace, ""), store("{}", "x"), true, nothing, 200, false, 2},
		{"replace, executed and deleted", op(batch.Replace, ""), store("{}", "x"), true, remove, 404, true, 2},
		{"replace under an ETag, executed", op(batch.Replace, "x"), store("{}", "x"), true, nothing, 200, false, 2},
		{"replace under an ETag, not executed", op(batch.Replace, "x"), store("{}", "x"), false, nothing,
			200, false, 2},
		{"replace under an ETag, executed and changed", op(batch.Replace, "x"), store("{}", "x"), true,
			store("{}", "y"), 412, true, 2},
		{"rename, executed", rename, func(s *service) { s.docs["old"] = stored{body: "{}"} }, true,
			func(s *service) { delete(s.docs, "old"); s.docs["1"] = stored{body: written, etag: "z"} }, 200, false, 1},
		{"rename, not executed", rename, func(s *service) { s.docs["old"] = stored{body: "{}"} }, false,
			nothing, 0, true, 1},
		{"patch, executed", op(batch.Patch, ""), store("{}", "x"), true, nothing, 0, true, 1},
		{"patch, not executed", op(batch.Patch, ""), store("{}", "x"), false, nothing, 0, true, 1},
		{"patch under an ETag, not executed", op(batch.Patch, "x"), store("{}", "x"), false, nothing, 200, false, 2},
		{"patch under an ETag, executed", op(batch.Patch, "x"), store("{}", "x"), true, nothing, 412, true, 2},
		{"delete, executed", op(batch.Delete, ""), store("{}", "x"), true, nothing, 204, false, 2},
		{"delete under an ETag, executed", op(batch.Delete, "x"), store("{}", "x"), true, nothing, 404, true, 2},
		{"delete under an ETag, not executed", op(batch.Delete, "x"), store("{}", "x"), false, nothing, 204, false, 2},
		{"read", op(batch.Read, ""), store(written, "x"), true, nothing, 200, false, 2},
	} {
		// Lost as a broken connection, as an answer that is not one, and as 503 although it was executed.
		for how, answer := range map[string]*Answer{
			"lost":    lostAnswer(),
			"foreign": {Err: errors.New("not an array"), Sent: true, Foreign: true},
		} {
			synctest.Test(t, func(t *testing.T) {
				s := newService(1)
				tt.before(s)
				s.fault = func(s *service, n int, ops []*Operation) *Answer {
					if n > 0 {
						return nil
					}
					if tt.executed && !tt.op.Renames {
						s.execute("0.0", ops)
					}
					tt.meanwhile(s)
					return answer
				}
				o := *tt.op
				r := s.run(t.Context(), s.config(), &o)[0]
				name := tt.name + ", " + how
				require.Equal(t, tt.status, r.StatusCode, "%s: %v", name, r.Err)
				require.Equal(t, tt.unknown, errors.Is(r.Err, rest.ErrUnknownOutcome), "%s: %v", name, r.Err)
				require.Equal(t, tt.status >= 400 || tt.status == 0, r.Err != nil, name)
				require.Len(t, s.requests, tt.sent, name)
				if o.Kind == batch.Patch {
					require.LessOrEqual(t, s.docs["1"].n, 1, "%s: patched once", name)
				}
				if r.Err == nil && o.Kind != batch.Delete && !o.Renames {
					require.Equal(t, s.docs["1"].etag, r.ETag, name)
				}
			})
		}
	}
}

// The document that would prove what happened cannot be read.
func TestUnknownOutcomeWhereTheSettlingReadFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		op     *Operation
		before string
		status int
	}{{op(batch.Create, ""), "", 409}, {op(batch.Replace, "x"), "x", 412}} {
		synctest.Test(t, func(t *testing.T) {
			s := newService(1)
			if tt.before != "" {
				s.docs["1"] = stored{body: "{}", etag: tt.before}
			}
			s.fault = func(s *service, n int, ops []*Operation) *Answer {
				if n > 0 {
					return nil
				}
				s.execute("0.0", ops)
				return lostAnswer()
			}
			s.single = func(int, *Operation) *Answer { return refusal(500, 0) }
			r := s.run(t.Context(), s.config(), tt.op)[0]
			require.Equal(t, tt.status, r.StatusCode)
			require.ErrorIs(t, r.Err, rest.ErrUnknownOutcome)
		})
	}
}

// The repeat of operations of unknown outcome goes out one by one, since the server seems to know no bulk requests.
func TestUnknownOutcomeSurvivesTheFallback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(1)
		s.docs["2"], s.docs["3"] = stored{body: "{}", etag: "x"}, stored{body: "{}", etag: "x"}
		s.docs["4"] = stored{etag: "x"}
		c := s.config()
		s.fault = func(s *service, n int, ops []*Operation) *Answer {
			s.execute("0.0", ops)
			for range refusals {
				c.Support.Refused(s.start)
			}
			return lostAnswer()
		}
		ops := []*Operation{op(batch.Create, ""), op(batch.Delete, ""), op(batch.Replace, "x"), op(batch.Patch, "")}
		ops[1].ID, ops[2].ID, ops[3].ID = "2", "3", "4"
		results := s.run(t.Context(), c, ops...)
		require.Equal(t, 201, results[0].StatusCode)
		require.NoError(t, results[0].Err)
		require.Equal(t, 204, results[1].StatusCode)
		require.NoError(t, results[1].Err)
		require.NoError(t, results[2].Err)
		require.ErrorIs(t, results[3].Err, rest.ErrUnknownOutcome)
		require.Equal(t, 1, s.docs["4"].n)
	})
}

// A server without bulk requests gets operations one by one, side by side; one that refuses a single request does not.
func TestFallback(t *testing.T) {
	t.Parallel()
	for _, refused := range []int{1, 1 << 30} {
		synctest.Test(t, func(t *testing.T) {
			s := newService(1)
			s.fault = func(s *service, n int, _ []*Operation) *Answer {
				if n < refused {
					return refusal(405, 0)
				}
				return nil
			}
			c := s.config()
			p := Run(t.Context(), c, creates(3000), func(r Result) bool {
				require.NoError(t, r.Err)
				return true
			})
			s.storedOnce(t, 3000)
			if refused == 1 {
				require.Equal(t, 100, p.SingleOperations)
				return
			}
			require.Equal(t, 3000, p.SingleOperations)
			require.LessOrEqual(t, len(s.requests), 2*refusals)
		})
	}
}

// Two creates of the same document, of which both answers are lost: one has succeeded.
func TestTheSameCreateTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(1)
		s.fault = func(s *service, n int, ops []*Operation) *Answer {
			if n > 0 {
				return nil
			}
			s.execute("0.0", ops)
			return lostAnswer()
		}
		results := s.run(t.Context(), s.config(), op(batch.Create, ""), op(batch.Create, ""))
		require.ElementsMatch(t, []int{201, 409}, []int{results[0].StatusCode, results[1].StatusCode})
	})
}

// The context ends after an answer was lost and before the next one: the outcome stays unknown.
func TestUnknownOutcomeSurvivesTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(1)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s.fault = func(s *service, n int, ops []*Operation) *Answer {
			if n == 0 {
				s.execute("0.0", ops)
				return lostAnswer()
			}
			cancel()
			return refusal(503, 0)
		}
		r := s.run(ctx, s.config(), op(batch.Upsert, ""))[0]
		require.ErrorIs(t, r.Err, context.Canceled)
		require.ErrorIs(t, r.Err, rest.ErrUnknownOutcome)
	})
}

func TestSameDocument(t *testing.T) {
	t.Parallel()
	const system = `"_rid":"r","_self":"s","_etag":"e","_attachments":"a","_ts":1`
	for _, tt := range []struct {
		written, stored string
		want            bool
	}{
		{`{"id":"1","a":[1,{"b":2}]}`, `{"a":[1.0,{"b":2}],"id":"1",` + system + `}`, true},
		{`{"id":"1","_ts":5}`, `{"id":"1",` + system + `}`, true},
		{`{"id":"1","a":1}`, `{"id":"1","a":2,` + system + `}`, false},
		{`{"id":"1","a":1}`, `{"id":"1",` + system + `}`, false},
		{`{"id":"1"}`, `{"id":"1","a":1,` + system + `}`, false},
		{`{"id":"1","a":null}`, `{"id":"1",` + system + `}`, false},
		{`{"id":"\u0041"}`, `{"id":"A",` + system + `}`, true},
	} {
		require.Equal(t, tt.want, SameDocument([]byte(tt.written), []byte(tt.stored)), tt.written)
	}
}
