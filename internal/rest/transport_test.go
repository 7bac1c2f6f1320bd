package rest

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// connect starts a server that answers by h over "http", "https" or "h2", with 20 requests at a time on each connection
// as the service has it. The client for it does not read the account, and dials by dial unless that is nil; opened
// counts connections.
func connect(
	t *testing.T, over string, dial func(ctx context.Context, network, addr string) (net.Conn, error),
	h http.HandlerFunc,
) (c *Client, opened *atomic.Int32, transport *streams) {
	t.Helper()
	opened = new(atomic.Int32)
	srv := httptest.NewUnstartedServer(h)
	srv.EnableHTTP2 = over == "h2"
	srv.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: 20}
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	if over == "http" {
		srv.Start()
	} else {
		srv.StartTLS()
	}
	t.Cleanup(srv.Close)
	auth, err := NewMasterKey(sampleKey)
	require.NoError(t, err)
	hc := NewHTTPClient(true, 0)
	t.Cleanup(hc.CloseIdleConnections)
	transport = hc.Transport.(*streams)
	if dial != nil {
		transport.DialContext = dial
	}
	c, err = New(Config{Endpoint: srv.URL, Auth: auth, HTTP: hc})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	c.regions.blind = true // one kind of request is enough
	return c, opened, transport
}

// 200 requests in flight over HTTP/2: all of them are at the server at the same time, over as many connections as that
// takes, which the next 200 use again.
func TestManyRequestsInFlight(t *testing.T) {
	t.Parallel()
	const flying = 200
	var arrived atomic.Int32
	var together atomic.Pointer[chan struct{}]
	c, opened, _ := connect(t, "h2", nil, func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 2 {
			t.Errorf("spoke %s", r.Proto)
		}
		all := *together.Load()
		if arrived.Add(1) == flying {
			close(all)
		}
		<-all
		served(w)
	})
	for round := range 3 {
		all := make(chan struct{})
		together.Store(&all)
		arrived.Store(0)
		start := time.Now()
		var wg sync.WaitGroup
		for range flying {
			wg.Go(func() { assert.NoError(t, do(t, c, readReq())) })
		}
		wg.Wait()
		t.Logf("round %d: %v, %d connections so far", round, time.Since(start), opened.Load())
		require.EqualValues(t, (flying+streamsEach-1)/streamsEach, opened.Load())
	}
}

// A host that speaks HTTP/1.1, as the service's gateways without ALPN do, has a connection for each request in flight.
func TestManyRequestsInFlightOverHTTP1(t *testing.T) {
	t.Parallel()
	const flying = 60
	var arrived atomic.Int32
	all := make(chan struct{})
	c, opened, _ := connect(t, "https", nil, func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 {
			t.Errorf("spoke %s", r.Proto)
		}
		if arrived.Add(1) == flying {
			close(all)
		}
		<-all
		served(w)
	})
	for range 2 {
		var wg sync.WaitGroup
		for range flying {
			wg.Go(func() { assert.NoError(t, do(t, c, readReq())) })
		}
		wg.Wait()
	}
	require.LessOrEqual(t, opened.Load(), int32(2*flying))
}

// While a connection is being made others wait for it, each for as long as it likes; if it fails they find that out by
// themselves, and when it can be made again all is as before.
func TestWaitingForAConnection(t *testing.T) {
	t.Parallel()
	var failing atomic.Bool
	var dialled atomic.Int32
	begun, let := make(chan struct{}, 100), make(chan struct{})
	c, opened, transport := connect(t, "h2", func(ctx context.Context, network, addr string) (net.Conn, error) {
		dialled.Add(1)
		begun <- struct{}{}
		<-let
		if failing.Load() {
			return nil, errDial
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}, func(w http.ResponseWriter, _ *http.Request) { served(w) })
	var sent atomic.Int32
	once := func(ctx context.Context) error {
		req, n := writeReq(), sent.Add(1)
		req.Once, req.Finish = true, n%3 == 0
		if n%2 == 0 {
			req.Verb, req.Body = http.MethodDelete, nil
		}
		_, err := c.Do(ctx, req)
		return err
	}
	failing.Store(true)
	var first, others sync.WaitGroup
	first.Go(func() { assert.ErrorIs(t, once(t.Context()), ErrUnreachable) })
	<-begun
	leaving, leave := context.WithCancel(t.Context())
	var left sync.WaitGroup
	for range 5 {
		left.Go(func() {
			err := once(leaving)
			assert.ErrorIs(t, err, context.Canceled)
			assert.NotErrorIs(t, err, ErrUnknownOutcome, "it was not sent")
		})
	}
	for range 5 {
		others.Go(func() {
			err := once(t.Context())
			assert.ErrorIs(t, err, ErrUnreachable)
			assert.NotErrorIs(t, err, ErrUnknownOutcome, "it was not sent")
		})
	}
	require.Eventually(t, func() (all bool) {
		transport.hosts.Range(func(_, known any) bool {
			h := known.(*host)
			h.mu.Lock()
			defer h.mu.Unlock()
			all = len(h.waiting) == 10
			return true
		})
		return all
	}, time.Minute, time.Millisecond)
	leave()
	left.Wait()
	require.EqualValues(t, 1, dialled.Load(), "one tries")
	close(let)
	first.Wait()
	others.Wait()
	failing.Store(false)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { assert.NoError(t, once(t.Context())) })
	}
	wg.Wait()
	require.EqualValues(t, 1, opened.Load())
}

// Connections are given requests up to their number, the first ones first, and are made again after a fault or a rest.
func TestSeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &host{}
		enter := func() seat {
			s, err := h.enter(t.Context())
			require.NoError(t, err)
			return s
		}
		require.Equal(t, seat{opens: true}, enter())
		h.opened(0, true)
		for range streamsEach - 1 {
			require.Equal(t, seat{}, enter())
		}
		require.Equal(t, seat{at: 1, opens: true}, enter(), "the first one is full")
		h.opened(1, true)
		require.Equal(t, seat{at: 1}, enter())
		h.leave(0, false)
		require.Equal(t, seat{}, enter(), "so that the second one can be given up")
		for range streamsEach {
			h.leave(0, false)
		}
		h.leave(1, true)
		h.leave(1, true)
		require.Equal(t, seat{}, enter())
		h.leave(0, true)
		require.Equal(t, seat{opens: true}, enter(), "it broke")
		h.opened(0, true)
		h.leave(0, false)
		time.Sleep(streamsRest + time.Second)
		require.Equal(t, seat{opens: true}, enter(), "it has rested")
		gone, leave := context.WithCancel(t.Context())
		seats := make(chan seat, 3)
		for _, ctx := range []context.Context{gone, t.Context(), t.Context()} {
			go func() {
				s, err := h.enter(ctx)
				if err == nil {
					seats <- s
				}
			}()
			synctest.Wait()
		}
		leave()
		synctest.Wait()
		h.failed(0, true)
		require.Equal(t, seat{opens: true}, <-seats, "the one that should have opened it has left")
		h.failed(0, false)
		require.Equal(t, seat{free: true}, <-seats, "it cannot be made")
		require.Equal(t, seat{opens: true}, enter())
		h.opened(0, false)
		require.True(t, h.single.Load())
	})
}

// A write that gets no connection was not sent, whether it has a body or none; one that its caller leaves later may
// have been executed.
func TestWritesThatGetNoConnection(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{http.MethodPost, http.MethodDelete} {
		for _, over := range []string{"h2", "https"} {
			var connects atomic.Bool
			began, arrived := make(chan struct{}, 1), make(chan struct{}, 1)
			c, _, _ := connect(t, over, func(ctx context.Context, network, addr string) (net.Conn, error) {
				if connects.Load() {
					return new(net.Dialer).DialContext(ctx, network, addr)
				}
				began <- struct{}{}
				<-t.Context().Done()
				return nil, errDial
			}, func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body) // or HTTP/1.1 does not look whether the client is there
				arrived <- struct{}{}
				<-r.Context().Done()
				// Over TLS the client says that it closes before it does: an answer would reach it in between.
				panic(http.ErrAbortHandler)
			})
			leave := func(after <-chan struct{}) error {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go func() {
					<-after
					cancel()
				}()
				req := writeReq()
				if req.Verb = verb; verb == http.MethodDelete {
					req.Body = nil
				}
				_, err := c.Do(ctx, req)
				return err
			}
			err := leave(began)
			require.ErrorIs(t, err, context.Canceled)
			require.NotErrorIs(t, err, ErrUnknownOutcome, verb)
			connects.Store(true)
			require.ErrorIs(t, leave(arrived), ErrUnknownOutcome, verb)
		}
	}
}

func served(w http.ResponseWriter) {
	w.Header().Set(HeaderRequestCharge, "1")
	_, _ = w.Write([]byte(`{}`))
}
