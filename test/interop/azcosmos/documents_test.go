package azcosmos

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/require"
)

func TestBatch(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	_, err := a.ours.CreateItem(t.Context(), []byte(`{"id":"there","pk":"p","n":1}`))
	require.NoError(t, err)

	var changes azcosmos.PatchOperations
	changes.AppendIncrement("/n", 41)
	batch := a.azure.NewTransactionalBatch(azcosmos.NewPartitionKeyString("p"))
	batch.CreateItem([]byte(`{"id":"new","pk":"p"}`), nil)
	batch.PatchItem("there", changes, nil)
	batch.ReadItem("there", nil)
	done, err := a.azure.ExecuteTransactionalBatch(t.Context(), batch, nil)
	require.NoError(t, err)
	require.True(t, done.Success)
	require.EqualValues(t, 42, object(t, done.OperationResults[2].ResourceBody)["n"])
	read, err := a.ours.ReadItem(t.Context(), "there", cosmos.PartitionKey("p"))
	require.NoError(t, err)
	require.EqualValues(t, 42, object(t, read.Body)["n"])

	batch = a.azure.NewTransactionalBatch(azcosmos.NewPartitionKeyString("p"))
	batch.CreateItem([]byte(`{"id":"never","pk":"p"}`), nil)
	batch.DeleteItem("nobody", nil)
	failed, err := a.azure.ExecuteTransactionalBatch(t.Context(), batch, nil)
	require.NoError(t, err)
	require.False(t, failed.Success)
	require.EqualValues(t, http.StatusFailedDependency, failed.OperationResults[0].StatusCode)
	require.EqualValues(t, http.StatusNotFound, failed.OperationResults[1].StatusCode)
	_, err = a.ours.ReadItem(t.Context(), "never", cosmos.PartitionKey("p"))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
}

func TestPatch(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	_, err := a.ours.CreateItem(t.Context(), []byte(`{"id":"1","pk":"p","n":1,"old":true,"list":[1]}`))
	require.NoError(t, err)
	var changes azcosmos.PatchOperations
	changes.AppendAdd("/list/-", 2)
	changes.AppendSet("/new", "x")
	changes.AppendRemove("/old")
	changes.AppendReplace("/n", 7)
	changes.SetCondition("from c where c.n = 1")
	pk := azcosmos.NewPartitionKeyString("p")
	_, err = a.azure.PatchItem(t.Context(), pk, "1", changes, nil)
	require.NoError(t, err)
	read, err := a.ours.ReadItem(t.Context(), "1", cosmos.PartitionKey("p"))
	require.NoError(t, err)
	require.Subset(t, object(t, read.Body), map[string]any{"n": 7.0, "new": "x", "list": []any{1.0, 2.0}})
	require.NotContains(t, object(t, read.Body), "old")
	_, err = a.azure.PatchItem(t.Context(), pk, "1", changes, nil)
	require.Equal(t, http.StatusPreconditionFailed, status(err))
}

// changes reads the feed until nothing is new, and returns the ids and where it stood. A page of azcosmos is of one
// range at a time, so a 304 only says that this range has nothing: it is asked again until each has said so.
func changes(t *testing.T, c *azcosmos.ContainerClient, o azcosmos.ChangeFeedOptions) (ids []string, token string) {
	t.Helper()
	const ranges = 8 // more than there are
	for quiet := 0; quiet < ranges; quiet++ {
		page, err := c.ReadChangeFeed(t.Context(), &o)
		require.NoError(t, err)
		for _, doc := range page.Items {
			ids = append(ids, object(t, doc)["id"].(string))
			quiet = -1
		}
		token = page.ContinuationToken
		o.Continuation = &token
	}
	return ids, token
}

// A partition splits between one read of azcosmos and the next: its change feed, its read-many and its queries go on
// without losing a document or giving one twice.
func TestSplit(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	create := func(from, to int) (ids []string) {
		for i := from; i < to; i++ {
			_, err := a.ours.CreateItem(t.Context(), map[string]any{"id": fmt.Sprint(i), "pk": fmt.Sprint("p", i)})
			require.NoError(t, err)
			ids = append(ids, fmt.Sprint(i))
		}
		return ids
	}
	first := create(0, 60)
	everything := azcosmos.FeedRange{MinInclusive: "", MaxExclusive: "FF"}
	got, token := changes(t, a.azure, azcosmos.ChangeFeedOptions{FeedRange: &everything, MaxItemCount: 7})
	require.ElementsMatch(t, first, got)

	pager := a.azure.NewQueryItemsPager("SELECT VALUE c.id FROM c", azcosmos.NewPartitionKey(),
		&azcosmos.QueryOptions{PageSizeHint: 7})
	page, err := pager.NextPage(t.Context())
	require.NoError(t, err)
	seen := page.Items

	ranges, err := a.server.Ranges("shop", "items")
	require.NoError(t, err)
	for _, r := range ranges[:2] {
		_, err := a.server.Split("shop", "items", r.ID)
		require.NoError(t, err)
	}
	for pager.More() {
		page, err := pager.NextPage(t.Context())
		require.NoError(t, err)
		seen = append(seen, page.Items...)
	}
	var found []string
	for _, item := range seen {
		var id string
		require.NoError(t, json.Unmarshal(item, &id))
		found = append(found, id)
	}
	require.ElementsMatch(t, first, found)

	second := create(60, 90)
	got, _ = changes(t, a.azure, azcosmos.ChangeFeedOptions{Continuation: &token, MaxItemCount: 7})
	require.ElementsMatch(t, second, got)

	var keys []azcosmos.ItemIdentity
	for _, id := range append(first, second...) {
		keys = append(keys, azcosmos.ItemIdentity{ID: id, PartitionKey: azcosmos.NewPartitionKeyString("p" + id)})
	}
	many, err := a.azure.ReadManyItems(t.Context(), keys, nil)
	require.NoError(t, err)
	require.Len(t, many.Items, 90)
}
