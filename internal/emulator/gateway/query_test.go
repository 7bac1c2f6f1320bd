package gateway_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// fill creates n documents, spread over five keys.
func (s *server) fill(coll string, n int) {
	s.t.Helper()
	for i := range n {
		p := fmt.Sprint("p", i%5)
		s.do("POST", coll+"/docs", pk(p),
			map[string]any{"id": fmt.Sprint(i), "pk": p, "n": i, "m": i % 3, "tags": []any{"x", i}}).want(s.t, 201)
	}
}

func TestWhatTheGatewayServes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	rid := s.do("GET", coll, nil, nil).text("_rid")
	s.fill(coll, 10)
	s.do("GET", coll+"/docs", h{"x-ms-continuation": "e30"}, nil).want(t, 400)
	for _, test := range []struct {
		name, query string
		headers     h
		status      int
		sub, text   string
	}{
		{"filter and projection", "SELECT c.id FROM c WHERE c.n > 3", cross, 200, "", ""},
		{"join", "SELECT VALUE t FROM c JOIN t IN c.tags", cross, 200, "", ""},
		{"order by", "SELECT * FROM c ORDER BY c.n", cross, 400, "1004", "can not be directly served by the gateway"},
		{"order by one key in the filter", "SELECT * FROM c WHERE c.pk = 'p1' ORDER BY c.n", cross, 200, "", ""},
		{"aggregate over one key in the filter", "SELECT VALUE COUNT(1) FROM c WHERE c.pk = 'p1'", cross,
			400, "1004", ""},
		{"top", "SELECT TOP 1 * FROM c", cross, 400, "1004", ""},
		{"value aggregate", "SELECT VALUE COUNT(1) FROM c", cross, 400, "1004", ""},
		{"other aggregate", "SELECT COUNT(1) AS n FROM c", cross, 400, "",
			"Cross partition query only supports 'VALUE <AggregateFunc>' for aggregates."},
		{"distinct", "SELECT DISTINCT c.m FROM c", cross, 400, "1004", ""},
		{"group by", "SELECT c.m FROM c GROUP BY c.m", cross, 400, "1004", ""},
		{"order by within a key", "SELECT * FROM c ORDER BY c.n", pk("p1"), 200, "", ""},
		{"order by within a range", "SELECT * FROM c ORDER BY c.n",
			h{"x-ms-documentdb-partitionkeyrangeid": "0"}, 200, "", ""},
		{"range with the container's rid", "SELECT * FROM c",
			h{"x-ms-documentdb-partitionkeyrangeid": rid + ",0"}, 200, "", ""},
		{"range of a container that is gone", "SELECT * FROM c",
			h{"x-ms-documentdb-partitionkeyrangeid": "DPZtAKyOj5g=,0"}, 410, "1000", ""},
		{"aggregates within a key", "SELECT COUNT(1) AS n, c.m FROM c GROUP BY c.m", pk("p1"), 200, "", ""},
		{"across without saying so", "SELECT * FROM c", nil, 400, "", "Cross partition query is required but disabled"},
		{"one key in the filter", "SELECT * FROM c WHERE c.pk = 'p1' ORDER BY c.n", nil, 200, "", ""},
		{"range that never was", "SELECT * FROM c", h{"x-ms-documentdb-partitionkeyrangeid": "99"}, 410, "1002", ""},
		{"range that is none", "SELECT * FROM c", h{"x-ms-documentdb-partitionkeyrangeid": "x"}, 400, "",
			"contains invalid value 'x'"},
		{"key that is none", "SELECT * FROM c", h{"x-ms-documentdb-partitionkey": "x"}, 400, "",
			"Partition key x is invalid"},
		{"key too long", "SELECT * FROM c", pk("a", "b"), 400, "", "PartitionKey has more components"},
		{"page size -2", "SELECT * FROM c", cross.and(h{"x-ms-max-item-count": "-2"}), 400, "",
			"The input PageSize -2 is invalid"},
		{"no token", "SELECT * FROM c", cross.and(h{"x-ms-continuation": "!"}), 400, "", "Invalid Continuation Token"},
		{"bound that is none", "SELECT * FROM c", h{"x-ms-documentdb-partitionkeyrangeid": "0", "x-ms-start-epk": "0G"},
			400, "", "x-ms-start-epk header contains invalid value '0G'"},
		{"end that is none", "SELECT * FROM c", h{"x-ms-documentdb-partitionkeyrangeid": "0", "x-ms-end-epk": "x"}, 400,
			"", "x-ms-end-epk header"},
		{"token of nothing", "SELECT * FROM c", cross.and(h{"x-ms-continuation": "e30"}), 400, "",
			"Invalid Continuation Token"},
		{"token of another query", "SELECT * FROM c",
			cross.and(h{"x-ms-continuation": base64.RawURLEncoding.EncodeToString([]byte(`{"k":1}`))}), 400, "",
			"Invalid Continuation Token"},
		{"syntax", "SELECT é FRM c", cross, 400, "", "SC1001"},
		{"unknown function", "SELECT NOPE(1) FROM c", cross, 400, "", "SC2005"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := *s
			s.t = t
			a := s.post(coll, test.query, test.headers).want(t, test.status, test.sub)
			require.Contains(t, a.body, test.text)
		})
	}
}

func TestRefusalCarriesPlan(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	a := s.post(coll, "SELECT * FROM c ORDER BY c.n", cross).want(t, 400, "1004")
	var refused, asked map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.text("additionalErrorInfo")), &refused))
	p := s.do("POST", coll+"/docs",
		h{"x-ms-cosmos-is-query-plan-request": "True", "content-type": "application/query+json",
			"x-ms-cosmos-supported-query-features": "OrderBy, Top"},
		h{"query": "SELECT * FROM c ORDER BY c.n"}).want(t, 200)
	require.NoError(t, json.Unmarshal([]byte(p.body), &asked))
	require.Equal(t, asked, refused)
	require.Equal(t, []any{"Ascending"}, asked["queryInfo"].(map[string]any)["orderBy"])
	s.do("POST", coll+"/docs", h{"x-ms-cosmos-is-query-plan-request": "True"},
		h{"query": "SELECT * FROM c ORDER BY c.n"}).want(t, 400)
}

func TestErrorsSayWhere(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	a := s.post(coll, "SELECT 'é', NOPE(c) FROM c", cross).want(t, 400)
	text, _, _ := strings.Cut(strings.TrimPrefix(a.text("message"), "Message: "), "\r\n")
	var list struct {
		Errors []struct {
			Code     string
			Location struct{ Start, End int }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &list), text)
	require.Equal(t, "SC2005", list.Errors[0].Code)
	require.Equal(t, [2]int{12, 16}, [2]int{list.Errors[0].Location.Start, list.Errors[0].Location.End},
		"characters, not bytes")
	for _, body := range []string{`{}`, `[]`, `{"query":1}`,
		`{"query":"SELECT 1","parameters":[{"name":"x","value":1}]}`,
		`{"query":"SELECT 1","parameters":[{"name":"@x","value":1},{"name":"@x","value":2}]}`} {
		s.do("POST", coll+"/docs", cross.and(h{"content-type": "application/query+json"}), body).want(t, 400)
	}
}

func TestParametersAndMetrics(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.fill(coll, 10)
	require.Equal(t, []any{"x"},
		s.query(coll, "SELECT VALUE @v[0] FROM c WHERE c.n = @n", cross, "@n", 5, "@v", []any{"x"}))
	a := s.post(coll, "SELECT * FROM c",
		pk("p1").and(metrics).and(h{"x-ms-cosmos-populateindexmetrics": "true"})).want(t, 200)
	require.Contains(t, a.header.Get("x-ms-documentdb-query-metrics"), "retrievedDocumentCount=2;")
	for _, query := range []string{"SELECT VALUE 7 FROM c", "SELECT VALUE 7 FROM c ORDER BY c.n"} {
		metrics := s.post(coll, query, pk("p1").and(metrics)).header.Get("x-ms-documentdb-query-metrics")
		require.Regexp(t,
			"retrievedDocumentCount=2;retrievedDocumentSize=[0-9]{3};outputDocumentCount=2;outputDocumentSize=2",
			metrics, query)
	}
	require.Equal(t, "2", a.header.Get("x-ms-item-count"))
	require.Empty(t, a.header.Get("x-ms-continuation"), "other partitions are none of its business")
	v1, err := base64.StdEncoding.DecodeString(a.header.Get("x-ms-cosmos-index-utilization"))
	require.NoError(t, err)
	require.True(t, json.Valid(v1))
	a = s.post(coll, "SELECT * FROM c", cross.and(h{"x-ms-cosmos-populateindexmetrics-V2": "true"})).want(t, 200)
	v2, err := url.PathUnescape(a.header.Get("x-ms-cosmos-index-utilization"))
	require.NoError(t, err)
	require.True(t, json.Valid([]byte(v2)))
	require.Empty(t, s.post(coll, "SELECT * FROM c", cross).header.Get("x-ms-cosmos-index-utilization"))
}

func TestPointInQuery(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.fill(coll, 50)
	a := s.post(coll, "SELECT * FROM c WHERE c.id IN ('1', '11', '2', 5)", pk("p1").and(metrics)).want(t, 200)
	require.Len(t, a.rows("Documents"), 2)
	require.Contains(t, a.header.Get("x-ms-documentdb-query-metrics"), "retrievedDocumentCount=2;",
		"documents with other ids are not looked at")
	require.Equal(t, []any{"1", "11", "21"},
		s.query(coll, "SELECT VALUE c.id FROM c WHERE c.id IN ('21', '11', '1', '1')",
			pk("p1").and(h{"x-ms-max-item-count": "1"})))
}

func TestServeAllAndComposite(t *testing.T) {
	t.Parallel()
	all := newServer(t, func(o *gateway.Options, _ *store.Options) { o.ServeAll = true })
	all.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
	all.do("POST", "/dbs/d/colls", nil,
		`{"id":"c","partitionKey":{"paths":["/pk"],"version":2},"indexingPolicy":{"compositeIndexes":
		[[{"path":"/m","order":"ascending"},{"path":"/n","order":"descending"}],
		[{"path":"/\"order date\""},{"path":"/o/\"a/b\""}]]}}`).want(t, 201)
	coll := "/dbs/d/colls/c"
	all.fill(coll, 6)
	require.Equal(t, []any{5.0, 4.0, 3.0, 2.0, 1.0, 0.0},
		all.query(coll, "SELECT VALUE c.n FROM c ORDER BY c.n DESC", h{"x-ms-max-item-count": "4"}))
	require.Equal(t, []any{6.0}, all.query(coll, "SELECT VALUE COUNT(1) FROM c", nil))
	require.Equal(t, []any{1.0}, all.query(coll, "SELECT VALUE 1", nil),
		"a query without FROM gives one row, not one for each partition")
	for query, status := range map[string]int{
		"SELECT * FROM c ORDER BY c.m ASC, c.n DESC": 200,
		"SELECT * FROM c ORDER BY c.m DESC, c.n ASC": 200,
		"SELECT * FROM c ORDER BY c.m, c.n":          400,
		"SELECT * FROM c ORDER BY c.n, c.m":          400,

		"SELECT * FROM c ORDER BY c['order date'], c.o['a/b']": 200, // whose paths have to stand in quotes
		"SELECT * FROM c ORDER BY c['order date'], c.o.a.b":    400,
	} {
		all.post(coll, query, nil).want(t, status)
	}
}

func TestHierarchicalKeys(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/tenant", "/user")
	for i := range 60 {
		tenant, user := fmt.Sprint("t", i%3), fmt.Sprint("u", i%10)
		s.do("POST", coll+"/docs", pk(tenant, user),
			map[string]any{"id": fmt.Sprint(i), "tenant": tenant, "user": user}).want(t, 201)
	}
	s.do("POST", coll+"/docs", pk("t0"), h{"id": "x", "tenant": "t0"}).want(t, 400)
	s.do("GET", coll+"/docs/1", pk("t1", "u1"), nil).want(t, 200)
	require.Len(t, s.query(coll, "SELECT * FROM c", pk("t1", "u1")), 2)
	require.Len(t, s.query(coll, "SELECT * FROM c", pk("t1").and(cross)), 20)
	require.Equal(t, []any{20.0}, s.query(coll, "SELECT VALUE COUNT(1) FROM c", pk("t1")),
		"a prefix within one partition is served whole")

	// By effective keys, as SDKs do it: below the prefix, in every range that has a part of it, also after a split
	// there.
	c, err := s.account.Container("d", "c")
	require.NoError(t, err)
	lo, hi := c.Definition().PartitionKey.PrefixRange(mustKey(t, `["t1"]`))
	for range 3 {
		found := 0
		for _, r := range c.Ranges() {
			found += len(s.query(coll, "SELECT * FROM c",
				h{"x-ms-documentdb-partitionkeyrangeid": r.ID, "x-ms-start-epk": lo, "x-ms-end-epk": hi,
					"x-ms-read-key-type": "EffectivePartitionKeyRange"}))
		}
		require.Equal(t, 20, found)
		for _, r := range c.Ranges() {
			if r.Contains(lo) {
				_, err := c.Split(r.ID)
				require.NoError(t, err)
			}
		}
	}
}

// What a container's definition says about its documents decides what queries of it mean.
func TestPoliciesOfQueries(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
	s.do("POST", "/dbs/d/colls", nil, `{"id":"c","partitionKey":{"paths":["/pk"],"version":2},
		"computedProperties":[{"name":"lower","query":"SELECT VALUE LOWER(c.name) FROM c"}],
		"vectorEmbeddingPolicy":{"vectorEmbeddings":[
			{"path":"/v","dataType":"Float32","dimensions":2,"distanceFunction":"Euclidean"}]},
		"fullTextPolicy":{"defaultLanguage":"de-DE","fullTextPaths":[
			{"path":"/text","language":"en-US"},{"path":"/other"}]},
		"geospatialConfig":{"type":"Geometry"}}`).want(t, 201)
	coll := "/dbs/d/colls/c"
	for _, doc := range []string{`{"id":"1","pk":"p","name":"ANN","v":[0,3],"text":"running"}`,
		`{"id":"2","pk":"p","name":"Bob","v":[0,1],"text":"ran"}`} {
		s.do("POST", coll+"/docs", pk("p"), doc).want(t, 201)
	}
	require.Equal(t, []any{"1"}, s.query(coll, "SELECT VALUE c.id FROM c WHERE c.lower = 'ann'", pk("p")))
	require.Equal(t, []any{"2", "1"},
		s.query(coll, "SELECT VALUE c.id FROM c ORDER BY VectorDistance(c.v, [0, 0])", pk("p")))
	require.Equal(t, []any{3.0},
		s.query(coll, "SELECT VALUE VectorDistance(c.v, [0, 0]) FROM c WHERE c.id = '1'", pk("p")))
	require.Equal(t, []any{"1"},
		s.query(coll, "SELECT VALUE c.id FROM c WHERE FullTextContains(c.text, 'run')", pk("p")))
	require.Equal(t, []any{5.0}, s.query(coll,
		`SELECT VALUE ST_DISTANCE({"type":"Point","coordinates":[0,0]},{"type":"Point","coordinates":[3,4]})`, pk("p")))
	plan := s.do("POST", coll+"/docs", h{"x-ms-cosmos-is-query-plan-request": "True",
		"x-ms-cosmos-supported-query-features": "NonStreamingOrderBy, OrderBy, Top"},
		h{"query": "SELECT TOP 1 * FROM c ORDER BY VectorDistance(c.v, [0, 0])"}).want(t, 200)
	require.Equal(t, []any{"Ascending"}, plan.get("queryInfo", "orderBy"), "less distance is better")
}

// A resumeFilter begins behind a place that another process has reached.
func TestResumeFilter(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *gateway.Options, so *store.Options) { so.Partitions = 1 })
	coll := s.container("/pk")
	var rids []string
	for i := range 8 {
		doc := map[string]any{"id": fmt.Sprint(i), "pk": "p", "n": i / 2}
		if i == 0 {
			delete(doc, "n")
		}
		rids = append(rids, s.do("POST", coll+"/docs", pk("p"), doc).want(t, 201).text("_rid"))
	}
	for _, test := range []struct {
		order, filter string
		want          []any
	}{
		{"c.n", `{"value":[1],"exclude":true}`, []any{"4", "5", "6", "7"}},
		{"c.n", `{"value":[1],"exclude":false}`, []any{"2", "3", "4", "5", "6", "7"}},
		{"c.n", `{"value":[1],"rid":"` + rids[3] + `","exclude":false}`, []any{"3", "4", "5", "6", "7"}},
		{"c.n", `{"value":[1],"rid":"` + rids[3] + `","exclude":true}`, []any{"4", "5", "6", "7"}},
		{"c.n DESC", `{"value":[2],"exclude":true}`, []any{"3", "2", "1", "0"}},
		{"c.n DESC", `{"value":[2],"exclude":false}`, []any{"5", "4", "3", "2", "1", "0"}},
		{"c.n DESC", `{"value":[2],"rid":"` + rids[4] + `","exclude":false}`, []any{"4", "3", "2", "1", "0"}},
		{"c.n", `{"value":[[]],"exclude":true}`, []any{"1", "2", "3", "4", "5", "6", "7"}},
		{"c.n", `{"value":[99],"exclude":true}`, nil},
	} {
		for _, size := range []string{"-1", "2"} {
			var got []any
			token := ""
			for {
				a := s.do("POST", coll+"/docs", h{"content-type": "application/query+json",
					"x-ms-documentdb-partitionkeyrangeid": "0", "x-ms-max-item-count": size,
					"x-ms-continuation": token}, `{"query":"SELECT VALUE c.id FROM c ORDER BY `+test.order+
					`","resumeFilter":`+test.filter+`}`).want(t, 200)
				got = append(got, a.rows("Documents")...)
				if token = a.header.Get("x-ms-continuation"); token == "" {
					break
				}
			}
			require.Equal(t, test.want, got, "%s %s, pages of %s", test.order, test.filter, size)
		}
	}
	for _, bad := range []string{`{"value":[]}`, `{"value":[{"type":"array","low":1,"high":2}]}`, `{"value":[[1]]}`,
		`{"value":1}`, `5`} {
		s.do("POST", coll+"/docs", pk("p").and(h{"content-type": "application/query+json"}),
			`{"query":"SELECT VALUE c.id FROM c ORDER BY c.n","resumeFilter":`+bad+`}`).want(t, 400)
	}
	s.do("POST", coll+"/docs", pk("p").and(h{"content-type": "application/query+json"}),
		`{"query":"SELECT * FROM c","resumeFilter":{"value":[1]}}`).want(t, 400)
}

// A plan needs no more of a user-defined function than its name, and TOP does not stand beside OFFSET.
func TestPlans(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	plan := h{"x-ms-cosmos-is-query-plan-request": "True", "content-type": "application/query+json",
		"x-ms-cosmos-supported-query-features": "Top,OffsetAndLimit"}
	for query, status := range map[string]int{
		"SELECT VALUE udf.f(c.x) FROM c":         200,
		"SELECT TOP 2 * FROM c OFFSET 0 LIMIT 9": 400,
		"SELECT TOP 2 * FROM c":                  200,
	} {
		s.do("POST", coll+"/docs", plan, h{"query": query}).want(t, status)
	}
}
