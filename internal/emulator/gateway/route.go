package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

// segments splits a request's target into decoded names. Each is decoded once and a + stays a +. Doubled and trailing
// slashes do not count. The JavaScript SDK leaves a ? in an item's id as it is, so what follows a ? belongs to the
// last name of a docs path; everywhere else it is dropped.
func segments(requestURI string) []string {
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
	if n := len(out); asked && n == 6 && out[4] == "docs" {
		out[n-1] += "?" + unescape(query)
	}
	return out
}

func unescape(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}

// Verbs that are POST or GET on the wire and differ by their headers.
const (
	verbBatch   = "BATCH"
	verbBulk    = "BULK"
	verbPlan    = "PLAN"
	verbQuery   = "QUERY"
	verbUpsert  = "UPSERT"
	verbChanges = "CHANGES"
)

// verb is the method of the request, or which of the requests it is that share one: they are told apart in the one
// order that fits every client.
func (c *call) verb(shape string) string {
	switch method := c.r.Method; {
	case method == http.MethodHead:
		return http.MethodGet
	case method == http.MethodGet && shape == shapeDocs && c.header(headerAIM) != "":
		return verbChanges
	case method != http.MethodPost:
		return method
	case shape != shapeDocs && c.isQuery():
		return verbQuery
	case shape != shapeDocs:
		return method
	case c.flag(headerBatch) && c.flag("x-ms-cosmos-batch-atomic"):
		return verbBatch
	case c.flag(headerBatch):
		return verbBulk
	case c.flag(headerPlan):
		return verbPlan
	case c.isQuery():
		return verbQuery
	case c.flag(headerUpsert):
		return verbUpsert
	}
	return http.MethodPost
}

// isQuery reports whether the request is one: SDKs say so in different ways.
func (c *call) isQuery() bool {
	return c.flag("x-ms-documentdb-isquery") || c.flag("x-ms-documentdb-query") ||
		strings.HasPrefix(strings.ToLower(c.header("content-type")), "application/query+json")
}

// shape is a path with its names replaced by stars. What follows "operations" is no name.
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

// routes are all resources: by the shape of their path, what each verb does.
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
		"GET":    get(ReadDatabase, (*call).readDatabase),
		"DELETE": remove(DeleteDatabase, (*call).deleteDatabase),
	},
	"dbs/*/colls": {
		"GET":     get(ListContainers, (*call).listContainers),
		verbQuery: ask(ListContainers, (*call).listContainers),
		"POST":    put(CreateContainer, (*call).createContainer),
	},
	"dbs/*/colls/*": {
		"GET":    get(ReadContainer, (*call).readContainer),
		"PUT":    put(ReplaceContainer, (*call).replaceContainer),
		"DELETE": remove(DeleteContainer, (*call).deleteContainer),
	},
	"dbs/*/colls/*/pkranges": {"GET": get(ReadRanges, (*call).readRanges)},
	shapeDocs: {
		"GET":       get(List, (*call).listItems),
		verbChanges: get(ChangeFeed, (*call).changeFeed),
		verbBatch:   put(Batch, (*call).batch),
		verbBulk:    put(Bulk, (*call).bulk),
		verbPlan:    ask(QueryPlan, (*call).queryPlan),
		verbQuery:   ask(Query, (*call).queryItems),
		verbUpsert:  put(Upsert, (*call).upsertItem),
		"POST":      put(Create, (*call).createItem),
	},
	shapeDocs + "/*": {
		"GET":    get(Read, (*call).readItem),
		"PUT":    put(Replace, (*call).replaceItem),
		"PATCH":  put(Patch, (*call).patchItem),
		"DELETE": remove(Delete, (*call).deleteItem),
	},
	"dbs/*/colls/*/operations/partitionkeydelete": {"POST": remove(DeletePartitionKey, (*call).deletePartitionKey)},
	"dbs/*/colls/*/conflicts": {
		"GET":     get(ListConflicts, (*call).listConflicts),
		verbQuery: ask(ListConflicts, (*call).listConflicts),
	},
	"dbs/*/colls/*/sprocs":     scriptFeed,
	"dbs/*/colls/*/triggers":   scriptFeed,
	"dbs/*/colls/*/udfs":       scriptFeed,
	"dbs/*/colls/*/triggers/*": script,
	"dbs/*/colls/*/udfs/*":     script,
	"dbs/*/colls/*/sprocs/*": {
		"GET":    script["GET"],
		"PUT":    script["PUT"],
		"DELETE": script["DELETE"],
		"POST":   put(ExecuteScript, (*call).executeScript),
	},
	"dbs/*/users": {
		"GET":  get(ManageUsers, (*call).listUsers),
		"POST": put(ManageUsers, (*call).putUser),
	},
	"dbs/*/users/*": {
		"GET":    get(ManageUsers, (*call).readUser),
		"PUT":    put(ManageUsers, (*call).putUser),
		"DELETE": remove(ManageUsers, (*call).deleteUser),
	},
	"dbs/*/users/*/permissions": {
		"GET":  get(ManagePermissions, (*call).listPermissions),
		"POST": put(ManagePermissions, (*call).putPermission),
	},
	"dbs/*/users/*/permissions/*": {
		"GET":    get(ManagePermissions, (*call).readPermission),
		"PUT":    put(ManagePermissions, (*call).putPermission),
		"DELETE": remove(ManagePermissions, (*call).deletePermission),
	},
}

var scriptFeed = map[string]operation{
	"GET":     get(ManageScripts, (*call).listScripts),
	verbQuery: ask(ManageScripts, (*call).listScripts),
	"POST":    put(ManageScripts, (*call).createScript),
}

var script = map[string]operation{
	"GET":    get(ManageScripts, (*call).readScript),
	"PUT":    put(ManageScripts, (*call).replaceScript),
	"DELETE": remove(ManageScripts, (*call).deleteScript),
}

// route finds the operation of a request.
func (c *call) route() operation {
	s := shape(c.path)
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
