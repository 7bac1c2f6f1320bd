package nosql

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestResolve(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		messages   []string
	}{
		{
			name: "container and alias",
			text: "SELECT r.a FROM root r WHERE r.b ORDER BY r.c",
		},
		{
			name: "implied alias",
			text: `SELECT kids, b FROM c.kids JOIN b IN kids["b"]`,
		},
		{
			name: "any container",
			text: "SELECT VALUE anything FROM anything",
		},
		{
			name:     "a bare column",
			text:     "SELECT id FROM c",
			messages: []string{"Identifier 'id' could not be resolved."},
		},
		{
			name:     "the name behind an alias",
			text:     "SELECT c.id FROM c AS r",
			messages: []string{"Identifier 'c' could not be resolved."},
		},
		{
			name:     "no FROM",
			text:     "SELECT x",
			messages: []string{"Identifier 'x' could not be resolved."},
		},
		{
			name: "every one, in the order of the text",
			text: "SELECT x, c.a FROM c JOIN t IN y.t WHERE z GROUP BY w ORDER BY v",
			messages: []string{"Identifier 'x' could not be resolved.", "Identifier 'y' could not be resolved.",
				"Identifier 'z' could not be resolved.",
				"Identifier 'w' could not be resolved.", "Identifier 'v' could not be resolved."},
		},
		{
			name: "join sees what stands before it",
			text: "SELECT 1 FROM c JOIN a IN c.a JOIN b IN a.b",
		},
		{
			name:     "join does not see what stands after",
			text:     "SELECT 1 FROM c JOIN b IN a.b JOIN a IN c.a",
			messages: []string{"Identifier 'a' could not be resolved."},
		},
		{
			name:     "alias twice",
			text:     "SELECT 1 FROM c JOIN c IN c.kids",
			messages: []string{"The alias 'c' is given to more than one source of the FROM clause."},
		},
		{
			name:     "implied alias twice",
			text:     "SELECT 1 FROM c JOIN x IN c.a JOIN (SELECT 1) x",
			messages: []string{"The alias 'x' is given to more than one source of the FROM clause."},
		},
		{
			name:     "a nameless source first",
			text:     "SELECT 1 FROM c.a[0] JOIN x IN d.b",
			messages: []string{"Identifier 'd' could not be resolved."},
		},
		{
			name: "subquery sees outside",
			text: "SELECT (SELECT VALUE c.a) FROM c WHERE EXISTS(SELECT t FROM t IN c.tags WHERE t = c.a)",
		},
		{
			name: "subquery shadows",
			text: "SELECT ARRAY(SELECT VALUE c FROM c IN c.kids) FROM c",
		},
		{
			name:     "outside does not see in",
			text:     "SELECT t FROM c WHERE EXISTS(SELECT t FROM t IN c.tags)",
			messages: []string{"Identifier 't' could not be resolved."},
		},
		{
			name:     "subquery cannot name a container",
			text:     "SELECT ARRAY(SELECT VALUE d FROM d) FROM c",
			messages: []string{"Identifier 'd' could not be resolved."},
		},
		{
			name: "derived table names it",
			text: "SELECT t.x FROM (SELECT c.pk AS x FROM c) t",
		},
		{
			name:     "output name twice",
			text:     "SELECT c.a, c.b AS a FROM c",
			messages: []string{"Object creation error, property name 'a' specified more than once."},
		},
		{
			name:     "path twice",
			text:     "SELECT c.a, c.b.a FROM c",
			messages: []string{"Object creation error, property name 'a' specified more than once."},
		},
		{
			name:     "let names its value in its body alone",
			text:     "SELECT VALUE (LET x = x IN x + c.a + y) FROM c",
			messages: []string{"Identifier 'x' could not be resolved.", "Identifier 'y' could not be resolved."},
		},
		{
			name: "computed names differ",
			text: "SELECT 1, 2, c.a FROM c",
		},
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

// The container is named where no alias is in scope yet: by the first source, and anew in each subquery of a query that
// has no source of its own.
func TestContainers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELECT 1":                                                  "",
		"SELECT x.a":                                                "",
		"SELECT * FROM c":                                           "c@14",
		"SELECT * FROM c.a[0]['b'] AS x":                            "c@14",
		"SELECT * FROM x IN c.a JOIN y IN x.b":                      "c@19",
		"SELECT * FROM c JOIN t IN d.t":                             "c@14",
		"SELECT * FROM c.a[0] JOIN d":                               "c@14",
		"SELECT * FROM (SELECT * FROM c) t":                         "c@29",
		"SELECT * FROM x IN (SELECT VALUE c.a FROM c)":              "c@42",
		"SELECT (SELECT 1 FROM a), EXISTS(SELECT 1 FROM b)":         "a@22 b@47",
		"SELECT ARRAY(SELECT 1 FROM d) FROM c":                      "c@35",
		"SELECT * FROM (SELECT 1 FROM c) JOIN (SELECT 1 FROM d) t":  "c@29 d@52",
		"SELECT * FROM (SELECT 1 FROM c) t JOIN (SELECT 1 FROM d)":  "c@29",
		"SELECT VALUE (LET c = 1 IN ARRAY(SELECT VALUE c FROM d))":  "",
		"SELECT VALUE (LET x = (SELECT 1 FROM c) IN x) WHERE x = 1": "c@37",
	} {
		q, err := Parse(text, Cosmos)
		require.NoError(t, err, text)
		var got []string
		for _, root := range Containers(q) {
			require.Equal(t, root.Name, text[root.Start:root.End])
			got = append(got, fmt.Sprintf("%s@%d", root.Name, root.Start))
		}
		require.Equal(t, want, strings.Join(got, " "), text)
	}
}

// Free names are those that no alias in scope has, each as often as it stands, with the query that it stands in.
func TestFreeIdents(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELECT a, b.c, t.d FROM t WHERE e = f(g)":                      "a b e g",
		"SELECT a FROM t GROUP BY a ORDER BY a":                         "a a a",
		"SELECT t.a AS x FROM t GROUP BY t.a ORDER BY x":                "",
		"SELECT t.a AS x FROM t ORDER BY x":                             "x",
		"SELECT VALUE (LET x = y IN x + z) FROM t":                      "y z",
		"SELECT VALUE (LET x = 1 IN (SELECT VALUE x)) FROM t":           "",
		"SELECT (SELECT a FROM u IN t.u WHERE u = t.b) AS n FROM t":     "a/inner",
		"SELECT u FROM t WHERE EXISTS(SELECT u FROM u IN t.u)":          "u",
		"SELECT ARRAY(SELECT VALUE t FROM t IN v.w) FROM t":             "v/inner",
		"SELECT {a: b, c: [d]}, -e, g ? h : i, j ?? k, l IN (m) FROM t": "b d e g h i j k l m",
		"SELECT n LIKE o, (p BETWEEN q AND r), s[u].v FROM t":           "n o p q r s u",
		"SELECT udf.f(a), COUNT(b) FROM t JOIN x IN tags":               "a b tags",
		"SELECT T.a FROM t": "T",
	} {
		q, err := Parse(text, Cosmos)
		require.NoError(t, err, text)
		var got []string
		FreeIdents(q, func(x *Ident, within *Query) {
			name := x.Name
			if within != q {
				name += "/inner"
			}
			got = append(got, name)
		})
		require.ElementsMatch(t, strings.Fields(want), got, text)
		if want != "" {
			require.ErrorContains(t, Resolve(q), "could not be resolved")
		}
	}
}

// An alias that is given twice is at the second source, and has no code: the service's is not known.
func TestPlaceOfAnAliasGivenTwice(t *testing.T) {
	t.Parallel()
	const text = "SELECT 1 FROM c JOIN x IN c.a JOIN (SELECT 1) AS x JOIN c"
	q, err := Parse(text, Cosmos)
	require.NoError(t, err)
	var list ErrorList
	require.ErrorAs(t, Resolve(q), &list)
	require.Len(t, list, 2)
	for i, want := range []string{"(SELECT 1) AS x", "c"} {
		require.Equal(t, want, text[list[i].Start:list[i].End])
		require.Empty(t, list[i].Code)
	}
}
