package rest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// finishing is a request that is read to its end whatever its caller does.
func finishing() *Request {
	req := readReq()
	req.Finish = true
	return req
}

func TestLeftRequestsKeepTheirConnection(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	c, opened, _ := connect(t, "http", nil, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
		w.Header().Set(HeaderRequestCharge, "1")
		_, _ = io.WriteString(w, `{"id":"a"}`)
	})
	for range 10 {
		ctx, leave := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, err := c.Do(ctx, finishing())
			ended <- err
		}()
		<-arrived
		leave()
		require.ErrorIs(t, <-ended, context.Canceled, "the caller waits for nothing")
		release <- struct{}{}
		c.beside.Wait()
	}
	require.EqualValues(t, 1, opened.Load())
}

// hanging is a server that never answers.
type hanging struct{ ended chan time.Time }

func (h hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	h.ended <- time.Now()
	return nil, r.Context().Err()
}

// A client without limits of its own leaves such a request all the same, and one that is closed at once.
func TestLeftRequestsOfAClientThatIsClosed(t *testing.T) {
	t.Parallel()
	for _, timeout := range []time.Duration{0, -1} {
		synctest.Test(t, func(t *testing.T) {
			c, w := worldOf(t, accountTwo, func(cfg *Config) { cfg.Timeout = timeout })
			require.NoError(t, do(t, c, readReq()))
			w.set("west.test", hangs)
			ctx, leave := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, func() {
				c.Close()
				leave()
			})
			_, err := c.Do(ctx, finishing())
			require.ErrorIs(t, err, context.Canceled)
			synctest.Wait()
			_, _, err = c.Account(t.Context())
			require.ErrorIs(t, err, ErrClosed)
		})
	}
}

// A program's own HTTP client follows no redirect, whatever it was made to do: the signature is for one address.
func TestNoRedirects(t *testing.T) {
	t.Parallel()
	for name, given := range map[string]*http.Client{
		"plain":            {},
		"with a timeout":   {Timeout: time.Minute},
		"with a transport": {Transport: &http.Transport{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked++
				http.Redirect(w, r, "/elsewhere/"+strings.Repeat("x", 100), http.StatusTemporaryRedirect)
			}))
			defer srv.Close()
			auth, err := NewMasterKey(sampleKey)
			require.NoError(t, err)
			c, err := New(Config{Endpoint: srv.URL, Auth: auth, HTTP: given})
			require.NoError(t, err)
			defer c.Close()
			c.regions.blind = true
			req := readReq()
			req.Once = true
			err = do(t, c, req)
			require.ErrorContains(t, err, "the answer 307 does not come from Cosmos DB")
			require.ErrorContains(t, err, "xxx…", "the address is cut")
			require.Equal(t, 1, asked)
		})
	}
}

func TestLeftRequestsEnd(t *testing.T) {
	t.Parallel()
	auth, err := NewMasterKey(sampleKey)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		leave func(c *Client)
		after time.Duration
		err   error
	}{
		"after a moment":             {func(*Client) {}, time.Second + finishWithin, context.DeadlineExceeded},
		"when the client is closed":  {(*Client).Close, time.Second, context.DeadlineExceeded},
		"with the limit of attempts": {nil, 200 * time.Millisecond, ErrUnreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				h := hanging{make(chan time.Time, 1)}
				config := Config{Endpoint: "https://west.test/", Auth: auth, HTTP: &http.Client{Transport: h},
					Timeout: time.Minute}
				if test.leave == nil {
					config.Timeout = test.after
				}
				c, err := New(config)
				require.NoError(t, err)
				defer c.Close()
				c.regions.blind = true
				begin := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				req := finishing()
				req.Once = true
				_, err = c.Do(ctx, req)
				require.ErrorIs(t, err, test.err)
				if test.leave != nil {
					require.Equal(t, time.Second, time.Since(begin))
					test.leave(c)
				}
				require.Equal(t, test.after, (<-h.ended).Sub(begin))
			})
		})
	}
}

// queued is a transport whose requests wait before they are sent.
type queued struct {
	wait time.Duration
	sent atomic.Bool
}

func (q *queued) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(q.wait):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	_, _ = io.Copy(io.Discard, r.Body)
	q.sent.Store(true)
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// TestLeftRequestsAreSentOrNot: a write that its caller left is either of unknown outcome, or never sent.
func TestLeftRequestsAreSentOrNot(t *testing.T) {
	t.Parallel()
	auth, err := NewMasterKey(sampleKey)
	require.NoError(t, err)
	for wait, sent := range map[time.Duration]bool{50 * time.Millisecond: true, 150 * time.Millisecond: false} {
		synctest.Test(t, func(t *testing.T) {
			q := &queued{wait: wait}
			c, err := New(Config{Endpoint: "https://west.test/", Auth: auth, HTTP: &http.Client{Transport: q}})
			require.NoError(t, err)
			defer c.Close()
			c.regions.blind = true
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			req := writeReq()
			req.Finish = true
			_, err = c.Do(ctx, req)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, sent, errors.Is(err, ErrUnknownOutcome))
			time.Sleep(time.Minute)
			require.Equal(t, sent, q.sent.Load())
		})
	}
}
