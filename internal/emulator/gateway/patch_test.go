package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPatch(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	a := s.do("POST", coll+"/docs", pk("p"), `{"id":"a","pk":"p","n":1,"list":[1,2]}`).want(t, 201)
	patch := func(body string, headers h) answer { return s.do("PATCH", coll+"/docs/a", pk("p").and(headers), body) }
	b := patch(`[{"op":"incr","path":"/n","value":2}]`, nil).want(t, 200)
	require.Equal(t, 3.0, b.get("n"))
	require.Equal(t, a.text("_rid"), b.text("_rid"))
	require.NotEqual(t, a.text("_etag"), b.text("_etag"))
	require.True(t, strings.HasPrefix(b.body, `{"id":"a","pk":"p","n":3,"list":[1,2],"_rid"`), b.body)
	patch(`{"operations":[{"op":"add","path":"/list/-","value":3}],"condition":"from c where c.n = 3"}`,
		nil).want(t, 200)
	patch(`{"operations":[{"op":"set","path":"/x","value":1}],"condition":"from c where c.n = 4"}`, nil).want(t, 412)
	patch(`{"operations":[{"op":"set","path":"/x","value":1}],"condition":"where c.n = 4"}`, nil).want(t, 400)
	patch(`{"operations":[{"op":"set","path":"/x","value":1}],"condition":"from c where NOPE(c)"}`, nil).want(t, 400)
	patch(`[{"op":"set","path":"/x","value":1}]`, h{"if-match": a.text("_etag")}).want(t, 412)
	m := patch(`[{"op":"set","path":"/x","value":1}]`, h{"prefer": "return=minimal"}).want(t, 200)
	require.Empty(t, m.body)
	e := patch(`[{"op":"set","path":"/y","value":1},{"op":"remove","path":"/none"}]`, nil).want(t, 400)
	require.Contains(t, e.body, "operation 1 (remove /none)")
	require.Equal(t, nil, s.do("GET", coll+"/docs/a", pk("p"), nil).get("y"), "all or nothing")
	deep := strings.Repeat("[", 127) + strings.Repeat("]", 127)
	patch(`[{"op":"set","path":"/list/0","value":`+deep+`}]`, nil).want(t, 400)
	s.do("PATCH", coll+"/docs/none", pk("p"), `[{"op":"set","path":"/x","value":1}]`).want(t, 404)
}
