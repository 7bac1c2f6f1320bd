package cosmos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// inRange matches the reads of the changes of one range.
func inRange(id string) func(cosmostest.Request) bool {
	return func(r cosmostest.Request) bool { return r.Operation == cosmostest.ChangeFeed && r.Range == id }
}

// heldRead is a read of the changes of a range that waits at the server.
type heldRead struct{ begun, release chan struct{} }

// holdRead holds the first read of a range at the server, before it is carried out.
func holdRead(srv *cosmostest.Server, id string) *heldRead {
	h := &heldRead{begun: make(chan struct{}), release: make(chan struct{})}
	srv.Inject(cosmostest.Fault{Match: inRange(id), Times: 1, Hold: func(ctx context.Context) {
		close(h.begun)
		select {
		case <-h.release:
		case <-ctx.Done():
		}
	}})
	return h
}

// failRead makes a range's reads fail, when the held one has begun.
func failRead(srv *cosmostest.Server, id string, h *heldRead) (end func()) {
	return srv.Inject(cosmostest.Fault{Match: inRange(id), Status: 400, Hold: func(ctx context.Context) {
		select {
		case <-h.begun:
		case <-ctx.Done():
		}
	}})
}

// TestFeedFromNowKeepsItsMoment: the first Next fails half way, while the read of another range has been sent and not
// been carried out; what is written afterwards came after it.
func TestFeedFromNowKeepsItsMoment(t *testing.T) {
	t.Parallel()
	for _, resume := range []bool{false, true} {
		srv, books := library(t)
		f := books.ChangeFeed(cosmos.FromNow())
		held := holdRead(srv, "3")
		end := failRead(srv, "2", held)
		_, err := f.Next(t.Context())
		require.ErrorIs(t, err, cosmos.ErrBadRequest)
		end()
		putMany(t, books, 40)
		close(held.release)
		if resume {
			token, err := f.Token()
			require.NoError(t, err)
			f = books.ChangeFeed(cosmos.Continuation(token))
		}
		require.Len(t, changes(t, f), 40)
		require.Empty(t, changes(t, f))
	}
}

// TestFeedFromNowThatCannotPrepareKeepsItsMoment: nothing of the container could be learned at the first Next.
func TestFeedFromNowThatCannotPrepareKeepsItsMoment(t *testing.T) {
	t.Parallel()
	for _, op := range []cosmostest.Operation{cosmostest.ReadContainer, cosmostest.ReadRanges} {
		srv, books := library(t)
		reader := connect(t, srv, nil).Database("library").Container("books")
		f := reader.ChangeFeed(cosmos.FromNow())
		end := srv.Fail(op, 0, 400, 0, 0)
		_, err := f.Next(t.Context())
		require.ErrorIs(t, err, cosmos.ErrBadRequest)
		_, err = f.Token()
		require.ErrorContains(t, err, "has not been started")
		end()
		putMany(t, books, 40)
		require.Len(t, changes(t, f), 40, op)
	}
}

// TestFeedOfAllVersionsStartsInEveryRange before it hands out anything: it cannot start at a time, so its start is the
// first Next that does not fail.
func TestFeedOfAllVersionsStartsInEveryRange(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	_, err := books.Database().CreateContainer(t.Context(), cosmos.ContainerProperties{
		ID: "kept", PartitionKey: cosmos.PartitionKeyPaths("/author"),
		ChangeFeedPolicy: &cosmos.ChangeFeedPolicy{RetentionMinutes: 10},
	})
	require.NoError(t, err)
	kept := books.Database().Container("kept")
	f := kept.ChangeFeed(cosmos.AllVersions(), cosmos.FromNow(), cosmos.MaxConcurrency(1))
	for _, id := range []string{"2", "3"} {
		end := srv.Inject(cosmostest.Fault{Match: inRange(id), Status: 400})
		_, err := f.Next(t.Context())
		require.ErrorIs(t, err, cosmos.ErrBadRequest)
		_, err = f.Token()
		require.ErrorContains(t, err, "has not started in every range")
		end()
		putMany(t, kept, 40) // those of the ranges that have started come when all have
	}
	page, err := f.Next(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, page.Items)
	for i := range 40 {
		put(t, kept, book{ID: "late", Author: fmt.Sprint(i)})
	}
	late := 0
	resumed := kept.ChangeFeed(cosmos.AllVersions(), cosmos.Continuation(page.Continuation))
	for raw, err := range resumed.Items(t.Context()) {
		require.NoError(t, err)
		if strings.Contains(string(raw), `"id":"late"`) {
			late++
		}
	}
	require.Equal(t, 40, late)
}

// putMany writes documents of as many partition keys, over all ranges.
func putMany(t *testing.T, books *cosmos.Container, n int) {
	t.Helper()
	for i := range n {
		put(t, books, book{ID: fmt.Sprint(i), Author: fmt.Sprint(i)})
	}
}

// TestFeedSaysEOFOnlyWhenNothingIsThere, whatever an earlier Next met.
func TestFeedSaysEOFOnlyWhenNothingIsThere(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	f := books.ChangeFeed()
	for i := range 20 {
		_, err := f.Next(t.Context())
		require.Equal(t, io.EOF, err)
		end := srv.Inject(cosmostest.Fault{Match: inRange(fmt.Sprint(i % 4)), Status: 400})
		_, err = f.Next(t.Context())
		require.ErrorIs(t, err, cosmos.ErrBadRequest)
		end()
		put(t, books, book{ID: fmt.Sprint(i), Author: fmt.Sprint(i)})
		page, err := f.Next(t.Context())
		require.NoError(t, err, "there is a change, and Next says there is none")
		require.Len(t, page.Items, 1)
	}
}

// TestFeedReadsRangesSideBySide: the requests for the ranges are under way together, and those of one range keep their
// order.
func TestFeedReadsRangesSideBySide(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	const authors, versions = 40, 5
	for n := range versions {
		for a := range authors {
			put(t, books, book{ID: fmt.Sprint(n), Author: fmt.Sprint(a), Pages: n})
		}
	}
	read := func(opts ...cosmos.Option) {
		last, n := map[string]int{}, 0
		for raw, err := range books.ChangeFeed(append(opts, cosmos.PageSize(5))...).Items(t.Context()) {
			require.NoError(t, err)
			var b book
			require.NoError(t, json.Unmarshal(raw, &b))
			require.Equal(t, last[b.Author], b.Pages, "in order within each partition key")
			last[b.Author]++
			n++
		}
		require.Equal(t, authors*versions, n)
	}
	read()
	read(cosmos.MaxConcurrency(1))

	// The first four requests wait for each other.
	var arrived atomic.Int32
	together := make(chan struct{})
	end := srv.Inject(
		cosmostest.Fault{Match: cosmostest.On(cosmostest.ChangeFeed), Times: 4, Hold: func(ctx context.Context) {
			if arrived.Add(1) == 4 {
				close(together)
			}
			select {
			case <-together:
			case <-ctx.Done():
			}
		}})
	defer end()
	read()
	require.EqualValues(t, 4, arrived.Load())
}

// TestFeedAsksNoMoreThanItNeeds: what has nothing is asked again only to be sure of the end.
func TestFeedAsksNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	for i := range 50 {
		put(t, books, book{ID: fmt.Sprint(i), Author: "Ann"})
	}
	f := books.ChangeFeed(cosmos.PageSize(10))
	before := srv.Count(cosmostest.ChangeFeed)
	require.Len(t, changes(t, f), 50)
	// Five pages and the end of one range, the other three once at first and once at the end; one page may be asked for
	// in vain.
	require.LessOrEqual(t, srv.Count(cosmostest.ChangeFeed)-before, 6+2*3+1)
	before = srv.Count(cosmostest.ChangeFeed)
	require.Empty(t, changes(t, f))
	require.Equal(t, 4, srv.Count(cosmostest.ChangeFeed)-before)
}

// TestFeedLeftEarly goes on where the caller stopped.
func TestFeedLeftEarly(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	for i := range 40 {
		put(t, books, book{ID: fmt.Sprint(i), Author: fmt.Sprint(i)})
	}
	f := books.ChangeFeed(cosmos.PageSize(1))
	seen := 0
	for seen < 40 {
		for _, err := range f.Items(t.Context()) {
			require.NoError(t, err)
			seen++
			break
		}
	}
	require.Empty(t, changes(t, f))
}

// TestTokenOfManyRanges: the token of a feed over a thousand ranges is small, and says all that the long form did.
func TestTokenOfManyRanges(t *testing.T) {
	t.Parallel()
	_, books := library(t, cosmostest.Partitions(400))
	put(t, books, book{ID: "1", Author: "Ann"}, book{ID: "2", Author: "Bob"})
	f := books.ChangeFeed()
	require.Len(t, changes(t, f), 2)
	token, err := f.Token()
	require.NoError(t, err)
	require.Less(t, len(token), 16_000)
	put(t, books, book{ID: "3", Author: "Cem"})
	require.Equal(t, []string{"3"}, changes(t, books.ChangeFeed(cosmos.Continuation(token))))
	for _, bad := range []string{token[:len(token)-8], token[:40], "z1.", "z1.%%"} {
		_, err := books.ChangeFeed(cosmos.Continuation(bad)).Next(t.Context())
		require.ErrorIs(t, err, cosmos.ErrBadContinuation)
		require.ErrorIs(t, err, cosmos.ErrBadRequest)
	}
}
