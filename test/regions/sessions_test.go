package regions

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// account is an account with regions, and a client that prefers one which does not write.
type account struct {
	srv    *cosmostest.Server
	made   *cosmostest.Container
	client *cosmos.Client
	items  *cosmos.Container
	db     *sql.DB
}

func newAccount(t *testing.T, opts ...cosmostest.Option) *account {
	t.Helper()
	return newAccountOf(t, cosmos.ClientOptions{}, opts...)
}

func newAccountOf(t *testing.T, client cosmos.ClientOptions, opts ...cosmostest.Option) *account {
	t.Helper()
	a := &account{srv: cosmostest.RunT(t,
		append([]cosmostest.Option{cosmostest.Regions("West US", "East US", "North Europe")}, opts...)...)}
	a.made = a.srv.Container("/pk")
	var err error
	client.PreferredRegions = []string{"East US"}
	a.client, err = cosmos.NewClientFromConnectionString(a.srv.ConnectionString(), &client)
	require.NoError(t, err)
	t.Cleanup(func() { a.client.Close() })
	a.items = a.client.Database(a.made.Database).Container(a.made.ID)
	a.db = sql.OpenDB(driver.NewConnector(a.client, driver.Config{Database: a.made.Database, Container: a.made.ID}))
	t.Cleanup(func() { a.db.Close() })
	return a
}

type item struct {
	ID string `json:"id"`
	PK string `json:"pk"`
	N  int    `json:"n"`
}

func (a *account) write(t *testing.T, id string, n int) {
	t.Helper()
	_, err := a.items.UpsertItem(t.Context(), item{id, id, n})
	require.NoError(t, err)
}

// ways are the calls by which a program can see a document.
func (a *account) ways() map[string]func(ctx context.Context, id string) (int, error) {
	return map[string]func(context.Context, string) (int, error){
		"read": func(ctx context.Context, id string) (int, error) {
			it, _, err := cosmos.ReadItem[item](ctx, a.items, id, cosmos.PartitionKey(id))
			return it.N, err
		},
		"query": func(ctx context.Context, id string) (int, error) {
			for it, err := range cosmos.Query[item](ctx, a.items,
				"SELECT * FROM c WHERE c.n >= 0 AND c.id = @p1 AND c.pk = @p1", id) {
				return it.N, err
			}
			return -1, nil
		},
		"query across": func(ctx context.Context, id string) (int, error) {
			n := -1
			for it, err := range cosmos.Query[item](ctx, a.items, "SELECT * FROM c ORDER BY c.n") {
				if err != nil {
					return 0, err
				}
				if it.ID == id {
					n = it.N
				}
			}
			return n, nil
		},
		"read many": func(ctx context.Context, id string) (int, error) {
			n := -1
			keys := []cosmos.ItemKey{cosmos.At(id, id), cosmos.At("none", id)}
			for r := range a.items.ReadMany(ctx, slices.Values(keys)) {
				if errors.Is(r.Err, cosmos.ErrNotFound) {
					continue
				}
				if r.Err != nil {
					return 0, r.Err
				}
				var it item
				if err := json.Unmarshal(r.Body, &it); err != nil {
					return 0, err
				}
				n = it.N
			}
			return n, nil
		},
		"change feed": func(ctx context.Context, id string) (int, error) {
			n := -1
			for feed := a.items.ChangeFeed(); ; {
				page, err := feed.Next(ctx)
				if err == io.EOF {
					return n, nil
				}
				if err != nil {
					return 0, err
				}
				for _, raw := range page.Items {
					var it item
					if err := json.Unmarshal(raw, &it); err != nil {
						return 0, err
					}
					if it.ID == id {
						n = it.N
					}
				}
			}
		},
		"SQL": func(ctx context.Context, id string) (n int, err error) {
			err = a.db.QueryRowContext(ctx, fmt.Sprintf(`SELECT n FROM "%s" WHERE id = @p1`, a.made.ID), id).Scan(&n)
			return n, err
		},
	}
}

// A session sees its own writes from a region that lags far behind, whatever call it looks by: also after splits and
// merges, across failovers, when reads are hedged, and when the circuit breaker avoids a partition.
func TestReadYourWrites(t *testing.T) {
	t.Parallel()
	for _, world := range []struct {
		name  string
		opts  []cosmostest.Option
		event func(t *testing.T, a *account, i int)
	}{
		{"lag", nil, func(*testing.T, *account, int) {}},
		{"splits and merges", nil, func(t *testing.T, a *account, i int) {
			ranges, err := a.srv.Ranges(a.made.Database, a.made.ID)
			require.NoError(t, err)
			if i%20 == 5 {
				_, err = a.srv.Split(a.made.Database, a.made.ID, ranges[i%len(ranges)].ID)
			} else if i%20 == 15 {
				_, err = a.srv.Merge(a.made.Database, a.made.ID, ranges[0].ID, ranges[1].ID)
			}
			require.NoError(t, err)
		}},
		{"the write region moves", nil, func(t *testing.T, a *account, i int) {
			if i%25 == 10 {
				require.NoError(t, a.srv.MoveWriteRegion([]string{"North Europe", "West US"}[i/25%2]))
			}
		}},
		{"several write", []cosmostest.Option{cosmostest.MultiWrite()}, func(*testing.T, *account, int) {}},
		{"a region comes and goes", nil, func(t *testing.T, a *account, i int) {
			switch i % 50 {
			case 10:
				require.NoError(t, a.srv.AddRegion("UK South"))
			case 20:
				require.NoError(t, a.srv.DrainRegion("UK South"))
			case 30:
				require.NoError(t, a.srv.RemoveRegion("UK South"))
			}
		}},
		{"hedged while the write region moves", nil, func(t *testing.T, a *account, i int) {
			if i == 0 { // a read in three is slow in the preferred region, so that others are asked
				n := atomic.Int64{}
				a.srv.Inject(cosmostest.Fault{Delay: 15 * time.Millisecond, Match: func(r cosmostest.Request) bool {
					return r.Region == "East US" && n.Add(1)%3 == 0
				}})
			}
			if i%25 == 10 {
				require.NoError(t, a.srv.MoveWriteRegion([]string{"North Europe", "West US"}[i/25%2]))
			}
		}},
		{"a partition is sick while the write region moves", nil, func(t *testing.T, a *account, i int) {
			if i == 0 {
				a.srv.Inject(cosmostest.Fault{Status: 500, Match: func(r cosmostest.Request) bool {
					sick := r.Range == "0" || r.Operation == cosmostest.Read && r.PartitionKey == `["d0"]`
					return r.Region == "East US" && sick
				}})
			}
			if i%25 == 10 {
				require.NoError(t, a.srv.MoveWriteRegion([]string{"North Europe", "West US"}[i/25%2]))
			}
		}},
	} {
		t.Run(world.name, func(t *testing.T) {
			t.Parallel()
			var client cosmos.ClientOptions
			if strings.HasPrefix(world.name, "hedged") {
				client.HedgeThreshold = 5 * time.Millisecond
			}
			a := newAccountOf(t, client, append(world.opts, cosmostest.ReplicationDelay(time.Hour, 2*time.Hour),
				cosmostest.ReplicationSeed(1))...)
			ways := a.ways()
			seen := map[string]int{}
			for i := range 100 {
				id := fmt.Sprint("d", i%7)
				world.event(t, a, i)
				a.write(t, id, i)
				for name, look := range ways {
					n, err := look(t.Context(), id)
					require.NoError(t, err, "%s, write %d", name, i)
					require.Equal(t, i, n, "%s, write %d", name, i)
					seen[name]++
				}
				if i%10 == 9 {
					a.srv.Advance(90 * time.Minute)
				}
			}
			for name := range ways {
				require.Equal(t, 100, seen[name])
			}
		})
	}
}

// Without a session, a region that lags shows what it has.
func TestEventualReadsShowWhatThereIs(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.write(t, "d", 1)
	require.NoError(t, a.srv.PauseReplication("West US", "East US"))
	a.write(t, "d", 2)
	lag, err := a.srv.ReplicationLag("East US")
	require.NoError(t, err)
	require.Equal(t, 1, lag)
	it, resp, err := cosmos.ReadItem[item](t.Context(), a.items, "d", cosmos.PartitionKey("d"),
		cosmos.Consistency(cosmos.ConsistencyEventual))
	require.NoError(t, err)
	require.Equal(t, []any{1, "East US"}, []any{it.N, resp.Region})
	it, resp, err = cosmos.ReadItem[item](t.Context(), a.items, "d", cosmos.PartitionKey("d"))
	require.NoError(t, err)
	require.Equal(t, []any{2, "West US"}, []any{it.N, resp.Region})
	require.NoError(t, a.srv.ResumeReplication("West US", "East US"))
	it, resp, err = cosmos.ReadItem[item](t.Context(), a.items, "d", cosmos.PartitionKey("d"))
	require.NoError(t, err)
	require.Equal(t, []any{2, "East US"}, []any{it.N, resp.Region})
}

// What a forced failover loses is told, and no session waits for it.
func TestForcedFailover(t *testing.T) {
	t.Parallel()
	a := newAccount(t)
	a.write(t, "d", 1)
	require.NoError(t, a.srv.PauseReplication("West US", ""))
	a.write(t, "d", 2)
	down := a.srv.StopRegion("West US")
	lost, err := a.srv.ForceFailover("East US")
	require.NoError(t, err)
	require.Len(t, lost, 1)
	require.Equal(t, "d", lost[0].Item)
	for name, look := range a.ways() {
		n, err := look(t.Context(), "d")
		require.NoError(t, err, name)
		require.Equal(t, 1, n, name)
	}
	down() // a write to a region that cuts every connection is of unknown outcome, once
	a.write(t, "d", 3)
	for name, look := range a.ways() {
		n, err := look(t.Context(), "d")
		require.NoError(t, err, name)
		require.Equal(t, 3, n, name)
	}
}

// A change feed goes on in another region where several write, each with an order of changes of its own, and misses
// nothing.
func TestChangeFeedMovesToAnotherRegion(t *testing.T) {
	t.Parallel()
	a := newAccount(t, cosmostest.MultiWrite(), cosmostest.ReplicationDelay(time.Second, 3*time.Second),
		cosmostest.ReplicationSeed(7))
	west, err := cosmos.NewClientFromConnectionString(a.srv.ConnectionString(),
		&cosmos.ClientOptions{PreferredRegions: []string{"West US"}})
	require.NoError(t, err)
	t.Cleanup(func() { west.Close() })
	in := map[string]*cosmos.Container{"East US": a.items,
		"West US": west.Database(a.made.Database).Container(a.made.ID)}
	seen, token := map[string]bool{}, ""
	read := func(region string) {
		feed := in[region].ChangeFeed(cosmos.PageSize(2), cosmos.Consistency(cosmos.ConsistencyEventual))
		if token != "" {
			feed = in[region].ChangeFeed(cosmos.PageSize(2), cosmos.Consistency(cosmos.ConsistencyEventual),
				cosmos.Continuation(token))
		}
		page, err := feed.Next(t.Context())
		if err == io.EOF {
			return
		}
		require.NoError(t, err)
		require.Equal(t, region, page.Response.Region)
		for _, raw := range page.Items {
			var it item
			require.NoError(t, json.Unmarshal(raw, &it))
			seen[it.ID] = true
		}
		token, err = feed.Token()
		require.NoError(t, err)
	}
	regions := []string{"East US", "West US"}
	for i := range 60 {
		id := fmt.Sprint(i)
		_, err := in[regions[i%2]].UpsertItem(t.Context(), item{id, id, i})
		require.NoError(t, err)
		a.srv.Advance(400 * time.Millisecond)
		read(regions[i/3%2])
	}
	a.srv.Advance(time.Hour)
	for i := range 100 {
		read(regions[i%2])
	}
	require.Len(t, seen, 60)
}
