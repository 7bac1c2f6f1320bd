package otelcosmos

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/cosmossql/cosmossql/cosmos"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

const scope = "github.com/cosmossql/cosmossql/cosmos/otelcosmos"

// Option adjusts [NewTracer].
type Option func(*config)

type config struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
}

// WithTracerProvider takes spans elsewhere than to the global provider.
func WithTracerProvider(p trace.TracerProvider) Option { return func(c *config) { c.tracers = p } }

// WithMeterProvider takes metrics elsewhere than to the global provider.
func WithMeterProvider(p metric.MeterProvider) Option { return func(c *config) { c.meters = p } }

// NewTracer returns a tracer for cosmos.ClientOptions. One may serve several clients; it is safe for concurrent use.
func NewTracer(opts ...Option) cosmos.Tracer {
	c := config{otel.GetTracerProvider(), otel.GetMeterProvider()}
	for _, o := range opts {
		o(&c)
	}
	t := &tracer{tracer: c.tracers.Tracer(scope)}
	meter := c.meters.Meter(scope)
	var errs [4]error
	t.duration, errs[0] = meter.Float64Histogram("db.client.operation.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of database client operations."),
		metric.WithExplicitBucketBoundaries(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10))
	t.rows, errs[1] = meter.Int64Histogram("db.client.response.returned_rows", metric.WithUnit("{row}"),
		metric.WithDescription("The actual number of records returned by the database operation."),
		metric.WithExplicitBucketBoundaries(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000))
	t.charge, errs[2] = meter.Float64Histogram("azure.cosmosdb.client.operation.request_charge",
		metric.WithUnit("{request_unit}"),
		metric.WithDescription("Request units consumed by the operation."),
		metric.WithExplicitBucketBoundaries(1, 5, 10, 25, 50, 100, 250, 500, 1000))
	t.clients, errs[3] = meter.Int64UpDownCounter("azure.cosmosdb.client.active_instance.count",
		metric.WithUnit("{instance}"),
		metric.WithDescription("Number of active client instances."))
	if err := errors.Join(errs[:]...); err != nil {
		otel.Handle(err) // the instruments that could not be made do nothing
	}
	return t
}

type tracer struct {
	tracer   trace.Tracer
	duration metric.Float64Histogram
	rows     metric.Int64Histogram
	charge   metric.Float64Histogram
	clients  metric.Int64UpDownCounter
}

var _ cosmos.ClientTracer = (*tracer)(nil)

// ClientOpens implements cosmos.ClientTracer.
func (t *tracer) ClientOpens(host string) {
	t.clients.Add(context.Background(), 1, metric.WithAttributes(server(host)...))
}

// ClientCloses implements cosmos.ClientTracer.
func (t *tracer) ClientCloses(host string) {
	t.clients.Add(context.Background(), -1, metric.WithAttributes(server(host)...))
}

// server names the host of the account. Its port is told unless it is the usual one.
func server(host string) []attribute.KeyValue {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		return []attribute.KeyValue{attribute.String("server.address", host)}
	}
	attrs := []attribute.KeyValue{attribute.String("server.address", name)}
	if n, err := strconv.Atoi(port); err == nil && n != 443 {
		attrs = append(attrs, attribute.Int("server.port", n))
	}
	return attrs
}

// about are the attributes that an operation has from its begin on, those that metrics have as well.
func about(b cosmos.OperationBegin) []attribute.KeyValue {
	attrs := append(make([]attribute.KeyValue, 0, 16), attribute.String("db.system.name", "azure.cosmosdb"),
		attribute.String("db.operation.name", b.Name))
	if b.Database != "" {
		attrs = append(attrs, attribute.String("db.namespace", b.Database))
	}
	if b.Container != "" {
		attrs = append(attrs, attribute.String("db.collection.name", b.Container))
	}
	return append(attrs, server(b.Host)...)
}

// OperationBegins implements cosmos.Tracer.
func (t *tracer) OperationBegins(ctx context.Context, b cosmos.OperationBegin) context.Context {
	name := b.Name
	switch {
	case b.Container != "":
		name += " " + b.Container
	case b.Database != "":
		name += " " + b.Database
	}
	attrs := append(about(b), attribute.String("azure.resource_provider.namespace", "Microsoft.DocumentDB"),
		attribute.String("azure.client.id", b.ClientID), attribute.String("user_agent.original", b.UserAgent))
	if b.Procedure != "" {
		attrs = append(attrs, attribute.String("db.stored_procedure.name", b.Procedure))
	}
	if b.BatchSize > 1 { // one operation is not a batch
		attrs = append(attrs, attribute.Int("db.operation.batch.size", b.BatchSize))
	}
	ctx, _ = t.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
	return ctx
}

// OperationEnds implements cosmos.Tracer.
func (t *tracer) OperationEnds(ctx context.Context, e cosmos.OperationEnd) {
	came := outcome(e)
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.SetAttributes(came...)
		if e.RequestCharge > 0 {
			span.SetAttributes(attribute.Float64("azure.cosmosdb.operation.request_charge", e.RequestCharge))
		}
		if e.RequestBytes > 0 {
			span.SetAttributes(attribute.Int("azure.cosmosdb.request.body.size", e.RequestBytes))
		}
		if e.Rows > 0 {
			span.SetAttributes(attribute.Int("db.response.returned_rows", e.Rows))
		}
		if e.Err != nil {
			span.SetStatus(codes.Error, e.Err.Error())
		}
	}
	trace.SpanFromContext(ctx).End()
	attrs := metric.WithAttributeSet(attribute.NewSet(append(about(e.OperationBegin), came...)...))
	t.duration.Record(ctx, e.Duration.Seconds(), attrs)
	if e.RequestCharge > 0 {
		t.charge.Record(ctx, e.RequestCharge, attrs)
	}
	if e.Rows > 0 {
		t.rows.Record(ctx, int64(e.Rows), attrs)
	}
}

// outcome are the attributes of what came of an operation.
func outcome(e cosmos.OperationEnd) (attrs []attribute.KeyValue) {
	if e.StatusCode != 0 {
		attrs = append(attrs, attribute.String("db.response.status_code", strconv.Itoa(e.StatusCode)),
			attribute.Int("azure.cosmosdb.response.sub_status_code", e.SubStatus))
	}
	if e.Consistency != "" {
		attrs = append(attrs, attribute.String("azure.cosmosdb.consistency.level", e.Consistency))
	}
	if len(e.Regions) > 0 {
		attrs = append(attrs, attribute.StringSlice("azure.cosmosdb.operation.contacted_regions", e.Regions))
	}
	if e.Err != nil {
		attrs = append(attrs, attribute.String("error.type", errorType(e)))
	}
	return attrs
}

func errorType(e cosmos.OperationEnd) string {
	switch {
	case e.StatusCode >= 400:
		return strconv.Itoa(e.StatusCode)
	case errors.Is(e.Err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(e.Err, context.Canceled):
		return "canceled"
	}
	err := e.Err
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return fmt.Sprintf("%T", err)
}

// AttemptBegins implements cosmos.Tracer.
func (t *tracer) AttemptBegins(ctx context.Context, b cosmos.AttemptBegin) context.Context {
	span := trace.SpanFromContext(ctx)
	if b.Hedge > 0 {
		span.AddEvent("cosmossql.hedge", trace.WithAttributes(attribute.String("cloud.region", b.Region)))
	}
	if len(b.Avoided) > 0 {
		span.SetAttributes(attribute.StringSlice("cosmossql.avoided_regions", b.Avoided))
	}
	return ctx
}

// AttemptEnds implements cosmos.Tracer.
func (t *tracer) AttemptEnds(ctx context.Context, e cosmos.AttemptEnd) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() || e.Err == nil && e.StatusCode < 400 {
		return
	}
	attrs := append(server(e.Host), attribute.Int("db.response.status_code", e.StatusCode),
		attribute.Int("azure.cosmosdb.response.sub_status_code", e.SubStatus),
		attribute.Int("azure.cosmosdb.request.body.size", e.RequestBytes),
		attribute.Float64("azure.cosmosdb.operation.request_charge", e.RequestCharge),
		attribute.Float64("duration", e.Duration.Seconds()), attribute.String("azure.service.request.id", e.ActivityID))
	if e.Region != "" {
		attrs = append(attrs, attribute.String("cloud.region", e.Region))
	}
	if e.Err != nil {
		attrs = append(attrs, attribute.String("error.message", e.Err.Error()))
	}
	span.AddEvent("azure.cosmosdb.attempt", trace.WithAttributes(attrs...))
}
