package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

type book struct {
	ID     string   `json:"id"`
	Shelf  string   `json:"shelf"`
	Title  string   `json:"title"`
	Pages  int64    `json:"pages"`
	Price  float64  `json:"price"`
	Tags   []string `json:"tags,omitempty"`
	Lender *string  `json:"lender"`
}

func library(t *testing.T) *cosmos.Container {
	return newContainer(t, cosmos.ContainerProperties{PartitionKey: cosmos.PartitionKeyPaths("/shelf")})
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	c := library(t)
	b := book{ID: "1", Shelf: "a", Title: "Žluťoučký kůň \u2028 <&>", Pages: 1<<53 - 1, Price: 0.1, Tags: []string{"x"}}
	key := cosmos.PartitionKey("a")

	created, err := c.CreateItem(t.Context(), b)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, created.StatusCode)
	require.Positive(t, created.RequestCharge)
	_, err = c.CreateItem(t.Context(), b)
	require.ErrorIs(t, err, cosmos.ErrConflict)

	read, err := c.ReadItem(t.Context(), "1", key)
	require.NoError(t, err)
	var got book
	require.NoError(t, read.Decode(&got))
	require.Equal(t, b, got)
	same, err := c.ReadItem(t.Context(), "1", key, cosmos.IfNoneMatch(read.ETag))
	require.NoError(t, err)
	require.Equal(t, http.StatusNotModified, same.StatusCode)

	b.Price = 0.2
	replaced, err := c.ReplaceItem(t.Context(), "1", b, cosmos.IfMatch(read.ETag))
	require.NoError(t, err)
	_, err = c.ReplaceItem(t.Context(), "1", b, cosmos.IfMatch(read.ETag))
	require.ErrorIs(t, err, cosmos.ErrPreconditionFailed)
	_, err = c.UpsertItem(t.Context(), b, cosmos.IfMatch(replaced.ETag))
	require.NoError(t, err)

	_, err = c.DeleteItem(t.Context(), "1", key)
	require.NoError(t, err)
	for name, err := range map[string]error{
		"read":    second(c.ReadItem(t.Context(), "1", key)),
		"replace": second(c.ReplaceItem(t.Context(), "1", b)),
		"delete":  second(c.DeleteItem(t.Context(), "1", key)),
	} {
		require.ErrorIs(t, err, cosmos.ErrNotFound, name)
	}
}

func second(_ *cosmos.Response, err error) error { return err }

func TestPatch(t *testing.T) {
	t.Parallel()
	c := library(t)
	_, err := c.CreateItem(t.Context(), book{ID: "1", Shelf: "a", Pages: 10, Tags: []string{"new"}})
	require.NoError(t, err)
	changes := []cosmos.PatchOperation{
		cosmos.PatchIncrement("/pages", 5), cosmos.PatchAdd("/tags/-", "lent"), cosmos.PatchSet("/lender", "Ada"),
		cosmos.PatchRemove("/price"),
	}
	patched, err := c.PatchItem(t.Context(), "1", changes, cosmos.PartitionKey("a"),
		cosmos.PatchCondition("from b where is_null(b.lender)"))
	require.NoError(t, err)
	var got book
	require.NoError(t, patched.Decode(&got))
	ada := "Ada"
	require.Equal(t, book{ID: "1", Shelf: "a", Pages: 15, Tags: []string{"new", "lent"}, Lender: &ada}, got)
	_, err = c.PatchItem(t.Context(), "1", changes, cosmos.PartitionKey("a"),
		cosmos.PatchCondition("from b where is_null(b.lender)"))
	require.ErrorIs(t, err, cosmos.ErrPreconditionFailed)
}

func TestBatch(t *testing.T) {
	t.Parallel()
	c := library(t)
	done, err := c.TransactionalBatch(t.Context(), []cosmos.Operation{
		cosmos.OpCreate(book{ID: "1", Shelf: "a"}), cosmos.OpCreate(book{ID: "2", Shelf: "a"}),
		cosmos.OpPatch("1", []cosmos.PatchOperation{cosmos.PatchSet("/title", "one")}), cosmos.OpDelete("2"),
	})
	require.NoError(t, err)
	require.Len(t, done.Results, 4)

	_, err = c.TransactionalBatch(t.Context(),
		[]cosmos.Operation{cosmos.OpCreate(book{ID: "3", Shelf: "a"}), cosmos.OpCreate(book{ID: "1", Shelf: "a"})})
	require.ErrorIs(t, err, cosmos.ErrConflict)
	var failed *cosmos.BatchError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 1, failed.Index)
	_, err = c.ReadItem(t.Context(), "3", cosmos.PartitionKey("a"))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
}

func TestMany(t *testing.T) {
	t.Parallel()
	c := library(t)
	var books []book
	var keys []cosmos.ItemKey
	for i := range 300 {
		books = append(books, book{ID: fmt.Sprint(i), Shelf: fmt.Sprint("s", i%17), Pages: int64(i)})
		keys = append(keys, cosmos.At(fmt.Sprint(i), fmt.Sprint("s", i%17)))
	}
	for i, r := range cosmos.Collect(c.CreateMany(t.Context(), cosmos.Each(books))) {
		require.NoError(t, r.Err)
		require.Equal(t, i, r.Index)
	}
	keys = append(keys, cosmos.At("nobody", "s1"))
	for i, r := range cosmos.Collect(c.ReadMany(t.Context(), slices.Values(keys))) {
		if i == 300 {
			require.ErrorIs(t, r.Err, cosmos.ErrNotFound)
			continue
		}
		require.NoError(t, r.Err)
		var got book
		require.NoError(t, json.Unmarshal(r.Body, &got))
		require.Equal(t, books[i], got)
	}
	n := 0
	for _, err := range c.Items(t.Context(), cosmos.PageSize(40)) {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 300, n)
	for _, r := range cosmos.Collect(c.DeleteMany(t.Context(), slices.Values(keys[:100]))) {
		require.NoError(t, r.Err)
	}
	for n, err := range cosmos.Query[int](t.Context(), c, "SELECT VALUE COUNT(1) FROM c") {
		require.NoError(t, err)
		require.Equal(t, 200, n)
	}
}

func TestChangeFeed(t *testing.T) {
	t.Parallel()
	c := library(t)
	ids := func(f *cosmos.ChangeFeed) []string {
		all := []string{}
		for doc, err := range f.Items(t.Context()) {
			require.NoError(t, err)
			var b book
			require.NoError(t, json.Unmarshal(doc, &b))
			all = append(all, b.ID)
		}
		return all
	}
	for i := range 20 {
		_, err := c.CreateItem(t.Context(), book{ID: fmt.Sprint(i), Shelf: fmt.Sprint("s", i%4)})
		require.NoError(t, err)
	}
	_, err := c.UpsertItem(t.Context(), book{ID: "1", Shelf: "s1", Pages: 1})
	require.NoError(t, err)

	feed := c.ChangeFeed(cosmos.PageSize(3))
	require.Len(t, ids(feed), 20)
	token, err := feed.Token()
	require.NoError(t, err)
	_, err = c.CreateItem(t.Context(), book{ID: "later", Shelf: "s3"})
	require.NoError(t, err)
	require.Equal(t, []string{"later"}, ids(c.ChangeFeed(cosmos.Continuation(token))))
	require.Equal(t, []string{"5", "9", "13", "17", "1"}, ids(c.ChangeFeed(cosmos.PartitionKey("s1"))))
}

func TestHierarchicalKeys(t *testing.T) {
	t.Parallel()
	c := newContainer(t, cosmos.ContainerProperties{PartitionKey: cosmos.PartitionKeyPaths("/tenant", "/user")})
	for _, doc := range []string{`{"id":"1","tenant":"t","user":1}`, `{"id":"2","tenant":"t","user":2}`,
		`{"id":"3","tenant":"u","user":1}`} {
		_, err := c.CreateItem(t.Context(), json.RawMessage(doc))
		require.NoError(t, err)
	}
	_, err := c.ReadItem(t.Context(), "2", cosmos.PartitionKey("t", 2))
	require.NoError(t, err)
	db := openDB(t, c)
	require.ElementsMatch(t, []string{"1", "2"}, column[string](t, db, "SELECT c.id FROM c", cosmos.PartitionKey("t")))
	require.ElementsMatch(t, []string{"1", "3"}, column[string](t, db, "SELECT c.id FROM c WHERE c.user = 1"))
}

func TestUniqueKeys(t *testing.T) {
	t.Parallel()
	c := newContainer(t, cosmos.ContainerProperties{PartitionKey: cosmos.PartitionKeyPaths("/shelf"),
		UniqueKeyPolicy: &cosmos.UniqueKeyPolicy{UniqueKeys: []cosmos.UniqueKey{{Paths: []string{"/title"}}}}})
	_, err := c.CreateItem(t.Context(), book{ID: "1", Shelf: "a", Title: "T"})
	require.NoError(t, err)
	_, err = c.CreateItem(t.Context(), book{ID: "2", Shelf: "a", Title: "T"})
	require.ErrorIs(t, err, cosmos.ErrConflict)
	_, err = c.CreateItem(t.Context(), book{ID: "2", Shelf: "b", Title: "T"})
	require.NoError(t, err)
}
