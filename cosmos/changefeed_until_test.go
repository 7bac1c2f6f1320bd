package cosmos_test

import (
	"encoding/json"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/require"
)

// A feed until now ends though every change that it gives makes another one; a feed that goes on there has these.
func TestChangeFeedUntilNow(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	for i := range 60 {
		put(t, books, book{ID: fmt.Sprint("old ", i), Author: fmt.Sprint(i % 7)})
	}
	feed := books.ChangeFeed(cosmos.UntilNow(), cosmos.PageSize(3))
	seen := map[string]bool{}
	for raw, err := range feed.Watch(t.Context(), time.Hour) {
		require.NoError(t, err)
		var b book
		require.NoError(t, json.Unmarshal(raw, &b))
		seen[b.ID] = true
		require.Less(t, len(seen), 1000, "it ends")
		put(t, books, book{ID: "new " + b.ID, Author: b.Author})
		if len(seen) == 20 {
			ranges, err := srv.Ranges("library", "books")
			require.NoError(t, err)
			_, err = srv.Split("library", "books", ranges[0].ID)
			require.NoError(t, err)
		}
	}
	for i := range 60 {
		require.True(t, seen[fmt.Sprint("old ", i)], i)
	}
	_, err := feed.Next(t.Context())
	require.ErrorIs(t, err, io.EOF)
	token, err := feed.Token()
	require.NoError(t, err)
	for _, id := range changes(t, books.ChangeFeed(cosmos.Continuation(token))) {
		seen[id] = true
	}
	for i := range 60 {
		require.True(t, seen[fmt.Sprint("new old ", i)], i)
	}
}

func TestChangeFeedUntilNowOfAPartition(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	put(t, books, book{ID: "1", Author: "a"}, book{ID: "2", Author: "b"}, book{ID: "3", Author: "a"})
	require.Equal(t, []string{"1", "3"}, changes(t, books.ChangeFeed(cosmos.UntilNow(), cosmos.PartitionKey("a"))))
	require.Empty(t, changes(t, books.ChangeFeed(cosmos.UntilNow(), cosmos.PartitionKey("c"))))
	_, err := books.ChangeFeed(cosmos.UntilNow(), cosmos.FromNow()).Next(t.Context())
	require.EqualError(t, err, "cosmos: a change feed FromNow and UntilNow has no changes: take one of them away")
}

// The first page of a range costs what finding its end cost, too.
func TestUntilNowTellsWhatItCosts(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	put(t, books, book{ID: "1", Author: "a"})
	var charges []float64
	for _, opts := range [][]cosmos.Option{{}, {cosmos.UntilNow()}} {
		page, err := books.ChangeFeed(append(opts, cosmos.PartitionKey("a"))...).Next(t.Context())
		require.NoError(t, err)
		charges = append(charges, page.Response.RequestCharge)
	}
	require.Greater(t, charges[1], charges[0])
}
