package cosmossql

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/exec"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// ErrTxQuery is the error of a query in a transaction. It would run at once and not see the statements that wait for
// Commit. Query before the transaction or after Commit. A distributed transaction may read a document by its id and
// partition key; see [cosmos.Distributed].
var ErrTxQuery = errors.New("cosmos: a query cannot be part of a transaction: " +
	"it would run outside the batch and not see it")

// Begin implements [driver.Conn].
func (c *Conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

// BeginTx implements [driver.ConnBeginTx]. It sends nothing.
func (c *Conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	set, err := option.Resolve(option.WithDefaults(ctx, c.settings.Options), option.Begin, nil, nil)
	if err != nil {
		return nil, err
	}
	switch level := sql.IsolationLevel(o.Isolation); {
	case level != sql.LevelDefault && level != sql.LevelSnapshot:
		return nil, errtext.Refusef(
			"cosmos: no transaction has the isolation level %s: use LevelDefault or LevelSnapshot",
			level)
	case level == sql.LevelSnapshot && set.Distributed:
		return nil, errtext.Refusef("cosmos: a distributed transaction reads no snapshot: use LevelDefault, or " +
			"Transaction.Read of package cosmos")
	case o.ReadOnly:
		return nil, errtext.Refusef("cosmos: a transaction is a batch of writes and cannot be read-only")
	case c.tx != nil:
		return nil, errors.New("cosmos: a transaction is open on this connection already")
	}
	c.tx = &tx{conn: c, ctx: ctx}
	if set.Distributed {
		c.tx.kept.Distributed = c.client.NewTransaction()
	}
	return c.tx, nil
}

// tx is a transaction: statements kept until Commit sends them together.
type tx struct {
	conn *Conn
	ctx  context.Context // of BeginTx; the interface gives Commit none
	kept exec.Transaction
}

// keep adds a statement. The rows affected are those that it will affect if Commit succeeds: a document that does not
// exist makes Commit fail.
func (t *tx) keep(r *request, s statement.Statement, text string) (driver.Result, error) {
	target, _, documents := exec.Target(s)
	if !documents {
		return nil, errtext.Refusef("cosmos: a transaction changes documents only; run the statement outside it")
	}
	terms, err := t.conn.terms(r, target)
	if err != nil {
		return nil, err
	}
	n, err := t.kept.Keep(r.ctx, s, terms, text, r.opts)
	if err != nil {
		return nil, err
	}
	return exec.Affected(n), nil
}

// query reads a document in a distributed transaction, at once: it does not see the statements that wait for Commit. If
// a statement changes the document later, Commit fails unless it still is as it was read.
func (t *tx) query(r *request, s statement.Statement) (driver.Rows, error) {
	one, ok := s.(*statement.Select)
	if !ok || t.kept.Distributed == nil {
		return nil, ErrTxQuery
	}
	from, err := t.conn.container(r, one.Database, one.Container)
	if err != nil {
		return nil, err
	}
	bound, err := one.Bind(r.Values)
	if err != nil {
		return nil, err
	}
	if err := t.kept.Read(r.ctx, from, one.Text, bound); err != nil {
		if errors.Is(err, exec.ErrNotOneDocument) {
			err = fmt.Errorf("%w; %w", ErrTxQuery, err)
		}
		return nil, err
	}
	return t.conn.query(r, one)
}

// Commit implements [driver.Tx]: it sends one transactional batch, or one distributed transaction. If an operation
// fails nothing is done, and the error wraps a [*cosmos.BatchError].
func (t *tx) Commit() error {
	t.conn.tx = nil
	return t.kept.Commit(option.WithDefaults(t.ctx, t.conn.settings.Options))
}

// Rollback implements [driver.Tx]. It drops the statements, none of which was sent.
func (t *tx) Rollback() error {
	t.conn.tx = nil
	return nil
}
