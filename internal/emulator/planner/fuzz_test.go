package planner_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/planner"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// FuzzPlan shows that a plan comes out of any query that can be read, or a refusal, and that partitions can read what
// it has them asked.
func FuzzPlan(f *testing.F) {
	for _, seed := range []string{
		"SELECT * FROM c ORDER BY c.a DESC, c.b",
		"SELECT TOP 3 c.a, COUNT(1) AS n FROM c WHERE c.key = 'x' GROUP BY c.a OFFSET 1 LIMIT 2",
		"SELECT DISTINCT VALUE AVG(c.a) FROM c", "SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.a FROM c)",
		`SELECT TOP 1 * FROM c ORDER BY RANK RRF(FullTextScore(c.t, "a"), VectorDistance(c.v, [1]), [1, -2])`,
		"SELECT * FROM c ORDER BY RANK FullTextScore()", "SELECT * FROM c ORDER BY RANK RRF(f(), [1])",
		"SELECT TOP 1 * FROM c ORDER BY VectorDistance()", "SELECT MIN() FROM c",
		"SELECT * FROM c ORDER BY RANK FullTextScore(c.a)",
	} {
		f.Add(seed, true)
		f.Add(seed, false)
	}
	f.Fuzz(func(t *testing.T, text string, flat bool) {
		q, err := nosql.Parse(text, nosql.Cosmos)
		if err != nil {
			return
		}
		o := options("@p", "3")
		o.Features["HybridSearchSkipOrderByRewrite"] = flat
		planner.Pinned(q, o)
		planner.ErrorInfo(q, o)
		_, _ = planner.Servable(q)
		plan, err := planner.Plan(q, o)
		if err != nil {
			var refusal *planner.Refusal
			require.ErrorAs(t, err, &refusal)
			return
		}
		texts := []string{}
		if plan.Info != nil {
			texts = append(texts, plan.Info.RewrittenQuery)
		}
		if plan.Hybrid != nil {
			texts = append(texts, plan.Hybrid.GlobalStatisticsQuery)
			for _, c := range plan.Hybrid.Components {
				texts = append(texts, c.RewrittenQuery)
			}
		}
		for _, text := range texts {
			if text == "" {
				continue
			}
			text = filled(text)
			_, err := nosql.Parse(text, nosql.Cosmos)
			require.NoError(t, err, text)
		}
	})
}

// filled replaces all marks, of up to ten components.
func filled(text string) string {
	marks := []string{filter, "true", queryplan.TotalDocumentCount, "10"}
	for i := range 10 {
		marks = append(marks, queryplan.TotalWordCount(i), "100", queryplan.HitCounts(i), "[3]")
	}
	return strings.NewReplacer(marks...).Replace(text)
}
