package stock

import (
	"database/sql"
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

// start gives a test a server of its own with five bolts and fifty nuts. It takes less than a millisecond.
func start(t *testing.T) (*cosmostest.Server, *sql.DB) {
	srv := cosmostest.RunT(t, cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{{
		ID: "stock", PartitionKey: []string{"/warehouse"}, Properties: map[string]any{"defaultTtl": -1},
		Documents: []any{
			map[string]any{"id": "bolt", "warehouse": "north", "count": 5},
			map[string]any{"id": "nut", "warehouse": "south", "count": 50},
		},
	}}}))
	db, err := sql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	return srv, db
}

// left is how many bolts there are, looked up in the server without a request.
func left(t *testing.T, srv *cosmostest.Server) int {
	docs, err := srv.Documents("shop", "stock")
	require.NoError(t, err)
	for _, doc := range docs {
		var item struct {
			ID    string
			Count int
		}
		require.NoError(t, json.Unmarshal(doc, &item))
		if item.ID == "bolt" {
			return item.Count
		}
	}
	require.Fail(t, "no bolts")
	return 0
}

func TestSell(t *testing.T) {
	t.Parallel()
	srv, db := start(t)
	require.NoError(t, Sell(t.Context(), db, "north", "bolt", 3))
	require.ErrorIs(t, Sell(t.Context(), db, "north", "bolt", 3), ErrSoldOut)
	require.ErrorIs(t, Sell(t.Context(), db, "south", "bolt", 1), ErrSoldOut)
	require.Equal(t, 2, left(t, srv))
}

func TestManySellAtOnce(t *testing.T) {
	t.Parallel()
	srv, db := start(t)
	var sold atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if Sell(t.Context(), db, "north", "bolt", 1) == nil {
				sold.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 5, sold.Load())
	require.Equal(t, 0, left(t, srv))
}

// A server that is short of throughput is asked again by the client: the program does not see it.
func TestThrottled(t *testing.T) {
	t.Parallel()
	srv, db := start(t)
	srv.Fail(cosmostest.Patch, 2, 429, 3200, time.Millisecond)
	require.NoError(t, Sell(t.Context(), db, "north", "bolt", 1))
	require.Equal(t, 3, srv.Count(cosmostest.Patch))
}

// The bolt was taken, and the answer lost: the error must not say that it was not.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	srv, db := start(t)
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Patch), Times: 1, Cut: cosmostest.CutAfter})
	require.ErrorIs(t, Sell(t.Context(), db, "north", "bolt", 1), cosmos.ErrUnknownOutcome)
	require.Equal(t, 4, left(t, srv))
}

// A partition is split while the program runs, as it happens when a container grows.
func TestSplit(t *testing.T) {
	t.Parallel()
	srv, db := start(t)
	for range 2 {
		items, err := Low(t.Context(), db, 100)
		require.NoError(t, err)
		require.Equal(t, []string{"bolt", "nut"}, items)
		ranges, err := srv.Ranges("shop", "stock")
		require.NoError(t, err)
		_, err = srv.Split("shop", "stock", ranges[0].ID)
		require.NoError(t, err)
	}
}

// Time passes when the test says so.
func TestExpiry(t *testing.T) {
	t.Parallel()
	srv, db := start(t)
	client, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	require.NoError(t, Expire(t.Context(), client, "south", "nut", 3600))
	srv.Advance(59 * time.Minute)
	items, err := Low(t.Context(), db, 100)
	require.NoError(t, err)
	require.Len(t, items, 2)
	srv.Advance(2 * time.Minute)
	items, err = Low(t.Context(), db, 100)
	require.NoError(t, err)
	require.Equal(t, []string{"bolt"}, items)
}
