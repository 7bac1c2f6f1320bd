package rest

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// The policy, row by row: what came, and how often it is sent in all. Time is synctest's.
func TestRepeats(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		step        step
		read, write int // attempts until the client gives up
		repeatable  int
	}{
		{"bad request", status(400, 0), 1, 1, 1},
		{"unauthorized", status(401, 0), 1, 1, 1},
		{"forbidden", status(403, 0), 1, 1, 1},
		{"not found", status(404, 0), 1, 1, 1},
		{"session not available", status(404, 1002), 2, 2, 2},
		{"create in progress", status(404, 1013), 11, 11, 11},
		{"conflict", status(409, 0), 1, 1, 1},
		{"precondition", status(412, 0), 1, 1, 1},
		{"too large", status(413, 0), 1, 1, 1},
		{"quota", status(403, 1014), 1, 1, 1},
		{"timeout of the service", status(408, 0), 2, 1, 2},
		{"gone", status(410, 0), 11, 11, 11},
		{"splitting", status(410, 1007), 11, 11, 11},
		{"lease lost", status(410, 1022), 2, 1, 2},
		{"throttled", status(429, 3200), 10, 10, 10},
		{"internal error", status(500, 0), 2, 1, 2},
		{"bad gateway", status(502, 0), 2, 1, 2},
		{"gateway timeout", status(504, 0), 2, 1, 2},
		{"unavailable", status(503, 0), 4, 1, 4},
		{"never connected", fails(errDial), 4, 4, 4},
		{"connection lost", fails(errReset), 4, 1, 4},
		{"write forbidden", status(403, 3), 122, 122, 122},
	}
	for _, tt := range tests {
		for effect, want := range map[Effect]int{Read: tt.read, Write: tt.write, Repeatable: tt.repeatable} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					// Looking for other regions is tried, in vain, and not counted here.
					c, s := scripted(t, nil, tt.step)
					req := writeReq()
					req.Effect = effect
					resp, err := c.Do(t.Context(), req)
					require.Error(t, err)
					require.Equal(t, want, resp.Attempts)
					sent := 0
					for _, seen := range s.seen {
						if seen.verb == "POST" {
							sent++
						}
					}
					require.Equal(t, want, sent)
				})
			})
		}
	}
}

func TestThrottlingPauses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := answers(429, `{"message":"slow down"}`, HeaderRetryAfter, "1000")
		c, s := scripted(t, nil, slow, slow, answers(201, `{"id":"1"}`))
		resp, err := c.Do(t.Context(), writeReq())
		require.NoError(t, err)
		require.Equal(t, 2, resp.Retries())
		require.InDelta(t, 4.5, resp.Charge, 1e-9, "the charge of every attempt counts")
		for i := 1; i < 3; i++ {
			pause := s.seen[i].at.Sub(s.seen[i-1].at)
			require.GreaterOrEqual(t, pause, time.Second)
			require.LessOrEqual(t, pause, 1100*time.Millisecond)
			require.Equal(t, `{"id":"1"}`, s.seen[i].body, "the body is sent again whole")
			require.NotEqual(t, s.seen[0].header.Get(HeaderActivityID), s.seen[i].header.Get(HeaderActivityID))
		}
	})
}

func TestThrottlingIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := scripted(t, nil, answers(429, `{"message":"slow down"}`, HeaderRetryAfter, "8000"))
		start := time.Now()
		resp, err := c.Do(t.Context(), readReq())
		var f *Failure
		require.ErrorAs(t, err, &f)
		require.Equal(t, 429, f.StatusCode)
		require.Equal(t, 8*time.Second, f.RetryAfter)
		require.Equal(t, 4, resp.Attempts, "30 s hold three pauses of 8 s and a bit")
		require.Less(t, time.Since(start), 30*time.Second)
	})
}

func TestNoRepeats(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, nil, status(429, 0))
	c.policy.Throttled = -1
	resp, err := c.Do(t.Context(), readReq())
	require.Error(t, err)
	require.Equal(t, 1, resp.Attempts)
}

func TestPauseThatOutlastsTheDeadlineFailsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := scripted(t, nil, answers(429, `{"message":"slow down"}`, HeaderRetryAfter, "5000"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		resp, err := c.Do(ctx, readReq())
		require.Zero(t, time.Since(start))
		require.Equal(t, 1, resp.Attempts)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var f *Failure
		require.ErrorAs(t, err, &f)
		require.Equal(t, 429, f.StatusCode)
		require.ErrorContains(t, err, "outlast the deadline")
	})
}

func TestCancelledWhilePausing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := scripted(t, nil, answers(429, `{"message":"slow down"}`, HeaderRetryAfter, "5000"))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		start := time.Now()
		_, err := c.Do(ctx, readReq())
		require.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, err, context.Canceled)
	})
}

func TestConcurrentWritePausesGrow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, nil, status(449, 0))
		start := time.Now()
		_, err := c.Do(t.Context(), writeReq())
		require.Error(t, err)
		require.LessOrEqual(t, time.Since(start), 10*time.Second)
		first, second := s.seen[1].at.Sub(s.seen[0].at), s.seen[2].at.Sub(s.seen[1].at)
		require.GreaterOrEqual(t, first, 10*time.Millisecond)
		require.GreaterOrEqual(t, second, 20*time.Millisecond)
	})
}

// An identity that may not manage is told who may.
func TestNotByEntra(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, nil, status(403, SubNotByEntra))
	require.ErrorContains(t, do(t, c, readReq()), "managed with an account key")
}

func TestContextThatIsOverSendsNothing(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, nil, fine)
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the user left")
	cancel(why)
	_, err := c.Do(ctx, writeReq())
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, why)
	require.NotErrorIs(t, err, ErrUnknownOutcome)
	require.Empty(t, s.seen)
}

func TestCertificatesAreNotTriedAgain(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, nil, fails(&tls.CertificateVerificationError{Err: errors.New("unknown authority")}))
	resp, err := c.Do(t.Context(), writeReq())
	require.Equal(t, 1, resp.Attempts)
	require.ErrorContains(t, err, "InsecureSkipVerify")
	require.NotErrorIs(t, err, ErrUnknownOutcome)
}

func TestCredentialFailureIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, nil, fine)
	broken := errors.New("no login")
	c.auth = NewBearer(&tokens{err: broken})
	resp, err := c.Do(t.Context(), readReq())
	require.ErrorIs(t, err, broken)
	require.Equal(t, 1, resp.Attempts)
	require.Empty(t, s.seen)
}

func TestStaleKnowledge(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ code, sub int }{{400, 1001}, {400, 1024}, {404, 1003}, {410, 1000}} {
		c, s := scripted(t, nil, status(tt.code, tt.sub), answers(201, `{}`))
		req := writeReq()
		req.Set(HeaderPartitionKey, `["old"]`)
		req.Stale = renewer(func(_ context.Context, r *Request) bool {
			r.Set(HeaderPartitionKey, `["new"]`)
			return true
		})
		_, err := c.Do(t.Context(), req)
		require.NoError(t, err)
		require.Equal(t, `["new"]`, s.seen[1].header.Get(HeaderPartitionKey))

		c, s = scripted(t, nil, status(tt.code, tt.sub))
		calls := 0
		req.Stale = renewer(func(context.Context, *Request) bool { calls++; return true })
		_, err = c.Do(t.Context(), req)
		require.Error(t, err)
		require.Equal(t, 1, calls, "once is enough")
		require.Len(t, s.seen, 2)

		req.Stale = renewer(func(context.Context, *Request) bool { return false })
		c, s = scripted(t, nil, status(tt.code, tt.sub))
		_, err = c.Do(t.Context(), req)
		require.Error(t, err)
		require.Len(t, s.seen, 1, "nothing new, nothing to repeat")
	}
}

// Sessions of a container that is gone are asked of its successor in vain, until somebody looks whether it is another
// one.
func TestSessionOfAnotherContainer(t *testing.T) {
	t.Parallel()
	for _, anew := range []bool{true, false} {
		c, s := scripted(t, nil, status(404, 1002), status(404, 1002), fine)
		c.Sessions.Keep("dbs/d/colls/c", "DPZtAKyOj5g=", "0:-1#99")
		req := readReq()
		req.Stale = renewer(func(context.Context, *Request) bool {
			c.Sessions.Forget("dbs/d/colls/c")
			return anew
		})
		_, err := c.Do(t.Context(), req)
		if !anew {
			require.Error(t, err)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, "0:-1#99", s.seen[1].header.Get(HeaderSessionToken))
		require.Empty(t, s.seen[2].header.Get(HeaderSessionToken))
	}
}

func TestAnotherRangeAnswers(t *testing.T) {
	t.Parallel()
	for token, want := range map[string]int{"1:-1#5": 0, "17:-1#5": 1, "": 0} {
		c, _ := scripted(t, nil, answers(200, `{}`, HeaderSessionToken, token))
		req, calls := readReq(), 0
		req.Range, req.Moved = "1", mover(func(_ context.Context, _ *Request, again bool) {
			require.False(t, again)
			calls++
		})
		_, err := c.Do(t.Context(), req)
		require.NoError(t, err)
		require.Equal(t, want, calls, token)
	}
}

func TestRangedRequestsReturnSplits(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, nil, status(410, 1002))
	req := readReq()
	req.Ranged = true
	_, err := c.Do(t.Context(), req)
	require.Error(t, err)
	require.Len(t, s.seen, 1)
}

func TestAttemptTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hang := func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		c, s := scripted(t, nil, hang, fine)
		c.timeout = time.Second
		start := time.Now()
		_, err := c.Do(t.Context(), readReq())
		require.NoError(t, err)
		require.Len(t, s.seen, 2)
		require.Less(t, time.Since(start), 2*time.Second)
	})
}

type renewer func(context.Context, *Request) bool

func (f renewer) Renew(ctx context.Context, r *Request) bool { return f(ctx, r) }

type mover func(context.Context, *Request, bool)

func (f mover) Moved(ctx context.Context, r *Request, again bool) { f(ctx, r, again) }
