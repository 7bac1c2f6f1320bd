package compat

import (
	"testing"

	"github.com/doug-martin/goqu/v9"
	_ "github.com/doug-martin/goqu/v9/dialect/postgres"
	_ "github.com/doug-martin/goqu/v9/dialect/sqlite3"
	"github.com/stretchr/testify/require"
)

type goquPerson struct {
	ID   string `db:"id" goqu:"skipupdate"`
	City string `db:"city" goqu:"skipupdate"`
	Name string `db:"name"`
	Age  *int   `db:"age"`
}

// goqu quotes every name, and pastes values into the text unless it is asked to prepare.
func TestGoqu(t *testing.T) {
	for _, prepared := range []bool{false, true} {
		_, sqlDB := open(t)
		fill(t, sqlDB)
		goqu.SetDefaultPrepared(prepared)
		db := goqu.New("postgres", sqlDB)

		var names []string
		require.NoError(t, db.From("people").Select("name").Where(goqu.C("city").Eq("Oslo")).
			Order(goqu.C("name").Desc()).ScanVals(&names))
		require.Equal(t, []string{"Cy", "Bo"}, names)

		var p goquPerson
		found, err := db.From("people").Where(goqu.Ex{"id": "1", "city": "London"}).ScanStruct(&p)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, "Ada", p.Name)
		require.Equal(t, 36, *p.Age)

		n, err := db.From("people").Where(goqu.C("city").Eq("Oslo")).Count()
		require.NoError(t, err)
		require.EqualValues(t, 2, n)
		oldest, err := 0, error(nil)
		_, err = db.From("people").Select(goqu.MAX("age").As("m")).ScanVal(&oldest)
		require.NoError(t, err)
		require.Equal(t, 41, oldest)

		var some []goquPerson
		require.NoError(t, db.From("people").Where(
			goqu.Or(goqu.C("age").IsNull(), goqu.C("age").Between(goqu.Range(40, 50))),
			goqu.C("name").In("Bo", "Cy"), goqu.C("name").NotLike("A%"), goqu.L(`"city"`).Neq("Rome"),
		).Order(goqu.I("people.name").Asc()).Limit(1).Offset(1).ScanStructs(&some))
		require.Len(t, some, 1)
		require.Equal(t, "Cy", some[0].Name)

		_, err = db.Insert("people").Rows(goqu.Record{"id": "4", "city": "Rome", "name": "it's", "age": nil},
			goqu.Record{"id": "5", "city": "Rome", "name": "Ed", "age": 5}).Executor().Exec()
		require.NoError(t, err)
		r, err := db.Update("people").Set(goqu.Record{"age": goqu.L(`"age" + 1`), "nick": "E"}).
			Where(goqu.C("name").Eq("Ed")).Executor().Exec()
		require.NoError(t, err)
		changed, err := r.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 1, changed)
		require.Equal(t, []any{"6 E"}, rows(t, sqlDB, "SELECT c.age, c.nick FROM people c WHERE c.id = '5'"))

		r, err = db.Delete("people").Where(goqu.C("name").Neq("Ada")).Executor().Exec()
		require.NoError(t, err)
		deleted, err := r.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 4, deleted)
		require.Equal(t, []any{"Ada"}, rows(t, sqlDB, "SELECT c.name FROM people c"))

		tx, err := db.Begin()
		require.NoError(t, err)
		require.NoError(t, tx.Wrap(func() error {
			_, err := tx.Insert("people").Rows(goqu.Record{"id": "7", "city": "Paris"}).Executor().Exec()
			return err
		}))
		require.Equal(t, []any{"2"}, rows(t, sqlDB, "SELECT VALUE COUNT(1) FROM people c"))

		// What goqu writes for other databases says what it would be here.
		_, err = db.Insert("people").Rows(goqu.Record{"id": "7", "city": "Paris"}).OnConflict(goqu.DoNothing()).
			Executor().Exec()
		require.ErrorContains(t, err, "Write UPSERT INTO")
		_, err = db.From("people").
			Join(goqu.T("orders"), goqu.On(goqu.I("people.id").Eq(goqu.I("orders.person")))).Count()
		require.ErrorContains(t, err, "joins a document with its own arrays only")
		_, err = db.Delete("people").Executor().Exec()
		require.ErrorContains(t, err, "write WHERE true for every document")
	}
}
