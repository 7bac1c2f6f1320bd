package cosmos_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

func TestReadMany(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ctx := t.Context()
	list := manyBooks(300)
	for r := range books.CreateMany(ctx, cosmos.Each(list)) {
		require.NoError(t, r.Err)
	}
	var keys []cosmos.ItemKey
	for _, b := range list {
		keys = append(keys, cosmos.At(b.ID, b.Author))
	}
	keys[7].ID = "none"
	before := srv.Count(cosmostest.Bulk)
	results := cosmos.Collect(books.ReadMany(ctx, slices.Values(keys)))
	require.Len(t, results, 300)
	for i, r := range results {
		if i == 7 {
			require.ErrorIs(t, r.Err, cosmos.ErrNotFound)
			continue
		}
		require.NoError(t, r.Err)
		require.Contains(t, string(r.Body), fmt.Sprintf(`"id":%q`, list[i].ID))
	}
	require.LessOrEqual(t, srv.Count(cosmostest.Bulk)-before, 10)
}

func TestDeletePartition(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx := t.Context()
	put(t, books, book{ID: "1", Author: "Ann"}, book{ID: "2", Author: "Ann"}, book{ID: "1", Author: "Bob"})
	_, err := books.DeletePartition(ctx)
	require.ErrorContains(t, err, "needs the option PartitionKey")
	_, err = books.DeletePartition(ctx, cosmos.PartitionKey("Ann"))
	require.NoError(t, err)
	require.Equal(t, map[string]int{"1": 1}, stored(t, books))
	_, err = books.Database().Container("a/b").DeletePartition(ctx, cosmos.PartitionKey("Ann"))
	require.ErrorContains(t, err, "container id")
}

func TestUsersAndPermissions(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ctx := t.Context()
	put(t, books, book{ID: "1", Author: "Ann"}, book{ID: "1", Author: "Bob"})
	users := books.Database().Users()
	u, err := users.Create(ctx, cosmos.User{ID: "reader"})
	require.NoError(t, err)
	require.NotEmpty(t, u.ETag)
	for u, err := range users.List(ctx) {
		require.NoError(t, err)
		require.Equal(t, "reader", u.ID)
	}
	permissions := books.Database().Permissions("reader")
	p, err := permissions.Create(ctx, cosmos.Permission{ID: "read", Mode: "Read", Resource: books.Link()},
		cosmos.TokenLife(time.Hour))
	require.NoError(t, err)
	require.NotEmpty(t, p.Token)
	mine, err := permissions.Create(ctx,
		cosmos.Permission{ID: "ann", Mode: "All", Resource: books.Link() + "/docs/1", PartitionKey: []any{"Ann"}})
	require.NoError(t, err)
	require.Equal(t, []any{"Ann"}, mine.PartitionKey)
	again, err := permissions.Read(ctx, "read")
	require.NoError(t, err)
	require.Equal(t, cosmos.PermissionRead, again.Mode)

	client, err := cosmos.NewClient(srv.Endpoint(), cosmos.ResourceToken(p.Token),
		&cosmos.ClientOptions{PreferredRegions: []string{"West US"}})
	require.NoError(t, err)
	defer client.Close()
	limited := client.Database("library").Container("books")
	_, err = limited.ReadItem(ctx, "1", cosmos.PartitionKey("Ann"))
	require.NoError(t, err)
	_, err = limited.CreateItem(ctx, book{ID: "2", Author: "Ann"})
	require.ErrorIs(t, err, cosmos.ErrForbidden)

	p.Mode = "All"
	p, err = permissions.Replace(ctx, *p)
	require.NoError(t, err)
	require.Equal(t, cosmos.PermissionAll, p.Mode)
	_, err = permissions.Delete(ctx, "read")
	require.NoError(t, err)
	_, err = permissions.Read(ctx, "read")
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	_, err = users.Delete(ctx, "reader")
	require.NoError(t, err)

	_, err = users.Create(ctx, cosmos.User{ID: "a/b"})
	require.ErrorContains(t, err, `user id "a/b"`)
	_, err = books.Database().Permissions("").Read(ctx, "x")
	require.ErrorContains(t, err, "user id is empty")
	_, err = permissions.Create(ctx, cosmos.Permission{ID: "x"}, cosmos.TokenLife(1))
	require.ErrorContains(t, err, "too short")
}

func TestScripts(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx := t.Context()
	procedures := books.StoredProcedures()
	_, err := procedures.Create(ctx,
		cosmos.StoredProcedure{ID: "hello", Body: "function () { getContext().getResponse().setBody(1) }"})
	require.NoError(t, err)
	p, err := procedures.Read(ctx, "hello")
	require.NoError(t, err)
	p.Body = "function () {}"
	p, err = procedures.Replace(ctx, *p)
	require.NoError(t, err)
	require.Equal(t, "function () {}", p.Body)
	_, err = books.ExecuteStoredProcedure(ctx, "hello", []any{1, "a"}, cosmos.PartitionKey("Ann"))
	require.Error(t, err, "the server runs no JavaScript, and says so")
	_, err = books.ExecuteStoredProcedure(ctx, "hello", []any{make(chan int)}, cosmos.PartitionKey("Ann"))
	require.ErrorContains(t, err, `argument 0 of procedure "hello"`)
	_, err = books.ExecuteStoredProcedure(ctx, "hello", nil)
	require.ErrorContains(t, err, "needs the option PartitionKey")
	_, err = procedures.Delete(ctx, "hello")
	require.NoError(t, err)
	_, err = books.Triggers().
		Create(ctx, cosmos.Trigger{ID: "t", Body: "function () {}", Type: "Pre", Operation: "All"})
	require.NoError(t, err)
	for trigger, err := range books.Triggers().List(ctx) {
		require.NoError(t, err)
		require.Equal(t, cosmos.TriggerPre, trigger.Type)
	}
	_, err = books.UserDefinedFunctions().
		Create(ctx, cosmos.UserDefinedFunction{ID: "f", Body: "function f(x) { return x }"})
	require.NoError(t, err)
	f, err := books.UserDefinedFunctions().Read(ctx, "f")
	require.NoError(t, err)
	require.Contains(t, f.Body, "return x")
}

func TestConflictingWritersRetry(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx := t.Context()
	put(t, books, book{ID: "1", Author: "Ann"})
	// Optimistic concurrency: nobody's increment is lost.
	key := cosmos.PartitionKey("Ann")
	for range 3 {
		resp, err := books.ReadItem(ctx, "1", key)
		require.NoError(t, err)
		var b book
		require.NoError(t, resp.Decode(&b))
		b.Pages++
		_, err = books.ReplaceItem(ctx, b.ID, b, cosmos.IfMatch(resp.ETag))
		require.NoError(t, err)
	}
	resp, err := books.ReadItem(ctx, "1", key)
	require.NoError(t, err)
	require.Contains(t, string(resp.Body), `"pages":3`)
}
