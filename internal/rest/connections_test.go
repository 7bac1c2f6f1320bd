package rest

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// counted is a connection that counts what is written to it.
type counted struct {
	net.Conn
	writes *atomic.Int32
}

func (c counted) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

// Header and body of a request are written together: apart they cost a packet more, and a tenth more processor time.
func TestRequestsAreWrittenAtOnce(t *testing.T) {
	t.Parallel()
	var writes atomic.Int32
	c, _, _ := connect(t, "http", func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return counted{conn, &writes}, err
	}, func(w http.ResponseWriter, _ *http.Request) { served(w) })
	query := writeReq()
	query.Effect = Read
	for i, req := range []*Request{readReq(), writeReq(), query} {
		require.NoError(t, do(t, c, req))
		require.EqualValues(t, i+1, writes.Load())
	}
}

// A connection that died without a word, as behind a router that has forgotten it, is left within seconds: what is in
// flight on it goes on over another one, long before an attempt has run into its limit.
func TestDeadConnectionIsLeft(t *testing.T) {
	t.Parallel()
	var frozen atomic.Bool
	dial := func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err != nil || frozen.Load() {
			return conn, err
		}
		return &mute{Conn: conn, frozen: &frozen, closed: make(chan struct{})}, nil
	}
	c, opened, _ := connect(t, "h2", dial, func(w http.ResponseWriter, _ *http.Request) { served(w) })
	require.NoError(t, do(t, c, readReq()))
	frozen.Store(true)
	start := time.Now()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() { assert.NoError(t, do(t, c, readReq())) })
	}
	wg.Wait()
	t.Logf("left after %v", time.Since(start))
	require.Less(t, time.Since(start), dataTimeout/2)
	require.EqualValues(t, 2, opened.Load())
}

// mute is a connection that swallows what is written, and has nothing to read, once it is frozen.
type mute struct {
	net.Conn
	frozen *atomic.Bool
	closed chan struct{}
	once   sync.Once
}

func (m *mute) Write(p []byte) (int, error) {
	if m.frozen.Load() {
		return len(p), nil
	}
	return m.Conn.Write(p)
}

func (m *mute) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	if m.frozen.Load() {
		<-m.closed
		return 0, net.ErrClosed
	}
	return n, err
}

func (m *mute) Close() error {
	m.once.Do(func() { close(m.closed) })
	return m.Conn.Close()
}
