package recipes

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/golang-migrate/migrate/v4/database"
)

// MigrateDriver runs the migrations of golang-migrate, one statement after the other, and keeps version and lock in a
// container of their own, partitioned by /id.
type MigrateDriver struct {
	DB        *sql.DB
	Container string
}

var _ database.Driver = (*MigrateDriver)(nil)

// NewMigrateDriver makes the container if it is not there.
func NewMigrateDriver(ctx context.Context, db *sql.DB, container string) (*MigrateDriver, error) {
	_, err := db.ExecContext(ctx, fmt.Sprintf("CREATE CONTAINER IF NOT EXISTS %q PARTITION KEY (/id)", container))
	return &MigrateDriver{db, container}, err
}

func (m *MigrateDriver) Open(string) (database.Driver, error) {
	return nil, errors.New("make it with NewMigrateDriver and hand it to migrate.NewWithInstance")
}

func (m *MigrateDriver) Close() error { return nil }

// Lock creates a document, which only one can.
func (m *MigrateDriver) Lock() error {
	_, err := m.DB.Exec(fmt.Sprintf("INSERT INTO %q (id) VALUES ('lock')", m.Container))
	if errors.Is(err, cosmos.ErrConflict) {
		return database.ErrLocked
	}
	return err
}

func (m *MigrateDriver) Unlock() error {
	_, err := m.DB.Exec(fmt.Sprintf("DELETE FROM %q WHERE id = 'lock'", m.Container))
	return err
}

// Run executes the statements of a file, each of which ends in a semicolon at the end of its line.
func (m *MigrateDriver) Run(migration io.Reader) error {
	text, err := io.ReadAll(migration)
	if err != nil {
		return err
	}
	for _, statement := range strings.Split(string(text)+"\n", ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := m.DB.Exec(statement); err != nil {
			return database.Error{OrigErr: err, Err: "migration failed", Query: []byte(statement)}
		}
	}
	return nil
}

func (m *MigrateDriver) SetVersion(version int, dirty bool) error {
	_, err := m.DB.Exec(fmt.Sprintf("UPSERT INTO %q (id, version, dirty) VALUES ('version', @p1, @p2)", m.Container),
		version, dirty)
	return err
}

func (m *MigrateDriver) Version() (version int, dirty bool, err error) {
	err = m.DB.QueryRow(fmt.Sprintf("SELECT version, dirty FROM %q WHERE id = 'version'", m.Container)).
		Scan(&version, &dirty)
	if errors.Is(err, sql.ErrNoRows) {
		return database.NilVersion, false, nil
	}
	return version, dirty, err
}

func (m *MigrateDriver) Drop() error {
	return errors.New("drop the containers by hand: DROP CONTAINER …")
}
