package recipes

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pressly/goose/v3/database"
)

// GooseStore keeps the versions of goose in a container of their own, partitioned by /store, one document a version.
type GooseStore struct{ Container string }

var _ database.Store = GooseStore{}

func (s GooseStore) Tablename() string { return s.Container }

func (s GooseStore) CreateVersionTable(ctx context.Context, db database.DBTxConn) error {
	_, err := db.ExecContext(ctx, fmt.Sprintf("CREATE CONTAINER IF NOT EXISTS %q PARTITION KEY (/store)", s.Container))
	return err
}

func (s GooseStore) Insert(ctx context.Context, db database.DBTxConn, r database.InsertRequest) error {
	_, err := db.ExecContext(ctx,
		fmt.Sprintf("UPSERT INTO %q (id, store, version, at) VALUES (@p1, 'goose', @p2, @p3)", s.Container),
		strconv.FormatInt(r.Version, 10), r.Version, time.Now().UTC())
	return err
}

func (s GooseStore) Delete(ctx context.Context, db database.DBTxConn, version int64) error {
	_, err := db.ExecContext(ctx, fmt.Sprintf("DELETE FROM %q WHERE id = @p1 AND store = 'goose'", s.Container),
		strconv.FormatInt(version, 10))
	return err
}

func (s GooseStore) GetMigration(ctx context.Context, db database.DBTxConn,
	version int64) (*database.GetMigrationResult, error) {
	var at string
	err := db.QueryRowContext(ctx, fmt.Sprintf("SELECT at FROM %q WHERE id = @p1 AND store = 'goose'", s.Container),
		strconv.FormatInt(version, 10)).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, database.ErrVersionNotFound
	}
	if err != nil {
		return nil, err
	}
	stamp, err := time.Parse(time.RFC3339Nano, at)
	return &database.GetMigrationResult{Timestamp: stamp, IsApplied: true}, err
}

func (s GooseStore) GetLatestVersion(ctx context.Context, db database.DBTxConn) (int64, error) {
	var latest sql.Null[int64]
	err := db.QueryRowContext(ctx,
		fmt.Sprintf("SELECT MAX(version) AS latest FROM %q WHERE store = 'goose'", s.Container)).Scan(&latest)
	if err == nil && !latest.Valid {
		err = database.ErrVersionNotFound
	}
	return latest.V, err
}

func (s GooseStore) ListMigrations(ctx context.Context,
	db database.DBTxConn) ([]*database.ListMigrationsResult, error) {
	rows, err := db.QueryContext(ctx,
		fmt.Sprintf("SELECT version FROM %q WHERE store = 'goose' ORDER BY version DESC", s.Container))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*database.ListMigrationsResult
	for rows.Next() {
		m := &database.ListMigrationsResult{IsApplied: true}
		if err := rows.Scan(&m.Version); err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}
