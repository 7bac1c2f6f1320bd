package otelcosmos_test

import (
	"context"
	"fmt"
	"log"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/otelcosmos"
)

// Each operation becomes a span. A program takes the exporter of its collector instead of the one in memory, or sets
// the global provider, which NewTracer uses without an option.
func ExampleNewTracer() {
	srv := cosmostest.NewServer()
	defer srv.Close()
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))

	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), &cosmos.ClientOptions{
		Tracer: otelcosmos.NewTracer(otelcosmos.WithTracerProvider(provider)),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()
	if _, err := client.CreateDatabase(ctx, "shop"); err != nil {
		log.Fatal(err)
	}
	_, err = client.Database("shop").CreateContainer(ctx, cosmos.ContainerProperties{
		ID: "orders", PartitionKey: cosmos.PartitionKeyPaths("/customer")})
	if err != nil {
		log.Fatal(err)
	}
	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name, span.SpanKind)
	}
	// Output:
	// create_database client
	// create_container shop client
}
