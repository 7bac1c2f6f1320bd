package compat

import (
	"database/sql"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/jmoiron/sqlx"
	"github.com/jmoiron/sqlx/reflectx"
	"github.com/stretchr/testify/require"
)

// sqlxDBs are the two ways to use sqlx: as it is, when it writes ?, and told of the driver, when it writes @p1.
func sqlxDBs(t *testing.T, run func(t *testing.T, db *sqlx.DB)) {
	for _, tt := range []struct{ name, driver string }{
		{"unbound", "cosmos"},
		{"bound", "cosmos-bound"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, db := open(t)
			fill(t, db)
			run(t, sqlx.NewDb(db, tt.driver))
		})
	}
}

func init() { sqlx.BindDriver("cosmos-bound", sqlx.AT) }

func TestSqlxGet(t *testing.T) {
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		var p person
		require.NoError(t, db.GetContext(t.Context(), &p, "SELECT * FROM people p WHERE p.id = @p1", "1"))
		require.Equal(t, "Ada", p.Name)
		require.Equal(t, address{"W1", "St James's"}, p.Addr.V)
		require.Equal(t, []string{"math", "engines"}, p.Tags.V)

		require.NoError(t, db.GetContext(t.Context(), &p, db.Rebind("SELECT * FROM people p WHERE p.name = ?"), "Cy"))
		require.Nil(t, p.Age)

		var n int
		require.NoError(t, db.GetContext(t.Context(), &n, "SELECT VALUE COUNT(1) FROM people p WHERE p.city = 'Oslo'"))
		require.Equal(t, 2, n)

		require.ErrorIs(t, db.GetContext(t.Context(), &p, "SELECT * FROM people p WHERE p.id = 'x'"), sql.ErrNoRows)
	})
}

func TestSqlxSelect(t *testing.T) {
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		var people []person
		require.NoError(t, db.SelectContext(t.Context(), &people, "SELECT * FROM people p WHERE p.city = 'Oslo'"))
		require.Len(t, people, 2)

		var whole []cosmos.JSON[map[string]any]
		require.NoError(t, db.SelectContext(t.Context(), &whole, "SELECT VALUE p FROM people p WHERE p.id = '1'"))
		require.Equal(t, "Ada", whole[0].V["name"])
		require.Contains(t, whole[0].V, "_etag", "SELECT VALUE hides nothing")

		var names []string
		require.NoError(t,
			db.SelectContext(t.Context(), &names, "SELECT VALUE p.name FROM people p WHERE p.city = 'Oslo'"))
		require.ElementsMatch(t, []string{"Bo", "Cy"}, names)

		var none []person
		require.NoError(t, db.SelectContext(t.Context(), &none, "SELECT * FROM people p WHERE p.id = 'x'"))
		require.Nil(t, none)
	})
}

func TestSqlxIn(t *testing.T) {
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		query, args, err := sqlx.In("SELECT VALUE p.name FROM people p WHERE p.id IN (?) AND p.city = ?",
			[]string{"1", "2"}, "Oslo")
		require.NoError(t, err)
		var names []string
		require.NoError(t, db.SelectContext(t.Context(), &names, db.Rebind(query), args...))
		require.Equal(t, []string{"Bo"}, names)
	})
}

func TestSqlxMapScan(t *testing.T) {
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		rows, err := db.QueryxContext(t.Context(), "SELECT * FROM people p WHERE p.id = '1'")
		require.NoError(t, err)
		defer rows.Close()
		require.True(t, rows.Next())
		m := map[string]any{}
		require.NoError(t, rows.MapScan(m))
		require.Equal(t, map[string]any{
			"id": "1", "city": "London", "name": "Ada", "age": int64(36),
			"addr": []byte(`{"zip":"W1","line":"St James's"}`), "tags": []byte(`["math","engines"]`),
		}, m)
		require.False(t, rows.Next())

		// What MapScan gives can be inserted again: the bytes are JSON.
		m["id"] = "copy"
		_, err = db.NamedExecContext(t.Context(),
			"INSERT INTO people (id, city, name, age, addr, tags) VALUES (:id, :city, :name, :age, :addr, :tags)", m)
		require.NoError(t, err)
		var zip string
		require.NoError(t,
			db.GetContext(t.Context(), &zip, "SELECT VALUE p.addr.zip FROM people p WHERE p.id = 'copy'"))
		require.Equal(t, "W1", zip)
	})
}

func TestSqlxNamed(t *testing.T) {
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		age := 7
		r, err := db.NamedExecContext(t.Context(),
			"INSERT INTO people (id, city, name, age, addr, tags) VALUES (:id, :city, :name, :age, :addr, :tags)",
			person{ID: "4", City: "Rome", Name: "Di", Age: &age, Tags: cosmos.JSON[[]string]{V: []string{"x"}}})
		require.NoError(t, err)
		n, err := r.RowsAffected()
		require.NoError(t, err)
		require.Equal(t, int64(1), n)

		rows, err := db.NamedQueryContext(t.Context(),
			"SELECT p.id, p.tags FROM people p WHERE p.city = :city AND p.age = :age",
			map[string]any{"city": "Rome", "age": 7})
		require.NoError(t, err)
		defer rows.Close()
		require.True(t, rows.Next())
		var p person
		require.NoError(t, rows.StructScan(&p))
		require.Equal(t, []string{"x"}, p.Tags.V)
		require.False(t, rows.Next())

		stmt, err := db.PrepareNamedContext(t.Context(), "SELECT VALUE p.name FROM people p WHERE p.id = :id")
		require.NoError(t, err)
		defer stmt.Close()
		var name string
		require.NoError(t, stmt.GetContext(t.Context(), &name, map[string]any{"id": "4"}))
		require.Equal(t, "Di", name)
	})
}

func TestSqlxNamedExecOfASlice(t *testing.T) {
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		people := []person{{ID: "4", City: "Rome", Name: "Di"}, {ID: "5", City: "Rome", Name: "Ed"}}
		r, err := db.NamedExecContext(t.Context(),
			"INSERT INTO people (id, city, name) VALUES (:id, :city, :name)", people)
		require.NoError(t, err)
		n, err := r.RowsAffected()
		require.NoError(t, err)
		require.Equal(t, int64(2), n)

		people[1].City = "Oslo"
		_, err = db.NamedExecContext(t.Context(),
			"UPSERT INTO people (id, city, name) VALUES (:id, :city, :name)", people)
		require.ErrorContains(t, err, "one partition key")
	})
}

func TestSqlxOptionsRideTheContext(t *testing.T) {
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		var st cosmos.Stats
		ctx := cosmos.WithStats(cosmos.WithOptions(t.Context(), cosmos.PartitionKey("Oslo")), &st)
		rows, err := db.NamedQueryContext(ctx, "SELECT VALUE p.id FROM people p WHERE p.name != :not",
			map[string]any{"not": "Bo"})
		require.NoError(t, err)
		defer rows.Close()
		var ids []string
		for rows.Next() {
			var id string
			require.NoError(t, rows.Scan(&id))
			ids = append(ids, id)
		}
		require.Equal(t, []string{"3"}, ids, "Ada is in another partition")
		require.Equal(t, 1, st.Snapshot().Pages)

		var id string
		require.NoError(t, db.GetContext(t.Context(), &id, "SELECT VALUE p.id FROM people p WHERE p.name = @p1",
			cosmos.PartitionKey("Oslo"), "Bo"))
		require.Equal(t, "2", id)
	})
}

func TestSqlxMapsJSONTags(t *testing.T) {
	_, plain := open(t)
	fill(t, plain)
	db := sqlx.NewDb(plain, "cosmos")
	db.Mapper = reflectx.NewMapperFunc("json", func(s string) string { return s })
	var p struct {
		ID        string                      `json:"id"`
		Name      string                      `json:"name,omitempty"`
		HomeTown  string                      `json:"city"`
		Nicknames *cosmos.JSON[[]string]      `json:"tags"`
		Address   cosmos.JSON[address]        `json:"addr"`
		Age       sql.Null[int]               `json:"age"`
		Unused    map[string]cosmos.JSON[any] `json:"unused"`
	}
	require.NoError(t, db.GetContext(t.Context(), &p, "SELECT * FROM people p WHERE p.id = '1'"))
	require.Equal(t, "London", p.HomeTown)
	require.Equal(t, []string{"math", "engines"}, p.Nicknames.V)
	require.Equal(t, 36, p.Age.V)
}

func TestSqlxTransaction(t *testing.T) {
	sqlxDBs(t, func(t *testing.T, db *sqlx.DB) {
		tx, err := db.BeginTxx(t.Context(), nil)
		require.NoError(t, err)
		defer func() { _ = tx.Rollback() }()
		_, err = tx.NamedExecContext(t.Context(), "INSERT INTO people (id, city, name) VALUES (:id, :city, :name)",
			person{ID: "4", City: "Oslo", Name: "Di"})
		require.NoError(t, err)
		_, err = tx.ExecContext(t.Context(),
			tx.Rebind("UPDATE people SET age = age + 1 WHERE id = ? AND city = ?"), "2", "Oslo")
		require.NoError(t, err)
		require.NoError(t, tx.Commit())
		var ages []sql.NullInt64
		require.NoError(t, db.SelectContext(t.Context(), &ages,
			"SELECT p.age FROM people p WHERE p.city = 'Oslo' AND p.id IN ('2', '4')"))
		require.ElementsMatch(t, []sql.NullInt64{{Int64: 42, Valid: true}, {}}, ages)
	})
}
