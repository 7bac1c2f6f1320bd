package gateway_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// The gateway's planner refuses what has no syntax or no meaning, and plans what only running would refuse.
func TestPlansRefused(t *testing.T) {
	t.Parallel()
	s := sdkServer(t)
	plan := h{"x-ms-cosmos-is-query-plan-request": "True", "content-type": "application/query+json",
		"x-ms-cosmos-supported-query-features": "Aggregate,CompositeAggregate,Distinct,GroupBy,MultipleAggregates," +
			"MultipleOrderBy,NonValueAggregate,OffsetAndLimit,OrderBy,Top,DCount"}
	for query, status := range map[string]int{
		"SELECT VALUE udf.f(c.x) FROM c": 200, "SELECT * FROM c WHERE udf.f(c.x) > 1": 200,
		"SELECT udf.f(c.x) AS x FROM c ORDER BY c.n": 200,
		"SELECT VALUE COUNT(udf.f(c.x)) FROM c":      200, "SELECT TOP 2 * FROM c OFFSET 0 LIMIT 10": 400,
		"SELECT TOP 2 * FROM c ORDER BY c.n OFFSET 1 LIMIT 1": 400,
		"SELECT * FROM c WHERE c.x IS NULL":                   400, "SELECT * FROM c WHERE c.x IS NOT NULL": 400,
		"SELECT * FROM c JOIN t IN c.t":         400,
		"SELECT c.id FROM c WHERE COUNT(1) > 1": 400, "SELECT d.id FROM c": 400, "SELECT c.left FROM c": 400,
		"SELECT * FROM c OFFSET 1": 400,
	} {
		s.do("POST", "/dbs/d/colls/c/docs", plan, h{"query": query}).want(t, status)
	}
	weights := "SELECT TOP 5 c.id FROM c ORDER BY RANK RRF(FullTextScore(c.t, 'x'), VectorDistance(c.v, [3, 1]), %s)"
	hybrid := plan.and(h{"x-ms-cosmos-supported-query-features": "Top,OrderBy,NonStreamingOrderBy,HybridSearch," +
		"WeightedRankFusion,CountIf"})
	for in, out := range map[string]string{
		"[2, 1]":     "[2.0,1.0]",
		"[1.5, 0.5]": "[1.5,0.5]",
		"[1e3, 1]":   "[1000.0,1.0]",
	} {
		a := s.do("POST", "/dbs/d/colls/c/docs", hybrid, h{"query": fmt.Sprintf(weights, in)}).want(t, 200)
		require.Contains(t, a.body, `"componentWeights":`+out)
	}
}

// A continuation of the service's own form goes on in the range that it is sent to.
func TestContinuationsOfTheService(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *gateway.Options, so *store.Options) { so.Partitions = 1 })
	coll := s.container("/pk")
	for i := range 5 {
		s.do("POST", coll+"/docs", pk("a"), map[string]any{"id": fmt.Sprint(i), "pk": "a", "n": i}).want(t, 201)
	}
	for token, status := range map[string]int{
		"-RID:~AAAAAAAAAAABAAAAAAAAAA==#RT:1#TRC:2#ISV:2#IEO:65567#QCF:8": 200,
		"-RID:~AAAAAAAAAAABAAAAAAAAAA==#RT:1#TRC:2":                       200,
		"-RID:~x#RT:1":                        400,
		"RID:~AAAAAAAAAAABAAAAAAAAAA==":       200,
		"+RID:~AAAAAAAAAAABAAAAAAAAAA==#RT:x": 400,
	} {
		a := s.post(coll, "SELECT * FROM c",
			h{"x-ms-documentdb-partitionkeyrangeid": "0", "x-ms-max-item-count": "2", "x-ms-continuation": token})
		a.want(t, status)
		if status == 200 {
			require.Len(t, a.rows("Documents"), 2)
			require.Regexp(t, "^-RID:~", a.header.Get("x-ms-continuation"))
		}
	}
}

// Statistics tell each range of a container, together all of its documents.
func TestStatisticsOfRanges(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.fill(coll, 20)
	documents, ids := 0.0, []any{}
	for _, r := range s.do("GET", coll, h{"x-ms-documentdb-populatepartitionstatistics": "true"},
		nil).want(t, 200).rows("statistics") {
		r := r.(map[string]any)
		documents += r["documentCount"].(float64)
		ids = append(ids, r["id"])
		require.Contains(t, r, "sizeInKB")
		require.Contains(t, r, "partitionKeys")
	}
	require.Equal(t, 20.0, documents)
	require.Equal(t, []any{"0", "1", "2", "3"}, ids)
}
