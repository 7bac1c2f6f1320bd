package gateway_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
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
