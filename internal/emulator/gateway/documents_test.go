package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDocumentsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for _, test := range []struct {
		name, body string
		headers    h
		status     int
		sub, text  string
	}{
		{"no key", `{"id":"a","pk":"p"}`, nil, 400, "1001", "fewer components than defined"},
		{"other key", `{"id":"a","pk":"q"}`, pk("p"), 400, "1001", "doesn't match the one specified in the header"},
		{"null is not absent", `{"id":"a"}`, pk(nil), 400, "1001", ""},
		{"too many components", `{"id":"a","pk":"p"}`, pk("p", "q"), 400, "", "more components"},
		{"too few components", `{"id":"a","pk":"p"}`, h{"x-ms-documentdb-partitionkey": "[]"}, 400, "1001",
			"fewer components"},
		{"key that is not JSON", `{"id":"a","pk":"p"}`, h{"x-ms-documentdb-partitionkey": "p"}, 400, "",
			"Partition key p is invalid."},
		{"no id", `{"pk":"p"}`, pk("p"), 400, "", "the required properties - 'id; ' - are missing"},
		{"id that is a number", `{"id":1,"pk":"p"}`, pk("p"), 400, "", "id"},
		{"ttl null", `{"id":"a","pk":"p","ttl":null}`, pk("p"), 400, "", "ttl"},
		{"long id", `{"id":"` + strings.Repeat("x", 1024) + `","pk":"p"}`, pk("p"), 400, "", "less than '1024'"},
		{"no object", `[1]`, pk("p"), 400, "", "inputs is invalid"},
		{"no JSON", `{"id":"a",}`, pk("p"), 400, "", "request payload is invalid"},
		{"too deep", `{"id":"a","pk":"p","x":` + strings.Repeat("[", 128) + strings.Repeat("]", 128) + `}`, pk("p"),
			400, "", "request payload is invalid"},
		{"too large", `{"id":"a","pk":"p","x":"` + strings.Repeat("x", 2<<20) + `"}`, pk("p"), 413, "",
			"Request size is too large"},
		{"much too large", strings.Repeat(" ", 8<<20), pk("p"), 413, "", "Request size is too large"},
		{"ttl 0", `{"id":"a","pk":"p","ttl":0}`, pk("p"), 400, "", "ttl"},
		{"ttl of text", `{"id":"a","pk":"p","ttl":"5"}`, pk("p"), 400, "", "ttl"},
		{"long key", `{"id":"a","pk":"` + strings.Repeat("x", 2049) + `"}`, pk(strings.Repeat("x", 2049)), 400, "",
			"2048 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := *s
			s.t = t
			a := s.do("POST", coll+"/docs", test.headers, test.body).want(t, test.status, test.sub)
			require.Contains(t, a.text("message"), test.text)
			require.NotEmpty(t, a.text("code"))
		})
	}
}

func TestKeyValues(t *testing.T) {
	t.Parallel()
	for _, version := range []int{1, 2} {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
			s.do("POST", "/dbs/d/colls", nil,
				fmt.Sprintf(`{"id":"c","partitionKey":{"paths":["/a/\"b c\""],"version":%d}}`, version)).want(t, 201)
			coll := "/dbs/d/colls/c"
			for _, test := range []struct{ header, doc, again string }{
				{`["p"]`, `{"id":"x","a":{"b c":"p"}}`, ""},
				{`["p\u00e9"]`, `{"id":"x","a":{"b c":"pé"}}`, ""},
				{`[5]`, `{"id":"x","a":{"b c":5.0}}`, `[5.0]`},
				{`[-1.5]`, `{"id":"x","a":{"b c":-1.5}}`, ""},
				{`[true]`, `{"id":"x","a":{"b c":true}}`, ""},
				{`[null]`, `{"id":"x","a":{"b c":null}}`, ""},
				{`[{}]`, `{"id":"x","a":{}}`, ""},
			} {
				headers := h{"x-ms-documentdb-partitionkey": test.header}
				s.do("POST", coll+"/docs", headers, test.doc).want(t, 201)
				if test.again != "" {
					headers = h{"x-ms-documentdb-partitionkey": test.again}
				}
				s.do("GET", coll+"/docs/x", headers, nil).want(t, 200)
			}
			require.Len(t, s.query(coll, "SELECT * FROM c", cross), 7, "each is a logical partition of its own")
		})
	}
}

func TestUniqueKeys(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
	s.do("POST", "/dbs/d/colls", nil, `{"id":"c","partitionKey":{"paths":["/pk"],"version":2},"defaultTtl":-1,
		"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/email"]},{"paths":["/name/first","/name/last"]}]}}`).want(t, 201)
	coll := "/dbs/d/colls/c"
	put := func(p, doc string) answer {
		return s.do("POST", coll+"/docs", pk(p).and(h{"x-ms-documentdb-is-upsert": "true"}), doc)
	}
	put("p", `{"id":"1","pk":"p","email":"a","name":{"first":"A","last":"B"}}`).want(t, 201)
	put("p", `{"id":"2","pk":"p","email":"a","name":{"first":"A","last":"C"}}`).want(t, 409)
	put("p", `{"id":"2","pk":"p","email":"b","name":{"first":"A","last":"B"}}`).want(t, 409)
	put("p", `{"id":"2","pk":"p","email":"b","name":{"first":"A","last":"C"}}`).want(t, 201)
	put("q", `{"id":"2","pk":"q","email":"a","name":{"first":"A","last":"B"}}`).want(t, 201)
	put("p", `{"id":"1","pk":"p","email":"a","name":{"first":"A","last":"B"},"more":1}`).want(t, 200)
	put("p", `{"id":"3","pk":"p"}`).want(t, 201)
	put("p", `{"id":"4","pk":"p"}`).want(t, 409)                                   // nothing is a value
	put("p", `{"id":"4","pk":"p","email":null,"name":{"first":"X"}}`).want(t, 409) // the same as null
	s.do("PATCH", coll+"/docs/2", pk("p"), `[{"op":"set","path":"/email","value":"a"}]`).want(t, 409)
	s.do("DELETE", coll+"/docs/1", pk("p"), nil).want(t, 204)
	s.do("PATCH", coll+"/docs/2", pk("p"), `[{"op":"set","path":"/email","value":"a"}]`).want(t, 200)
	// A batch that fails gives the values back.
	s.do("POST", coll+"/docs", pk("p").and(atomicBatch),
		`[{"operationType":"Delete","id":"2"},{"operationType":"Create","resourceBody":{"id":"5","pk":"p","email":"a"}},
		{"operationType":"Delete","id":"none"}]`).want(t, 207)
	put("p", `{"id":"6","pk":"p","email":"a"}`).want(t, 409)
}

func TestTimeToLive(t *testing.T) {
	t.Parallel()
	clk := newClock()
	s := newServer(t, clk.options)
	s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
	create := func(id, ttl string) string {
		s.do("POST", "/dbs/d/colls", nil,
			`{"id":"`+id+`","partitionKey":{"paths":["/pk"],"version":2}`+ttl+`}`).want(t, 201)
		coll := "/dbs/d/colls/" + id
		s.do("POST", coll+"/docs", pk("p"), `{"id":"plain","pk":"p"}`).want(t, 201)
		s.do("POST", coll+"/docs", pk("p"), `{"id":"short","pk":"p","ttl":5}`).want(t, 201)
		s.do("POST", coll+"/docs", pk("p"), `{"id":"ever","pk":"p","ttl":-1}`).want(t, 201)
		return coll
	}
	left := func(coll string) []any { return s.query(coll, "SELECT VALUE c.id FROM c", pk("p")) }
	off, on, ten := create("off", ""), create("on", `,"defaultTtl":-1`), create("ten", `,"defaultTtl":10`)
	clk.seconds.Add(5)
	require.Equal(t, []any{"plain", "short", "ever"}, left(off))
	require.Equal(t, []any{"plain", "ever"}, left(on))
	require.Equal(t, []any{"plain", "ever"}, left(ten))
	s.do("GET", on+"/docs/short", pk("p"), nil).want(t, 404)
	s.do("PUT", on+"/docs/short", pk("p"), h{"id": "short", "pk": "p"}).want(t, 404)
	s.do("POST", on+"/docs", pk("p"), h{"id": "short", "pk": "p"}).want(t, 201) // its id is free
	clk.seconds.Add(5)
	require.Equal(t, []any{"ever"}, left(ten))
	require.Equal(t, []any{"plain", "ever", "short"}, left(on))
	ids, _ := s.changes(ten, pk("p"))
	require.Equal(t, []string{"ever"}, ids)
	quota := s.do("GET", ten, h{"x-ms-documentdb-populatequotainfo": "true"}, nil).want(t, 200)
	require.Contains(t, quota.header.Get("x-ms-resource-usage"), "documentsCount=1;")
	// Turning it on for the container takes effect at once.
	s.do("PUT", off, nil, `{"id":"off","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"defaultTtl":3}`).
		want(t, 200)
	require.Equal(t, []any{"ever"}, left(off))
}

func TestDeletePartitionKey(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.fill(coll, 20)
	a := s.signed("POST", coll+"/operations/partitionkeydelete", "colls", "dbs/d/colls/c", pk("p1"))
	a.want(t, 200)
	require.Empty(t, s.query(coll, "SELECT * FROM c", pk("p1")))
	require.Len(t, s.query(coll, "SELECT * FROM c", cross), 16)
	s.signed("POST", coll+"/operations/partitionkeydelete", "colls", "dbs/d/colls/c", pk("p1")).want(t, 200)
	s.signed("POST", coll+"/operations/partitionkeydelete", "colls", "dbs/d/colls/c", nil).want(t, 400)
}

func TestSession(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	token := s.do("POST", coll+"/docs", pk("p"), h{"id": "a", "pk": "p"}).want(t, 201).header.Get("x-ms-session-token")
	id, _, _ := strings.Cut(token, ":")
	for name, a := range map[string]answer{
		"feed":   s.do("GET", coll+"/docs", pk("p"), nil),
		"query":  s.post(coll, "SELECT * FROM c", pk("p")),
		"sorted": s.post(coll, "SELECT * FROM c ORDER BY c.id", pk("p")),
		"change": s.do("GET", coll+"/docs", pk("p").and(h{"a-im": "Incremental Feed"}), nil),
		"batch":  s.do("POST", coll+"/docs", pk("p").and(atomicBatch), `[{"operationType":"Read","id":"a"}]`),
	} {
		require.Equal(t, token, a.want(t, 200).header.Get("x-ms-session-token"), name)
		require.Equal(t, id, a.header.Get("x-ms-documentdb-partitionkeyrangeid"), name)
	}
	get := func(token string) answer {
		return s.do("GET", coll+"/docs/a", pk("p").and(h{"x-ms-session-token": token}), nil)
	}
	get(token).want(t, 200)
	get(id+":-1#0,7:-1#99").want(t, 200) // other ranges do not matter
	get(id+":-1#2").want(t, 404, "1002")
	get("x").want(t, 400)
	s.do("GET", coll+"/docs", pk("p").and(h{"x-ms-session-token": id + ":-1#2"}), nil).want(t, 404, "1002")
	s.post(coll, "SELECT * FROM c", pk("p").and(h{"x-ms-session-token": id + ":-1#2"})).want(t, 404, "1002")
	s.post(coll, "SELECT * FROM c ORDER BY c.id", pk("p").and(h{"x-ms-session-token": id + ":-1#2"})).
		want(t, 404, "1002")
	s.do("GET", coll+"/docs", pk("p").and(h{"x-ms-session-token": id + ":-1#2", "a-im": "Incremental Feed"}), nil).
		want(t, 404, "1002")
	require.Equal(t, token,
		s.do("POST", coll+"/docs", pk("p"), h{"id": "a", "pk": "p"}).want(t, 409).header.Get("x-ms-session-token"))

	// The token of a range that was split holds in what came of it.
	c, err := s.account.Container("d", "c")
	require.NoError(t, err)
	_, err = c.Split(id)
	require.NoError(t, err)
	after := get(token).want(t, 200).header.Get("x-ms-session-token")
	require.False(t, strings.HasPrefix(after, id+":"))
	get(id+":-1#2").want(t, 404, "1002")
}

func TestScripts(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for kind, feed := range map[string]string{
		"sprocs":   "StoredProcedures",
		"triggers": "Triggers",
		"udfs":     "UserDefinedFunctions",
	} {
		body := `{"id":"f","body":"function () {}","triggerType":"Pre","triggerOperation":"All"}`
		a := s.do("POST", coll+"/"+kind, nil, body).want(t, 201)
		require.Contains(t, a.text("_self"), "/"+kind+"/")
		s.do("POST", coll+"/"+kind, nil, body).want(t, 409)
		s.do("POST", coll+"/"+kind, nil, `{"id":"g"}`).want(t, 400)
		require.Len(t, s.do("GET", coll+"/"+kind, nil, nil).want(t, 200).rows(feed), 1)
		require.Equal(t, []any{"f"}, s.do("POST", coll+"/"+kind, h{"content-type": "application/query+json"},
			h{"query": "SELECT VALUE c.id FROM c"}).want(t, 200).rows(feed))
		b := s.do("PUT", coll+"/"+kind+"/f", nil, strings.Replace(body, "{}", "{ }", 1)).want(t, 200)
		require.Equal(t, a.text("_rid"), b.text("_rid"))
		s.do("PUT", coll+"/"+kind+"/f", h{"if-match": a.text("_etag")}, body).want(t, 412)
		require.Equal(t, b.body, s.do("GET", coll+"/"+kind+"/f", nil, nil).want(t, 200).body)
		s.do("GET", coll+"/"+kind+"/g", nil, nil).want(t, 404)
	}
	e := s.do("POST", coll+"/sprocs/f", pk("p"), "[]").want(t, 501)
	require.Contains(t, e.text("message"), "no JavaScript engine")
	s.do("POST", coll+"/sprocs/none", pk("p"), "[]").want(t, 404)
	s.do("POST", coll+"/docs", pk("p").and(h{"x-ms-documentdb-pre-trigger-include": "f"}),
		h{"id": "a", "pk": "p"}).want(t, 501)
	s.do("POST", coll+"/docs", pk("p").and(h{"x-ms-documentdb-post-trigger-include": "f"}),
		h{"id": "a", "pk": "p"}).want(t, 501)
	s.do("POST", coll+"/docs", pk("p").and(h{"x-ms-documentdb-pre-trigger-include": "none"}),
		h{"id": "a", "pk": "p"}).want(t, 400)
	s.do("GET", coll+"/docs/a", pk("p"), nil).want(t, 404)
	s.post(coll, "SELECT VALUE udf.f(1) FROM c", pk("p")).want(t, 400)
	require.Empty(t, s.do("GET", coll+"/conflicts", nil, nil).want(t, 200).rows("Conflicts"))
	query := h{"x-ms-documentdb-isquery": "True", "content-type": "application/query+json"}
	s.do("POST", coll+"/conflicts", query, h{"query": "SELECT * FROM c"}).want(t, 400)
	s.do("POST", coll+"/conflicts", query.and(pk("p")), h{"query": "SELECT * FROM c"}).want(t, 200)
	s.do("POST", coll+"/conflicts", query.and(h{"x-ms-documentdb-query-enablecrosspartition": "True"}),
		h{"query": "SELECT * FROM c"}).want(t, 200)
	s.do("GET", coll+"/conflicts/x", pk("p"), nil).want(t, 404)
	s.do("DELETE", coll+"/conflicts/x", pk("p"), nil).want(t, 404)
	s.do("DELETE", coll+"/sprocs/f", h{"if-match": `"x"`}, nil).want(t, 412)
	s.do("DELETE", coll+"/sprocs/f", nil, nil).want(t, 204)
	s.do("DELETE", coll+"/sprocs/f", nil, nil).want(t, 404)
}
