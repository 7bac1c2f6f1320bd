package gateway

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	query := map[string]string{"content-type": "application/query+json"}
	for _, test := range []struct {
		name, verb, path string
		headers          map[string]string
		want             Operation
		body, writes     bool
	}{
		{"account", "GET", "/", nil, ReadAccount, false, false},
		{"account, head", "HEAD", "/", nil, ReadAccount, false, false},
		{"databases", "GET", "/dbs", nil, ListDatabases, false, false},
		{"databases, query", "POST", "/dbs", query, ListDatabases, true, false},
		{"database, new", "POST", "/dbs", nil, CreateDatabase, true, true},
		{"database", "GET", "/dbs/d/", nil, ReadDatabase, false, false},
		{"database, delete", "DELETE", "/dbs/d", nil, DeleteDatabase, false, true},
		{"containers", "GET", "/dbs/d/colls", nil, ListContainers, false, false},
		{"containers, query", "POST", "/dbs/d/colls", query, ListContainers, true, false},
		{"container, new", "POST", "/dbs/d/colls", nil, CreateContainer, true, true},
		{"container", "GET", "/dbs/d/colls/c", nil, ReadContainer, false, false},
		{"container, replace", "PUT", "/dbs/d/colls/c", nil, ReplaceContainer, true, true},
		{"container, delete", "DELETE", "/dbs/d/colls/c", nil, DeleteContainer, false, true},
		{"ranges", "GET", "/dbs/d/colls/c/pkranges", map[string]string{"A-IM": "Incremental Feed"}, ReadRanges,
			false, false},
		{"offers", "GET", "/offers", nil, ListOffers, false, false},
		{"offers, query", "POST", "/offers", map[string]string{"content-type": "application/query+json; charset=utf-8"},
			ListOffers, true, false},
		{"offer", "GET", "/offers/Hu+t/", nil, ReadOffer, false, false},
		{"offer, replace", "PUT", "/offers/Hu+t/", nil, ReplaceOffer, true, true},
		{"items", "GET", "/dbs/d/colls/c/docs", nil, List, false, false},
		{"items, changes", "GET", "/dbs/d/colls/c/docs", map[string]string{"A-IM": "Incremental feed"}, ChangeFeed,
			false, false},
		{"item, new", "POST", "/dbs/d/colls/c/docs", nil, Create, true, true},
		{"item, upsert", "POST", "/dbs/d/colls/c/docs", map[string]string{headerUpsert: "True"}, Upsert, true, true},
		{"query", "POST", "/dbs/d/colls/c/docs", query, Query, true, false},
		{"a query's header alone", "POST", "/dbs/d/colls/c/docs", map[string]string{"x-ms-documentdb-isquery": "True"},
			Create, true, true},
		{"a query's text", "POST", "/dbs/d/colls/c/docs", map[string]string{"content-type": "application/sql"},
			Query, true, false},
		{"query by type", "POST", "/dbs/d/colls/c/docs", map[string]string{"content-type": "application/query+json"},
			Query, true, false},
		{"plan before query", "POST", "/dbs/d/colls/c/docs",
			map[string]string{headerPlan: "True", "content-type": "application/query+json"}, QueryPlan, true, false},
		{"batch before all", "POST", "/dbs/d/colls/c/docs",
			map[string]string{headerBatch: "true", "x-ms-cosmos-batch-atomic": "true", headerUpsert: "true"}, Batch,
			true, true},
		{"bulk", "POST", "/dbs/d/colls/c/docs",
			map[string]string{headerBatch: "True", "x-ms-cosmos-batch-atomic": "False"}, Bulk, true, true},
		{"item", "GET", "/dbs/d/colls/c/docs/i", map[string]string{"A-IM": "x"}, Read, false, false},
		{"item, replace", "PUT", "/dbs/d/colls/c/docs/i", nil, Replace, true, true},
		{"item, patch", "PATCH", "/dbs/d/colls/c/docs/i", nil, Patch, true, true},
		{"item, delete", "DELETE", "/dbs/d/colls/c/docs/i", nil, Delete, false, true},
		{"partition key delete", "POST", "/dbs/d/colls/c/operations/partitionkeydelete", nil,
			DeletePartitionKey, false, true},
		{"other operation", "POST", "/dbs/d/colls/c/operations/other", nil, UnknownOperation, false, false},
		{"procedures", "GET", "/dbs/d/colls/c/sprocs", nil, ManageScripts, false, false},
		{"procedure, run", "POST", "/dbs/d/colls/c/sprocs/s", nil, ExecuteScript, true, true},
		{"trigger, new", "POST", "/dbs/d/colls/c/triggers", nil, ManageScripts, true, true},
		{"trigger is not run", "POST", "/dbs/d/colls/c/triggers/t", nil, UnknownOperation, false, false},
		{"function, delete", "DELETE", "/dbs/d/colls/c/udfs/f", nil, ManageScripts, false, true},
		{"conflicts", "GET", "/dbs/d/colls/c/conflicts", nil, ListConflicts, false, false},
		{"conflicts, query", "POST", "/dbs/d/colls/c/conflicts", query, ListConflicts, true, false},
		{"conflict", "GET", "/dbs/d/colls/c/conflicts/x", nil, ListConflicts, false, false},
		{"conflict, delete", "DELETE", "/dbs/d/colls/c/conflicts/x", nil, ListConflicts, false, true},
		{"users", "GET", "/dbs/d/users", nil, ManageUsers, false, false},
		{"user, replace", "PUT", "/dbs/d/users/u", nil, ManageUsers, true, true},
		{"permissions", "GET", "/dbs/d/users/u/permissions", nil, ManagePermissions, false, false},
		{"permission, delete", "DELETE", "/dbs/d/users/u/permissions/p", nil, ManagePermissions, false, true},
		{"nothing", "GET", "/media", nil, UnknownOperation, false, false},
		{"too long", "GET", "/dbs/d/colls/c/docs/i/attachments/a", nil, UnknownOperation, false, false},
		{"no such method", "DELETE", "/dbs/d/colls/c/docs", nil, UnknownOperation, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(test.verb, test.path, nil)
			for name, v := range test.headers {
				r.Header.Set(name, v)
			}
			op := newCall(nil, httptest.NewRecorder(), r, 0).op
			require.Equal(t, test.want, op.name)
			require.Equal(t, []bool{test.body, test.writes}, []bool{op.body, op.writes})
		})
	}
}

// A name may be any word, also one that means something elsewhere in a path.
func TestNamesThatLookLikeKinds(t *testing.T) {
	t.Parallel()
	require.Equal(t, "dbs/*/colls/*/docs/*", shape([]string{"dbs", "colls", "colls", "docs", "docs", "operations"}))
	require.Equal(t, "dbs/*/colls/*/operations/partitionkeydelete",
		shape([]string{"dbs", "d", "colls", "operations", "operations", "partitionkeydelete"}))
	require.Equal(t, "", shape(nil))
}
