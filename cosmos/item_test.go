package cosmos

import (
	"context"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type order struct {
	ID       string  `json:"id"`
	Customer string  `json:"customer"`
	Note     string  `json:"note,omitempty"`
	Total    float64 `json:"total"`
}

func TestItemRequests(t *testing.T) {
	t.Parallel()
	doc := order{ID: "a/1", Customer: "Zoë", Note: "<b>&"}
	doc.ID = "a?1 é"
	tests := []struct {
		name         string
		do           func(ctx context.Context, c *Container, opts ...Option) (*Response, error)
		method, path string
		body         string
		upsert       string
	}{
		{"create", func(ctx context.Context, c *Container, o ...Option) (*Response, error) {
			return c.CreateItem(ctx, doc, o...)
		},
			"POST", "/dbs/shop/colls/orders/docs", `{"id":"a?1 é","customer":"Zoë","note":"<b>&","total":0}`, ""},
		{"upsert", func(ctx context.Context, c *Container, o ...Option) (*Response, error) {
			return c.UpsertItem(ctx, &doc, o...)
		},
			"POST", "/dbs/shop/colls/orders/docs", `{"id":"a?1 é","customer":"Zoë","note":"<b>&","total":0}`, "True"},
		{"replace", func(ctx context.Context, c *Container, o ...Option) (*Response, error) {
			return c.ReplaceItem(ctx, doc.ID, []byte(`{ "id":"a?1 é", "customer":"Zoë" }`), o...)
		}, "PUT", "/dbs/shop/colls/orders/docs/a%3F1%20%C3%A9", `{ "id":"a?1 é", "customer":"Zoë" }`, ""},
		{"read", func(ctx context.Context, c *Container, o ...Option) (*Response, error) {
			return c.ReadItem(ctx, doc.ID, append(o, PartitionKey("Zoë"))...)
		}, "GET", "/dbs/shop/colls/orders/docs/a%3F1%20%C3%A9", "", ""},
		{"delete", func(ctx context.Context, c *Container, o ...Option) (*Response, error) {
			return c.DeleteItem(ctx, doc.ID, append(o, PartitionKey("Zoë"))...)
		}, "DELETE", "/dbs/shop/colls/orders/docs/a%3F1%20%C3%A9", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, func(w http.ResponseWriter, c call) {
				reply(w, 200, `{"id":"x"}`, "etag", `"e"`, "x-ms-session-token", "0:-1#7")
			})
			resp, err := tt.do(t.Context(), f.orders(), Priority("Low"), ThroughputBucket(2))
			require.NoError(t, err)
			require.Equal(t, 200, resp.StatusCode)
			require.Equal(t, `"e"`, resp.ETag)
			require.Equal(t, "0:-1#7", resp.SessionToken)
			require.Equal(t, 2.0, resp.RequestCharge)
			require.NotEmpty(t, resp.ActivityID)
			got := f.last(t)
			require.Equal(t, tt.method, got.method)
			require.Equal(t, tt.path, got.path)
			require.Equal(t, tt.body, got.body)
			require.Equal(t, tt.upsert, got.header.Get("x-ms-documentdb-is-upsert"))
			require.Equal(t, `["Zo\u00eb"]`, got.header.Get("x-ms-documentdb-partitionkey"))
			require.Equal(t, f.rid, got.header.Get("x-ms-cosmos-intended-collection-rid"))
			require.Equal(t, "Low", got.header.Get("x-ms-cosmos-priority-level"))
			require.Equal(t, "2", got.header.Get("x-ms-cosmos-throughput-bucket"))
		})
	}
}

// Everything that is wrong on this side is said before anything is sent.
func TestItemsRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	c := f.orders()
	ctx := t.Context()
	create := func(item any, opts ...Option) error { _, err := c.CreateItem(ctx, item, opts...); return err }
	read := func(id string, opts ...Option) error { _, err := c.ReadItem(ctx, id, opts...); return err }
	of := func(_ *Response, err error) error { return err }
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"no id", create(map[string]any{"customer": "a"}), `has no "id"`},
		{"number as id", create(map[string]any{"id": 5}), `"id" is 5: it must be a string`},
		{"empty id", create(map[string]any{"id": ""}), "id is empty"},
		{"slash", create(map[string]any{"id": "a/b"}), `document id "a/b" has one of the characters`},
		{"backslash", read(`a\b`, PartitionKey("x")), `has one of the characters`},
		{"direction", read("..", PartitionKey("x")), "cannot be addressed"},
		{"long id", read(strings.Repeat("x", 1024), PartitionKey("x")), "1024 bytes"},
		{"no text", read("a\xff", PartitionKey("x")), "not valid UTF-8"},
		{"channel", create(map[string]any{"id": "1", "c": make(chan int)}), "cannot be encoded"},
		{"not a number", create(map[string]any{"id": "1", "n": math.NaN()}), "unsupported value: NaN"},
		{"array", create([]int{1}), "a document is a JSON object; []int encodes as [1]"},
		{"nil", create(nil), "a document is a JSON object"},
		{"broken JSON", create([]byte(`{"id":"1",}`)), "not valid JSON"},
		{"too large", create(map[string]any{"id": "1", "s": strings.Repeat("x", 2<<20)}), "more than the 2097152"},
		{"no partition key", read("1"),
			`container "orders" is partitioned by /customer: the operation needs the option PartitionKey`},
		{"too many values", read("1", PartitionKey("a", "b")), "more values"},
		{"too few values", read("1", PartitionKey()), "fewer values"},
		{"value that cannot be a key", read("1", PartitionKey([]int{1})), "[]int"},
		{"key that is not the document's", create(order{ID: "1", Customer: "a"}, PartitionKey("b")),
			`document's partition key is ["a"]`},

		{"page size", create(order{ID: "1"}, PageSize(-2)), "page size -2"},
		{"concurrency", create(order{ID: "1"}, MaxConcurrency(-1)), "max concurrency -1"},
		{"consistency", read("1", Consistency("Strict")), `no consistency level "Strict"`},
		{"directive", create(order{ID: "1"}, IndexingDirective("no")), `indexing directive "no"`},
		{"priority", create(order{ID: "1"}, Priority("mid")), `priority "mid"`},
		{"bucket", create(order{ID: "1"}, ThroughputBucket(6)), "bucket 6"},
		{"staleness", read("1", MaxStaleness(-1)), "staleness"},
		{"container id", of(f.Database("shop").Container("a/b").CreateItem(ctx, order{ID: "1"})), `container id "a/b"`},
		{"database id", of(f.Database("a#b").Container("c").ReadItem(ctx, "1")), `database id "a#b"`},
		{"blank at the end", of(f.Database("a ").Container("c").UpsertItem(ctx, order{ID: "1"})), "ends in a space"},
	}
	for _, tt := range tests {
		require.ErrorContains(t, tt.err, tt.want, tt.name)
		require.True(t, strings.HasPrefix(tt.err.Error(), "cosmos: "), "%s: %v", tt.name, tt.err)
	}
	require.ErrorIs(t, create(map[string]any{"id": "1", "s": strings.Repeat("x", 2<<20)}), ErrTooLarge)
	require.Zero(t, f.sent())
}

func TestPartitionKeyByID(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	f.key = `{"paths":["/id"]}`
	_, err := f.orders().ReadItem(t.Context(), "7")
	require.NoError(t, err)
	require.Equal(t, `["7"]`, f.last(t).header.Get("x-ms-documentdb-partitionkey"))
}

func TestHierarchicalKey(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	f.key = `{"paths":["/tenant","/user/id"],"kind":"MultiHash","version":2}`
	_, err := f.orders().CreateItem(t.Context(),
		map[string]any{"id": "1", "tenant": 5, "user": map[string]any{"id": nil}})
	require.NoError(t, err)
	require.Equal(t, `[5,null]`, f.last(t).header.Get("x-ms-documentdb-partitionkey"))
	_, err = f.orders().ReadItem(t.Context(), "1", PartitionKey("t", Undefined))
	require.NoError(t, err)
	require.Equal(t, `["t",{}]`, f.last(t).header.Get("x-ms-documentdb-partitionkey"))
	_, err = f.orders().ReadItem(t.Context(), "1", PartitionKey("t"))
	require.ErrorContains(t, err, "fewer values")
}

// The container was deleted and made again, with another partition key, behind the client's back.
func TestDefinitionIsRefreshed(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if c.header.Get("x-ms-documentdb-partitionkey") != `["eu"]` {
			refuse(400, "1001")(w, c)
			return
		}
		reply(w, 201, `{}`, "x-ms-session-token", "0:-1#1", "x-ms-content-path", "DPZtAKyOj5h=")
	})
	doc := map[string]any{"id": "1", "customer": "a", "region": "eu"}
	f.rest.Sessions.Keep("dbs/shop/colls/orders", "DPZtAKyOj5g=", "0:-1#99")
	_, err := f.orders().CreateItem(t.Context(), doc)
	require.ErrorIs(t, err, ErrBadRequest, "nothing has changed: the error stands")
	require.Equal(t, 1, f.sent())

	f.mu.Lock()
	f.key, f.rid = `{"paths":["/region"]}`, "DPZtAKyOj5h="
	f.mu.Unlock()
	_, err = f.orders().CreateItem(t.Context(), doc)
	require.NoError(t, err)
	require.Equal(t, 3, f.sent())
	require.Equal(t, "0:-1#1", f.rest.Sessions.Token("dbs/shop/colls/orders", ""),
		"the old container's session is over")
}

// What a proxy answers in place of the service is not taken for a container without a partition key.
func TestDefinitionThatIsNone(t *testing.T) {
	t.Parallel()
	disturbed := true
	f := newFake(t, func(w http.ResponseWriter, c call) {
		switch {
		case c.path != "/dbs/shop/colls/other":
			okay(w, c)
		case disturbed:
			reply(w, 200, `{"code":"TryLater","message":"maintenance"}`)
		default:
			reply(w, 200, `{"id":"other","_rid":"DPZtAKyOj5h=","partitionKey":{"paths":["/customer"]}}`)
		}
	})
	other := f.Database("shop").Container("other")
	_, err := other.ReadItem(t.Context(), "1", PartitionKey("a"))
	require.ErrorContains(t, err, `reading the definition of container "other": the answer is not a container`)
	disturbed = false
	_, err = other.ReadItem(t.Context(), "1", PartitionKey("a"))
	require.NoError(t, err, "it has not been kept")
}

func TestTokenForOnePartition(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if strings.HasSuffix(c.path, "/colls/other") {
			refuse(403, "0")(w, c)
			return
		}
		okay(w, c)
	})
	other := f.Database("shop").Container("other")
	_, err := other.ReadItem(t.Context(), "1", PartitionKey("a"))
	require.NoError(t, err, "the key that the caller gives is as good as the definition")
	require.Equal(t, `["a"]`, f.last(t).header.Get("x-ms-documentdb-partitionkey"))
	_, err = other.ReadItem(t.Context(), "1")
	require.ErrorIs(t, err, ErrForbidden)
	require.ErrorContains(t, err,
		`cosmos: reading the definition of container "other": GET dbs/shop/colls/other: 403 Code`)
}

func TestClosedClient(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	require.NoError(t, f.Close())
	_, err := f.orders().ReadItem(t.Context(), "1", PartitionKey("a"))
	require.ErrorIs(t, err, ErrClosed)
	_, err = f.Account(t.Context())
	require.ErrorIs(t, err, ErrClosed)
	for _, err := range f.orders().Items(t.Context()) {
		require.ErrorIs(t, err, ErrClosed)
	}
}

func TestCancelledContext(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.orders().CreateItem(ctx, order{ID: "1", Customer: "a"})
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, f.sent())
}

func TestExecute(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		reply(w, 200, `{"done":2}`, "x-ms-documentdb-script-log-results", "two%20words")
	})
	resp, err := f.orders().ExecuteStoredProcedure(t.Context(), "sp", []any{1, "a", nil, map[string]int{"x": 1}},
		PartitionKey("p"), ScriptLogging(true))
	require.NoError(t, err)
	got := f.last(t)
	require.Equal(t, "/dbs/shop/colls/orders/sprocs/sp", got.path)
	require.Equal(t, `[1,"a",null,{"x":1}]`, got.body)
	require.Equal(t, "true", got.header.Get("x-ms-documentdb-script-enable-logging"))
	require.Equal(t, `["p"]`, got.header.Get("x-ms-documentdb-partitionkey"))
	require.Equal(t, "two words", ScriptLog(resp))
	require.Equal(t, "%zz", ScriptLog(&Response{Header: http.Header{"X-Ms-Documentdb-Script-Log-Results": {"%zz"}}}))
}
