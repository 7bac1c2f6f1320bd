package nosql

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		messages   []string
	}{
		{"container and alias", "SELECT r.a FROM root r WHERE r.b ORDER BY r.c", nil},
		{"implied alias", `SELECT kids, b FROM c.kids JOIN b IN kids["b"]`, nil},
		{"any container", "SELECT VALUE anything FROM anything", nil},
		{"a bare column", "SELECT id FROM c", []string{"Identifier 'id' could not be resolved."}},
		{"the name behind an alias", "SELECT c.id FROM c AS r", []string{"Identifier 'c' could not be resolved."}},
		{"no FROM", "SELECT x", []string{"Identifier 'x' could not be resolved."}},
		{"every one, in the order of the text", "SELECT x, c.a FROM c JOIN t IN y.t WHERE z GROUP BY w ORDER BY v",
			[]string{"Identifier 'x' could not be resolved.", "Identifier 'y' could not be resolved.", "Identifier 'z' could not be resolved.",
				"Identifier 'w' could not be resolved.", "Identifier 'v' could not be resolved."}},
		{"join sees what stands before it", "SELECT 1 FROM c JOIN a IN c.a JOIN b IN a.b", nil},
		{"join does not see what stands after", "SELECT 1 FROM c JOIN b IN a.b JOIN a IN c.a", []string{"Identifier 'a' could not be resolved."}},
		{"alias twice", "SELECT 1 FROM c JOIN c IN c.kids", []string{"The alias 'c' is given to more than one source of the FROM clause."}},
		{"implied alias twice", "SELECT 1 FROM c JOIN x IN c.a JOIN (SELECT 1) x", []string{"The alias 'x' is given to more than one source of the FROM clause."}},
		{"subquery sees outside", "SELECT (SELECT VALUE c.a) FROM c WHERE EXISTS(SELECT t FROM t IN c.tags WHERE t = c.a)", nil},
		{"subquery shadows", "SELECT ARRAY(SELECT VALUE c FROM c IN c.kids) FROM c", nil},
		{"outside does not see in", "SELECT t FROM c WHERE EXISTS(SELECT t FROM t IN c.tags)", []string{"Identifier 't' could not be resolved."}},
		{"subquery cannot name a container", "SELECT ARRAY(SELECT VALUE d FROM d) FROM c",
			[]string{"Identifier 'd' could not be resolved."}},
		{"derived table names it", "SELECT t.x FROM (SELECT c.pk AS x FROM c) t", nil},
		{"output name twice", "SELECT c.a, c.b AS a FROM c", []string{"The name 'a' is given to more than one item of the SELECT clause."}},
		{"computed names differ", "SELECT 1, 2, c.a FROM c", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q, err := Parse(c.text, Cosmos)
			require.NoError(t, err)
			var got []string
			err = Resolve(q)
			var list ErrorList
			var one *Error
			switch {
			case errors.As(err, &list):
				for _, e := range list {
					got = append(got, e.Message)
				}
			case errors.As(err, &one):
				got = append(got, one.Message)
			}
			require.Equal(t, c.messages, got)
		})
	}
}

func TestErrorList(t *testing.T) {
	t.Parallel()
	text := "SELECT x,\ny FROM c"
	q, err := Parse(text, Cosmos)
	require.NoError(t, err)
	err = Locate(text, Resolve(q))
	require.EqualError(t, err, "Identifier 'x' could not be resolved. (SC2001, line 1, column 8); Identifier 'y' could not be resolved. (SC2001, line 2, column 1)")
	var one *Error
	require.ErrorAs(t, err, &one)
	require.Equal(t, "x", text[one.Start:one.End])
	require.NoError(t, Locate(text, nil))
	require.EqualError(t, &Error{Message: "M."}, "M.")
	require.EqualError(t, &Error{Message: "M.", Line: 1, Column: 2}, "M. (line 1, column 2)")
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"SELECT * FROM c", nil},
		{"SELECT VALUE c.a FROM c", nil},
		{`SELECT c, c.a.b, c["x y"], c.a['q'], c.z AS n FROM c`, []string{"c", "b", "x y", "q", "n"}},
		{"SELECT MIN(c.a), MAX(c.a) AS m, MAX(c.b), c.a[0], 1, c.a FROM c", []string{"$1", "m", "$2", "$3", "$4", "a"}},
		{"SELECT (SELECT 1), [1], {}, -1, @p, @p.x FROM c", []string{"$1", "$2", "$3", "$4", "$5", "x"}},
	} {
		q, err := Parse(c.text, Cosmos)
		require.NoError(t, err)
		got, ok := q.Columns()
		require.Equal(t, c.want != nil, ok, c.text)
		require.Equal(t, c.want, got, c.text)
	}
}

func TestSourceName(t *testing.T) {
	t.Parallel()
	q, err := Parse(`SELECT 1 FROM c.a["b c"] JOIN c.a[0] JOIN (SELECT 1) JOIN x IN c.a JOIN c.d AS y`, Cosmos)
	require.NoError(t, err)
	var names []string
	for _, s := range q.From {
		names = append(names, s.Name())
	}
	require.Equal(t, []string{"b c", "", "", "x", "y"}, names)
	require.Equal(t, "c", Root(q.From[0].Path).Name)
	require.Nil(t, Root(&Array{}))
}

func TestContainersAndFreeIdents(t *testing.T) {
	t.Parallel()
	q, err := Parse("SELECT a, c.b, (SELECT VALUE d) FROM c JOIN t IN tags", Cosmos)
	require.NoError(t, err)
	roots := Containers(q)
	require.Len(t, roots, 1)
	require.Same(t, Root(q.From[0].Path), roots[0])
	var free []string
	FreeIdents(q, func(x *Ident, within *Query) {
		free = append(free, x.Name)
		require.Equal(t, x.Name == "d", within != q)
	})
	require.ElementsMatch(t, []string{"a", "d", "tags"}, free)
}

// everything has each kind of node.
const everything = "SELECT DISTINCT TOP @n c.a[0] ? [1] : {x: -2}, udf.f(@p) ?? (SELECT VALUE 3) AS y, z.q FROM c JOIN z IN (SELECT 4) " +
	"WHERE c.b IN (5, 6) AND c.c LIKE 'l' ESCAPE '!' OR c.d BETWEEN 7 AND 8 GROUP BY c.e ORDER BY c.f OFFSET 9 LIMIT 10"

func TestWalk(t *testing.T) {
	t.Parallel()
	q, err := Parse(everything, Cosmos)
	require.NoError(t, err)
	var literals string
	var idents, queries int
	Walk(q, func(n Node) bool {
		switch n := n.(type) {
		case *Literal:
			literals += n.Text + " "
		case *Ident:
			idents++
		case *Query:
			queries++
		}
		return true
	})
	require.Equal(t, "0 1 2 3 4 5 6 l ! 7 8 9 10 ", literals)
	require.Equal(t, 8, idents)
	require.Equal(t, 3, queries)

	seen := 0
	Walk(q, func(n Node) bool { seen++; return n == Node(q) })
	require.Equal(t, 12, seen, "the parts of the query, and nothing under them")
	Walk(nil, func(Node) bool { t.Error("there is nothing to visit"); return true })
}

func TestRewrite(t *testing.T) {
	t.Parallel()
	q, err := Parse(everything, Cosmos)
	require.NoError(t, err)
	require.Same(t, q, Rewrite(q, func(x Expr) Expr {
		switch x := x.(type) {
		case *Literal:
			if x.Kind == Number {
				return &Literal{Kind: Number, Text: "1" + x.Text}
			}
		case *Ident:
			return &Ident{Name: x.Name + x.Name}
		}
		return x
	}))
	require.Equal(t, "SELECT DISTINCT TOP @n cc.a[10] ? [11] : {\"x\": -12}, udf.f(@p) ?? (SELECT VALUE 13) AS y, zz.q FROM cc JOIN z IN (SELECT 14) "+
		"WHERE cc.b IN (15, 16) AND cc.c LIKE \"l\" ESCAPE \"!\" OR (cc.d BETWEEN 17 AND 18) GROUP BY cc.e ORDER BY cc.f OFFSET 19 LIMIT 110", Print(q))
}
