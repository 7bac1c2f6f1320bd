package gateway_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// twoWriters is an account of two regions that both write, whose container c has a policy of conflicts; far is the
// second region's address.
func twoWriters(t *testing.T, policy string, e *engine) (near, far *server) {
	t.Helper()
	near = newServer(t, func(o *gateway.Options, so *store.Options) {
		so.Regions, so.MultiWrite, so.Partitions = []string{"West US", "East US"}, true, 1
		if e != nil {
			o.Scripts = e
		}
	})
	far = near.far()
	near.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
	near.do("POST", "/dbs/d/colls", nil, `{"id":"c","partitionKey":{"paths":["/pk"],"version":2},`+
		`"conflictResolutionPolicy":`+policy+`}`).want(t, 201)
	return near, far
}

// meet has both regions create a document of the same id before they know of each other.
func meet(t *testing.T, near, far *server) {
	t.Helper()
	knows := pk("p").and(h{"x-ms-cosmos-allow-tentative-writes": "true"})
	require.NoError(t, near.account.Pause(-1, -1, true))
	near.do("POST", "/dbs/d/colls/c/docs", knows, h{"id": "1", "pk": "p", "from": "near"}).want(t, 201)
	far.do("POST", "/dbs/d/colls/c/docs", knows, h{"id": "1", "pk": "p", "from": "far"}).want(t, 201)
	require.NoError(t, near.account.Pause(-1, -1, false))
}

// The feed of conflicts has the write that did not happen, until a user says that it is resolved.
func TestConflictFeed(t *testing.T) {
	t.Parallel()
	near, far := twoWriters(t, `{"mode":"Custom"}`, nil)
	meet(t, near, far)
	const feed = "/dbs/d/colls/c/conflicts"
	list := near.do("GET", feed, nil, nil).want(t, 200)
	require.Len(t, list.rows("Conflicts"), 1)
	require.Equal(t, "1", list.header.Get("x-ms-request-charge"))
	require.NotEmpty(t, list.header.Get("x-ms-session-token"))
	conflict := list.rows("Conflicts")[0].(map[string]any)
	require.Equal(t, []any{"create", "document"}, []any{conflict["operationType"], conflict["resourceType"]})
	id := conflict["id"].(string)
	one := near.do("GET", feed+"/"+id, pk("p"), nil).want(t, 200)
	require.Equal(t, []string{id, one.text("_etag")}, []string{one.text("id"), one.header.Get("etag")})
	require.Contains(t, conflict["content"], `"far"`)

	for name, test := range map[string]struct {
		headers h
		want    int
	}{
		"of the key": {pk("p"), 1}, "of another key": {pk("q"), 0},
		"of the range":         {h{"x-ms-documentdb-partitionkeyrangeid": "0"}, 1},
		"across partitions":    {cross, 1},
		"of a range, and page": {h{"x-ms-documentdb-partitionkeyrangeid": "0", "x-ms-max-item-count": "1"}, 1},
	} {
		query := h{"content-type": "application/query+json"}
		a := near.do("POST", feed, test.headers.and(query), h{"query": "SELECT * FROM c"}).want(t, 200)
		require.Len(t, a.rows("Conflicts"), test.want, name)
		a = near.do("GET", feed, test.headers, nil).want(t, 200)
		require.Len(t, a.rows("Conflicts"), test.want, name)
	}
	near.do("GET", feed, h{"x-ms-documentdb-partitionkeyrangeid": "7"}, nil).want(t, 410, "1002")
	near.do("GET", feed, h{"x-ms-documentdb-partitionkeyrangeid": "x"}, nil).want(t, 400)
	near.do("GET", feed, h{"x-ms-max-item-count": "x"}, nil).want(t, 400)
	for _, verb := range []string{"GET", "DELETE"} {
		near.do(verb, feed+"/"+id, nil, nil).want(t, 400, "1001")
		near.do(verb, feed+"/"+id, pk("q"), nil).want(t, 404)
		near.do(verb, feed+"/none", pk("p"), nil).want(t, 404)
	}
	near.do("DELETE", feed+"/"+id, pk("p"), nil).want(t, 204)
	near.do("GET", feed+"/"+id, pk("p"), nil).want(t, 404)
	require.Empty(t, near.do("GET", feed, nil, nil).want(t, 200).rows("Conflicts"))
}

// A stored procedure of the policy is told of both versions and decides in the transaction of the write; one that fails
// leaves the conflict in the feed.
func TestConflictProcedures(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fails     bool
		from      string
		conflicts int
	}{"decides": {false, "both", 0}, "fails": {true, "near", 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var args []value.Value
			near, far := twoWriters(t, `{"mode":"Custom","conflictResolutionProcedure":"dbs/d/colls/c/sprocs/settle"}`,
				&engine{scripts: map[string]func(script.Invocation) (script.Result, error){
					"settle": func(in script.Invocation) (script.Result, error) {
						mu.Lock()
						args = in.Args
						mu.Unlock()
						if test.fails {
							return script.Result{}, &script.Error{Message: "undecided"}
						}
						_, err := in.Collection.Upsert(withMember(in.Args[0], "from", value.String("both")), "")
						return script.Result{}, err
					},
				}})
			near.do("POST", "/dbs/d/colls/c/sprocs", nil, h{"id": "settle", "body": "settle"}).want(t, 201)
			meet(t, near, far)
			require.Equal(t, test.from, near.do("GET", "/dbs/d/colls/c/docs/1", pk("p"), nil).want(t, 200).text("from"))
			require.Len(t, near.do("GET", "/dbs/d/colls/c/conflicts", nil, nil).want(t, 200).rows("Conflicts"),
				test.conflicts)
			mu.Lock()
			defer mu.Unlock()
			require.Len(t, args, 4)
			require.Equal(t, "far", args[0].Get("from").AsString(), "what comes in")
			require.Equal(t, value.False, args[2], "nothing was deleted")
			require.Equal(t, value.KindArray, args[3].Kind())
		})
	}
}

// Where several regions write, a client that has seen more than the region has is told so, and one that asks for the
// hub alone is sent there.
func TestSessionsOfSeveralWriters(t *testing.T) {
	t.Parallel()
	near, far := twoWriters(t, `{"mode":"LastWriterWins"}`, nil)
	knows := pk("p").and(h{"x-ms-cosmos-allow-tentative-writes": "true"})
	require.NoError(t, near.account.Pause(-1, -1, true))
	token := near.do("POST", "/dbs/d/colls/c/docs", knows, h{"id": "1", "pk": "p"}).want(t, 201).
		header.Get("x-ms-session-token")
	behind := knows.and(h{"x-ms-session-token": token})
	level := func(name string) h { return behind.and(h{"x-ms-consistency-level": name}) }
	hub := h{"x-ms-cosmos-hub-region-processing-only": "True"}
	for name, test := range map[string]struct {
		verb, path string
		headers    h
		body       any
		status     int
		sub        string
	}{
		"read":                     {"GET", "/docs/1", behind, nil, 404, "1002"},
		"read without a session":   {"GET", "/docs/1", knows, nil, 404, ""},
		"read of a weaker level":   {"GET", "/docs/1", level("eventual"), nil, 404, ""},
		"read of a prefix":         {"GET", "/docs/1", level("ConsistentPrefix"), nil, 404, ""},
		"read of its level":        {"GET", "/docs/1", level("Session"), nil, 404, "1002"},
		"read for the hub":         {"GET", "/docs/1", knows.and(hub), nil, 403, "3"},
		"write":                    {"POST", "/docs", behind, h{"id": "2", "pk": "p"}, 404, "1002"},
		"write without a session":  {"POST", "/docs", knows, h{"id": "3", "pk": "p"}, 201, ""},
		"feed":                     {"GET", "/docs", behind, nil, 404, "1002"},
		"token that is not a list": {"GET", "/docs/1", knows.and(h{"x-ms-session-token": "0:x#y"}), nil, 400, ""},
	} {
		t.Run(name, func(t *testing.T) {
			far.do(test.verb, "/dbs/d/colls/c"+test.path, test.headers, test.body).want(t, test.status, test.sub)
		})
	}
	near.do("GET", "/dbs/d/colls/c/docs/1", behind.and(hub), nil).want(t, 200)
	require.NoError(t, near.account.Pause(-1, -1, false))
	far.do("GET", "/dbs/d/colls/c/docs/1", behind, nil).want(t, 200)
}
