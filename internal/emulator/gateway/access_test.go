package gateway_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

const readKey = "VGhpcyBpcyBhIHNhbXBsZSBzdHJpbmc="

// jwt is an access token as the emulators take it.
func jwt(key string, expires time.Time) string {
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	return part(`{"alg":"RS256"}`) + "." + part(fmt.Sprintf(`{"exp":%d}`, expires.Unix())) + "." + part(key)
}

func TestAccess(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(o *gateway.Options, _ *store.Options) { o.ReadOnlyKey = readKey })
	now := time.Now().UTC().Format(http.TimeFormat)
	early := time.Now().Add(20 * time.Minute).UTC().Format(http.TimeFormat)
	late := time.Now().Add(-20 * time.Minute).UTC().Format(http.TimeFormat)
	for _, test := range []struct {
		name    string
		verb    string
		headers h
		status  int
		sub     string
		message string
	}{
		{"no token", "GET", h{"x-ms-date": now}, 401, "", "Required Header authorization is missing"},
		{"no form", "GET", h{"x-ms-date": now, "authorization": "x"}, 401, "5001",
			"doesn't confirm to the required format"},
		{"no base64", "GET", h{"x-ms-date": now, "authorization": url.QueryEscape("type=master&ver=1.0&sig=!")}, 401,
			"5001", "required format"},
		{"Entra ID", "GET", h{"authorization": "type=aad&ver=1.0&sig=" + jwt(testKey, time.Now().Add(time.Minute))},
			200, "", ""},
		{"Entra ID, expired", "GET",
			h{"authorization": "type=aad&ver=1.0&sig=" + jwt(testKey, time.Now().Add(-time.Minute))}, 401,
			"5003", "expired"},
		{"Entra ID, other key",
			"GET", h{"authorization": "type=aad&ver=1.0&sig=" + jwt("x", time.Now().Add(time.Minute))}, 401,
			"5003", "not valid"},
		{"Entra ID, no claims", "GET",
			h{"authorization": "type=aad&ver=1.0&sig=e30.x." + base64.RawURLEncoding.EncodeToString([]byte(testKey))},
			401, "5003", "claims"},
		{"unknown kind", "GET", h{"authorization": "type=sas&ver=1.0&sig=x"}, 401, "5001", "sas"},
		{"no date", "GET", h{"authorization": signature(testKey, "GET", "dbs", "", now)}, 401, "",
			"mandates Date headers"},
		{"bad date", "GET", h{"x-ms-date": "now", "authorization": signature(testKey, "GET", "dbs", "", "now")}, 401,
			"", "invalid format"},
		{"old date", "GET", h{"x-ms-date": late, "authorization": signature(testKey, "GET", "dbs", "", late)}, 403, "",
			"not valid at the current time"},
		{"date to come", "GET", h{"x-ms-date": early, "authorization": signature(testKey, "GET", "dbs", "", early)},
			403, "", "not valid at the current time"},
		{"wrong key", "GET", h{"x-ms-date": now, "authorization": signature("AAAA", "GET", "dbs", "", now)}, 401, "",
			`'get\ndbs\n\n`},
		{"wrong verb", "GET", h{"x-ms-date": now, "authorization": signature(testKey, "PUT", "dbs", "", now)}, 401, "",
			"can't serve the request"},
		{"right", "GET", h{"x-ms-date": now, "authorization": signature(testKey, "GET", "dbs", "", now)}, 200, "", ""},
		{"read-only key reads", "GET",
			h{"x-ms-date": now, "authorization": signature(readKey, "GET", "dbs", "", now)}, 200, "", ""},
		{"read-only key does not write", "POST",
			h{"x-ms-date": now, "authorization": signature(readKey, "POST", "dbs", "", now)}, 403, "",
			"Insufficient permissions"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := *s
			s.t = t
			a := s.raw(test.verb, "/dbs", test.headers, nil).want(t, test.status, test.sub)
			if test.message != "" {
				require.Contains(t, a.body, test.message)
				require.NotEmpty(t, a.text("code"))
			}
		})
	}
}

func TestPathsOfNamesAndRIDs(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for _, id := range []string{"a b", "a?b", "50%", "x+y", "é#1", `"q"`} {
		s.do("POST", coll+"/docs", pk("p"), h{"id": id, "pk": "p"}).want(t, 201)
		require.Equal(t, id, s.do("GET", coll+"/docs/"+id, pk("p"), nil).want(t, 200).text("id"))
	}
	// The JavaScript SDK leaves the question mark as it is and signs the id with it.
	date := time.Now().UTC().Format(http.TimeFormat)
	a := s.raw("GET", coll+"/docs/a?b", pk("p").and(h{
		"x-ms-date": date, "authorization": signature(testKey, "GET", "docs", "dbs/d/colls/c/docs/a?b", date),
	}), nil).want(t, 200)
	require.Equal(t, "a?b", a.text("id"))

	// _self is a path, signed with its last rid in lower case.
	self := a.text("_self")
	for _, link := range []string{a.text("_rid"), "dbs/d"} {
		status := 200
		if link == "dbs/d" {
			status = 401
		}
		s.raw("GET", "/"+self, pk("p").and(h{
			"x-ms-date": date, "authorization": signature(testKey, "GET", "docs", strings.ToLower(link), date),
		}), nil).want(t, status)
	}
	byRID := s.do("GET", "/"+self, pk("p"), nil).want(t, 200)
	require.Equal(t, "a?b", byRID.text("id"), "names of the path signed as they are will do as well")
	coll2 := s.do("GET", coll, nil, nil).want(t, 200).text("_self")
	require.Equal(t, "c", s.do("GET", "/"+coll2, nil, nil).want(t, 200).text("id"))
}

func TestResourceTokens(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for _, p := range []string{"p", "q"} {
		s.do("POST", coll+"/docs", pk(p), h{"id": "a", "pk": p}).want(t, 201)
	}
	s.do("POST", "/dbs/d/users", nil, h{"id": "u"}).want(t, 201)
	s.do("POST", "/dbs/d/users", nil, h{"id": "u"}).want(t, 409)
	grant := func(id, mode, resource string, key ...any) string {
		body := map[string]any{"id": id, "permissionMode": mode, "resource": resource}
		if key != nil {
			body["resourcePartitionKey"] = key
		}
		return s.do("POST", "/dbs/d/users/u/permissions", nil, body).want(t, 201).text("_token")
	}
	read := grant("read", "Read", "dbs/d/colls/c")
	all := grant("all", "All", "dbs/d/colls/c", "p")
	whole := grant("whole", "All", "dbs/d")
	item := grant("item", "All", "dbs/d/colls/c/docs/a", "p")
	s.do("POST", "/dbs/d/users/u/permissions", nil,
		h{"id": "again", "permissionMode": "All", "resource": "dbs/d/colls/c"}).want(t, 409)

	as := func(token, verb, path string, headers h, body any) answer {
		return s.raw(verb, path, headers.and(h{"authorization": url.QueryEscape(token)}), body)
	}
	self := func(key string) string {
		return "/" + s.do("GET", coll+"/docs/a", pk(key), nil).want(t, 200).text("_self")
	}
	isQuery := h{"content-type": "application/query+json"}
	bulk := h{"x-ms-cosmos-is-batch-request": "True", "x-ms-cosmos-batch-continue-on-error": "True"}
	for _, test := range []struct {
		name, token, verb, path string
		headers                 h
		body                    any
		status                  int
	}{
		{"account", read, "GET", "/", nil, nil, 200},
		{"read: item", read, "GET", coll + "/docs/a", pk("q"), nil, 200},
		{"read: container", read, "GET", coll, nil, nil, 200},
		{"read: ranges", read, "GET", coll + "/pkranges", nil, nil, 200},
		{"read: feed", read, "GET", coll + "/docs", nil, nil, 200},
		{"read: no write", read, "POST", coll + "/docs", pk("q"), h{"id": "b", "pk": "q"}, 403},
		{"read: no database", read, "GET", "/dbs/d", nil, nil, 403},
		{"read: no users", read, "GET", "/dbs/d/users", nil, nil, 403},
		{"all: write", all, "POST", coll + "/docs", pk("p"), h{"id": "b", "pk": "p"}, 201},
		{"all: other key", all, "POST", coll + "/docs", pk("q"), h{"id": "b", "pk": "q"}, 403},
		{"all: container for routing", all, "GET", coll, nil, nil, 200},
		{"database: container", whole, "GET", coll, nil, nil, 200},
		{"database: no users", whole, "GET", "/dbs/d/users", nil, nil, 403},
		{"database: no permissions", whole, "POST", "/dbs/d/users/u/permissions", nil,
			h{"id": "mine", "permissionMode": "All", "resource": "dbs"}, 403},
		{"item: itself", item, "GET", coll + "/docs/a", pk("p"), nil, 200},
		{"all: item by rid", all, "GET", self("p"), pk("p"), nil, 200},
		{"all: another key's item by rid", all, "GET", self("q"), pk("q"), nil, 403},
		{"all: another key's item by rid, said to be its own", all, "DELETE", self("q"), pk("p"), nil, 404},
		{"all: item without a key", all, "GET", coll + "/docs/a", nil, nil, 403},
		{"all: query", all, "POST", coll + "/docs", pk("p").and(isQuery), h{"query": "SELECT * FROM c"}, 200},
		{"all: query of another key", all, "POST", coll + "/docs", pk("q").and(isQuery),
			h{"query": "SELECT * FROM c"}, 403},
		{"all: query of everything", all, "POST", coll + "/docs", cross.and(isQuery),
			h{"query": "SELECT * FROM c"}, 403},
		{"all: plan, which touches nothing", all, "POST", coll + "/docs",
			isQuery.and(h{"x-ms-cosmos-is-query-plan-request": "True"}), h{"query": "SELECT * FROM c"}, 200},
		{"item: no plan", item, "POST", coll + "/docs", isQuery.and(h{"x-ms-cosmos-is-query-plan-request": "True"}),
			h{"query": "SELECT * FROM c"}, 403},
		{"all: feed of everything", all, "GET", coll + "/docs", nil, nil, 403},
		{"all: changes", all, "GET", coll + "/docs", pk("p").and(h{"a-im": "Incremental Feed"}), nil, 200},
		{"all: changes of a range", all, "GET", coll + "/docs",
			h{"a-im": "Incremental Feed", "x-ms-documentdb-partitionkeyrangeid": "0"}, nil, 403},
		{"all: bulk", all, "POST", coll + "/docs", bulk,
			[]any{h{"operationType": "Read", "id": "a", "partitionKey": `["p"]`}}, 200},
		{"all: bulk with another key", all, "POST", coll + "/docs", bulk,
			[]any{h{"operationType": "Read", "id": "a", "partitionKey": `["p"]`},
				h{"operationType": "Delete", "id": "a", "partitionKey": `["q"]`}}, 403},
		{"all: bulk that is none", all, "POST", coll + "/docs", bulk, h{}, 403},
		{"all: batch of another key", all, "POST",
			coll + "/docs", bulk.and(pk("q")).and(h{"x-ms-cosmos-batch-atomic": "True"}),
			[]any{h{"operationType": "Read", "id": "a"}}, 403},
		{"all: delete another key", all, "POST", coll + "/operations/partitionkeydelete", pk("q"), nil, 403},
		{"all: no replace of the container", all, "PUT", coll, nil, h{"id": "c"}, 403},
		{"all: no delete of the container", all, "DELETE", coll, nil, nil, 403},
		{"all: no scripts", all, "POST", coll + "/udfs", pk("p"), h{"id": "f", "body": "function(){}"}, 403},
		{"item: container for routing", item, "GET", coll, nil, nil, 200},
		{"item: ranges", item, "GET", coll + "/pkranges", nil, nil, 200},
		{"item: no database", item, "GET", "/dbs/d", nil, nil, 403},
		{"item: no container", item, "DELETE", coll, nil, nil, 403},
		{"item: no query", item, "POST", coll + "/docs", pk("p").and(isQuery), h{"query": "SELECT * FROM c"}, 403},
		{"item: by rid", item, "GET", self("p"), pk("p"), nil, 200},
		{"item: no other", item, "GET", coll + "/docs/b", pk("p"), nil, 403},
		{"forged", read[:len(read)-8] + "AAAAAA=;", "GET", coll, nil, nil, 401},
		{"not a token", "type=resource&ver=1&sig=x", "GET", coll, nil, nil, 401},
	} {
		t.Run(test.name,
			func(t *testing.T) { as(test.token, test.verb, test.path, test.headers, test.body).want(t, test.status) })
	}

	list := s.do("GET", "/dbs/d/users/u/permissions", nil, nil).want(t, 200).rows("Permissions")
	require.Len(t, list, 4)
	require.Contains(t, list[0], "_token")
	s.do("GET", "/dbs/d/users/u/permissions/read", h{"x-ms-documentdb-expiry-seconds": "1"}, nil).want(t, 400)
	s.do("PUT", "/dbs/d/users/u/permissions/read", nil,
		h{"id": "read", "permissionMode": "Read", "resource": "dbs/d/colls/other"}).want(t, 200)
	as(read, "GET", coll, nil, nil).want(t, 403)
	s.do("DELETE", "/dbs/d/users/u/permissions/all", h{"if-match": `"x"`}, nil).want(t, 412)
	s.do("DELETE", "/dbs/d/users/u/permissions/all", nil, nil).want(t, 204)
	as(all, "GET", coll, nil, nil).want(t, 403)
	require.Len(t, s.do("POST", "/dbs/d/users/u/permissions", h{"content-type": "application/query+json"},
		h{"query": "SELECT * FROM p WHERE p.permissionMode = 'All'"}).want(t, 200).rows("Permissions"), 2)
	upsert := h{"x-ms-documentdb-is-upsert": "True"}
	once := map[string]any{"id": "late", "permissionMode": "Read", "resource": "dbs/d/colls/late"}
	s.do("POST", "/dbs/d/users/u/permissions", upsert.and(h{"x-ms-documentdb-expiry-seconds": "1"}), once).want(t, 400)
	s.do("GET", "/dbs/d/users/u/permissions/late", nil, nil).want(t, 404)
	made := s.do("POST", "/dbs/d/users/u/permissions", upsert, once).want(t, 201)
	again := s.do("POST", "/dbs/d/users/u/permissions", upsert, once).want(t, 200)
	require.Equal(t, made.text("_rid"), again.text("_rid"))
	s.do("PUT", "/dbs/d/users/u/permissions/late", h{"if-match": made.header.Get("etag")}, once).want(t, 412)
	s.do("POST", "/dbs/d/users", upsert, h{"id": "other"}).want(t, 201)
	user := s.do("POST", "/dbs/d/users", upsert, h{"id": "other"}).want(t, 200)
	s.do("PUT", "/dbs/d/users/other", h{"if-match": `"x"`}, h{"id": "other"}).want(t, 412)
	require.Equal(t, []any{user.text("_rid")}, s.do("POST", "/dbs/d/users", h{"content-type": "application/query+json"},
		h{"query": "SELECT VALUE u._rid FROM u WHERE u.id = 'other'"}).want(t, 200).rows("Users"))
	s.do("POST", "/dbs/d/users", upsert, "no JSON").want(t, 400)
	s.do("PUT", "/dbs/d/users/u", nil, h{"id": "renamed"}).want(t, 200)
	as(item, "GET", coll+"/docs/a", pk("p"), nil).want(t, 200)
	s.do("DELETE", "/dbs/d/users/renamed", h{"if-match": user.text("_etag")}, nil).want(t, 412)
	s.do("DELETE", "/dbs/d/users/renamed", nil, nil).want(t, 204)
	s.do("GET", "/dbs/d/users/renamed", nil, nil).want(t, 404)
}

// A document is where its partition key says, by its rid as by its id.
func TestDocumentsByRIDObeyTheKey(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/a", "/b")
	self := "/" + s.do("POST", coll+"/docs", pk("x", "y"), h{"id": "1", "a": "x", "b": "y"}).want(t, 201).text("_self")
	for _, verb := range []string{"GET", "PUT", "PATCH", "DELETE"} {
		body := map[string]any{
			"PUT":   h{"id": "1", "a": "x", "b": "z"},
			"PATCH": []any{h{"op": "set", "path": "/n", "value": "1"}},
		}[verb]
		s.do(verb, self, pk("x", "z"), body).want(t, 404)
		s.do(verb, self, pk("x"), body).want(t, 400)
		s.do(verb, self, nil, body).want(t, 400)
	}
	s.do("PUT", self, pk("x", "y"), h{"id": "1", "a": "x", "b": "y", "n": "2"}).want(t, 200)
	s.do("DELETE", self, pk("x", "y"), nil).want(t, 204)
}

// An identity of Entra ID works with data, and manages nothing.
func TestEntraIDManagesNothing(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	as := func(verb, path string, headers h, body any) answer {
		token := h{"authorization": "type=aad&ver=1.0&sig=" + jwt(testKey, time.Now().Add(time.Minute))}
		return s.raw(verb, path, token.and(headers), body)
	}
	isQuery := h{"content-type": "application/query+json"}
	for _, test := range []struct {
		verb, path string
		headers    h
		body       any
		status     int
	}{
		{"GET", "/", nil, nil, 200},
		{"GET", "/dbs", nil, nil, 200},
		{"GET", "/dbs/d", nil, nil, 200},
		{"GET", coll, nil, nil, 200},
		{"GET", coll + "/pkranges", nil, nil, 200},
		{"POST", coll + "/docs", pk("p"), h{"id": "a", "pk": "p"}, 201},
		{"POST", coll + "/docs", cross.and(isQuery), h{"query": "SELECT * FROM c"}, 200},
		{"GET", coll + "/docs", h{"a-im": "Incremental Feed"}, nil, 200},
		{"DELETE", coll + "/docs/a", pk("p"), nil, 204},
		{"POST", "/dbs", nil, h{"id": "x"}, 403},
		{"DELETE", "/dbs/d", nil, nil, 403},
		{"POST", "/dbs/d/colls", nil, h{"id": "x"}, 403},
		{"PUT", coll, nil, h{"id": "c"}, 403},
		{"DELETE", coll, nil, nil, 403},
		{"GET", "/offers", nil, nil, 403},
		{"POST", "/offers", isQuery, h{"query": "SELECT * FROM c"}, 403},
		{"POST", "/dbs/d/users", nil, h{"id": "u"}, 403},
		{"POST", coll + "/udfs", nil, h{"id": "f", "body": "x"}, 403},
	} {
		a := as(test.verb, test.path, test.headers, test.body).want(t, test.status)
		if test.status == 403 {
			a.want(t, 403, "5300")
			require.Contains(t, a.text("message"),
				"The given request ["+test.verb+" "+test.path+"] cannot be authorized by AAD token in data plane")
		}
	}
}

func TestDirectModeIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.raw("GET", "/addresses/?$resolveFor=dbs&$filter=protocol%20eq%20rntbd", nil, nil).want(t, 400)
	require.Contains(t, a.text("message"), "gatewayMode() in Java, ConnectionMode.Gateway in .NET")
}

// What no gateway can be is refused when it is made, and not with every request.
func TestOptionsThatCannotBe(t *testing.T) {
	t.Parallel()
	account := store.NewAccount(store.Options{Regions: []string{"West US"}})
	for want, o := range map[string]gateway.Options{
		"the master key is not base64":               {Key: "!"},
		"the read-only key is not base64":            {Key: testKey, ReadOnlyKey: "!"},
		`consistency level "Weak" does not exist`:    {Key: testKey, Consistency: "Weak"},
		`consistency level "session" does not exist`: {Key: testKey, Consistency: "session"},
	} {
		_, err := gateway.New(account, o)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), testKey)
	}
	_, err := gateway.New(account, gateway.Options{})
	require.ErrorContains(t, err, "the master key is not base64", "nor is none")
}
