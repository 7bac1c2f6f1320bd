package nosql

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestColumns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
	}{
		{
			text: "SELECT * FROM c",
		},
		{
			text: "SELECT VALUE c.a FROM c",
		},
		{
			text: `SELECT c, c.a.b, c["x y"], c.a['q'], c.z AS n FROM c`,
			want: []string{"c", "b", "x y", "q", "n"},
		},
		{
			text: "SELECT MIN(c.a), MAX(c.a) AS m, MAX(c.b), c.a[0], 1, c.a FROM c",
			want: []string{"$1", "m", "$2", "$3", "$4", "a"},
		},
		{
			text: "SELECT (SELECT 1), [1], {}, -1, @p, @p.x FROM c",
			want: []string{"$1", "$2", "$3", "$4", "$5", "x"},
		},
	} {
		q, err := Parse(c.text, Cosmos)
		require.NoError(t, err)
		got, ok := q.Columns()
		require.Equal(t, c.want != nil, ok, c.text)
		require.Equal(t, c.want, got, c.text)
	}
}

// ORDER BY of a grouping query may name an item of the list by its alias; no other clause, and no other query may.
func TestAliased(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SELECT c.a AS x, COUNT(1) AS n FROM c GROUP BY c.a ORDER BY x": "c.a",
		"SELECT c.a AS x, COUNT(1) AS n FROM c GROUP BY c.a ORDER BY n": "COUNT(1)",
		"SELECT c.a AS c FROM c GROUP BY c.a ORDER BY c":                "",
		"SELECT c.a AS x FROM c GROUP BY c.a ORDER BY y":                "",
		"SELECT c.a AS x FROM c GROUP BY c.a ORDER BY x.y":              "",
		"SELECT c.a AS x FROM c ORDER BY x":                             "",
	} {
		q, err := Parse(text, Cosmos)
		require.NoError(t, err)
		got := ""
		if x := q.Aliased(q.OrderBy[0].X); x != nil {
			got = Print(x)
		}
		require.Equal(t, want, got, text)
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

func TestMemberPath(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, root string
		names      []string
		ok         bool
	}{
		{"c", "c", nil, true},
		{`c.a["b c"].d`, "c", []string{"a", "b c", "d"}, true},
		{"c.a[0]", "", nil, false},
		{"f(c).a", "", nil, false},
	} {
		x, err := ParseExpr(tc.text, Cosmos)
		require.NoError(t, err)
		root, names, ok := MemberPath(x)
		require.Equal(t, tc.ok, ok, tc.text)
		require.Equal(t, tc.root, root, tc.text)
		require.Equal(t, tc.names, names, tc.text)
	}
}
