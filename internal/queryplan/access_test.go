package queryplan_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

func choose(q *nosql.Query, params map[string]value.Value, def partition.Definition, key partition.Key,
	feed *queryplan.Range, computed []string) queryplan.AccessPath {
	return queryplan.Prepare(q, def, computed).Choose(params, key, feed)
}

func TestChoose(t *testing.T) {
	t.Parallel()
	byID := partition.Definition{Paths: []string{"/id"}, Version: 2}
	for _, tt := range []struct {
		name, text string
		def        partition.Definition
		kind       queryplan.AccessKind
		id, key    string
	}{
		{"everything", "SELECT * FROM c", single, queryplan.FanOut, "", ""},
		{"filter", "SELECT c.a FROM c JOIN t IN c.tags WHERE t = 1", single, queryplan.FanOut, "", ""},
		{"several keys", "SELECT * FROM c WHERE c.pk IN (1, 2)", single, queryplan.FanOut, "", ""},
		{"no document", "SELECT * FROM c WHERE false", single, queryplan.FanOut, "", ""},
		{"prefix", "SELECT * FROM c WHERE c.t = 1", levels, queryplan.FanOut, "", ""},
		{"order", "SELECT * FROM c ORDER BY c.a", single, queryplan.Planned, "", ""},
		{"top", "SELECT TOP 1 * FROM c", single, queryplan.Planned, "", ""},
		{"limit", "SELECT * FROM c OFFSET 0 LIMIT 1", single, queryplan.Planned, "", ""},
		{"distinct", "SELECT DISTINCT c.a FROM c", single, queryplan.Planned, "", ""},
		{"groups", "SELECT c.a FROM c GROUP BY c.a", single, queryplan.Planned, "", ""},
		{"aggregate", "SELECT VALUE COUNT(1) FROM c", single, queryplan.Planned, "", ""},
		{"aggregate of a subquery only", "SELECT VALUE (SELECT VALUE COUNT(1) FROM t IN c.tags) FROM c", single,
			queryplan.FanOut, "", ""},
		{"count of distinct", "SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.a FROM c)", single,
			queryplan.Planned, "", ""},
		{"folding source", "SELECT * FROM (SELECT DISTINCT VALUE c.a FROM c) d", single, queryplan.Planned, "", ""},
		{"rank", "SELECT TOP 1 * FROM c ORDER BY RANK FullTextScore(c.t, 'a')", single, queryplan.Planned, "", ""},
		{"vector", "SELECT TOP 1 * FROM c WHERE c.pk = 1 ORDER BY VectorDistance(c.v, [1])", single,
			queryplan.Planned, "", "[1]"},
		{"one key", "SELECT * FROM c WHERE c.pk = 'a'", single, queryplan.SinglePartition, "", `["a"]`},
		{"one key, sorted and cut", "SELECT TOP 5 c.a FROM c WHERE c.pk = 'a' ORDER BY c.b DESC", single,
			queryplan.SinglePartition, "", `["a"]`},
		{"one key, offset", "SELECT * FROM c WHERE c.pk = 'a' OFFSET 1 LIMIT 2", single,
			queryplan.SinglePartition, "", `["a"]`},
		{"one key, folded", "SELECT VALUE COUNT(1) FROM c WHERE c.pk = 'a'", single, queryplan.Planned, "", `["a"]`},
		{"one key of three levels", "SELECT * FROM c WHERE c.t = 1 AND c.u = 2 AND c.s = 3", levels,
			queryplan.SinglePartition, "", `[1,2,3]`},

		{"point", "SELECT * FROM c WHERE c.id = 'x' AND c.pk = 'a'", single, queryplan.PointRead, "x", `["a"]`},
		{"point the other way round", "SELECT VALUE c FROM c WHERE 'a' = c.pk AND 'x' = c.id", single,
			queryplan.PointRead, "x", `["a"]`},
		{"point by id alone", "SELECT * FROM c WHERE c.id = 'x'", byID, queryplan.PointRead, "x", `["x"]`},
		{"point of three levels", "SELECT * FROM c WHERE c.t = 1 AND c.u = true AND c.s = null AND c.id = 'x'", levels,
			queryplan.PointRead, "x", `[1,true,null]`},
		{"a further condition", "SELECT * FROM c WHERE c.id = 'x' AND c.pk = 'a' AND c.z = 1", single,
			queryplan.SinglePartition, "", `["a"]`},
		{"a condition twice", "SELECT * FROM c WHERE c.id = 'x' AND c.pk = 'a' AND c.id = 'x'", single,
			queryplan.SinglePartition, "", `["a"]`},
		{"a projection", "SELECT c.id FROM c WHERE c.id = 'x' AND c.pk = 'a'", single, queryplan.PointRead,
			"x", `["a"]`},
		{"the other value", "SELECT VALUE c.id FROM c WHERE c.id = 'x' AND c.pk = 'a'", single, queryplan.PointRead,
			"x", `["a"]`},
		{"top of a point", "SELECT TOP 0 * FROM c WHERE c.id = 'x' AND c.pk = 'a'", single,
			queryplan.SinglePartition, "", `["a"]`},
		{"a join", "SELECT VALUE c FROM c JOIN t IN c.tags WHERE c.id = 'x' AND c.pk = 'a'", single,
			queryplan.SinglePartition, "", `["a"]`},
		{"or", "SELECT * FROM c WHERE c.id = 'x' OR c.pk = 'a'", single, queryplan.FanOut, "", ""},
		{"an id that no path can name", "SELECT * FROM c WHERE c.id = 'x/y' AND c.pk = 'a'", single,
			queryplan.SinglePartition, "", `["a"]`},
		{"no id", "SELECT * FROM c WHERE c.id = '' AND c.pk = 'a'", single, queryplan.SinglePartition, "", `["a"]`},
		{"an id that is a number", "SELECT * FROM c WHERE c.id = 1 AND c.pk = 'a'", single,
			queryplan.SinglePartition, "", `["a"]`},
		{"a key that is an array", "SELECT * FROM c WHERE c.id = 'x' AND c.pk = [1]", single,
			queryplan.SinglePartition, "", `[{}]`},
		{"a key that a double cannot tell apart", "SELECT * FROM c WHERE c.id = 'x' AND c.pk = 9007199254740993",
			single, queryplan.SinglePartition, "", `[9007199254740992]`},
		{"the largest key that stands for itself", "SELECT * FROM c WHERE c.id = 'x' AND c.pk = 9007199254740991",
			single, queryplan.PointRead, "x", `[9007199254740991]`},
		{"a key at the bound", "SELECT * FROM c WHERE c.id = 'x' AND c.pk = -9007199254740992", single,
			queryplan.SinglePartition, "", `[-9007199254740992]`},
		{"a key by a test", "SELECT * FROM c WHERE c.id = 'x' AND IS_NULL(c.pk)", single, queryplan.SinglePartition,
			"", `[null]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			access := choose(parse(t, tt.text), nil, tt.def, nil, nil, nil)
			require.Equal(t, tt.kind, access.Kind)
			require.Equal(t, tt.id, access.ID)
			if tt.key == "" {
				require.Nil(t, access.Key)
				require.NotEmpty(t, access.Ranges)
			} else {
				require.Equal(t, tt.key, access.Key.Header())
			}
			require.NotEmpty(t, access.Kind.String())
		})
	}
}

func TestChooseWithTheCallersKey(t *testing.T) {
	t.Parallel()
	key, err := partition.NewKey("a")
	require.NoError(t, err)
	access := choose(parse(t, "SELECT * FROM c WHERE c.id = 'x' AND c.pk = 'b'"), nil, single, key, nil, nil)
	require.Equal(t, queryplan.AccessPath{Kind: queryplan.SinglePartition, Key: key}, access,
		"the key decides, WHERE filters")
	access = choose(parse(t, "SELECT VALUE COUNT(1) FROM c"), nil, single, key, nil, nil)
	require.Equal(t, queryplan.AccessPath{Kind: queryplan.Planned, Key: key}, access)
	access = choose(nil, nil, single, key, nil, nil)
	require.Equal(t, queryplan.AccessPath{Kind: queryplan.Planned, Key: key}, access, "a text that cannot be read here")
	access = choose(nil, nil, single, nil, nil, nil)
	require.Equal(t, queryplan.AccessPath{Kind: queryplan.Planned}, access, "the plan will say where")

	byID := partition.Definition{Paths: []string{"/id"}, Version: 2}
	three, err := partition.NewKey(1, 2, "x")
	require.NoError(t, err)
	for _, tt := range []struct {
		text string
		def  partition.Definition
		key  partition.Key
		kind queryplan.AccessKind
	}{
		{"SELECT * FROM c WHERE c.id = 'x'", single, key, queryplan.PointRead},
		{"SELECT c.n FROM c WHERE c.id = 'x' AND c.pk = 'a'", single, key, queryplan.PointRead},
		{"SELECT * FROM c WHERE c.id = 'x' AND c.n = 1", single, key, queryplan.SinglePartition},
		{"SELECT * FROM c WHERE c.id = 'x' AND c.pk = @p", single, key, queryplan.SinglePartition},
		{"SELECT TOP 1 * FROM c WHERE c.id = 'x'", single, key, queryplan.SinglePartition},
		{"SELECT * FROM c WHERE c.id = 'a'", byID, key, queryplan.PointRead},
		{"SELECT * FROM c WHERE c.id = 'b'", byID, key, queryplan.SinglePartition},
		{"SELECT * FROM c WHERE c.id = 'x'", levels, three, queryplan.PointRead},
		{"SELECT * FROM c WHERE c.id = 'x' AND c.u = 3", levels, three, queryplan.SinglePartition},
		{"SELECT * FROM c WHERE c.u = 2", levels, three, queryplan.SinglePartition}, // it names no id
		// that is not known
		{"SELECT * FROM c WHERE c.id = 'x'", partition.Definition{Paths: []string{""}}, key, queryplan.SinglePartition},
	} {
		access := choose(parse(t, tt.text), nil, tt.def, tt.key, nil, nil)
		require.Equal(t, tt.kind, access.Kind, tt.text)
		require.Equal(t, tt.key, access.Key, tt.text)
	}

	epk := levels.EPK(key)
	prefix := []queryplan.Range{{Min: epk, Max: epk + "FF", MinInclusive: true}}
	access = choose(parse(t, "SELECT * FROM c"), nil, levels, key, nil, nil)
	require.Equal(t, queryplan.AccessPath{Kind: queryplan.FanOut, Ranges: prefix}, access)
	access = choose(parse(t, "SELECT * FROM c ORDER BY c.a"), nil, levels, key, nil, nil)
	require.Equal(t, queryplan.AccessPath{Kind: queryplan.Planned, Ranges: prefix}, access)
}

func TestQueriesThatNeedTheWhole(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"SELECT * FROM c": false,
		"SELECT s FROM (SELECT VALUE c.a FROM c) s":          false,
		"SELECT s FROM (SELECT DISTINCT VALUE c.a FROM c) s": true,
		"SELECT * FROM (SELECT c.a, COUNT(1) AS n FROM c GROUP BY c.a) g " +
			"WHERE g.n > 1": true,
		"SELECT VALUE n FROM (SELECT VALUE COUNT(1) FROM c) n": true,
		"SELECT VALUE n FROM (SELECT VALUE m FROM (SELECT VALUE COUNT(1) " +
			"FROM c) m) n": true,
		"SELECT VALUE COUNT(1) " +
			"FROM (SELECT DISTINCT VALUE c.a FROM c)": false,
		"SELECT VALUE COUNT(1) FROM (SELECT c.a FROM c " +
			"GROUP BY c.a)": true,
		"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE g.a FROM (SELECT c.a, MAX(c.b) AS b FROM c " +
			"GROUP BY c.a) g)": true,
		"SELECT VALUE SUM(n) FROM c JOIN (SELECT VALUE COUNT(1) FROM t IN c.tags) n": false,
		// Without a FROM of its own, a query still searches where a subquery does.
		"SELECT VALUE (SELECT VALUE COUNT(1) FROM c)":                          true,
		"SELECT VALUE [ARRAY(SELECT VALUE c.id FROM c)]":                       true,
		"SELECT VALUE EXISTS(SELECT VALUE x FROM (SELECT 1 FROM c) x)":         true,
		"SELECT VALUE (SELECT VALUE COUNT(1) FROM x IN (SELECT VALUE [1, 2]))": false,
		"SELECT VALUE 1": false,
		// So does one whose FROM has none.
		"SELECT VALUE t FROM t IN (SELECT VALUE [(SELECT VALUE COUNT(1) FROM c)])": true,
		"SELECT VALUE t FROM (SELECT VALUE ARRAY(SELECT VALUE c.id FROM c)) t":     true,
		"SELECT VALUE (SELECT VALUE COUNT(1) FROM c) FROM x IN (SELECT VALUE [1])": true,
		// These read no document.
		"SELECT VALUE COUNT(1) FROM x IN (SELECT VALUE [1,2,3])":                            false,
		"SELECT t, COUNT(1) AS n FROM t IN (SELECT VALUE [1,2,3]) GROUP BY t":               false,
		"SELECT * FROM (SELECT VALUE 1) AS t":                                               false,
		"SELECT VALUE ARRAY(SELECT VALUE u FROM u IN t.l) FROM t IN (SELECT VALUE [{l:1}])": false,
	} {
		q := parse(t, text)
		require.Equal(t, want, choose(q, nil, single, nil, nil, nil).Whole, text)
		require.False(t, want && queryplan.Independent(q),
			"%s: the partitions' rows do not add up to the whole's", text)
	}
}

// TestQueriesWithoutDocumentsRunOnce asks one partition, at the point where nothing is.
func TestQueriesWithoutDocumentsRunOnce(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"SELECT VALUE 1",
		"SELECT VALUE COUNT(1) FROM x IN (SELECT VALUE [1,2,3])",
		"SELECT VALUE x FROM x IN (SELECT VALUE [1,2,3]) OFFSET 2 LIMIT 5",
		"SELECT * FROM (SELECT VALUE 1) AS t JOIN u IN (SELECT VALUE [1]) WHERE u = 1",
	} {
		access := choose(parse(t, text), nil, single, nil, nil, nil)
		require.Equal(t, queryplan.KeyRanges(nil, single), access.Ranges, text)
		feed := &queryplan.Range{Min: "0A", Max: "1F", MinInclusive: true}
		access = choose(parse(t, text), nil, single, nil, feed, nil)
		require.Equal(t, []queryplan.Range{{Min: "0A", Max: "0A", MinInclusive: true, MaxInclusive: true}},
			access.Ranges, text)
	}
	access := choose(parse(t, "SELECT * FROM c JOIN t IN c.tags"), nil, single, nil, nil, nil)
	require.Equal(t, queryplan.FullRange(), access.Ranges)

	prefix, err := partition.NewKey("T")
	require.NoError(t, err)
	epk := levels.EPK(prefix)
	access = choose(parse(t, "SELECT VALUE 1"), nil, levels, prefix, nil, nil)
	require.Equal(t, []queryplan.Range{{Min: epk, Max: epk, MinInclusive: true, MaxInclusive: true}}, access.Ranges,
		"what is under a prefix of a key may be in several partitions")
}

func TestPlanJSON(t *testing.T) {
	t.Parallel()
	const text = `{"partitionedQueryExecutionInfoVersion":2,"queryInfo":{"distinctType":"None","top":5,"offset":null,` +
		`"limit":null,"orderBy":["Ascending"],` +
		`"orderByExpressions":["c.n"],"groupByExpressions":[],"groupByAliases":[],"aggregates":[],` +
		`"groupByAliasToAggregateType":{"a":"Count","b":null},` +
		`"rewrittenQuery":"x","hasSelectValue":false,"dCountInfo":{"dCountAlias":"$1"},` +
		`"hasNonStreamingOrderBy":true},` +
		`"queryRanges":[{"min":"","max":"FF","isMinInclusive":true,"isMaxInclusive":false}],` +
		`"hybridSearchQueryInfo":null}`
	var plan queryplan.Plan
	require.NoError(t, json.Unmarshal([]byte(text), &plan))
	again, err := json.Marshal(plan)
	require.NoError(t, err)
	require.Equal(t, text, string(again))
	require.Equal(t, "Count", *plan.Info.AliasToAggregate["a"])
	require.Equal(t, "$1", plan.Info.DCount.Alias)
}

// TestProjectionsAreReadToo: properties as they are can be cut out of the document; anything else is a query.
func TestProjectionsAreReadToo(t *testing.T) {
	t.Parallel()
	const where = " FROM c WHERE c.id = 'x' AND c.pk = 'a'"
	for text, want := range map[string]*queryplan.Row{
		"SELECT *":       nil,
		"SELECT VALUE c": nil,
		"SELECT c.id, c.a.b AS n": {
			Columns: []queryplan.Column{{Name: "id", Path: []string{"id"}}, {Name: "n", Path: []string{"a", "b"}}}},
		"SELECT c":              {Columns: []queryplan.Column{{Name: "c"}}},
		"SELECT VALUE c['a'].b": {Value: true, Columns: []queryplan.Column{{Path: []string{"a", "b"}}}},
	} {
		access := choose(parse(t, text+where), nil, single, nil, nil, []string{"lower"})
		require.Equal(t, queryplan.PointRead, access.Kind, text)
		require.Equal(t, want, access.Row, text)
	}
	for _, text := range []string{
		"SELECT c.lower", "SELECT VALUE c.lower.x", "SELECT c.n + 1", "SELECT UPPER(c.s)", "SELECT VALUE {a: c.a}",
		"SELECT 1", "SELECT c.tags[0]", "SELECT DISTINCT c.a", "SELECT TOP 1 c.a", "SELECT VALUE (SELECT VALUE c.a)",
		"SELECT COUNT(1)",
	} {
		access := choose(parse(t, text+where), nil, single, nil, nil, []string{"lower"})
		require.NotEqual(t, queryplan.PointRead, access.Kind, text)
	}
}

// TestChooseWithinAFeedRange: the caller's feed range narrows every access path, and what WHERE fixes outside of it is
// asked at the point where the feed range begins: nothing is found there.
func TestChooseWithinAFeedRange(t *testing.T) {
	t.Parallel()
	key, err := partition.NewKey("a")
	require.NoError(t, err)
	epk := single.EPK(key)
	around := &queryplan.Range{Min: "", Max: epk + "FF", MinInclusive: true}
	behind := &queryplan.Range{Min: epk + "FF", Max: partition.Max, MinInclusive: true}
	point := func(at string) []queryplan.Range {
		return []queryplan.Range{{Min: at, Max: at, MinInclusive: true, MaxInclusive: true}}
	}
	const one, two = "SELECT * FROM c WHERE c.pk = 'a'", "SELECT * FROM c WHERE c.pk IN ('a', 'b')"
	for _, tt := range []struct {
		name, text string
		feed       *queryplan.Range
		kind       queryplan.AccessKind
		want       []queryplan.Range
	}{
		{"everything", "SELECT * FROM c", around, queryplan.FanOut,
			[]queryplan.Range{{Min: "", Max: epk + "FF", MinInclusive: true}}},
		{"a key inside", one, around, queryplan.SinglePartition, nil},
		{"a document inside", one + " AND c.id = 'x'", around, queryplan.PointRead, nil},
		{"a key outside", one, behind, queryplan.FanOut, point(behind.Min)},
		{"a document outside", one + " AND c.id = 'x'", behind, queryplan.FanOut, point(behind.Min)},
		{"one of two keys", two, &queryplan.Range{Min: epk, Max: epk + "FF", MinInclusive: true},
			queryplan.FanOut, point(epk)},
		{"sorted", "SELECT * FROM c ORDER BY c.n", behind, queryplan.Planned,
			[]queryplan.Range{{Min: behind.Min, Max: partition.Max, MinInclusive: true}}},
	} {
		access := choose(parse(t, tt.text), nil, single, nil, tt.feed, nil)
		require.Equal(t, tt.kind, access.Kind, tt.name)
		require.Equal(t, tt.want, access.Ranges, tt.name)
		require.Equal(t, tt.want == nil, access.Key != nil, tt.name)
	}
	require.Equal(t, point(epk), queryplan.AccessPath{Feed: around}.Within(point(epk)))
	require.Equal(t, point(""),
		queryplan.AccessPath{Feed: around}.Within([]queryplan.Range{{Min: behind.Min, Max: partition.Max}}))
}
