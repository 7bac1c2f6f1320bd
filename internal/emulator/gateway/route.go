package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

// segments splits a request's target into decoded names. Each is decoded once and a + stays a +. Doubled and trailing
// slashes do not count. The JavaScript SDK leaves a ? in an item's id as it is, so what follows a ? belongs to the
// last name of a docs path; everywhere else it is dropped. Clients build paths in many ways, all of which occur
// (PROTOCOL.md 1.1): azcosmos ends offers in a slash, JavaScript escapes whole links.
func segments(requestURI string) []string {
	// The absolute form, which proxies send.
	if i := strings.Index(requestURI, "://"); i >= 0 && !strings.HasPrefix(requestURI, "/") {
		requestURI = requestURI[i+3:]
		requestURI = requestURI[strings.IndexByte(requestURI+"/", '/'):]
	}
	path, query, asked := strings.Cut(requestURI, "?")
	var out []string
	for s := range strings.SplitSeq(path, "/") {
		if s != "" {
			out = append(out, unescape(s))
		}
	}
	// The signature of such a request covers the ? as well, so it must be part of the name before that is checked.
	if n := len(out); asked && n == 6 && out[4] == "docs" {
		out[n-1] += "?" + unescape(query)
	}
	return out
}

// A name with a stray % is taken as it stands: it may be an id that was not escaped.
func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// Verbs that are POST or GET on the wire and differ by their headers.
const (
	// In capitals like methods, which they stand beside in the table.
	verbBatch   = "BATCH"
	verbBulk    = "BULK"
	verbPlan    = "PLAN"
	verbQuery   = "QUERY"
	verbUpsert  = "UPSERT"
	verbChanges = "CHANGES"
)

const shapeTransaction = "operations/dtc"

// verb is the method of the request, or which of the requests it is that share one: they are told apart in the one
// order that fits every client. Batch comes before plan, plan before query, query before upsert (PROTOCOL.md 11.1),
// as JavaScript's requests carry headers of other kinds, too, and a plan has the content type of a query.
func (c *call) verb(shape string) string {
	switch method := c.r.Method; {
	// net/http leaves the body away by itself.
	case method == http.MethodHead:
		return http.MethodGet
	case method == http.MethodGet && shape == shapeDocs && c.header(headerAIM) != "":
		return verbChanges
	case method != http.MethodPost:
		return method
	case shape == shapeTransaction:
		switch c.header("x-ms-cosmos-operation-type") {
		case "CommitDistributedTransaction":
			return verbCommit
		case "AbortDistributedTransaction":
			return verbAbort
		case "Read":
			return verbRead
		}
		return method
	case shape != shapeDocs:
		return c.common(method)
	case c.flag(headerBatch) && c.flag("x-ms-cosmos-batch-atomic"):
		return verbBatch
	case c.flag(headerBatch):
		return verbBulk
	case c.flag(headerPlan):
		return verbPlan
	}
	return c.common(http.MethodPost)
}

// common tells the POSTs apart that all feeds have in common.
func (c *call) common(method string) string {
	switch {
	case c.isQuery():
		return verbQuery
	case c.flag(headerUpsert):
		return verbUpsert
	}
	return method
}

// isQuery reports whether the request is one, which its content type alone says. x-ms-documentdb-isquery is not
// needed, and beside application/json it makes no query (recorded exchanges 41 and 42).
func (c *call) isQuery() bool {
	kind := strings.ToLower(c.header("content-type"))
	return strings.HasPrefix(kind, "application/query+json") || strings.HasPrefix(kind, "application/sql")
}

// shape is a path with its names replaced by stars. What follows "operations" is not a name. So that a table by text
// finds the operation, whatever the names in the path are.
func shape(path []string) string {
	out := make([]string, len(path))
	for i, p := range path {
		if out[i] = p; i%2 == 1 && path[i-1] != "operations" {
			out[i] = "*"
		}
	}
	return strings.Join(out, "/")
}

const shapeDocs = "dbs/*/colls/*/docs"

// routes are all resources: by the shape of their path, what each verb does. What stands here is all that the server
// answers; anything else is 400 Request url is invalid.
var routes = map[string]map[string]operation{
	"": {"GET": get(ReadAccount, (*call).readAccount)},
	"offers": {
		"GET":     get(ListOffers, (*call).listOffers),
		verbQuery: ask(ListOffers, (*call).listOffers),
	},
	"offers/*": {
		"GET": get(ReadOffer, (*call).readOffer),
		"PUT": put(ReplaceOffer, (*call).replaceOffer),
	},
	"dbs": {
		"GET":     get(ListDatabases, (*call).listDatabases),
		verbQuery: ask(ListDatabases, (*call).listDatabases),
		"POST":    put(CreateDatabase, (*call).createDatabase),
	},
	"dbs/*": {
		"GET":    get(ReadDatabase, onDatabase((*call).readDatabase)),
		"DELETE": remove(DeleteDatabase, onDatabase((*call).deleteDatabase)),
	},
	"dbs/*/colls": {
		"GET":     get(ListContainers, onDatabase((*call).listContainers)),
		verbQuery: ask(ListContainers, onDatabase((*call).listContainers)),
		"POST":    put(CreateContainer, onDatabase((*call).createContainer)),
	},
	"dbs/*/colls/*": {
		"GET":    get(ReadContainer, onContainer((*call).readContainer)),
		"PUT":    put(ReplaceContainer, onContainer((*call).replaceContainer)),
		"DELETE": remove(DeleteContainer, onContainer((*call).deleteContainer)),
	},
	"dbs/*/colls/*/pkranges": {"GET": get(ReadRanges, inContainer((*call).readRanges))},
	shapeDocs: {
		"GET":       get(List, inSearch((*call).listItems)),
		verbChanges: get(ChangeFeed, inSearch((*call).changeFeed)),
		verbBatch:   put(Batch, inBatch((*call).batch)),
		verbBulk:    put(Bulk, inBatch((*call).bulk)),
		verbPlan:    ask(QueryPlan, inSearch((*call).queryPlan)),
		verbQuery:   ask(Query, inSearch((*call).queryItems)),
		verbUpsert:  put(Upsert, inContainer((*call).upsertItem)),
		"POST":      put(Create, inContainer((*call).createItem)),
	},
	shapeDocs + "/*": {
		"GET":    get(Read, onItem((*call).readItem)),
		"PUT":    put(Replace, onItem((*call).replaceItem)),
		"PATCH":  put(Patch, onItem((*call).patchItem)),
		"DELETE": remove(Delete, onItem((*call).deleteItem)),
	},
	// Signed as the container, not as what its path ends in (PROTOCOL.md 10.3): auth.go knows.
	"dbs/*/colls/*/operations/partitionkeydelete": {
		"POST": remove(DeletePartitionKey, inContainer((*call).deletePartitionKey))},
	shapeTransaction: {
		verbCommit: put(CommitTransaction, inTransaction((*call).commitTransaction)),
		verbAbort:  put(AbortTransaction, inTransaction((*call).abortTransaction)),
		verbRead:   ask(ReadTransaction, inTransaction((*call).readTransaction)),
	},
	"dbs/*/colls/*/conflicts": {
		"GET":     get(ListConflicts, inContainer((*call).listConflicts)),
		verbQuery: ask(ListConflicts, inContainer((*call).listConflicts)),
	},
	"dbs/*/colls/*/conflicts/*": {
		"GET":    get(ListConflicts, inContainer((*call).readConflict)),
		"DELETE": remove(ListConflicts, inContainer((*call).deleteConflict)),
	},
	"dbs/*/colls/*/sprocs":     scriptFeed,
	"dbs/*/colls/*/triggers":   scriptFeed,
	"dbs/*/colls/*/udfs":       scriptFeed,
	"dbs/*/colls/*/triggers/*": scriptItem,
	"dbs/*/colls/*/udfs/*":     scriptItem,
	"dbs/*/colls/*/sprocs/*": {
		"GET":    scriptItem["GET"],
		"PUT":    scriptItem["PUT"],
		"DELETE": scriptItem["DELETE"],
		"POST":   put(ExecuteScript, inContainer((*call).executeScript)),
	},
	"dbs/*/clientencryptionkeys": {
		"GET":     get(ManageEncryptionKeys, onDatabase((*call).listEncryptionKeys)),
		verbQuery: ask(ManageEncryptionKeys, onDatabase((*call).listEncryptionKeys)),
		"POST":    put(ManageEncryptionKeys, onDatabase((*call).createEncryptionKey)),
	},
	"dbs/*/clientencryptionkeys/*": {
		"GET": get(ManageEncryptionKeys, onDatabase((*call).readEncryptionKey)),
		"PUT": put(ManageEncryptionKeys, onDatabase((*call).replaceEncryptionKey)),
	},
	shapeDocs + "/*/attachments": {"GET": get(List, onItem((*call).listAttachments))},
	"dbs/*/users": {
		"GET":      get(ManageUsers, onDatabase((*call).listUsers)),
		verbQuery:  ask(ManageUsers, onDatabase((*call).listUsers)),
		verbUpsert: put(ManageUsers, onDatabase((*call).upsertUser)),
		"POST":     put(ManageUsers, onDatabase((*call).createUser)),
	},
	"dbs/*/users/*": {
		"GET":    get(ManageUsers, onUser((*call).readUser)),
		"PUT":    put(ManageUsers, onUser((*call).replaceUser)),
		"DELETE": remove(ManageUsers, onUser((*call).deleteUser)),
	},
	"dbs/*/users/*/permissions": {
		"GET":      get(ManagePermissions, onUser((*call).listPermissions)),
		verbQuery:  ask(ManagePermissions, onUser((*call).listPermissions)),
		verbUpsert: put(ManagePermissions, onUser((*call).upsertPermission)),
		"POST":     put(ManagePermissions, onUser((*call).createPermission)),
	},
	"dbs/*/users/*/permissions/*": {
		"GET":    get(ManagePermissions, onPermission((*call).readPermission)),
		"PUT":    put(ManagePermissions, onPermission((*call).replacePermission)),
		"DELETE": remove(ManagePermissions, onPermission((*call).deletePermission)),
	},
}

var scriptFeed = map[string]operation{
	"GET":     get(ManageScripts, inContainer((*call).listScripts)),
	verbQuery: ask(ManageScripts, inContainer((*call).listScripts)),
	"POST":    put(ManageScripts, inContainer((*call).createScript)),
}

var scriptItem = map[string]operation{
	"GET":    get(ManageScripts, inContainer((*call).readScript)),
	"PUT":    put(ManageScripts, inContainer((*call).replaceScript)),
	"DELETE": remove(ManageScripts, inContainer((*call).deleteScript)),
}

// route finds the operation of a request. An operation without a handler is a path of no resource; authorize refuses
// it, as nothing could be signed.
func (c *call) route() operation {
	s := shape(c.path)
	switch {
	case c.r.Method == http.MethodOptions:
		return operation{name: UnknownOperation, handle: forbidden}
	case s == shapeDocs+"/*" && c.r.Method == http.MethodPost:
		return operation{name: UnknownOperation, handle: postToDocument}
	}
	verbs, ok := routes[s]
	if !ok {
		return operation{name: UnknownOperation}
	}
	op, ok := verbs[c.verb(s)]
	if !ok {
		return operation{name: UnknownOperation, handle: methodNotAllowed}
	}
	return op
}
