package regions

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

// inPhases is a container whose ranges change while a call runs: each phase ends when the call has met it twice.
type inPhases struct {
	srv    *cosmostest.Server
	made   *cosmostest.Container
	items  *cosmos.Container
	db     *sql.DB
	mu     sync.Mutex
	change *cosmostest.RangeChange
	met    map[string]int // answers, by phase and substatus
	met410 int            // in this phase
}

const phasedItems = 40

func newInPhases(t *testing.T) *inPhases {
	p := &inPhases{met: map[string]int{}}
	p.srv = cosmostest.RunT(t, cosmostest.Partitions(2), cosmostest.Observe(p.observe))
	p.made = p.srv.Container("/pk")
	client, err := cosmos.NewClientFromConnectionString(p.srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	p.items = client.Database(p.made.Database).Container(p.made.ID)
	p.db = sql.OpenDB(driver.NewConnector(client, driver.Config{Database: p.made.Database, Container: p.made.ID}))
	t.Cleanup(func() { p.db.Close() })
	for r := range p.items.UpsertMany(t.Context(), phasedSeed()) {
		require.NoError(t, r.Err)
	}
	return p
}

func phasedSeed() func(yield func(any) bool) {
	return func(yield func(any) bool) {
		for i := range phasedItems {
			if !yield(item{fmt.Sprint(i), fmt.Sprint(i), i}) {
				return
			}
		}
	}
}

// phasedCall calls begin where the change is to begin; id is a document in the range that changes.
type phasedCall func(t *testing.T, ctx context.Context, p *inPhases, id string, begin func())

// begin begins a change and moves it to the phase in which the old ranges do not serve.
func (p *inPhases) begin(t *testing.T, kind string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	ranges, err := p.srv.Ranges(p.made.Database, p.made.ID)
	require.NoError(t, err)
	if kind == "merge" {
		p.change, err = p.srv.BeginMerge(p.made.Database, p.made.ID, ranges[0].ID, ranges[1].ID)
	} else {
		p.change, err = p.srv.BeginSplit(p.made.Database, p.made.ID, ranges[0].ID, "")
	}
	require.NoError(t, err)
	_, err = p.change.Advance()
	require.NoError(t, err)
}

func (p *inPhases) observe(x cosmostest.Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.change == nil || x.Status != 410 || p.change.Phase() == cosmostest.Done {
		return
	}
	p.met[fmt.Sprint(p.change.Phase(), " ", x.SubStatus)]++
	if p.met410++; p.met410 == 2 {
		p.met410 = 0
		if _, err := p.change.Advance(); err != nil {
			panic(err) // nothing else moves it
		}
	}
}

// low is an id whose key is in the first range of two.
func (p *inPhases) low(t *testing.T) string {
	t.Helper()
	ranges, err := p.srv.Ranges(p.made.Database, p.made.ID)
	require.NoError(t, err)
	for i := range phasedItems {
		key, err := p.srv.EffectivePartitionKey(p.made.Database, p.made.ID, fmt.Sprint(i))
		require.NoError(t, err)
		if key < ranges[0].Max {
			return fmt.Sprint(i)
		}
	}
	t.Fatal("no document is in the first range")
	return ""
}

func (p *inPhases) values(t *testing.T) map[string]int {
	raw, err := p.srv.Documents(p.made.Database, p.made.ID)
	require.NoError(t, err)
	out := map[string]int{}
	for _, r := range raw {
		var it item
		require.NoError(t, json.Unmarshal(r, &it))
		out[it.ID] = it.N
	}
	require.Len(t, out, len(raw), "no id twice")
	return out
}

// Every call ends as if nothing had happened while the ranges that it asks are split or merged under it, however long
// they do not serve.
func TestCallsWhileRangesChange(t *testing.T) {
	t.Parallel()
	all := func(t *testing.T, ns []int) {
		slices.Sort(ns)
		require.Len(t, ns, phasedItems)
		require.Len(t, slices.Compact(ns), phasedItems)
	}
	pages := func(query string, args ...any) phasedCall {
		return func(t *testing.T, ctx context.Context, p *inPhases, _ string, begin func()) {
			var ns []int
			for pager := p.items.NewPager(query, append(args, cosmos.PageSize(7))...); ; begin() {
				page, err := pager.Next(ctx)
				if err == io.EOF {
					break
				}
				require.NoError(t, err)
				for _, raw := range page.Items {
					var it item
					require.NoError(t, json.Unmarshal(raw, &it))
					ns = append(ns, it.N)
				}
			}
			all(t, ns)
		}
	}
	write := func(want int, f func(ctx context.Context, p *inPhases, id string) error) phasedCall {
		return func(t *testing.T, ctx context.Context, p *inPhases, id string, begin func()) {
			begin()
			require.NoError(t, f(ctx, p, id))
			n, there := p.values(t)[id]
			require.Equal(t, want >= 0, there)
			if there {
				require.Equal(t, want, n)
			}
		}
	}
	many := func(f func(p *inPhases, ctx context.Context) func(func(cosmos.BulkResult) bool), want int) phasedCall {
		return func(t *testing.T, ctx context.Context, p *inPhases, _ string, begin func()) {
			begin()
			n := 0
			for r := range f(p, ctx) {
				require.NoError(t, r.Err)
				n++
			}
			require.Equal(t, phasedItems, n)
			require.Len(t, p.values(t), want)
		}
	}
	keys := func(yield func(cosmos.ItemKey) bool) {
		for i := range phasedItems {
			if !yield(cosmos.At(fmt.Sprint(i), fmt.Sprint(i))) {
				return
			}
		}
	}
	calls := map[string]phasedCall{
		"read": func(t *testing.T, ctx context.Context, p *inPhases, id string, begin func()) {
			begin()
			it, _, err := cosmos.ReadItem[item](ctx, p.items, id, cosmos.PartitionKey(id))
			require.NoError(t, err)
			require.Equal(t, id, it.ID)
		},
		"query": pages("SELECT * FROM c WHERE c.n >= 0"), "query in order": pages("SELECT * FROM c ORDER BY c.n DESC"),
		"query distinct": pages("SELECT DISTINCT c.n FROM c"),
		"query of a key": func(t *testing.T, ctx context.Context, p *inPhases, id string, begin func()) {
			begin()
			n := 0
			for it, err := range cosmos.Query[item](ctx, p.items, "SELECT * FROM c WHERE c.n >= 0",
				cosmos.PartitionKey(id)) {
				require.NoError(t, err)
				require.Equal(t, id, it.ID)
				n++
			}
			require.Equal(t, 1, n)
		},
		"list": func(t *testing.T, ctx context.Context, p *inPhases, _ string, begin func()) {
			var ns []int
			for raw, err := range p.items.Items(ctx, cosmos.PageSize(7)) {
				require.NoError(t, err)
				var it item
				require.NoError(t, json.Unmarshal(raw, &it))
				ns = append(ns, it.N)
				begin()
			}
			all(t, ns)
		},
		"change feed": func(t *testing.T, ctx context.Context, p *inPhases, _ string, begin func()) {
			seen := map[int]bool{} // after a merge a feed may show a change twice
			for raw, err := range p.items.ChangeFeed(cosmos.PageSize(7)).Items(ctx) {
				require.NoError(t, err)
				var it item
				require.NoError(t, json.Unmarshal(raw, &it))
				seen[it.N] = true
				begin()
			}
			require.Len(t, seen, phasedItems)
		},
		"create": func(t *testing.T, ctx context.Context, p *inPhases, id string, begin func()) {
			begin()
			_, err := p.items.CreateItem(ctx, item{"new", id, 7})
			require.NoError(t, err)
			require.Equal(t, 7, p.values(t)["new"])
		},
		"upsert": write(7, func(ctx context.Context, p *inPhases, id string) error {
			_, err := p.items.UpsertItem(ctx, item{id, id, 7})
			return err
		}),
		"replace": write(7, func(ctx context.Context, p *inPhases, id string) error {
			_, err := p.items.ReplaceItem(ctx, id, item{id, id, 7})
			return err
		}),
		"patch": write(1007, func(ctx context.Context, p *inPhases, id string) error {
			var n int
			if _, err := fmt.Sscan(id, &n); err != nil {
				return err
			}
			_, err := p.items.PatchItem(ctx, id, []cosmos.PatchOperation{cosmos.PatchIncrement("/n", 1007-n)},
				cosmos.PartitionKey(id))
			return err
		}),
		"delete": write(-1, func(ctx context.Context, p *inPhases, id string) error {
			_, err := p.items.DeleteItem(ctx, id, cosmos.PartitionKey(id))
			return err
		}),
		"batch": write(8, func(ctx context.Context, p *inPhases, id string) error {
			_, err := p.items.TransactionalBatch(ctx, []cosmos.Operation{
				cosmos.OpUpsert(item{id, id, 7}), cosmos.OpUpsert(item{id, id, 8}),
			})
			return err
		}),
		"bulk of upserts": many(func(p *inPhases, ctx context.Context) func(func(cosmos.BulkResult) bool) {
			return p.items.UpsertMany(ctx, phasedSeed())
		}, phasedItems),
		"bulk of deletes": many(func(p *inPhases, ctx context.Context) func(func(cosmos.BulkResult) bool) {
			return p.items.DeleteMany(ctx, keys)
		}, 0),
		"read many": many(func(p *inPhases, ctx context.Context) func(func(cosmos.BulkResult) bool) {
			return p.items.ReadMany(ctx, keys)
		}, phasedItems),
		"SQL SELECT": func(t *testing.T, ctx context.Context, p *inPhases, _ string, begin func()) {
			rows, err := p.db.QueryContext(ctx, fmt.Sprintf(`SELECT n FROM %q ORDER BY n`, p.made.ID),
				cosmos.PageSize(7))
			require.NoError(t, err)
			defer rows.Close()
			var ns []int
			for rows.Next() {
				var n int
				require.NoError(t, rows.Scan(&n))
				ns = append(ns, n)
				begin()
			}
			require.NoError(t, rows.Err())
			all(t, ns)
		},
		"SQL INSERT": write(7, func(ctx context.Context, p *inPhases, id string) error {
			_, err := p.db.ExecContext(ctx,
				fmt.Sprintf(`UPSERT INTO %q (id, pk, n) VALUES (@p1, @p1, 7)`, p.made.ID), id)
			return err
		}),
		"SQL UPDATE": write(7, func(ctx context.Context, p *inPhases, id string) error {
			res, err := p.db.ExecContext(ctx, fmt.Sprintf(`UPDATE %q SET n = 7 WHERE n >= 0`, p.made.ID))
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); n != phasedItems || err != nil {
				return fmt.Errorf("%d rows: %w", n, err)
			}
			return nil
		}),
		"SQL DELETE": write(-1, func(ctx context.Context, p *inPhases, id string) error {
			_, err := p.db.ExecContext(ctx, fmt.Sprintf(`DELETE FROM %q WHERE id = @p1 AND pk = @p1`, p.made.ID), id)
			return err
		}),
		"SQL transaction": write(9, func(ctx context.Context, p *inPhases, id string) error {
			tx, err := p.db.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			defer tx.Rollback()
			for n := range 10 {
				if _, err := tx.ExecContext(ctx,
					fmt.Sprintf(`UPSERT INTO %q (id, pk, n) VALUES (@p1, @p1, @p2)`, p.made.ID), id, n); err != nil {
					return err
				}
			}
			return tx.Commit()
		}),
	}
	for _, kind := range []string{"split", "merge"} {
		for name, call := range calls {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				p := newInPhases(t)
				id := p.low(t)
				begin := sync.OnceFunc(func() { p.begin(t, kind) })
				call(t, t.Context(), p, id, begin)
				p.mu.Lock()
				defer p.mu.Unlock()
				require.Equal(t, cosmostest.Done, p.change.Phase(), p.met)
				require.Positive(t, p.met["preparing 1007"])
				require.Positive(t, p.met["swapping 1007"]+p.met["swapping 1002"])
			})
		}
	}
}
