package bank

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"github.com/cosmossql/cosmossql/cosmos"
	_ "github.com/cosmossql/cosmossql/driver"
)

// clientTeller moves money by a client of its own.
type clientTeller struct {
	client *cosmos.Client
	close  func()
}

func openClient(r *run) teller {
	client, err := cosmos.NewClientFromConnectionString(r.srv.ConnectionString(), nil)
	if err != nil {
		r.t.Error(err)
	}
	return &clientTeller{client, sync.OnceFunc(func() { client.Close() })}
}

func (c *clientTeller) end() { c.close() }

func (c *clientTeller) move(ctx context.Context, t transfer) error {
	at := func(id string) *cosmos.Container { return c.client.Database("bank").Container(id) }
	change := func(i, amount int, opts ...cosmos.Option) cosmos.Operation {
		return cosmos.OpPatch(accountID(i), []cosmos.PatchOperation{cosmos.PatchIncrement("/balance", amount)},
			append(opts, cosmos.PartitionKey(ownerOf(i)))...)
	}
	tx := c.client.NewTransaction()
	err := errors.Join(
		tx.Add(ctx, at(containerOf(t.From)),
			change(t.From, -t.Amount, cosmos.PatchCondition(fmt.Sprint("from a where a.balance >= ", t.Amount)))),
		tx.Add(ctx, at(containerOf(t.To)), change(t.To, t.Amount)),
		tx.Add(ctx, at(journalOf(t)), cosmos.OpCreate(t)))
	if err != nil {
		return err
	}
	_, err = tx.Commit(ctx)
	if errors.Is(err, cosmos.ErrPreconditionFailed) && !errors.Is(err, cosmos.ErrUnknownOutcome) {
		return errors.Join(errRefused, err)
	}
	return err
}

// sqlTeller moves money by database/sql. It reads the balance first: what it has read is a condition of what it writes.
type sqlTeller struct {
	db    *sql.DB
	close func()
}

func openSQL(r *run) teller {
	db, err := sql.Open("cosmos", r.srv.DSN("bank")+";transactions=distributed")
	if err != nil {
		r.t.Error(err)
	}
	return &sqlTeller{db, sync.OnceFunc(func() { db.Close() })}
}

func (s *sqlTeller) end() { s.close() }

func (s *sqlTeller) move(ctx context.Context, t transfer) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	from, to := containerOf(t.From), containerOf(t.To)
	var balance int
	err = tx.QueryRowContext(ctx, "SELECT a.balance FROM "+from+" a WHERE a.id = ? AND a.owner = ?", accountID(t.From),
		ownerOf(t.From)).Scan(&balance)
	switch {
	case err != nil:
		return err
	case balance < t.Amount:
		return errRefused
	}
	for _, s := range []struct {
		text string
		args []any
	}{
		{"UPDATE " + from + " SET balance = ? WHERE id = ? AND owner = ?",
			[]any{balance - t.Amount, accountID(t.From), ownerOf(t.From)}},
		{"UPDATE " + to + " SET balance = balance + ? WHERE id = ? AND owner = ?",
			[]any{t.Amount, accountID(t.To), ownerOf(t.To)}},
		{"INSERT INTO " + journalOf(t) + ` (id, owner, "from", "to", amount) VALUES (?, ?, ?, ?, ?)`,
			[]any{t.ID, t.Owner, t.From, t.To, t.Amount}},
	} {
		if _, err := tx.ExecContext(ctx, s.text, s.args...); err != nil {
			return err
		}
	}
	// Another teller may have moved money of the account meanwhile: that is an error, and nothing was done.
	return tx.Commit()
}
