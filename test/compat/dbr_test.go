package compat

import (
	"testing"

	"github.com/gocraft/dbr/v2"
	"github.com/gocraft/dbr/v2/dialect"
	"github.com/stretchr/testify/require"
)

func TestDBR(t *testing.T) {
	_, db := open(t)
	fill(t, db)
	for _, d := range []dbr.Dialect{dialect.PostgreSQL, dialect.SQLite3} {
		session := (&dbr.Connection{DB: db, Dialect: d, EventReceiver: &dbr.NullEventReceiver{}}).NewSession(nil)
		var names []string
		_, err := session.Select("name").From("people").Where(dbr.And(dbr.Eq("city", "Oslo"), dbr.Neq("name", "x"))).
			OrderDesc("name").LoadContext(t.Context(), &names)
		require.NoError(t, err)
		require.Equal(t, []string{"Cy", "Bo"}, names)
		var p struct{ ID, City, Name string }
		require.NoError(t, session.Select("id", "city", "name").From("people").
			Where("id = ? AND city IN ?", "1", []string{"London", "x"}).LoadOneContext(t.Context(), &p))
		require.Equal(t, "Ada", p.Name)
		var n int
		require.NoError(t,
			session.Select("COUNT(*)").From("people").Where(dbr.Eq("age", nil)).LoadOneContext(t.Context(), &n))
		require.Equal(t, 1, n)

		_, err = session.InsertInto("people").Columns("id", "city", "name").Values("4", "Rome", "it's").
			Values("5", "Rome", "Ed").ExecContext(t.Context())
		require.NoError(t, err)
		r, err := session.Update("people").Set("nick", "D").IncrBy("visits", 1).Where(dbr.Eq("id", "4")).
			ExecContext(t.Context())
		require.NoError(t, err)
		changed, err := r.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 1, changed)
		require.Equal(t, []any{"it's D 1"},
			rows(t, db, "SELECT c.name, c.nick, c.visits FROM people c WHERE c.id = '4'"))
		r, err = session.DeleteFrom("people").Where(dbr.And(dbr.Neq("city", "London"), dbr.Neq("city", "Oslo"))).
			ExecContext(t.Context())
		require.NoError(t, err)
		deleted, err := r.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 2, deleted)
	}
}
