package dsl

import (
	"context"
	"database/sql"

	sq "github.com/Masterminds/squirrel"
)

// Runnable is a finished statement with the database that runs it: a *sql.DB, a *sql.Tx, or anything with their
// methods. RunWith ends the chain of every builder with one.
type Runnable struct {
	sq.Sqlizer
	db sq.BaseRunner
}

// RunWith makes the query ready to run with db.
func (b SelectBuilder) RunWith(db sq.BaseRunner) Runnable { return Runnable{b, db} }

// RunWith makes the statement ready to run with db.
func (b InsertBuilder) RunWith(db sq.BaseRunner) Runnable { return Runnable{b, db} }

// RunWith makes the statement ready to run with db.
func (b UpdateBuilder) RunWith(db sq.BaseRunner) Runnable { return Runnable{b, db} }

// RunWith makes the statement ready to run with db.
func (b DeleteBuilder) RunWith(db sq.BaseRunner) Runnable { return Runnable{b, db} }

// Exec runs the statement.
func (r Runnable) Exec() (sql.Result, error) { return r.ExecContext(context.Background()) }

// ExecContext runs the statement.
func (r Runnable) ExecContext(ctx context.Context) (sql.Result, error) {
	db, ok := wrap(r.db).(sq.ExecerContext)
	if !ok {
		return nil, r.unfit()
	}
	return sq.ExecContextWith(ctx, db, r)
}

// Query runs a query, or a statement with Returning, and gives its rows.
func (r Runnable) Query() (*sql.Rows, error) { return r.QueryContext(context.Background()) }

// QueryContext runs a query, or a statement with Returning, and gives its rows.
func (r Runnable) QueryContext(ctx context.Context) (*sql.Rows, error) {
	db, ok := wrap(r.db).(sq.QueryerContext)
	if !ok {
		return nil, r.unfit()
	}
	return sq.QueryContextWith(ctx, db, r)
}

// QueryRow is Query for one row, whose Scan tells what went wrong.
func (r Runnable) QueryRow() sq.RowScanner { return r.QueryRowContext(context.Background()) }

// QueryRowContext is QueryContext for one row, whose Scan tells what went wrong.
func (r Runnable) QueryRowContext(ctx context.Context) sq.RowScanner {
	db, ok := wrap(r.db).(sq.QueryRowerContext)
	if !ok {
		return failedRow{r.unfit()}
	}
	// Squirrel would run the empty text of a statement that has an error.
	text, args, err := r.ToSql()
	if err != nil {
		return failedRow{err}
	}
	return db.QueryRowContext(ctx, text, args...)
}

// Scan runs a query of one row and reads its columns into dest.
func (r Runnable) Scan(dest ...any) error { return r.QueryRow().Scan(dest...) }

// ScanContext runs a query of one row and reads its columns into dest.
func (r Runnable) ScanContext(ctx context.Context, dest ...any) error {
	return r.QueryRowContext(ctx).Scan(dest...)
}

// unfit says why nothing can be run with the database, in squirrel's words.
func (r Runnable) unfit() error {
	if r.db == nil {
		return sq.RunnerNotSet
	}
	return sq.NoContextSupport
}

// wrap gives a database of the standard library the methods that squirrel's helpers ask for.
func wrap(db sq.BaseRunner) sq.BaseRunner {
	if std, ok := db.(sq.StdSqlCtx); ok {
		return sq.WrapStdSqlCtx(std)
	}
	return db
}

// failedRow is the row of a statement that could not be run.
type failedRow struct{ err error }

// Scan implements squirrel.RowScanner.
func (r failedRow) Scan(...any) error { return r.err }
