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
// Charges are those of a recorded session with the service where they follow a rule (recorded/FACTS.md 24), so that
// programs which add them up can be tested: writes by the number of indexed values (store/charge.go), a read 1 RU for
// each KB begun, queries by their form and rows (cost.go), metadata and refusals constants (metadata.go). The service's
// own depend on the day, the index and the size of what is stored; nobody should test exact sums of them.
package gateway
