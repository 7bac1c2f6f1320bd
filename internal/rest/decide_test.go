package rest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func answerOf(status, sub int) answer { return answer{sent: true, status: status, sub: sub} }

func asksFor(a answer, pause time.Duration) answer {
	a.asked, a.after = true, pause
	return a
}

// short writes a verdict in a few words.
func (v verdict) short() string {
	var words []string
	switch {
	case v.done:
		words = append(words, "done")
	case v.repeat && v.wait > 0:
		words = append(words, "repeat after "+v.wait.String())
	case v.repeat:
		words = append(words, "repeat")
	default:
		words = append(words, "fail")
	}
	for _, w := range []struct {
		said bool
		word string
	}{
		{v.place == toNextRegion, "next region"}, {v.place == toWriteRegion, "write region"},
		{v.place == toAnyRegion, "any region"}, {v.stale, "read container"}, {v.moved, "read ranges"},
		{v.renew, "renew token"}, {v.refresh, "read account"}, {v.blame == oneFault, "fault"},
		{v.blame == overdue, "overdue"}, {v.blame == atOnce, "leave region"}, {v.keep, "keep session"},
	} {
		if w.said {
			words = append(words, w.word)
		}
	}
	return strings.Join(words, ", ")
}

// The policy: what the answer to a first attempt means, of a read, of a write that must not be repeated, and of one
// that may be (under an ETag, say, or with RepeatWrites), on an account with one region and on one that writes in two.
// Where only the first text is given it holds for all.
func TestDecide(t *testing.T) {
	t.Parallel()
	const stale = "repeat, read container, "
	tests := []struct {
		answer                              answer
		read, write, repeatable             string // one region
		readOfTwo, writeOfTwo, repeatsOfTwo string
		unknown                             bool // the write is of unknown outcome if nothing else comes
	}{
		{answer: answerOf(200, 0), read: "done, keep session"},
		{answer: answerOf(204, 0), read: "done, keep session"},
		{answer: answerOf(304, 0), read: "done, keep session"},
		{answer: answerOf(307, 0), read: "fail"},
		{answer: answerOf(400, 0), read: "fail"},
		{answer: answerOf(400, SubKeyMismatch), read: stale[:len(stale)-2]},
		{answer: answerOf(400, SubWrongContainer), read: stale[:len(stale)-2]},
		{answer: answerOf(401, 0), read: "fail"},
		{answer: answerOf(403, 0), read: "fail"},
		{answer: answerOf(403, SubPartitionFull), read: "fail"},
		{answer: answerOf(403, SubWriteForbidden), read: "repeat, any region, read account"},
		{answer: answerOf(403, SubAccountNotFound), read: "repeat, any region, read account, leave region"},
		{answer: answerOf(404, 0), read: "fail, keep session"},
		{answer: answerOf(404, SubSessionUnavailable), read: "repeat, write region", readOfTwo: "repeat, next region"},
		{answer: answerOf(404, SubOwnerNotFound), read: stale + "keep session"},
		{answer: answerOf(404, SubCreateInProgress), read: "repeat after 50ms, keep session"},
		{answer: answerOf(405, 0), read: "fail"},
		{
			answer: answerOf(408, 0), unknown: true, read: "repeat after 50ms, fault",
			write: "fail, read account, fault", repeatable: "repeat after 50ms, read account, fault",
			readOfTwo: "repeat, next region, fault", writeOfTwo: "fail, read account, fault",
			repeatsOfTwo: "repeat, next region, read account, fault",
		},
		{answer: answerOf(409, 0), read: "fail, keep session"},
		{answer: answerOf(410, 0), read: "repeat after 50ms, read ranges"},
		{answer: answerOf(410, SubNameCacheStale), read: stale[:len(stale)-2]},
		{answer: answerOf(410, SubRangeGone), read: "repeat after 50ms, read ranges"},
		{answer: answerOf(410, SubCompletingSplit), read: "repeat after 50ms, read ranges"},
		{answer: answerOf(410, SubCompletingMigration), read: "repeat after 50ms, read ranges"},
		{
			answer: answerOf(410, SubLeaseNotFound), unknown: true, read: "repeat after 50ms, fault",
			write: "fail, read account, fault", repeatable: "repeat after 50ms, read account, fault",
			readOfTwo: "repeat, next region, fault", writeOfTwo: "fail, read account, fault",
			repeatsOfTwo: "repeat, next region, read account, fault",
		},
		{answer: answerOf(412, 0), read: "fail, keep session"},
		{answer: answerOf(413, 0), read: "fail"},
		{answer: answerOf(429, SubThrottled), read: "repeat after 50ms"},
		{answer: asksFor(answerOf(429, SubThrottled), 0), read: "repeat after 50ms"},
		{answer: asksFor(answerOf(429, SubThrottled), time.Second), read: "repeat after 1s"},
		{answer: asksFor(answerOf(429, SubThrottled), time.Hour), read: "fail"},
		{answer: answerOf(429, SubReplicationQueueFull), read: "repeat after 50ms"},
		{answer: answerOf(449, 0), read: "repeat after 10ms"},
		{
			answer: answerOf(500, 0), unknown: true, read: "repeat after 50ms, fault",
			write: "fail, read account, fault", repeatable: "repeat after 50ms, read account, fault",
			readOfTwo: "repeat, next region, fault", writeOfTwo: "fail, read account, fault",
			repeatsOfTwo: "repeat, next region, read account, fault",
		},
		{answer: answerOf(501, 0), read: "fail"},
		{answer: answerOf(505, 0), read: "fail"},
		{
			answer:       answerOf(503, 0),
			unknown:      true,
			read:         "repeat after 50ms, read account, leave region",
			write:        "fail, read account, leave region",
			repeatable:   "repeat after 50ms, read account, leave region",
			readOfTwo:    "repeat, next region, read account, leave region",
			writeOfTwo:   "fail, read account, leave region",
			repeatsOfTwo: "repeat, next region, read account, leave region",
		},
		{
			answer:       asksFor(answerOf(503, 0), time.Hour),
			unknown:      true,
			read:         "fail, read account, leave region",
			readOfTwo:    "repeat, next region, read account, leave region",
			writeOfTwo:   "fail, read account, leave region",
			repeatsOfTwo: "repeat, next region, read account, leave region",
		},
		{answer: answer{loss: hopeless}, read: "fail"},
		{
			answer: answer{loss: unsent}, read: "repeat after 100ms, fault",
			write: "repeat after 100ms, read account, fault", repeatable: "repeat after 100ms, read account, fault",
			readOfTwo: "repeat after 100ms, fault", writeOfTwo: "repeat after 100ms, read account, fault",
			repeatsOfTwo: "repeat after 100ms, read account, fault",
		},
		{
			answer: answer{loss: cut, sent: true}, unknown: true, read: "repeat after 100ms, fault",
			write: "fail, read account, fault", repeatable: "repeat after 100ms, read account, fault",
			readOfTwo: "repeat after 100ms, fault", writeOfTwo: "fail, read account, fault",
			repeatsOfTwo: "repeat after 100ms, read account, fault",
		},
		{
			answer:       answer{loss: silent, sent: true},
			unknown:      true,
			read:         "repeat after 100ms, leave region",
			write:        "fail, read account, leave region",
			repeatable:   "repeat after 100ms, read account, leave region",
			readOfTwo:    "repeat, next region, read account, leave region",
			writeOfTwo:   "fail, read account, leave region",
			repeatsOfTwo: "repeat, next region, read account, leave region",
		},
		{
			answer:       answer{loss: silent},
			read:         "repeat after 100ms, leave region",
			write:        "repeat after 100ms, read account, leave region",
			repeatable:   "repeat after 100ms, read account, leave region",
			readOfTwo:    "repeat, next region, read account, leave region",
			writeOfTwo:   "repeat, next region, read account, leave region",
			repeatsOfTwo: "repeat, next region, read account, leave region",
		},
		{
			answer: answer{loss: foreign, sent: true}, unknown: true, read: "repeat after 100ms, fault",
			write: "fail, read account, fault", repeatable: "repeat after 100ms, read account, fault",
			readOfTwo: "repeat after 100ms, fault", writeOfTwo: "fail, read account, fault",
			repeatsOfTwo: "repeat after 100ms, read account, fault",
		},
		{
			answer: answer{loss: damaged, sent: true}, unknown: true, read: "repeat after 100ms, fault",
			write: "fail, read account, fault", repeatable: "repeat after 100ms, read account, fault",
			readOfTwo: "repeat after 100ms, fault", writeOfTwo: "fail, read account, fault",
			repeatsOfTwo: "repeat after 100ms, read account, fault",
		},
		{
			answer: answer{loss: expired, sent: true}, unknown: true, read: "fail, overdue",
			write: "fail, read account, overdue", repeatable: "fail, read account, overdue",
			readOfTwo: "fail, overdue", writeOfTwo: "fail, read account, overdue",
			repeatsOfTwo: "fail, read account, overdue",
		},
		{answer: answer{loss: cancelled, sent: true}, unknown: true, read: "fail"},
		{answer: answer{loss: cancelled}, read: "fail"},
	}
	or := func(texts ...string) string {
		for _, text := range texts {
			if text != "" {
				return text
			}
		}
		return ""
	}
	for _, tt := range tests {
		for _, c := range []struct {
			effect Effect
			two    bool
			want   string
		}{
			{Read, false, tt.read}, {Write, false, or(tt.write, tt.read)},
			{Repeatable, false, or(tt.repeatable, tt.read)}, {Read, true, or(tt.readOfTwo, tt.read)},
			{Write, true, or(tt.writeOfTwo, tt.readOfTwo, tt.write, tt.read)},
			{Repeatable, true, or(tt.repeatsOfTwo, tt.readOfTwo, tt.repeatable, tt.read)},
		} {
			op := operation{effect: c.effect, tries: connectTries, regions: 1, account: 1}
			if c.two {
				op.regions, op.account, op.multi = 2, 2, true
			}
			name := fmt.Sprintf("%+v effect %d two %v", tt.answer, c.effect, c.two)
			v, s := decide(op, tt.answer, state{})
			require.Equal(t, c.want, v.short(), name)
			require.Equal(t, tt.unknown && c.effect != Read, s.unknown, name)
		}
	}
}

// What depends on more than the answer.
func TestDecideInContext(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		op   operation
		s    state
		a    answer
		want string
	}{
		{"a range that is gone is the caller's to find", operation{ranged: true}, state{},
			answerOf(410, SubRangeGone), "fail"},
		{"an older container is not", operation{ranged: true}, state{}, answerOf(410, SubNameCacheStale),
			"repeat, read container"},
		{"another access token", operation{renewable: true}, state{}, answerOf(401, 0), "repeat, renew token"},
		{"once", operation{renewable: true}, state{renewed: 1}, answerOf(401, 0), "fail"},
		{"the definition is read once", operation{}, state{stale: 1}, answerOf(400, SubKeyMismatch), "fail"},
		{"a session that the only region does not know may be an older container's", operation{regions: 1, account: 1},
			state{sessions: 1}, answerOf(404, SubSessionUnavailable), "repeat, read container"},
		{"the partition may have a write region of its own", operation{regions: 1, account: 2}, state{sessions: 1},
			answerOf(404, SubSessionUnavailable), "repeat, write region"},
		{"which has the last word", operation{regions: 1, account: 2}, state{sessions: 2, hub: true},
			answerOf(404, SubSessionUnavailable), "repeat, read container"},
		{"a write has reached it already", operation{effect: Write, regions: 1, account: 2}, state{sessions: 1},
			answerOf(404, SubSessionUnavailable), "repeat, read container"},
		{"where several regions write, each is asked", operation{regions: 2, account: 2, multi: true},
			state{sessions: 1}, answerOf(404, SubSessionUnavailable), "repeat, next region"},
		{"and no more than that", operation{regions: 2, account: 2, multi: true}, state{sessions: 2},
			answerOf(404, SubSessionUnavailable), "repeat, read container"},
		{"each region may be the one that writes", operation{account: 3}, state{refused: 1},
			answerOf(403, SubWriteForbidden), "repeat, any region, read account"},
		{"all of them have been asked", operation{account: 3}, state{refused: 2}, answerOf(403, SubWriteForbidden),
			"repeat after 1s, any region, read account"},
		{"for two minutes", operation{account: 3}, state{refused: 2, moves: topologyTries},
			answerOf(403, SubWriteForbidden), "fail, read account"},
		{"the account may have other regions by now", operation{account: 1}, state{}, answerOf(403, SubWriteForbidden),
			"repeat, any region, read account"},
		{"it is asked every second", operation{account: 1}, state{refused: 1}, answerOf(403, SubWriteForbidden),
			"repeat after 1s, any region, read account"},
		{"a write of unknown outcome stays one", operation{effect: Write}, state{unknown: true},
			answerOf(429, 0), "fail"},
		{"each region once", operation{regions: 3, tries: 3}, state{connects: 1, hops: 1},
			answer{loss: cut, sent: true}, "repeat, next region, read account, leave region"},
		{"and no more", operation{regions: 3, tries: 3}, state{connects: 1, hops: 2}, answer{loss: cut, sent: true},
			"fail, leave region"},
		{
			"the only write region is gone: the account will name another",
			operation{effect: Write, regions: 1, tries: 3, account: 2}, state{connects: 3}, answer{loss: unsent},
			"repeat after 1s, next region, read account, leave region",
		},
		{"unless the account is gone, too", operation{effect: Write, regions: 1, tries: 3}, state{connects: 3},
			answer{loss: unsent}, "fail, read account, leave region"},
		{"pauses have a sum", operation{regions: 1, tries: 3}, state{asked: 29 * time.Second},
			asksFor(answerOf(503, 0), 2*time.Second), "fail, read account, leave region"},
		{"of their own choice", operation{policy: Policy{ThrottledWait: time.Minute}, regions: 1, tries: 3},
			state{asked: 29 * time.Second}, asksFor(answerOf(503, 0), 2*time.Second),
			"repeat after 2s, read account, leave region"},
		{"throttling has a count", operation{}, state{throttled: 9}, answerOf(429, 0), "fail"},
		{"which may be none", operation{policy: Policy{Throttled: -1}}, state{}, answerOf(429, 0), "fail"},
	} {
		v, _ := decide(tt.op, tt.a, tt.s)
		require.Equal(t, tt.want, v.short(), tt.name)
	}
}

// Whatever comes, in whatever order: the policy ends, its pauses are bounded, what is unknown stays so, and a write
// that may have been executed is not sent again.
func TestPolicyHolds(t *testing.T) {
	t.Parallel()
	var list []answer
	for status := 400; status < 600; status++ {
		for _, sub := range []int{0, 3, 1000, 1001, 1002, 1003, 1007, 1008, 1013, 1022, 1024, 3200} {
			list = append(list, answerOf(status, sub))
		}
	}
	for l := hopeless; l <= cancelled; l++ {
		for range 40 {
			list = append(list, answer{loss: l}, answer{loss: l, sent: true})
		}
	}
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 1))
		op := operation{
			effect: Effect(r.IntN(3)), ranged: r.IntN(2) == 0, tries: connectTries, regions: 1 + r.IntN(4),
			multi: r.IntN(2) == 0, renewable: r.IntN(2) == 0,
		}
		op.account = op.regions + r.IntN(2)
		var s state
		var waited time.Duration
		for rounds := 0; ; rounds++ {
			a := list[r.IntN(len(list))]
			if r.IntN(2) == 0 {
				a = asksFor(a, time.Duration(r.IntN(3000))*time.Millisecond)
			}
			unknown := s.unknown
			var v verdict
			v, s = decide(op, a, s)
			require.True(t, s.unknown || !unknown, "seed %d: what was unknown is not any more", seed)
			require.Equal(t, op.effect != Read && a.uncertain() || unknown, s.unknown, "seed %d", seed)
			if !v.repeat {
				require.Zero(t, v.wait)
				break
			}
			require.False(t, op.effect == Write && s.unknown, "seed %d: a write was repeated after %+v", seed, a)
			require.False(t, a.loss == hopeless || a.loss == expired || a.loss == cancelled,
				"seed %d: repeated what cannot succeed", seed)
			require.False(t, op.ranged && a.loss == answered && a.status == 410 && a.sub != 1000 && a.sub != 1022,
				"seed %d: a split was not handed back", seed)
			require.False(t, a.status/100 == 2)
			waited += v.wait
			require.Less(t, rounds, 900, "seed %d does not end", seed)
		}
		require.Less(t, waited, 5*time.Minute, "seed %d", seed)
	}
	for _, a := range list {
		for effect := Read; effect <= Repeatable; effect++ {
			op, s := operation{effect: effect, tries: connectTries, regions: 3, account: 3, multi: true,
				renewable: true}, state{}
			for rounds := 0; ; rounds++ {
				var v verdict
				if v, s = decide(op, a, s); !v.repeat {
					break
				}
				require.LessOrEqual(t, rounds, op.account*(topologyTries+1), "%+v", a)
			}
		}
	}
}
