package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// TestFactsOfTheRecordedSession holds one line for each fact of recorded/FACTS.md that a program meets: what is
// asked, and of the answer its status, substatus, charge, session token and text. The order matters: each may use what
// those before it have made.
func TestFactsOfTheRecordedSession(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *gateway.Options, so *store.Options) { so.Partitions = 1 })
	const (
		dbs   = "/dbs"
		colls = "/dbs/d/colls"
		docs  = "/dbs/d/colls/c/docs"
		item  = "/dbs/d/colls/c/docs/a"
		none  = "-" // the header is not there
	)
	key := func(headers ...string) h {
		all := h{"x-ms-documentdb-partitionkey": `["p"]`}
		for i := 0; i < len(headers); i += 2 {
			all[headers[i]] = headers[i+1]
		}
		return all
	}
	cross := func(headers ...string) h {
		all := h{"content-type": "application/query+json", "x-ms-documentdb-query-enablecrosspartition": "True"}
		for i := 0; i < len(headers); i += 2 {
			all[headers[i]] = headers[i+1]
		}
		return all
	}
	query := func(text string) map[string]any { return map[string]any{"query": text} }
	old := "2018-12-31"
	for _, tt := range []struct {
		name, verb, path string
		headers          h
		body             any
		status           int
		substatus        string // "" is none
		charge           string // "" is not looked at
		token            bool
		text             string // of the body
	}{
		// 3 and 4: databases and containers.
		{"database", "POST", dbs, nil, map[string]any{"id": "d"}, 201, "", "4.95", true, `"_colls":"colls/"`},
		{"database again", "POST", dbs, nil, map[string]any{"id": "d"}, 409, "", "1.24", true,
			"Resource with specified id, name, or unique index already exists."},
		{"missing database", "GET", "/dbs/x", nil, nil, 404, "", "2", true, "aka.ms/cosmosdb-tsg-not-found"},
		{"a key of several paths in an old version", "POST", colls, h{"x-ms-version": old}, map[string]any{"id": "m",
			"partitionKey": map[string]any{"paths": []string{"/a", "/b"}, "kind": "MultiHash", "version": 2}}, 400,
			"", "0", true,
			"Please choose 'Hash' partition type."},
		{"container", "POST", colls, h{"x-ms-version": old}, map[string]any{"id": "c",
			"partitionKey": map[string]any{"paths": []string{"/pk"}, "kind": "Hash"}}, 201, "", "1", true,
			`/\"_etag\"/?`},
		{"container again", "POST", colls, nil, map[string]any{"id": "c",
			"partitionKey": map[string]any{"paths": []string{"/pk"}, "kind": "Hash"}}, 409, "", "0", true,
			"already exists"},
		{"a slash in a name", "POST", colls, nil, map[string]any{"id": "a/b",
			"partitionKey": map[string]any{"paths": []string{"/pk"}, "kind": "Hash"}}, 400, "", "0", true,
			"The input name presented contains invalid character."},
		{"ranges are free", "GET", colls + "/c/pkranges", nil, nil, 200, "", none, true, `"maxExclusive":"FF"`},

		// 7 and 8: documents.
		{"create", "POST", docs, key(), map[string]any{"id": "a", "pk": "p", "n": 1}, 201, "", "6.29", true,
			`"_attachments"`},
		{"create again", "POST", docs, key(), map[string]any{"id": "a", "pk": "p", "n": 1}, 409, "", "1.57", true,
			"Entity with the specified id already exists in the system."},
		{"no key header", "POST", docs, nil, map[string]any{"id": "b", "pk": "p"}, 400, "1001", "0", true,
			"has fewer components than defined in the the collection."},
		{"another key", "POST", docs, key(), map[string]any{"id": "b", "pk": "q"}, 400, "1001", "1.24", true,
			"PartitionKey extracted from document doesn't match the one specified in the header."},
		{"no id", "POST", docs, key(), map[string]any{"pk": "p"}, 400, "", "1.24", true,
			"required properties - 'id; '"},
		{"not JSON", "POST", docs, key(), `{"id":`, 400, "", "1.24", true, "The request payload is invalid."},
		{"NaN", "POST", docs, key(), `{"id":"b","pk":"p","n":NaN}`, 400, "", "1.24", true,
			"The request payload is invalid."},
		{"1e400", "POST", docs, key(), `{"id":"b","pk":"p","n":1e400}`, 400, "", "1.24", true,
			"The request payload is invalid."},
		{"a list", "POST", docs, key(), `[{"id":"b","pk":"p"}]`, 400, "", "1.24", true,
			"One of the specified inputs is invalid"},
		{"read", "GET", item, key(), nil, 200, "", "1", true, `"n":1`},
		{"read what is not there", "GET", docs + "/x", key(), nil, 404, "", "1", true,
			"Entity with the specified id does not exist in the system."},
		{"delete what is not there", "DELETE", docs + "/x", key(), nil, 404, "", "1.24", true, "does not exist"},
		{"another ETag", "PUT", item, key("if-match", `"x"`), map[string]any{"id": "a", "pk": "p", "n": 2}, 412, "",
			"1.24", true,
			"Operation cannot be performed because one of the specified precondition is not met."},
		{"replace one value", "PUT", item, key(), map[string]any{"id": "a", "pk": "p", "n": 2}, 200, "",
			"10.67", true, `"n":2`},
		{"upsert of an existing one", "POST", docs, key("x-ms-documentdb-is-upsert", "True"),
			map[string]any{"id": "a", "pk": "p", "n": 3}, 200, "", "10.67", true, `"n":3`},
		{"a container that is not there", "POST", "/dbs/d/colls/x/docs", key(), map[string]any{"id": "a"}, 404, "",
			"2", true,
			"Resource Not Found."},

		// 9: other errors of the gateway, without charge and token.
		{"no such path", "GET", "/dbs/d/none", nil, nil, 400, "", none, false, "Request url is invalid."},
		{"no such method", "PATCH", colls + "/c", nil, nil, 400, "", none, false, "Request url is invalid."},
		{"a document is not posted to", "POST", docs + "/$batch", key(), "[]", 405, "", none, false,
			"RequestHandler.Post"},

		// 13: batches.
		{"batch", "POST", docs, key("x-ms-cosmos-is-batch-request", "True", "x-ms-cosmos-batch-atomic", "True"),
			`[{"operationType":"Create","resourceBody":{"id":"b1","pk":"p"}},{"operationType":"Delete","id":"b1"}]`,
			200, "", "", true, `"statusCode":204`},
		{"an operation of another key", "POST", docs,
			key("x-ms-cosmos-is-batch-request", "True", "x-ms-cosmos-batch-atomic", "True"),
			`[{"operationType":"Create","resourceBody":{"id":"b1","pk":"p"}},{"operationType":"Create",` +
				`"resourceBody":{"id":"b2","pk":"q"}}]`, 207, "1001", "", true, `"statusCode":424`},
		{"101 operations", "POST", docs, key("x-ms-cosmos-is-batch-request", "True", "x-ms-cosmos-batch-atomic",
			"True"),
			"[" + strings.TrimSuffix(strings.Repeat(`{"operationType":"Read","id":"a"},`, 101), ",") + "]", 400,
			"", none, true,
			"Batch request has more operations than what is supported."},

		// 14: who answers a query.
		{"across partitions",
			"POST", docs, h{"content-type": "application/query+json"}, query("SELECT * FROM c"), 400, "",
			none, false, "Cross partition query is required but disabled."},
		{"an aggregate", "POST", docs, cross(), query("SELECT VALUE COUNT(1) FROM c"), 400, "1004", none, false,
			"can not be directly served by the gateway"},
		{"ORDER BY", "POST", docs, cross(), query("SELECT * FROM c ORDER BY c.n"), 400, "1004", none, false,
			"additionalErrorInfo"},
		{"TOP", "POST", docs, cross(), query("SELECT TOP 1 * FROM c"), 400, "1004", none, false, `\"top\":1`},
		{"DISTINCT", "POST", docs, cross(), query("SELECT DISTINCT c.n FROM c"), 400, "1004", none, false,
			"Unordered"},
		{"an aggregate without VALUE", "POST", docs, cross(), query("SELECT COUNT(1) FROM c"), 400, "", none, false,
			"Cross partition query only supports 'VALUE <AggregateFunc>' for aggregates."},
		{"a refusal precedes the continuation", "POST", docs, cross("x-ms-continuation", "garbage"),
			query("SELECT TOP 1 * FROM c"), 400, "1004", none, false, ""},
		{"ORDER BY of one key",
			"POST", docs, cross(), query("SELECT VALUE c.n FROM c WHERE c.pk = 'p' ORDER BY c.n"), 200, "", "",
			true, `"Documents":[3]`},
		{"an aggregate with the key", "POST", docs, key("content-type", "application/query+json"),
			query("SELECT COUNT(1) AS n FROM c"), 200, "", "", true, `"Documents":[{"n":1}]`},
		{"a statement as it is", "POST", docs, key("content-type", "application/sql"),
			"SELECT VALUE c.id FROM c", 200, "", "",
			true, `"Documents":["a"]`},
		{"isquery alone makes a document of it", "POST", docs,
			key("content-type", "application/json", "x-ms-documentdb-isquery",
				"True"), query("SELECT * FROM c"), 400, "", "1.24",
			true, "required properties - 'id; '"},

		// 15: plans.
		{"a feature that was not announced", "POST", docs, cross("x-ms-cosmos-is-query-plan-request", "True"),
			query("SELECT VALUE COUNT(1) FROM c"), 400, "", none, false,
			"Query contained Aggregate, which the calling client"},
		{"a plan", "POST", docs, cross("x-ms-cosmos-is-query-plan-request", "True",
			"x-ms-cosmos-supported-query-features", "Aggregate, NonValueAggregate"),
			query("SELECT VALUE COUNT(1) FROM c"), 200, "", none, false, `"hybridSearchQueryInfo":null}`},

		// 16 to 19: pages, parameters, errors of the language.
		{"a page size that is none", "POST", docs, cross("x-ms-max-item-count",
			"abc"), query("SELECT * FROM c"), 400, "", none,
			false, "The input PageSize abc is invalid."},
		{"a continuation that is none", "POST", docs, cross("x-ms-continuation",
			"garbage"), query("SELECT * FROM c"), 400, "",
			none, false, "Invalid Continuation Token"},
		{"a parameter that is not passed", "POST", docs, cross(), query("SELECT @p AS v FROM c"), 200, "", "", true,
			`"Documents":[{}]`},
		{"a parameter without @", "POST", docs, cross(), map[string]any{"query": "SELECT 1",
			"parameters": []any{map[string]any{"name": "p", "value": 1}}}, 400, "", none, false,
			"Specified parameter name 'p' is invalid."},
		{"a parameter twice", "POST", docs, cross(), map[string]any{"query": "SELECT 1", "parameters": []any{
			map[string]any{"name": "@p", "value": 1}, map[string]any{"name": "@p", "value": 2}}}, 400,
			"", none, false,
			"Specified duplicate parameter name '@p'."},
		{"a syntax error", "POST", docs, cross(), query("SELECT FROM c"), 400, "", none, false,
			`\"code\":\"SC1001\"`},
		{"the empty text", "POST", docs, cross(), query(""), 400, "", none, false, `\"code\":\"SC1002\"`},
		{"a semicolon", "POST", docs, cross(), query("SELECT 1;"), 400, "", none, false, `\"code\":\"SC1010\"`},
		{"an unknown function", "POST", docs, cross(), query("SELECT ABC(1)"), 400, "", none, false,
			"'ABC' is not a recognized built-in function name."},
		{"not finite", "POST", docs, cross(), query("SELECT 1/0 AS v, 2 AS w"), 400, "4001", "", true,
			`\"code\":4001`},

		// 22: consistency, before the query is looked at.
		{"too strong", "POST", docs, cross("x-ms-consistency-level", "Strong"), query("nonsense"), 400,
			"", none, false,
			"ConsistencyLevel Strong specified in the request is invalid when service is configured with " +
				"consistency level Session."},
	} {
		a := s.do(tt.verb, tt.path, tt.headers, tt.body)
		require.Equal(t, tt.status, a.status, "%s: %s", tt.name, a.body)
		require.Equal(t, tt.substatus, a.header.Get("x-ms-substatus"), tt.name)
		switch charge, there := a.header["X-Ms-Request-Charge"]; {
		case tt.charge == none:
			require.False(t, there, "%s costs %v", tt.name, charge)
		case tt.charge != "":
			require.Equal(t, []string{tt.charge}, charge, tt.name)
		}
		require.Equal(t, tt.token, a.header.Get("x-ms-session-token") != "", tt.name)
		require.Contains(t, a.body, tt.text, tt.name)
		require.Equal(t, "application/json", a.header.Get("content-type"), tt.name)
		if a.status >= 400 {
			var e struct{ Code, Message string }
			require.NoError(t, json.Unmarshal([]byte(a.body), &e), tt.name)
			require.NotEmpty(t, e.Code, tt.name)
			require.NotEmpty(t, e.Message, "%s: JavaScript crashes without", tt.name)
			require.Empty(t, a.header.Get("cache-control"), tt.name)
		} else if tt.path != dbs { // the recording of a created database has none
			require.Equal(t, "no-cache", a.header.Get("pragma"), tt.name)
		}
	}
}
