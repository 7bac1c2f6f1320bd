package azcosmos

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// A split that goes on with every refusal that it causes, so that each operation meets each of its phases. azcosmos
// repeats those of change feeds and of read-many; everything else ends in one, once for each phase: the hosted gateway
// repeats 410/1007 by itself.
func TestSplitInPhases(t *testing.T) {
	t.Parallel()
	var server atomic.Pointer[cosmostest.Server]
	var moving sync.Mutex // several requests may be refused at once
	a := newAccount(t, cosmostest.Partitions(2), cosmostest.Observe(func(x cosmostest.Exchange) {
		if x.Status != http.StatusGone {
			return
		}
		moving.Lock()
		defer moving.Unlock()
		changes, err := server.Load().RangeChanges(x.Database, x.Container)
		for _, ch := range changes {
			_, err = ch.Advance()
		}
		if err != nil {
			t.Error(err)
		}
	}))
	server.Store(a.server)
	_, err := a.azure.CreateDatabase(t.Context(), azcosmos.DatabaseProperties{ID: "shop"}, nil)
	require.NoError(t, err)
	db, err := a.azure.NewDatabase("shop")
	require.NoError(t, err)

	var ids []string
	var keys []azcosmos.ItemIdentity
	for i := range 20 {
		id := fmt.Sprint(i) // "2" is in the partition that splits
		ids = append(ids, id)
		keys = append(keys, azcosmos.ItemIdentity{ID: id, PartitionKey: azcosmos.NewPartitionKeyString(id)})
	}
	key, doc := azcosmos.NewPartitionKeyString("2"), []byte(`{"id":"2"}`)
	idsOf := func(docs [][]byte) (ids []string) {
		for _, doc := range docs {
			ids = append(ids, object(t, doc)["id"].(string))
		}
		return ids
	}
	query := func(ctx context.Context, c *azcosmos.ContainerClient,
		key azcosmos.PartitionKey) (ids []string, err error) {
		pager := c.NewQueryItemsPager("SELECT * FROM c", key, &azcosmos.QueryOptions{PageSizeHint: 3})
		for pager.More() {
			page, err := pager.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			ids = append(ids, idsOf(page.Items)...)
		}
		return ids, nil
	}
	one := func(r azcosmos.ItemResponse, err error) ([]string, error) {
		if err != nil {
			return nil, err
		}
		return idsOf([][]byte{r.Value}), nil
	}
	for i, test := range []struct {
		name     string
		run      func(t *testing.T, c *azcosmos.ContainerClient) ([]string, error)
		want     []string
		repeated bool
	}{
		{"query", func(t *testing.T, c *azcosmos.ContainerClient) ([]string, error) {
			return query(t.Context(), c, azcosmos.NewPartitionKey())
		}, ids, false},
		{"query of one key", func(t *testing.T, c *azcosmos.ContainerClient) ([]string, error) {
			return query(t.Context(), c, key)
		}, []string{"2"}, false},
		{"change feed", func(t *testing.T, c *azcosmos.ContainerClient) ([]string, error) {
			everything := azcosmos.FeedRange{MinInclusive: "", MaxExclusive: "FF"}
			ids, _ := changes(t, c, azcosmos.ChangeFeedOptions{FeedRange: &everything, MaxItemCount: 3})
			return ids, nil
		}, ids, true},
		{"read-many", func(t *testing.T, c *azcosmos.ContainerClient) ([]string, error) {
			r, err := c.ReadManyItems(t.Context(), keys, nil)
			return idsOf(r.Items), err
		}, ids, true},
		{"read", func(t *testing.T, c *azcosmos.ContainerClient) ([]string, error) {
			return one(c.ReadItem(t.Context(), key, "2", nil))
		}, []string{"2"}, false},
		{"write", func(t *testing.T, c *azcosmos.ContainerClient) ([]string, error) {
			return one(c.UpsertItem(t.Context(), key, doc, nil))
		}, []string{"2"}, false},
		{"batch", func(t *testing.T, c *azcosmos.ContainerClient) ([]string, error) {
			batch := c.NewTransactionalBatch(key)
			batch.UpsertItem(doc, nil)
			r, err := c.ExecuteTransactionalBatch(t.Context(), batch, nil)
			if err != nil {
				return nil, err
			}
			return idsOf([][]byte{r.OperationResults[0].ResourceBody}), nil
		}, []string{"2"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			id := fmt.Sprint("items", i)
			_, err := db.CreateContainer(t.Context(), azcosmos.ContainerProperties{ID: id,
				PartitionKeyDefinition: azcosmos.PartitionKeyDefinition{Paths: []string{"/id"}, Version: 2}}, nil)
			require.NoError(t, err)
			c, err := db.NewContainer(id)
			require.NoError(t, err)
			for _, id := range ids {
				_, err := c.CreateItem(t.Context(), azcosmos.NewPartitionKeyString(id), []byte(`{"id":"`+id+`"}`), nil)
				require.NoError(t, err)
			}
			change, err := a.server.BeginSplit("shop", id, "0", "")
			require.NoError(t, err)
			got, err := test.run(t, c)
			require.NoError(t, err, "while the partition is copied")
			require.ElementsMatch(t, test.want, got)
			_, err = change.Advance()
			require.NoError(t, err)

			var refusals []int
			for got = nil; got == nil && len(refusals) < 3; {
				if got, err = test.run(t, c); err != nil {
					refusals, got = append(refusals, status(err)), nil
				}
			}
			if test.repeated {
				require.Empty(t, refusals)
			} else {
				require.Equal(t, slices.Repeat([]int{http.StatusGone}, 2), refusals)
			}
			require.ElementsMatch(t, test.want, got)
			require.Equal(t, cosmostest.Done, change.Phase())
		})
	}
}
