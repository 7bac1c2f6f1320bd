package eval

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// modelAggregate is what an aggregate makes of values ("" is undefined), by the table of COSMOS_SQL.md 6.
func modelAggregate(t *testing.T, name string, texts []string) string {
	t.Helper()
	var defined []value.Value
	for _, text := range texts {
		if text != "" {
			defined = append(defined, parse(t, text))
		}
	}
	numbers, ordered := true, true
	sum := 0.0
	for _, v := range defined {
		numbers = numbers && v.Kind() == value.KindNumber
		ordered = ordered && v.Kind() <= value.KindString
		sum += v.AsFloat()
	}
	number := func(f float64) string { return string(value.AppendJSON(nil, value.Float(f))) }
	switch name {
	case "COUNT":
		return fmt.Sprint(len(defined))
	case "COUNTIF":
		return fmt.Sprint(len(slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s != "true" })))
	case "SUM":
		if !numbers {
			return ""
		}
		return number(sum)
	case "AVG":
		if !numbers || len(defined) == 0 {
			return ""
		}
		return number(sum / float64(len(defined)))
	case "MIN", "MAX":
		if !ordered || len(defined) == 0 {
			return ""
		}
		slices.SortStableFunc(defined, value.Compare)
		if name == "MIN" {
			return string(value.AppendJSON(nil, defined[0]))
		}
		return string(value.AppendJSON(nil, defined[len(defined)-1]))
	case "MAKELIST":
		return string(value.AppendJSON(nil, value.Array(defined)))
	case "MAKESET":
		var set []value.Value
		for _, v := range defined {
			if !slices.ContainsFunc(set, func(w value.Value) bool { return value.Equal(v, w) }) {
				set = append(set, v)
			}
		}
		return string(value.AppendJSON(nil, value.Array(set)))
	}
	panic(name)
}

var aggregateNames = []string{"COUNT", "COUNTIF", "SUM", "AVG", "MIN", "MAX", "MAKELIST", "MAKESET"}

// TestAggregatesAgainstTheTable gives every aggregate lists of values of one type, of several, of none, with holes.
func TestAggregatesAgainstTheTable(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 10))
	pools := [][]string{
		{"1", "2", "2.5", "-3"}, {"", "1", "4"}, {"null", "1", `"a"`, "true"}, {`"a"`, `"b"`, ""}, {"[1]", "1"},
		{`{"k":1}`, "null"}, {"true", "false", ""}, {""}, {"1", "1.0", "true"}, {"null"}, sampleValues,
	}
	for _, pool := range pools {
		for n := range 7 {
			list := make([]string, n)
			var docs []value.Value
			var literal []string
			for i := range list {
				list[i] = pick1(r, pool)
				doc := "{}"
				if list[i] != "" {
					doc = `{"v":` + list[i] + `}`
					literal = append(literal, list[i])
				}
				docs = append(docs, parse(t, doc))
			}
			for _, name := range aggregateNames {
				want := modelAggregate(t, name, list)
				rows := mustEvaluate(t, "SELECT VALUE "+name+"(c.v) FROM c", docs, Options{})
				require.Equal(t, want, strings.Join(rows, " "), "%s of %q", name, list)
				if want == "" {
					require.Empty(t, rows, "VALUE of something undefined gives no row")
				}
				rows = mustEvaluate(t, "SELECT "+name+"(c.v) AS x FROM c", docs, Options{})
				object := "{}"
				if want != "" {
					object = `{"x":` + want + `}`
				}
				require.Equal(t, []string{object}, rows, "the row stays without the property")
				expr := "(SELECT VALUE " + name + "(x) FROM x IN (SELECT VALUE [" + strings.Join(literal, ",") + "]))"
				if name != "COUNTIF" {
					require.Equal(t, want, evaluateExpr(t, expr, Options{}), expr)
				}
			}
		}
	}
}

// TestGroupsAreTheWhole: the groups of a GROUP BY are the rows of its filter, each once, with aggregates of their own.
func TestGroupsAreTheWhole(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 12))
	for round := range 12 {
		docs := make([]value.Value, 60)
		groups := map[string][]string{} // values by key of the group
		var order []string
		for i := range docs {
			docs[i] = randomDocument(t, r, i)
			b := docs[i].Get("b")
			text := ""
			if b.IsDefined() {
				text = string(value.AppendJSON(nil, b))
			}
			key := string(value.AppendKey(nil, docs[i].Get("a")))
			if groups[key] == nil {
				order = append(order, key)
			}
			groups[key] = append(groups[key], text)
		}
		for _, name := range aggregateNames {
			rows := mustEvaluate(t, "SELECT c.a AS k, COUNT(1) AS n, "+name+"(c.b) AS x FROM c GROUP BY c.a",
				docs, Options{})
			require.Len(t, rows, len(groups), "round %d", round)
			for i, row := range rows {
				v := parse(t, row)
				key := string(value.AppendKey(nil, v.Get("k")))
				require.Equal(t, order[i], key, "groups come as they were met")
				n, _ := v.Get("n").AsInt()
				require.Equal(t, len(groups[key]), int(n))
				got := ""
				if x := v.Get("x"); x.IsDefined() {
					got = string(value.AppendJSON(nil, x))
				}
				require.Equal(t, modelAggregate(t, name, groups[key]), got, "%s in %s", name, row)
			}
		}
		total := mustEvaluate(t, "SELECT VALUE SUM(g.n) FROM (SELECT c.a, COUNT(1) AS n FROM c GROUP BY c.a) g",
			docs, Options{})
		require.Equal(t, []string{"60"}, total)
		distinct := mustEvaluate(t, "SELECT DISTINCT c.a FROM c", docs, Options{})
		require.Len(t, distinct, len(groups), "DISTINCT has the same idea of equal")
	}
}

// TestDistinctKeepsTheFirst: of equal rows the first stays, equal in the sense of the language.
func TestDistinctKeepsTheFirst(t *testing.T) {
	t.Parallel()
	docs := documents(t, `{"i":1,"v":1}
		{"i":2,"v":1.0}
		{"i":3,"v":"1"}
		{"i":4,"v":{"a":1,"b":[1,null]}}
		{"i":5,"v":{"b":[1.0,null],"a":1}}
		{"i":6}
		{"i":7,"v":null}
		{"i":8}
		{"i":9,"v":[{"a":1}]}
		{"i":10,"v":-0.0}
		{"i":11,"v":0}
		{"i":12,"v":9007199254740993}
		{"i":13,"v":9007199254740992}`)
	for text, want := range map[string]string{
		"SELECT DISTINCT VALUE c.v FROM c": `1 "1" {"a":1,"b":[1,null]} null [{"a":1}] 0 ` +
			`9007199254740993 9007199254740992`,
		"SELECT DISTINCT VALUE c.v FROM c OFFSET 1 LIMIT 2":             `"1" {"a":1,"b":[1,null]}`,
		"SELECT DISTINCT TOP 2 VALUE c.v FROM c":                        `1 "1"`,
		"SELECT DISTINCT TOP 0 VALUE c.v FROM c":                        ``,
		"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.v FROM c)": `8`,
		"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT c.v FROM c)":       `9`, // {} is a row
		"SELECT DISTINCT VALUE IS_DEFINED(c.v) FROM c":                  `true false`,
		"SELECT DISTINCT VALUE c.v FROM c WHERE IS_NUMBER(c.v) " +
			"ORDER BY c.v DESC": `9007199254740993 9007199254740992 1 0`,
	} {
		require.Equal(t, want, strings.Join(mustEvaluate(t, text, docs, Options{}), " "), text)
	}
}
