package otelcosmos_test

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/cosmossql/cosmossql/cosmos"
)

// expectation is what is known of an operation that has ended.
type expectation struct {
	name      string
	container bool // it is about the container, else about the database
	status    string
	rows      int
	batch     int
	body      bool   // it sends one
	procedure string // that it runs
	failed    string // error.type
	documents bool   // requests about documents, whose consistency level is known
}

// attributes are the tables of attributes of spans in the semantic conventions for Cosmos DB, in their order: what each
// must be for an operation. Absent ones are nil. db.query.text is recommended and left out, as are the opt-in
// parameters; azure.cosmosdb.connection.mode is left out where it is gateway, as the table says.
var attributes = []struct {
	key  attribute.Key
	want func(r *told, e expectation) any // nil: absent; a func(attribute.Value) bool: such a value
}{
	{"db.operation.name", func(_ *told, e expectation) any { return e.name }},
	{"db.collection.name", func(r *told, e expectation) any { return unless(!e.container, r.container.ID) }},
	{"db.namespace", func(r *told, _ expectation) any { return r.container.Database }},
	{"server.port", func(r *told, _ expectation) any { return r.server[1].Value.AsInt64() }},
	{"server.address", func(r *told, _ expectation) any { return r.server[0].Value.AsString() }},
	{"azure.cosmosdb.consistency.level", func(_ *told, e expectation) any { return unless(!e.documents, "Session") }},
	{"azure.cosmosdb.operation.contacted_regions",
		func(*told, expectation) any { return []string{"South Central US"} }},
	{"azure.cosmosdb.operation.request_charge", func(*told, expectation) any {
		return func(v attribute.Value) bool { return v.Type() == attribute.FLOAT64 && v.AsFloat64() > 0 }
	}},
	{"azure.cosmosdb.response.sub_status_code", func(*told, expectation) any { return int64(0) }},
	{"db.response.returned_rows", func(_ *told, e expectation) any { return unless(e.rows == 0, int64(e.rows)) }},
	{"db.response.status_code", func(_ *told, e expectation) any { return e.status }},
	{"error.type", func(_ *told, e expectation) any { return unless(e.failed == "", e.failed) }},
	{"azure.client.id", func(*told, expectation) any {
		return func(v attribute.Value) bool { return len(v.AsString()) == 36 }
	}},
	{"azure.cosmosdb.request.body.size", func(_ *told, e expectation) any {
		return unless(!e.body, func(v attribute.Value) bool { return v.AsInt64() > 0 })
	}},
	{"azure.resource_provider.namespace", func(*told, expectation) any { return "Microsoft.DocumentDB" }},
	{"db.operation.batch.size", func(_ *told, e expectation) any { return unless(e.batch < 2, int64(e.batch)) }},
	{"db.stored_procedure.name", func(_ *told, e expectation) any { return unless(e.procedure == "", e.procedure) }},
	{"user_agent.original", func(*told, expectation) any { return "cosmossql/1 shop" }},
	{"db.system.name", func(*told, expectation) any { return "azure.cosmosdb" }},
}

func unless(absent bool, v any) any {
	if absent {
		return nil
	}
	return v
}

// TestConventions holds the spans of the operations of the conventions' list to the table, attribute by attribute, and
// their names to the list.
func TestConventions(t *testing.T) {
	r := newTold(t)
	key := cosmos.PartitionKey("p")
	item := func(id string) map[string]any { return map[string]any{"id": id, "pk": "p"} }
	write := func(name, status string, do func(context.Context) error) step {
		return step{expectation{name: name, container: true, status: status, body: true, documents: true}, do}
	}
	read := func(name, status string, do func(context.Context) error) step {
		return step{expectation{name: name, container: true, status: status, documents: true}, do}
	}
	manage := func(name, status string, container bool, do func(context.Context) error) step {
		return step{expectation{name: name, container: container, status: status}, do}
	}
	with := func(s step, change func(*expectation)) step { change(&s.expectation); return s }
	db := r.client.Database(r.container.Database)
	procedure := cosmos.StoredProcedure{ID: "sum", Body: "function () {}"}
	for _, s := range []step{
		write("create_item", "201",
			func(ctx context.Context) error { _, err := r.items.CreateItem(ctx, item("1")); return err }),
		read("read_item", "200",
			func(ctx context.Context) error { _, err := r.items.ReadItem(ctx, "1", key); return err }),
		write("upsert_item", "200",
			func(ctx context.Context) error { _, err := r.items.UpsertItem(ctx, item("1")); return err }),
		write("replace_item", "200",
			func(ctx context.Context) error { _, err := r.items.ReplaceItem(ctx, "1", item("1")); return err }),
		write("patch_item", "200", func(ctx context.Context) error {
			_, err := r.items.PatchItem(ctx, "1", []cosmos.PatchOperation{cosmos.PatchSet("/n", 1)}, key)
			return err
		}),
		with(write("create_item", "409",
			func(ctx context.Context) error { _, err := r.items.CreateItem(ctx, item("1")); return err }),
			func(e *expectation) { e.failed = "409" }),
		with(read("read_item", "404",
			func(ctx context.Context) error { _, err := r.items.ReadItem(ctx, "none", key); return err }),
			func(e *expectation) { e.failed = "404" }),
		with(write("execute_batch", "200", func(ctx context.Context) error {
			_, err := r.items.TransactionalBatch(ctx,
				[]cosmos.Operation{cosmos.OpCreate(item("2")), cosmos.OpCreate(item("3"))}, key)
			return err
		}), func(e *expectation) { e.batch = 2 }),
		write("execute_batch", "200", func(ctx context.Context) error { // one operation is no batch
			_, err := r.items.TransactionalBatch(ctx, []cosmos.Operation{cosmos.OpUpsert(item("2"))}, key)
			return err
		}),
		write("execute_bulk", "200", func(ctx context.Context) error {
			return cosmos.Collect(r.items.UpsertMany(ctx, cosmos.Each([]any{item("1"), item("2")})))[0].Err
		}),
		write("read_many_items", "200", func(ctx context.Context) error {
			keys := func(yield func(cosmos.ItemKey) bool) {
				_ = yield(cosmos.At("1", "p")) && yield(cosmos.At("2", "p"))
			}
			return cosmos.Collect(r.items.ReadMany(ctx, keys))[0].Err
		}),
		read("delete_item", "204",
			func(ctx context.Context) error { _, err := r.items.DeleteItem(ctx, "3", key); return err }),
		with(write("query_items", "200", func(ctx context.Context) error {
			pager := r.items.NewPager("SELECT * FROM c", key)
			defer pager.Close()
			_, err := pager.Next(ctx)
			return err
		}), func(e *expectation) { e.rows = 2 }),
		with(read("read_all_items", "200", func(ctx context.Context) error {
			pager := r.items.NewItemsPager(key)
			defer pager.Close()
			_, err := pager.Next(ctx)
			return err
		}), func(e *expectation) { e.rows = 2 }),
		with(read("query_change_feed", "200", func(ctx context.Context) error {
			_, err := r.items.ChangeFeed(key).Next(ctx)
			return err
		}), func(e *expectation) { e.rows = 2 }),
		manage("read_container", "200", true,
			func(ctx context.Context) error { _, err := r.items.Read(ctx); return err }),
		manage("create_container_if_not_exists", "200", true, func(ctx context.Context) error {
			_, err := db.CreateContainerIfNotExists(ctx,
				cosmos.ContainerProperties{ID: r.container.ID, PartitionKey: cosmos.PartitionKeyPaths("/pk")})
			return err
		}),
		manage("read_all_containers", "200", false,
			func(ctx context.Context) error { return first(db.Containers(ctx)) }),
		with(manage("query_containers", "200", false, func(ctx context.Context) error {
			return first(db.QueryContainers(ctx, "SELECT * FROM c"))
		}), func(e *expectation) { e.body = true }),
		manage("read_database", "200", false, func(ctx context.Context) error { _, err := db.Read(ctx); return err }),
		manage("create_database_if_not_exists", "200", false, func(ctx context.Context) error {
			_, err := r.client.CreateDatabaseIfNotExists(ctx, r.container.Database)
			return err
		}),
		manage("read_container_throughput", "200", true,
			func(ctx context.Context) error { _, err := r.items.ReadThroughput(ctx); return err }),
		with(manage("replace_container_throughput", "200", true, func(ctx context.Context) error {
			_, err := r.items.ReplaceThroughput(ctx, cosmos.Throughput(500))
			return err
		}), func(e *expectation) { e.body = true }),
		manage("read_all_conflicts", "200", true,
			func(ctx context.Context) error { return first(r.items.Conflicts(ctx)) }),
		with(manage("delete_conflict", "404", true, func(ctx context.Context) error {
			_, err := r.items.DeleteConflict(ctx, "none", key)
			return err
		}), func(e *expectation) { e.failed = "404" }),
		with(manage("create_stored_procedure", "201", true, func(ctx context.Context) error {
			_, err := r.items.StoredProcedures().Create(ctx, procedure)
			return err
		}), func(e *expectation) { e.body = true }),
		with(manage("read_stored_procedure", "200", true, func(ctx context.Context) error {
			_, err := r.items.StoredProcedures().Read(ctx, "sum")
			return err
		}), func(e *expectation) { e.procedure = "sum" }),
		manage("read_all_triggers", "200", true,
			func(ctx context.Context) error { return first(r.items.Triggers().List(ctx)) }),
	} {
		err := s.do(t.Context())
		require.Equal(t, s.failed != "", err != nil, "%s: %v", s.name, err)
		r.hold(t, s.expectation, r.only(t))
	}
}

type step struct {
	expectation
	do func(context.Context) error
}

// first takes the first element of a feed.
func first[T any](feed func(func(T, error) bool)) (err error) {
	feed(func(_ T, e error) bool { err = e; return false })
	return err
}

// hold holds a span to the table.
func (r *told) hold(t *testing.T, e expectation, span tracetest.SpanStub) {
	t.Helper()
	name := e.name + " " + r.container.Database
	if e.container {
		name = e.name + " " + r.container.ID
	}
	require.Equal(t, name, span.Name)
	require.Equal(t, trace.SpanKindClient, span.SpanKind)
	require.Equal(t, e.failed != "", span.Status.Code == codes.Error)
	got := attribute.NewSet(span.Attributes...)
	known := 0
	for _, a := range attributes {
		v, there := got.Value(a.key)
		switch want := a.want(r, e).(type) {
		case nil:
			require.False(t, there, "%s has %s", e.name, a.key)
			continue
		case func(attribute.Value) bool:
			require.True(t, there && want(v), "%s: %s is %v", e.name, a.key, v.String())
		default:
			text, err := json.Marshal(v.AsInterface())
			require.NoError(t, err)
			wanted, err := json.Marshal(want)
			require.NoError(t, err)
			require.Equal(t, string(wanted), string(text), "%s: %s", e.name, a.key)
		}
		known++
	}
	require.Equal(t, known, got.Len(), "%s has an attribute that the conventions do not name: %v", e.name,
		span.Attributes)
}
