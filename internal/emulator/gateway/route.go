package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

// Operation names what a request does; faults are chosen by it.
type Operation string

// The operations. Those without a noun are of documents.
const (
	ReadAccount        Operation = "ReadAccount"
	ListDatabases      Operation = "ListDatabases"
	CreateDatabase     Operation = "CreateDatabase"
	ReadDatabase       Operation = "ReadDatabase"
	DeleteDatabase     Operation = "DeleteDatabase"
	ListContainers     Operation = "ListContainers"
	CreateContainer    Operation = "CreateContainer"
	ReadContainer      Operation = "ReadContainer"
	ReplaceContainer   Operation = "ReplaceContainer"
	DeleteContainer    Operation = "DeleteContainer"
	ReadRanges         Operation = "ReadRanges"
	ListOffers         Operation = "ListOffers"
	ReadOffer          Operation = "ReadOffer"
	ReplaceOffer       Operation = "ReplaceOffer"
	List               Operation = "List"
	ChangeFeed         Operation = "ChangeFeed"
	Create             Operation = "Create"
	Upsert             Operation = "Upsert"
	Read               Operation = "Read"
	Replace            Operation = "Replace"
	Patch              Operation = "Patch"
	Delete             Operation = "Delete"
	Query              Operation = "Query"
	QueryPlan          Operation = "QueryPlan"
	Batch              Operation = "Batch" // transactional
	Bulk               Operation = "Bulk"
	BulkItem           Operation = "BulkItem" // one operation of a bulk request
	DeletePartitionKey Operation = "DeletePartitionKey"
	ManageUsers        Operation = "ManageUsers"
	ManagePermissions  Operation = "ManagePermissions"
	ManageScripts      Operation = "ManageScripts"
	ExecuteScript      Operation = "ExecuteScript"
	ListConflicts      Operation = "ListConflicts"
	UnknownOperation   Operation = "Unknown"
)

// operation is what a request turned out to be.
type operation struct {
	name   Operation
	handle func(*Call) (reply, error) // nil: there is no such resource
	body   bool                       // the request has one
	writes bool                       // only a write region does it
}

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

// route finds the operation of a request by its method and path, and for POSTs by its headers.
func (c *Call) route() operation {
	p := c.path
	switch {
	case len(p) == 0:
		return byMethod(c, operation{ReadAccount, (*Call).readAccount, false, false}, nil, nil, nil)
	case p[0] == "offers":
		return c.routeOffers(p[1:])
	case p[0] != "dbs":
		return operation{name: UnknownOperation}
	case len(p) == 1:
		return byMethod(c, operation{ListDatabases, (*Call).listDatabases, false, false},
			c.queryOr(ListDatabases, (*Call).listDatabases, operation{CreateDatabase, (*Call).createDatabase, true, true}), nil, nil)
	case len(p) == 2:
		return byMethod(c, operation{ReadDatabase, (*Call).readDatabase, false, false}, nil, nil,
			&operation{DeleteDatabase, (*Call).deleteDatabase, false, true})
	case p[2] == "users":
		return c.routeUsers(p[3:])
	case p[2] != "colls":
		return operation{name: UnknownOperation}
	case len(p) == 3:
		return byMethod(c, operation{ListContainers, (*Call).listContainers, false, false},
			c.queryOr(ListContainers, (*Call).listContainers, operation{CreateContainer, (*Call).createContainer, true, true}), nil, nil)
	case len(p) == 4:
		return byMethod(c, operation{ReadContainer, (*Call).readContainer, false, false}, nil,
			&operation{ReplaceContainer, (*Call).replaceContainer, true, true}, &operation{DeleteContainer, (*Call).deleteContainer, false, true})
	}
	return c.routeContainer(p[4], p[5:])
}

// routeContainer is for what lives in a container.
func (c *Call) routeContainer(kind string, rest []string) operation {
	switch {
	case kind == "docs" && len(rest) == 0:
		get := operation{List, (*Call).listItems, false, false}
		if c.header(headerAIM) != "" {
			get = operation{ChangeFeed, (*Call).changeFeed, false, false}
		}
		return byMethod(c, get, c.postDocuments(), nil, nil)
	case kind == "docs" && len(rest) == 1:
		if c.r.Method == http.MethodPatch {
			return operation{Patch, (*Call).patchItem, true, true}
		}
		return byMethod(c, operation{Read, (*Call).readItem, false, false}, nil,
			&operation{Replace, (*Call).replaceItem, true, true}, &operation{Delete, (*Call).deleteItem, false, true})
	case kind == "pkranges" && len(rest) == 0:
		return byMethod(c, operation{ReadRanges, (*Call).readRanges, false, false}, nil, nil, nil)
	case kind == "operations" && len(rest) == 1 && rest[0] == "partitionkeydelete":
		return byMethod(c, operation{name: UnknownOperation}, &operation{DeletePartitionKey, (*Call).deletePartitionKey, false, true}, nil, nil)
	case kind == "conflicts" && len(rest) == 0:
		return byMethod(c, operation{ListConflicts, (*Call).listConflicts, false, false}, &operation{ListConflicts, (*Call).listConflicts, true, false}, nil, nil)
	case kind == "sprocs" || kind == "triggers" || kind == "udfs":
		return c.routeScripts(rest)
	}
	return operation{name: UnknownOperation}
}

// postDocuments tells the requests apart that all POST to docs, in the one order that fits every client.
func (c *Call) postDocuments() *operation {
	switch {
	case c.flag(headerBatch) && c.flag("x-ms-cosmos-batch-atomic"):
		return &operation{Batch, (*Call).batch, true, true}
	case c.flag(headerBatch):
		return &operation{Bulk, (*Call).bulk, true, true}
	case c.flag(headerPlan):
		return &operation{QueryPlan, (*Call).queryPlan, true, false}
	case c.isQuery():
		return &operation{Query, (*Call).queryItems, true, false}
	case c.flag(headerUpsert):
		return &operation{Upsert, (*Call).upsertItem, true, true}
	}
	return &operation{Create, (*Call).createItem, true, true}
}

// isQuery reports whether the request is one: SDKs say so in different ways.
func (c *Call) isQuery() bool {
	return c.flag("x-ms-documentdb-isquery") || c.flag("x-ms-documentdb-query") ||
		strings.HasPrefix(strings.ToLower(c.header("content-type")), "application/query+json")
}

// queryOr is the operation of a POST to a feed of metadata: a query if it says so, else other.
func (c *Call) queryOr(name Operation, list func(*Call) (reply, error), other operation) *operation {
	if c.isQuery() {
		return &operation{name, list, true, false}
	}
	return &other
}

func (c *Call) routeOffers(rest []string) operation {
	if len(rest) == 0 {
		return byMethod(c, operation{ListOffers, (*Call).listOffers, false, false}, &operation{ListOffers, (*Call).listOffers, true, false}, nil, nil)
	}
	return byMethod(c, operation{ReadOffer, (*Call).readOffer, false, false}, nil, &operation{ReplaceOffer, (*Call).replaceOffer, true, true}, nil)
}

// byMethod picks by the HTTP method; nil is a method that the resource does not have.
func byMethod(c *Call, get operation, post, put, del *operation) operation {
	var op *operation
	switch c.r.Method {
	case http.MethodGet, http.MethodHead:
		op = &get
	case http.MethodPost:
		op = post
	case http.MethodPut:
		op = put
	case http.MethodDelete:
		op = del
	}
	if op == nil {
		return operation{name: UnknownOperation, handle: methodNotAllowed}
	}
	return *op
}
