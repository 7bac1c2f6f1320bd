package cosmos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// scaled is the size of a test: small, so that the tests are quick, or large when COSMOS_TEST_FULL is set.
func scaled(small, large int) int {
	if os.Getenv("COSMOS_TEST_FULL") != "" {
		return large
	}
	return small
}

func manyBooks(n int) []book {
	list := make([]book, n)
	for i := range list {
		list[i] = book{ID: fmt.Sprint("b", i), Author: fmt.Sprint("author ", i%97), Pages: i}
	}
	return list
}

// stored reads the container and returns how often each document is there.
func stored(t testing.TB, books *cosmos.Container) map[string]int {
	t.Helper()
	found := make(map[string]int)
	for raw, err := range books.Items(t.Context()) {
		require.NoError(t, err)
		var b book
		require.NoError(t, json.Unmarshal(raw, &b))
		found[b.ID]++
	}
	return found
}

func TestBulkInOrder(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	list := manyBooks(1000)
	var last cosmos.Progress
	var st cosmos.Stats
	results := cosmos.Collect(books.CreateMany(cosmos.WithStats(t.Context(), &st), cosmos.Each(list),
		cosmos.OnProgress(func(p cosmos.Progress) { last = p })))
	require.Len(t, results, len(list))
	for i, r := range results {
		require.NoError(t, r.Err)
		require.Equal(t, i, r.Index)
		require.Equal(t, list[i].ID, r.ID)
		require.Equal(t, 201, r.StatusCode)
		require.NotEmpty(t, r.ETag)
		require.NotEmpty(t, r.SessionToken)
		require.Positive(t, r.RequestCharge)
		require.Empty(t, r.Body)
	}
	require.Equal(t, 1000, last.Done)
	require.Zero(t, last.Failed)
	require.Zero(t, last.SingleOperations)
	require.Positive(t, last.Rate)
	require.InDelta(t, st.Snapshot().RequestCharge, last.RequestCharge, 20,
		"the stats have the definition and the ranges besides")
	require.LessOrEqual(t, srv.Count(cosmostest.Bulk), 30, "the documents travelled together")
	require.Len(t, stored(t, books), 1000)
	require.NotEmpty(t, st.Snapshot().SessionToken)
}

func TestBulkMixed(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx := t.Context()
	ann := cosmos.PartitionKey("Ann")
	for _, r := range cosmos.Collect(books.CreateMany(ctx,
		cosmos.Each([]book{{ID: "1", Author: "Ann"}, {ID: "2", Author: "Ann"}, {ID: "3", Author: "Bob"}}))) {
		require.NoError(t, r.Err)
	}
	read, err := books.ReadItem(ctx, "2", ann)
	require.NoError(t, err)
	ops := []cosmos.Operation{
		cosmos.OpCreate(book{ID: "1", Author: "Ann"}),
		cosmos.OpCreate(book{ID: "4", Author: "Ann"}),
		cosmos.OpUpsert(book{ID: "5", Author: "Bob"}),
		cosmos.OpReplace("2", book{ID: "2", Author: "Ann", Pages: 2}, cosmos.IfMatch(read.ETag)),
		cosmos.OpPatch("3", []cosmos.PatchOperation{cosmos.PatchSet("/pages", 3)}, cosmos.PartitionKey("Bob")),
		cosmos.OpRead("1", ann),
		cosmos.OpDelete("none", ann),
		cosmos.OpDelete("1"),
		cosmos.OpCreate(map[string]any{"author": "x"}),
		cosmos.OpPatch("3", []cosmos.PatchOperation{cosmos.PatchSet("/pages", 4)}, cosmos.PartitionKey("Bob"),
			cosmos.PatchCondition("from c where c.author = 'Zoë'")),
	}
	results := cosmos.Collect(books.Bulk(ctx, slices.Values(ops)))
	want := []int{409, 201, 201, 200, 200, 200, 404, 0, 0, 412}
	for i, r := range results {
		require.Equal(t, want[i], r.StatusCode, "operation %d: %v", i, r.Err)
		require.Equal(t, want[i] == 0 || want[i] >= 400, r.Err != nil)
	}
	require.ErrorIs(t, results[0].Err, cosmos.ErrConflict)
	require.ErrorContains(t, results[0].Err, "cosmos: Create 1: 409 Conflict")
	require.Contains(t, string(results[5].Body), `"author":"Ann"`)
	require.ErrorIs(t, results[6].Err, cosmos.ErrNotFound)
	require.ErrorContains(t, results[7].Err, "needs the option PartitionKey")
	require.ErrorContains(t, results[8].Err, `no "id"`)

	replaced := cosmos.Collect(
		books.ReplaceMany(ctx, cosmos.Each([]book{{ID: "2", Author: "Ann", Pages: 9}, {ID: "none", Author: "Ann"}})))
	require.NoError(t, replaced[0].Err)
	require.ErrorIs(t, replaced[1].Err, cosmos.ErrNotFound)
	upserted := cosmos.Collect(books.UpsertMany(ctx,
		cosmos.Each([]book{{ID: "2", Author: "Ann"}, {ID: "6", Author: "Ann"}}), cosmos.ContentResponse(true)))
	require.Equal(t, []int{200, 201}, []int{upserted[0].StatusCode, upserted[1].StatusCode})
	require.Contains(t, string(upserted[1].Body), `"id":"6"`)
	keys := []cosmos.ItemKey{cosmos.At("2", "Ann"), cosmos.At("3", "Bob"), cosmos.At("3", "Ann")}
	patched := cosmos.Collect(
		books.PatchMany(ctx, slices.Values(keys), []cosmos.PatchOperation{cosmos.PatchSet("/title", "T")}))
	require.NoError(t, patched[0].Err)
	require.NoError(t, patched[1].Err)
	require.ErrorIs(t, patched[2].Err, cosmos.ErrNotFound)
	deleted := cosmos.Collect(books.DeleteMany(ctx, slices.Values(keys)))
	require.Equal(t, []int{204, 204, 404}, []int{deleted[0].StatusCode, deleted[1].StatusCode, deleted[2].StatusCode})
}

// An input that waits for the results of what it gave must not wait for ever.
func TestBulkDoesNotHoldBack(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	done := make(chan struct{})
	source := func(yield func(any) bool) {
		for i := range 3 {
			if !yield(book{ID: fmt.Sprint(i), Author: "Ann"}) {
				return
			}
			<-done
		}
	}
	n := 0
	for r := range books.CreateMany(t.Context(), source) {
		require.NoError(t, r.Err)
		n++
		done <- struct{}{}
	}
	require.Equal(t, 3, n)
}

// Conditions are about one document: those of the call would be of all.
func TestBulkRefusesConditionsOfTheCall(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	list := manyBooks(3)
	keys := slices.Values(
		[]cosmos.ItemKey{cosmos.At("b0", "author 0"), cosmos.At("b1", "author 1"), cosmos.At("b2", "author 2")})
	patch := []cosmos.PatchOperation{cosmos.PatchSet("/title", "T")}
	for _, ctx := range []context.Context{t.Context(), cosmos.WithOptions(t.Context(), cosmos.IfMatch("x"))} {
		for name, results := range map[string]iter.Seq[cosmos.BulkResult]{
			"DeleteMany":  books.DeleteMany(ctx, keys, cosmos.IfMatch("x")),
			"ReplaceMany": books.ReplaceMany(ctx, cosmos.Each(list), cosmos.IfMatch("x")),
			"PatchMany":   books.PatchMany(ctx, keys, patch, cosmos.IfMatch("x")),
			"UpsertMany":  books.UpsertMany(ctx, cosmos.Each(list), cosmos.IfMatch("x")),
			"empty": books.Bulk(t.Context(), func(yield func(cosmos.Operation) bool) {
				_ = yield(cosmos.OpDelete("b0", cosmos.PartitionKey("x"), cosmos.IfMatch(""))) &&
					yield(cosmos.OpReplace("b0", list[0], cosmos.IfMatch(""))) &&
					yield(cosmos.OpPatch("b0", patch, cosmos.PatchCondition("")))
			}),
		} {
			all := cosmos.Collect(results)
			require.Len(t, all, 3, name)
			for _, r := range all {
				require.Error(t, r.Err, name)
				require.Regexp(t, "IfMatch|PatchCondition", r.Err.Error(), name)
			}
		}
	}
	require.Zero(t, srv.Count(cosmostest.Bulk))
}

func TestBulkOfNothing(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	require.Empty(t, cosmos.Collect(books.CreateMany(t.Context(), cosmos.Each([]book{}))))
	none := books.Database().Container("none")
	// What is wrong with all operations is said of each.
	results := cosmos.Collect(none.CreateMany(t.Context(), cosmos.Each(manyBooks(5))))
	require.Len(t, results, 5)
	for i, r := range results {
		require.Equal(t, i, r.Index)
		require.ErrorIs(t, r.Err, cosmos.ErrOwnerNotFound)
	}
	results = cosmos.Collect(books.CreateMany(t.Context(), cosmos.Each(manyBooks(5)), cosmos.MaxConcurrency(-1)))
	require.Len(t, results, 5)
	for _, r := range results {
		require.ErrorContains(t, r.Err, "max concurrency -1")
	}
}

func TestBulkLargeDocuments(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	list := manyBooks(12)
	for i := range list {
		list[i].Title = strings.Repeat("x", 50_000*(1+i%5))
	}
	for r := range books.CreateMany(t.Context(), cosmos.Each(list)) {
		require.NoError(t, r.Err)
	}
	require.Greater(t, srv.Count(cosmostest.Bulk), 6)
	require.Len(t, stored(t, books), 12)
}

func TestBulkOnServersWithoutIt(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	srv.Inject(
		cosmostest.Fault{Match: cosmostest.On(cosmostest.Bulk), Status: 400, Message: "an array is not a document"})
	var p cosmos.Progress
	list := manyBooks(60)
	list[30] = list[20]
	results := cosmos.Collect(
		books.CreateMany(t.Context(), cosmos.Each(list), cosmos.OnProgress(func(now cosmos.Progress) { p = now })))
	failed := 0
	for _, r := range results {
		if r.Err != nil {
			require.ErrorIs(t, r.Err, cosmos.ErrConflict)
			failed++
		} else {
			require.Equal(t, 201, r.StatusCode)
			require.NotEmpty(t, r.ETag)
		}
	}
	require.Equal(t, 1, failed)
	require.Equal(t, 60, p.SingleOperations, "it says so")
	before := srv.Count(cosmostest.Bulk)
	keys := func(yield func(cosmos.ItemKey) bool) {
		for _, b := range list[:20] {
			if !yield(cosmos.At(b.ID, b.Author)) {
				return
			}
		}
	}
	for r := range books.PatchMany(t.Context(), keys, []cosmos.PatchOperation{cosmos.PatchSet("/title", "T")}) {
		require.NoError(t, r.Err)
	}
	for r := range books.Bulk(t.Context(), func(yield func(cosmos.Operation) bool) {
		_ = yield(cosmos.OpUpsert(list[0])) && yield(cosmos.OpReplace(list[1].ID, list[1])) &&
			yield(cosmos.OpRead(list[2].ID, cosmos.PartitionKey(list[2].Author))) &&
			yield(cosmos.OpDelete(list[3].ID, cosmos.PartitionKey(list[3].Author)))
	}) {
		require.NoError(t, r.Err)
	}
	require.Equal(t, before, srv.Count(cosmostest.Bulk), "once noticed, it is not tried again")
}

func BenchmarkBulkCreate(b *testing.B) {
	_, books := library(b)
	b.ReportAllocs()
	var n atomic.Int64
	source := func(yield func(any) bool) {
		for i := range b.N {
			if !yield(book{ID: fmt.Sprint(i), Author: fmt.Sprint("author ", i%1000)}) {
				return
			}
		}
	}
	for r := range books.CreateMany(b.Context(), source) {
		if r.Err != nil {
			b.Fatal(r.Err)
		}
		n.Add(1)
	}
}

func TestManyOfOneType(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	all := []book{{ID: "1", Author: "Ann"}, {ID: "2", Author: "Bob"}}
	for _, many := range []func(context.Context, *cosmos.Container, iter.Seq[book],
		...cosmos.Option) iter.Seq[cosmos.BulkResult]{
		cosmos.CreateMany[book], cosmos.UpsertMany[book], cosmos.ReplaceMany[book],
	} {
		results := cosmos.Collect(many(t.Context(), books, slices.Values(all)))
		require.Len(t, results, 2)
		for _, r := range results {
			require.NoError(t, r.Err)
		}
		require.Empty(t, cosmos.Collect(many(t.Context(), books, nil)))
	}
}
