package cosmos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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

// TestFeedFromNowKeepsItsMoment: the first Next fails half way; what is written afterwards came after it.
func TestFeedFromNowKeepsItsMoment(t *testing.T) {
	t.Parallel()
	for _, resume := range []bool{false, true} {
		srv, books := library(t)
		f := books.ChangeFeed(cosmos.FromNow())
		end := srv.Inject(cosmostest.Fault{Match: inRange("2"), Status: 400})
		_, err := f.Next(t.Context())
		require.ErrorIs(t, err, cosmos.ErrBadRequest)
		end()
		for i := range 40 {
			put(t, books, book{ID: fmt.Sprint(i), Author: fmt.Sprint(i)})
		}
		if resume {
			token, err := f.Token()
			require.NoError(t, err)
			f = books.ChangeFeed(cosmos.Continuation(token))
		}
		require.Len(t, changes(t, f), 40)
		require.Empty(t, changes(t, f))
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

// TestFeedReadsRangesSideBySide: the requests for the ranges are under way together, and those of one range keep their order.
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
	end := srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.ChangeFeed), Times: 4, Hold: func(ctx context.Context) {
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
	// Five pages and the end of one range, the other three once at first and once at the end; one page may be asked for in vain.
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
	_, books := library(t, cosmostest.Partitions(1000))
	put(t, books, book{ID: "1", Author: "Ann"}, book{ID: "2", Author: "Bob"})
	f := books.ChangeFeed()
	require.Len(t, changes(t, f), 2)
	token, err := f.Token()
	require.NoError(t, err)
	require.Less(t, len(token), 40_000)
	put(t, books, book{ID: "3", Author: "Cem"})
	require.Equal(t, []string{"3"}, changes(t, books.ChangeFeed(cosmos.Continuation(token))))
	for _, bad := range []string{token[:len(token)-8], token[:40], "z1.", "z1.%%"} {
		_, err := books.ChangeFeed(cosmos.Continuation(bad)).Next(t.Context())
		require.ErrorIs(t, err, cosmos.ErrBadContinuation)
		require.ErrorIs(t, err, cosmos.ErrBadRequest)
	}
}
