package planner_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/planner"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// javascript is the list that the JavaScript SDK announces, less the one feature that changes plans.
const javascript = "NonValueAggregate,Aggregate,Distinct,MultipleOrderBy,OffsetAndLimit,OrderBy,Top," +
	"CompositeAggregate,GroupBy," +
	"MultipleAggregates,NonStreamingOrderBy,ListAndSetAggregate,CountIf,HybridSearch,WeightedRankFusion"

const filter = queryplan.FilterPlaceholder

var byKey = partition.Definition{Paths: []string{"/key"}, Kind: "Hash", Version: 2}

func parse(t testing.TB, text string) *nosql.Query {
	t.Helper()
	q, err := nosql.Parse(text, nosql.Cosmos)
	require.NoError(t, err)
	return q
}

func options(params ...any) planner.Options {
	o := planner.Options{Definition: byKey, Features: planner.ParseFeatures(javascript),
		Params: map[string]value.Value{}}
	for i := 0; i < len(params); i += 2 {
		v, err := value.ParseString(params[i+1].(string), value.MaxDepth)
		if err != nil {
			panic(err)
		}
		o.Params[params[i].(string)] = v
	}
	return o
}

// members returns the members of a query info that differ from the empty plan, as compact JSON.
func members(t testing.TB, info *queryplan.Info) map[string]string {
	t.Helper()
	text, err := json.Marshal(info)
	require.NoError(t, err)
	var all map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &all))
	out := map[string]string{}
	for name, raw := range all {
		switch s := string(raw); s {
		case `"None"`, "null", "[]", "{}", `""`, "false":
		default:
			out[name] = s
		}
	}
	return out
}

func rewritten(lines ...string) string {
	text, _ := json.Marshal(strings.Join(lines, "\n"))
	return string(text)
}

// TestPlans holds the plans that the service gives: the baselines of the .NET SDK.
func TestPlans(t *testing.T) {
	t.Parallel()
	type info = map[string]string
	for _, tt := range []struct {
		query  string
		params []any
		want   info
	}{
		{"SELECT * FROM c", nil, info{}},
		{"SELECT c.a, UPPER(c.b) AS u FROM c JOIN t IN c.tags WHERE c.a > 5", nil, info{}},
		{"SELECT * FROM Root r ORDER BY r.blah", nil,
			info{"orderBy": `["Ascending"]`, "orderByExpressions": `["r.blah"]`, "rewrittenQuery": rewritten(
				`SELECT r._rid, [{"item": r.blah}] AS orderByItems, r AS payload`, `FROM Root AS r`,
				`WHERE (`+filter+`)`, `ORDER BY r.blah`)}},
		{"SELECT * FROM Root r WHERE r.key = 'key' ORDER BY r.key", nil,
			info{"orderBy": `["Ascending"]`, "orderByExpressions": `["r.key"]`, "rewrittenQuery": rewritten(
				`SELECT r._rid, [{"item": r.key}] AS orderByItems, r AS payload`, `FROM Root AS r`,
				`WHERE ((r.key = "key") AND (`+filter+`))`, `ORDER BY r.key`)}},
		{"SELECT c.blah, c.blah2 FROM Root c ORDER BY c.key", nil,
			info{"orderBy": `["Ascending"]`, "orderByExpressions": `["c.key"]`, "rewrittenQuery": rewritten(
				`SELECT c._rid, [{"item": c.key}] AS orderByItems, {"blah": c.blah, "blah2": c.blah2} AS payload`,
				`FROM Root AS c`, `WHERE (`+filter+`)`, `ORDER BY c.key`)}},
		{"SELECT VALUE c.blah FROM Root c ORDER BY c.key", nil, info{"hasSelectValue": "true",
			"orderBy": `["Ascending"]`, "orderByExpressions": `["c.key"]`, "rewrittenQuery": rewritten(
				`SELECT c._rid, [{"item": c.key}] AS orderByItems, c.blah AS payload`, `FROM Root AS c`,
				`WHERE ((`+filter+`) AND IS_DEFINED(c.blah))`, `ORDER BY c.key`)}},
		{"SELECT VALUE c.a FROM c WHERE c.b > 1 ORDER BY c.k DESC", nil, info{"hasSelectValue": "true",
			"orderBy": `["Descending"]`, "orderByExpressions": `["c.k"]`, "rewrittenQuery": rewritten(
				`SELECT c._rid, [{"item": c.k}] AS orderByItems, c.a AS payload`, `FROM c`,
				`WHERE (((c.b > 1) AND (`+filter+`)) AND IS_DEFINED(c.a))`, `ORDER BY c.k DESC`)}},
		{"SELECT TOP 50 r[0] FROM r ORDER BY r.key ASC", nil, info{"top": "50", "orderBy": `["Ascending"]`,
			"orderByExpressions": `["r.key"]`, "rewrittenQuery": rewritten(
				`SELECT TOP 50 r._rid, [{"item": r.key}] AS orderByItems, {"$1": r[0]} AS payload`, `FROM r`,
				`WHERE (`+filter+`)`, `ORDER BY r.key ASC`)}},
		{"SELECT * FROM c ORDER BY c.a ASC, c.b DESC", nil, info{"orderBy": `["Ascending","Descending"]`,
			"orderByExpressions": `["c.a","c.b"]`, "rewrittenQuery": rewritten(
				`SELECT c._rid, [{"item": c.a}, {"item": c.b}] AS orderByItems, c AS payload`, `FROM c`,
				`WHERE (`+filter+`)`, `ORDER BY c.a ASC, c.b DESC`)}},
		{"SELECT * FROM c ORDER BY c.a OFFSET 2 LIMIT 3", nil, info{"offset": "2", "limit": "3",
			"orderBy": `["Ascending"]`, "orderByExpressions": `["c.a"]`, "rewrittenQuery": rewritten(
				`SELECT c._rid, [{"item": c.a}] AS orderByItems, c AS payload`, `FROM c`, `WHERE (`+filter+`)`,
				`ORDER BY c.a`, `OFFSET 0 LIMIT 5`)}},

		{"SELECT VALUE COUNT(1) FROM c", nil, info{"aggregates": `["Count"]`, "hasSelectValue": "true",
			"rewrittenQuery": rewritten(`SELECT VALUE [{"item": COUNT(1)}]`, `FROM c`)}},
		{"SELECT VALUE SUM(c.blah) FROM c", nil, info{"aggregates": `["Sum"]`, "hasSelectValue": "true",
			"rewrittenQuery": rewritten(`SELECT VALUE [{"item": SUM(c.blah)}]`, `FROM c`)}},
		{"SELECT VALUE AVG(c.blah) FROM c", nil,
			info{"aggregates": `["Average"]`, "hasSelectValue": "true", "rewrittenQuery": rewritten(
				`SELECT VALUE [{"item": {"sum": SUM(c.blah), "count": COUNT(c.blah)}}]`, `FROM c`)}},
		{"SELECT VALUE MIN(c.blah) FROM c", nil,
			info{"aggregates": `["Min"]`, "hasSelectValue": "true", "rewrittenQuery": rewritten(
				`SELECT VALUE [{"item": MIN(c.blah), "item2": {"min": MIN(c.blah), "count": COUNT(c.blah)}}]`,
				`FROM c`)}},
		{"SELECT VALUE max(c.blah) FROM c ORDER BY c.x", nil,
			info{"aggregates": `["Max"]`, "hasSelectValue": "true", "rewrittenQuery": rewritten(
				`SELECT VALUE [{"item": max(c.blah), "item2": {"max": max(c.blah), "count": COUNT(c.blah)}}]`, `FROM c`,
				`ORDER BY c.x`)}},
		{"SELECT VALUE COUNTIF(c.valid) FROM c", nil, info{"aggregates": `["CountIf"]`, "hasSelectValue": "true",
			"rewrittenQuery": rewritten(`SELECT VALUE [{"item": COUNTIF(c.valid)}]`, `FROM c`)}},
		{"SELECT VALUE MAKELIST(c.a) FROM c", nil, info{"aggregates": `["MakeList"]`, "hasSelectValue": "true",
			"rewrittenQuery": rewritten(`SELECT VALUE [{"item": MAKELIST(c.a)}]`, `FROM c`)}},
		{"SELECT AVG(c.blah) FROM c", nil, info{"groupByAliases": `["$1"]`,
			"groupByAliasToAggregateType": `{"$1":"Average"}`, "rewrittenQuery": rewritten(
				`SELECT {"$1": {"item": {"sum": SUM(c.blah), "count": COUNT(c.blah)}}} AS payload`, `FROM c`)}},
		{"SELECT COUNT(c.x) AS n, MAX(c.y) AS m FROM c", nil, info{"groupByAliases": `["n","m"]`,
			"groupByAliasToAggregateType": `{"m":"Max","n":"Count"}`, "rewrittenQuery": rewritten(
				`SELECT {"n": {"item": COUNT(c.x)},`+
					` "m": {"item": MAX(c.y), "item2": {"max": MAX(c.y), "count": COUNT(c.y)}}} AS payload`,
				`FROM c`)}},
		{"SELECT c.team, COUNT(1) AS count FROM c GROUP BY c.team", nil,
			info{"groupByExpressions": `["c.team"]`, "groupByAliases": `["team","count"]`,
				"groupByAliasToAggregateType": `{"count":"Count","team":null}`, "rewrittenQuery": rewritten(
					`SELECT [{"item": c.team}] AS groupByItems, {"team": c.team, "count": {"item": `+
						`COUNT(1)}} AS payload`, `FROM c`, `GROUP BY c.team`)}},
		{"SELECT UPPER(c.name) AS name, AVG(c.income) AS income FROM c GROUP BY UPPER(c.name)", nil,
			info{"groupByExpressions": `["UPPER(c.name)"]`, "groupByAliases": `["name","income"]`,
				"groupByAliasToAggregateType": `{"income":"Average","name":null}`, "rewrittenQuery": rewritten(
					`SELECT [{"item": UPPER(c.name)}] AS groupByItems, {"name": UPPER(c.name), "income": {"item": `+
						`{"sum": SUM(c.income), "count": COUNT(c.income)}}} AS payload`,
					`FROM c`, `GROUP BY UPPER(c.name)`)}},
		{"SELECT VALUE c.name FROM c GROUP BY c.name", nil,
			info{"hasSelectValue": "true", "groupByExpressions": `["c.name"]`, "rewrittenQuery": rewritten(
				`SELECT [{"item": c.name}] AS groupByItems, c.name AS payload`, `FROM c`, `GROUP BY c.name`)}},
		{"SELECT VALUE AVG(c.age) FROM c GROUP BY c.team", nil, info{"hasSelectValue": "true",
			"aggregates": `["Average"]`, "groupByExpressions": `["c.team"]`, "rewrittenQuery": rewritten(
				`SELECT [{"item": c.team}] AS groupByItems, [{"item": {"sum": SUM(c.age), "count": `+
					`COUNT(c.age)}}] AS payload`, `FROM c`, `GROUP BY c.team`)}},

		{"SELECT DISTINCT c.blah FROM c", nil, info{"distinctType": `"Unordered"`}},
		{"SELECT DISTINCT VALUE c.blah FROM c ORDER BY c.blah",
			nil, info{"distinctType": `"Ordered"`, "hasSelectValue": "true", "orderBy": `["Ascending"]`,
				"orderByExpressions": `["c.blah"]`, "rewrittenQuery": rewritten(
					`SELECT c._rid, [{"item": c.blah}] AS orderByItems, c.blah AS payload`, `FROM c`,
					`WHERE ((`+filter+`) AND IS_DEFINED(c.blah))`, `ORDER BY c.blah`)}},
		{"SELECT DISTINCT c.a FROM c ORDER BY c.b", nil, info{"distinctType": `"Unordered"`, "orderBy": `["Ascending"]`,
			"orderByExpressions": `["c.b"]`, "rewrittenQuery": rewritten(
				`SELECT c._rid, [{"item": c.b}] AS orderByItems, {"a": c.a} AS payload`, `FROM c`, `WHERE (`+filter+`)`,
				`ORDER BY c.b`)}},
		{"SELECT TOP 5 * FROM c", nil, info{"top": "5"}},
		{"SELECT TOP 5 VALUE AVG(c.name) FROM c", nil,
			info{"top": "5", "aggregates": `["Average"]`, "hasSelectValue": "true", "rewrittenQuery": rewritten(
				`SELECT VALUE [{"item": {"sum": SUM(c.name), "count": COUNT(c.name)}}]`, `FROM c`)}},
		{"SELECT DISTINCT TOP 5 VALUE c.name FROM c", nil, info{"top": "5", "distinctType": `"Unordered"`,
			"hasSelectValue": "true", "rewrittenQuery": rewritten(`SELECT DISTINCT VALUE c.name`, `FROM c`)}},
		{"SELECT * FROM c OFFSET 1 LIMIT 2", nil,
			info{"offset": "1", "limit": "2", "rewrittenQuery": rewritten(`SELECT *`, `FROM c`, `OFFSET 0 LIMIT 3`)}},
		{"SELECT * FROM c OFFSET @o LIMIT @l", []any{"@o", "42", "@l", "1337"}, info{"offset": "42", "limit": "1337",
			"rewrittenQuery": rewritten(`SELECT *`, `FROM c`, `OFFSET 0 LIMIT 1379`)}},
		{"SELECT TOP @n * FROM c", []any{"@n", "7"}, info{"top": "7"}},
		{"SELECT TOP 3 * FROM c OFFSET 4 LIMIT 5", nil, info{"top": "3", "offset": "4", "limit": "5",
			"rewrittenQuery": rewritten(`SELECT *`, `FROM c`, `OFFSET 0 LIMIT 9`)}},
		{"SELECT * FROM c WHERE c.key = 5 OFFSET 1 LIMIT 2", nil, info{}},
		{"SELECT DISTINCT * FROM c WHERE c.key = 5 OFFSET 1 LIMIT 2", nil,
			info{"distinctType": `"Unordered"`, "offset": "1", "limit": "2", "rewrittenQuery": rewritten(
				`SELECT DISTINCT *`, `FROM c`, `WHERE (c.key = 5)`)}},
		{"SELECT VALUE COUNT(1) FROM c WHERE c.key = 5 OFFSET 1 LIMIT 2", nil, info{"offset": "1", "limit": "2",
			"aggregates": `["Count"]`, "hasSelectValue": "true", "rewrittenQuery": rewritten(
				`SELECT VALUE [{"item": COUNT(1)}]`, `FROM c`, `WHERE (c.key = 5)`)}},

		{"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.val FROM c)", nil, info{"distinctType": `"Unordered"`,
			"hasSelectValue": "true", "dCountInfo": `{"dCountAlias":""}`, "rewrittenQuery": rewritten(
				`SELECT DISTINCT VALUE c.val`, `FROM c`)}},
		{"SELECT COUNT(d) FROM (SELECT DISTINCT c.val FROM c) AS d", nil,
			info{"distinctType": `"Unordered"`, "dCountInfo": `{"dCountAlias":"$1"}`, "rewrittenQuery": rewritten(
				`SELECT DISTINCT c.val`, `FROM c`)}},

		{"SELECT TOP 10 c.title, VectorDistance(c.e, @v) AS s FROM c ORDER BY VectorDistance(c.e, @v)",
			[]any{"@v", "[1]"}, info{"top": "10", "hasNonStreamingOrderBy": "true",
				"orderBy": `["Descending"]`, "orderByExpressions": `["VectorDistance(c.e, @v)"]`,
				"rewrittenQuery": rewritten(
					`SELECT TOP 10 c._rid, [{"item": VectorDistance(c.e, @v)}] AS orderByItems, {"title": c.title, `+
						`"s": VectorDistance(c.e, @v)} AS payload`,
					`FROM c`, `WHERE (`+filter+`)`, `ORDER BY VectorDistance(c.e, @v)`)}},
		{`SELECT c.title FROM c ORDER BY VectorDistance(c.e, [1], false, {"distanceFunction": "Euclidean"}) ` +
			`OFFSET 5 LIMIT 7`, nil, info{
			"offset":                 "5",
			"limit":                  "7",
			"hasNonStreamingOrderBy": "true",
			"orderBy":                `["Ascending"]`,
			"orderByExpressions":     `["VectorDistance(c.e, [1], false, {\"distanceFunction\": \"Euclidean\"})"]`,
			"rewrittenQuery": rewritten(
				`SELECT c._rid, [{"item": VectorDistance(c.e, [1], false, {"distanceFunction": "Euclidean"})}] AS `+
					`orderByItems, {"title": c.title} AS payload`,
				`FROM c`, `WHERE (`+filter+`)`,
				`ORDER BY VectorDistance(c.e, [1], false, {"distanceFunction": "Euclidean"})`, `OFFSET 0 LIMIT 12`),
		}},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			plan, err := planner.Plan(parse(t, tt.query), options(tt.params...))
			require.NoError(t, err)
			require.Equal(t, tt.want, members(t, plan.Info))
			require.Nil(t, plan.Hybrid)
			require.Equal(t, 2, plan.Version)
			if plan.Info.RewrittenQuery != "" {
				text := strings.NewReplacer(filter, "true").Replace(plan.Info.RewrittenQuery)
				_, err := nosql.Parse(text, nosql.Cosmos)
				require.NoError(t, err, "a partition must be able to read it")
			}
		})
	}
}

func TestWholePlanAsTheGatewayWritesIt(t *testing.T) {
	t.Parallel()
	plan, err := planner.Plan(parse(t, "SELECT * FROM c ORDER BY c.n"), options())
	require.NoError(t, err)
	text, err := json.Marshal(plan)
	require.NoError(t, err)
	require.Equal(t, `{"partitionedQueryExecutionInfoVersion":2,"queryInfo":{"distinctType":"None","top":null,`+
		`"offset":null,"limit":null,"orderBy":["Ascending"],`+
		`"orderByExpressions":["c.n"],"groupByExpressions":[],"groupByAliases":[],"aggregates":[],`+
		`"groupByAliasToAggregateType":{},`+
		`"rewrittenQuery":"SELECT c._rid, [{\"item\": c.n}] AS orderByItems, c AS payload\nFROM c\nWHERE `+
		`({documentdb-formattableorderbyquery-filter})\nORDER BY c.n",`+
		`"hasSelectValue":false,"dCountInfo":null,"hasNonStreamingOrderBy":false},`+
		`"queryRanges":[{"min":"","max":"FF","isMinInclusive":true,"isMaxInclusive":false}],`+
		`"hybridSearchQueryInfo":null}`, string(text))
}

func TestVectorPolicyDecidesTheDirection(t *testing.T) {
	t.Parallel()
	o := options()
	o.Distance = func(path []string) string {
		return map[string]string{"near": "euclidean", "dot": "dotproduct"}[strings.Join(path, "/")]
	}
	for path, want := range map[string]string{"c.near": "Ascending", "c.dot": "Descending", "c.other": "Descending"} {
		for _, args := range []string{path + ", [1]", "[1], " + path} {
			plan, err := planner.Plan(parse(t, "SELECT TOP 1 * FROM c ORDER BY VectorDistance("+args+")"), o)
			require.NoError(t, err)
			require.Equal(t, []string{want}, plan.Info.OrderBy, args)
		}
	}
	o.Params["@o"] = value.Object([]value.Member{{Name: "distanceFunction", Value: value.String("euclidean")}})
	plan, err := planner.Plan(parse(t, "SELECT TOP 1 * FROM c ORDER BY VectorDistance(c.dot, [1], true, @o)"), o)
	require.NoError(t, err)
	require.Equal(t, []string{"Ascending"}, plan.Info.OrderBy)
}

func TestRangesOfTheHeader(t *testing.T) {
	t.Parallel()
	o := options()
	var err error
	o.Key, err = partition.NewKey("k")
	require.NoError(t, err)
	plan, err := planner.Plan(parse(t, "SELECT * FROM c WHERE c.key = 'other' OFFSET 1 LIMIT 2"), o)
	require.NoError(t, err)
	epk := byKey.EPK(o.Key)
	require.Equal(t, []queryplan.Range{{Min: epk, Max: epk, MinInclusive: true, MaxInclusive: true}}, plan.Ranges)
	require.Nil(t, plan.Info.Limit, "a single partition counts by itself")
}
