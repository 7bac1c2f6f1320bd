package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An autoscale's upgrade policy is kept, of a container's throughput and of a database's: the official SDKs read it back.
func TestAutoscaleKeepsItsIncrement(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	autoscale := func(most, percent string) h {
		return h{"x-ms-cosmos-offer-autopilot-settings": `{"maxThroughput": ` + most +
			`, "autoUpgradePolicy": {"throughputPolicy": {"incrementPercent": ` + percent + `}}}`}
	}
	s.do("POST", "/dbs", autoscale("5000", "11"), h{"id": "shared"}).want(t, 201)
	s.do("POST", "/dbs/shared/colls", autoscale("7000", "20"),
		`{"id":"own","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}`).want(t, 201)
	offers := s.do("GET", "/offers", nil, nil).want(t, 200).body
	for _, percent := range []string{"11", "20"} {
		require.Contains(t, offers, `"autoUpgradePolicy":{"throughputPolicy":{"incrementPercent":`+percent+`}}`)
	}
}

// A container tells the statistics of its ranges where it is asked to.
func TestStatisticsOfAContainer(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.do("POST", coll+"/docs", pk("a"), h{"id": "1", "pk": "a"}).want(t, 201)
	require.NotContains(t, s.do("GET", coll, nil, nil).want(t, 200).body, "statistics")
	a := s.do("GET", coll, h{"x-ms-documentdb-populatepartitionstatistics": "True"}, nil).want(t, 200)
	documents := 0.0
	for _, r := range a.rows("statistics") {
		documents += r.(map[string]any)["documentCount"].(float64)
	}
	require.Equal(t, 1.0, documents)
}

// Weights stand in a plan as numbers with a fraction: the Java SDK takes nothing else.
func TestWeightsOfAPlanHaveAFraction(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	plan := h{
		"x-ms-cosmos-is-query-plan-request": "True", "content-type": "application/query+json",
		"x-ms-cosmos-supported-query-features": "Top,OrderBy,NonStreamingOrderBy,HybridSearch,WeightedRankFusion,CountIf",
	}
	a := s.do("POST", coll+"/docs", plan, h{"query": "SELECT TOP 5 c.id FROM c " +
		"ORDER BY RANK RRF(FullTextScore(c.t, 'x'), VectorDistance(c.v, [3, 1]), [2, 1])"}).want(t, 200)
	require.Contains(t, a.body, `"componentWeights":[2.0,1.0]`)
}

// Ids that are too long are refused in the service's words.
func TestIDsThatAreTooLong(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	require.Contains(t, s.do("POST", "/dbs", nil, h{"id": strings.Repeat("x", 256)}).want(t, 400).body,
		"Ensure to provide a unique non-empty string less than '255' characters.")
	require.Contains(t, s.do("POST", coll+"/docs", pk("a"), h{"id": strings.Repeat("x", 1025), "pk": "a"}).want(t, 400).body,
		"Ensure to provide a unique non-empty string less than '1024' characters.")
}
