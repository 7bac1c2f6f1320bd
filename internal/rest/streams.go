package rest

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// streamsEach is how many requests an HTTP/2 connection has at a time: fewer than the 20 that the service allows,
	// because one that has just been answered still counts for a moment.
	streamsEach = 16
	streamsRest = time.Minute     // a connection that no request used for so long may have been closed
	pingAfter   = 3 * time.Second // of silence on an HTTP/2 connection, which is then asked whether it lives
	pingWithin  = 3 * time.Second // it must answer
)

// streams is a transport that spreads requests over HTTP/2 connections, as many as they need. Of itself net/http opens
// one for every request that finds none, or finds the others full: 436 for 200 requests at once, which took 5 s. Here
// each connection is that of a transport of its own, which has no more requests at a time than the service allows, and
// while it is being made those who will use it wait. Hosts that speak HTTP/1.1 are net/http's alone.
type streams struct {
	*http.Transport // of the first connection of each host, and of all of HTTP/1.1
	hosts           sync.Map

	mu   sync.Mutex
	more []*http.Transport // of the second connections, the third ones …
}

// transport is that of the n-th connections.
func (s *streams) transport(n int) *http.Transport {
	if n == 0 {
		return s.Transport
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.more) < n {
		s.more = append(s.more, s.Clone())
	}
	return s.more[n-1]
}

// CloseIdleConnections closes those of all transports.
func (s *streams) CloseIdleConnections() {
	s.Transport.CloseIdleConnections()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.more {
		t.CloseIdleConnections()
	}
}

// RoundTrip implements [http.RoundTripper].
func (s *streams) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		return s.Transport.RoundTrip(r)
	}
	known, _ := s.hosts.Load(r.URL.Host)
	if known == nil {
		known, _ = s.hosts.LoadOrStore(r.URL.Host, &host{})
	}
	h := known.(*host)
	if h.single.Load() {
		return s.Transport.RoundTrip(r)
	}
	if t := httptrace.ContextClientTrace(r.Context()); t != nil && t.GetConn != nil {
		t.GetConn(r.URL.Host) // as net/http does, for which it is too early
	}
	p, err := h.enter(r.Context())
	if err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: err} // it was not sent
	}
	if p.free {
		return s.Transport.RoundTrip(r)
	}
	ctx := r.Context()
	var got atomic.Bool
	if p.opens {
		r = r.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(c httptrace.GotConnInfo) {
			if !got.Swap(true) {
				conn, secure := c.Conn.(*tls.Conn)
				h.opened(p.at, secure && conn.ConnectionState().NegotiatedProtocol == "h2")
			}
		}}))
	}
	resp, err := s.transport(p.at).RoundTrip(r)
	if p.opens && !got.Swap(true) {
		h.failed(p.at, ctx.Err() != nil)
	}
	if err != nil {
		h.leave(p.at, ctx.Err() == nil)
		return nil, err
	}
	resp.Body = &stream{ReadCloser: resp.Body, host: h, at: p.at}
	return resp, nil
}

// stream is the body of an answer. Its request is in flight until it is closed.
type stream struct {
	io.ReadCloser
	host *host
	at   int
	over atomic.Bool
}

func (b *stream) Close() error {
	err := b.ReadCloser.Close()
	if !b.over.Swap(true) {
		b.host.leave(b.at, false)
	}
	return err
}

// host is what is known of the connections to one host.
type host struct {
	single atomic.Bool // it speaks HTTP/1.1: one request a connection

	mu      sync.Mutex
	conns   []connection
	opening int // of these
	waiting []*waiter
}

// connection is the n-th one of a host.
type connection struct {
	flying        int // requests that are not answered
	open, opening bool
	used          time.Time // when a request last ended
}

// seat is where a request goes.
type seat struct {
	at    int  // number of the connection
	opens bool // it makes the connection
	free  bool // nobody counts it: the host speaks HTTP/1.1, or could not be reached
}

// waiter is a request that waits for its place.
type waiter struct {
	seat
	turn chan struct{}
	gone bool
}

// enter waits until a connection has room for a request, or it is its turn to open one.
func (h *host) enter(ctx context.Context) (seat, error) {
	h.mu.Lock()
	w := &waiter{}
	if len(h.waiting) == 0 && h.admit(w) {
		h.mu.Unlock()
		return w.seat, nil
	}
	w.turn = make(chan struct{})
	h.waiting = append(h.waiting, w)
	h.mu.Unlock()
	select {
	case <-w.turn:
		return w.seat, nil
	case <-ctx.Done():
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-w.turn: // meanwhile: whoever makes a connection for others does so
		return w.seat, nil
	default:
		w.gone = true
		return seat{}, ctx.Err()
	}
}

// admit finds a request its place: on a connection with room, or a new one, if those being made do not suffice, and are
// no more than there are. The caller holds the lock.
func (h *host) admit(w *waiter) bool {
	open, closed := 0, len(h.conns)
	for i := range h.conns {
		c := &h.conns[i]
		if c.open && c.flying == 0 && time.Since(c.used) > streamsRest {
			c.open = false
		}
		switch {
		case c.open && c.flying < streamsEach:
			c.flying++
			w.at = i
			return true
		case c.open:
			open++
		case !c.opening:
			closed = min(closed, i)
		}
	}
	if h.opening >= max(1, open) || max(1, len(h.waiting)) <= h.opening*(streamsEach-1) {
		return false
	}
	if closed == len(h.conns) {
		h.conns = append(h.conns, connection{})
	}
	h.conns[closed].opening = true
	h.conns[closed].flying++
	h.opening++
	w.at, w.opens = closed, true
	return true
}

// next finds those who wait their places, as far as there is room: all of them where nobody counts. The caller holds
// the lock.
func (h *host) next(free bool) {
	for len(h.waiting) > 0 {
		w := h.waiting[0]
		if w.free = free; !w.gone && !free && !h.admit(w) {
			return
		}
		h.waiting[0] = nil
		if h.waiting = h.waiting[1:]; !w.gone {
			close(w.turn)
		}
	}
}

// opened notes that a connection was made.
func (h *host) opened(at int, multiplexed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.opening--
	h.conns[at].open, h.conns[at].opening = true, false
	if !multiplexed {
		h.single.Store(true)
	}
	h.next(!multiplexed)
}

// failed notes that a connection could not be made. Nobody waits for another one: each finds out by itself; but if only
// the caller left, another one makes it.
func (h *host) failed(at int, left bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.opening--
	h.conns[at].opening = false
	h.next(!left)
}

// leave notes the end of a request; lost says that its connection broke.
func (h *host) leave(at int, lost bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := &h.conns[at]
	c.flying--
	c.used = time.Now()
	c.open = c.open && !lost
	h.next(h.single.Load())
}
