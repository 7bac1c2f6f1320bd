// Package exec executes the statements that change documents, databases and containers: which calls of package cosmos a
// statement becomes, what follows when another writer was faster, and what a transaction may hold. It stands above
// cosmos and serves the root package alone.
//
//   - [Run] executes an INSERT, UPDATE or DELETE, a [Transaction] keeps several for one batch
//   - insert.go: INSERT, UPSERT and REPLACE
//   - change.go: UPDATE and DELETE of one document; search.go: of those that a search finds
//   - ddl.go: CREATE, ALTER, DROP, LIST and DESCRIBE
package exec
