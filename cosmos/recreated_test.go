package cosmos

import (
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAnswersFromAnotherContainer: a server that does not know the header that says which container is meant executes
// the request in the one that was created since under its name. The resource id of its answer tells. What means the
// same there is a success; a read is read again by the new key; a write that was meant for a document of the old
// container is an error that says that it was executed.
func TestAnswersFromAnotherContainer(t *testing.T) {
	t.Parallel()
	const other = "DPZtAKyOj5k="
	doc := map[string]any{"id": "1", "customer": "c", "shop": "s"}
	for _, tt := range []struct {
		name string
		ops  []Operation
		text string // of the error; "" for none
		sent int
	}{
		{"create", []Operation{OpCreate(doc)}, "", 1},
		{"upsert", []Operation{OpUpsert(doc)}, "", 1},
		{"read", []Operation{OpRead("1", PartitionKey("c"))}, "", 2},
		{"replace", []Operation{OpReplace("1", doc)}, "was executed, but in another container than was meant", 1},
		{"patch", []Operation{OpPatch("1", []PatchOperation{PatchSet("/a", 1)}, PartitionKey("c"))},
			"was executed, but in another container than was meant", 1},
		{"delete", []Operation{OpDelete("1", PartitionKey("c"))},
			"was executed, but in another container than was meant", 1},
		{"batch of creates", []Operation{OpCreate(doc), OpUpsert(doc)}, "", 1},
		{"batch with a patch", []Operation{OpCreate(doc), OpPatch("1", []PatchOperation{PatchSet("/a", 1)})},
			"was executed, but in another container than was meant", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var f *fake
			f = newFake(t, func(w http.ResponseWriter, c call) {
				f.mu.Lock()
				f.rid = other
				f.mu.Unlock()
				body := `{"id":"1"}`
				if len(tt.ops) > 1 {
					body = `[{"statusCode":201},{"statusCode":200}]`
				}
				reply(w, 200, body, "x-ms-content-path", other)
			})
			_, err := f.orders().PartitionKeyDefinition(t.Context())
			require.NoError(t, err)
			if len(tt.ops) > 1 {
				_, err = f.orders().TransactionalBatch(t.Context(), tt.ops, PartitionKey("c"))
			} else {
				_, err = f.orders().Do(t.Context(), tt.ops[0])
			}
			if tt.text == "" {
				require.NoError(t, err)
			} else {
				require.ErrorIs(t, err, ErrContainerRecreated)
				require.ErrorContains(t, err, tt.text)
			}
			require.Equal(t, tt.sent, f.sent())
		})
	}
}

// TestKeysThatContradictAQuery: WHERE and the option PartitionKey name different partitions. An argument or a context
// that contradicts is refused; a default gives way.
func TestKeysThatContradictAQuery(t *testing.T) {
	t.Parallel()
	const byKey = "SELECT * FROM c WHERE c.customer = 'ann'"
	for _, tt := range []struct{ query, key, header, text string }{
		{byKey, "ann", `["ann"]`, ""},
		{byKey, "bob", "", `the query's WHERE names partition key ["ann"], but the option PartitionKey says ["bob"]`},
		{"SELECT * FROM c WHERE c.customer IN ('ann', 'bob')", "bob", `["bob"]`, ""},
		{"SELECT * FROM c WHERE c.n = 1", "bob", `["bob"]`, ""},
		{"SELECT * FROM c WHERE c.customer IN ('ann', 'bob')", "cy", "", `WHERE names partition key`},
	} {
		f := newFake(t, func(w http.ResponseWriter, _ call) { reply(w, 200, `{"Documents":[]}`) })
		ask := func(o ...any) error {
			for _, err := range Query[any](t.Context(), f.orders(), tt.query, o...) {
				return err
			}
			return nil
		}
		err := ask(PartitionKey(tt.key))
		if tt.text != "" {
			require.ErrorContains(t, err, tt.text)
			require.Zero(t, f.sent())
			continue
		}
		require.NoError(t, err)
		require.Equal(t, tt.header, f.last(t).header.Get("x-ms-documentdb-partitionkey"), tt.query)
	}
	f := newFake(t, func(w http.ResponseWriter, _ call) { reply(w, 200, `{"Documents":[]}`) })
	cred, err := KeyCredential(testKey)
	require.NoError(t, err)
	client, err := NewClient(f.Endpoint(), cred, &ClientOptions{Options: []Option{PartitionKey("bob")}})
	require.NoError(t, err)
	defer client.Close()
	for _, err := range Query[any](t.Context(), client.Database("shop").Container("orders"), byKey) {
		require.NoError(t, err)
	}
	require.NotEqual(t, `["bob"]`, f.last(t).header.Get("x-ms-documentdb-partitionkey"), "a default gives way")
}

// TestSharesOfNoThroughput: a share of a throughput that nobody has provisioned is told, with the way out.
func TestSharesOfNoThroughput(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		offers func(w http.ResponseWriter, asked int)
		want   string
	}{
		{"serverless", func(w http.ResponseWriter, _ int) {
			refuse(400, "")(w, call{})
		}, "give the group a TargetThroughput"},
		{"the database's", func(w http.ResponseWriter, asked int) {
			if asked == 1 {
				reply(w, 200, feedOf("Offers"))
				return
			}
			reply(w, 200, feedOf("Offers",
				map[string]any{"_rid": "Hu+t", "content": map[string]any{"offerThroughput": 400}}))
		}, ""},
		{"forbidden", func(w http.ResponseWriter, _ int) { refuse(403, "")(w, call{}) }, "403"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			f := newFake(t, func(w http.ResponseWriter, c call) {
				switch {
				case c.path == "/offers":
					tt.offers(w, int(asked.Add(1)))
				case c.path == "/dbs/shop":
					reply(w, 200, `{"id":"shop","_rid":"DPZtAA=="}`)
				case c.path == "/offers/Hu+t":
					reply(w, 200, `{"_rid":"Hu+t","content":{"offerThroughput":400}}`)
				default:
					reply(w, 201, `{"id":"1"}`)
				}
			})
			group, err := NewThroughputControlGroup(ThroughputControlGroupConfig{Name: "nightly",
				TargetThroughputThreshold: 0.5})
			require.NoError(t, err)
			_, err = f.orders().CreateItem(t.Context(), map[string]any{"id": "1", "customer": "c"},
				InThroughputControlGroup(group))
			if tt.want == "" {
				require.NoError(t, err)
				require.EqualValues(t, 2, asked.Load(), "the container's, then the database's")
				return
			}
			require.ErrorContains(t, err, tt.want)
		})
	}
}
