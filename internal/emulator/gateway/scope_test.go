package gateway_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Feeds, queries and change feeds look where the headers say, and nowhere else; what is not a place is refused.
func TestWhereToLook(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *gateway.Options, o *store.Options) { o.Partitions = 2 })
	coll := s.container("/pk")
	rid := s.do("GET", coll, nil, nil).want(t, 200).text("_rid")
	c, err := s.account.Container("d", "c")
	require.NoError(t, err)
	def, ranges := c.Definition().PartitionKey, c.Ranges()
	epk := func(key string) string { return def.EPK(mustKey(t, `["`+key+`"]`)) }
	in := map[string]int{} // how many documents a range has
	for i := range 20 {
		key := fmt.Sprint("k", i)
		s.do("POST", coll+"/docs", pk(key), h{"id": "1", "pk": key}).want(t, 201)
		for _, r := range ranges {
			if r.Contains(epk(key)) {
				in[r.ID]++
			}
		}
	}
	const id, start, end = "x-ms-documentdb-partitionkeyrangeid", "x-ms-start-epk", "x-ms-end-epk"
	middle := ranges[1].Min
	query := h{"content-type": "application/query+json"}
	for _, test := range []struct {
		name    string
		headers h
		status  int
		sub     string
		want    int // documents
	}{
		{"a key", pk("k3"), 200, "", 1},
		{"a key that has none", pk("none"), 200, "", 0},
		{"a range", h{id: "0"}, 200, "", in["0"]},
		{"another range", h{id: "1"}, 200, "", in["1"]},
		{"a range with its rid", h{id: rid + ",1"}, 200, "", in["1"]},
		{"a range with blanks", h{id: rid + ", 1 "}, 200, "", in["1"]},
		{"a stretch of a range", h{id: "0", start: epk("k3"), end: epk("k3") + "FF"}, 200, "",
			map[bool]int{true: 1}[ranges[0].Contains(epk("k3"))]},
		{"a stretch in lower case", h{id: "0", start: "", end: strings.ToLower(middle)}, 200, "", in["0"]},
		{"an empty stretch", h{id: "0", start: middle, end: "FF"}, 200, "", 0},
		{"a stretch by its type", h{id: "1", start: middle, end: "FF",
			"x-ms-read-key-type": "EffectivePartitionKeyRange"}, 200, "", in["1"]},
		{"a type that is not served", h{id: "1", "x-ms-read-key-type": "ResourceId"}, 400, "", 0},
		{"a stretch that is not hexadecimal", h{id: "1", start: "XY"}, 400, "", 0},
		{"an end that is not hexadecimal", h{id: "1", end: "0x"}, 400, "", 0},
		{"a range that is gone", h{id: "9"}, 410, "1002", 0},
		{"a range of another container", h{id: "DPZtAKyOj5g=,0"}, 410, "1000", 0},
		{"a range that is not a number", h{id: "first"}, 400, "", 0},
		{"a rid without a range", h{id: rid + ","}, 400, "", 0},
		{"a key that is not JSON", h{"x-ms-documentdb-partitionkey": "k3"}, 400, "", 0},
		{"a key that is too long", pk("k3", "x"), 400, "", 0},
		{"a container of another rid", pk("k3").and(h{"x-ms-cosmos-intended-collection-rid": "DPZtAKyOj5g="}), 400,
			"1024", 0},
		{"a container of its rid", pk("k3").and(h{"x-ms-cosmos-intended-collection-rid": rid}), 200, "", 1},
		{"a page that is not a size", pk("k3").and(h{"x-ms-max-item-count": "-2"}), 400, "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := *s
			s.t = t
			feed := s.do("GET", coll+"/docs", test.headers, nil).want(t, test.status, test.sub)
			rows := s.do("POST", coll+"/docs", test.headers.and(query), h{"query": "SELECT VALUE c.pk FROM c"}).
				want(t, test.status, test.sub)
			count := s.do("POST", coll+"/docs", test.headers.and(query), h{"query": "SELECT VALUE COUNT(1) FROM c"}).
				want(t, test.status, test.sub)
			changes := s.do("GET", coll+"/docs", test.headers.and(h{"a-im": "Incremental Feed"}), nil)
			if test.status != 200 {
				changes.want(t, test.status, test.sub)
				require.NotEmpty(t, feed.text("message"))
				return
			}
			require.Len(t, feed.rows("Documents"), test.want)
			require.Len(t, rows.rows("Documents"), test.want)
			require.Equal(t, []any{float64(test.want)}, count.rows("Documents"))
			changes.want(t, map[bool]int{true: 304, false: 200}[test.want == 0])
			require.Len(t, changes.rows("Documents"), test.want)
		})
	}
	first := s.do("GET", coll+"/docs", nil, nil).want(t, 200)
	rest := s.do("GET", coll+"/docs", h{"x-ms-continuation": first.header.Get("x-ms-continuation")}, nil).want(t, 200)
	require.Len(t, append(first.rows("Documents"), rest.rows("Documents")...), 20)
	require.Empty(t, rest.header.Get("x-ms-continuation"))
	require.Contains(t, s.post(coll, "SELECT * FROM c", nil).want(t, 400).text("message"),
		"Cross partition query is required")
}

// A token of a permission is good for as long as is asked, within the service's bounds; each answer has its own, and
// what is stored has none.
func TestPermissionsAndTheirTokens(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.do("POST", "/dbs/d/users", nil, h{"id": "u"}).want(t, 201)
	const feed = "/dbs/d/users/u/permissions"
	body := h{"id": "p", "permissionMode": "Read", "resource": "dbs/d/colls/c"}
	for seconds, status := range map[string]int{
		"": 201, "600": 201, "86400": 201, "599": 400, "86401": 400, "-1": 400, "soon": 400, "10.5": 400,
		"18446747673": 400, // of which a duration holds 3599.3 s
	} {
		a := s.do("POST", feed, h{"x-ms-documentdb-expiry-seconds": seconds}, body).want(t, status)
		if status == 400 {
			require.Contains(t, a.text("message"), "between 600 and 86400", seconds)
			s.do("GET", feed+"/p", nil, nil).want(t, 404)
			continue
		}
		s.raw("GET", coll, h{"authorization": a.text("_token")}, nil).want(t, 200)
		for _, request := range []answer{
			s.do("GET", feed+"/p", h{"x-ms-documentdb-expiry-seconds": "1"}, nil),
			s.do("GET", feed, h{"x-ms-documentdb-expiry-seconds": "1"}, nil),
			s.do("PUT", feed+"/p", h{"x-ms-documentdb-expiry-seconds": "1"}, body),
		} {
			request.want(t, 400)
		}
		s.do("DELETE", feed+"/p", nil, nil).want(t, 204)
		s.raw("GET", coll, h{"authorization": a.text("_token")}, nil).want(t, 403)
	}
	upsert := h{"x-ms-documentdb-is-upsert": "True"}
	first := s.do("POST", feed, upsert, body).want(t, 201)
	body["permissionMode"], body["_token"] = "All", "mine"
	second := s.do("POST", feed, upsert, body).want(t, 200)
	require.Equal(t, first.text("_rid"), second.text("_rid"))
	require.Equal(t, "All", second.text("permissionMode"))
	require.Equal(t, 1, strings.Count(second.body, `"_token"`))
	require.NotContains(t, second.body, "mine")
	listed := s.do("GET", feed, nil, nil).want(t, 200).rows("Permissions")[0].(map[string]any)
	s.raw("GET", coll, h{"authorization": listed["_token"].(string)}, nil).want(t, 200)
	s.do("POST", feed, upsert.and(h{"if-match": `"old"`}), body).want(t, 412)
	s.do("POST", feed, nil, body).want(t, 409)
	// Users are put in the same ways, and take their permissions with them.
	s.do("POST", "/dbs/d/users", nil, h{"id": "u"}).want(t, 409)
	s.do("POST", "/dbs/d/users", upsert, h{"id": "u"}).want(t, 200)
	s.do("POST", "/dbs/d/users", upsert, h{"id": "v"}).want(t, 201)
	for _, bad := range []string{`{`, `{}`, `{"id":7}`, `{"id":"a/b"}`} {
		s.do("POST", "/dbs/d/users", nil, bad).want(t, 400)
		s.do("POST", "/dbs/d/users", upsert, bad).want(t, 400)
	}
	for i, bad := range []h{{"id": "x"}, {"id": "x", "permissionMode": "Write", "resource": "dbs/d/colls/c"},
		{"id": "x", "permissionMode": "Read"}} {
		require.Equal(t, 400, s.do("POST", feed, nil, bad).status, strconv.Itoa(i))
	}
	s.do("DELETE", "/dbs/d/users/u", nil, nil).want(t, 204)
	s.do("GET", feed, nil, nil).want(t, 404)
	s.raw("GET", coll, h{"authorization": second.text("_token")}, nil).want(t, 403)
}
