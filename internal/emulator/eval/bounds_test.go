package eval

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// endless yields documents until it is stopped, and cancels after some.
func endless(cancel context.CancelFunc, after int) func(func(value.Value) bool) {
	doc, _ := value.Parse([]byte(`{"a":1,"t":[1,2,3]}`))
	return func(yield func(value.Value) bool) {
		for i := 0; yield(doc); i++ {
			if i == after {
				cancel()
			}
		}
	}
}

func TestCancelledContextEndsAScan(t *testing.T) {
	t.Parallel()
	for _, query := range []string{
		"SELECT VALUE 1 FROM c WHERE c.a = 2",
		"SELECT VALUE COUNT(1) FROM c",
		"SELECT VALUE c.a FROM c ORDER BY c.a",
		"SELECT c.a FROM c GROUP BY c.a",
		"SELECT DISTINCT VALUE c.a FROM c",
		"SELECT VALUE x FROM x IN c.none",
		"SELECT VALUE EXISTS(SELECT VALUE 1 FROM t IN c.t WHERE t > 5) FROM c WHERE c.a = 2",
		"SELECT VALUE c.a FROM c ORDER BY RANK FullTextScore(c.a, 'x')",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		p, err := compile(query, Options{})
		require.NoError(t, err)
		var last error
		for _, err := range p.Rows(ctx, endless(cancel, 5000)) {
			last = err
		}
		require.ErrorIs(t, last, context.Canceled, query)
	}
}

func TestCancelledContextEndsOneDocument(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	docs := documents(t, `{"t":[`+strings.Repeat("1,", 500)+`1]}`)
	p, err := compile("SELECT VALUE COUNT(1) FROM c JOIN a IN c.t JOIN b IN c.t JOIN d IN c.t JOIN e IN c.t "+
		"JOIN f IN c.t JOIN g IN c.t", Options{})
	require.NoError(t, err)
	for _, err := range p.Rows(ctx, seq(docs)) {
		require.ErrorIs(t, err, context.DeadlineExceeded)
	}
	require.Error(t, ctx.Err())
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	docs := make([]value.Value, 200)
	for i := range docs {
		docs[i] = parse(t, fmt.Sprintf(`{"a":%d}`, i))
	}
	for _, query := range []string{
		"SELECT VALUE c.a FROM c ORDER BY c.a",
		"SELECT c.a FROM c GROUP BY c.a",
		"SELECT DISTINCT VALUE c.a FROM c",
		"SELECT VALUE MAKELIST(c.a) FROM c",
		"SELECT VALUE MAKESET(c.a) FROM c",
		"SELECT VALUE c.a FROM c ORDER BY RANK FullTextScore(c.a, 'x')",
	} {
		_, err := evaluate(t, query, docs, Options{MaxRows: 100})
		require.ErrorContains(t, err, "more rows in memory", query)
		_, err = evaluate(t, query, docs, Options{MaxRows: 200})
		require.NoError(t, err, query)
	}
	rows := mustEvaluate(t, "SELECT TOP 3 VALUE c.a FROM c ORDER BY c.a DESC", docs, Options{MaxRows: 10})
	require.Equal(t, []string{"199", "198", "197"}, rows, "a few of many need little memory")
}

// TestBuiltRowsAreBounded keeps large strings alive in rows that wait.
func TestBuiltRowsAreBounded(t *testing.T) {
	t.Parallel()
	docs := make([]value.Value, 100)
	for i := range docs {
		docs[i] = parse(t, fmt.Sprintf(`{"a":%d}`, i))
	}
	o := Options{Params: map[string]value.Value{"@long": value.String(strings.Repeat("x", 100))}, MaxBytes: 500_000}
	big := "REPLACE(@long, 'x', ToString(c.a) || REPLICATE('y', 100))" // 10 KB
	for _, query := range []string{
		"SELECT VALUE " + big + " FROM c ORDER BY c.a",
		"SELECT TOP 80 VALUE " + big + " FROM c ORDER BY c.a DESC",
		"SELECT VALUE MAKELIST(" + big + ") FROM c",
	} {
		p, err := compile(query, o)
		require.NoError(t, err)
		for _, err = range p.Rows(t.Context(), seq(docs)) {
			if err != nil {
				break
			}
		}
		require.ErrorContains(t, err, "more rows in memory", query)
	}
	few := mustEvaluate(t, "SELECT TOP 3 VALUE [c.a, LENGTH("+big+")] FROM c ORDER BY c.a DESC", docs, o)
	require.Equal(t, []string{"[99,10200]", "[98,10200]", "[97,10200]"}, few, "what is not kept does not count")
}

func TestConstantsAreBounded(t *testing.T) {
	t.Parallel()
	// Each item would be 1 MB if it were computed beforehand; together they are too large for one value.
	items := strings.Repeat("REPLACE(@long, 'x', @long),", 200)
	_, err := evaluate(t, "SELECT VALUE ["+items+" 1]", nil, Options{
		Params: map[string]value.Value{"@long": value.String(strings.Repeat("x", 1000))}})
	require.ErrorContains(t, err, "value that is larger")
	_, err = evaluate(t,
		"SELECT VALUE ToString([s,s,s,s,s,s,s,s,s,s,s,s,s,s,s,s,s]) FROM (SELECT VALUE REPLACE(@long, 'x', @long)) s",
		nil, Options{
			Params: map[string]value.Value{"@long": value.String(strings.Repeat("x", 1000))}})
	require.ErrorContains(t, err, "value that is larger")
}

func TestRowsLookedAtAreBounded(t *testing.T) {
	t.Parallel()
	docs := documents(t, `{"t":[`+strings.Repeat("1,", 99)+`1]}`)
	o := Options{MaxSteps: 100_000}
	require.Equal(t, []string{"10000"},
		mustEvaluate(t, "SELECT VALUE COUNT(1) FROM c JOIN a IN c.t JOIN b IN c.t", docs, o))
	tenJoins := "SELECT VALUE COUNT(1) FROM c JOIN a IN c.t JOIN b IN c.t JOIN d IN c.t JOIN e IN c.t JOIN f IN c.t " +
		"JOIN g IN c.t JOIN h IN c.t JOIN i IN c.t JOIN j IN c.t JOIN k IN c.t"
	for _, query := range []string{
		tenJoins,
		tenJoins + " WHERE false",
		"SELECT VALUE (SELECT VALUE COUNT(1) FROM a IN c.t JOIN b IN c.t JOIN d IN c.t) FROM c",
		"SELECT VALUE EXISTS(SELECT VALUE 1 FROM a IN c.t JOIN b IN c.t JOIN d IN c.t WHERE d = 2) FROM c",
	} {
		_, err := evaluate(t, query, docs, o)
		require.ErrorContains(t, err, "looks at more rows", query)
	}
}

// terms writes n terms, each with its number, with something between them.
func terms(n int, term, between string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf(term, i)
	}
	return strings.Join(all, between)
}

func TestPathologicalQueries(t *testing.T) {
	t.Parallel()
	docs := documents(t, `{"a":999999}`)
	path := strings.Repeat(".a", 20_000)
	for _, tc := range []struct{ name, query string }{
		{"1000 ORs", "SELECT VALUE 1 FROM c WHERE " + terms(1000, "c.a = %d", " OR ") + " OR c.a = 999999"},
		{"1000 ANDs", "SELECT VALUE 1 FROM c WHERE " + terms(1000, "c.a != %d", " AND ")},
		{"IN list of all that a text can hold",
			"SELECT VALUE 1 FROM c WHERE c.a IN (" + terms(80_000, "%d", ",") + ", 999999)"},
		{"IN list of 100,000", "SELECT VALUE 1 FROM c WHERE c.a IN (" + strings.Repeat("1,", 100_000) + "999999)"},
		{"IN list of paths", "SELECT VALUE 1 FROM c WHERE c.a IN (" + terms(20_000, "c.b%d", ",") + ", c.a)"},
		{"long sum", "SELECT VALUE 1 FROM c WHERE c.a = " + strings.Repeat("0 + ", 60_000) + "999999"},
		{"long concatenation", "SELECT VALUE 1 FROM c WHERE " + strings.Repeat("'x' || ", 50_000) + "'x' LIKE 'xx%'"},
		{"LIKE of many concatenated %",
			"SELECT VALUE 1 FROM c WHERE 'abc' LIKE " + strings.Repeat("'%' || ", 50_000) + "'c'"},
		{"LIKE with many %",
			"SELECT VALUE 1 FROM c WHERE REPLICATE('a', 10000) NOT LIKE '" + strings.Repeat("%a", 5000) + "b'"},
		{"LIKE with many sets",
			"SELECT VALUE 1 FROM c WHERE REPLICATE('a', 10000) NOT LIKE '%" + strings.Repeat("[ab]", 5000) + "c%'"},
		{"regular expression", "SELECT VALUE 1 FROM c WHERE NOT RegexMatch(REPLICATE('a', 10000) || 'b', '(a+)+$')"},
		{"deep parentheses",
			"SELECT VALUE 1 FROM c WHERE " + strings.Repeat("(", 250) + "true" + strings.Repeat(")", 250)},
		{"deep subqueries",
			"SELECT VALUE 1 FROM c WHERE " + strings.Repeat("EXISTS(SELECT VALUE 1 WHERE ", 100) + "true" +
				strings.Repeat(")", 100)},
		{"chain of conditions", "SELECT VALUE 1 FROM c WHERE " + strings.Repeat("c.b ? false : ", 250) + "true"},
		{"large literal", "SELECT VALUE 1 FROM c WHERE ARRAY_LENGTH([" + terms(10_000, "%d", ",") + "]) = 10000"},
		{"grouping by a long path", "SELECT VALUE 1 FROM c GROUP BY c" + path},
		{"grouping by a long path that is selected",
			"SELECT VALUE IS_DEFINED(c" + path + ") ? 2 : 1 FROM c GROUP BY c" + path},
		{"deep JSON in a string", "SELECT VALUE 1 FROM c WHERE NOT IS_DEFINED(StringToArray(REPLICATE('[', 10000)))"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			require.Equal(t, []string{"1"}, mustEvaluate(t, tc.query, docs, Options{}))
			require.Less(t, time.Since(start), 30*time.Second,
				"it ends, also on a busy machine under the race detector")
		})
	}
}

func TestPathologicalQueriesAreRefused(t *testing.T) {
	t.Parallel()
	docs := documents(t, `{"t":[`+strings.Repeat("1,", 99)+`1]}`)
	doubled := "REPLICATE('a', 10000)"
	for range 11 {
		doubled = "CONCAT(" + doubled + "," + doubled + ")"
	}
	nested := func(of string) string { return "(SELECT VALUE " + of + ")" }
	steps := "FROM " + nested("[1,1,1,1]") + " x0"
	for i := range 8 {
		item := fmt.Sprintf("x%d", i)
		steps += " JOIN " + nested("["+strings.Repeat(item+",", 15)+item+"]") + fmt.Sprintf(" x%d", i+1)
	}
	for _, tc := range []struct{ name, query, message string }{
		{"nesting", "SELECT VALUE " + strings.Repeat("(", 100_000) + "1" + strings.Repeat(")", 100_000),
			"parentheses within each other"},
		{"nested CONCATs", "SELECT VALUE LENGTH(" + doubled + ") FROM c", "value that is larger"},
		{"concatenation", "SELECT VALUE " + strings.Repeat("REPLICATE('a', 10000) || ", 2000) + "'' FROM c",
			"value that is larger"},
		{"arrays of arrays", "SELECT VALUE x8 " + steps, "value that is larger"},
		{"MAKELIST over everything", "SELECT VALUE MAKELIST(a) FROM c JOIN a IN c.t JOIN b IN c.t JOIN d IN c.t",
			"rows in memory"},
		{"MAKESET of what is built",
			"SELECT VALUE MAKESET({'a':a, 'r':RAND()}) FROM c JOIN a IN c.t JOIN b IN c.t JOIN d IN c.t",
			"rows in memory"},
		{"ARRAY of arrays", "SELECT VALUE ARRAY(SELECT VALUE ARRAY(SELECT VALUE ARRAY(SELECT VALUE c.t " +
			"FROM a IN c.t) FROM b IN c.t) FROM d IN c.t) FROM c",
			"value that is larger"},
		{"regular expression", "SELECT VALUE RegexMatch(REPLICATE('a', 10000) || 'b', '(?=a)(a+)+$')",
			"takes too long"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := evaluate(t, tc.query, docs, Options{MaxRows: 100_000})
			require.ErrorContains(t, err, tc.message)
		})
	}
}
