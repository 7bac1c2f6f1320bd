package cosmos_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// A loop that is left in the middle of a page loses nothing: neither for the feed itself, nor for one that goes on at
// its token, whatever the feed began with.
func TestLeavingALoopOverChanges(t *testing.T) {
	t.Parallel()
	const n = 30
	starts := map[string][]cosmos.Option{
		"beginning": nil, "from now": {cosmos.FromNow()}, "small pages": {cosmos.PageSize(3)},
		"logical partition": {cosmos.PartitionKey("Ann"), cosmos.PageSize(7)},
	}
	for name, opts := range starts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, books := library(t)
			feeds := make([]*cosmos.ChangeFeed, n)
			for i := range feeds {
				feeds[i] = books.ChangeFeed(opts...)
				require.Empty(t, changes(t, feeds[i]))
			}
			var all []string
			for i := range n {
				b := book{ID: fmt.Sprint(i), Author: []string{"Ann", "Bob", "Cid"}[i%3]}
				put(t, books, b)
				if name != "logical partition" || b.Author == "Ann" {
					all = append(all, b.ID)
				}
			}
			for stop := 1; stop <= len(all); stop++ {
				feed := feeds[stop-1]
				var seen []string
				for item, err := range feed.Watch(t.Context(), time.Hour) {
					require.NoError(t, err)
					var b book
					require.NoError(t, json.Unmarshal(item, &b))
					if seen = append(seen, b.ID); len(seen) == stop {
						break
					}
				}
				token, err := feed.Token()
				require.NoError(t, err)
				rest := changes(t, books.ChangeFeed(cosmos.Continuation(token)))
				require.Subset(t, append(rest, seen...), all, "at least once by token, after %d", stop)
				require.ElementsMatch(t, all, append(seen, changes(t, feed)...), "once by the feed, after %d", stop)
			}
		})
	}
}

// A page that Next gave is had as a whole.
func TestTokenAfterAPageOfChanges(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	feed := books.ChangeFeed(cosmos.FromNow(), cosmos.PartitionKey("Ann"))
	require.Empty(t, changes(t, feed))
	for i := range 5 {
		put(t, books, book{ID: fmt.Sprint(i), Author: "Ann"})
	}
	page, err := feed.Next(t.Context())
	require.NoError(t, err)
	require.Len(t, page.Items, 5)
	after, err := feed.Token()
	require.NoError(t, err)
	require.Equal(t, page.Continuation, after)
	require.Empty(t, changes(t, books.ChangeFeed(cosmos.Continuation(after))))
}

// What is left of a page after a loop comes with the token of the place behind it, as any other page.
func TestPageAfterALoopHasAToken(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	for i := range 5 {
		put(t, books, book{ID: fmt.Sprint(i), Author: "Ann"})
	}
	feed := books.ChangeFeed(cosmos.PartitionKey("Ann"))
	for _, err := range feed.Items(t.Context()) {
		require.NoError(t, err)
		break
	}
	page, err := feed.Next(t.Context())
	require.NoError(t, err)
	require.Len(t, page.Items, 4)
	token, err := feed.Token()
	require.NoError(t, err)
	require.Equal(t, token, page.Continuation)
	require.Empty(t, changes(t, books.ChangeFeed(cosmos.Continuation(token))))
}
