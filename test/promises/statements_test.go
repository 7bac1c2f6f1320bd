package promises

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/stretchr/testify/require"
)

// table is the database shop with the container c, partitioned by /pk, on a server of its own.
func table(t *testing.T, docs ...string) (*sql.DB, *cosmos.Container) {
	t.Helper()
	srv := cosmostest.RunT(t, cosmostest.Partitions(3))
	db, err := sql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	for _, text := range []string{"CREATE DATABASE shop", "CREATE CONTAINER c PARTITION KEY (/pk)"} {
		_, err := db.ExecContext(t.Context(), text)
		require.NoError(t, err)
	}
	client, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	c := client.Database("shop").Container("c")
	for _, doc := range docs {
		_, err := c.UpsertItem(t.Context(), json.RawMessage(doc))
		require.NoError(t, err)
	}
	return db, c
}

// ids are those that a query gives, in order.
func ids(t *testing.T, db *sql.DB, text string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text, args...)
	require.NoError(t, err, text)
	defer rows.Close()
	all := []string{}
	for rows.Next() {
		var id string
		require.NoError(t, rows.Scan(&id))
		all = append(all, id)
	}
	require.NoError(t, rows.Err(), text)
	return all
}

// TestWhereMeansOneThing: SELECT, UPDATE and DELETE select the same documents, executed at once or prepared, however
// the documents are reached.
func TestWhereMeansOneThing(t *testing.T) {
	t.Parallel()
	docs := []string{
		`{"id":"1","pk":"p","n":1,"name":"abc","tags":["x","y"],"addr":{"zip":"1"},"on":true}`,
		`{"id":"2","pk":"p","n":2,"name":"\"abc\"","tags":[],"addr":null,"on":false}`,
		`{"id":"3","pk":"q","n":3,"name":"it's","tags":[{"id":"x"}],"addr":{"zip":1}}`,
		`{"id":"4","pk":"q","n":null,"name":"50%","gone":null}`,
		`{"id":"5","pk":"r","n":"1","name":"a_c","big":9007199254740993}`,
		`{"id":"6","pk":9007199254740993,"n":-1.5,"name":"é\u0000z","big":9007199254740992}`,
		`{"id":"7","pk":null,"n":0,"name":"","list":[1,2,[3]]}`,
		`{"id":"8","n":1e10,"name":"ABC","deep":{"a":{"b":[{"c":5}]}}}`,
		`{"id":"9","pk":true,"n":1,"name":"name"}`,
	}
	db, c := table(t, docs...)
	for _, where := range []struct {
		text string
		args []any
	}{
		{"true", nil}, {"false", nil}, {"c.n = 1", nil}, {"n = 1", nil}, {"c.n != 1", nil}, {"c.n <> 1", nil},
		{"c.n > 1", nil}, {"c.n >= 1 AND c.n < 3", nil}, {"c.n = 1 OR c.n = 3", nil}, {"c.n IN (1, 2, null)", nil},
		{"c.n NOT IN (1, 2)", nil}, {"c.n = null", nil}, {"c.n IS NULL", nil}, {"n IS NOT NULL", nil},
		{"NOT (c.n = 1)", nil}, {"NOT c.on", nil}, {"c.on", nil}, {"c.on = false", nil}, {"(c.n BETWEEN 1 AND 2)", nil},
		{"c.n BETWEEN 1 AND 2", nil}, {"c.name = 'abc'", nil}, {"c.name = '\"abc\"'", nil}, {`c.name = 'it\'s'`, nil},
		{"c.name = ''", nil}, {"c.name = 'name'", nil}, {"c.name LIKE 'a%'", nil},
		{"c.name LIKE '50!%' ESCAPE '!'", nil}, {"c.name LIKE 'a_c'", nil}, {"c.name LIKE 'a!_c' ESCAPE '!'", nil},
		{"LOWER(c.name) = 'abc'", nil}, {"CONTAINS(c.name, 'b')", nil}, {"STARTSWITH(c.name, 'A', true)", nil},
		{"LENGTH(c.name) = 3", nil}, {"IS_DEFINED(c.addr)", nil}, {"NOT IS_DEFINED(c.addr)", nil},
		{"IS_NULL(c.gone)", nil}, {"c.addr.zip = 1", nil}, {"c.addr.zip = '1'", nil}, {`c["addr"]["zip"] = '1'`, nil},
		{"ARRAY_CONTAINS(c.tags, 'x')", nil}, {"EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t = 'x')", nil},
		{"EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t.id = 'x')", nil}, {"c.tags = []", nil},
		{"c.addr = {zip: '1'}", nil}, {"c.list[0] = 1", nil}, {"c.list[2][0] = 3", nil}, {"c.deep.a.b[0].c = 5", nil},
		{"c.n + 1 = 2", nil}, {"c.n % 2 = 1", nil}, {"(c.n ?? 7) = 7", nil}, {"(c.on ? 1 : 2) = 2", nil},
		{"IIF(c.on, 1, 2) = 1", nil}, {"c.n = -1.5", nil}, {"ABS(c.n) = 1.5", nil}, {"c.big = 9007199254740992", nil},
		{"c.big = 9007199254740993", nil}, {"c.pk = 9007199254740992 AND c.id = '6'", nil},
		{"c.pk = 9007199254740993 AND c.id = '6'", nil}, {"c.id = '1' AND c.pk = 'p'", nil},
		{"id = '1' AND pk = 'p'", nil}, {"c.id = '1'", nil}, {"c.pk = 'p'", nil}, {"c.id = '1' AND c.pk = 'q'", nil},
		{"c.id IN ('1', '3', '9')", nil}, {"c.pk IN ('p', 'r')", nil}, {"c.id = '7' AND c.pk = null", nil},
		{"c.id = '8' AND NOT IS_DEFINED(c.pk)", nil}, {"c.id = '9' AND c.pk = true", nil},
		{"c.id = '1' AND c.pk = 'p' AND c.n = 1", nil}, {"c.id = '1' AND c.pk = 'p' AND c.n = 2", nil},
		{"c.id = '1' OR c.pk = 'q'", nil}, {"c._ts > 0", nil}, {"c._etag = 'none'", nil},
		{"c.nothing = undefined", nil}, {"c.nothing != 1", nil}, {"c.n = ?", []any{1}},
		{"c.n = @n", []any{sql.Named("n", "1")}}, {"c.id = ? AND c.pk = ?", []any{"1", "p"}},
		{"c.name IN (?, ?)", []any{"abc", "it's"}},
		{"c.tags = ?", []any{[]string{"x", "y"}}}, {"c.addr = ?", []any{map[string]any{"zip": 1}}},
		{"c.n = ?", []any{nil}}, {"c.name = ?", []any{"é\x00z"}},
		{"ARRAY_CONTAINS(?, c.id)", []any{[]string{"2", "4"}}}, {"c.pk = ?", []any{"p"}},
		{"c.id = ? AND c.pk = ?", []any{"7", nil}},
	} {
		selected := ids(t, db, "SELECT VALUE c.id FROM c WHERE "+where.text, where.args...)
		require.ElementsMatch(t, selected, ids(t, db, "SELECT id FROM c WHERE "+where.text, where.args...), where.text)
		r, err := db.ExecContext(t.Context(), "UPDATE c SET mark = 1 WHERE "+where.text, where.args...)
		require.NoError(t, err, where.text)
		n, err := r.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, len(selected), n, where.text)
		require.ElementsMatch(t, selected, ids(t, db, "SELECT VALUE c.id FROM c WHERE c.mark = 1"), where.text)
		stmt, err := db.PrepareContext(t.Context(), "DELETE FROM c WHERE "+where.text)
		require.NoError(t, err, where.text)
		r, err = stmt.ExecContext(t.Context(), where.args...)
		require.NoError(t, err, where.text)
		require.NoError(t, stmt.Close())
		n, err = r.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, len(selected), n, where.text)
		left := ids(t, db, "SELECT VALUE c.id FROM c")
		require.Len(t, left, len(docs)-len(selected), where.text)
		require.NotSubset(t, append(left, "none"), append(selected, "nobody"), where.text)
		for _, doc := range docs {
			_, err := c.UpsertItem(t.Context(), json.RawMessage(doc))
			require.NoError(t, err)
		}
	}
}

// TestJSONArgumentsMayHaveWhiteSpaceAround: what encoding/json, a file or a pretty printer gives is JSON.
func TestJSONArgumentsMayHaveWhiteSpaceAround(t *testing.T) {
	t.Parallel()
	db, _ := table(t)
	exec := func(text string, args ...any) {
		t.Helper()
		r, err := db.ExecContext(t.Context(), text, args...)
		require.NoError(t, err, text)
		n, err := r.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 1, n, text)
	}
	raw := func(text string) json.RawMessage { return json.RawMessage("\r\n\t " + text + " \n") }
	exec("INSERT INTO c VALUES (?)", raw(`{ "id": "1", "pk": "p", "n": 5 }`))
	exec("UPDATE c SET n = n + ? WHERE id = ? AND pk = ?", raw("5"), raw(`"1"`), raw(`"p"`))
	exec("UPDATE c SET a = ?, b = ARRAY_CONCAT(b, [?]) WHERE c.n = ?", raw("[1]"), raw("null"), raw("10"))
	var doc string
	require.NoError(t, db.QueryRowContext(t.Context(),
		"SELECT VALUE {n: c.n, a: c.a, b: c.b} FROM c WHERE c.id = ? AND c.pk = ?", raw(`"1"`), raw(`"p"`)).Scan(&doc))
	require.JSONEq(t, `{"n":10,"a":[1],"b":[null]}`, doc)
	exec("DELETE FROM c WHERE id = ? AND pk = ?", raw(`"1"`), raw(`"p"`))
}

// TestKeyPathsInQuotes: a path of a partition key has names in double or in single quotes, as .NET's PathParser takes
// them, and every statement reads it in the same way.
func TestKeyPathsInQuotes(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t)
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	defer client.Close()
	db, err := sql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	defer db.Close()
	_, err = client.CreateDatabase(t.Context(), "shop")
	require.NoError(t, err)
	for i, path := range []string{`/'my key'`, `/"my key"`} {
		id := fmt.Sprint("c", i)
		_, err := client.Database("shop").CreateContainer(t.Context(),
			cosmos.ContainerProperties{ID: id, PartitionKey: cosmos.PartitionKeyPaths(path)})
		require.NoError(t, err, path)
		for _, text := range []string{
			"INSERT INTO " + id + ` (id, "my key") VALUES ('1', 'p')`,
			"UPDATE " + id + ` SET n = 1 WHERE id = '1' AND "my key" = 'p'`,
			"DELETE FROM " + id + ` WHERE n = 1 AND ` + id + `["my key"] = 'p'`,
		} {
			r, err := db.ExecContext(t.Context(), text)
			require.NoError(t, err, "%s: %s", path, text)
			n, err := r.RowsAffected()
			require.NoError(t, err)
			require.EqualValues(t, 1, n, "%s: %s", path, text)
		}
	}
}

// TestAtAndEveryVariadicKeepACopy: a key, an option and an operation are values. What the caller does with his slices
// afterwards does not change them.
func TestAtAndEveryVariadicKeepACopy(t *testing.T) {
	t.Parallel()
	_, c := table(t, `{"id":"1","pk":"first","n":0}`, `{"id":"1","pk":"second","n":0}`)
	prefix := make([]any, 0, 4)
	key := append(prefix, "first")
	patch := append(make([]cosmos.PatchOperation, 0, 4), cosmos.PatchIncrement("/n", 1))
	opts := append(make([]cosmos.Option, 0, 4), cosmos.PartitionKey(key...))
	at, option, op := cosmos.At("1", key...), cosmos.PartitionKey(key...), cosmos.OpPatch("1", patch, opts...)
	batch := append(make([]cosmos.Operation, 0, 2), op)
	ctx := cosmos.WithOptions(t.Context(), opts...)
	_, _, _ = append(prefix, "second"), append(patch[:0], cosmos.PatchRemove("/n")),
		append(opts[:0], cosmos.PartitionKey("second"))
	count := func(key string) int {
		doc, _, err := cosmos.ReadItem[struct{ N int }](context.WithoutCancel(t.Context()), c, "1",
			cosmos.PartitionKey(key))
		require.NoError(t, err)
		return doc.N
	}
	for i, do := range []func() error{
		func() error { _, err := c.Do(t.Context(), op); return err },
		func() error {
			_, err := c.PatchItem(t.Context(), "1", []cosmos.PatchOperation{cosmos.PatchIncrement("/n", 1)}, option)
			return err
		},
		func() error { _, err := c.TransactionalBatch(t.Context(), batch); return err },
		func() error {
			_, err := c.PatchItem(ctx, "1", []cosmos.PatchOperation{cosmos.PatchIncrement("/n", 1)})
			return err
		},
		func() error {
			return bulkErr(cosmos.Collect(c.PatchMany(t.Context(), func(yield func(cosmos.ItemKey) bool) { yield(at) },
				[]cosmos.PatchOperation{cosmos.PatchIncrement("/n", 1)})))
		},
	} {
		require.NoError(t, do(), "%d", i)
		require.Equal(t, i+1, count("first"), "%d", i)
		require.Zero(t, count("second"), "%d", i)
	}
}

// TestThroughputOfARecreatedContainer is that of the container which there is now, to a client that knew the old one.
func TestThroughputOfARecreatedContainer(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t)
	connect := func() *cosmos.Database {
		client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
		require.NoError(t, err)
		t.Cleanup(func() { client.Close() })
		return client.Database("shop")
	}
	mine, others := connect(), connect()
	_, err := mine.Client().CreateDatabase(t.Context(), "shop")
	require.NoError(t, err)
	c := cosmos.ContainerProperties{ID: "c", PartitionKey: cosmos.PartitionKeyPaths("/pk")}
	_, err = mine.CreateContainer(t.Context(), c, cosmos.Throughput(400))
	require.NoError(t, err)
	for i, manual := range []int{500, 600} {
		_, err = mine.Container("c").ReadThroughput(t.Context())
		require.NoError(t, err)
		_, err = others.Container("c").Delete(t.Context())
		require.NoError(t, err)
		_, err = others.CreateContainer(t.Context(), c, cosmos.Throughput(manual))
		require.NoError(t, err)
		if i == 0 {
			got, err := mine.Container("c").ReadThroughput(t.Context())
			require.NoError(t, err)
			require.Equal(t, manual, got.Manual)
			continue
		}
		_, err = mine.Container("c").ReplaceThroughput(t.Context(), cosmos.Throughput(700))
		require.NoError(t, err)
		got, err := others.Container("c").ReadThroughput(t.Context())
		require.NoError(t, err)
		require.Equal(t, 700, got.Manual)
	}
}
