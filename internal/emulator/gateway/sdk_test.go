package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// An autoscale's upgrade policy is kept, of a container's throughput and of a database's: the official SDKs read it
// back.
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
		"x-ms-cosmos-supported-query-features": "Top,OrderBy,NonStreamingOrderBy,HybridSearch," +
			"WeightedRankFusion,CountIf",
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
	require.Contains(t, s.do("POST", coll+"/docs", pk("a"),
		h{"id": strings.Repeat("x", 1025), "pk": "a"}).want(t, 400).body,
		"Ensure to provide a unique non-empty string less than '1024' characters.")
}

// A region that is not the first of an account where several write takes writes of clients alone that say they know.
func TestTentativeWrites(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *gateway.Options, o *store.Options) {
		o.Regions, o.MultiWrite, o.Partitions = []string{"West US", "East US"}, true, 1
	})
	coll := s.container("/pk")
	far := s.far()
	knows := h{"x-ms-cosmos-allow-tentative-writes": "true"}
	for _, test := range []struct {
		verb, path string
		headers    h
		body       any
		status     int
	}{
		{"POST", "/docs", nil, h{"id": "1", "pk": "a"}, 201},
		{"PUT", "/docs/1", nil, h{"id": "1", "pk": "a"}, 200},
		{"PATCH", "/docs/1", nil, `[{"op":"add","path":"/n","value":1}]`, 200},
		{"POST", "/docs", atomicBatch, `[{"operationType":"Upsert","resourceBody":{"id":"2","pk":"a"}}]`, 200},
		{"DELETE", "/docs/1", nil, nil, 204},
	} {
		far.do(test.verb, coll+test.path, pk("a").and(test.headers), test.body).want(t, 403, "3")
		far.do(test.verb, coll+test.path, pk("a").and(test.headers).and(knows), test.body).want(t, test.status)
		require.NotEqual(t, 403, s.do(test.verb, coll+test.path, pk("a").and(test.headers), test.body).status,
			"the first region asks nobody")
	}
	far.do("GET", coll+"/docs/2", pk("a"), nil).want(t, 200)
}

// Members of an operation, and headers of a query, that change its answer.
func TestWhatChangesAnAnswer(t *testing.T) {
	t.Parallel()
	s := sdkServer(t)
	const docs = "/dbs/d/colls/c/docs"
	inBulk := bulk.and(h{"x-ms-documentdb-partitionkeyrangeid": "0"})
	create := `{"operationType":"Upsert","partitionKey":"[\"a\"]","resourceBody":{"id":"1","pk":"a"}`
	all := s.do("POST", docs, inBulk,
		"["+create+`,"minimalReturnPreference":true},`+create+`,"minimalReturnPreference":false},`+create+`}]`).want(t,
		200).results(t)
	require.Empty(t, all[0].ResourceBody)
	require.NotEmpty(t, all[1].ResourceBody)
	require.NotEmpty(t, all[2].ResourceBody)
	all = s.do("POST", docs, inBulk.and(h{"prefer": "return=minimal"}),
		"["+create+`,"minimalReturnPreference":false},`+create+`}]`).want(t, 200).results(t)
	require.NotEmpty(t, all[0].ResourceBody)
	require.Empty(t, all[1].ResourceBody)

	bare := pk("a").and(h{"x-ms-exclude-system-properties": "true"})
	for _, a := range []answer{s.do("POST", docs, bare, h{"id": "bare", "pk": "a"}).want(t, 201),
		s.do("GET", docs+"/bare", bare, nil).want(t, 200),
		s.do("PUT", docs+"/bare", bare, h{"id": "bare", "pk": "a"}).want(t, 200)} {
		require.NotContains(t, a.body, "_self")
		require.NotContains(t, a.body, "_attachments")
		require.NotEmpty(t, a.text("_rid"))
	}
	require.Contains(t, s.do("POST", docs, pk("a").and(atomicBatch), "\x81\x01\x02").want(t, 400).body, "HybridRow")
	epk := h{"x-ms-documentdb-partitionkeyrangeid": "0", "x-ms-start-epk": "00", "x-ms-end-epk": "FF"}
	for kind, status := range map[string]int{
		"EffectivePartitionKeyRange": 200,
		"ResourceId":                 400,
		"EffectivePartitionKey":      400,
	} {
		s.post("/dbs/d/colls/c", "SELECT * FROM c", epk.and(h{"x-ms-read-key-type": kind})).want(t, status)
		s.do("GET", docs, epk.and(h{"x-ms-read-key-type": kind, "a-im": "Incremental Feed"}), nil).want(t, status)
	}
}
