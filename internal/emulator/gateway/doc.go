// Package gateway is the REST face of the in-process Cosmos DB server: addresses, signatures, headers, errors, and what
// each request does to the store.
//
// A request goes one way: it becomes a call (call.go; route.go reads path and headers), may meet a fault that a test
// has injected (fault.go), is authorized (auth.go, token.go), finds what it is about (resolve.go), is handled, and its
// reply written (call.go). Every reply has an activity id and a charge; every error has a JSON body.
//
// The handlers, by what they serve: items.go and write.go single documents, batch.go many at once, changefeed.go
// changes; metadata.go account, databases and containers, ranges.go, offers.go, users.go and scripts.go what goes with
// them.
//
// Queries: query.go decides who executes one, plan.go answers with a plan, scope.go reads where to look, run.go makes a
// page: document by document (stream.go), or of a result that must be made as a whole (sorted.go) and is remembered for
// its next page (cursors.go). continuation.go is where the next page begins; it holds across splits and merges of
// partitions. evaloptions.go and queryerror.go connect the evaluator: what a query means in a container, and how its
// errors are told.
//
// # Request charge
//
// The charge is an estimate: the service's own differs, and grows with what is indexed. Reading a document costs 1 RU
// for each KB begun, writing one 5 RU and another 0.6 RU for each KB begun, deleting one 5 RU. A query costs 2.3 RU and
// 0.02 RU for each document it looked at and for each KB it returned. Metadata costs 1 RU to read and 2 RU to write.
package gateway
