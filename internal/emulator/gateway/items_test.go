package gateway_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

func TestItemLife(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	a := s.do("POST", coll+"/docs", pk("p"), `{"id":"a","pk":"p","n":1, "_rid":"mine"}`).want(t, 201)
	require.Regexp(t, `^\{"id":"a","pk":"p","n":1,"_rid":"[^"]{24}","_self":"dbs/[^"]+/colls/[^"]+/docs/[^"]+/",`+
		`"_etag":"\\"[^"]+\\"","_attachments":"attachments/","_ts":\d+\}$`, a.body)
	require.Equal(t, a.text("_etag"), a.header.Get("etag"))
	require.Equal(t, "0:-1#1", "0"+a.header.Get("x-ms-session-token")[1:])
	require.NotEmpty(t, a.header.Get("x-ms-activity-id"))
	require.Equal(t, "6.29", a.header.Get("x-ms-request-charge"))
	require.Equal(t, "dbs/d/colls/c", a.header.Get("x-ms-alt-content-path"))
	require.Equal(t, s.do("GET", coll, nil, nil).text("_rid"), a.header.Get("x-ms-content-path"),
		"clients keep their sessions by it")

	s.do("POST", coll+"/docs", pk("p"), h{"id": "a", "pk": "p"}).want(t, 409)
	s.do("POST", coll+"/docs", pk("q"), h{"id": "a", "pk": "q"}).want(t, 201)
	r := s.do("GET", coll+"/docs/a", pk("p"), nil).want(t, 200)
	require.Equal(t, a.body, r.body)
	s.do("GET", coll+"/docs/a", pk("p").and(h{"if-none-match": r.header.Get("etag")}), nil).want(t, 304)
	s.do("GET", coll+"/docs/a", pk("p").and(h{"if-none-match": "*"}), nil).want(t, 304)
	s.do("GET", coll+"/docs/a", pk("other"), nil).want(t, 404)

	p := s.do("PUT", coll+"/docs/a", pk("p").and(h{"if-match": r.header.Get("etag")}),
		h{"id": "a", "pk": "p", "v": "2"}).want(t, 200)
	require.Equal(t, a.text("_rid"), p.text("_rid"))
	require.NotEqual(t, a.text("_etag"), p.text("_etag"))
	s.do("PUT", coll+"/docs/a", pk("p").and(h{"if-match": r.header.Get("etag")}), h{"id": "a", "pk": "p"}).want(t, 412)
	s.do("PUT", coll+"/docs/none", pk("p"), h{"id": "none", "pk": "p"}).want(t, 404)
	s.do("POST", coll+"/docs", pk("p"), h{"id": "b", "pk": "p"}).want(t, 201)
	s.do("PUT", coll+"/docs/a", pk("p"), h{"id": "b", "pk": "p"}).want(t, 409)
	s.do("DELETE", coll+"/docs/b", pk("p"), nil).want(t, 204)
	renamed := s.do("PUT", coll+"/docs/a", pk("p"), h{"id": "b", "pk": "p"}).want(t, 200)
	require.Equal(t, []string{"b", a.text("_rid")}, []string{renamed.text("id"), renamed.text("_rid")})
	s.do("GET", coll+"/docs/a", pk("p"), nil).want(t, 404)
	s.do("PUT", coll+"/docs/b", pk("p"), h{"id": "a", "pk": "p"}).want(t, 200)
	s.do("PUT", coll+"/docs/a", pk("p"), h{"id": "a", "pk": "other"}).want(t, 400, "1001")

	up := h{"x-ms-documentdb-is-upsert": "True"}
	s.do("POST", coll+"/docs", pk("p").and(up), h{"id": "a", "pk": "p", "v": "3"}).want(t, 200)
	s.do("POST", coll+"/docs", pk("p").and(up), h{"id": "new", "pk": "p"}).want(t, 201)
	m := s.do("POST", coll+"/docs", pk("p").and(up).and(h{"prefer": "return=minimal"}),
		h{"id": "a", "pk": "p", "v": "4"}).want(t, 200)
	require.Empty(t, m.body)
	require.NotEmpty(t, m.header.Get("etag"))
	s.do("POST", coll+"/docs", pk("p").and(up).and(h{"if-match": `"x"`}), h{"id": "a", "pk": "p"}).want(t, 412)

	require.Empty(t, s.do("DELETE", coll+"/docs/a", pk("p"), nil).want(t, 204).body)
	s.do("DELETE", coll+"/docs/a", pk("p"), nil).want(t, 404)
	e := s.do("GET", coll+"/docs/a", pk("p"), nil).want(t, 404)
	require.Equal(t, "NotFound", e.text("code"))
	require.Contains(t, e.text("message"), "Entity with the specified id does not exist in the system.")
	require.Contains(t, e.text("message"), e.header.Get("x-ms-activity-id"))
}

func TestNumbersAreFiniteDoubles(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.do("POST", coll+"/docs", pk("p"), `{"id":"a","pk":"p","n":1.7976931348623157e308}`).want(t, 201)
	up := h{"x-ms-documentdb-is-upsert": "True"}
	for _, n := range []string{`1e400`, `-1e400`, `[1,{"x":1e400}]`} {
		doc := `{"id":"a","pk":"p","n":` + n + `}`
		for _, refused := range []answer{
			s.do("POST", coll+"/docs", pk("p"), doc),
			s.do("POST", coll+"/docs", pk("p").and(up), doc),
			s.do("PUT", coll+"/docs/a", pk("p"), doc),
			s.do("PATCH", coll+"/docs/a", pk("p"), `[{"op":"set","path":"/n","value":`+n+`}]`),
			s.do("POST", coll+"/docs",
				pk("p").and(h{"x-ms-documentdb-isquery": "True", "content-type": "application/query+json"}),
				`{"query":"SELECT VALUE @n","parameters":[{"name":"@n","value":`+n+`}]}`),
		} {
			require.Equal(t, 400, refused.status, refused.body)
		}
	}
	e := s.do("PATCH", coll+"/docs/a", pk("p"),
		`[{"op":"incr","path":"/n","value":1.7976931348623157e308}]`).want(t, 400)
	require.Contains(t, e.body, "not a finite double")
	require.InDelta(t, 1.7976931348623157e308, s.do("GET", coll+"/docs/a", pk("p"), nil).want(t, 200).get("n"), 0)
}

func TestQuerySmoke(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for i := range 30 {
		s.do("POST", coll+"/docs", pk(fmt.Sprint("p", i%5)),
			map[string]any{"id": fmt.Sprint(i), "pk": fmt.Sprint("p", i%5), "n": i}).want(t, 201)
	}
	require.Len(t, s.query(coll, "SELECT * FROM c", cross.and(h{"x-ms-max-item-count": "7"})), 30)
	require.Len(t, s.query(coll, "SELECT VALUE c.n FROM c WHERE c.n >= @n", cross, "@n", 20), 10)
	require.Equal(t, []any{25.0, 20.0, 15.0, 10.0, 5.0, 0.0},
		s.query(coll, "SELECT VALUE c.n FROM c ORDER BY c.n DESC", pk("p0").and(h{"x-ms-max-item-count": "4"})))
	s.post(coll, "SELECT * FROM c ORDER BY c.n", cross).want(t, 400, "1004")
}

// A read tells of the write that made what it answers, which others may have followed.
func TestLSNOfAnItem(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *gateway.Options, o *store.Options) { o.Partitions = 1 })
	coll := s.container("/pk")
	made := s.do("POST", coll+"/docs", pk("p"), h{"id": "a", "pk": "p"}).want(t, 201).header.Get("lsn")
	last := s.do("POST", coll+"/docs", pk("q"), h{"id": "b", "pk": "q"}).want(t, 201).header.Get("lsn")
	require.NotEqual(t, made, last)
	for _, read := range []struct {
		path string
		key  h
		want string
	}{{coll + "/docs/a", pk("p"), made}, {coll + "/docs/b", pk("q"), last}} {
		header := s.do("GET", read.path, read.key, nil).want(t, 200).header
		require.Equal(t, last, header.Get("lsn"))
		require.Equal(t, read.want, header.Get("x-ms-item-lsn"))
		require.Equal(t, read.want, header.Get("x-ms-cosmos-item-llsn"))
	}
	before := s.do("GET", "/dbs/d", nil, nil).want(t, 200).header
	s.do("POST", "/dbs", nil, h{"id": "other"}).want(t, 201)
	after := s.do("GET", "/dbs/d", nil, nil).want(t, 200).header
	require.NotEqual(t, before.Get("lsn"), after.Get("lsn"))
	require.Equal(t, before.Get("x-ms-item-lsn"), after.Get("x-ms-item-lsn"))
}
