package dsl_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/cosmossql/cosmossql/dsl"
)

// openShop opens a database that has an empty container my-orders, with the partition key /customer.
func openShop(t *testing.T) *sql.DB {
	srv := cosmostest.RunT(t, cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{
		{ID: "my-orders", PartitionKey: []string{"/customer"}}}}))
	db, err := sql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// affected runs a statement and returns the number of documents it wrote.
func affected(t *testing.T, r dsl.Runnable) int64 {
	t.Helper()
	res, err := r.ExecContext(t.Context())
	require.NoError(t, err)
	n, err := res.RowsAffected()
	require.NoError(t, err)
	return n
}

// What the builders write is what the driver reads: an order through its life.
func TestStatementsRunOnTheDriver(t *testing.T) {
	t.Parallel()
	db := openShop(t)
	const orders = "my-orders o"
	theOrder := dsl.Eq{"o.id": "A-1", "o.customer": "C-7"}

	require.EqualValues(t, 2, affected(t, dsl.Insert("my-orders").
		Columns("id", "customer", `address["zip code"]`, "order", "log", "payments", "reminder").
		Values("A-1", "C-7", "0150", 1, []string{"placed"}, 0, true).
		Values("A-2", "C-7", "0151", 2, []string{}, 0, nil).
		RunWith(db)))
	require.EqualValues(t, 1, affected(t, dsl.Upsert("my-orders").
		Document(map[string]any{"id": "B-1", "customer": "C-8", "order": 3}).RunWith(db)))

	require.EqualValues(t, 1, affected(t, dsl.Update(orders).
		Set("o.state", "paid").
		Set(dsl.Path("o", "address", "zip code"), "0152").
		Increment("o.payments", 2).
		Append("o.log", "paid").
		Remove("o.reminder").
		Where(theOrder).
		RunWith(db)))

	var doc cosmos.JSON[json.RawMessage]
	require.NoError(t, dsl.SelectValue(dsl.Object{
		"state": "o.state", "zip": dsl.Path("o", "address", "zip code"), "order": "o.order",
		"payments": "o.payments", "log": "o.log", "reminded": "IS_DEFINED(o.reminder)",
	}).From(orders).Where(theOrder).RunWith(db).ScanContext(t.Context(), &doc))
	require.JSONEq(t, `{"state":"paid","zip":"0152","order":1,"payments":2,"log":["placed","paid"],"reminded":false}`,
		string(doc.V))

	var id string
	require.NoError(t,
		dsl.Update(orders).Set("o.state", "sent").Where("o.state = ?", "paid").Where(dsl.Eq{"o.customer": "C-7"}).
			Returning("id").RunWith(db).ScanContext(t.Context(), &id))
	require.Equal(t, "A-1", id)

	require.EqualValues(t, 2, affected(t, dsl.Delete(orders).Where(dsl.Eq{"o.customer": "C-7"}).RunWith(db)))
	require.NoError(t, dsl.SelectValue("o.id").From(orders).RunWith(db).ScanContext(t.Context(), &id))
	require.Equal(t, "B-1", id)
}

// Texts that stand in a statement are stored as they were written, names of any characters are names.
func TestTextsAndNamesOfStatements(t *testing.T) {
	t.Parallel()
	db := openShop(t)
	require.EqualValues(t, 1, affected(t, dsl.Insert("my-orders").
		Columns("id", "customer", "note", "zip code", "log book").
		Values(dsl.Expr("'A-1'"), "C-7", dsl.Expr(`'it''s "new"'`), 150, dsl.Expr(`["a"]`)).RunWith(db)))
	require.EqualValues(t, 1, affected(t, dsl.Update("my-orders o").
		Set("o.state", dsl.Expr("'paid'")).
		Increment("zip code", 2).
		Append(dsl.Path("", "log book"), dsl.Expr("'b'")).
		Where(`o.note = 'it''s "new"' AND o["zip code"] = ?`, 150).RunWith(db)))

	var doc cosmos.JSON[json.RawMessage]
	require.NoError(t, dsl.SelectValue(dsl.Object{
		"state": "o.state", "note": "o.note", "zip": dsl.Path("o", "zip code"), "log": dsl.Path("o", "log book"),
	}).From("my-orders o").Where("o.state = 'paid'").RunWith(db).ScanContext(t.Context(), &doc))
	require.JSONEq(t, `{"state":"paid","note":"it's \"new\"","zip":152,"log":["a","b"]}`, string(doc.V))
}

func TestStatementsRunInATransaction(t *testing.T) {
	t.Parallel()
	db := openShop(t)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	for _, id := range []string{"A-1", "A-2"} {
		require.EqualValues(t, 1,
			affected(t, dsl.Insert("my-orders").Columns("id", "customer").Values(id, "C-7").RunWith(tx)))
	}
	require.NoError(t, tx.Commit())

	var ids []string
	rows, err := dsl.SelectValue("o.id").From("my-orders o").With(cosmos.PartitionKey("C-7")).RunWith(db).
		QueryContext(t.Context())
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var id string
		require.NoError(t, rows.Scan(&id))
		ids = append(ids, id)
	}
	require.NoError(t, rows.Err())
	require.ElementsMatch(t, []string{"A-1", "A-2"}, ids)
}

// A thousand strings as values, as keys of maps and as names of properties come back as they were stored, and find
// their own document only.
func TestHostileStringsComeBack(t *testing.T) {
	t.Parallel()
	db := openShop(t)
	ctx := cosmos.WithOptions(t.Context(), cosmos.PartitionKey("C-7"))
	for i, s := range dsl.Hostile(1000) {
		if s == "" || !utf8.ValidString(s) {
			continue // JSON has no such names
		}
		id := fmt.Sprint(i)
		_, err := dsl.Insert("my-orders").SetMap(map[string]any{
			"id":            id,
			"customer":      "C-7",
			"map":           map[string]string{s: s},
			dsl.Path("", s): s,
		}).RunWith(db).ExecContext(ctx)
		require.NoError(t, err, "%q", s)

		name := dsl.Path("o", s)
		rows, err := dsl.SelectValue(dsl.Object{s: name, "map": "o.map", "id": "o.id"}).From("my-orders o").
			Where(dsl.Eq{name: s, "o.id": id}).
			Where(dsl.IsDefined(dsl.Path("o", "map", s))).
			RunWith(db).QueryContext(ctx)
		require.NoError(t, err, "%q", s)
		var found int
		for ; rows.Next(); found++ {
			var doc cosmos.JSON[map[string]any]
			require.NoError(t, rows.Scan(&doc), "%q", s)
			require.Equal(t, map[string]any{s: s, "map": map[string]any{s: s}, "id": id}, doc.V)
		}
		require.NoError(t, rows.Err(), "%q", s)
		require.Equal(t, 1, found, "%q", s)
	}
}
