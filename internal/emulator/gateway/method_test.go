package gateway_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// A method that a resource does not take is 400 and never 404 or 405, with no charge; OPTIONS and a POST to a document
// have answers of their own.
func TestMethodsThatAreNotTaken(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.container("/pk")
	const coll = "/dbs/d/colls/c"
	for path, taken := range map[string]string{
		"/dbs": "GET POST", "/dbs/d": "GET DELETE", "/dbs/d/colls": "GET POST", coll: "GET PUT DELETE",
		coll + "/pkranges": "GET", coll + "/docs": "GET POST", coll + "/docs/1": "GET POST PUT PATCH DELETE",
		coll + "/conflicts": "GET", coll + "/conflicts/x": "GET DELETE", coll + "/sprocs": "GET POST",
		coll + "/sprocs/s": "GET PUT DELETE POST", coll + "/triggers": "GET POST",
		coll + "/triggers/t": "GET PUT DELETE",
		coll + "/udfs":       "GET POST", coll + "/udfs/f": "GET PUT DELETE", "/dbs/d/users": "GET POST",
		"/dbs/d/users/u": "GET PUT DELETE", "/dbs/d/users/u/permissions": "GET POST",
		"/dbs/d/users/u/permissions/p": "GET PUT DELETE", "/dbs/d/clientencryptionkeys": "GET POST",
		"/dbs/d/clientencryptionkeys/k": "GET PUT", "/offers": "GET", "/offers/o": "GET PUT",
		coll + "/docs/1/attachments": "GET",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			a := s.do(method, path, pk("p"), "[]")
			refused := strings.Contains(a.body, "Request url is invalid.")
			require.Equal(t, !strings.Contains(taken, method), refused, "%s %s: %d %s", method, path, a.status, a.body)
			if refused {
				a.want(t, 400, "")
				require.Empty(t, a.header.Get("x-ms-request-charge")+a.header.Get("x-ms-session-token"), path)
				require.NotEmpty(t, a.header.Get("x-ms-activity-id"), path)
			}
			if path == "/dbs" || path == "/dbs/d" || path == coll { // which a DELETE has removed
				s.do("POST", "/dbs", nil, h{"id": "d"})
				s.do("POST", "/dbs/d/colls", nil, `{"id":"c","partitionKey":{"paths":["/pk"],"version":2}}`)
			}
		}
		require.Equal(t, `{"code":"Forbidden"}`, s.do("OPTIONS", path, nil, nil).want(t, 403).body, path)
	}
	a := s.do("POST", coll+"/docs/1", pk("p"), h{"id": "1", "pk": "p"}).want(t, 405)
	require.Equal(t, "RequestHandler.Post", a.text("message"))
}

// HEAD is GET without a body, with the length that the body would have.
func TestHead(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.do("POST", coll+"/docs", pk("p"), h{"id": "1", "pk": "p"}).want(t, 201)
	for _, path := range []string{"/", "/dbs", "/dbs/d", coll, coll + "/docs/1", coll + "/docs/none",
		coll + "/pkranges"} {
		get, head := s.do("GET", path, pk("p"), nil), s.do("HEAD", path, pk("p"), nil)
		require.Equal(t, get.status, head.status, path)
		require.Empty(t, head.body, path)
		for _, name := range []string{"etag", "x-ms-request-charge", "x-ms-item-count", "content-type"} {
			require.Equal(t, get.header.Get(name), head.header.Get(name), "%s of %s", name, path)
		}
		if get.status == 200 && !strings.HasSuffix(path, "/pkranges") {
			require.Equal(t, strconv.Itoa(len(get.body)), head.header.Get("content-length"), path)
		}
	}
}

// Each resource that has an etag is kept from those that know an older one.
func TestConditionsOfMetadata(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	container := `{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}`
	user := s.do("POST", "/dbs/d/users", nil, h{"id": "u"}).want(t, 201)
	permission := h{"id": "p", "permissionMode": "Read", "resource": "dbs/d/colls/c"}
	p := s.do("POST", "/dbs/d/users/u/permissions", nil, permission).want(t, 201)
	proc := s.do("POST", coll+"/sprocs", nil, h{"id": "s", "body": "x"}).want(t, 201)
	for _, test := range []struct {
		path    string
		etag    string
		body    any
		removes bool // DELETE asks for it, too
	}{
		{"/dbs/d/users/u", user.text("_etag"), h{"id": "u"}, false},
		{"/dbs/d/users/u/permissions/p", p.text("_etag"), permission, false},
		{coll + "/sprocs/s", proc.text("_etag"), h{"id": "s", "body": "y"}, false},
		{coll, s.do("GET", coll, nil, nil).text("_etag"), container, true},
	} {
		read := s.do("GET", test.path, nil, nil).want(t, 200)
		require.Equal(t, []string{test.etag, test.etag}, []string{read.text("_etag"), read.header.Get("etag")},
			test.path)
		s.do("PUT", test.path, h{"if-match": `"old"`}, test.body).want(t, 412)
		again := s.do("PUT", test.path, h{"if-match": test.etag}, test.body).want(t, 200)
		require.NotEqual(t, test.etag, again.text("_etag"), test.path)
		require.Equal(t, again.text("_etag"), again.header.Get("etag"), test.path)
		s.do("PUT", test.path, h{"if-match": test.etag}, test.body).want(t, 412)
		s.do("PUT", test.path, h{"if-match": "*"}, test.body).want(t, 200)
		if test.removes {
			s.do("DELETE", test.path, h{"if-match": test.etag}, nil).want(t, 412)
			s.do("GET", test.path, nil, nil).want(t, 200)
		}
	}
}

// How many there may be of a kind, and are, is told with each answer about the kind.
func TestQuotas(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.do("POST", "/dbs", nil, h{"id": "e"}).want(t, 201)
	for _, id := range []string{"u", "v"} {
		s.do("POST", "/dbs/d/users", nil, h{"id": id}).want(t, 201)
	}
	for _, kind := range []string{"sprocs", "triggers", "udfs"} {
		body := `{"id":"f","body":"x","triggerType":"Pre","triggerOperation":"All"}`
		s.do("POST", coll+"/"+kind, nil, body).want(t, 201)
	}
	for _, test := range []struct{ path, quota, usage string }{
		{"/dbs/d", "databases=1000;", "databases=2;"},
		{"/dbs/d/colls", "collections=5000;", "collections=1;"},
		{"/dbs/d/users", "users=500000;", "users=2;"},
		{"/dbs/d/users/u", "users=500000;", "users=2;"},
		{coll + "/sprocs", "storedProcedures=100;", "storedProcedures=1;"},
		{coll + "/triggers", "triggers=25;", "triggers=1;"},
		{coll + "/udfs", "functions=50;", "functions=1;"},
		{coll + "/conflicts", "conflicts=0;", "conflicts=0;"},
	} {
		a := s.do("GET", test.path, nil, nil).want(t, 200)
		require.Equal(t, []string{test.quota, test.usage},
			[]string{a.header.Get("x-ms-resource-quota"), a.header.Get("x-ms-resource-usage")}, test.path)
	}
	all := s.do("GET", "/dbs", nil, nil).want(t, 200).header.Get("x-ms-resource-usage")
	require.True(t, strings.HasPrefix(all, "databases=2;collections=1;users=2;"), all)
	s.do("DELETE", "/dbs/d/users/v", nil, nil).want(t, 204)
	require.Equal(t, "databases=1;", s.do("DELETE", "/dbs/e", nil, nil).want(t, 204).header.Get("x-ms-resource-usage"))
	s.do("POST", coll+"/docs", pk("p"), h{"id": "1", "pk": "p", "text": strings.Repeat("x", 2000)}).want(t, 201)
	a := s.do("GET", coll, h{"x-ms-documentdb-populatequotainfo": "True"}, nil).want(t, 200)
	require.Equal(t, "documentSize=0;documentsSize=3;documentsCount=1;collectionSize=3;",
		a.header.Get("x-ms-resource-usage"))
	require.Equal(t, "100", a.header.Get("x-ms-documentdb-collection-index-transformation-progress"))
}

// Lists of metadata and of documents come in pages; a token that is not one of theirs is refused, and never another
// place.
func TestTokensOfLists(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *gateway.Options, o *store.Options) { o.Partitions = 1 })
	coll := s.container("/pk")
	for i := range 5 {
		id := strconv.Itoa(i)
		s.do("POST", "/dbs", nil, h{"id": "x" + id}).want(t, 201)
		s.do("POST", coll+"/docs", pk("p"), h{"id": id, "pk": "p"}).want(t, 201)
		s.do("POST", "/dbs/d/users", nil, h{"id": id}).want(t, 201)
	}
	for _, test := range []struct {
		path, name string
		headers    h
		want       []int // how many on each page
	}{
		{"/dbs", "Databases", nil, []int{2, 2, 2}},
		{"/dbs/d/users", "Users", nil, []int{2, 2, 1}},
		{coll + "/docs", "Documents", nil, []int{2, 2, 1}},
		{coll + "/docs", "Documents", pk("p"), []int{2, 2, 1}},
	} {
		var pages []int
		seen := map[string]bool{}
		headers := test.headers.and(h{"x-ms-max-item-count": "2"})
		for {
			a := s.do("GET", test.path, headers, nil).want(t, 200)
			pages = append(pages, len(a.rows(test.name)))
			require.Equal(t, strconv.Itoa(len(a.rows(test.name))), a.header.Get("x-ms-item-count"))
			for _, r := range a.rows(test.name) {
				seen[r.(map[string]any)["id"].(string)] = true
			}
			if headers["x-ms-continuation"] = a.header.Get("x-ms-continuation"); headers["x-ms-continuation"] == "" {
				break
			}
		}
		require.Equal(t, test.want, pages, test.path)
		total := 0
		for _, n := range test.want {
			total += n
		}
		require.Len(t, seen, total, "each once")
		for _, bad := range []string{"!", "x", "LTE", "{}", "{", "[]", "[1]",
			`{"token":"x","range":{"min":"","max":"FF"}}`,
			`{"token":"-RID:~x#RT:1","range":{"min":"","max":"FF"}}`, `{"token":null,"range":{"min":"g","max":"FF"}}`,
			`{"token":null,"range":{"min":"","max":""}}`, "-RID:~AAAAAAAAAAA=#RT:x", "-RID:#RT:1"} {
			a := s.do("GET", test.path, test.headers.and(h{"x-ms-continuation": bad}), nil).want(t, 400, "")
			require.Contains(t, a.text("message"), "Invalid Continuation Token", "%s: %s", test.path, bad)
		}
	}
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

// Throughput is held to from when it is asked for, and no longer; who reads a range that is not one is told so first.
func TestThrottleComesAndGoes(t *testing.T) {
	t.Parallel()
	s := newServer(t, newClock().options, func(_ *gateway.Options, o *store.Options) { o.Partitions = 1 })
	coll := s.container("/pk")
	write := func() int {
		upsert := h{"x-ms-documentdb-is-upsert": "True"}
		return s.do("POST", coll+"/docs", pk("p").and(upsert), h{"id": "1", "pk": "p"}).status
	}
	write()
	for range 100 {
		require.Equal(t, 200, write())
	}
	require.False(t, s.gateway.Throttled())
	s.gateway.SetThrottle(true)
	require.True(t, s.gateway.Throttled())
	n := 0
	for ; write() == 200; n++ {
		require.Less(t, n, 100, "400 RU/s are for fewer")
	}
	for name, a := range map[string]answer{
		"read":   s.do("GET", coll+"/docs/1", pk("p"), nil),
		"feed":   s.do("GET", coll+"/docs", pk("p"), nil),
		"query":  s.post(coll, "SELECT * FROM c", pk("p")),
		"batch":  s.do("POST", coll+"/docs", pk("p").and(atomicBatch), `[{"operationType":"Read","id":"1"}]`),
		"delete": s.do("DELETE", coll+"/docs/1", pk("p"), nil),
	} {
		a.want(t, 429, "3200")
		require.NotEmpty(t, a.header.Get("x-ms-retry-after-ms"), name)
		require.Equal(t, "0.38", a.header.Get("x-ms-request-charge"), name)
		require.Empty(t, a.header.Get("x-ms-session-token"), name)
	}
	s.do("GET", coll+"/docs/1", pk("p").and(h{"x-ms-documentdb-partitionkeyrangeid": "x"}), nil).want(t, 400)
	s.do("GET", coll, nil, nil).want(t, 200) // definitions cost the container nothing
	s.gateway.SetThrottle(false)
	require.Equal(t, 200, write())
}
