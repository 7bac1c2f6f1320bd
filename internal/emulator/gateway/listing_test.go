package gateway_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

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
