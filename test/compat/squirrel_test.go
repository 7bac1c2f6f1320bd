package compat

import (
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/google/uuid"
	"github.com/lann/builder"
	"github.com/stretchr/testify/require"
)

var psql = sq.StatementBuilder.PlaceholderFormat(sq.AtP)

func TestSquirrelRunWithDB(t *testing.T) {
	for _, tt := range []struct {
		name string
		sq   sq.StatementBuilderType
	}{
		{"marks", sq.StatementBuilder},
		{"numbers", psql},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, plain := open(t)
			db := tt.sq.RunWith(plain)
			id := uuid.New()
			_, err := db.Insert("people").Columns("id", "city", "name", "age", "tags").
				Values(id, "Oslo", "Bo", 41, []string{"a", "b"}).ExecContext(t.Context())
			require.NoError(t, err)
			_, err = db.Insert("people").SetMap(map[string]any{"id": "2", "city": "Oslo", "age": nil}).
				ExecContext(t.Context())
			require.NoError(t, err)

			var name string
			require.NoError(t,
				db.Select("name").From("people").Where(sq.Eq{"id": id}).QueryRowContext(t.Context()).Scan(&name))
			require.Equal(t, "Bo", name)

			var n int
			q := db.Select("COUNT(*)").From("people").
				Where(sq.And{sq.Eq{"id": []string{id.String(), "x"}}, sq.Gt{"age": 40}, sq.Like{"name": "B%"}})
			require.NoError(t, q.QueryRowContext(t.Context()).Scan(&n), "IN, comparison and LIKE")
			require.Equal(t, 1, n)
			require.NoError(t, db.Select("COUNT(*)").From("people").Where(sq.Eq{"age": nil}).
				QueryRowContext(t.Context()).Scan(&n), "IS NULL")
			require.Equal(t, 1, n)
			require.NoError(t, db.Select("COUNT(*)").From("people").Where("ARRAY_CONTAINS(?, name)", []string{"Bo"}).
				QueryRowContext(t.Context()).Scan(&n))
			require.Equal(t, 1, n, "a slice is one argument")

			r, err := db.Update("people").Set("age", sq.Expr("age + ?", 1)).Set("addr.zip", "0150").
				Where(sq.Eq{"id": id, "city": "Oslo"}).ExecContext(t.Context())
			require.NoError(t, err, "the parent of a path is made")
			affected, err := r.RowsAffected()
			require.NoError(t, err)
			require.Equal(t, int64(1), affected)

			require.NoError(t,
				db.Update("people").Set("name", "Bob").Where(sq.Eq{"id": id}).Suffix("RETURNING age, name").
					QueryRowContext(t.Context()).Scan(&n, &name))
			require.Equal(t, 42, n)
			require.Equal(t, "Bob", name)

			r, err = db.Delete("people").Where(sq.Eq{"city": "Oslo"}).ExecContext(t.Context())
			require.NoError(t, err)
			affected, err = r.RowsAffected()
			require.NoError(t, err)
			require.Equal(t, int64(2), affected)
		})
	}
}

func TestSquirrelUpsertAndReplace(t *testing.T) {
	_, plain := open(t)
	db := psql.RunWith(plain)
	upsert := builder.Set(db.Insert("people"), "StatementKeyword", "UPSERT").(sq.InsertBuilder)
	for range 2 {
		_, err := upsert.Columns("id", "city").Values("1", "Oslo").ExecContext(t.Context())
		require.NoError(t, err)
		_, err = db.Replace("people").Columns("id", "city", "n").Values("1", "Oslo", 1).ExecContext(t.Context())
		require.NoError(t, err)
	}
	var n int
	require.NoError(t, db.Select("n").From("people").QueryRowContext(t.Context()).Scan(&n))
	require.Equal(t, 1, n)
}

func TestSquirrelRows(t *testing.T) {
	_, plain := open(t)
	db := psql.RunWith(plain)
	_, err := db.Insert("people").Columns("id", "city").Values("1", "Oslo").Values("2", "Oslo").ExecContext(t.Context())
	require.NoError(t, err)
	rows, err := db.Select("id").From("people").Where("city = ?", "Oslo").OrderBy("id DESC").Limit(1).
		QueryContext(t.Context())
	require.NoError(t, err)
	defer rows.Close()
	require.True(t, rows.Next())
	var id string
	require.NoError(t, rows.Scan(&id))
	require.Equal(t, "2", id)
}

func TestSquirrelOptionInASuffix(t *testing.T) {
	srv, plain := open(t)
	fill(t, plain)
	_ = srv
	var name string
	q := psql.Select("name").From("people").Where(sq.Eq{"id": "2"}).Suffix(" ", cosmos.PartitionKey("Oslo")).
		RunWith(plain)
	require.NoError(t, q.QueryRowContext(t.Context()).Scan(&name))
	require.Equal(t, "Bo", name)
}

// TestSquirrelNestedBuilders shows the trap of numbering twice: two builders that both number from 1 would bind one
// argument to both places. It is an error, not a wrong answer.
func TestSquirrelNestedBuilders(t *testing.T) {
	_, plain := open(t)
	fill(t, plain)
	inner := psql.Select("VALUE COUNT(1)").From("t IN p.tags").Where(sq.Eq{"t": "math"})
	q := psql.Select("p.name").Column(sq.Alias(inner, "n")).From("people p").Where(sq.Eq{"p.id": "1"})
	_, err := q.RunWith(plain).QueryContext(t.Context())
	require.ErrorContains(t, err, "argument 2 is not used")

	inner = inner.PlaceholderFormat(sq.Question)
	q = psql.Select("p.name").Column(sq.Alias(inner, "n")).From("people p").Where(sq.Eq{"p.id": "1"})
	var name string
	var n int
	require.NoError(t, q.RunWith(plain).QueryRowContext(t.Context()).Scan(&name, &n))
	require.Equal(t, "Ada", name)
	require.Equal(t, 1, n)
}

func TestSquirrelRunWithTx(t *testing.T) {
	_, plain := open(t)
	fill(t, plain)
	tx, err := plain.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	b := psql.RunWith(tx)
	_, err = b.Insert("people").Columns("id", "city", "name").Values("9", "Oslo", "Ed").ExecContext(t.Context())
	require.NoError(t, err)
	_, err = b.Update("people").Set("name", "Bob").Where(sq.Eq{"id": "2", "city": "Oslo"}).ExecContext(t.Context())
	require.NoError(t, err)
	_, err = b.Delete("people").Where(sq.Eq{"id": "3", "city": "Oslo"}).ExecContext(t.Context())
	require.NoError(t, err)
	require.NoError(t, tx.Commit())

	rows, err := psql.RunWith(plain).Select("name").From("people").Where(sq.Eq{"city": "Oslo"}).
		QueryContext(t.Context())
	require.NoError(t, err)
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		names = append(names, name)
	}
	require.ElementsMatch(t, []string{"Bob", "Ed"}, names)
}

// TestSquirrelOperators is what of Cosmos SQL squirrel has its own opinion on.
func TestSquirrelOperators(t *testing.T) {
	_, plain := open(t)
	fill(t, plain)
	for operator, db := range map[string]sq.StatementBuilderType{
		"??":   sq.StatementBuilder.RunWith(plain),
		"????": psql.RunWith(plain),
	} {
		var got string
		q := db.Select("VALUE p.none "+operator+" p.name").From("people p").Where("p.id = ?", "1")
		require.NoError(t, q.QueryRowContext(t.Context()).Scan(&got), operator)
		require.Equal(t, "Ada", got)

		rows, err := db.Select("p.id").From("people p").OrderBy("p.id").Limit(2).Offset(1).QueryContext(t.Context())
		require.NoError(t, err)
		var ids []string
		for rows.Next() {
			require.NoError(t, rows.Scan(&got))
			ids = append(ids, got)
		}
		require.NoError(t, rows.Err())
		require.Equal(t, []string{"2", "3"}, ids)

		_, err = db.Select("p.id").From("people p").Offset(1).QueryContext(t.Context())
		require.ErrorContains(t, err, "Syntax error", "Cosmos DB has no OFFSET without LIMIT")
	}
}
