// Package script lets a server of cosmostest run JavaScript: stored procedures, pre- and post-triggers and user-defined
// functions.
//
//	srv := cosmostest.RunT(t, script.JavaScript())
//
// It is a package of its own because the engine adds about 12 MB to a test binary; one that does not import it has none
// of them.
//
// Scripts have the service's server-side API: getContext() with getCollection, getRequest and getResponse, the
// collection's createDocument, upsertDocument, readDocument, readDocuments, replaceDocument, deleteDocument and
// queryDocuments with callbacks, isAccepted and continuations, the chained queries (filter, map, pluck, flatten,
// unwind, sortBy), __ for the collection, console.log, ErrorCodes and new Error(number, message). A stored procedure is
// one transaction of one logical partition: what it throws undoes all that it wrote. Triggers run in the transaction of
// the write that names them. A procedure that a container's policy of conflict resolution names decides between
// versions of several write regions: it gets incomingItem, existingItem, isTombstone and conflictingItems, and what it
// cannot decide is in the feed of conflicts.
//
// What the service does not document and nobody has recorded is uncertain here, too: the words of errors beside
// exception and stack, and how much a script may do before it is no longer accepted (see [Operations]).
package script

import (
	"time"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/internal/emulator/script/engine"
)

// Option bounds what scripts may use.
type Option func(*config)

type config struct {
	engine.Options
	operations int
}

// Timeout bounds the time of a stored procedure or trigger, and of all calls of a user-defined function for a page of a
// query. The default is 5 seconds, as in the service. Operations are no longer accepted when most of it is over; a
// script that goes on is stopped, undone, and answered 408.
func Timeout(d time.Duration) Option { return func(c *config) { c.Timeout = d } }

// Memory bounds by how many bytes the process may grow while a script runs; 128 MB by default.
func Memory(bytes int) Option { return func(c *config) { c.Memory = bytes } }

// Operations bounds how many operations a script may do: the next createDocument, queryDocuments and so on does nothing
// and returns false. It is a way to test how a procedure that is called again and again goes on. By default only time
// bounds them.
func Operations(n int) Option { return func(c *config) { c.operations = n } }

// JavaScript makes a server run scripts.
func JavaScript(opts ...Option) cosmostest.Option {
	var c config
	for _, o := range opts {
		o(&c)
	}
	return cosmostest.RunScripts(engine.New(c.Options), c.operations)
}
