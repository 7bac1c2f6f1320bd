// Command tracing shows a program's work as OpenTelemetry spans and metrics: a request of the program, the statement of
// database/sql in it, and what that asked of Cosmos DB, with region, request units and what was repeated. The spans are
// printed; a program in production has otlptracehttp in place of printer. It runs against a server inside the program,
// or the database shop of the account that COSMOS_DSN names:
//
//	go run .
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/otelcosmos"
	"github.com/cosmossql/cosmossql/driver"
)

func main() {
	if err := run(context.Background(), os.Stdout, os.Getenv("COSMOS_DSN")); err != nil {
		fmt.Fprintln(os.Stderr, "tracing:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, dsn string) (err error) {
	if dsn == "" {
		srv := cosmostest.NewServer()
		defer srv.Close()
		dsn = srv.DSN("shop")
		srv.Fail(cosmostest.Create, 1, 429, 3200, time.Millisecond) // something to see: the first write is throttled
	}
	if err := create(ctx, dsn); err != nil {
		return err
	}
	spans := sdktrace.NewTracerProvider(sdktrace.WithSyncer(&printer{out: out}))
	reader := metric.NewManualReader()
	metrics := metric.NewMeterProvider(metric.WithReader(reader))
	defer func() { err = errors.Join(err, spans.Shutdown(ctx), metrics.Shutdown(ctx)) }()

	// Statements are spans of otelsql, and below them are the operations of the client.
	client, err := cosmos.NewClientFromConnectionString(dsn, &cosmos.ClientOptions{
		Tracer: otelcosmos.NewTracer(otelcosmos.WithTracerProvider(spans), otelcosmos.WithMeterProvider(metrics)),
	})
	if err != nil {
		return err
	}
	defer client.Close()
	statements := otelsql.SpanOptions{OmitConnResetSession: true, OmitConnectorConnect: true, OmitRows: true}
	db := otelsql.OpenDB(driver.NewConnector(client, driver.Config{Database: "shop"}),
		otelsql.WithTracerProvider(spans), otelsql.WithSpanOptions(statements))
	defer db.Close()
	if err := place(ctx, spans, db); err != nil {
		return err
	}
	return charges(ctx, out, reader)
}

// create makes the container, where it is not there, and empties ada's part of it.
func create(ctx context.Context, dsn string) error {
	db, err := sql.Open("cosmos", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, text := range []string{
		"CREATE DATABASE IF NOT EXISTS shop",
		"CREATE CONTAINER IF NOT EXISTS shop.orders PARTITION KEY (/customer)",
		"DELETE FROM shop.orders WHERE customer = 'ada'",
	} {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return nil
}

// place is the work of the program: it stores an order and adds up what its customer owes.
func place(ctx context.Context, spans *sdktrace.TracerProvider, db *sql.DB) error {
	ctx, span := spans.Tracer("shop").Start(ctx, "place order")
	defer span.End()
	_, err := db.ExecContext(ctx, "INSERT INTO orders (id, customer, total) VALUES (?, ?, ?)", "1", "ada", 30)
	if err != nil {
		return err
	}
	var sum int
	return db.QueryRowContext(ctx, "SELECT VALUE SUM(o.total) FROM orders o WHERE o.customer = ?", "ada").Scan(&sum)
}

// printer prints the spans of a trace as a tree, when its root has ended.
type printer struct {
	out   io.Writer
	spans []sdktrace.ReadOnlySpan
}

// ExportSpans is called as spans end, one after the other: those below before those above.
func (p *printer) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	p.spans = append(p.spans, spans...)
	for _, s := range spans {
		if !s.Parent().IsValid() {
			p.print(s, 0)
			p.spans = nil
		}
	}
	return nil
}

func (p *printer) Shutdown(context.Context) error { return nil }

func (p *printer) print(s sdktrace.ReadOnlySpan, depth int) {
	fmt.Fprint(p.out, strings.Repeat("  ", depth), s.Name())
	for _, a := range s.Attributes() {
		switch a.Key {
		case "azure.cosmosdb.operation.request_charge", "db.response.status_code":
			fmt.Fprintf(p.out, ", %s %s", a.Key[strings.LastIndexByte(string(a.Key), '.')+1:], a.Value.String())
		}
	}
	fmt.Fprintln(p.out)
	for _, e := range s.Events() {
		for _, a := range e.Attributes {
			if a.Key == "db.response.status_code" {
				fmt.Fprintf(p.out, "%san attempt was answered %s\n", strings.Repeat("  ", depth+1), a.Value.String())
			}
		}
	}
	for _, below := range p.spans {
		if below.Parent().SpanID() == s.SpanContext().SpanID() {
			p.print(below, depth+1)
		}
	}
}

// charges prints one of the metrics: what each kind of operation has cost.
func charges(ctx context.Context, out io.Writer, reader *metric.ManualReader) error {
	var all metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &all); err != nil {
		return err
	}
	for _, scope := range all.ScopeMetrics {
		for _, m := range scope.Metrics {
			h, ok := m.Data.(metricdata.Histogram[float64])
			if !ok || m.Name != "azure.cosmosdb.client.operation.request_charge" {
				continue
			}
			var lines []string
			for _, point := range h.DataPoints {
				operation, _ := point.Attributes.Value("db.operation.name")
				lines = append(lines, fmt.Sprintf("%s: %d, %.2f RU\n", operation.AsString(), point.Count, point.Sum))
			}
			slices.Sort(lines)
			fmt.Fprint(out, strings.Join(lines, ""))
		}
	}
	return nil
}
