package gateway_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// sdkCase is a request as an official SDK sends it, and what of the answer it needs. "${self}" in a path is the _self
// of document 1 of container c, "${hself}" of container h.
type sdkCase struct {
	name, verb, path string
	headers          h
	body             any
	status           int
	sub              string // "-" is none
	has              string // in the body
}

// sdkServer has container c of key /pk with documents 1 and 2 of key "a" and 2 of key "b", and container h of keys /a
// and /b with document 1.
func sdkServer(t *testing.T) *server {
	s := newServer(t, func(_ *gateway.Options, so *store.Options) { so.Partitions = 1 })
	coll := s.container("/pk")
	for _, doc := range [][2]string{{"1", "a"}, {"2", "a"}, {"2", "b"}} {
		s.do("POST", coll+"/docs", pk(doc[1]), h{"id": doc[0], "pk": doc[1]}).want(t, 201)
	}
	s.do("POST", "/dbs/d/colls", nil,
		`{"id":"h","partitionKey":{"paths":["/a","/b"],"kind":"MultiHash","version":2}}`).want(t, 201)
	s.do("POST", "/dbs/d/colls/h/docs", pk("x", "y"), h{"id": "1", "a": "x", "b": "y"}).want(t, 201)
	return s
}

// run sends each case to a server of its own.
func run(t *testing.T, cases []sdkCase) {
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := sdkServer(t)
			path := test.path
			for name, doc := range map[string]answer{
				"${self}":  s.do("GET", "/dbs/d/colls/c/docs/1", pk("a"), nil),
				"${hself}": s.do("GET", "/dbs/d/colls/h/docs/1", pk("x", "y"), nil),
			} {
				path = strings.ReplaceAll(path, name, "/"+doc.want(t, 200).text("_self"))
			}
			a := s.do(test.verb, path, test.headers, test.body).want(t, test.status)
			if test.sub != "" {
				require.Equal(t, strings.TrimPrefix(test.sub, "-"), a.header.Get("x-ms-substatus"), a.body)
			}
			require.Contains(t, a.body, test.has)
			for _, word := range []string{"cannot unmarshal", "Go struct", "Go value"} {
				require.NotContains(t, a.body, word)
			}
		})
	}
}

// A replace may give a document a new id, which has to be free; nothing else changes an id, and a key stays.
func TestReplaceGivesANewID(t *testing.T) {
	t.Parallel()
	const docs = "/dbs/d/colls/c/docs"
	first := h{"id": "1b", "pk": "a"}
	bulkOne := bulk.and(h{"x-ms-documentdb-partitionkeyrangeid": "0"})
	run(t, []sdkCase{
		{"a new id", "PUT", docs + "/1", pk("a"), first, 200, "", `"id":"1b"`},
		{"by rid", "PUT", "${self}", pk("a"), first, 200, "", `"id":"1b"`},
		{"an id that another key has", "PUT", docs + "/1", pk("a"), h{"id": "3", "pk": "a"}, 200, "", `"id":"3"`},
		{"an id that is taken", "PUT", docs + "/1", pk("a"), h{"id": "2", "pk": "a"}, 409, "-", ""},
		{"an id that is too long", "PUT", docs + "/1", pk("a"), h{"id": strings.Repeat("x", 1024), "pk": "a"}, 400, "-",
			"less than '1024'"},
		{"in a batch", "POST", docs, pk("a").and(atomicBatch),
			`[{"operationType":"Replace","id":"1","resourceBody":{"id":"1b","pk":"a"}}]`, 200, "", `"statusCode":200`},
		{"in a batch, taken", "POST", docs, pk("a").and(atomicBatch),
			`[{"operationType":"Replace","id":"1","resourceBody":{"id":"2","pk":"a"}}]`, 207, "", `"statusCode":409`},
		{"in a bulk", "POST", docs, bulkOne,
			`[{"operationType":"Replace","id":"1","partitionKey":"[\"a\"]","resourceBody":{"id":"1b","pk":"a"}}]`, 200,
			"", `"statusCode":200`},
		{"another key", "PUT", docs + "/1", pk("a"), h{"id": "1", "pk": "b"}, 400, "1001", ""},
		{"another key by rid", "PUT", "${self}", pk("a"), h{"id": "1", "pk": "b"}, 400, "1001", ""},
		{"another key in a batch", "POST", docs, pk("a").and(atomicBatch),
			`[{"operationType":"Replace","id":"1","resourceBody":{"id":"1","pk":"b"}}]`, 207, "", `"statusCode":400`},
		{"a patch of the id", "PATCH", docs + "/1", pk("a"), `[{"op":"set","path":"/id","value":"x"}]`, 400, "", ""},
		{"a patch of the key", "PATCH", docs + "/1", pk("a"), `[{"op":"set","path":"/pk","value":"x"}]`, 400, "", ""},
		{"an upsert of another id", "POST", docs, pk("a").and(h{"x-ms-documentdb-is-upsert": "True"}), first, 201,
			"", `"id":"1b"`},
	})

	s := sdkServer(t)
	old := s.do("GET", docs+"/1", pk("a"), nil).want(t, 200)
	renamed := s.do("PUT", docs+"/1", pk("a").and(h{"if-match": old.text("_etag")}), first).want(t, 200)
	require.Equal(t, old.text("_rid"), renamed.text("_rid"))
	s.do("GET", docs+"/1", pk("a"), nil).want(t, 404)
	s.do("GET", "/"+old.text("_self"), pk("a"), nil).want(t, 200)
	s.do("POST", docs, pk("a"), h{"id": "1", "pk": "a"}).want(t, 201) // its id is free
	ids, _ := s.changes("/dbs/d/colls/c", pk("a"))
	require.Equal(t, []string{"2", "1b", "1"}, ids)
}

// A key that is incomplete, too long or another's is told so, however the document is named.
func TestKeysThatDoNotFit(t *testing.T) {
	t.Parallel()
	const docs, hdocs = "/dbs/d/colls/c/docs", "/dbs/d/colls/h/docs"
	part := "Partition key provided either doesn't correspond to definition in the collection or doesn't match " +
		"partition key field values specified in the document."
	query := h{"content-type": "application/query+json", "x-ms-documentdb-isquery": "True"}
	run(t, []sdkCase{
		{"_self with its key", "GET", "${self}", pk("a"), nil, 200, "", `"id":"1"`},
		{"_self with another", "GET", "${self}", pk("b"), nil, 404, "-", ""},
		{"_self with another: replace", "PUT", "${self}", pk("b"), h{"id": "1", "pk": "b"}, 404, "-", ""},
		{"_self with another: delete", "DELETE", "${self}", pk("b"), nil, 404, "-", ""},
		{"_self with another: patch", "PATCH", "${self}", pk("b"), `[{"op":"add","path":"/n","value":1}]`, 404,
			"-", ""},
		{"_self without", "GET", "${self}", nil, nil, 400, "1001", ""},
		{"_self without: delete", "DELETE", "${self}", nil, nil, 400, "1001", ""},
		{"_self with part", "GET", "${hself}", pk("x"), nil, 400, "1001", ""},
		{"_self with too much", "GET", "${hself}", pk("x", "y", "z"), nil, 400, "-", ""},
		{"_self with null", "GET", "${self}", pk(nil), nil, 404, "-", ""},
		{"part: read", "GET", hdocs + "/1", pk("x"), nil, 400, "1001", ""},
		{"part: delete", "DELETE", hdocs + "/1", pk("x"), nil, 400, "1001", ""},
		{"part: replace", "PUT", hdocs + "/1", pk("x"), h{"id": "1", "a": "x", "b": "y"}, 400, "1001", ""},
		{"part: patch", "PATCH", hdocs + "/1", pk("x"), `[{"op":"add","path":"/n","value":1}]`, 400, "1001", ""},
		{"part: create", "POST", hdocs, pk("x"), h{"id": "2", "a": "x", "b": "y"}, 400, "1001", ""},
		{"part: upsert", "POST", hdocs, pk("x").and(h{"x-ms-documentdb-is-upsert": "True"}),
			h{"id": "1", "a": "x", "b": "y"}, 400, "1001", ""},
		{"part: batch", "POST", hdocs, pk("x").and(atomicBatch), `[{"operationType":"Read","id":"1"}]`, 400, "", part},
		{"part: query", "POST", hdocs, pk("x").and(query), h{"query": "SELECT VALUE c.id FROM c"}, 200, "", `["1"]`},
		{"part: changes", "GET", hdocs, pk("x").and(h{"a-im": "Incremental Feed"}), nil, 200, "", `"id":"1"`},
		{"too much: read", "GET", hdocs + "/1", pk("x", "y", "z"), nil, 400, "-", ""},
		{"too much: delete", "DELETE", docs + "/1", pk("a", "b"), nil, 400, "-", ""},
		{"too much: batch", "POST", hdocs, pk("x", "y", "z").and(atomicBatch), `[{"operationType":"Read","id":"1"}]`,
			400, "", part},
	})
}

// The container that a client means can be another than the one of that name: whatever it asks, it is told.
func TestContainerMadeAnew(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	old := h{"x-ms-cosmos-intended-collection-rid": s.do("GET", coll, nil, nil).text("_rid")}
	s.do("POST", coll+"/docs", pk("a").and(old), h{"id": "1", "pk": "a"}).want(t, 201)
	s.do("DELETE", coll, nil, nil).want(t, 204)
	s.do("POST", "/dbs/d/colls", nil,
		`{"id":"c","partitionKey":{"paths":["/b"],"kind":"Hash","version":2}}`).want(t, 201)
	for _, test := range []struct {
		name, verb, path string
		headers          h
		body             any
	}{
		{"read", "GET", "/docs/1", pk("a"), nil},
		{"create", "POST", "/docs", pk("a"), h{"id": "1", "pk": "a"}},
		{"replace", "PUT", "/docs/1", pk("a"), h{"id": "1", "pk": "a"}},
		{"patch", "PATCH", "/docs/1", pk("a"), `[{"op":"add","path":"/n","value":1}]`},
		{"delete", "DELETE", "/docs/1", pk("a"), nil},
		{"batch", "POST", "/docs", pk("a").and(atomicBatch), `[{"operationType":"Read","id":"1"}]`},
		{"query", "POST", "/docs", cross.and(h{"content-type": "application/query+json"}),
			h{"query": "SELECT * FROM c"}},
		{"changes", "GET", "/docs", h{"a-im": "Incremental Feed"}, nil},
		{"feed", "GET", "/docs", nil, nil},
		{"ranges", "GET", "/pkranges", nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.do(test.verb, coll+test.path, test.headers.and(old), test.body).want(t, 400, "1024")
		})
	}
}

// Bodies may be in binary JSON, whatever is asked; the answers are text.
func TestBodiesInBinary(t *testing.T) {
	t.Parallel()
	binary := func(text string) string {
		raw, err := hex.DecodeString(text)
		require.NoError(t, err)
		return string(raw)
	}
	const docs = "/dbs/d/colls/c/docs"
	// {"id":"b","pk":"a"}
	doc := binary("80ea0a826964816282706b8161")
	// {"query":"SELECT * FROM c"}
	query := binary("80e9" + "857175657279" + "8f53454c454354202a2046524f4d2063")
	// [{"op":"add","path":"/n","value":5}]
	patch := binary("80e1" + "ea16" + "826f70" + "83616464" + "8470617468" + "822f6e" + "8576616c7565" + "05")
	run(t, []sdkCase{
		{"create", "POST", docs, pk("a"), doc, 201, "", `"id":"b"`},
		{"upsert", "POST", docs, pk("a").and(h{"x-ms-documentdb-is-upsert": "True"}), doc, 201, "", `"id":"b"`},
		{"replace", "PUT", docs + "/1", pk("a"), doc, 200, "", `"id":"b"`},
		{"query", "POST", docs, pk("b").and(h{"content-type": "application/query+json",
			"x-ms-documentdb-isquery": "True"}), query, 200, "", `"id":"2"`},
		{"patch", "PATCH", docs + "/1", pk("a"), patch, 200, "", `"n":5`},
		{"broken off", "POST", docs, pk("a"), doc[:8], 400, "", "The request payload is invalid"},
	})
}
