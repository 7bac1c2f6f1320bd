package compat

import (
	"database/sql"
	"testing"

	"github.com/XSAM/otelsql"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

func TestOtelsql(t *testing.T) {
	srv, plain := open(t)
	fill(t, plain)
	db, err := otelsql.Open("cosmos", srv.DSN("shop"))
	require.NoError(t, err)
	defer db.Close()
	require.NoError(t, db.PingContext(t.Context()))

	client, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	r, err := client.Database("shop").Container("people").ReadItem(t.Context(), "1", cosmos.PartitionKey("London"))
	require.NoError(t, err)
	var doc struct{ Name string }
	require.NoError(t, r.Decode(&doc))
	require.Equal(t, "Ada", doc.Name)

	var p person
	require.NoError(t,
		db.QueryRowContext(t.Context(), "SELECT p.name, p.addr FROM people p WHERE ARRAY_CONTAINS(@p1, p.id)",
			[]string{"1"}, cosmos.PartitionKey("London")).Scan(&p.Name, &p.Addr))
	require.Equal(t, "W1", p.Addr.V.Zip)

	_, err = db.ExecContext(t.Context(), insert, "4", "Rome", "Di", 7, address{Zip: "00100"}, map[string]any{"a": 1})
	require.NoError(t, err, "structs and maps reach the driver")

	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	stmt, err := tx.PrepareContext(t.Context(), "UPDATE people SET age = ? WHERE id = ? AND city = 'Rome'")
	require.NoError(t, err)
	_, err = stmt.ExecContext(t.Context(), 8, "4")
	require.NoError(t, err)
	require.NoError(t, tx.Commit())
	var age sql.Null[int]
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT VALUE p.age FROM people p WHERE p.id = '4'").Scan(&age))
	require.Equal(t, 8, age.V)
}

// TestOtelsqlComments: with a commenter every statement carries a comment /* */ of its trace.
func TestOtelsqlComments(t *testing.T) {
	srv, plain := open(t)
	fill(t, plain)
	db, err := otelsql.Open("cosmos", srv.DSN("shop"), otelsql.WithSQLCommenter(true),
		otelsql.WithTracerProvider(sdktrace.NewTracerProvider()))
	require.NoError(t, err)
	defer db.Close()
	ctx, span := sdktrace.NewTracerProvider().Tracer("test").Start(t.Context(), "work")
	defer span.End()
	require.True(t, span.SpanContext().IsValid())

	var name string
	require.NoError(t, db.QueryRowContext(ctx, "SELECT p.name FROM people p WHERE p.id = ?", "1").Scan(&name))
	require.Equal(t, "Ada", name)
	for _, text := range []string{
		"INSERT INTO people (id, city) VALUES ('4', 'Rome')",
		"UPDATE people SET age = 1 WHERE id = '4' AND city = 'Rome'",
		"DELETE FROM people WHERE age = 1;",
		"SELECT COUNT(*) FROM people",
	} {
		rows, err := db.QueryContext(ctx, text)
		require.NoError(t, err, text)
		require.NoError(t, rows.Close())
	}
	require.Equal(t, []any{"3"}, rows(t, plain, "SELECT VALUE COUNT(1) FROM people p"))
}
