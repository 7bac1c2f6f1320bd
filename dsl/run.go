package dsl

import (
	"context"
	"database/sql"

	sq "github.com/Masterminds/squirrel"
)

// RunWith sets what the methods that run the query run it with: a *sql.DB, a *sql.Tx, or anything with their methods.
func (b SelectBuilder) RunWith(db sq.BaseRunner) SelectBuilder {
	b.sq = b.sq.RunWith(db)
	return b
}

// Query runs the query.
func (b SelectBuilder) Query() (*sql.Rows, error) { return b.QueryContext(context.Background()) }

// QueryContext runs the query.
func (b SelectBuilder) QueryContext(ctx context.Context) (*sql.Rows, error) {
	full, err := b.final()
	if err != nil {
		return nil, err
	}
	return full.QueryContext(ctx)
}

// QueryRow runs a query of one row. What is wrong is told by the row's Scan.
func (b SelectBuilder) QueryRow() sq.RowScanner { return b.QueryRowContext(context.Background()) }

// QueryRowContext runs a query of one row. What is wrong is told by the row's Scan.
func (b SelectBuilder) QueryRowContext(ctx context.Context) sq.RowScanner {
	full, err := b.final()
	if err == nil {
		_, _, err = full.ToSql() // squirrel would run the empty text of a statement that has an error
	}
	if err != nil {
		return failedRow{err}
	}
	return full.QueryRowContext(ctx)
}

// Scan runs a query of one row and reads its columns into dest.
func (b SelectBuilder) Scan(dest ...any) error { return b.QueryRow().Scan(dest...) }

// ScanContext runs a query of one row and reads its columns into dest.
func (b SelectBuilder) ScanContext(ctx context.Context, dest ...any) error {
	return b.QueryRowContext(ctx).Scan(dest...)
}

// failedRow is the row of a query that could not be built.
type failedRow struct{ err error }

// Scan implements squirrel.RowScanner.
func (r failedRow) Scan(...any) error { return r.err }
