package cosmossql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/stretchr/testify/require"
)

// script is a pager that answers what it was told: pages of rows, nil for a page without any, an error.
type script struct {
	steps  []any
	asked  int
	closed bool
}

func page(rows ...string) *cosmos.Page {
	p := &cosmos.Page{}
	for _, row := range rows {
		p.Items = append(p.Items, json.RawMessage(row))
	}
	return p
}

func (s *script) Next(ctx context.Context) (*cosmos.Page, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.asked == len(s.steps) {
		return nil, io.EOF
	}
	step := s.steps[s.asked]
	s.asked++
	if err, ok := step.(error); ok {
		return nil, err
	}
	return step.(*cosmos.Page), nil
}

func (s *script) Close() error {
	s.closed = true
	return nil
}

// scripted is a database/sql driver whose every query has the rows that open makes.
type scripted struct {
	open func(ctx context.Context) (driver.Rows, error)
}

func (s scripted) Connect(context.Context) (driver.Conn, error) { return s, nil }
func (s scripted) Driver() driver.Driver                        { return nil }
func (s scripted) Prepare(string) (driver.Stmt, error)          { return nil, errors.ErrUnsupported }
func (s scripted) Begin() (driver.Tx, error)                    { return nil, errors.ErrUnsupported }
func (s scripted) Close() error                                 { return nil }
func (s scripted) QueryContext(ctx context.Context, _ string, _ []driver.NamedValue) (driver.Rows, error) {
	return s.open(ctx)
}

func listDB(t *testing.T, p pager, names ...string) *sql.DB {
	return scriptedDB(t, func(ctx context.Context) (driver.Rows, error) {
		return newRows(ctx, p, columns.List(names, names))
	})
}

func valueDB(t *testing.T, p pager) *sql.DB {
	return scriptedDB(t, func(ctx context.Context) (driver.Rows, error) { return newRows(ctx, p, columns.Whole()) })
}

func starDB(t *testing.T, p pager, s *Settings) *sql.DB {
	return scriptedDB(t, func(ctx context.Context) (driver.Rows, error) { return newStarRows(ctx, p, s) })
}

func scriptedDB(t *testing.T, open func(context.Context) (driver.Rows, error)) *sql.DB {
	db := sql.OpenDB(scripted{open})
	t.Cleanup(func() { db.Close() })
	return db
}

// all reads the rest of rows as values of any, and closes them.
func all(t *testing.T, rows *sql.Rows) ([][]any, error) {
	t.Helper()
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(t, err)
	got := [][]any{}
	for rows.Next() {
		row := make([]any, len(names))
		dest := make([]any, len(names))
		for i := range row {
			dest[i] = &row[i]
		}
		require.NoError(t, rows.Scan(dest...))
		got = append(got, row)
	}
	return got, rows.Err()
}

func query(t *testing.T, db *sql.DB) *sql.Rows {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), "")
	require.NoError(t, err)
	return rows
}
