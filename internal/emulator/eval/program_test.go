package eval

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

func TestProgramProperties(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		query                       string
		streaming, whole, documents bool
	}{
		{"SELECT * FROM c", true, true, true},
		{"SELECT VALUE c FROM c", true, true, true},
		{"SELECT * FROM c WHERE c.a = 1", true, true, true},
		{"SELECT * FROM c.a", true, false, true},
		{"SELECT VALUE c.a FROM c", true, false, true},
		{"SELECT VALUE t FROM t IN c.tags", true, false, true},
		{"SELECT VALUE t FROM c JOIN t IN c.tags", true, false, true},
		{"SELECT VALUE (SELECT VALUE COUNT(1) FROM t IN c.tags) FROM c", true, false, true},
		{"SELECT VALUE x FROM c JOIN (SELECT DISTINCT VALUE t FROM t IN c.tags) x", true, false, true},
		{"SELECT VALUE x FROM (SELECT VALUE c.a FROM c) x", true, false, true},
		{"SELECT VALUE x FROM (SELECT DISTINCT VALUE c.a FROM c) x", false, false, true},
		{"SELECT VALUE x FROM (SELECT VALUE COUNT(1) FROM c) x", false, false, true},
		{"SELECT VALUE (SELECT VALUE COUNT(1) FROM c)", false, false, true},
		{"SELECT * FROM c ORDER BY c.a", false, true, true},
		{"SELECT TOP 1 * FROM c", false, true, true},
		{"SELECT * FROM c OFFSET 0 LIMIT 1", false, true, true},
		{"SELECT DISTINCT * FROM c", false, true, true},
		{"SELECT c.a FROM c GROUP BY c.a", false, false, true},
		{"SELECT VALUE COUNT(1) FROM c", false, false, true},
		{"SELECT * FROM c ORDER BY RANK FullTextScore(c.t, 'a')", false, true, true},
		{"SELECT VALUE 1", true, false, false},
	} {
		p, err := compile(tc.query, Options{})
		require.NoError(t, err, tc.query)
		require.Equal(t, tc.streaming, p.Streaming(), "streaming: %s", tc.query)
		require.Equal(t, tc.whole, p.SelectsWhole(), "whole: %s", tc.query)
		require.Equal(t, tc.documents, p.NeedsDocuments(), "documents: %s", tc.query)
	}
}

func TestEqualities(t *testing.T) {
	t.Parallel()
	o := Options{Params: params(t, "@id", `"x"`),
		Computed: []ComputedProperty{{Name: "calc", Query: "SELECT VALUE c.a FROM c"}}}
	for _, tc := range []struct{ where, want string }{
		{"c.id = '1'", "/id: '1'"},
		{"'1' = c.id", "/id: '1'"},
		{"c.id = @id AND c.pk = 5", "/id: 'x'; /pk: 5"},
		{"c.id = 'a' AND (c.x > 1 OR c.y) AND c.b.c = null", "/id: 'a'; /b/c: null"},
		{"c.id IN ('a', @id)", "/id: 'a','x'"},
		{"c['id'] = 'a'", "/id: 'a'"},
		{"c.id = undefined", "/id: "},
		{"c.id NOT IN ('a')", ""},
		{"c.id = 'a' OR c.id = 'b'", ""},
		{"NOT (c.id = 'a')", ""},
		{"c.id = c.pk", ""},
		{"c.id IN ('a', c.pk)", ""},
		{"c.a[0] = 1", ""},
		{"c = 1", ""},
		{"c.id != 'a'", ""},
		{"c.calc = 1", ""},
		{"t.id = 1", ""},
	} {
		p, err := compile("SELECT VALUE 1 FROM c JOIN t IN c.tags WHERE "+tc.where, o)
		require.NoError(t, err, tc.where)
		var all []string
		for _, eq := range p.Equalities() {
			var values []string
			for _, v := range eq.Values {
				values = append(values, string(value.AppendJSON(nil, v)))
			}
			all = append(all, "/"+strings.Join(eq.Path, "/")+": "+strings.Join(values, ","))
		}
		require.Equal(t, tc.want, strings.ReplaceAll(strings.Join(all, "; "), `"`, "'"), tc.where)
	}
	for _, query := range []string{
		"SELECT * FROM c", "SELECT VALUE 1 WHERE true", "SELECT VALUE x FROM x IN c.a WHERE x.id = '1'",
		"SELECT VALUE a FROM c.a WHERE a.id = '1'", "SELECT VALUE x FROM (SELECT VALUE c FROM c) x WHERE x.id = '1'",
	} {
		p, err := compile(query, o)
		require.NoError(t, err)
		require.Empty(t, p.Equalities(), query)
	}
}

func TestOrderKeys(t *testing.T) {
	t.Parallel()
	keys := func(query string) []OrderKey {
		p, err := compile(query, Options{})
		require.NoError(t, err)
		return p.OrderBy()
	}
	require.Equal(t, []OrderKey{{[]string{"a", "b"}, true}, {[]string{"c"}, false}},
		keys("SELECT * FROM c ORDER BY c.a.b DESC, c.c"))
	require.Nil(t, keys("SELECT * FROM c"))
	require.Nil(t, keys("SELECT * FROM c ORDER BY VectorDistance(c.v, [1])"))
	require.Nil(t, keys("SELECT * FROM c ORDER BY RANK FullTextScore(c.t, 'a')"))
}

func TestRowsCarryDocumentAndKeys(t *testing.T) {
	t.Parallel()
	docs := documents(t, shop)
	rows := func(query string) (all []Row) {
		p, err := compile(query, Options{})
		require.NoError(t, err)
		for row, err := range p.Rows(t.Context(), seq(docs)) {
			require.NoError(t, err)
			all = append(all, row)
		}
		return all
	}
	streamed := rows("SELECT VALUE t FROM c JOIN t IN c.tags")
	require.Equal(t, "1", streamed[1].Doc.Get("id").AsString())
	require.Equal(t, "4", streamed[2].Doc.Get("id").AsString())

	sorted := rows("SELECT VALUE c.id FROM c WHERE IS_NUMBER(c.n) ORDER BY c.n DESC, c.id")
	require.Equal(t, "1", sorted[0].Doc.Get("id").AsString())
	require.Len(t, sorted[0].Keys, 2)
	require.Equal(t, 3.0, sorted[0].Keys[0].AsFloat())
	require.Equal(t, "1", sorted[0].Keys[1].AsString())
	require.Equal(t, "2", sorted[3].Doc.Get("id").AsString())

	ranked := rows("SELECT VALUE c.id FROM c WHERE c.id < '3' ORDER BY RANK FullTextScore(c.who.name, 'bob')")
	require.Equal(t, "2", ranked[0].Doc.Get("id").AsString())

	grouped := rows("SELECT c.kind, COUNT(1) AS n FROM c GROUP BY c.kind")
	require.False(t, grouped[0].Doc.IsDefined(), "a group is of no one document")
}

func TestRowsCanBeLeftEarly(t *testing.T) {
	t.Parallel()
	docs := documents(t, shop)
	for _, query := range []string{
		"SELECT * FROM c", "SELECT * FROM c ORDER BY c.id", "SELECT c.id FROM c GROUP BY c.id",
		"SELECT DISTINCT c.id FROM c", "SELECT VALUE x FROM (SELECT VALUE c.id FROM c) x",
		"SELECT * FROM c ORDER BY RANK FullTextScore(c.id, '1')", "SELECT VALUE t FROM c JOIN t IN c.tags",
	} {
		p, err := compile(query, Options{})
		require.NoError(t, err)
		rows := 0
		for range p.Rows(t.Context(), seq(docs)) {
			if rows++; rows == 2 {
				break
			}
		}
		require.Equal(t, 2, rows, query)
	}
}

func TestScanStopsAtTheLimit(t *testing.T) {
	t.Parallel()
	docs := documents(t, shop)
	p, err := compile("SELECT VALUE c.id FROM c OFFSET 1 LIMIT 2", Options{})
	require.NoError(t, err)
	read := 0
	counted := func(yield func(value.Value) bool) {
		for _, d := range docs {
			read++
			if !yield(d) {
				return
			}
		}
	}
	for range p.Rows(t.Context(), counted) {
	}
	require.Equal(t, 3, read)
}

func TestDropMissing(t *testing.T) {
	t.Parallel()
	docs := documents(t, shop)
	o := Options{DropMissing: true}
	require.Len(t, mustEvaluate(t, "SELECT * FROM c ORDER BY c.kind", docs, o), 5)
	require.Len(t, mustEvaluate(t, "SELECT * FROM c ORDER BY c.n", docs, o), 6, "null is not missing")
	require.Len(t, mustEvaluate(t, "SELECT * FROM c ORDER BY c.kind, c.id", docs, o), 6)
}

func TestOrderByManyWithTop(t *testing.T) {
	t.Parallel()
	// Enough rows for the sorter to cut back several times; ties must still come in the right order.
	docs := make([]value.Value, 5000)
	for i := range docs {
		docs[i] = value.Object([]value.Member{{Name: "i", Value: value.Int(int64(i))},
			{Name: "k", Value: value.Int(int64(i * 7919 % 100))}})
	}
	for _, order := range []string{"c.k", "c.k DESC", "c.k DESC, c.i", "c.k, c.i DESC"} {
		all := mustEvaluate(t, "SELECT VALUE c.i FROM c ORDER BY "+order, docs, Options{})
		require.Len(t, all, 5000)
		require.Equal(t, all[:70],
			mustEvaluate(t, "SELECT TOP 70 VALUE c.i FROM c ORDER BY "+order, docs, Options{}), order)
		require.Equal(t, all[120:130],
			mustEvaluate(t, "SELECT VALUE c.i FROM c ORDER BY "+order+" OFFSET 120 LIMIT 10", docs, Options{}), order)
	}
}

func TestComputedProperties(t *testing.T) {
	t.Parallel()
	o := Options{Computed: []ComputedProperty{
		{Name: "lower", Query: "SELECT VALUE LOWER(c.name) FROM c"},
		{Name: "price", Query: "SELECT VALUE root.price * 0.5 FROM root"},
		{Name: "chars", Query: "SELECT VALUE StringSplit(x.name, '') FROM x"},
		{Name: "other", Query: "SELECT VALUE c.lower FROM c"},
	}}
	require.NoError(t, CheckComputed(o.Computed))
	docs := documents(t,
		`{"name":"BOB","price":10}`+"\n"+`{"name":"Ada","price":30,"lower":"stored"}`+"\n"+`{"price":"x"}`)
	for _, tc := range []struct{ name, query, want string }{
		{"select", "SELECT VALUE c.lower FROM c", `"bob" "ada"`},
		{"wins over what is stored", "SELECT c.price FROM c", `{"price":5} {"price":15} {}`},
		{"in brackets", "SELECT VALUE c['lower'] FROM c", `"bob" "ada"`},
		{"where", "SELECT VALUE c.name FROM c WHERE c.price > 10", `"Ada"`},
		{"order", "SELECT VALUE c.name FROM c WHERE IS_DEFINED(c.lower) ORDER BY c.lower", `"Ada" "BOB"`},
		{"group", "SELECT c.lower FROM c GROUP BY c.lower", `{"lower":"bob"} {"lower":"ada"} {}`},
		{"not in star", "SELECT * FROM c WHERE c.name = 'BOB'", `{"name":"BOB","price":10}`},
		{"source", "SELECT VALUE x FROM x IN c.chars", `"BOB" "Ada"`},
		{"do not see each other", "SELECT VALUE c.other FROM c", `"stored"`},
		{"only of the item", "SELECT VALUE x.price FROM c JOIN x IN (SELECT VALUE [{price: 1}])", `1 1 1`},
		{"subquery", "SELECT VALUE EXISTS(SELECT VALUE 1 WHERE c.price = 5) FROM c", `true false false`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, strings.Join(mustEvaluate(t, tc.query, docs, o), " "))
		})
	}
}

func TestCheckComputed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ query, reason string }{
		{"SELECT VALUE c.a FROM c WHERE c.a > 1", "SELECT VALUE expression FROM c"},
		{"SELECT c.a FROM c", "SELECT VALUE expression FROM c"},
		{"SELECT DISTINCT VALUE c.a FROM c", "SELECT VALUE expression FROM c"},
		{"SELECT TOP 1 VALUE c.a FROM c", "SELECT VALUE expression FROM c"},
		{"SELECT VALUE c.a FROM c ORDER BY c.a", "SELECT VALUE expression FROM c"},
		{"SELECT VALUE x FROM x IN c.a", "SELECT VALUE expression FROM c"},
		{"SELECT VALUE x FROM c JOIN x IN c.a", "SELECT VALUE expression FROM c"},
		{"SELECT VALUE 1", "SELECT VALUE expression FROM c"},
		{"SELECT VALUE a FROM c.a", "whole item"},
		{"SELECT VALUE [RAND()] FROM c", "RAND is not allowed"},
		{"SELECT VALUE GetCurrentDateTime() FROM c", "GetCurrentDateTime is not allowed"},
		{"SELECT VALUE COUNT(1) FROM c", "COUNT is not allowed"},
		{"SELECT VALUE udf.f(c.a) FROM c", "user-defined functions are not allowed"},
		{"SELECT VALUE EXISTS(SELECT VALUE 1 FROM x IN c.a) FROM c", "subqueries are not allowed"},
		{"SELECT VALUE c.a + @p FROM c", "parameters are not allowed"},
		{"SELECT VALUE NOPE(c.a) FROM c", "NOPE"},
		{"SELECT VALUE", "Syntax error"},
	} {
		err := CheckComputed([]ComputedProperty{{Name: "p", Query: tc.query}})
		require.ErrorContains(t, err, tc.reason, tc.query)
		require.ErrorContains(t, err, "'p'", tc.query)
	}
	require.Error(t, CheckComputed([]ComputedProperty{{Name: "", Query: "SELECT VALUE c.a FROM c"}}))
	same := ComputedProperty{Name: "a", Query: "SELECT VALUE c.a FROM c"}
	require.ErrorContains(t, CheckComputed([]ComputedProperty{same, same}), "twice")
	require.ErrorContains(t, CheckComputed(slices.Repeat([]ComputedProperty{same}, 21)), "at most 20")
}

func TestCondition(t *testing.T) {
	t.Parallel()
	doc := parse(t, `{"id":"1","n":5,"tags":["x"]}`)
	for _, tc := range []struct {
		condition string
		want      bool
	}{
		{"from c where c.n = 5", true},
		{"from c where c.n = @n", true},
		{"FROM c WHERE c.n > 5", false},
		{"from c where c.nope", false},
		{"from x where EXISTS(SELECT VALUE t FROM t IN x.tags WHERE t = 'x')", true},
		{"from c join t in c.tags where t = 'x'", true},
	} {
		q, err := nosql.ParseCondition(tc.condition)
		require.NoError(t, err, tc.condition)
		c, err := CompileCondition(q, Options{Params: params(t, "@n", "5")})
		require.NoError(t, err, tc.condition)
		got, err := c.Match(t.Context(), doc)
		require.NoError(t, err)
		require.Equal(t, tc.want, got, tc.condition)
	}
	q, err := nosql.ParseCondition("from c where NOPE(c.n)")
	require.NoError(t, err)
	_, err = CompileCondition(q, Options{})
	require.Equal(t, []string{"SC2005"}, codes(err))
}
