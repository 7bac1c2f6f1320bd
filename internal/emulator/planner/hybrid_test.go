package planner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/planner"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// scores are the canonical texts of the two scoring functions in the plans below.
const (
	textScore = `_FullTextScore(c.text,` +
		` ["swim", "run"], {documentdb-formattablehybridsearchquery-totaldocumentcount},` +
		` {documentdb-formattablehybridsearchquery-totalwordcount-0},` +
		` {documentdb-formattablehybridsearchquery-hitcountsarray-0})`
	vectorScore = `_VectorScore(c.image, [1, 2, 3])`
	both        = `[(` + textScore + ` ?? -1), (` + vectorScore + ` ?? -1.79769e+308)]`
)

func TestFullTextPlan(t *testing.T) {
	t.Parallel()
	const score = `_FullTextScore(c.text, ["swim"], {documentdb-formattablehybridsearchquery-totaldocumentcount},` +
		` {documentdb-formattablehybridsearchquery-totalwordcount-0},` +
		` {documentdb-formattablehybridsearchquery-hitcountsarray-0})`
	plan, err := planner.Plan(
		parse(t, "SELECT c.name FROM c ORDER BY RANK FullTextScore(c.text,'swim') OFFSET 0 LIMIT 10"), options())
	require.NoError(t, err)
	require.Nil(t, plan.Info)
	h := plan.Hybrid
	require.Equal(t, "SELECT COUNT(1) AS documentCount, [{\"totalWordCount\": SUM(_FullTextWordCount(c.text)), "+
		"\"hitCounts\": [COUNTIF(FullTextContains(c.text, \"swim\"))]}] AS fullTextStatistics\nFROM c",
		h.GlobalStatisticsQuery)
	require.Len(t, h.Components, 1)
	require.Equal(t, map[string]string{
		"offset": "0", "limit": "120", "orderBy": `["Descending"]`, "hasNonStreamingOrderBy": "true",
		"orderByExpressions": "[" + rewritten(score) + "]",
		"rewrittenQuery": rewritten(`SELECT c._rid, [{"item": `+score+
			`}] AS orderByItems, {"payload": {"name": c.name}, "componentScores": [(`+score+` ?? -1)]} AS payload`,
			`FROM c`, `WHERE (`+filter+`)`, `ORDER BY `+score+` DESC`, `OFFSET 0 LIMIT 120`),
	}, members(t, &h.Components[0]))
	require.Empty(t, h.Weights)
	require.Equal(t, int64(0), *h.Skip)
	require.Equal(t, int64(10), *h.Take)
	require.True(t, h.RequiresGlobalStatistics)
}

const fusion = `SELECT TOP 10 * FROM c ` +
	`ORDER BY RANK RRF(FullTextScore(c.text, "swim", "run"), VectorDistance(c.image, [1, 2, 3]))`

func TestFusionPlan(t *testing.T) {
	t.Parallel()
	plan, err := planner.Plan(parse(t, fusion), options())
	require.NoError(t, err)
	h := plan.Hybrid
	require.Len(t, h.Components, 2)
	for i, want := range []struct{ score, order string }{{textScore, textScore + " DESC"}, {vectorScore, vectorScore}} {
		require.Equal(t, map[string]string{
			"top": "120", "orderBy": `["Descending"]`, "hasNonStreamingOrderBy": "true",
			"orderByExpressions": "[" + rewritten(want.score) + "]",
			"rewrittenQuery": rewritten(`SELECT TOP 120 c._rid, [{"item": `+want.score+
				`}] AS orderByItems, {"payload": c, "componentScores": `+both+`} AS payload`,
				`FROM c`, `WHERE (`+filter+`)`, `ORDER BY `+want.order),
		}, members(t, &h.Components[i]))
	}
	require.Equal(t, int64(10), *h.Take)
	require.Nil(t, h.Skip)
	require.Empty(t, h.Weights)
	require.Contains(t, h.GlobalStatisticsQuery,
		`"hitCounts": [COUNTIF(FullTextContains(c.text, "swim")), COUNTIF(FullTextContains(c.text, "run"))]`)
}

// TestFlatFusionPlan is for clients that rank by the scores alone.
func TestFlatFusionPlan(t *testing.T) {
	t.Parallel()
	o := options()
	o.Features["HybridSearchSkipOrderByRewrite"] = true
	plan, err := planner.Plan(parse(t, fusion), o)
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"rewrittenQuery": rewritten(`SELECT TOP 120 c._rid, c AS payload, `+both+` AS componentScores`, `FROM c`,
			`ORDER BY `+textScore+` DESC`)},
		members(t, &plan.Hybrid.Components[0]))
	require.Equal(t, map[string]string{
		"rewrittenQuery": rewritten(`SELECT TOP 120 c._rid, c AS payload, `+both+` AS componentScores`, `FROM c`,
			`ORDER BY `+vectorScore)},
		members(t, &plan.Hybrid.Components[1]))
}

func TestNegativeWeights(t *testing.T) {
	t.Parallel()
	text := `SELECT TOP 10 * FROM c ` +
		`ORDER BY RANK RRF(FullTextScore(c.text, "swim", "run"), VectorDistance(c.image, [1, 2, 3]), [1, -0.3])`
	plan, err := planner.Plan(parse(t, text), options())
	require.NoError(t, err)
	require.Equal(t, queryplan.Doubles{1, 0.3}, plan.Hybrid.Weights)
	require.Equal(t, []string{queryplan.Ascending}, plan.Hybrid.Components[1].OrderBy)
	require.Contains(t, plan.Hybrid.Components[1].RewrittenQuery, "\nORDER BY "+vectorScore+" ASC")
	require.Contains(t, plan.Hybrid.Components[0].RewrittenQuery, `(`+vectorScore+` ?? 1.79769e+308)`)

	o := options()
	o.Features["HybridSearchSkipOrderByRewrite"] = true
	plan, err = planner.Plan(parse(t, text), o)
	require.NoError(t, err)
	require.Contains(t, plan.Hybrid.Components[0].RewrittenQuery, `(-1 * (`+vectorScore+` ?? 1.79769e+308))`)
}

func TestWeightsInAParameter(t *testing.T) {
	t.Parallel()
	plan, err := planner.Plan(parse(t,
		`SELECT TOP 10 * FROM c ORDER BY RANK RRF(FullTextScore(c.text, "swim"), VectorDistance(c.image, [1]), @w)`),
		options("@w", "[1,-0.3]"))
	require.NoError(t, err)
	require.Equal(t, queryplan.Doubles{1, 0.3}, plan.Hybrid.Weights)
	require.Equal(t, []string{queryplan.Ascending}, plan.Hybrid.Components[1].OrderBy)
}

func TestVectorOnlyFusion(t *testing.T) {
	t.Parallel()
	plan, err := planner.Plan(parse(t, `SELECT TOP 1 c.id FROM c WHERE c.a = 1 ORDER BY RANK RRF(VectorDistance(c.u, `+
		`@u), VectorDistance(c.v, [1], false, {"distanceFunction": "euclidean"}))`), options("@u", "[1]"))
	require.NoError(t, err)
	h := plan.Hybrid
	require.False(t, h.RequiresGlobalStatistics)
	require.Equal(t, "SELECT COUNT(1) AS documentCount, [] AS fullTextStatistics\nFROM c", h.GlobalStatisticsQuery)
	require.Contains(t, h.Components[0].RewrittenQuery, "WHERE ((c.a = 1) AND ("+filter+"))")
	require.Contains(t, h.Components[0].RewrittenQuery,
		`{"payload": {"id": c.id}, "componentScores": [(_VectorScore(c.u, @u) ?? -1.79769e+308), (_VectorScore(c.v, `+
			`[1], false, {"distanceFunction": "euclidean"}) ?? 1.79769e+308)]}`)
	require.Equal(t, []string{queryplan.Ascending}, h.Components[1].OrderBy, "the least euclidean distance is best")
}

func TestComponentSize(t *testing.T) {
	t.Parallel()
	for clause, want := range map[string]int64{
		"TOP 0": 120, "TOP 10": 120, "TOP 60": 120, "TOP 61": 122, "TOP 1000": 2000, "TOP 2147483647": 2147483647,
	} {
		plan, err := planner.Plan(parse(t, "SELECT "+clause+" * FROM c ORDER BY RANK FullTextScore(c.text, 'a')"),
			options())
		require.NoError(t, err)
		require.Equal(t, want, *plan.Hybrid.Components[0].Top, clause)
	}
	plan, err := planner.Plan(
		parse(t, "SELECT * FROM c ORDER BY RANK FullTextScore(c.text, ['a', 'b']) OFFSET 100 LIMIT 50"), options())
	require.NoError(t, err)
	require.Equal(t, int64(300), *plan.Hybrid.Components[0].Limit)
	require.Contains(t, plan.Hybrid.Components[0].RewrittenQuery, `_FullTextScore(c.text, ["a", "b"], `)
	plan, err = planner.Plan(parse(t, "SELECT VALUE c.a FROM c ORDER BY RANK FullTextScore(c.text, 'a')"), options())
	require.NoError(t, err)
	require.Nil(t, plan.Hybrid.Components[0].Limit)
	require.Nil(t, plan.Hybrid.Take)
	require.Contains(t, plan.Hybrid.Components[0].RewrittenQuery, `{"payload": c.a, "componentScores": [`)
}

// replacer fills the marks in as a client does.
var replacer = strings.NewReplacer(filter, "true", queryplan.TotalDocumentCount, "10", queryplan.TotalWordCount(0),
	"100", queryplan.HitCounts(0), "[3]")

func TestComponentsCanBeRead(t *testing.T) {
	t.Parallel()
	for _, feature := range []bool{false, true} {
		o := options()
		o.Features["HybridSearchSkipOrderByRewrite"] = feature
		plan, err := planner.Plan(parse(t, `SELECT TOP 10 * FROM c `+
			`ORDER BY RANK RRF(FullTextScore(c.text, "swim"), VectorDistance(c.image, [1, 2, 3]), [-2, 1])`), o)
		require.NoError(t, err)
		for _, c := range plan.Hybrid.Components {
			text := replacer.Replace(c.RewrittenQuery)
			_, err := nosql.Parse(text, nosql.Cosmos)
			require.NoError(t, err, text)
		}
		_, err = nosql.Parse(plan.Hybrid.GlobalStatisticsQuery, nosql.Cosmos)
		require.NoError(t, err)
	}
}
