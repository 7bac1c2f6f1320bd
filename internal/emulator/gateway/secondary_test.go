package gateway_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// secondary makes a global secondary index of container c, with key /mail.
func (s *server) secondary(id, query string) answer {
	return s.do("POST", "/dbs/d/colls", nil,
		fmt.Sprintf(`{"id":%q,"partitionKey":{"paths":["/mail"],"kind":"Hash","version":2},
		"globalSecondaryIndexDefinition":{"sourceCollectionId":"c","definition":%q}}`, id, query))
}

// A global secondary index has a document for each of its source, with the properties of its definition.
func TestSecondaryIndexFollowsItsSource(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	put := func(id, mail string) answer {
		return s.do("POST", coll+"/docs", pk("p"+id).and(h{"x-ms-documentdb-is-upsert": "True"}),
			h{"id": id, "pk": "p" + id, "mail": mail, "secret": "x"})
	}
	rid := put("1", "ann").want(t, 201).text("_rid")
	put("2", "ann").want(t, 201)
	made := s.secondary("x", "SELECT c.id, c.mail FROM c").want(t, 201)
	definition, _ := made.get("globalSecondaryIndexDefinition").(map[string]any)
	require.Equal(t, map[string]any{"sourceCollectionId": "c",
		"sourceCollectionRid": s.do("GET", coll, nil, nil).text("_rid"),
		"definition":          "SELECT c.id, c.mail FROM c", "status": "Active"}, definition)
	const index = "/dbs/d/colls/x"
	of := func(mail string) []any { return s.query(index, "SELECT VALUE c._id FROM c ORDER BY c._id", pk(mail)) }

	require.Equal(t, []any{"1", "2"}, of("ann"), "what there was before")
	one := s.do("GET", index+"/docs/"+rid, pk("ann"), nil).want(t, 200)
	require.Equal(t, []any{rid, "1", "ann", nil, nil},
		[]any{one.get("id"), one.get("_id"), one.get("mail"), one.get("secret"), one.get("pk")})
	put("3", "bob").want(t, 201)
	put("1", "bob").want(t, 200) // to another key
	require.Equal(t, []any{"2"}, of("ann"))
	require.Equal(t, []any{"1", "3"}, of("bob"))
	s.do("PATCH", coll+"/docs/2", pk("p2"), `[{"op":"remove","path":"/mail"}]`).want(t, 200)
	require.Equal(t, []any{"2"}, s.query(index, "SELECT VALUE c._id FROM c", h{"x-ms-documentdb-partitionkey": "[{}]"}))
	s.do("DELETE", coll+"/docs/3", pk("p3"), nil).want(t, 204)
	require.Equal(t, []any{"1"}, of("bob"))
	s.do("POST", coll+"/docs", pk("p4").and(atomicBatch),
		`[{"operationType":"Create","resourceBody":{"id":"4","pk":"p4","mail":"cid"}},
		{"operationType":"Create","resourceBody":{"id":"5","pk":"p4","mail":"cid"}},
		{"operationType":"Delete","id":"none"}]`).want(t, 207)
	require.Empty(t, of("cid"), "a transaction that failed is not followed")
	require.Len(t, s.query(index, "SELECT * FROM c", cross), 2)

	// All of it, and by the older name.
	s.do("POST", "/dbs/d/colls", nil, `{"id":"all","partitionKey":{"paths":["/_id"],"version":2},
		"materializedViewDefinition":{"sourceCollectionId":"c","definition":"SELECT * FROM root"}}`).want(t, 201)
	require.Equal(t, []any{"x"}, s.query("/dbs/d/colls/all", "SELECT VALUE c.secret FROM c WHERE c._id = '1'", pk("1")))
}

// Nobody but the source writes a global secondary index, nor changes what it is.
func TestSecondaryIndexIsReadOnly(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.do("POST", coll+"/docs", pk("p"), h{"id": "1", "pk": "p", "mail": "ann"}).want(t, 201)
	s.secondary("x", "SELECT c.mail FROM c").want(t, 201)
	const index = "/dbs/d/colls/x"
	id := s.query(index, "SELECT VALUE c.id FROM c", pk("ann"))[0].(string)
	doc := h{"id": id, "mail": "ann"}
	for name, a := range map[string]answer{
		"create":  s.do("POST", index+"/docs", pk("ann"), h{"id": "new", "mail": "ann"}),
		"upsert":  s.do("POST", index+"/docs", pk("ann").and(h{"x-ms-documentdb-is-upsert": "True"}), doc),
		"replace": s.do("PUT", index+"/docs/"+id, pk("ann"), doc),
		"patch":   s.do("PATCH", index+"/docs/"+id, pk("ann"), `[{"op":"add","path":"/n","value":1}]`),
		"delete":  s.do("DELETE", index+"/docs/"+id, pk("ann"), nil),
		"key":     s.signed("POST", index+"/operations/partitionkeydelete", "colls", "dbs/d/colls/x", pk("ann")),
	} {
		require.Contains(t, a.want(t, 403).text("message"), "read-only", name)
	}
	mixed := s.do("POST", index+"/docs", pk("ann").and(atomicBatch),
		`[{"operationType":"Read","id":"`+id+`"},{"operationType":"Delete","id":"`+id+`"}]`)
	require.Equal(t, []int{424, 403}, statuses(mixed.want(t, 207).results(t)))
	s.do("POST", index+"/docs", pk("ann").and(atomicBatch), `[{"operationType":"Read","id":"`+id+`"}]`).want(t, 200)

	read := s.do("GET", index, nil, nil).want(t, 200)
	s.do("PUT", index, nil, read.body).want(t, 200)
	kept := s.do("PUT", index, nil,
		`{"id":"x","partitionKey":{"paths":["/mail"],"kind":"Hash","version":2},"defaultTtl":-1}`).want(t, 200)
	require.Equal(t, read.get("globalSecondaryIndexDefinition"), kept.get("globalSecondaryIndexDefinition"))
	s.do("PUT", index, nil, strings.Replace(read.body, "SELECT c.mail", "SELECT c.pk", 1)).want(t, 400)
	s.do("PUT", coll, nil, `{"id":"c","partitionKey":{"paths":["/pk"],"kind":"Hash","version":2},
		"globalSecondaryIndexDefinition":{"sourceCollectionId":"c","definition":"SELECT * FROM c"}}`).want(t, 400)

	require.Contains(t, s.do("DELETE", coll, nil, nil).want(t, 400).body, "deleted before it")
	s.do("POST", "/dbs/d/colls", nil, `{"id":"y","partitionKey":{"paths":["/mail"]},
		"globalSecondaryIndexDefinition":{"sourceCollectionId":"x","definition":"SELECT * FROM c"}}`).want(t, 400)
	for i := range 4 {
		s.secondary(fmt.Sprint("more", i), "SELECT * FROM c").want(t, 201)
	}
	require.Contains(t, s.secondary("sixth", "SELECT * FROM c").want(t, 400).body, "may not have more")
	for _, id := range []string{"x", "more0", "more1", "more2", "more3"} {
		s.do("DELETE", "/dbs/d/colls/"+id, nil, nil).want(t, 204)
	}
	s.do("DELETE", coll, nil, nil).want(t, 204)

	multi := newServer(t, func(_ *gateway.Options, o *store.Options) {
		o.Regions, o.MultiWrite = []string{"West US", "East US"}, true
	})
	multi.container("/pk")
	require.Contains(t, multi.secondary("x", "SELECT * FROM c").want(t, 400).body, "several regions write")
}

// Writers of the source, splits of both, and an index that is made meanwhile: in the end it has all there is.
func TestSecondaryIndexUnderWriters(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	source, err := s.account.Container("d", "c")
	require.NoError(t, err)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := range 60 {
				p := fmt.Sprint("p", (w+i)%7)
				a := s.do("POST", coll+"/docs", pk(p).and(h{"x-ms-documentdb-is-upsert": "True"}),
					map[string]any{"id": fmt.Sprint(i % 20), "pk": p, "mail": fmt.Sprint("m", i%3), "n": i})
				if a.status > 201 {
					t.Errorf("%d %s", a.status, a.body)
				}
			}
		})
	}
	s.secondary("x", "SELECT c.id, c.pk, c.mail, c.n FROM c").want(t, 201)
	index, err := s.account.Container("d", "x")
	require.NoError(t, err)
	for range 3 {
		for _, c := range []*store.Container{source, index} {
			_, err := c.Split(c.Ranges()[0].ID)
			require.NoError(t, err)
		}
	}
	writers.Wait()
	const row = "SELECT VALUE CONCAT(c.pk, '/', %s, ' ', c.mail, ' ', ToString(c.n)) FROM c"
	have := s.query("/dbs/d/colls/x", fmt.Sprintf(row, "c._id"), cross)
	require.ElementsMatch(t, s.query(coll, fmt.Sprintf(row, "c.id"), cross), have)
	require.NotEmpty(t, have)
}

// An index that was saved is filled from what its source has.
func TestSecondaryIndexIsRestored(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	coll := s.container("/pk")
	s.do("POST", coll+"/docs", pk("p"), h{"id": "1", "pk": "p", "mail": "ann"}).want(t, 201)
	s.secondary("x", "SELECT c.id, c.mail FROM c").want(t, 201)
	var text bytes.Buffer
	require.NoError(t, s.account.Dump(&text))
	again := newServer(t)
	require.NoError(t, again.account.Load(text.Bytes()))
	require.Equal(t, s.query("/dbs/d/colls/x", "SELECT c.id, c._id FROM c", cross),
		again.query("/dbs/d/colls/x", "SELECT c.id, c._id FROM c", cross))
	again.do("POST", coll+"/docs", pk("p"), h{"id": "2", "pk": "p", "mail": "ann"}).want(t, 201)
	require.Equal(t, []any{"1", "2"}, again.query("/dbs/d/colls/x",
		"SELECT VALUE c._id FROM c ORDER BY c._id", pk("ann")))
}

// While the range of an index moves, its source writes on; what could not be followed then comes with the next request.
func TestSecondaryIndexWhoseRangeMoves(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(_ *gateway.Options, o *store.Options) { o.Partitions = 1 })
	coll := s.container("/pk")
	s.secondary("x", "SELECT c.id, c.mail FROM c").want(t, 201)
	index, err := s.account.Container("d", "x")
	require.NoError(t, err)
	split, err := index.BeginSplit("0", "")
	require.NoError(t, err)
	for phase := store.Copying; phase != store.Done; {
		s.do("POST", coll+"/docs", pk("p"), h{"id": phase.String(), "pk": "p", "mail": "ann"}).want(t, 201)
		phase, err = split.Advance()
		require.NoError(t, err)
	}
	s.do("DELETE", coll+"/docs/"+store.Copying.String(), pk("p"), nil).want(t, 204)
	require.Equal(t, []any{"preparing", "swapping"},
		s.query("/dbs/d/colls/x", "SELECT VALUE c._id FROM c ORDER BY c._id", pk("ann")))
}
