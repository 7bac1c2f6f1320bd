package cosmos_test

import (
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// TestLookAtAnAccount: queries over databases and containers, how full a container is, conflicts, of which this one has
// none.
func TestLookAtAnAccount(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t).Container("/pk")
	client := connect(t, c.Server(), nil)
	for _, id := range []string{"one", "other", "two"} {
		_, err := client.CreateDatabase(t.Context(), id)
		require.NoError(t, err)
		_, err = client.Database("one").CreateContainer(t.Context(),
			cosmos.ContainerProperties{ID: id, PartitionKey: cosmos.PartitionKeyPaths("/pk")})
		require.NoError(t, err)
	}
	var found []string
	for d, err := range client.QueryDatabases(t.Context(), "SELECT * FROM d WHERE STARTSWITH(d.id, @prefix)",
		sql.Named("prefix", "o")) {
		require.NoError(t, err)
		found = append(found, d.ID)
	}
	require.ElementsMatch(t, []string{"one", "other"}, found)
	found = nil
	for d, err := range client.Database("one").
		QueryContainers(t.Context(), "SELECT * FROM c WHERE c.id = 'two'", cosmos.PageSize(1)) {
		require.NoError(t, err)
		found = append(found, d.ID)
	}
	require.Equal(t, []string{"two"}, found)
	for _, err := range client.QueryDatabases(t.Context(), "SELECT * FROM d WHERE d.id = @id") {
		require.ErrorContains(t, err, "@id")
	}

	items := client.Database(c.Database).Container(c.ID)
	_, err := items.CreateItem(t.Context(), map[string]any{"id": "1", "pk": "p"})
	require.NoError(t, err)
	u, err := items.ReadUsage(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 1, u.Documents)
	require.Positive(t, u.LimitKB)
	require.Equal(t, 100, u.IndexPercent)

	for range items.Conflicts(t.Context()) {
		require.Fail(t, "a container of one region has no conflicts")
	}
	var doc struct{ N int }
	require.NoError(t, (&cosmos.Conflict{Content: `{"n":7}`}).Decode(&doc))
	require.Equal(t, 7, doc.N)
	require.ErrorContains(t, (&cosmos.Conflict{ID: "x", OperationType: "delete"}).Decode(&doc), "a delete")
}
