package cosmos_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// The hard case: partitions split, throttle and cut connections while documents come in. Every document ends up there
// once, and every result is true.
func TestBulkInAStorm(t *testing.T) {
	t.Parallel()
	documents := scaled(8_000, 100_000)
	srv, books := library(t, cosmostest.Partitions(8))
	list := manyBooks(documents)
	list[100].ID = list[50].ID // with another author: no conflict
	list[4000] = list[3903]    // the same document once more: one of the two loses
	chance := func(n uint64) func(cosmostest.Request) bool {
		bulk := cosmostest.On(cosmostest.Bulk)
		return func(r cosmostest.Request) bool { return bulk(r) && rand.Uint64N(n) == 0 }
	}
	srv.Inject(cosmostest.Fault{Match: chance(8), Status: 429, SubStatus: 3200, RetryAfter: 2 * time.Millisecond})
	srv.Inject(cosmostest.Fault{Match: chance(20), Cut: cosmostest.CutAfter})
	srv.Inject(cosmostest.Fault{Match: chance(20), Cut: cosmostest.CutBefore})
	srv.Inject(cosmostest.Fault{Match: chance(25), Status: 503})
	srv.Inject(cosmostest.Fault{Match: chance(25), Cut: cosmostest.CutBody})
	splits := 0
	split := func() {
		ranges, err := srv.Ranges("library", "books")
		require.NoError(t, err)
		_, err = srv.Split("library", "books", ranges[rand.IntN(len(ranges))].ID)
		require.NoError(t, err)
		splits++
	}
	conflicts, retries := 0, 0
	for r := range books.CreateMany(t.Context(), cosmos.Each(list)) {
		if errors.Is(r.Err, cosmos.ErrConflict) {
			require.Contains(t, []int{3903, 4000}, r.Index)
			conflicts++
		} else {
			require.NoError(t, r.Err, "document %d", r.Index)
		}
		retries += r.Retries
		if splits < 4 && rand.IntN(1000) == 0 {
			split()
		}
	}
	require.Positive(t, retries)
	// With the same content, the loser cannot be told from one whose first attempt has won unseen.
	require.LessOrEqual(t, conflicts, 1)
	found := stored(t, books)
	total := 0
	for _, n := range found {
		total += n
	}
	require.Equal(t, documents-1, total)
}

func TestBulkUpsertAndDeleteInAStorm(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	list := manyBooks(2000)
	cut := func(r cosmostest.Request) bool {
		return cosmostest.On(cosmostest.Bulk)(r) && rand.IntN(10) == 0
	}
	defer srv.Inject(cosmostest.Fault{Match: cut, Cut: cosmostest.CutAfter})()
	for r := range books.UpsertMany(t.Context(), cosmos.Each(list)) {
		require.NoError(t, r.Err)
	}
	require.Len(t, stored(t, books), 2000)
	keys := func(yield func(cosmos.ItemKey) bool) {
		for _, b := range list {
			if !yield(cosmos.At(b.ID, b.Author)) {
				return
			}
		}
	}
	for r := range books.DeleteMany(t.Context(), keys) {
		require.NoError(t, r.Err, "a delete that was executed unseen is no failure")
		require.Equal(t, 204, r.StatusCode)
	}
	require.Empty(t, stored(t, books))
}

func TestBulkPatchIsNotRepeated(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ctx := t.Context()
	_, err := books.CreateItem(ctx, book{ID: "1", Author: "Ann"})
	require.NoError(t, err)
	keys := slices.Values([]cosmos.ItemKey{cosmos.At("1", "Ann")})
	plus := []cosmos.PatchOperation{cosmos.PatchIncrement("/pages", 1)}
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Bulk), Times: 1, Cut: cosmostest.CutAfter})
	r := cosmos.Collect(books.PatchMany(ctx, keys, plus))[0]
	require.ErrorIs(t, r.Err, cosmos.ErrUnknownOutcome)
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Bulk), Times: 1, Cut: cosmostest.CutBefore})
	r = cosmos.Collect(books.PatchMany(ctx, keys, plus, cosmos.RepeatWrites(true)))[0]
	require.NoError(t, r.Err)
	resp, err := books.ReadItem(ctx, "1", cosmos.PartitionKey("Ann"))
	require.NoError(t, err)
	require.Contains(t, string(resp.Body), `"pages":2`)
}

// An answer that breaks off is a lost one, whatever its status: it does not show that the server knows no bulk
// requests.
func TestBulkAnswerThatBreaksOff(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	var stats cosmos.Stats
	ctx := cosmos.WithStats(t.Context(), &stats)
	_, err := books.CreateItem(ctx, book{ID: "1", Author: "Ann"})
	require.NoError(t, err)
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Bulk), Times: 1, Cut: cosmostest.CutBody})
	keys := slices.Values([]cosmos.ItemKey{cosmos.At("1", "Ann")})
	r := cosmos.Collect(books.PatchMany(ctx, keys, []cosmos.PatchOperation{cosmos.PatchIncrement("/pages", 1)}))[0]
	require.ErrorIs(t, r.Err, cosmos.ErrUnknownOutcome)
	resp, err := books.ReadItem(ctx, "1", cosmos.PartitionKey("Ann"))
	require.NoError(t, err)
	require.Contains(t, string(resp.Body), `"pages":1`, "executed once")
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Bulk), Times: 1, Cut: cosmostest.CutBody})
	require.NoError(t, cosmos.Collect(books.UpsertMany(ctx, cosmos.Each([]book{{ID: "2", Author: "Ann"}})))[0].Err)
	require.Zero(t, stats.Snapshot().SingleOperations)
}

// What may have been executed by an earlier attempt is of unknown outcome, however the last one failed.
func TestBulkRemembersThatItMayHaveBeenExecuted(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	client := connect(t, srv, nil)
	srv.Inject(cosmostest.Fault{
		Match: cosmostest.On(cosmostest.Bulk), Hold: func(context.Context) { client.Close() }, Cut: cosmostest.CutAfter,
	})
	again := client.Database("library").Container("books")
	r := cosmos.Collect(again.UpsertMany(t.Context(), cosmos.Each([]book{{ID: "1", Author: "Ann"}})))[0]
	require.ErrorIs(t, r.Err, cosmos.ErrClosed)
	require.ErrorIs(t, r.Err, cosmos.ErrUnknownOutcome)
	_, err := books.ReadItem(t.Context(), "1", cosmos.PartitionKey("Ann"))
	require.NoError(t, err, "it was executed")
}

func TestBulkTellsALostCreateFromAConflict(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ctx := t.Context()
	_, err := books.CreateItem(ctx, book{ID: "taken", Author: "Ann", Pages: 1})
	require.NoError(t, err)
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Bulk), Times: 1, Cut: cosmostest.CutAfter})
	results := cosmos.Collect(
		books.CreateMany(ctx, cosmos.Each([]book{{ID: "free", Author: "Ann"}, {ID: "taken", Author: "Ann", Pages: 2}})))
	require.NoError(t, results[0].Err)
	require.Equal(t, 201, results[0].StatusCode)
	require.NotEmpty(t, results[0].ETag)
	require.ErrorIs(t, results[1].Err, cosmos.ErrConflict)
	require.ErrorIs(t, results[1].Err, cosmos.ErrUnknownOutcome, "the document may have been created and then changed")
}

func TestBulkThrottled(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	srv.Fail(cosmostest.Bulk, 25, 429, 3200, time.Millisecond)
	var p cosmos.Progress
	for r := range books.CreateMany(t.Context(), cosmos.Each(manyBooks(50)),
		cosmos.OnProgress(func(now cosmos.Progress) { p = now })) {
		require.NoError(t, r.Err, "being throttled is no failure, however often")
	}
	require.GreaterOrEqual(t, p.Requests, 26)
	require.Positive(t, p.Retries)

	strict := connect(t, srv, &cosmos.ClientOptions{MaxThrottleRetries: -1}).Database("library").Container("books")
	srv.Fail(cosmostest.Bulk, 1, 429, 3200, time.Millisecond)
	r := cosmos.Collect(strict.UpsertMany(t.Context(), cosmos.Each(manyBooks(1))))[0]
	require.ErrorIs(t, r.Err, cosmos.ErrThrottled)
}
