// Package otelcosmos tells OpenTelemetry what a client of package cosmos does, also under database/sql:
//
//	client, err := cosmos.NewClient(endpoint, credential, &cosmos.ClientOptions{Tracer: otelcosmos.NewTracer()})
//
// Names, attributes and units are those of the semantic conventions for Azure Cosmos DB clients (1.41, in development).
//
// Each operation, such as a CreateItem or a page of a query, is a span of kind client called after operation and
// container ("read_item orders"). Attempts that failed are events of it, named "azure.cosmosdb.attempt", also where a
// later attempt succeeded. error.type is the status of the answer, else "timeout" or "canceled" where the context
// ended, else the Go type of the error. A change feed is read by query_change_feed; what the conventions do not list is
// named like them (read_account, read_partition_key_ranges).
//
// A hedged read has an event "cosmossql.hedge" for each further region that it was sent to, and
// azure.cosmosdb.operation.contacted_regions names them all. cosmossql.avoided_regions are regions that are asked last
// since they, or the partition in them, have failed too often.
//
// The metrics are db.client.operation.duration (s), db.client.response.returned_rows ({row}) of queries and feeds,
// azure.cosmosdb.client.operation.request_charge ({request_unit}) and azure.cosmosdb.client.active_instance.count
// ({instance}).
//
// Under otelsql the spans stand below those of database/sql, one for each operation that a statement became; nothing is
// told twice. Neither documents, parameters nor the texts of queries are recorded.
package otelcosmos
