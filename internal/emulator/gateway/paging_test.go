package gateway_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/partition"
)

func mustKey(t *testing.T, header string) partition.Key {
	t.Helper()
	k, err := partition.ParseKey(header)
	require.NoError(t, err)
	return k
}

// counted is how often each row occurs, whatever the order.
func counted(rows []any) map[string]int {
	out := map[string]int{}
	for _, r := range rows {
		text, _ := json.Marshal(r)
		out[string(text)]++
	}
	return out
}

// A page asked for twice is the same page, and writes between pages neither hide nor repeat what they do not touch.
func TestPagesUnderWrites(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for i := range 20 {
		s.do("POST", coll+"/docs", pk("p"), map[string]any{"id": fmt.Sprint(i), "pk": "p", "n": i}).want(t, 201)
	}
	for _, query := range []string{"SELECT VALUE c.n FROM c", "SELECT VALUE c.n FROM c ORDER BY c.n",
		"SELECT TOP 20 VALUE c.n FROM c"} {
		headers := pk("p").and(h{"x-ms-max-item-count": "8"})
		first := s.post(coll, query, headers).want(t, 200)
		next := headers.and(h{"x-ms-continuation": first.header.Get("x-ms-continuation")})
		second := s.post(coll, query, next).want(t, 200)
		require.Equal(t, second.body, s.post(coll, query, next).want(t, 200).body, "asked again, the same page")
		s.post(coll, query, headers).want(t, 200) // remembers what comes next
		s.do("PATCH", coll+"/docs/9", pk("p"), `[{"op":"set","path":"/n","value":9.5}]`).want(t, 200)
		require.Contains(t, s.post(coll, query, next).want(t, 200).rows("Documents"), 9.5,
			"what was remembered is not true any more")
		s.do("PATCH", coll+"/docs/9", pk("p"), `[{"op":"set","path":"/n","value":9}]`).want(t, 200)
		s.do("DELETE", coll+"/docs/7", pk("p"), nil).want(t, 204)
		require.Equal(t, second.rows("Documents"), s.post(coll, query, next).want(t, 200).rows("Documents"),
			"the row before it is gone")
		s.do("POST", coll+"/docs", pk("p"), map[string]any{"id": "7", "pk": "p", "n": 7}).want(t, 201)
	}
}

// An ORDER BY page is at most 4 MB, whatever the page size.
func TestPageBytes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	big := string(make([]byte, 1<<20-1000))
	for i := range 6 {
		s.do("POST", coll+"/docs", pk("p"),
			map[string]any{"id": fmt.Sprint(i), "pk": "p", "big": []byte(big)[:700000]}).want(t, 201)
	}
	for _, query := range []string{"SELECT * FROM c", "SELECT * FROM c ORDER BY c.id"} {
		a := s.post(coll, query, pk("p").and(h{"x-ms-max-item-count": "-1"})).want(t, 200)
		require.Equal(t, 5, len(a.rows("Documents")), query)
		require.NotEmpty(t, a.header.Get("x-ms-continuation"))
	}
}

// A page of a change feed is at most 4 MB, too, and the next goes on behind it.
func TestChangeFeedBytes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for i := range 7 {
		s.do("POST", coll+"/docs", pk("p"),
			h{"id": fmt.Sprint(i), "pk": "p", "big": strings.Repeat("x", 1<<20)}).want(t, 201)
	}
	headers := pk("p").and(h{"a-im": "Incremental Feed", "x-ms-max-item-count": "-1"})
	a := s.do("GET", coll+"/docs", headers, nil).want(t, 200)
	require.Len(t, a.rows("Documents"), 4)
	b := s.do("GET", coll+"/docs", headers.and(h{"if-none-match": a.header.Get("etag")}), nil).want(t, 200)
	require.Len(t, b.rows("Documents"), 3)
}

// However large what a query sorts or groups by, the token fits a header and leads to the next row.
func TestTokensOfHugeKeys(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for i := range 4 {
		s.do("POST", coll+"/docs", pk("p"),
			h{"id": fmt.Sprint(i), "pk": "p", "s": strings.Repeat("k", 900_000) + fmt.Sprint(i)}).want(t, 201)
	}
	headers := pk("p").and(h{"x-ms-max-item-count": "1"})
	for _, test := range []struct {
		query string
		want  []any
	}{
		{"SELECT VALUE c.id FROM c ORDER BY c.s DESC", []any{"3", "2", "1", "0"}},
		{"SELECT VALUE RIGHT(c.s, 1) FROM c ORDER BY c.s", []any{"0", "1", "2", "3"}},
	} {
		require.Equal(t, test.want, s.query(coll, test.query, headers), test.query)
	}
	for _, query := range []string{"SELECT c.s FROM c GROUP BY c.s", "SELECT DISTINCT VALUE c.s FROM c"} {
		seen := map[string]bool{}
		for token := ""; len(seen) < 4; {
			a := s.post(coll, query, headers.and(h{"x-ms-continuation": token})).want(t, 200)
			token = a.header.Get("x-ms-continuation")
			require.Less(t, len(token), 4096)
			require.NotContains(t, seen, a.body, query)
			seen[a.body] = true
			// After a write nothing is remembered: the token alone says where to go on.
			s.do("PATCH", coll+"/docs/0", pk("p"), `[{"op":"incr","path":"/n","value":1}]`).want(t, 200)
		}
	}
}

// Pages go on behind the place where the last one ended, whatever becomes of the documents before it, and TOP and LIMIT
// keep their count.
func TestPagesGoOnBehindThePlace(t *testing.T) {
	t.Parallel()
	count := func(from, to int) (out []any) {
		for i := from; i < to; i++ {
			out = append(out, fmt.Sprint("d", i))
		}
		return out
	}
	set := func(id string, n int) func(*server, string) {
		return func(s *server, coll string) {
			s.do("PATCH", coll+"/docs/"+id, pk("p"), []any{map[string]any{"op": "set", "path": "/n", "value": n}}).
				want(s.t, 200)
		}
	}
	insert := func(s *server, coll string) {
		for i := range 10 {
			s.do("POST", coll+"/docs", pk("p"), map[string]any{"id": fmt.Sprint("new", i), "pk": "p", "n": -1 - i}).
				want(s.t, 201)
		}
	}
	remove := func(s *server, coll string) {
		for i := range 3 {
			s.do("DELETE", coll+"/docs/"+fmt.Sprint("d", i), pk("p"), nil).want(s.t, 204)
		}
	}
	for _, test := range []struct {
		name, query string
		write       func(*server, string)
		want        []any
	}{
		{"the last row goes to the end", "SELECT VALUE c.id FROM c ORDER BY c.n", set("d2", 1000),
			append(count(0, 30), "d2")},
		{"the last row goes to the beginning", "SELECT VALUE c.id FROM c ORDER BY c.n", set("d2", -1), count(0, 30)},
		{"a row before the place moves behind it", "SELECT VALUE c.id FROM c ORDER BY c.n", set("d0", 29),
			slices.Insert(count(0, 30), 29, any("d0"))},
		{"backwards", "SELECT VALUE c.id FROM c ORDER BY c.n DESC", set("d27", -5),
			append(reversed(count(0, 30)), "d27")},
		{"TOP under inserts", "SELECT TOP 10 VALUE c.id FROM c ORDER BY c.n", insert, count(0, 10)},
		{"LIMIT under inserts", "SELECT VALUE c.id FROM c ORDER BY c.n OFFSET 2 LIMIT 8", insert, count(2, 10)},
		{"TOP by a parameter", "SELECT TOP @n VALUE c.id FROM c ORDER BY c.n", insert, count(0, 10)},
		{"TOP when the first page is deleted", "SELECT TOP 10 VALUE c.id FROM c ORDER BY c.n", remove, count(0, 10)},
		{"without an order", "SELECT TOP 10 VALUE c.id FROM c", remove, count(0, 10)},
		{"LIMIT without an order", "SELECT VALUE c.id FROM c OFFSET 0 LIMIT 10", remove, count(0, 10)},
		{"TOP of groups", "SELECT DISTINCT TOP 10 VALUE c.n FROM c ORDER BY c.n", insert,
			[]any{0., 1., 2., 3., 4., 5., 6., 7., 8., 9.}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(_ *gateway.Options, so *store.Options) { so.Partitions = 1 })
			coll := s.container("/pk")
			for i := range 30 {
				s.do("POST", coll+"/docs", pk("p"),
					map[string]any{"id": fmt.Sprint("d", i), "pk": "p", "n": i}).want(t, 201)
			}
			var got []any
			token := ""
			for page := 0; ; page++ {
				a := s.post(coll, test.query, pk("p").and(h{"x-ms-max-item-count": "3", "x-ms-continuation": token}),
					"@n", 10).want(t, 200)
				got = append(got, a.rows("Documents")...)
				if token = a.header.Get("x-ms-continuation"); token == "" {
					break
				}
				if page == 0 {
					test.write(s, coll)
				}
			}
			require.Equal(t, test.want, got)
		})
	}
}

func reversed(list []any) []any {
	slices.Reverse(list)
	return list
}

// What has expired between two pages is on neither, whether the result was remembered or is made anew.
func TestPagesWithoutExpiredDocuments(t *testing.T) {
	t.Parallel()
	var offset atomic.Int64
	s := newServer(t, func(_ *gateway.Options, so *store.Options) {
		so.Now = func() time.Time { return time.Unix(1_700_000_000+offset.Load(), 0) }
	})
	s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
	s.do("POST", "/dbs/d/colls", nil,
		map[string]any{"id": "c", "partitionKey": map[string]any{"paths": []string{"/pk"}}, "defaultTtl": 100}).
		want(t, 201)
	coll := "/dbs/d/colls/c"
	for i := range 6 {
		s.do("POST", coll+"/docs", pk("p"),
			map[string]any{"id": fmt.Sprint(i), "pk": "p", "n": i, "ttl": 50 + 50*(i%2)}).want(t, 201)
	}
	for _, query := range []string{"SELECT VALUE c.id FROM c", "SELECT VALUE c.id FROM c ORDER BY c.n",
		"SELECT TOP 5 VALUE c.id FROM c", "SELECT DISTINCT VALUE c.id FROM c"} {
		offset.Store(0)
		headers := pk("p").and(h{"x-ms-max-item-count": "2"})
		first := s.post(coll, query, headers).want(t, 200)
		require.Len(t, first.rows("Documents"), 2, query)
		offset.Store(60)
		token, left := first.header.Get("x-ms-continuation"), 0
		for token != "" {
			a := s.post(coll, query, headers.and(h{"x-ms-continuation": token})).want(t, 200)
			left += len(a.rows("Documents"))
			token = a.header.Get("x-ms-continuation")
		}
		require.Equal(t, 2, left, "%s: 3 and 5 are left, the even ones have expired", query)
	}
}
