package cosmos_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

// TestIfNoneMatchOfAQuery: a query that is a read of one document has no row while the document is unchanged, in both
// fronts, as an argument and in a context. Any other query cannot carry it out and is refused.
func TestIfNoneMatchOfAQuery(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t).Container("/pk")
	db, err := sql.Open("cosmos", c.DSN())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	client, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	items := client.Database(c.Database).Container(c.ID)
	old, err := items.CreateItem(t.Context(), map[string]any{"id": "1", "pk": "p"})
	require.NoError(t, err)
	text := "SELECT * FROM " + c.ID + " c WHERE c.id = '1' AND c.pk = 'p'"
	count := func(etag string) (n int) {
		option := cosmos.IfNoneMatch(etag)
		in := func(ctx context.Context, args ...any) {
			rows, err := db.QueryContext(ctx, text, args...)
			require.NoError(t, err)
			defer rows.Close()
			for rows.Next() {
				n++
			}
			require.NoError(t, rows.Err())
			for _, err := range cosmos.Query[json.RawMessage](ctx, items, text, args...) {
				require.NoError(t, err)
				n++
			}
		}
		in(t.Context(), option)
		in(cosmos.WithOptions(t.Context(), option))
		return n
	}
	require.Zero(t, count(old.ETag))
	_, err = items.UpsertItem(t.Context(), map[string]any{"id": "1", "pk": "p", "n": 2})
	require.NoError(t, err)
	require.Equal(t, 4, count(old.ETag))

	_, err = db.QueryContext(t.Context(), "SELECT * FROM "+c.ID+" c WHERE c.pk = 'p'", cosmos.IfNoneMatch(old.ETag))
	require.ErrorContains(t, err, "one whole document")
}

// TestChangeFeedOfARecreatedContainer: a feed that has handed out nothing begins again with the container that there is
// now.
func TestChangeFeedOfARecreatedContainer(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t).Container("/pk")
	open := func() *cosmos.Container {
		client := connect(t, c.Server(), nil)
		return client.Database(c.Database).Container(c.ID)
	}
	items, other := open(), open()
	_, err := items.CreateItem(t.Context(), map[string]any{"id": "old", "pk": "p"})
	require.NoError(t, err)
	_, err = other.Delete(t.Context())
	require.NoError(t, err)
	_, err = other.Database().
		CreateContainer(t.Context(), cosmos.ContainerProperties{ID: c.ID, PartitionKey: cosmos.PartitionKeyPaths("/b")})
	require.NoError(t, err)
	_, err = other.CreateItem(t.Context(), map[string]any{"id": "new", "b": "b"})
	require.NoError(t, err)
	n := 0
	for item, err := range items.ChangeFeed().Items(t.Context()) {
		require.NoError(t, err)
		require.Contains(t, string(item), `"new"`)
		n++
	}
	require.Equal(t, 1, n)
}
