package gateway_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

var metrics = h{"x-ms-documentdb-populatequerymetrics": "True"}

func TestMetricsTellWhatAQueryDid(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.fill(coll, 50)
	for _, test := range []struct{ query, want string }{
		{"SELECT VALUE COUNT(1) FROM c", "retrievedDocumentCount=0;retrievedDocumentSize=0;outputDocumentCount=1;"},
		{"SELECT VALUE COUNT(1) FROM c WHERE c.m = 1", "retrievedDocumentCount=0;"},
		{"SELECT VALUE COUNT(1) FROM c WHERE LENGTH(c.id) = 1", "retrievedDocumentCount=10;"},
		{"SELECT VALUE SUM(c.n) FROM c", "retrievedDocumentCount=10;"},
		{"SELECT * FROM c WHERE c.n = 6", "retrievedDocumentCount=1;"},
		{"SELECT * FROM c WHERE c.n > 20 AND c.m = 0 ORDER BY c.n", "retrievedDocumentCount=2;"},
		{"SELECT * FROM c", "retrievedDocumentCount=10;"},
	} {
		a := s.post(coll, test.query, pk("p1").and(metrics)).want(t, 200)
		require.Contains(t, a.header.Get("x-ms-documentdb-query-metrics"), test.want, test.query)
	}
	for _, off := range []h{nil, {"x-ms-documentdb-populatequerymetrics": "False"}} {
		require.Empty(t, s.post(coll, "SELECT * FROM c", pk("p1").and(off)).header.Get("x-ms-documentdb-query-metrics"))
	}
}

func TestIndexMetrics(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
	s.do("POST", "/dbs/d/colls", nil, `{"id":"c","partitionKey":{"paths":["/pk"],"version":2},"indexingPolicy":{
		"excludedPaths":[{"path":"/x/*"}],"includedPaths":[{"path":"/*"},{"path":"/x/inner/?"}],
		"compositeIndexes":[[{"path":"/a"},{"path":"/b","order":"descending"}]]}}`).want(t, 201)
	for _, test := range []struct{ query, want string }{
		{"SELECT * FROM c", `{"UtilizedSingleIndexes":[{"FilterExpression":"","IndexSpec":"/pk/?",` +
			`"FilterPreciseSet":true,"IndexPreciseSet":true,"IndexImpactScore":"High"}],` +
			`"PotentialSingleIndexes":[],"UtilizedCompositeIndexes":[],"PotentialCompositeIndexes":[]}`},
		{"SELECT * FROM c WHERE c.n = 3", `{"FilterExpression":"ROOT.n = 3","IndexSpec":"/n/?"`},
		{"SELECT * FROM c WHERE c.x.inner = 3", `"IndexSpec":"/x/inner/?"`},
		{"SELECT * FROM c WHERE c.x.y = 3",
			`"PotentialSingleIndexes":[{"FilterExpression":"ROOT.x.y = 3","IndexSpec":"/x/y/?"`},
		{"SELECT * FROM c ORDER BY c.a, c.b DESC", `"UtilizedCompositeIndexes":[{"IndexSpecs":["/a ASC","/b DESC"]`},
	} {
		a := s.post("/dbs/d/colls/c", test.query,
			pk("p").and(h{"x-ms-cosmos-populateindexmetrics": "true"})).want(t, 200)
		text, err := base64.StdEncoding.DecodeString(a.header.Get("x-ms-cosmos-index-utilization"))
		require.NoError(t, err)
		require.Contains(t, string(text), test.want, test.query)
	}
}

func TestQueryAdvice(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	for query, want := range map[string][]string{
		"SELECT * FROM c": {},
		"SELECT * FROM c WHERE CONTAINS(c.t, 'x') OR CONTAINS(c.u, 'x')":                             {"QA1002"},
		"SELECT DISTINCT t FROM c JOIN t IN c.tags":                                                  {"QA1001"},
		"SELECT * FROM c WHERE ARRAY_CONTAINS(c.t, {'a':1}, true) AND ARRAY_CONTAINS(c.t, 1, false)": {"QA1000"},
		"SELECT * FROM c WHERE STARTSWITH(c.t, 'x', true) OR STRINGEQUALS(c.t, 'x')":                 {"QA1003"},
		"SELECT * FROM c WHERE ENDSWITH(c.t, 'x', true)":                                             {"QA1004"},
		"SELECT UPPER(c.t) FROM c GROUP BY UPPER(c.t)":                                               {"QA1005"},
		"SELECT * FROM c WHERE UPPER(c.t) = 'X' OR c.t = LOWER('Y')":                                 {"QA1006"},
		"SELECT GetCurrentDateTime(), GetCurrentTicks(), GetCurrentTimestamp() FROM c": {"QA1007",
			"QA1008", "QA1009"},
	} {
		a := s.post(coll, query, pk("p").and(h{"x-ms-cosmos-populatequeryadvice": "True"})).want(t, 200)
		text, err := url.QueryUnescape(a.header.Get("x-ms-cosmos-query-advice"))
		require.NoError(t, err)
		var hints []struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(text), &hints))
		ids := []string{}
		for _, hint := range hints {
			ids = append(ids, hint.ID)
		}
		require.Equal(t, want, ids, query)
	}
}
