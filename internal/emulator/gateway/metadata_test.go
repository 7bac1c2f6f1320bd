package gateway_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.do("GET", "/", nil, nil).want(t, 200)
	var account struct {
		WritableLocations, ReadableLocations []struct{ Name, DatabaseAccountEndpoint string }
		UserConsistencyPolicy                struct{ DefaultConsistencyLevel string }
		QueryEngineConfiguration             string
	}
	require.NoError(t, json.Unmarshal([]byte(a.body), &account))
	require.Equal(t, s.url+"/", account.WritableLocations[0].DatabaseAccountEndpoint,
		"the address that the client used")
	require.Equal(t, "Session", account.UserConsistencyPolicy.DefaultConsistencyLevel)
	require.True(t, json.Valid([]byte(account.QueryEngineConfiguration)))

	s.do("GET", "/dbs", h{"x-ms-consistency-level": "Eventual"}, nil).want(t, 200)
	a = s.do("GET", "/dbs", h{"x-ms-consistency-level": "Strong"}, nil).want(t, 400)
	require.Contains(t, a.body, "ConsistencyLevel Strong specified in the request is invalid")
	require.Contains(t, s.do("DELETE", "/dbs", nil, nil).want(t, 400).body, "Request url is invalid")
	for _, path := range []string{"/nothing", "/offers/offers/Hu+t/", "/dbs/d/views"} {
		// The JavaScript SDK signs such a path as something else than its last parts.
		a = s.signed("PUT", path, "offers", "offers/hu+t/", nil).want(t, 400, "")
		require.Contains(t, a.body, "Request url is invalid", path)
		s.raw("PUT", path, nil, nil).want(t, 401)
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		multi    bool
		writable int
	}{{"one writes", false, 1}, {"all write", true, 2}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(_ *gateway.Options, o *store.Options) {
				o.Regions, o.MultiWrite = []string{"West US", "East US"}, test.multi
			})
			s.gateway.Serve(1, "east:2")
			a := s.do("GET", "/", nil, nil).want(t, 200)
			require.Len(t, a.rows("writableLocations"), test.writable)
			require.Contains(t, a.body, `"databaseAccountEndpoint":"http://east:2/"`)
		})
	}
}

func TestDatabases(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	a := s.do("POST", "/dbs", nil, `{"id":"d","_ts":1}`).want(t, 201)
	require.Regexp(t, `^\{"id":"d","_rid":"[^"]{6}==","_self":"dbs/[^"]{6}==/","_etag":"\\".+\\"","_colls":"colls/",`+
		`"_users":"users/","_ts":\d{10}\}$`, a.body)
	s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 409)
	for _, id := range []string{"", "a/b", `a\b`, "a?b", "a#b", "a ", strings.Repeat("x", 256)} {
		s.do("POST", "/dbs", nil, h{"id": id}).want(t, 400)
	}
	s.do("POST", "/dbs", nil, `{"id":1}`).want(t, 400)
	s.do("POST", "/dbs", nil, `{`).want(t, 400)
	s.do("POST", "/dbs", nil, h{"id": "D"}).want(t, 201)
	s.do("GET", "/dbs/x", nil, nil).want(t, 404)
	require.Equal(t, a.body, s.do("GET", "/dbs/d", nil, nil).want(t, 200).body)

	list := s.do("GET", "/dbs", h{"x-ms-max-item-count": "1"}, nil).want(t, 200)
	require.Equal(t, []any{1.0, ""}, []any{list.get("_count"), list.get("_rid")})
	require.Equal(t, "1", list.header.Get("x-ms-item-count"))
	next := s.do("GET", "/dbs", h{"x-ms-continuation": list.header.Get("x-ms-continuation")}, nil).want(t, 200)
	require.Contains(t, next.body, `"id":"D"`)
	require.Len(t, next.rows("Databases"), 1)
	require.Empty(t, next.header.Get("x-ms-continuation"))

	q := s.do("POST", "/dbs", h{"content-type": "application/query+json"}, map[string]any{
		"query":      "SELECT * FROM root r WHERE r.id=@id",
		"parameters": []any{map[string]any{"name": "@id", "value": "D"}}}).want(t, 200)
	require.Len(t, q.rows("Databases"), 1)
	s.do("DELETE", "/dbs/d", h{"if-match": `"x"`}, nil).want(t, 412)
	require.Empty(t, s.do("DELETE", "/dbs/d", nil, nil).want(t, 204).body)
	s.do("GET", "/dbs/d/colls", nil, nil).want(t, 404, "")
}

func TestContainers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
	a := s.do("POST", "/dbs/d/colls", nil,
		`{"id":"c","partitionKey":{"paths":["/pk"]},"mine":[1],"uniqueKeyPolicy":null,
		"indexingPolicy":{"compositeIndexes":[[
			{"path":"/a","order":"ascending"},{"path":"/b","order":"descending"}]]}}`).want(t, 201)
	require.Equal(t, map[string]any{"paths": []any{"/pk"}, "kind": "Hash"}, a.get("partitionKey"),
		"an absent version is 1, and stays absent")
	require.NotContains(t, a.body, "mine", "members that the service does not know are dropped")
	require.Equal(t, "consistent", a.get("indexingPolicy", "indexingMode"))
	require.Equal(t, []any{map[string]any{"path": "/*"}}, a.get("indexingPolicy", "includedPaths"))
	require.NotContains(t, a.body, "uniqueKeyPolicy")
	for _, name := range []string{"_rid", "_self", "_etag", "_docs", "_sprocs", "_triggers", "_udfs", "_conflicts"} {
		require.NotEmpty(t, a.text(name), name)
	}
	s.do("POST", "/dbs/d/colls", nil, `{"id":"c","partitionKey":{"paths":["/pk"]}}`).want(t, 409)
	s.do("POST", "/dbs/x/colls", nil, `{"id":"c","partitionKey":{"paths":["/pk"]}}`).want(t, 404, "")
	s.do("GET", "/dbs/d/colls/x", nil, nil).want(t, 404)
	s.do("GET", "/dbs/d/colls/x/docs/1", pk("p"), nil).want(t, 404, "")

	for _, test := range []struct{ name, body string }{
		{"no key", `{"id":"x"}`},
		{"no paths", `{"id":"x","partitionKey":{"paths":[]}}`},
		{"two paths in a hash", `{"id":"x","partitionKey":{"paths":["/a","/b"],"kind":"Hash"}}`},
		{"hierarchy of version 1", `{"id":"x","partitionKey":{"paths":["/a","/b"],"kind":"MultiHash","version":1}}`},
		{"four levels", `{"id":"x","partitionKey":{"paths":["/a","/b","/c","/d"],"kind":"MultiHash","version":2}}`},
		{"unknown kind", `{"id":"x","partitionKey":{"paths":["/a"],"kind":"Range"}}`},
		{"bad path", `{"id":"x","partitionKey":{"paths":["a"]}}`},
		{"version 3", `{"id":"x","partitionKey":{"paths":["/a"],"version":3}}`},
		{"no root path",
			`{"id":"x","partitionKey":{"paths":["/a"]},"indexingPolicy":{"includedPaths":[{"path":"/b/?"}]}}`},
		{"unknown mode", `{"id":"x","partitionKey":{"paths":["/a"]},"indexingPolicy":{"indexingMode":"eager"}}`},
		{"composite of one",
			`{"id":"x","partitionKey":{"paths":["/a"]},"indexingPolicy":{"compositeIndexes":[[{"path":"/a"}]]}}`},
		{"ttl 0", `{"id":"x","partitionKey":{"paths":["/a"]},"defaultTtl":0}`},
		{"unique key without paths",
			`{"id":"x","partitionKey":{"paths":["/a"]},"uniqueKeyPolicy":{"uniqueKeys":[{"paths":[]}]}}`},
		{"computed property that is not one",
			`{"id":"x","partitionKey":{"paths":["/a"]},"computedProperties":[{"name":"x","query":"SELECT * FROM c"}]}`},
		{"computed property of a system name", `{"id":"x","partitionKey":{"paths":["/a"]},` +
			`"computedProperties":[{"name":"id","query":"SELECT VALUE c.a FROM c"}]}`},
	} {
		t.Run(test.name, func(t *testing.T) { s.do("POST", "/dbs/d/colls", nil, test.body).want(t, 400) })
	}

	put := func(body string, headers h) answer { return s.do("PUT", "/dbs/d/colls/c", headers, body) }
	b := put(`{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":1},"defaultTtl":60}`,
		h{"if-match": a.text("_etag")}).want(t, 200)
	require.Equal(t, a.text("_rid"), b.text("_rid"))
	require.NotEqual(t, a.text("_etag"), b.text("_etag"))
	put(`{"id":"c","partitionKey":{"paths":["/pk"]}}`, h{"if-match": a.text("_etag")}).want(t, 412)
	put(`{"id":"c","partitionKey":{"paths":["/other"]}}`, nil).want(t, 400)
	put(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2}}`, nil).want(t, 400)
	put(`{"id":"c","partitionKey":{"paths":["/pk"]},"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/e"]}]}}`,
		nil).want(t, 403)
	put(`{"id":"c","partitionKey":{"paths":["/pk"]},"conflictResolutionPolicy":{"mode":"Custom"}}`, nil).want(t, 400)
	put(`{"id":"z","partitionKey":{"paths":["/pk"]}}`, nil).want(t, 400)

	q := s.do("POST", "/dbs/d/colls", h{"content-type": "application/query+json"},
		h{"query": "SELECT VALUE c.id FROM c"}).want(t, 200)
	require.Equal(t, []any{"c"}, q.rows("DocumentCollections"))
	s.do("GET", "/dbs/d/colls/c/docs", h{"x-ms-cosmos-intended-collection-rid": "other"}, nil).want(t, 400, "1024")
	quota := s.do("GET", "/dbs/d/colls/c", h{"x-ms-documentdb-populatequotainfo": "true"}, nil).want(t, 200)
	require.Contains(t, quota.header.Get("x-ms-resource-usage"), "documentsCount=0;")
	s.do("DELETE", "/dbs/d/colls/c", nil, nil).want(t, 204)
	require.Empty(t, s.do("GET", "/offers", nil, nil).rows("Offers"))
}

func TestRangeFeed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	read := func(etag string) answer {
		return s.do("GET", coll+"/pkranges",
			h{"a-im": "Incremental Feed", "if-none-match": etag, "x-ms-max-item-count": "-1"}, nil)
	}
	a := read("").want(t, 200)
	first := a.rows("PartitionKeyRanges")[0].(map[string]any)
	require.Equal(t, []any{"0", "", []any{}, "online"},
		[]any{first["id"], first["minInclusive"], first["parents"], first["status"]})
	require.Len(t, a.rows("PartitionKeyRanges"), 4)
	same := read(a.header.Get("etag")).want(t, 304)
	require.Equal(t, []string{a.header.Get("etag"), ""}, []string{same.header.Get("etag"), same.body})

	c, err := s.account.Container("d", "c")
	require.NoError(t, err)
	_, err = c.Split("1")
	require.NoError(t, err)
	b := read(a.header.Get("etag")).want(t, 200)
	require.Len(t, b.rows("PartitionKeyRanges"), 2, "only what is new")
	child := b.rows("PartitionKeyRanges")[1].(map[string]any)
	require.Equal(t, []any{"5", []any{"1"}}, []any{child["id"], child["parents"]})
	read(b.header.Get("etag")).want(t, 304)
	require.Len(t, s.do("GET", coll+"/pkranges", h{"if-none-match": b.header.Get("etag")}, nil).want(t, 200).
		rows("PartitionKeyRanges"), 5,
		"only what lives, and all of it to who does not ask for changes")
}

// A range that is about to be split is shown again, with its new status and the same parents, by the feed of changes.
func TestRangesThatSplit(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *gateway.Options, o *store.Options) { o.Partitions = 2 })
	coll := s.container("/pk")
	etag := ""
	read := func() (shown [][]any) {
		a := s.do("GET", coll+"/pkranges",
			h{"a-im": "Incremental Feed", "if-none-match": etag, "x-ms-max-item-count": "-1"}, nil)
		etag = a.header.Get("etag")
		if a.status == 304 {
			return nil
		}
		for _, r := range a.want(t, 200).rows("PartitionKeyRanges") {
			r := r.(map[string]any)
			shown = append(shown, []any{r["id"], r["status"], r["parents"]})
		}
		return shown
	}
	require.Len(t, read(), 2)
	c, err := s.account.Container("d", "c")
	require.NoError(t, err)
	split, err := c.BeginSplit("0", "")
	require.NoError(t, err)
	advance := func() {
		_, err := split.Advance()
		require.NoError(t, err)
	}
	require.Equal(t, [][]any{{"0", "splitting", []any{}}}, read())
	require.Nil(t, read())
	advance()
	require.Nil(t, read())
	gone := s.do("GET", coll+"/docs", h{"x-ms-documentdb-partitionkeyrangeid": "0"}, nil).want(t, 410, "1007")
	require.Contains(t, gone.body, `"code":"Gone"`)
	s.do("GET", coll+"/docs", h{"x-ms-documentdb-partitionkeyrangeid": "1"}, nil).want(t, 200)
	advance()
	require.Equal(t, [][]any{{"2", "online", []any{"0"}}, {"3", "online", []any{"0"}}}, read())
	s.do("GET", coll+"/docs", h{"x-ms-documentdb-partitionkeyrangeid": "0"}, nil).want(t, 410, "1002")
	s.do("GET", coll+"/docs", h{"x-ms-documentdb-partitionkeyrangeid": "3"}, nil).want(t, 410, "1007")
	advance()
	require.Nil(t, read())
	s.do("GET", coll+"/docs", h{"x-ms-documentdb-partitionkeyrangeid": "3"}, nil).want(t, 200)
	_, err = c.BeginSplit("2", "")
	require.NoError(t, err)
	require.Equal(t, [][]any{{"2", "splitting", []any{"0"}}}, read(),
		"a child whose parent is gone, as the service shows it")
}

func TestEncryptionKeys(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
	const feed = "/dbs/d/clientencryptionkeys"
	key := `{"id":"k","encryptionAlgorithm":"AEAD_AES_256_CBC_HMAC_SHA256","wrappedDataEncryptionKey":"AAEC",` +
		`"keyWrapMetadata":{"name":"m","type":"t","value":"v"}}`
	a := s.do("POST", feed, nil, key).want(t, 201)
	s.do("POST", feed, nil, key).want(t, 409)
	s.do("POST", feed, nil, `{"id":"x"}`).want(t, 400)
	require.Equal(t, a.body, s.do("GET", feed+"/k", nil, nil).want(t, 200).body)
	require.Len(t, s.do("GET", feed, nil, nil).want(t, 200).rows("ClientEncryptionKeys"), 1)
	require.Len(t, s.do("POST", feed, h{"content-type": "application/query+json"},
		h{"query": "SELECT * FROM c WHERE c.id = 'k'"}).want(t, 200).rows("ClientEncryptionKeys"), 1)
	s.do("PUT", feed+"/k", h{"if-match": `"x"`}, key).want(t, 412)
	b := s.do("PUT", feed+"/k", nil, strings.Replace(key, "AAEC", "AAED", 1)).want(t, 200)
	require.Equal(t, []string{a.text("_rid"), "AAED"}, []string{b.text("_rid"), b.text("wrappedDataEncryptionKey")})
	s.do("GET", feed+"/none", nil, nil).want(t, 404)
}

// Clients of old versions make containers without a partition key, and go on reading them.
func TestContainersWithoutAKey(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
	old := h{"x-ms-version": "2018-06-18"}
	a := s.do("POST", "/dbs/d/colls", old, h{"id": "c"}).want(t, 201)
	require.Equal(t, map[string]any{"paths": []any{"/_partitionKey"}, "kind": "Hash", "systemKey": true},
		a.get("partitionKey"))
	for version, status := range map[string]int{
		"2015-12-16": 201, "2018-08-31": 201, "2018-09-17": 201, "2018-12-31": 400, "2020-07-15": 400,
	} {
		s.do("POST", "/dbs/d/colls", h{"x-ms-version": version}, h{"id": version}).want(t, status)
	}
	s.do("POST", "/dbs/d/colls", nil, h{"id": "x"}).want(t, 400)
	s.do("POST", "/dbs/d/colls/c/docs", old, h{"id": "1"}).want(t, 201)
	for _, headers := range []h{old, nil, {"x-ms-documentdb-partitionkey": "[]"},
		{"x-ms-documentdb-partitionkey": "[{}]"}} {
		s.do("GET", "/dbs/d/colls/c/docs/1", headers, nil).want(t, 200)
	}
	require.Empty(t, s.do("GET", "/dbs/d/colls/c/docs/1/attachments", old, nil).want(t, 200).rows("Attachments"))
	s.do("DELETE", "/dbs/d/colls/c/docs/1", old, nil).want(t, 204)
}
