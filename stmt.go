package cosmossql

import (
	"context"
	"database/sql/driver"
	"errors"
)

var (
	_ driver.StmtQueryContext = (*stmt)(nil)
	_ driver.StmtExecContext  = (*stmt)(nil)
)

// stmt is a prepared statement: a text that parses. The parsed statement is in the cache of the settings.
type stmt struct {
	conn *Conn
	text string
}

func (s *stmt) Close() error { return nil }

// NumInput is -1, unknown to database/sql: any number of options may stand among the arguments.
func (s *stmt) NumInput() int { return -1 }

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.QueryContext(ctx, s.text, args)
}

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.ExecContext(ctx, s.text, args)
}

// Query and Exec are required by driver.Stmt. database/sql calls QueryContext and ExecContext instead.
func (s *stmt) Query([]driver.Value) (driver.Rows, error)  { return nil, errors.ErrUnsupported }
func (s *stmt) Exec([]driver.Value) (driver.Result, error) { return nil, errors.ErrUnsupported }
