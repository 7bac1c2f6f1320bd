package eval

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// TestErrors checks the code, the place and the message of every finding that the evaluator has of its own.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, query, code, at, message string }{
		{"unknown function", "SELECT VALUE BADFN(c.x) FROM c", "SC2005", "BADFN",
			"'BADFN' is not a recognized built-in function name."},
		{"RRF elsewhere", "SELECT VALUE RRF(1, 2)", "SC2005", "RRF", "'RRF' is not a recognized"},
		{"too few arguments", "SELECT VALUE ABS() FROM c", "SC2050", "ABS()",
			"The ABS function requires 1 argument(s)."},
		{"too many arguments", "SELECT VALUE contains(c.a, 'b', true, 4) FROM c", "SC2050",
			"contains(c.a, 'b', true, 4)", "The CONTAINS function requires 2 to 3 argument(s)."},
		{"at least", "SELECT VALUE CONCAT('a')", "SC2050", "CONCAT('a')",
			"The CONCAT function requires at least 2 argument(s)."},
		{"aggregate without argument", "SELECT VALUE COUNT() FROM c", "SC2050", "COUNT()",
			"The COUNT function requires 1 argument(s)."},
		{"unknown name", "SELECT id FROM c", "SC2001", "id", "Identifier 'id' could not be resolved."},
		{"unknown source", "SELECT VALUE 1 FROM c JOIN x IN d.e", "SC2001", "d",
			"Identifier 'd' could not be resolved."},
		{"star with GROUP BY", "SELECT * FROM c GROUP BY c.x", "SC2041", "*",
			"'SELECT *' is not allowed with GROUP BY."},
		{"star without FROM", "SELECT *", "?", "*", "'SELECT *' is not valid if FROM clause is omitted."},
		{"star of a join", "SELECT * FROM c JOIN t IN c.tags", "?", "*",
			"'SELECT *' is only valid with a single input set."},
		{"TOP too large", "SELECT TOP 4294967296 * FROM c", "SC2060", "4294967296",
			"The count value provided for a TOP clause must be an integer."},
		{"TOP with a fraction", "SELECT TOP 1.5 * FROM c", "SC2060", "1.5", "must be an integer"},
		{"TOP of a string", "SELECT TOP @s * FROM c", "SC2060", "@s", "must be an integer"},
		{"TOP negative", "SELECT TOP @minus * FROM c", "SC2060", "@minus", "must be an integer"},
		{"LIMIT too large", "SELECT c.x FROM c OFFSET 0 LIMIT 4294967296", "SC2061", "4294967296",
			"The LIMIT count value exceeds the maximum allowed value."},
		{"OFFSET too large", "SELECT c.x FROM c OFFSET 4294967296 LIMIT 1", "SC2062", "4294967296",
			"The OFFSET count value exceeds the maximum allowed value."},
		{"nested aggregate", "SELECT VALUE MAX(MIN(c.x)) FROM c", "SC2101", "MIN(c.x)",
			"Cannot perform an aggregate function on an expression containing an aggregate or a subquery."},
		{"aggregate of a subquery", "SELECT VALUE SUM((SELECT VALUE 1)) FROM c", "SC2101", "(SELECT VALUE 1)",
			"Cannot perform an aggregate"},
		{"not grouped", "SELECT c.x FROM c GROUP BY c.y", "SC2102", "c.x",
			"Property reference 'c.x' is invalid in the select list because it is not contained in either an " +
				"aggregate function or the GROUP BY clause."},
		{"not grouped, inside", "SELECT VALUE {a: UPPER(c.x.z)} FROM c GROUP BY c.y", "SC2102", "c.x.z",
			"'c.x.z' is invalid"},
		{"beside an aggregate", "SELECT COUNT(1), c.id FROM c", "SC2102", "c.id", "'c.id' is invalid"},
		{"alias beside an aggregate", "SELECT COUNT(1), c FROM c", "SC2102", "c", "'c' is invalid"},
		{"not grouped, in a subquery", "SELECT c.y, (SELECT VALUE c.x) AS z FROM c GROUP BY c.y", "SC2102",
			"c.x", "'c.x' is invalid"},
		{"not grouped, as a subquery's source",
			"SELECT COUNT(1), ARRAY(SELECT VALUE t FROM t IN c.tags) FROM c", "SC2102", "c.tags",
			"'c.tags' is invalid"},
		{"aggregate in WHERE", "SELECT VALUE 1 FROM c WHERE COUNT(1) > 1", "?", "COUNT(1)",
			"only allowed in the SELECT clause"},
		{"aggregate in GROUP BY", "SELECT VALUE 1 FROM c GROUP BY COUNT(1)", "?", "COUNT(1)",
			"only allowed in the SELECT clause"},
		{"ORDER BY what is not grouped", "SELECT c.x FROM c GROUP BY c.x ORDER BY c.y", "SC2102", "c.y",
			"'c.y' is invalid"},
		{"computed index", "SELECT VALUE [1, 2][c.x] FROM c", "SC2990", "[1, 2][c.x]", "'member indexer'"},
		{"computed index of a path", "SELECT VALUE c.a[ARRAY_LENGTH(c.b) % 2] FROM c", "SC2990",
			"c.a[ARRAY_LENGTH(c.b) % 2]", "'member indexer'"},
		{"ORDER BY in a subquery", "SELECT VALUE ARRAY(SELECT VALUE t FROM t IN c.tags ORDER BY t) FROM c",
			"SC2202", "ORDER BY t", "'ORDER BY' is not supported in subqueries."},
		{"TOP in a subquery", "SELECT VALUE ARRAY(SELECT TOP 5 VALUE t FROM t IN c.tags) FROM c", "SC2203", "TOP 5",
			"'TOP' is not supported in subqueries."},
		{"OFFSET in a subquery", "SELECT VALUE x FROM (SELECT VALUE c FROM c OFFSET 7 LIMIT 1) x", "SC2204",
			"OFFSET 7 LIMIT 1", "'OFFSET LIMIT' clause is not supported in subqueries."},
		{"RANK in a subquery",
			"SELECT VALUE EXISTS(SELECT VALUE 1 FROM x IN c.x ORDER BY RANK FullTextScore(x, 'a')) FROM c", "SC2228",
			"ORDER BY RANK FullTextScore(x, 'a')", "The ORDER BY RANK clause is not supported in subqueries."},
		{"ORDER BY a function", "SELECT VALUE 1 FROM c ORDER BY LOWER(c.x)", "2206", "",
			"Unsupported ORDER BY clause. ORDER BY item expression could not be mapped to a document path."},
		{"ORDER BY arithmetic", "SELECT VALUE 1 FROM c ORDER BY c.a * 2", "2206", "", "Unsupported ORDER BY clause."},
		{"ORDER BY a constant", "SELECT VALUE 1 FROM c ORDER BY 1", "2206", "", "Unsupported ORDER BY clause."},
		{"ORDER BY the alias", "SELECT VALUE 1 FROM c ORDER BY c", "2206", "", "Unsupported ORDER BY clause."},
		{"ORDER BY a search", "SELECT VALUE 1 FROM c ORDER BY FullTextContains(c.t, 'a')", "2206", "",
			"Unsupported ORDER BY clause."},
		{"ORDER BY an element", "SELECT VALUE 1 FROM c JOIN t IN c.tags ORDER BY t.x", "2206", "",
			"Unsupported ORDER BY clause."},
		{"ORDER BY a subquery's alias", "SELECT VALUE 1 FROM c JOIN (SELECT VALUE c.x) t ORDER BY t.x", "?", "",
			"Order-by over correlated collections is not supported."},
		{"ORDER BY a distance and more", "SELECT VALUE 1 FROM c ORDER BY VectorDistance(c.v, [1]), c.x", "?",
			"VectorDistance(c.v, [1])", "must be the only item"},
		{"multiplier", "SELECT VALUE VectorDistance(c.v, [1], true, {searchListSizeMultiplier: 101}) FROM c", "SC2213",
			"VectorDistance(c.v, [1], true, {searchListSizeMultiplier: 101})",
			"The 'searchListSizeMultiplier' value 101 specified in the VectorDistance function is outside the " +
				"supported range."},
		{"RANK by a path", "SELECT * FROM c ORDER BY RANK c.x", "SC2221", "ORDER BY RANK c.x",
			"The ORDER BY RANK clause must be followed by a VectorDistance and/or a FullTextScore function call."},
		{"RANK by a function", "SELECT * FROM c ORDER BY RANK ABS(c.x)", "SC2221", "ABS(c.x)", "must be followed by"},
		{"RRF of one score", "SELECT * FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'a'))", "SC2221",
			"ORDER BY RANK RRF(FullTextScore(c.t, 'a'))", "must be followed by"},
		{"RRF of something else", "SELECT * FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'a'), c.x)", "SC2221",
			"c.x", "must be followed by"},
		{"RANK with a direction", "SELECT * FROM c ORDER BY RANK FullTextScore(c.t, 'a') DESC", "?",
			"FullTextScore(c.t, 'a') DESC",
			"Specifying a sort order (ASC or DESC) in the ORDER BY RANK clause is not allowed."},
		{"RRF with a direction",
			"SELECT * FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'a'), VectorDistance(c.v, [1])) ASC",
			"?",
			"RRF(FullTextScore(c.t, 'a'), VectorDistance(c.v, [1])) ASC", "Specifying a sort order"},
		{"vectors with a direction", "SELECT * FROM c ORDER BY VectorDistance(c.v, [1]) ASC", "?",
			"VectorDistance(c.v, [1]) ASC",
			"Specifying a sorting order (ASC or DESC) with VectorDistance function is not supported."},
		{"weights of a parameter without value",
			"SELECT * FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'a'), VectorDistance(c.v, [1]), @none)",
			"SC2229", "@none", "constant array of numbers"},
		{"RANK with IN", "SELECT VALUE 1 FROM x IN c.x ORDER BY RANK FullTextScore(x.t, 'a')", "SC2223",
			"x IN c.x", "The FROM clause with the IN operator is not allowed"},
		{"RANK with JOIN", "SELECT VALUE 1 FROM c JOIN x IN c.x ORDER BY RANK FullTextScore(c.t, 'a')",
			"SC2224 SC2223", "c JOIN x IN c.x", "The JOIN operator is not allowed"},
		{"RRF elsewhere", "SELECT VALUE RRF(FullTextScore(c.t, 'a'), 1) FROM c", "SC2240 SC2005",
			"FullTextScore(c.t, 'a')", "only allowed in"},
		{"RANK with JOIN of a path", "SELECT VALUE 1 FROM c JOIN c.x ORDER BY RANK FullTextScore(c.t, 'a')",
			"SC2224", "c JOIN c.x", "The JOIN operator is not allowed"},
		{"RANK with a subquery",
			"SELECT VALUE 1 FROM (SELECT VALUE c FROM c) x ORDER BY RANK FullTextScore(x.t, 'a')", "SC2225",
			"(SELECT VALUE c FROM c) x", "Subqueries in the FROM clause are not allowed"},
		{"weights", "SELECT * FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'a'), VectorDistance(c.v, [1]), [1])",
			"SC2229", "[1]", "as long as the list of scores"},
		{"weights that are not numbers",
			"SELECT * FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'a'), VectorDistance(c.v, [1]), [1, 'b'])",
			"SC2229", "[1, 'b']", "array of numbers"},
		{"terms that vary", "SELECT * FROM c ORDER BY RANK FullTextScore(c.t, c.u)", "?", "c.u",
			"must be string constants"},
		{"score elsewhere", "SELECT VALUE FullTextScore(c.t, 'a') FROM c", "SC2240", "FullTextScore(c.t, 'a')",
			"The FullTextScore function is only allowed in the ORDER BY RANK clause."},
		{"TOP of a parameter without value", "SELECT TOP @none 1", "SC2060", "@none", "must be an integer"},
		{"too many joins", "SELECT VALUE 1 FROM c" + joins(11), "?", "x11 IN c.t", "more than 10 JOINs"},
		{"unknown UDF", "SELECT VALUE udf.nope(1)", "?", "udf.nope(1)",
			"user-defined function 'udf.nope' cannot be called: there is only twice"},
		{"UDF name is case-sensitive", "SELECT VALUE udf.Twice(1)", "?", "udf.Twice(1)", "cannot be called"},
		{"too many UDF calls", "SELECT VALUE [" + strings.Repeat("udf.twice(1),", 10) + "udf.twice(2)]",
			"SC3005", "udf.twice(2)", "The allowed limit is 10."},
		{"ESCAPE of two", "SELECT VALUE 'a' LIKE 'b' ESCAPE 'xy'", "?", "'xy'", "must be a string of one character"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := compile(tc.query, Options{
				Params:    params(t, "@s", `"1"`, "@minus", "-1"),
				Functions: functions("twice", twice),
			})
			require.Error(t, err)
			require.Equal(t, strings.Fields(tc.code), codes(err), err)
			var finding *nosql.Error
			require.True(t, errors.As(err, &finding))
			require.Contains(t, finding.Message, tc.message)
			require.Equal(t, tc.at, tc.query[finding.Start:finding.End])
		})
	}
}

// functions provides the one function f.
func functions(name string, f Function) Functions {
	return func(asked string) (Function, error) {
		if asked != name {
			return nil, errors.New("there is only " + name)
		}
		return f, nil
	}
}

func twice(_ context.Context, a []value.Value) (value.Value, error) {
	return value.Float(2 * a[0].AsFloat()), nil
}

func joins(n int) string {
	text := ""
	for i := range n {
		text += fmt.Sprintf(" JOIN x%d IN c.t", i+1)
	}
	return text
}

func TestSeveralFindingsComeTogether(t *testing.T) {
	t.Parallel()
	_, err := compile("SELECT c.x, c.y, NOPE(1) AS z FROM c GROUP BY c.k", Options{})
	require.Equal(t, []string{"SC2102", "SC2102", "SC2005"}, codes(err))
}

func TestFindingsAreBounded(t *testing.T) {
	t.Parallel()
	_, err := compile("SELECT VALUE c.x"+strings.Repeat(" + c.x", 10_000)+" FROM c GROUP BY c.y", Options{})
	require.Len(t, codes(err), maxFindings)
	_, err = compile("SELECT VALUE c.y"+strings.Repeat(" + c.y", 20_000)+" FROM c GROUP BY c.y, c.y + c.z", Options{})
	require.NoError(t, err, "in time that does not grow with the square of the text")
	_, err = compile("SELECT VALUE {}"+strings.Repeat(".a", 20_000)+"[c.x] FROM c GROUP BY c.y", Options{})
	require.Equal(t, []string{"SC2102", "SC2990"}, codes(err))
}

func TestRunTimeErrors(t *testing.T) {
	t.Parallel()
	failing := func(context.Context, []value.Value) (value.Value, error) {
		return value.Undefined, errors.New("broken")
	}
	long, wide := strings.Repeat("x", 1000), strings.Repeat("x", 1<<16)
	for _, tc := range []struct{ name, query, message string }{
		{"scalar subquery with two rows", "SELECT VALUE (SELECT VALUE t FROM t IN c.tags) FROM c",
			"cardinality of a scalar subquery"},
		{"failing UDF", "SELECT VALUE udf.failing(c.id) FROM c", "udf.failing' failed: broken"},
		{"in WHERE", "SELECT VALUE 1 FROM c WHERE udf.failing(c.id)", "broken"},
		{"in an aggregate", "SELECT VALUE COUNT(udf.failing(c.id)) FROM c", "broken"},
		{"in ORDER BY", "SELECT VALUE udf.failing(c.id) FROM c ORDER BY c.id", "broken"},
		{"in a group", "SELECT VALUE udf.failing(c.id) FROM c GROUP BY c.id", "broken"},
		{"string too long", "SELECT VALUE REPLACE(REPLACE(@long, 'x', @long), 'x', @long) FROM c",
			"value that is larger"},
		{"concatenation too long",
			"SELECT VALUE CONCAT(s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s) " +
				"FROM (SELECT VALUE REPLACE(@long, 'x', @long) FROM c) s",
			"value that is larger"},
		{"operator too long",
			"SELECT VALUE s || s || s || s || s || s || s || s || s || s || s || s || s || s || s || s || s " +
				"FROM (SELECT VALUE REPLACE(@long, 'x', @long) FROM c) s",
			"value that is larger"},
		{"join too long", "SELECT VALUE StringJoin(StringSplit(@long, 'x'), REPLACE(@long, 'x', @long)) FROM c",
			"value that is larger"},
		{"replacement too long", "SELECT VALUE RegexReplaceAll(REPLACE(@long, 'x', @long), 'x', @long) FROM c",
			"value that is larger"},
		// Products of lengths that are 0 in an int of 32 bits.
		{"string far too long", "SELECT VALUE REPLACE(@wide, 'x', @wide || 'x') FROM c", "value that is larger"},
		{"replacement far too long", "SELECT VALUE RegexReplaceAll(SUBSTRING(@wide, 1, 65535), 'x', @wide) FROM c",
			"value that is larger"},
		{"array too long",
			"SELECT VALUE ARRAY(SELECT VALUE 1 FROM a IN c.many JOIN b IN c.many JOIN d IN c.many) FROM c",
			"value that is larger"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			docs := documents(t, `{"id":"1","tags":[1,2],"many":[`+strings.Repeat("1,", 150)+`1]}`)
			_, err := evaluate(t, tc.query, docs, Options{
				Params:    map[string]value.Value{"@long": value.String(long), "@wide": value.String(wide)},
				Functions: functions("failing", failing),
			})
			require.ErrorContains(t, err, tc.message)
			var finding *nosql.Error
			require.True(t, errors.As(err, &finding), "the gateway answers 400 for these")
		})
	}
}

func TestUndefinedArgumentKeepsUDFFromBeingCalled(t *testing.T) {
	t.Parallel()
	calls := 0
	o := Options{Functions: functions("f", func(context.Context, []value.Value) (value.Value, error) {
		calls++
		return value.Undefined, nil
	})}
	require.Empty(t, mustEvaluate(t, "SELECT VALUE udf.f(c.a, c.b) FROM c", documents(t, `{"a":1}`), o))
	require.Zero(t, calls)
	require.Empty(t, mustEvaluate(t, "SELECT VALUE udf.f(c.a, c.b) FROM c", documents(t, `{"a":1,"b":null}`), o))
	require.Equal(t, 1, calls)
}

func TestRunsDoNotShareState(t *testing.T) {
	t.Parallel()
	docs := documents(t, shop)
	p, err := compile(
		"SELECT c.kind, COUNT(1) AS n, MAX(c.id) AS m FROM c WHERE RegexMatch(c.id, '[1-6]') GROUP BY c.kind",
		Options{})
	require.NoError(t, err)
	results := make(chan int)
	for range 2 * runtime.GOMAXPROCS(0) {
		go func() {
			rows := 0
			for range 50 {
				for _, err := range p.Rows(context.Background(), seq(docs)) {
					if err == nil {
						rows++
					}
				}
			}
			results <- rows
		}()
	}
	for range 2 * runtime.GOMAXPROCS(0) {
		require.Equal(t, 150, <-results)
	}
}

func TestNumbersThatJSONCannotSay(t *testing.T) {
	t.Parallel()
	docs := documents(t, `{"n":0}`+"\n"+`{"n":1}`)
	for _, query := range []string{
		"SELECT 1/0 AS x, 1 AS y", "SELECT VALUE [0/0]", "SELECT VALUE {a: [-1/c.n]} FROM c", "SELECT VALUE SQRT(-1)",
		"SELECT VALUE LOG(0)", "SELECT VALUE 1e308*10", "SELECT VALUE POWER(10, 400)", "SELECT VALUE 1%0",
		"SELECT VALUE NaN", "SELECT VALUE SUM(1/c.n) FROM c",
		`SELECT c._rid, [{"item": c.n}] AS orderByItems, {"x": 1/c.n} AS payload FROM c ORDER BY c.n`,
	} {
		_, err := evaluate(t, query, docs, Options{})
		require.ErrorContains(t, err, "cannot be represented in JSON", query)
		require.Equal(t, []string{CodeNotFinite}, codes(err), query)
	}
	requireRows(t, "SELECT VALUE [c.n, IS_FINITE_NUMBER(1/c.n), ToString(1/c.n)] FROM c WHERE 1/c.n > 5", docs,
		[]string{`[0,false,"Infinity"]`})
}
