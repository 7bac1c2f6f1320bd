package compat

import (
	"testing"

	sq "github.com/Masterminds/squirrel"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/dsl"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"
)

// TestDSLRunWith runs every kind of statement of package dsl with what squirrel takes, too.
func TestDSLRunWith(t *testing.T) {
	_, plain := open(t)
	for name, db := range map[string]sq.BaseRunner{
		"DB":    plain,
		"sqlx":  sqlx.NewDb(plain, "cosmos"),
		"cache": sq.NewStmtCache(plain),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := dsl.Insert("people").Columns("id", "city", "name", "age", "tags").
				Values("1", name, "Ada", 36, []string{"math"}).RunWith(db).ExecContext(t.Context())
			require.NoError(t, err)
			_, err = dsl.Upsert("people").
				Document(map[string]any{"id": "2", "city": name, "name": "Bo", "addr": address{Zip: "0150"}}).
				RunWith(db).ExecContext(t.Context())
			require.NoError(t, err)

			r, err := dsl.Update("people p").Increment("p.age", 1).Append("p.tags", "engines").
				Set("p.addr", address{Zip: "W1"}).
				Where(sq.Eq{"p.id": "1", "p.city": name}).RunWith(db).ExecContext(t.Context())
			require.NoError(t, err)
			n, err := r.RowsAffected()
			require.NoError(t, err)
			require.Equal(t, int64(1), n)

			var p person
			require.NoError(t, dsl.Select("p.id", "p.age", "p.tags", "p.addr").From("people p").
				Where(dsl.ArrayContains("p.tags", "engines")).Where(sq.Or{sq.Gt{"p.age": 36}, sq.Eq{"p.name": nil}}).
				Where(dsl.Eq{"p.city": name}).With(cosmos.PartitionKey(name)).
				RunWith(db).ScanContext(t.Context(), &p.ID, &p.Age, &p.Tags, &p.Addr))
			require.Equal(t, "1", p.ID)
			require.Equal(t, 37, *p.Age)
			require.Equal(t, []string{"math", "engines"}, p.Tags.V)
			require.Equal(t, "W1", p.Addr.V.Zip)

			rows, err := dsl.Delete("people").Where(dsl.Eq{"city": name}).Returning("id").RunWith(db).
				QueryContext(t.Context())
			require.NoError(t, err)
			defer rows.Close()
			var ids []string
			for rows.Next() {
				var id string
				require.NoError(t, rows.Scan(&id))
				ids = append(ids, id)
			}
			require.NoError(t, rows.Err())
			require.ElementsMatch(t, []string{"1", "2"}, ids)
		})
	}
}

func TestDSLInATransaction(t *testing.T) {
	_, db := open(t)
	fill(t, db)
	tx, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { _ = tx.Rollback() }()
	_, err = dsl.Insert("people").Columns("id", "city").Values("4", "Oslo").Values("5", "Oslo").RunWith(tx).
		ExecContext(t.Context())
	require.NoError(t, err)
	_, err = dsl.Update("people").Remove("tags").Set("name", "Bob").Where(dsl.Eq{"id": "2", "city": "Oslo"}).
		RunWith(tx).ExecContext(t.Context())
	require.NoError(t, err)
	_, err = dsl.Delete("people").Where(dsl.Eq{"id": "3", "city": "Oslo"}).RunWith(tx).ExecContext(t.Context())
	require.NoError(t, err)
	_, err = dsl.Select("*").From("people").RunWith(tx).QueryContext(t.Context())
	require.Error(t, err, "a query is not part of a batch")
	require.NoError(t, tx.Commit())

	var ids []string
	text, args, err := dsl.SelectValue("p.id").From("people p").Where(dsl.Eq{"p.city": "Oslo"}).OrderBy("p.id").ToSql()
	require.NoError(t, err)
	require.NoError(t, sqlx.NewDb(db, "cosmos").SelectContext(t.Context(), &ids, text, args...))
	require.Equal(t, []string{"2", "4", "5"}, ids)
}

// TestDSLSubqueriesNumberOnce is squirrel's trap of TestSquirrelNestedBuilders, which dsl does not have.
func TestDSLSubqueriesNumberOnce(t *testing.T) {
	_, db := open(t)
	fill(t, db)
	inner := dsl.SelectValue("COUNT(1)").From("t IN p.tags").Where(dsl.NotEq{"t": "engines"})
	q := dsl.Select("p.name").Column(dsl.As(inner, "n")).From("people p").
		Where(dsl.Eq{"p.id": []string{"1", "3"}}).
		Where(dsl.Exists(dsl.Select("*").From("t IN p.tags").Where(dsl.Eq{"t": "math"})))
	var name string
	var n int
	require.NoError(t, q.RunWith(db).ScanContext(t.Context(), &name, &n))
	require.Equal(t, "Ada", name)
	require.Equal(t, 1, n)
}
