package compat

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

type bunPerson struct {
	bun.BaseModel `bun:"table:people,alias:p"`
	ID            string `bun:"id,pk"`
	City          string `bun:"city"`
	Name          string `bun:"name"`
	Age           *int   `bun:"age"`
}

// bun pastes values into the text and quotes every name.
func TestBun(t *testing.T) {
	_, sqlDB := open(t)
	fill(t, sqlDB)
	db := bun.NewDB(sqlDB, pgdialect.New())
	ctx := t.Context()

	var people []bunPerson
	require.NoError(t, db.NewSelect().Model(&people).Where("city = ?", "Oslo").Order("name DESC").Scan(ctx))
	require.Len(t, people, 2)
	require.Equal(t, "Cy", people[0].Name)
	require.Nil(t, people[0].Age)
	require.Equal(t, 41, *people[1].Age)

	n, err := db.NewSelect().Model((*bunPerson)(nil)).Where("? = ?", bun.Ident("city"), "Oslo").Count(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	var names []string
	require.NoError(t, db.NewSelect().Table("people").Column("name").Where("age IS NOT NULL").
		Where("name IN ?", bun.Tuple([]string{"Ada", "Bo"})).Order("name").Limit(1).Scan(ctx, &names))
	require.Equal(t, []string{"Ada"}, names)

	di := &bunPerson{ID: "4", City: "Rome", Name: "it's"}
	_, err = db.NewInsert().Model(di).Exec(ctx)
	require.NoError(t, err, "nil is DEFAULT for bun, and left out")
	require.Equal(t, []any{"it's <nil>"}, rows(t, sqlDB, "SELECT c.name, c.age FROM people c WHERE c.id = '4'"))
	age := 7
	di.Age = &age
	r, err := db.NewUpdate().Model(di).Column("name", "age").Where("id = ?", "4").Where("city = ?", "Rome").Exec(ctx)
	require.NoError(t, err)
	changed, err := r.RowsAffected()
	require.NoError(t, err)
	require.EqualValues(t, 1, changed)
	_, err = db.NewUpdate().Model(di).WherePK().Exec(ctx)
	require.NoError(t, err, "bun sets city to what it is")
	require.Equal(t, []any{"it's 7"}, rows(t, sqlDB, "SELECT c.name, c.age FROM people c WHERE c.id = '4'"))

	r, err = db.NewDelete().Table("people").Where("? <> ?", bun.Ident("name"), "Ada").Exec(ctx)
	require.NoError(t, err)
	deleted, err := r.RowsAffected()
	require.NoError(t, err)
	require.EqualValues(t, 3, deleted)
	require.Equal(t, []any{"Ada"}, rows(t, sqlDB, "SELECT c.name FROM people c"))

	_, err = db.NewInsert().Model(di).On("CONFLICT (id) DO UPDATE").Exec(ctx)
	require.ErrorContains(t, err, "Write UPSERT INTO")
	_, err = db.NewCreateTable().Model(di).Exec(ctx)
	require.ErrorContains(t, err, "Documents have no fixed columns")
}
