package compat

import (
	"testing"
	"testing/fstest"

	"github.com/cosmossql/cosmossql/test/compat/recipes"
	"github.com/golang-migrate/migrate/v4"
	migratedb "github.com/golang-migrate/migrate/v4/database"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/require"
)

func TestGoose(t *testing.T) {
	_, db := open(t)
	ctx := t.Context()
	files := fstest.MapFS{
		"00001_orders.sql": {Data: []byte(
			"-- +goose NO TRANSACTION\n-- +goose Up\nCREATE CONTAINER orders PARTITION KEY (/customer);\n" +
				"INSERT INTO orders (id, customer) VALUES ('1', 'ada');\n\n-- +goose Down\nDROP CONTAINER orders;\n")},
		"00002_state.sql": {Data: []byte(
			"-- +goose NO TRANSACTION\n-- +goose Up\nUPDATE orders SET state = 'new' WHERE state IS NULL;\n" +
				"-- +goose Down\nUPDATE orders SET state = undefined WHERE true;\n")},
	}
	p, err := goose.NewProvider(goose.DialectCustom, db, files, goose.WithStore(recipes.GooseStore{Container: "goose"}),
		goose.WithIsolateDDL(true))
	require.NoError(t, err)
	done, err := p.Up(ctx)
	require.NoError(t, err)
	require.Len(t, done, 2)
	require.Equal(t, []any{"1 ada new"}, rows(t, db, "SELECT o.id, o.customer, o.state FROM orders o"))
	version, err := p.GetDBVersion(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2, version)
	_, err = p.Up(ctx)
	require.NoError(t, err, "which has nothing left to do")

	_, err = p.Down(ctx)
	require.NoError(t, err)
	require.Equal(t, []any{"<nil>"}, rows(t, db, "SELECT o.state FROM orders o"))
	_, err = p.DownTo(ctx, 0)
	require.NoError(t, err)
	require.NotContains(t, rows(t, db, "SELECT VALUE g.version FROM goose g"), "1")

	// Without the option a migration that does not say NO TRANSACTION is one, which cannot change definitions.
	files["00003_more.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nCREATE CONTAINER more PARTITION KEY (/a);\n")}
	p, err = goose.NewProvider(goose.DialectCustom, db, files, goose.WithStore(recipes.GooseStore{Container: "goose"}))
	require.NoError(t, err)
	_, err = p.Up(ctx)
	require.ErrorContains(t, err, "a transaction changes documents only; run the statement outside it")
}

func TestMigrate(t *testing.T) {
	_, db := open(t)
	files := fstest.MapFS{
		"1_orders.up.sql": {Data: []byte("CREATE CONTAINER orders PARTITION KEY (/customer);\n" +
			"INSERT INTO orders (id, customer) VALUES ('1', 'ada');\n")},
		"1_orders.down.sql": {Data: []byte("DROP CONTAINER orders")},
		"2_wrong.up.sql":    {Data: []byte("ALTER TABLE orders ADD COLUMN state TEXT;")},
	}
	source, err := iofs.New(files, ".")
	require.NoError(t, err)
	driver, err := recipes.NewMigrateDriver(t.Context(), db, "migrations")
	require.NoError(t, err)
	m, err := migrate.NewWithInstance("files", source, "cosmos", driver)
	require.NoError(t, err)
	require.NoError(t, m.Migrate(1))
	require.Equal(t, []any{"1 ada"}, rows(t, db, "SELECT o.id, o.customer FROM orders o"))
	require.ErrorContains(t, m.Migrate(2), "Documents have no fixed columns")
	version, dirty, err := m.Version()
	require.NoError(t, err)
	require.EqualValues(t, 2, version)
	require.True(t, dirty)
	require.NoError(t, m.Force(1))
	require.NoError(t, m.Down())
	_, _, err = m.Version()
	require.ErrorIs(t, err, migrate.ErrNilVersion)

	require.NoError(t, driver.Lock())
	require.ErrorIs(t, driver.Lock(), migratedb.ErrLocked)
	require.NoError(t, driver.Unlock())
	require.NoError(t, driver.Lock())
}
