package compat

import (
	"testing"

	"github.com/huandu/go-sqlbuilder"
	"github.com/stretchr/testify/require"
)

func TestSQLBuilder(t *testing.T) {
	for _, flavor := range []sqlbuilder.Flavor{sqlbuilder.PostgreSQL, sqlbuilder.MySQL, sqlbuilder.SQLite} {
		t.Run(flavor.String(), func(t *testing.T) {
			_, db := open(t)
			fill(t, db)
			ctx := t.Context()
			type row struct {
				ID   string `db:"id" fieldtag:"pk"`
				City string `db:"city"`
				Name string `db:"name"`
			}
			people := sqlbuilder.NewStruct(new(row)).For(flavor)

			sb := people.SelectFrom("people")
			sb.Where(sb.Equal("city", "Oslo"), sb.Or(sb.IsNull("age"), sb.GreaterThan("age", 40)),
				sb.NotEqual("name", "x"))
			text, args := sb.OrderByDesc("name").Limit(5).Offset(0).Build()
			got := []row{}
			rs, err := db.QueryContext(ctx, text, args...)
			require.NoError(t, err, text)
			for rs.Next() {
				var r row
				require.NoError(t, rs.Scan(people.Addr(&r)...))
				got = append(got, r)
			}
			require.NoError(t, rs.Err())
			require.Equal(t, []row{{"3", "Oslo", "Cy"}, {"2", "Oslo", "Bo"}}, got)

			text, args = people.InsertInto("people", row{"4", "Rome", "Di"}, row{"5", "Rome", "Ed"}).Build()
			_, err = db.ExecContext(ctx, text, args...)
			require.NoError(t, err, text)
			ub := flavor.NewUpdateBuilder().Update("people")
			text, args = ub.Set(ub.Assign("name", "Dina"), ub.Add("visits", 2)).
				Where(ub.In("id", "4", "x"), ub.Like("name", "D%")).Build()
			r, err := db.ExecContext(ctx, text, args...)
			require.NoError(t, err, text)
			n, err := r.RowsAffected()
			require.NoError(t, err)
			require.EqualValues(t, 1, n)
			require.Equal(t, []any{"Dina 2"}, rows(t, db, "SELECT c.name, c.visits FROM people c WHERE c.id = '4'"))
			del := flavor.NewDeleteBuilder().DeleteFrom("people")
			text, args = del.Where(del.Between("name", "D", "F")).Build()
			r, err = db.ExecContext(ctx, text, args...)
			require.NoError(t, err, text)
			n, err = r.RowsAffected()
			require.NoError(t, err)
			require.EqualValues(t, 2, n)
		})
	}
	for _, flavor := range []sqlbuilder.Flavor{sqlbuilder.SQLServer, sqlbuilder.Oracle} {
		_, db := open(t)
		sb := flavor.NewSelectBuilder().Select("id").From("people").OrderBy("id").Limit(5).Offset(1)
		text, args := sb.Build()
		_, err := db.QueryContext(t.Context(), text, args...)
		require.ErrorContains(t, err, "OFFSET m LIMIT n", text)
	}
}
