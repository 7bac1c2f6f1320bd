package bulk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/stretchr/testify/require"
)

func TestRunFillsRequests(t *testing.T) {
	t.Parallel()
	for _, partitions := range []int{1, 8, 100} {
		synctest.Test(t, func(t *testing.T) {
			s := newService(partitions)
			n := 0
			p := Run(t.Context(), s.config(), creates(20_000), func(r Result) bool {
				require.NoError(t, r.Err)
				require.NotEmpty(t, r.SessionToken)
				n++
				return true
			})
			require.Equal(t, 20_000, n)
			s.storedOnce(t, 20_000)
			require.Equal(t, len(s.requests), p.Requests)
			require.LessOrEqual(t, p.Requests, 20_000/maxOperations+2*partitions, "they are full but for the last ones")
			require.Less(t, time.Since(s.start), 2*time.Second)
		})
	}
}

// An input that comes slowly is sent as soon as it pauses; one that never pauses, after a second.
func TestRunFlushes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		gap   time.Duration
		first time.Duration
	}{
		{time.Minute, idleFlush},
		{idleFlush - time.Millisecond, longestWait},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newService(1)
			slow := func(yield func(*Operation) bool) {
				for i := range 60 {
					if !yield(create(i)) {
						return
					}
					time.Sleep(tt.gap)
				}
			}
			for range iter.Seq[Result](func(yield func(Result) bool) { Run(t.Context(), s.config(), slow, yield) }) {
			}
			require.InDelta(t, tt.first, s.requests[0], float64(idleFlush))
			s.storedOnce(t, 60)
		})
	}
}

// A partition that executes a thousand operations a second gets about that many: the window finds its rate, and the
// others are not slowed down.
func TestRunFindsTheRateOfAPartition(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(2)
		s.rate = 1000
		p := Run(t.Context(), s.config(), creates(20_000), func(r Result) bool {
			require.NoError(t, r.Err)
			return true
		})
		s.storedOnce(t, 20_000)
		require.Positive(t, p.Retries)
		require.Less(t, time.Since(s.start), 13*time.Second, "10 s of work")
		require.Less(t, p.Requests, 1000, "without hammering")
	})
}

// Throttling without a usable pause: few requests, growing pauses, and no failure, however long it lasts.
func TestRunPausesGrow(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		asked    time.Duration
		requests int
	}{{0, 8}, {time.Millisecond, 14}, {100 * time.Millisecond, 10}, {2 * time.Second, 4}} {
		synctest.Test(t, func(t *testing.T) {
			s := newService(1)
			s.fault = func(s *service, _ int, ops []*Operation) *Answer {
				if time.Since(s.start) > 3*time.Second {
					return nil
				}
				a := refusal(429, 3200)
				a.Failure.RetryAfter = tt.asked
				return a
			}
			r := s.run(t.Context(), s.config(), create(1))[0]
			require.NoError(t, r.Err)
			require.LessOrEqual(t, len(s.requests), tt.requests, "asked for %v", tt.asked)
			require.Equal(t, len(s.requests)-1, r.Retries)
		})
	}
}

func TestRunBoundsThrottling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(1)
		s.fault = func(*service, int, []*Operation) *Answer {
			a := refusal(429, 3200)
			a.Failure.RetryAfter = time.Hour
			return a
		}
		r := s.run(t.Context(), s.config(), create(1))[0]
		require.Equal(t, 429, r.StatusCode)
		require.Less(t, time.Since(s.start), time.Second, "nobody waits an hour")
	})
}

// Answers are lost, partitions throttle, refuse and split: every document is stored by one write, and every result is
// true.
func TestRunUnderFaults(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			s := newService(4)
			s.rate = 5000
			s.fault = func(s *service, n int, ops []*Operation) *Answer {
				s.mu.Lock()
				dice := random.IntN(20)
				s.mu.Unlock()
				switch dice {
				case 0:
					s.execute("0.0", ops)
					return lostAnswer()
				case 1:
					return lostAnswer()
				case 2:
					return refusal(429, 3200)
				case 3:
					return refusal(503, 0)
				case 4:
					s.execute("0.0", ops[:len(ops)/2])
					return &Answer{Err: errors.New("not an array"), Sent: true, Foreign: true}
				case 5:
					s.splitUpTo(3)
				}
				return nil
			}
			n := 0
			Run(t.Context(), s.config(), creates(5000), func(r Result) bool {
				require.NoError(t, r.Err)
				n++
				return true
			})
			require.Equal(t, 5000, n)
			s.storedOnce(t, 5000)
		})
	}
}

func TestRunIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(2)
		s.latency = time.Hour
		taken := 0
		endless := func(yield func(*Operation) bool) {
			for ; yield(create(taken)); taken++ {
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		c := s.config()
		c.Requests = 3
		Run(ctx, c, endless, func(Result) bool { return true })
		require.LessOrEqual(t, taken, maxPending*(3+2)+2*readyOperations)
		require.Len(t, s.requests, 3)
	})
}

func TestRunProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(1)
		s.latency = 10 * time.Second
		var at []time.Duration
		c := s.config()
		c.Progress = func(p option.Progress) { at = append(at, p.Elapsed) }
		require.NoError(t, s.run(t.Context(), c, create(1))[0].Err)
		require.InDelta(t, s.latency/reportEvery, len(at), 5)
		require.InDelta(t, s.latency, at[len(at)-1], float64(100*time.Millisecond))
	})
}

// An answer contradicts the definition: the operation is sent again if reading that changes its request, else it ends.
func TestRunRedefines(t *testing.T) {
	t.Parallel()
	for _, fresh := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := newService(1)
			s.fresh = fresh
			s.fault = func(s *service, n int, ops []*Operation) *Answer {
				if n > 0 {
					return nil
				}
				a := &Answer{Results: s.execute("0.0", ops)}
				a.Results[0] = batch.Result{StatusCode: 400, SubStatus: 1001}
				return a
			}
			bad := create(1)
			bad.Kind = batch.Delete
			results := s.run(t.Context(), s.config(), bad, create(2))
			require.NoError(t, results[1].Err)
			if fresh {
				require.Equal(t, 404, results[0].StatusCode)
				require.Equal(t, 1, results[0].Retries)
			} else {
				require.Equal(t, 400, results[0].StatusCode)
				require.Len(t, s.requests, 1)
			}
		})
	}
}

// The range is gone, and the operations find those that took its place, the waiting ones too.
func TestRunFollowsSplits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(1)
		s.rate = 10_000
		s.fault = func(s *service, n int, _ []*Operation) *Answer {
			if n == 3 || n == 40 {
				s.split()
			}
			return nil
		}
		Run(t.Context(), s.config(), creates(20_000), func(r Result) bool {
			require.NoError(t, r.Err)
			return true
		})
		s.storedOnce(t, 20_000)
		require.Equal(t, 4, s.partitions)
	})
}

// One operation says that the answer was too large, the others that they depend on it: each travels alone then, and a
// patch, which may have been executed, does not.
func TestRunAnswerTooLarge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(1)
		s.docs["1"], s.docs["2"], s.docs["3"] = stored{body: "{}"}, stored{body: "{}"}, stored{body: "{}"}
		s.fault = func(s *service, n int, ops []*Operation) *Answer {
			if len(ops) == 1 {
				return nil
			}
			a := &Answer{Results: s.execute("0.0", ops)}
			for i := range a.Results {
				a.Results[i] = batch.Result{StatusCode: 424}
			}
			a.Results[0] = batch.Result{StatusCode: 413, SubStatus: 3402}
			return a
		}
		ops := []*Operation{op(batch.Read, ""), op(batch.Patch, ""), op(batch.Read, "")}
		ops[1].ID, ops[2].ID = "2", "3"
		results := s.run(t.Context(), s.config(), ops...)
		require.NoError(t, results[0].Err)
		require.ErrorIs(t, results[1].Err, rest.ErrUnknownOutcome)
		require.NoError(t, results[2].Err)
		require.Equal(t, 1, s.docs["2"].n)
		require.Equal(t, []int{3, 1, 1}, s.sizes)
	})
}

// Invalid operations have their own errors and are not sent.
func TestRunInvalid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newService(1)
		bad := create(2)
		bad.Err = errors.New("invalid")
		results := s.run(t.Context(), s.config(), create(1), bad, create(3))
		require.NoError(t, results[0].Err)
		require.EqualError(t, results[1].Err, "invalid")
		require.NoError(t, results[2].Err)
		require.Equal(t, []int{2}, s.sizes)
	})
}

// What the scheduler does for an operation does not depend on the number of partitions.
func BenchmarkScheduler(b *testing.B) {
	for _, partitions := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint(partitions), func(b *testing.B) {
			ids := make([]string, partitions)
			for i := range ids {
				ids[i] = fmt.Sprint(i)
			}
			c := Config{Backend: &service{}}
			s := newScheduler(&c)
			s.place = func(o *Operation) (string, error) { return ids[o.index%partitions], nil }
			now := time.Now()
			var requests []*request
			b.ReportAllocs()
			for i := range b.N {
				s.add(now,
					&Operation{Operation: batch.Operation{Kind: batch.Create, Body: make([]byte, 100)}, index: i})
				for r := s.next(now, i == b.N-1); r != nil; r = s.next(now, i == b.N-1) {
					requests = append(requests, r)
				}
				if s.inFlight == s.limit {
					for _, r := range requests {
						d := &delivery{request: *r, outcomes: make([]outcome, len(r.ops)),
							decisions: make([]decision, len(r.ops))}
						for k := range d.outcomes {
							d.outcomes[k].StatusCode = 201
						}
						s.handle(now, d)
					}
					requests, s.results = requests[:0], s.results[:0]
				}
			}
		})
	}
}
