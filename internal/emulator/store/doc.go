// Package store keeps what the in-process Cosmos DB server holds: databases, containers, documents, throughput, users.
//
// A container's documents live in physical partitions, each an interval of effective partition keys with its own lock,
// its own log sequence numbers and its own change log, as in the service. Documents are immutable: a write puts a new
// [Item] in the place of the old one, so whoever holds an item may read it without a lock.
//
// The store knows the rules of the data (ids, keys, etags, unique keys, time to live, splits) and refuses with an [Error]
// that carries the status the service would answer. It knows nothing of HTTP.
package store
