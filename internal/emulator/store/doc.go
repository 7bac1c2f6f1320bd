// Package store keeps what the in-process Cosmos DB server holds: databases, containers, documents, throughput, users.
//
// A container's documents live in physical partitions, each an interval of effective partition keys with its own lock,
// its own log sequence numbers and its own change log, as in the service. Documents are immutable: a write puts a new
// [Item] in the place of the old one, so whoever holds an item may read it without a lock.
//
// Each region of an account has its own replica of every partition (partition.go). What one writes travels to the
// others (replicate.go) by links that may be slow or paused (links.go), versions that meet are decided between
// (conflict.go) or left to the users (conflictfeed.go), a reader of changes goes on in any region (position.go), and a
// topology says which regions there are and which of them write (topology.go, failover.go).
//
// An [Account] (account.go, database.go, container.go) is a tree of resources (resource.go) in catalogs (catalog.go).
// Documents are written in a [Tx] (tx.go) and read through the slices of a view (view.go) or as changes (changes.go);
// partition.go and run.go hold them, index.go keeps them in the order of what they have at a path, for the queries of
// lookup.go, expiry.go ends their lives; split.go and rangechange.go split and merge partitions, at once or in phases.
// A container's JSON is read in definition.go and spelling.go, completed in defaults.go and checked in rules.go;
// secondary.go fills containers that are indexes of others, document.go holds the rules of a document, patch.go and
// tree.go those of a patch, offer.go and bucket.go throughput.
//
// load.go and restore.go read a saved account, dump.go writes it.
//
// Locks are taken in one order: the account's, a container's, a partition's; of several containers by rid ([byRID]).
//
// The store knows the rules of the data (ids, keys, etags, unique keys, time to live, splits) and refuses with an
// [Error] that carries the status the service would answer. It knows nothing of HTTP.
package store
