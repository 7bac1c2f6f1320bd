package rest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestUnknownOutcome(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, nil, fails(errReset))
	_, err := c.Do(t.Context(), writeReq())
	require.ErrorIs(t, err, ErrUnknownOutcome)
	require.ErrorIs(t, err, ErrUnreachable)
	require.ErrorContains(t, err, "POST dbs/d/colls/c/docs")
	require.ErrorContains(t, err, "outcome of the write is unknown")

	c, _ = scripted(t, nil, status(408, 0))
	_, err = c.Do(t.Context(), writeReq())
	require.ErrorIs(t, err, ErrUnknownOutcome)

	c, _ = scripted(t, nil, status(409, 0))
	_, err = c.Do(t.Context(), writeReq())
	require.NotErrorIs(t, err, ErrUnknownOutcome, "an answer is a known outcome")

	ctx, cancel := context.WithCancel(t.Context())
	c, _ = scripted(t, nil, func(*http.Request) (*http.Response, error) {
		cancel()
		return nil, context.Canceled
	})
	req := writeReq()
	req.Verb, req.Body = "DELETE", nil
	_, err = c.Do(ctx, req)
	require.ErrorIs(t, err, ErrUnknownOutcome)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, ErrUnreachable)
}

// A write that may be repeated is of unknown outcome if any attempt may have been executed, however the last one
// failed.
func TestUnknownOutcomeOfAnEarlierAttempt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			name    string
			steps   []step
			unknown bool
		}{
			{"cut, then unreachable", []step{fails(errReset), fails(errDial)}, true},
			{"cut, then throttled", []step{fails(errReset), status(429, 3200)}, true},
			{"cut, then not found", []step{fails(errReset), status(404, 0)}, true},
			{"cut, then conflict", []step{fails(errReset), status(409, 0)}, true},
			{"unavailable, then precondition", []step{status(503, 0), status(412, 0)}, true},
			{"lease lost, then refused", []step{status(410, 1022), status(400, 0)}, true},
			{"not implemented", []step{status(501, 0)}, false},
			{"never sent", []step{fails(errDial)}, false},
			{"throttled", []step{status(429, 3200)}, false},
		} {
			c, _ := scripted(t, nil, tt.steps...)
			req := writeReq()
			req.Effect = Repeatable
			_, err := c.Do(t.Context(), req)
			require.Error(t, err, tt.name)
			require.Equal(t, tt.unknown, errors.Is(err, ErrUnknownOutcome), "%s: %v", tt.name, err)
		}
		// The deadline is nearer than the next attempt.
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		c, _ := scripted(t, nil, status(408, 0))
		req := writeReq()
		req.Effect = Repeatable
		_, err := c.Do(ctx, req)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, ErrUnknownOutcome)
	})
}
