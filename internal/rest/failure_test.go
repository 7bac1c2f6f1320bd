package rest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestFailureText: an error says what was asked, what came of it and what to do, each once, and nothing that is not
// known.
func TestFailureText(t *testing.T) {
	t.Parallel()
	throttled := Failure{StatusCode: 429, SubStatus: 3200, Code: "TooManyRequests", RetryAfter: time.Second}
	for _, tt := range []struct {
		name    string
		failure Failure
		change  func(*Failure)
		want    string
	}{
		{"nothing but a status", Failure{StatusCode: 449}, nil, ": 449"},
		{"a code", Failure{StatusCode: 404, SubStatus: 1003, Code: "NotFound"}, nil, ": 404/1003 NotFound"},
		{"all", Failure{StatusCode: 412, Code: "PreconditionFailed", Message: "it was changed", ActivityID: "a1"}, nil,
			": 412 PreconditionFailed: it was changed (activity a1)"},
		{"throttled", throttled, nil, ": 429/3200 TooManyRequests; it asks for a pause of 1s before the next"},
		{"throttled again and again", throttled, func(f *Failure) {
			for i := range 3 {
				f.Tried.add(AttemptEnd{AttemptBegin: AttemptBegin{Number: i + 1}})
			}
		}, ": 429/3200 TooManyRequests, after 3 attempts; it asks for a pause of 1s before the next"},
		{"throttled, for which there was no time", throttled, func(f *Failure) {
			f.Cause = errors.New("waiting 1s before the next attempt would outlast the deadline")
		}, ": 429/3200 TooManyRequests: waiting 1s before the next attempt would outlast the deadline"},
		{"another status after attempts", Failure{StatusCode: 503, RetryAfter: time.Second}, func(f *Failure) {
			for i := range 3 {
				f.Tried.add(AttemptEnd{AttemptBegin: AttemptBegin{Number: i + 1}})
			}
		}, ": 503"},
		{"of unknown outcome", Failure{StatusCode: 408, Cause: ErrUnknownOutcome}, nil,
			": 408: the outcome of the write is unknown"},
	} {
		f := tt.failure
		f.Operation = "POST dbs/d/colls/c/docs"
		if tt.change != nil {
			tt.change(&f)
		}
		require.EqualError(t, &f, "cosmos: POST dbs/d/colls/c/docs"+tt.want, tt.name)
	}
}

// A server that speaks http at an endpoint of https is told from one that is down: trying again would not help.
func TestServerWithoutTLS(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(srv.Close)
	auth, err := NewMasterKey(sampleKey)
	require.NoError(t, err)
	hc := NewHTTPClient(false, 0)
	t.Cleanup(hc.CloseIdleConnections)
	c, err := New(Config{Endpoint: strings.Replace(srv.URL, "http:", "https:", 1), Auth: auth, HTTP: hc})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	c.regions.blind = true
	resp, err := c.Do(t.Context(), writeReq())
	require.ErrorContains(t, err, "the server may speak http: begin the endpoint with http://, or tls=false in a URL")
	require.Equal(t, 1, resp.Attempts)
	require.NotErrorIs(t, err, ErrUnknownOutcome, "nothing was sent")
}

// TestWait: a pause that the deadline does not leave time for fails at once, so that its caller can do something else
// with the time; one that is cancelled says why.
func TestWait(t *testing.T) {
	t.Parallel()
	why := errors.New("the user left")
	for _, tt := range []struct {
		name  string
		pause time.Duration
		ends  func(ctx context.Context) (context.Context, context.CancelFunc)
		took  time.Duration
		want  string // the error
	}{
		{"no pause", 0, nil, 0, ""},
		{"a pause below zero", -time.Second, nil, 0, ""},
		{"a pause", time.Second, nil, time.Second, ""},
		{"a deadline that is later", time.Second, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 2*time.Second)
		}, time.Second, ""},
		{"a deadline that is earlier", 1500 * time.Millisecond,
			func(ctx context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(ctx, time.Second)
			}, 0, "waiting 1.5s before the next attempt would outlast the deadline: context deadline exceeded"},
		{"cancelled", time.Minute, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(time.Second, cancel)
			return ctx, cancel
		}, time.Second, "context canceled"},
		{"cancelled with a cause", time.Minute, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(time.Second, func() { cancel(why) })
			return ctx, func() { cancel(nil) }
		}, time.Second, "context canceled: the user left"},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx := t.Context()
			if tt.ends != nil {
				var cancel context.CancelFunc
				ctx, cancel = tt.ends(ctx)
				defer cancel()
			}
			start := time.Now()
			err := Wait(ctx, tt.pause)
			require.Equal(t, tt.took, time.Since(start), tt.name)
			if tt.want == "" {
				require.NoError(t, err, tt.name)
			} else {
				require.EqualError(t, err, tt.want, tt.name)
			}
		})
	}
}

// A client that is closed while its first request has the account read ends the request, whatever the server does.
func TestClosedWhileTheAccountIsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, nil)
		for _, host := range []string{"west.test", "east.test"} {
			w.set(host, hangs)
		}
		start := time.Now()
		time.AfterFunc(time.Second, c.Close)
		require.ErrorIs(t, do(t, c, readReq()), ErrClosed)
		require.Equal(t, time.Second, time.Since(start))
		require.ErrorIs(t, c.refresh(t.Context()), ErrClosed, "nor is it read again")
		_, _, err := c.Account(t.Context())
		require.ErrorIs(t, err, ErrClosed)
	})
}
