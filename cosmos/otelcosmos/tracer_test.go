package otelcosmos_test

import (
	"database/sql"
	"net"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/XSAM/otelsql"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/otelcosmos"
	"github.com/cosmossql/cosmossql/driver"
)

// told is a client whose spans and metrics are kept.
type told struct {
	container *cosmostest.Container
	client    *cosmos.Client
	items     *cosmos.Container
	provider  *sdktrace.TracerProvider
	spans     *tracetest.InMemoryExporter
	metrics   *sdkmetric.ManualReader
	server    []attribute.KeyValue
}

func newTold(t *testing.T) *told {
	t.Helper()
	c := cosmostest.RunT(t).Container("/pk")
	r := &told{container: c, spans: tracetest.NewInMemoryExporter(), metrics: sdkmetric.NewManualReader()}
	r.provider = sdktrace.NewTracerProvider(sdktrace.WithSyncer(r.spans))
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(r.metrics))
	client, err := cosmos.NewClientFromConnectionString(c.Server().ConnectionString(), &cosmos.ClientOptions{
		UserAgent: "shop",
		Tracer: otelcosmos.NewTracer(otelcosmos.WithTracerProvider(r.provider),
			otelcosmos.WithMeterProvider(meters)),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	r.client, r.items = client, client.Database(c.Database).Container(c.ID)
	_, err = r.items.PartitionKeyDefinition(t.Context()) // so that later operations are alone
	require.NoError(t, err)
	r.spans.Reset()
	endpoint, err := url.Parse(c.Server().Endpoint())
	require.NoError(t, err)
	host, port, err := net.SplitHostPort(endpoint.Host)
	require.NoError(t, err)
	n, err := strconv.Atoi(port)
	require.NoError(t, err)
	r.server = []attribute.KeyValue{attribute.String("server.address", host), attribute.Int("server.port", n)}
	return r
}

// about are the attributes that every operation on the container has.
func (r *told) about(operation string) []attribute.KeyValue {
	return append([]attribute.KeyValue{
		attribute.String("db.system.name", "azure.cosmosdb"), attribute.String("db.operation.name", operation),
		attribute.String("db.namespace", r.container.Database), attribute.String("db.collection.name", r.container.ID),
	}, r.server...)
}

// only returns the one span there is.
func (r *told) only(t *testing.T) tracetest.SpanStub {
	t.Helper()
	spans := r.spans.GetSpans()
	require.Len(t, spans, 1)
	r.spans.Reset()
	return spans[0]
}

// TestRetries: an attempt that failed is an event of the operation that succeeded.
func TestRetries(t *testing.T) {
	r := newTold(t)
	r.container.Server().Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Create), Times: 1, Status: 429,
		SubStatus: 3200, RetryAfter: time.Millisecond})
	_, err := r.items.CreateItem(t.Context(), map[string]any{"id": "1", "pk": "p"})
	require.NoError(t, err)
	span := r.only(t)
	require.Len(t, span.Events, 1)
	require.Equal(t, "azure.cosmosdb.attempt", span.Events[0].Name)
	attrs := attribute.NewSet(span.Events[0].Attributes...)
	v, _ := attrs.Value("db.response.status_code")
	require.EqualValues(t, 429, v.AsInt64())
	v, _ = attrs.Value("azure.cosmosdb.response.sub_status_code")
	require.EqualValues(t, 3200, v.AsInt64())
}

// TestMetrics holds the instruments to their names, units and attributes.
func TestMetrics(t *testing.T) {
	r := newTold(t)
	_, err := r.items.CreateItem(t.Context(), map[string]any{"id": "1", "pk": "p"})
	require.NoError(t, err)
	pager := r.items.NewPager("SELECT * FROM c", cosmos.PartitionKey("p"))
	defer pager.Close()
	_, err = pager.Next(t.Context())
	require.NoError(t, err)
	var all metricdata.ResourceMetrics
	require.NoError(t, r.metrics.Collect(t.Context(), &all))
	require.Len(t, all.ScopeMetrics, 1)
	units := map[string]string{}
	want := attribute.NewSet(
		append(r.about("query_items"), attribute.String("azure.cosmosdb.consistency.level", "Session"),
			attribute.String("db.response.status_code", "200"),
			attribute.Int("azure.cosmosdb.response.sub_status_code", 0),
			attribute.StringSlice("azure.cosmosdb.operation.contacted_regions", []string{"South Central US"}))...)
	for _, m := range all.ScopeMetrics[0].Metrics {
		units[m.Name] = m.Unit
		found := false
		switch data := m.Data.(type) {
		case metricdata.Histogram[float64]:
			for _, p := range data.DataPoints {
				found = found || p.Attributes.Equals(&want) && p.Count == 1 && p.Sum > 0
			}
		case metricdata.Histogram[int64]:
			for _, p := range data.DataPoints {
				found = found || p.Attributes.Equals(&want) && p.Sum == 1
			}
		case metricdata.Sum[int64]:
			instance := attribute.NewSet(r.server...)
			for _, p := range data.DataPoints {
				found = found || p.Attributes.Equals(&instance) && p.Value == 1
			}
		}
		require.True(t, found, m.Name)
	}
	require.Equal(t, map[string]string{
		"db.client.operation.duration":                   "s",
		"db.client.response.returned_rows":               "{row}",
		"azure.cosmosdb.client.operation.request_charge": "{request_unit}",
		"azure.cosmosdb.client.active_instance.count":    "{instance}",
	}, units)
	require.NoError(t, r.client.Close())
	require.NoError(t, r.client.Close())
	require.NoError(t, r.metrics.Collect(t.Context(), &all))
	for _, m := range all.ScopeMetrics[0].Metrics {
		if m.Name == "azure.cosmosdb.client.active_instance.count" {
			require.Zero(t, m.Data.(metricdata.Sum[int64]).DataPoints[0].Value)
		}
	}
}

// TestBesideOtelsql: a statement of database/sql has otelsql's span and below it one of ours; nothing is told twice.
func TestBesideOtelsql(t *testing.T) {
	r := newTold(t)
	cfg, err := driver.ParseDSN(r.container.DSN())
	require.NoError(t, err)
	db := otelsql.OpenDB(driver.NewConnector(r.client, *cfg), otelsql.WithTracerProvider(r.provider),
		otelsql.WithSpanOptions(otelsql.SpanOptions{OmitConnResetSession: true, OmitConnectorConnect: true,
			OmitRows: true, DisableErrSkip: true}))
	defer db.Close()
	_, err = r.items.CreateItem(t.Context(), map[string]any{"id": "1", "pk": "p", "n": 1})
	require.NoError(t, err)
	r.spans.Reset()
	var n int
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT c.n FROM "+r.container.ID+" c WHERE c.pk = @pk",
		sql.Named("pk", "p")).Scan(&n))
	spans := r.spans.GetSpans()
	byName := map[string]tracetest.SpanStub{}
	for _, s := range spans {
		byName[s.Name] = s
	}
	require.Len(t, spans, 2, "%v", byName)
	ours, theirs := byName["query_items "+r.container.ID], byName["sql.conn.query"]
	require.Equal(t, theirs.SpanContext.SpanID(), ours.Parent.SpanID())
}
