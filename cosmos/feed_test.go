package cosmos

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// endless answers a feed whose pages never end: {"n":0}, {"n":1}, …
func endless(w http.ResponseWriter, c call) {
	at, _ := strconv.Atoi(c.header.Get("x-ms-continuation"))
	reply(w, 200, feedOf("Documents", map[string]int{"n": at}), "x-ms-continuation", strconv.Itoa(at+1))
}

func TestFeedReadsAheadByOnePage(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	f := newFake(t, func(w http.ResponseWriter, c call) {
		asked <- c.header.Get("x-ms-continuation")
		endless(w, c)
	})
	p := f.orders().NewItemsPager(ReadAhead(true))
	defer p.Close()
	for i := range 3 {
		page, err := p.Next(t.Context())
		require.NoError(t, err)
		require.JSONEq(t, `{"n":`+strconv.Itoa(i)+`}`, string(page.Items[0]))
		page.Release()
	}
	for _, want := range []string{"", "1", "2", "3"} {
		require.Equal(t, want, <-asked)
	}
	require.Empty(t, asked, "one page ahead, no more")
}

func TestFeedClosedWhileReadingAhead(t *testing.T) {
	t.Parallel()
	arrived, gone := make(chan struct{}), make(chan struct{})
	f := newFake(t, nil)
	f.raw = func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("x-ms-continuation") == "" {
			reply(w, 200, feedOf("Documents", 1), "x-ms-continuation", "next")
			return
		}
		close(arrived)
		<-r.Context().Done()
		close(gone)
	}
	for range f.orders().Items(t.Context()) {
		<-arrived
		break
	}
	<-gone
}

func TestFeedContextOverWhileReadingAhead(t *testing.T) {
	t.Parallel()
	var held atomic.Bool
	held.Store(true)
	arrived := make(chan struct{}, 1)
	f := newFake(t, nil)
	f.raw = func(w http.ResponseWriter, r *http.Request) {
		at := r.Header.Get("x-ms-continuation")
		if at == "1" && held.Load() {
			arrived <- struct{}{}
			<-r.Context().Done()
			return
		}
		endless(w, call{header: r.Header})
	}
	p := f.orders().NewItemsPager(ReadAhead(true))
	defer p.Close()
	_, err := p.Next(t.Context())
	require.NoError(t, err)
	<-arrived
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err = p.Next(ctx)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	held.Store(false)
	page, err := p.Next(t.Context())
	require.NoError(t, err, "the feed goes on where it stood")
	require.JSONEq(t, `{"n":1}`, string(page.Items[0]))
}

func TestFeedContextOfTheFirstPageEnds(t *testing.T) {
	t.Parallel()
	f := newFake(t, endless)
	outlives(t, f.orders().NewItemsPager(ReadAhead(true)))
}

func TestFeedFailsAndGoesOn(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if calls.Add(1) == 2 {
			refuse(403, "0")(w, c)
			return
		}
		counting(3)(w, c)
	})
	p := f.orders().NewItemsPager(ReadAhead(true))
	defer p.Close()
	_, err := p.Next(t.Context())
	require.NoError(t, err)
	_, err = p.Next(t.Context())
	require.ErrorIs(t, err, ErrForbidden)
	page, err := p.Next(t.Context())
	require.NoError(t, err)
	require.JSONEq(t, `{"n":1}`, string(page.Items[0]))
	_, err = p.Next(t.Context())
	require.Equal(t, io.EOF, err)
	require.NoError(t, p.Close())
	_, err = p.Next(t.Context())
	require.ErrorIs(t, err, errPagerClosed)
}

func TestFeedResumes(t *testing.T) {
	t.Parallel()
	f := newFake(t, counting(5))
	p := f.orders().NewItemsPager()
	for range 2 {
		_, err := p.Next(t.Context())
		require.NoError(t, err)
	}
	token, err := p.Token()
	require.NoError(t, err)
	require.True(t, p.More())
	require.NoError(t, p.Close())
	var got []string
	for item, err := range f.orders().Items(t.Context(), Continuation(token)) {
		require.NoError(t, err)
		got = append(got, string(item))
	}
	require.Equal(t, []string{`{"n":3}`, `{"n":4}`}, got)
}

func TestFeedOfOnePartition(t *testing.T) {
	t.Parallel()
	f := newFake(t, counting(1))
	for range f.orders().Items(t.Context(), PartitionKey("a")) {
	}
	require.Equal(t, `["a"]`, f.last(t).header.Get("x-ms-documentdb-partitionkey"))
	for _, err := range f.orders().Items(t.Context(), PartitionKey("a", "b")) {
		require.ErrorContains(t, err, "more values")
	}
	for _, err := range f.orders().Items(t.Context(), PageSize(-2)) {
		require.ErrorContains(t, err, "page size")
	}
}

// Lists of things whose JSON is not what it should be.
func TestListsReportBadElements(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		reply(w, 200, `{"Databases":[{"id":"a"},5],"DocumentCollections":[[]],"Users":["x"]}`)
	})
	var errs []error
	n := 0
	for d, err := range f.Databases(t.Context()) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		require.Equal(t, "a", d.ID)
		n++
	}
	require.Equal(t, 1, n)
	for _, err := range f.Database("shop").Containers(t.Context()) {
		errs = append(errs, err)
	}
	for _, err := range f.Database("shop").Users().List(t.Context()) {
		errs = append(errs, err)
	}
	require.Len(t, errs, 3)
	for _, err := range errs {
		require.ErrorContains(t, err, "cosmos: decoding an element of")
	}
}

func TestListsReportFailures(t *testing.T) {
	t.Parallel()
	f := newFake(t, refuse(401, "0"))
	lists := []func() error{
		func() (err error) {
			for _, err = range f.Databases(t.Context()) {
			}
			return err
		},
		func() (err error) {
			for _, err = range f.Database("shop").Containers(t.Context()) {
			}
			return err
		},
		func() (err error) {
			for _, err = range f.Database("shop").Permissions("u").List(t.Context()) {
			}
			return err
		},
		func() (err error) {
			for _, err = range f.orders().StoredProcedures().List(t.Context()) {
			}
			return err
		},
	}
	for _, list := range lists {
		require.ErrorIs(t, list(), ErrUnauthorized)
	}
	bad := f.Database("a/b")
	for _, err := range bad.Containers(t.Context()) {
		require.ErrorContains(t, err, `database id "a/b"`)
	}
	for _, err := range bad.Users().List(t.Context()) {
		require.ErrorContains(t, err, `database id "a/b"`)
	}
	for _, err := range f.Databases(t.Context(), PageSize(-2)) {
		require.ErrorContains(t, err, "page size")
	}
}

func TestListsStopEarly(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		reply(w, 200, feedOf("Databases", map[string]any{"id": "a"}, map[string]any{"id": "b"}),
			"x-ms-continuation", "more")
	})
	n := 0
	for range f.Databases(t.Context()) {
		if n++; n == 3 {
			break
		}
	}
	require.Equal(t, 3, n)
	require.LessOrEqual(t, f.sent(), 3)
}

func TestPageMemoryIsBounded(t *testing.T) {
	t.Parallel()
	giant := &Page{memory: &pageMemory{buffer: make([]byte, maxKept+1)}}
	giant.Release()
	for range 100 {
		m := pageMemories.Get().(*pageMemory)
		require.LessOrEqual(t, cap(m.buffer), maxKept, "the buffer of a giant page is not kept")
	}
}

func TestEachPage(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	source := &pages{list: []any{1, 2, broken, 3, io.EOF}}
	var got []any
	eachPage(t.Context(), source, func(p *Page, err error) bool {
		if err != nil {
			got = append(got, err)
		} else {
			got = append(got, p.Continuation)
		}
		return true
	})
	require.Equal(t, []any{"1", "2", broken}, got, "the first error ends it")
	got = nil
	eachPage(t.Context(), &pages{list: []any{1, 2}}, func(p *Page, err error) bool {
		got = append(got, p.Continuation)
		return false
	})
	require.Equal(t, []any{"1"}, got)
}

// pages hands out a list: numbers are pages, errors are errors.
type pages struct{ list []any }

func (p *pages) Next(context.Context) (*Page, error) {
	next := p.list[0]
	p.list = p.list[1:]
	if err, ok := next.(error); ok {
		return nil, err
	}
	return &Page{Continuation: strconv.Itoa(next.(int))}, nil
}
