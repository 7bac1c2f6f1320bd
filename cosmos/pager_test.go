package cosmos

import (
	"context"
	"encoding/json"
	"io"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// slow is a source whose pages take until their context ends, but the first.
type slow struct {
	calls   int
	running atomic.Int32
	begun   chan struct{}
	closed  bool
}

func (s *slow) next(ctx context.Context) (*Page, error) {
	s.running.Add(1)
	defer s.running.Add(-1)
	if s.calls++; s.calls == 1 {
		return &Page{Items: []json.RawMessage{[]byte("1")}, Continuation: "more"}, nil
	}
	close(s.begun)
	<-ctx.Done()
	return nil, ctx.Err()
}

func (s *slow) close() { s.closed = true }

// When Close returns, nothing of the pager is at work any more.
func TestPagerCloseWaits(t *testing.T) {
	t.Parallel()
	for range 50 {
		s := &slow{begun: make(chan struct{})}
		p := &Pager{source: s, readAhead: true}
		_, err := p.Next(t.Context())
		require.NoError(t, err)
		<-s.begun
		require.NoError(t, p.Close())
		require.Zero(t, s.running.Load())
		require.True(t, s.closed)
		require.NoError(t, p.Close(), "closing twice does no harm")
	}
}

// A page that had arrived when the pager was closed gives its memory back.
func TestPagerDropsThePageThatCameTooLate(t *testing.T) {
	t.Parallel()
	f := newFake(t, counting(3))
	p := f.orders().itemPager(t.Context(), nil)
	_, err := p.Next(t.Context())
	require.NoError(t, err)
	<-p.ahead.done
	late := p.ahead.page
	require.NotNil(t, late)
	require.NoError(t, p.Close())
	require.Nil(t, late.Items)
}

func TestFailedPager(t *testing.T) {
	t.Parallel()
	p := failedPager(io.ErrNoProgress)
	for range 2 {
		_, err := p.Next(t.Context())
		require.Equal(t, io.ErrNoProgress, err)
	}
	require.NoError(t, p.Close())
}

// ready is a source that hands out numbered pages as soon as it is let, whatever becomes of the context.
type ready struct {
	calls int
	let   chan struct{}
}

func (s *ready) next(context.Context) (*Page, error) {
	s.calls++
	if s.calls > 1 {
		<-s.let
	}
	return &Page{Items: []json.RawMessage{[]byte(strconv.Itoa(s.calls))}, Continuation: "more"}, nil
}

func (s *ready) close() {}

// A page that arrives while its caller gives up is not lost: it is the next one.
func TestPagerKeepsThePageThatCameAsItsCallerLeft(t *testing.T) {
	t.Parallel()
	s := &ready{let: make(chan struct{})}
	p := &Pager{source: s, readAhead: true}
	defer p.Close()
	_, err := p.Next(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	go close(s.let)
	_, err = p.Next(ctx)
	if err == nil {
		return // it was there before the caller looked
	}
	require.ErrorIs(t, err, context.Canceled)
	page, err := p.Next(t.Context())
	require.NoError(t, err)
	require.Equal(t, "2", string(page.Items[0]))
}
