package statement

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOrderByColumns: a sort key that is the name of a column is that column; one that is a source, a path, or no name
// of the list stays what it is.
func TestOrderByColumns(t *testing.T) {
	t.Parallel()
	for text, sent := range map[string]string{
		`SELECT c.id AS x FROM c ORDER BY x`:              `SELECT c.id AS x FROM c ORDER BY c.id`,
		`SELECT c.id AS x FROM c ORDER BY "x" DESC`:       `SELECT c.id AS x FROM c ORDER BY c.id DESC`,
		`SELECT c.id AS x FROM c ORDER BY 'x'`:            `SELECT c.id AS x FROM c ORDER BY c.id`,
		`SELECT c.id AS "5" FROM c ORDER BY 5`:            `SELECT c.id AS "5" FROM c ORDER BY 5`,
		`SELECT c.id AS c FROM c ORDER BY c`:              `SELECT c.id AS c FROM c ORDER BY c`,
		`SELECT c.id AS x FROM c ORDER BY c.x`:            `SELECT c.id AS x FROM c ORDER BY c.x`,
		`SELECT c.id AS x, c.b FROM c ORDER BY c.b, x`:    `SELECT c.id AS x, c.b FROM c ORDER BY c.b, c.id`,
		`SELECT id AS a, b AS d FROM c ORDER BY d, a ASC`: `SELECT c.id AS a, c.b AS d FROM c ORDER BY c.b, c.id ASC`,
		`SELECT a AS b, b AS a FROM c ORDER BY a, b`:      `SELECT c.a AS b, c.b AS a FROM c ORDER BY c.b, c.a`,
		`SELECT UPPER(a) AS u FROM c ORDER BY u`:          `SELECT UPPER(c.a) AS u FROM c ORDER BY UPPER(c.a)`,
		`SELECT id FROM c ORDER BY missing`:               `SELECT c.id FROM c ORDER BY c.missing`,
		`SELECT k, COUNT(*) AS n FROM c GROUP BY k ORDER BY n DESC`: `SELECT c.k, COUNT(1) AS n FROM c GROUP BY c.k ` +
			`ORDER BY COUNT(1) DESC`,
		`SELECT t.a AS x FROM c JOIN t IN c.ts ORDER BY x`: `SELECT t.a AS x FROM c JOIN t IN c.ts ORDER BY t.a`,
	} {
		s, err := Parse(text, database)
		require.NoError(t, err, text)
		require.Equal(t, sent, s.(*Select).Text, text)
	}
}

// TestWayOfSorting: what the service says of a sort key is answered for the key at hand.
func TestWayOfSorting(t *testing.T) {
	t.Parallel()
	const (
		unmapped = "Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path."
		index    = "The order by query does not have a corresponding composite index that it can be served from."
		paths    = "Cosmos DB sorts by paths, such as c.name: store what is to be sorted by, or make it a computed " +
			"property of the container"
	)
	for _, tt := range []struct{ text, refusal, way string }{
		{"SELECT * FROM c ORDER BY UPPER(c.a)", unmapped, paths},
		{"SELECT * FROM c ORDER BY 1", unmapped, paths},
		{"SELECT * FROM c ORDER BY FullTextScore(c.t, 'w')", unmapped,
			`scores are sorted by with RANK: ORDER BY RANK FullTextScore(c.t, "w")`},
		{"SELECT * FROM c ORDER BY fulltextscore(c.t, 'w')", unmapped,
			`scores are sorted by with RANK: ORDER BY RANK fulltextscore(c.t, "w")`},
		{"SELECT * FROM c ORDER BY RANK FullTextScore(c.t, 'w')", unmapped, paths},
		{"SELECT * FROM c ORDER BY c.a, c.b.d DESC", index, `add to the compositeIndexes of the indexing policy: ` +
			`[{"path":"/a","order":"ascending"},{"path":"/b/d","order":"descending"}]`},
		{`SELECT * FROM c ORDER BY c.a ASC, c["order"], c["x y"]`, index, `add to the compositeIndexes of the ` +
			`indexing policy: [{"path":"/a","order":"ascending"},{"path":"/order","order":"ascending"},` +
			`{"path":"/\"x y\"","order":"ascending"}]`},
		{"SELECT * FROM c ORDER BY c.a, UPPER(c.b)", index, ""},
		{"SELECT * FROM c", index, ""},
		{"SELECT * FROM c", unmapped, ""},
	} {
		s, err := Parse(tt.text, database)
		require.NoError(t, err, tt.text)
		require.Equal(t, tt.way, Way(tt.refusal, s.(*Select).Query), tt.text)
	}
}

// TestTwoContainers: a query is about one container, and the error names both as the text does.
func TestTwoContainers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text  string
		known Options
		names string // "" for one container
	}{
		{"SELECT ARRAY(SELECT VALUE x FROM a x), ARRAY(SELECT VALUE y FROM b y)", database, "a and b"},
		{"SELECT ARRAY(SELECT VALUE x FROM d1.a x), ARRAY(SELECT VALUE y FROM d1.b y)", nothing, "d1.a and d1.b"},
		{"SELECT ARRAY(SELECT VALUE x FROM d1.a x), ARRAY(SELECT VALUE y FROM d2.a y)", nothing, "d1.a and d2.a"},
		{"SELECT ARRAY(SELECT VALUE x FROM d1.a x), ARRAY(SELECT VALUE y FROM a y)", nothing, "d1.a and a"},
		{"SELECT ARRAY(SELECT VALUE x FROM d1.a x), ARRAY(SELECT VALUE y FROM d1.a y)", nothing, ""},
		{"SELECT ARRAY(SELECT VALUE x FROM a x), ARRAY(SELECT VALUE y FROM a y)", database, ""},
		{"SELECT ARRAY(SELECT VALUE x FROM a x), ARRAY(SELECT VALUE y FROM b y)", container, ""},
	} {
		s, err := Parse(tt.text, tt.known)
		if tt.names != "" {
			require.ErrorContains(t, err, "The query names two containers, "+tt.names+
				"; Cosmos DB queries one at a time. (line 1, column ", tt.text)
			continue
		}
		require.NoError(t, err, tt.text)
		require.Equal(t, map[Options]string{nothing: "a", database: "a"}[tt.known], s.(*Select).Container, tt.text)
	}
}

// TestQuotedBesideLogic: a quoted name is looked at with its own comparison, not with what AND, OR and NOT join to it;
// a sign is a part of the comparison.
func TestQuotedBesideLogic(t *testing.T) {
	t.Parallel()
	for where, sent := range map[string]string{
		`c.a = 1 AND "x" = 'y'`:             `c.a = 1 AND c.x = "y"`,
		`NOT (c.a = 1 AND "x" = 'y')`:       `NOT (c.a = 1 AND c.x = "y")`,
		`NOT (c.a = 1) OR NOT ("x" = 'y')`:  `NOT (c.a = 1) OR NOT (c.x = "y")`,
		`c.a = 1 OR ("x" > 2 AND c.b != 3)`: `c.a = 1 OR c.x > 2 AND c.b != 3`,
	} {
		s, err := Parse("SELECT c.id FROM c WHERE "+where+" LIMIT 1", database)
		require.NoError(t, err, where)
		require.Equal(t, "SELECT c.id FROM c WHERE "+sent+" OFFSET 0 LIMIT 1", s.(*Select).Text, where)
	}
	for _, where := range []string{`-("x") = c.a`, `c.a = -"x"`, `NOT (c.a = 1 AND c.b = "x")`, `c.a + "x" > 1`} {
		_, err := Parse("SELECT c.id FROM c WHERE "+where+" LIMIT 1", database)
		require.ErrorContains(t, err, `"x" may mean a text or a property: write 'x' for the text, c.x for the `+
			`property.`, where)
	}
}
