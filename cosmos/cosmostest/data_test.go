package cosmostest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// recorder is a T that keeps what it is told.
type recorder struct {
	fatal    string
	cleanups []func()
}

func (r *recorder) Helper()                           {}
func (r *recorder) Cleanup(f func())                  { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Fatalf(format string, args ...any) { r.fatal += fmt.Sprintf(format, args...) }

func TestRunT(t *testing.T) {
	t.Parallel()
	c := RunT(t).Container("/pk")
	require.Equal(t, []string{"test", "items", c.Server().DSN("test")}, []string{c.Database, c.ID, c.DSN()})
	again := c.Server().Container("/a", "/b/c")
	require.Equal(t, []string{"test", "items2"}, []string{again.Database, again.ID})
	require.Equal(t, 201, send(t.Context(), c.Server(), c.Server().Endpoint(), "POST", "/dbs/test/colls/items/docs",
		`{"id":"1","pk":"p"}`, "x-ms-documentdb-partitionkey", `["p"]`))
	docs, err := c.Documents()
	require.NoError(t, err)
	require.Len(t, docs, 1)
	require.Regexp(t, `^\{"id":"1","pk":"p","_rid":`, string(docs[0]))
	_, err = c.Server().Documents("test", "none")
	require.ErrorContains(t, err, "container test/none")
}

func TestRunTEndsTheTest(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	require.Nil(t, RunT(r, MasterKey("!")))
	require.Contains(t, r.fatal, "not base64")
	require.Empty(t, r.cleanups)

	r = &recorder{}
	srv := RunT(r)
	require.Nil(t, srv.Container("pk"))
	require.Contains(t, r.fatal, `container partitioned by ["pk"]`)
	require.Len(t, r.cleanups, 1)
	r.cleanups[0]()
	require.Equal(t, 0, send(t.Context(), srv, srv.Endpoint(), "GET", "/", ""), "closed with the test")

	plain := NewServer()
	defer plain.Close()
	require.Panics(t, func() { plain.Container("pk") })
}

func TestData(t *testing.T) {
	t.Parallel()
	srv := RunT(t, Data(
		Database{ID: "empty"},
		Database{ID: "shop", Throughput: 1000, Containers: []ContainerData{
			{ID: "orders", PartitionKey: []string{"/pk"}, Properties: map[string]any{"defaultTtl": 60},
				Documents: []any{
					map[string]any{"id": "a", "pk": "p"}, struct {
						ID string `json:"id"`
						PK string `json:"pk"`
					}{"b", "p"}}},
			{ID: "big", PartitionKey: []string{"/a", "/b"}, Throughput: 30_000},
		}}))
	require.Equal(t, 200, send(t.Context(), srv, srv.Endpoint(), "GET", "/dbs/empty", ""))
	require.Equal(t, 200, read(t.Context(), srv, "a"))
	require.Equal(t, 200, read(t.Context(), srv, "b"))
	srv.Advance(time.Minute)
	require.Equal(t, 404, read(t.Context(), srv, "a"), "the time to live is over")
	ranges, err := srv.Ranges("shop", "big")
	require.NoError(t, err)
	require.Len(t, ranges, 5)
}

// What is dumped and loaded again is the same, byte for byte.
func TestDumpAndLoad(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Unix(1_700_000_000, 0) }
	srv := RunT(t, Clock(now), Partitions(2), Data(
		Database{ID: "shop", Throughput: 500, Containers: []ContainerData{{
			ID: "orders", PartitionKey: []string{"/pk"},
			Properties: map[string]any{
				"indexingPolicy": map[string]any{
					"compositeIndexes": [][]map[string]any{{{"path": "/a"}, {"path": "/b"}}}},
				"uniqueKeyPolicy": map[string]any{"uniqueKeys": []map[string]any{{"paths": []string{"/u"}}}}},
			Documents: []any{map[string]any{"id": "a", "pk": "p", "u": 1, "text": "é<&>\u2028\"\\"},
				map[string]any{"id": "b", "pk": "q", "u": 1}},
		}, {ID: "auto", PartitionKey: []string{"/pk"}}}}))
	for _, id := range []string{"x", "y", "z"} {
		require.Equal(t, 201, create(t.Context(), srv, id+"1"))
		require.Equal(t, 204, send(t.Context(), srv, srv.Endpoint(), "DELETE", "/dbs/shop/colls/orders/docs/"+id+"1",
			"", "x-ms-documentdb-partitionkey", `["p"]`))
	}
	require.Equal(t, 200, send(t.Context(), srv, srv.Endpoint(), "PUT", "/dbs/shop/colls/orders/docs/a",
		`{"id":"a","pk":"p","u":2}`, "x-ms-documentdb-partitionkey", `["p"]`))
	require.Equal(t, 201, send(t.Context(), srv, srv.Endpoint(), "POST", "/dbs/shop/colls/orders/udfs",
		`{"id":"f","body":"function f() {\n}"}`))
	require.Equal(t, 201, send(t.Context(), srv, srv.Endpoint(), "POST", "/dbs/shop/colls/orders/triggers",
		`{"id":"t","body":"x","triggerType":"Pre","triggerOperation":"All"}`))
	_, err := srv.Split("shop", "orders", "0")
	require.NoError(t, err)

	var first, second bytes.Buffer
	require.NoError(t, srv.Dump(&first))
	file := filepath.Join(t.TempDir(), "dump.json")
	require.NoError(t, os.WriteFile(file, first.Bytes(), 0o600))
	loaded := RunT(t, Clock(now), LoadFile(file))
	require.NoError(t, loaded.Dump(&second))
	require.Equal(t, first.String(), second.String())

	docs, err := srv.Documents("shop", "orders")
	require.NoError(t, err)
	again, err := loaded.Documents("shop", "orders")
	require.NoError(t, err)
	require.Equal(t, docs, again)
	require.Equal(t, 201, create(t.Context(), loaded, "new"))
	again, err = loaded.Documents("shop", "orders")
	require.NoError(t, err)
	require.Len(t, again, len(docs)+1, "a new document takes the place of none")
	for _, d := range docs {
		require.Contains(t, again, d)
	}
}

func TestDumpTellsOfTheWriter(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, RunT(t).Dump(broken{}), "cosmostest: dump: full")
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWhatCannotBeLoaded(t *testing.T) {
	t.Parallel()
	container := func(members string) string {
		return "{\"databases\": [\n{\"id\": \"d\", \"containers\": [\n" +
			"{\"id\": \"c\", \"partitionKey\": {\"paths\": [\"/pk\"]}" + members + "}]}]}"
	}
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "", "line 1: unexpected end"},
		{"no JSON", "{\"databases\": [\n\n{\"id\": x}]}", "line 3: invalid character 'x'"},
		{"cut off", "{\"databases\": [\n{\"id\": \"d\"}", "line 2: unexpected end"},
		{"more after the end", "{\"databases\": []}\n{}", "line 2: invalid character '{' after top-level value"},
		{"a list", "[]", "line 1: expected an object"},
		{"another member", "{\n\"database\": []}", `line 2: unknown member "database": expected databases`},
		{"databases that are not a list", "{\"databases\":\n {}}", "line 2: expected an array"},
		{"a database without an id", "{\"databases\": [\n{}]}", "line 2: "},
		{"two databases of a name", "{\"databases\": [{\"id\": \"d\"},\n{\"id\": \"d\"}]}",
			`line 2: database "d": 409`},
		{"throughput that is none", "{\"databases\": [{\"id\": \"d\", \"throughput\":\n \"much\"}]}",
			"line 2: throughput is not a whole number"},
		{"throughput that is too low", "{\"databases\": [{\"id\": \"d\", \"throughput\": 1}]}",
			"between 400 and 1000000"},
		{"a container without a key", "{\"databases\": [{\"id\": \"d\", \"containers\": [\n{\"id\": \"c\"}]}]}",
			`line 2: database "d", container "c": `},
		{"a document without an id", container(", \"documents\": [\n{\"id\": \"1\"},\n{\"pk\": 1}]"),
			`line 5: database "d", container "c": document "": 400`},
		{"two documents of an id", container(", \"documents\": [\n{\"id\": \"1\"},\n{\"id\": \"1\"}]"),
			`line 5: database "d", container "c": document "1": 409`},
		{"a script without a body", container(", \"udfs\": [\n{\"id\": \"f\"}]"),
			`line 4: database "d", container "c": udfs "f": 400`},
		{"ranges with a gap", container(`, "ranges": [{"id":"0","minInclusive":"","maxExclusive":"7F"},` +
			`{"id":"1","minInclusive":"80","maxExclusive":"FF"}]`), `range "1" begins at "80"`},
		{"ranges that end early", container(`, "ranges": [{"id":"0","minInclusive":"","maxExclusive":"7F"}]`),
			`the ranges end at "7F"`},
		{"ranges of one id", container(`, "ranges": [{"id":"0","minInclusive":"","maxExclusive":"7F"},` +
			`{"id":"0","minInclusive":"7F","maxExclusive":"FF"}]`), "given twice"},
		{"ranges that are none", container(",\n\"ranges\": 1"), "line 4: "},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Start(Load([]byte(test.text)))
			require.ErrorContains(t, err, test.want)
			require.ErrorContains(t, err, "cosmostest: Load: ")
		})
	}
	_, err := Start(LoadFile("none.json"))
	require.ErrorContains(t, err, "none.json")
	_, err = Start(Data(Database{ID: "d", Containers: []ContainerData{{ID: "c", Documents: []any{func() {}}}}}))
	require.ErrorContains(t, err, "cosmostest: Data: ")
}
