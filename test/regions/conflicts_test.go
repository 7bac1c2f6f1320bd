package regions

import (
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// A container whose policy leaves conflicts to its users has them in its feed of conflicts, until they are deleted.
func TestConflicts(t *testing.T) {
	t.Parallel()
	a := newAccount(t, cosmostest.MultiWrite())
	items := a.client.Database(a.made.Database).Container("custom")
	_, err := a.client.Database(a.made.Database).CreateContainer(t.Context(), cosmos.ContainerProperties{
		ID: "custom", PartitionKey: cosmos.PartitionKeyDefinition{Paths: []string{"/pk"}},
		ConflictResolutionPolicy: &cosmos.ConflictResolutionPolicy{Mode: "Custom"},
	})
	require.NoError(t, err)
	west, err := cosmos.NewClientFromConnectionString(a.srv.ConnectionString(),
		&cosmos.ClientOptions{PreferredRegions: []string{"West US"}})
	require.NoError(t, err)
	t.Cleanup(func() { west.Close() })
	require.NoError(t, a.srv.PauseReplication("", ""))
	_, err = west.Database(a.made.Database).Container("custom").CreateItem(t.Context(), item{"d", "ann", 1})
	require.NoError(t, err)
	_, err = items.CreateItem(t.Context(), item{"d", "ann", 2})
	require.NoError(t, err)
	require.NoError(t, a.srv.ResumeReplication("", ""))
	it, _, err := cosmos.ReadItem[item](t.Context(), items, "d", cosmos.PartitionKey("ann"))
	require.NoError(t, err)
	require.Equal(t, 1, it.N, "the write region's stays")
	list := func() (all []*cosmos.Conflict) {
		for x, err := range items.Conflicts(t.Context()) {
			require.NoError(t, err)
			all = append(all, x)
		}
		return all
	}
	all := list()
	require.Len(t, all, 1)
	var lost item
	require.NoError(t, all[0].Decode(&lost))
	require.Equal(t, []any{item{"d", "ann", 2}, "create", "document"},
		[]any{lost, all[0].OperationType, all[0].ResourceType})
	_, err = items.DeleteConflict(t.Context(), all[0].ID, cosmos.PartitionKey("ann"))
	require.NoError(t, err)
	require.Empty(t, list())
	_, err = items.DeleteConflict(t.Context(), all[0].ID, cosmos.PartitionKey("ann"))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
}
