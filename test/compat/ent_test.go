package compat

import (
	"database/sql"
	"testing"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/stretchr/testify/require"
)

// ent's generated code writes with its builder of package dialect/sql.
func TestEnt(t *testing.T) {
	for _, name := range []string{dialect.Postgres, dialect.SQLite} {
		_, db := open(t)
		fill(t, db)
		drv := entsql.OpenDB(name, db)
		b := entsql.Dialect(name)
		query := func(text string, args []any) (names []string) {
			t.Helper()
			var rows entsql.Rows
			require.NoError(t, drv.Query(t.Context(), text, args, &rows), text)
			require.NoError(t, entsql.ScanSlice(rows, &names))
			return names
		}
		exec := func(text string, args []any) int64 {
			t.Helper()
			var r sql.Result
			require.NoError(t, drv.Exec(t.Context(), text, args, &r), text)
			n, err := r.RowsAffected()
			require.NoError(t, err)
			return n
		}
		people := entsql.Table("people")
		if name == dialect.SQLite {
			t.Log("backticks are SQLite's and MySQL's way of ent: see docs/libraries.md")
			text, args := b.Select("name").From(people).Query()
			var rows entsql.Rows
			require.ErrorContains(t, drv.Query(t.Context(), text, args, &rows), "Write names in double quotes")
			continue
		}
		require.Equal(t, []string{"Cy", "Bo"}, query(b.Select(people.C("name")).From(people).
			Where(entsql.EQ(people.C("city"), "Oslo")).OrderBy(entsql.Desc(people.C("name"))).Query()))
		require.Equal(t, []string{"Bo"}, query(b.Select("name").From(people).
			Where(entsql.And(entsql.NotNull("age"), entsql.GT("age", 40), entsql.Not(entsql.EQ("name", "Ada")))).
			Query()))
		require.Equal(t, []string{"Ada", "Cy"}, query(b.Select("name").From(people).
			Where(entsql.Or(entsql.In("name", "Ada", "x"), entsql.IsNull("age"))).OrderBy("name").Limit(5).
			Offset(0).Query()))
		require.Equal(t, []string{"Ada"},
			query(b.Select("name").From(people).Where(entsql.HasPrefix("name", "A")).Query()))
		require.Equal(t, []string{"3"}, query(b.Select(entsql.Count("*")).From(people).Query()))
		require.EqualValues(t, 1,
			exec(b.Insert("people").Columns("id", "city", "name", "age").Values("4", "Rome", "Di", nil).Query()))
		require.EqualValues(t, 1, exec(b.Update("people").Set("name", "Dina").Add("visits", 1).SetNull("nick").
			Where(entsql.EQ("id", "4")).Query()))
		require.Equal(t, []any{"Dina 1 <nil>"},
			rows(t, db, "SELECT c.name, c.visits, c.nick FROM people c WHERE c.id = '4'"))
		require.EqualValues(t, 3, exec(b.Delete("people").Where(entsql.NEQ("name", "Ada")).Query()))
		require.Equal(t, []any{"Ada"}, rows(t, db, "SELECT c.name FROM people c"))
		text, args := b.Insert("people").Columns("id").Values("4").OnConflict(entsql.ResolveWithNewValues()).Query()
		require.ErrorContains(t, drv.Exec(t.Context(), text, args, nil), "Write UPSERT INTO")
	}
}
