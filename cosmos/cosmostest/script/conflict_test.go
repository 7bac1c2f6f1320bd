package script_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

// cart is a document that two regions change.
type cart struct {
	ID     string `json:"id"`
	PK     string `json:"pk"`
	Items  int    `json:"items"`
	Merged string `json:"merged,omitempty"`
}

// merge adds up what the regions have, and notes what it was given.
const merge = `function merge(incomingItem, existingItem, isTombstone, conflictingItems) {
	var c = getContext().getCollection(), fail = function (err) { if (err) throw err; };
	if (!incomingItem) return existingItem && c.deleteDocument(existingItem._self, {}, fail);
	if (isTombstone) return;
	var all = conflictingItems.concat(existingItem || []);
	var seen = c.queryDocuments(c.getSelfLink(), "SELECT VALUE udf.twice(COUNT(1)) FROM c", {}, function (err, rows) {
		fail(err);
		incomingItem.merged = [existingItem ? "existing" : "", conflictingItems.length, rows[0]].join("/");
		all.forEach(function (d) { incomingItem.items += d.items; });
		if (existingItem) return c.replaceDocument(existingItem._self, incomingItem, fail);
		all.forEach(function (d) { c.deleteDocument(d._self, {}, fail); });
		c.createDocument(c.getSelfLink(), incomingItem, fail);
	});
	if (!seen) throw new Error("not accepted");
}`

// twoRegions is a server of two regions that both write, and the container carts as either sees it, whose policy names
// a procedure.
func twoRegions(t *testing.T, procedure string, options ...cosmostest.Option) (
	srv *cosmostest.Server, carts []*cosmos.Container,
) {
	t.Helper()
	regions := []string{"West US", "East US"}
	srv = cosmostest.RunT(t, append(options, cosmostest.Regions(regions...), cosmostest.MultiWrite())...)
	for _, region := range regions {
		client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(),
			&cosmos.ClientOptions{PreferredRegions: []string{region}})
		require.NoError(t, err)
		t.Cleanup(func() { client.Close() })
		carts = append(carts, client.Database("shop").Container("carts"))
	}
	client := carts[0].Database().Client()
	_, err := client.CreateDatabase(t.Context(), "shop")
	require.NoError(t, err)
	_, err = client.Database("shop").CreateContainer(t.Context(), cosmos.ContainerProperties{
		ID: "carts", PartitionKey: cosmos.PartitionKeyDefinition{Paths: []string{"/pk"}},
		ConflictResolutionPolicy: &cosmos.ConflictResolutionPolicy{Mode: "Custom", Procedure: procedure},
	})
	require.NoError(t, err)
	return srv, carts
}

// A container whose policy names a stored procedure has it decide conflicts; what it cannot decide is in the feed.
func TestConflictProcedure(t *testing.T) {
	t.Parallel()
	const path = "dbs/shop/colls/carts/sprocs/merge"
	decided := cart{"1", "ann", 5, "/1/2"}
	for name, test := range map[string]struct {
		options         []cosmostest.Option
		procedure, body string
		want            cart
		feed            int
	}{
		"by path": {[]cosmostest.Option{script.JavaScript()}, path, merge, decided, 0},
		"by id":   {[]cosmostest.Option{script.JavaScript()}, "merge", merge, decided, 0},
		"another's": {[]cosmostest.Option{script.JavaScript()}, "dbs/shop/colls/x/sprocs/merge", merge,
			cart{"1", "ann", 2, ""}, 1},
		"not registered": {[]cosmostest.Option{script.JavaScript()}, path, "", cart{"1", "ann", 2, ""}, 1},
		"throws": {[]cosmostest.Option{script.JavaScript()}, path,
			`function (incoming) { __.upsertDocument(__.getSelfLink(), incoming, ` +
				`function () { throw new Error("no"); }); }`,
			cart{"1", "ann", 2, ""}, 1},
		"does not end": {[]cosmostest.Option{script.JavaScript(script.Timeout(20 * time.Millisecond))}, path,
			`function () { for (;;); }`, cart{"1", "ann", 2, ""}, 1},
		"without an engine": {nil, path, merge, cart{"1", "ann", 2, ""}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, carts := twoRegions(t, test.procedure, test.options...)
			w := world{carts[0], t}
			if test.body != "" {
				w.procedure("merge", test.body)
			}
			w.function("twice", "function (n) { return 2 * n; }")
			write := func(region, items int) {
				_, err := carts[region].UpsertItem(t.Context(), cart{"1", "ann", items, ""})
				require.NoError(t, err)
			}
			// together is what both regions have in the end, and the feed of conflicts of each.
			together := func(want cart, feed int) {
				t.Helper()
				for _, c := range carts {
					got, _, err := cosmos.ReadItem[cart](t.Context(), c, "1", cosmos.PartitionKey("ann"))
					require.NoError(t, err)
					require.Equal(t, want, got)
					n := 0
					for _, err := range c.Conflicts(t.Context()) {
						require.NoError(t, err)
						n++
					}
					require.Equal(t, feed, n)
				}
			}
			require.NoError(t, srv.PauseReplication("", ""))
			write(0, 2)
			write(1, 3)
			require.NoError(t, srv.ResumeReplication("", ""))
			together(test.want, test.feed)
			if test.feed > 0 {
				return
			}
			require.NoError(t, srv.PauseReplication("", ""))
			write(0, 20)
			write(1, 30)
			require.NoError(t, srv.ResumeReplication("", ""))
			together(cart{"1", "ann", 50, "existing/0/2"}, 0)
			require.NoError(t, srv.PauseReplication("", ""))
			write(0, 7)
			_, err := carts[1].DeleteItem(t.Context(), "1", cosmos.PartitionKey("ann"))
			require.NoError(t, err)
			require.NoError(t, srv.ResumeReplication("", ""))
			for _, c := range carts {
				_, err := c.ReadItem(t.Context(), "1", cosmos.PartitionKey("ann"))
				require.ErrorIs(t, err, cosmos.ErrNotFound)
			}
		})
	}
}
