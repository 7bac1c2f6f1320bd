package gateway_test

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What every answer of a replica has, whatever it is about; refusals too. Clients wait for some of them.
func TestHeadersOfReplicas(t *testing.T) {
	t.Parallel()
	s := sdkServer(t)
	const coll = "/dbs/d/colls/c"
	query := h{"content-type": "application/query+json", "x-ms-documentdb-isquery": "True"}
	s.do("POST", "/dbs/d/users", nil, h{"id": "u"}).want(t, 201)
	paths := []string{"x-ms-alt-content-path", "x-ms-content-path"}
	for _, test := range []struct {
		name, verb, path string
		headers          h
		body             any
		status           int
		absent           []string
	}{
		{"document", "GET", coll + "/docs/1", pk("a"), nil, 200, nil},
		{"query", "POST", coll + "/docs", query.and(pk("a")), h{"query": "SELECT * FROM c"}, 200, nil},
		{"feed", "GET", coll + "/docs", nil, nil, 200, nil},
		{"changes", "GET", coll + "/docs", pk("a").and(h{"a-im": "Incremental Feed"}), nil, 200, nil},
		{"no changes", "GET", coll + "/docs", pk("a").and(h{"a-im": "Incremental Feed", "if-none-match": "*"}),
			nil, 304, nil},
		{"batch", "POST", coll + "/docs", pk("a").and(atomicBatch), `[{"operationType":"Read","id":"1"}]`, 200, nil},
		{"create", "POST", coll + "/docs", pk("a"), h{"id": "3", "pk": "a"}, 201, nil},
		{"delete", "DELETE", coll + "/docs/3", pk("a"), nil, 204, nil},
		{"not there", "GET", coll + "/docs/none", pk("a"), nil, 404, paths},
		{"there already", "POST", coll + "/docs", pk("a"), h{"id": "1", "pk": "a"}, 409, paths},
		{"changed", "DELETE", coll + "/docs/1", pk("a").and(h{"if-match": `"x"`}), nil, 412, paths},
		{"not there: replace", "PUT", coll + "/docs/none", pk("a"), h{"id": "none", "pk": "a"}, 404, paths},
		{"not there: patch", "PATCH", coll + "/docs/none", pk("a"), `[{"op":"add","path":"/n","value":1}]`, 404, paths},
		{"database", "GET", "/dbs/d", nil, nil, 200, []string{"x-ms-alt-content-path"}},
		{"container", "GET", coll, nil, nil, 200, nil},
		{"no container", "GET", "/dbs/d/colls/none", nil, nil, 404, []string{"x-ms-alt-content-path"}},
		{"user", "GET", "/dbs/d/users/u", nil, nil, 200, nil},
		{"permission", "POST", "/dbs/d/users/u/permissions", nil,
			h{"id": "p", "permissionMode": "Read", "resource": "dbs/d/colls/c"}, 201, nil},
		{"offers", "GET", "/offers", nil, nil, 200, []string{"x-ms-alt-content-path"}},
		{"procedure", "POST", coll + "/sprocs", nil, h{"id": "s", "body": "function () {}"}, 201, nil},
		{"procedures", "GET", coll + "/sprocs", nil, nil, 200, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := s.do(test.verb, test.path, test.headers, test.body).want(t, test.status)
			for _, name := range []string{"x-ms-activity-id", "x-ms-gatewayversion", "lsn", "x-ms-cosmos-llsn",
				"x-ms-global-committed-lsn", "x-ms-last-state-change-utc", "x-ms-number-of-read-regions",
				"x-ms-request-charge", "x-ms-request-duration-ms", "x-ms-schemaversion", "x-ms-serviceversion",
				"x-ms-session-token", "x-ms-transport-request-id", "x-ms-xp-role"} {
				require.NotEmpty(t, a.header.Get(name), name)
			}
			for _, name := range test.absent {
				require.Empty(t, a.header.Get(name), name)
			}
			_, err := strconv.ParseFloat(a.header.Get("x-ms-request-duration-ms"), 64)
			require.NoError(t, err)
		})
	}
	account := s.do("GET", "/", nil, nil).want(t, 200).header
	for _, name := range []string{"max-media-storage-usage-mb", "media-storage-usage-mb", "databaseaccount-consumed-mb",
		"databaseaccount-reserved-mb", "databaseaccount-provisioned-mb"} {
		require.Equal(t, "0", account.Get("x-ms-"+name), name)
	}
	require.Empty(t, account.Get("x-ms-activity-id")+account.Get("x-ms-request-charge"))
}

// The owner that an answer names is that of the resource answered: a client makes links of it.
func TestOwners(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	database := s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
	const coll = "/dbs/d/colls/c"
	body := `{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}}`
	made := s.do("POST", "/dbs/d/colls", nil, body).want(t, 201)
	rid, own := database.text("_rid"), made.text("_rid")
	doc := s.do("POST", coll+"/docs", pk("a"), h{"id": "1", "pk": "a"}).want(t, 201)
	for name, test := range map[string]struct {
		a         answer
		path, rid string
	}{
		"container made":     {made, "dbs/d", ""},
		"container read":     {s.do("GET", coll, nil, nil), "dbs/d", rid},
		"container by rid":   {s.do("GET", "/"+made.text("_self"), nil, nil), "dbs/d", rid},
		"container replaced": {s.do("PUT", coll, nil, body), "dbs/d", ""},
		"document made":      {doc, "dbs/d/colls/c", own},
		"document read":      {s.do("GET", coll+"/docs/1", pk("a"), nil), "dbs/d/colls/c", own},
		"document by rid":    {s.do("GET", "/"+doc.text("_self"), pk("a"), nil), "dbs/d/colls/c", own},
		"query":              {s.post(coll, "SELECT * FROM c", pk("a")), "dbs/d/colls/c", own},
		"feed":               {s.do("GET", coll+"/docs", nil, nil), "dbs/d/colls/c", own},
		"ranges":             {s.do("GET", coll+"/pkranges", nil, nil), "dbs/d/colls/c", own},
	} {
		require.Equal(t, []string{test.path, test.rid},
			[]string{test.a.header.Get("x-ms-alt-content-path"), test.a.header.Get("x-ms-content-path")}, name)
	}
}

// What is not asked for is not answered: neither unasked, nor for "False".
func TestOnlyWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	s := sdkServer(t)
	const coll = "/dbs/d/colls/c"
	query := func(headers h) answer {
		return s.post(coll, "SELECT * FROM c WHERE CONTAINS(c.id, '1')", pk("a").and(headers))
	}
	read := func(headers h) answer { return s.do("GET", coll, headers, nil) }
	for _, test := range []struct {
		ask    string
		do     func(h) answer
		header string
	}{
		{"x-ms-documentdb-populatequerymetrics", query, "x-ms-documentdb-query-metrics"},
		{"x-ms-cosmos-populateindexmetrics", query, "x-ms-cosmos-index-utilization"},
		{"x-ms-cosmos-populateindexmetrics-V2", query, "x-ms-cosmos-index-utilization"},
		{"x-ms-cosmos-populatequeryadvice", query, "x-ms-cosmos-query-advice"},
		{"x-ms-documentdb-populatequotainfo", read, "x-ms-resource-usage"},
	} {
		for value, want := range map[string]bool{
			"": false, "False": false, "false": false, "0": false, "True": true, "true": true,
		} {
			require.Equal(t, want, test.do(h{test.ask: value}).want(t, 200).header.Get(test.header) != "",
				test.ask+" "+value)
		}
	}
	for value, want := range map[string]bool{"": false, "False": false, "True": true, "true": true} {
		a := read(h{"x-ms-documentdb-populatepartitionstatistics": value}).want(t, 200)
		require.Equal(t, want, a.get("statistics") != nil, value)
	}
}

// Headers that cannot both hold, or that say nothing, are refused.
func TestHeadersThatDoNotHold(t *testing.T) {
	t.Parallel()
	const coll = "/dbs/d/colls/c"
	query := h{"content-type": "application/query+json", "x-ms-documentdb-isquery": "True"}
	doc, made := h{"id": "9", "pk": "a"}, `{"id":"x","partitionKey":{"paths":["/pk"],"version":2}}`
	both := h{"x-ms-consistency-level": "Eventual", "x-ms-cosmos-read-consistency-strategy": "Eventual"}
	run(t, []sdkCase{
		{"level and strategy: read", "GET", coll + "/docs/1", pk("a").and(both), nil, 400, "", ""},
		{"level and strategy: query", "POST", coll + "/docs", pk("a").and(both).and(query),
			h{"query": "SELECT * FROM c"}, 400, "", ""},
		{"level and strategy: feed", "GET", coll + "/docs", both, nil, 400, "", ""},
		{"strategy that there is not", "GET", coll + "/docs/1",
			pk("a").and(h{"x-ms-cosmos-read-consistency-strategy": "Nope"}), nil, 400, "", ""},
		{"strategy of a Strong account", "GET", coll + "/docs/1",
			pk("a").and(h{"x-ms-cosmos-read-consistency-strategy": "GlobalStrong"}), nil, 400, "", ""},
		{"level above the account's", "GET", coll + "/docs/1", pk("a").and(h{"x-ms-consistency-level": "Strong"}), nil,
			400, "", "ConsistencyLevel Strong specified in the request is invalid"},
		{"level above the account's: create", "POST", coll + "/docs",
			pk("a").and(h{"x-ms-consistency-level": "BoundedStaleness"}), doc, 400, "", ""},
		{"level above the account's: account", "GET", "/", h{"x-ms-consistency-level": "Strong"}, nil, 200, "", ""},
		{"level that there is not", "GET", coll + "/docs/1", pk("a").and(h{"x-ms-consistency-level": "Sometimes"}),
			nil, 400, "", ""},
		{"manual and autoscale", "POST", "/dbs/d/colls",
			h{"x-ms-offer-throughput": "400", "x-ms-cosmos-offer-autopilot-settings": `{"maxThroughput":4000}`},
			made, 400, "", ""},
		{"autoscale that is no JSON", "POST", "/dbs/d/colls", h{"x-ms-cosmos-offer-autopilot-settings": "4000"},
			made, 400, "", ""},
		{"throughput below 0", "POST", "/dbs/d/colls", h{"x-ms-offer-throughput": "-200"}, made, 400, "",
			"valid throughput values between 400"},
		{"autoscale below 0", "POST", "/dbs/d/colls",
			h{"x-ms-cosmos-offer-autopilot-settings": `{"maxThroughput":-200}`}, made, 400, "",
			"Requested throughput -200 is less than required minimum throughput 1000"},
		{"indexing directive", "POST", coll + "/docs", pk("a").and(h{"x-ms-indexing-directive": "Nope"}), doc, 400,
			"", ""},
		{"session token: read", "GET", coll + "/docs/1", pk("a").and(h{"x-ms-session-token": "x"}), nil, 400, "", ""},
		{"session token to come: create", "POST", coll + "/docs", pk("a").and(h{"x-ms-session-token": "0:-1#99"}),
			doc, 201, "", ""},
		{"page size", "GET", coll + "/docs", h{"x-ms-max-item-count": "many"}, nil, 400, "", "PageSize"},
	})
}

// The charge of several operations is the sum of theirs, whether they succeed or fail.
func TestChargesAddUp(t *testing.T) {
	t.Parallel()
	s := sdkServer(t)
	inBulk := bulk.and(h{"x-ms-documentdb-partitionkeyrangeid": "0"})
	for name, test := range map[string]struct {
		headers h
		body    string
		status  int
	}{
		"failed": {pk("a").and(atomicBatch),
			`[{"operationType":"Create","resourceBody":{"id":"7","pk":"a"}},
			{"operationType":"Create","resourceBody":{"id":"1","pk":"a"}},
			{"operationType":"Create","resourceBody":{"id":"8","pk":"a"}}]`, 207},
		"done": {pk("a").and(atomicBatch),
			`[{"operationType":"Read","id":"1"},
			{"operationType":"Patch","id":"1","resourceBody":{"operations":[{"op":"add","path":"/n","value":1}]}},
			{"operationType":"Upsert","resourceBody":{"id":"9","pk":"a","x":[1,2,3]}},
			{"operationType":"Delete","id":"9"}]`,
			200},
		"not there": {pk("a").and(atomicBatch), `[{"operationType":"Delete","id":"none"}]`, 207},
		"bulk": {inBulk,
			`[{"operationType":"Create","partitionKey":"[\"a\"]","resourceBody":{"id":"10","pk":"a"}},
			{"operationType":"Read","id":"none","partitionKey":"[\"a\"]"},
			{"operationType":"Create","partitionKey":"[\"b\"]","resourceBody":{"id":"2","pk":"b"}}]`, 207},
	} {
		a := s.do("POST", "/dbs/d/colls/c/docs", test.headers, test.body).want(t, test.status)
		charge, err := strconv.ParseFloat(a.header.Get("x-ms-request-charge"), 64)
		require.NoError(t, err)
		sum := 0.0
		for _, r := range a.results(t) {
			sum += r.RequestCharge
		}
		require.Less(t, math.Abs(sum-charge), 0.02, "%s: %v %s", name, charge, a.body)
	}
	require.Equal(t, "6.29", s.do("POST", "/dbs/d/colls/c/docs", pk("a"),
		`{"id":"n","pk":"a","n":1}`).want(t, 201).header.Get("x-ms-request-charge"))
}

// A read of a batch or bulk with a condition answers 304 where the caller has what there is.
func TestConditionsOfReadsInABulk(t *testing.T) {
	t.Parallel()
	s := sdkServer(t)
	etag := s.do("GET", "/dbs/d/colls/c/docs/1", pk("a"), nil).text("_etag")
	inBulk := bulk.and(h{"x-ms-documentdb-partitionkeyrangeid": "0"})
	for _, test := range []struct {
		condition, etag string
		status          int
	}{{"ifMatch", etag, 304}, {"ifNoneMatch", etag, 304}, {"ifNoneMatch", `"x"`, 200}} {
		op, _ := json.Marshal([]any{h{"operationType": "Read", "id": "1", "partitionKey": `["a"]`,
			test.condition: test.etag}})
		all := s.do("POST", "/dbs/d/colls/c/docs", inBulk, string(op)).results(t)
		require.Equal(t, []int{test.status}, statuses(all), test.condition)
	}
}

// The first request of a client in direct mode is told what to do, however it is written.
func TestDirectModeOfEachLanguage(t *testing.T) {
	t.Parallel()
	s := sdkServer(t)
	for _, path := range []string{"/addresses/?$resolveFor=dbs&$filter=protocol%20eq%20rntbd",
		"//addresses/?$resolveFor=dbs&$filter=protocol%20eq%20rntbd",
		"/addresses?$resolveFor=dbs%2fd%2fcolls%2fc%2fdocs&$filter=protocol%20eq%20rntbd&$partitionKeyRangeIds=0",
		"/addresses"} {
		for kind, link := range map[string]string{"dbs": "", "docs": "dbs/d/colls/c"} {
			require.Contains(t, s.signed("GET", path, kind, link, nil).want(t, 400).text("message"),
				"gatewayMode() in Java", path)
		}
		require.Contains(t, s.raw("GET", path, nil, nil).want(t, 400).text("message"),
			"ConnectionMode.Gateway in .NET", path)
	}
}

// A token for less than a container reads what every client reads of it first, and changes nothing of it.
func TestTokensOfParts(t *testing.T) {
	t.Parallel()
	s := sdkServer(t)
	const coll = "/dbs/d/colls/c"
	s.do("POST", coll+"/sprocs", nil, h{"id": "s", "body": "function () {}"}).want(t, 201)
	replaced := `{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},"defaultTtl":5}`
	for mode, resource := range map[string]string{
		"All":  "dbs/d/colls/c/docs/1",
		"Read": "dbs/d/colls/c/docs/1",
		"all":  "dbs/d/colls/c/sprocs/s",
	} {
		name := mode + " " + resource
		user := s.do("POST", "/dbs/d/users", nil, h{"id": strings.ReplaceAll(name, "/", "-")}).want(t, 201).text("id")
		permission := map[string]any{"id": "p", "permissionMode": mode, "resource": resource,
			"resourcePartitionKey": []any{"a"}}
		if strings.Contains(resource, "sprocs") {
			delete(permission, "resourcePartitionKey")
		}
		token := h{"authorization": s.do("POST", "/dbs/d/users/"+user+"/permissions", nil,
			permission).want(t, 201).text("_token")}
		status := func(path, verb string, headers h, body any) int {
			return s.raw(verb, path, pk("a").and(headers).and(token), body).status
		}
		require.Equal(t, 200, status(coll, "GET", nil, nil), name)
		require.Equal(t, 200, status(coll+"/pkranges", "GET", nil, nil), name)
		require.Equal(t, 403, status(coll, "PUT", nil, replaced), name)
		require.Equal(t, 403, status(coll, "DELETE", nil, nil), name)
		require.Equal(t, 403, status(coll+"/docs/2", "GET", nil, nil), name)
		require.Equal(t, 403, status(coll+"/docs", "POST", nil, h{"id": "3", "pk": "a"}), name)
		require.Equal(t, 403, status("/dbs/d", "GET", nil, nil), name)
		if strings.Contains(resource, "docs") {
			require.Equal(t, 200, status(coll+"/docs/1", "GET", nil, nil), name)
			write := map[bool]int{true: 200, false: 403}[mode == "All"]
			require.Equal(t, write, status(coll+"/docs/1", "PUT", nil, h{"id": "1", "pk": "a"}), name)
			require.Equal(t, 403, status(coll+"/docs/1", "PUT", pk("b"), h{"id": "1", "pk": "b"}), name)
		}
	}
}
