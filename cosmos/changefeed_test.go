package cosmos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// changes reads what there is and returns the ids.
func changes(t testing.TB, f *cosmos.ChangeFeed) []string {
	t.Helper()
	var ids []string
	for raw, err := range f.Items(t.Context()) {
		require.NoError(t, err)
		var b book
		require.NoError(t, json.Unmarshal(raw, &b))
		ids = append(ids, b.ID)
	}
	return ids
}

func put(t testing.TB, books *cosmos.Container, list ...book) {
	t.Helper()
	for _, b := range list {
		_, err := books.UpsertItem(t.Context(), b)
		require.NoError(t, err)
	}
}

func TestChangeFeed(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	put(t, books, book{ID: "1", Author: "Ann"}, book{ID: "2", Author: "Ann"}, book{ID: "3", Author: "Bob"},
		book{ID: "1", Author: "Ann", Pages: 5})
	all := books.ChangeFeed()
	_, err := all.Token()
	require.ErrorContains(t, err, "has not been started")
	now := books.ChangeFeed(cosmos.FromNow())
	_, err = now.Next(t.Context())
	require.Equal(t, io.EOF, err)
	ann := books.ChangeFeed(cosmos.PartitionKey("Ann"), cosmos.PageSize(1))
	require.Equal(t, []string{"2", "1"}, changes(t, ann), "each document once, at its last change")
	require.ElementsMatch(t, []string{"1", "2", "3"}, changes(t, all))
	require.Empty(t, changes(t, all))

	put(t, books, book{ID: "4", Author: "Ann"}, book{ID: "5", Author: "Bob"})
	require.Equal(t, []string{"4"}, changes(t, ann))
	require.ElementsMatch(t, []string{"4", "5"}, changes(t, now))
	token, err := all.Token()
	require.NoError(t, err)
	resumed := books.ChangeFeed(cosmos.Continuation(token))
	require.ElementsMatch(t, []string{"4", "5"}, changes(t, resumed))
	require.ElementsMatch(t, []string{"4", "5"}, changes(t, all))
}

// A feed whose partition was split, and that could not learn which ones there are now, goes on where it stood.
func TestChangeFeedGoesOnWhenTheRangesCannotBeRead(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	put(t, books, book{ID: "1", Author: "Ann"})
	feed := books.ChangeFeed()
	require.Equal(t, []string{"1"}, changes(t, feed))
	ranges, err := srv.Ranges("library", "books")
	require.NoError(t, err)
	for _, r := range ranges {
		_, err := srv.Split("library", "books", r.ID)
		require.NoError(t, err)
	}
	put(t, books, book{ID: "2", Author: "Ann"})
	srv.Fail(cosmostest.ReadRanges, 1, 400, 0, 0)
	_, err = feed.Next(t.Context())
	require.ErrorIs(t, err, cosmos.ErrBadRequest)
	require.Equal(t, []string{"2"}, changes(t, feed))
}

func TestChangeFeedSince(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var offset atomic.Int64
	_, books := library(t, cosmostest.Clock(func() time.Time { return clock.Add(time.Duration(offset.Load())) }))
	put(t, books, book{ID: "old", Author: "Ann"})
	offset.Store(int64(time.Hour))
	put(t, books, book{ID: "new", Author: "Ann"})
	require.Equal(t, []string{"new"}, changes(t, books.ChangeFeed(cosmos.Since(clock.Add(30*time.Minute)))))
}

func TestChangeFeedAllVersions(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx := t.Context()
	db := books.Database()
	_, err := db.CreateContainer(ctx, cosmos.ContainerProperties{
		ID: "kept", PartitionKey: cosmos.PartitionKeyPaths("/author"),
		ChangeFeedPolicy: &cosmos.ChangeFeedPolicy{RetentionMinutes: 10},
	})
	require.NoError(t, err)
	kept := db.Container("kept")
	f := kept.ChangeFeed(cosmos.AllVersions(), cosmos.FromNow())
	_, err = f.Next(ctx)
	require.Equal(t, io.EOF, err)
	put(t, kept, book{ID: "1", Author: "Ann"}, book{ID: "1", Author: "Ann", Pages: 2})
	_, err = kept.DeleteItem(ctx, "1", cosmos.PartitionKey("Ann"))
	require.NoError(t, err)
	var kinds []string
	for raw, err := range f.Items(ctx) {
		require.NoError(t, err)
		var change struct {
			Metadata struct{ OperationType string }
		}
		require.NoError(t, json.Unmarshal(raw, &change))
		kinds = append(kinds, change.Metadata.OperationType)
	}
	require.Equal(t, []string{"create", "replace", "delete"}, kinds)
}

func TestChangeFeedRefuses(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ann, part := cosmos.PartitionKey("Ann"), cosmos.InFeedRange(cosmos.FeedRange{Min: "", Max: "10"})
	foreign := `{"version":1,"resourceId":"other","continuation":[{"minInclusive":"","maxExclusive":"FF"}]}`
	for want, opts := range map[string][]cosmos.Option{
		"not both":                       {ann, part},
		"FromNow or Since a time":        {cosmos.FromNow(), cosmos.Since(time.Now())},
		"starts FromNow":                 {cosmos.AllVersions()},
		"is empty":                       {cosmos.InFeedRange(cosmos.FeedRange{Min: "20", Max: "10"})},
		"more values":                    {cosmos.PartitionKey("a", "b")},
		"not the token of a change feed": {cosmos.Continuation("x")},
		"belongs to another container":   {cosmos.Continuation(foreign)},
		"names an empty range":           {cosmos.Continuation(strings.Replace(foreign, `""`, `"FF"`, 1))},
		"page size -2":                   {cosmos.PageSize(-2)},
	} {
		_, err := books.ChangeFeed(opts...).Next(t.Context())
		require.ErrorContains(t, err, want)
	}
	_, err := books.Database().Container("a/b").ChangeFeed().Next(t.Context())
	require.ErrorContains(t, err, "container id")
	_, err = books.Database().Container("a/b").FeedRanges(t.Context())
	require.ErrorContains(t, err, "container id")
}

func TestChangeFeedWatch(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	put(t, books, book{ID: "0", Author: "Ann"})
	n := 0
	for raw, err := range books.ChangeFeed().Watch(ctx, time.Millisecond) {
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			break
		}
		require.Contains(t, string(raw), fmt.Sprintf(`"id":"%d"`, n))
		if n++; n == 3 {
			cancel()
			continue
		}
		put(t, books, book{ID: fmt.Sprint(n), Author: "Ann"})
	}
	require.Equal(t, 3, n)
	for _, err := range books.ChangeFeed().Watch(t.Context(), 0) {
		require.ErrorContains(t, err, "above zero")
	}
}

// An error that may pass does not end Watch, unless the loop does.
func TestChangeFeedWatchGoesOn(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	put(t, books, book{ID: "0", Author: "Ann"})
	end := srv.Fail(cosmostest.ChangeFeed, 0, http.StatusRequestTimeout, 0, 0)
	failed, seen := 0, 0
	for raw, err := range books.ChangeFeed().Watch(t.Context(), time.Millisecond) {
		if err != nil {
			require.ErrorIs(t, err, cosmos.ErrTimeout)
			if failed++; failed == 2 {
				end()
			}
			continue
		}
		require.Contains(t, string(raw), `"id":"0"`)
		seen++
		break
	}
	require.GreaterOrEqual(t, failed, 2)
	require.Equal(t, 1, seen)
	// Without a number of times: a request of the loop that was left may be under way still, and would use up one.
	srv.Fail(cosmostest.ChangeFeed, 0, http.StatusForbidden, 0, 0)
	for _, err := range books.ChangeFeed().Watch(t.Context(), time.Millisecond) {
		if err != nil {
			require.ErrorIs(t, err, cosmos.ErrForbidden, "any other error ends it")
		}
	}
}

// Many writers, several readers over feed ranges, splits and a restart of every reader from its token: the last version
// of every document is seen, and those of one partition key in the order in which they were written.
func TestChangeFeedAcrossSplits(t *testing.T) {
	t.Parallel()
	writers, rounds := 16, scaled(30, 3200)
	srv, books := library(t)
	ctx := t.Context()
	ranges, err := books.FeedRanges(ctx)
	require.NoError(t, err)
	require.Len(t, ranges, 4)

	var writing sync.WaitGroup
	written := make(chan struct{})
	for w := range writers {
		writing.Go(func() {
			for n := range rounds {
				b := book{ID: fmt.Sprint(n % 7), Author: fmt.Sprint("writer ", w), Pages: n + 1}
				if _, err := books.UpsertItem(ctx, b); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	go func() { writing.Wait(); close(written) }()

	var mu sync.Mutex
	last := make(map[string]int)  // by author and id
	order := make(map[string]int) // the highest version of an author so far
	reader := func(r cosmos.FeedRange) {
		f := books.ChangeFeed(cosmos.InFeedRange(r), cosmos.PageSize(scaled(5, 100)))
		for over := false; ; {
			page, err := f.Next(ctx)
			if err == io.EOF {
				if over {
					return
				}
				select {
				case <-written:
					over = true // one more look
				default:
				}
				continue
			}
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			for _, raw := range page.Items {
				var b book
				if err := json.Unmarshal(raw, &b); err != nil {
					t.Error(err)
				}
				if b.Pages < order[b.Author] {
					t.Errorf("%s: version %d comes after %d", b.Author, b.Pages, order[b.Author])
				}
				order[b.Author] = b.Pages
				last[b.Author+"/"+b.ID] = b.Pages
			}
			mu.Unlock()
			// Another process goes on from here.
			f = books.ChangeFeed(cosmos.Continuation(page.Continuation), cosmos.PageSize(scaled(5, 100)))
		}
	}
	var reading sync.WaitGroup
	for _, r := range ranges {
		reading.Go(func() { reader(r) })
	}
	for _, id := range []string{"0", "2"} {
		_, err := srv.Split("library", "books", id)
		require.NoError(t, err)
	}
	reading.Wait()
	require.Len(t, last, writers*7)
	for key, version := range last {
		var w, id int
		_, err := fmt.Sscanf(key, "writer %d/%d", &w, &id)
		require.NoError(t, err)
		want := 0
		for n := range rounds {
			if n%7 == id {
				want = n + 1
			}
		}
		require.Equal(t, want, version, key)
	}
	fresh, err := books.FeedRanges(ctx)
	require.NoError(t, err)
	require.Len(t, fresh, 6)
	require.Equal(t, "[, "+fresh[0].Max+")", fresh[0].String())
}

func TestChangeFeedAfterAMerge(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ranges, err := books.FeedRanges(t.Context())
	require.NoError(t, err)
	feeds := make([]*cosmos.ChangeFeed, len(ranges))
	var before []string
	var list []book
	for i := range 40 {
		list = append(list, book{ID: fmt.Sprint(i), Author: fmt.Sprint(i)})
	}
	put(t, books, list[:20]...)
	for i, r := range ranges {
		feeds[i] = books.ChangeFeed(cosmos.InFeedRange(r))
		before = append(before, changes(t, feeds[i])...)
	}
	require.Len(t, before, 20)
	_, err = srv.Merge("library", "books", "0", "1")
	require.NoError(t, err)
	put(t, books, list[20:]...)
	var after []string
	for _, f := range feeds {
		after = append(after, changes(t, f)...)
	}
	require.Subset(t, after, []string{"20", "39"})
	require.Len(t, after, 20, "each part of the merged partition tells of its own documents")
}

// Positions in the changes of a container mean nothing in those of another one that has its name now.
func TestChangeFeedOfAContainerMadeAnew(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ctx := t.Context()
	feed := books.ChangeFeed()
	for range 20 {
		put(t, books, book{ID: "1", Author: "Ann"})
	}
	require.Equal(t, []string{"1"}, changes(t, feed))
	other := makeAnew(t, srv, "/author")
	put(t, other, book{ID: "2", Author: "Ann"})
	_, err := feed.Next(ctx)
	require.ErrorContains(t, err, "created again")
	_, err = feed.Next(ctx)
	require.ErrorContains(t, err, "created again", "and so it stays")
	require.Equal(t, []string{"2"}, changes(t, books.ChangeFeed()))
}
