// Command transactions moves money between the accounts of a customer: all of a transfer is done, or nothing, and doing
// it again does not move the money twice. It runs against a server inside the program, or the database bank of the
// account that COSMOS_DSN names:
//
//	go run ./examples/transactions
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
)

func main() {
	if err := run(context.Background(), os.Stdout, os.Getenv("COSMOS_DSN")); err != nil {
		fmt.Fprintln(os.Stderr, "transactions:", err)
		os.Exit(1)
	}
}

// Transfer moves an amount between two accounts of one customer. ID is the caller's, the same when the transfer is
// tried again.
type Transfer struct {
	ID       string `json:"id"`
	Customer string `json:"customer"` // the partition key: a transaction is of one
	From, To string
	Cents    int
}

// The errors of a transfer that was not done.
var (
	ErrFunds     = errors.New("not enough money")
	ErrNoAccount = errors.New("no such account")
)

// Do carries the transfer out, or has nothing done. Beside the accounts it writes the transfer itself, whose id can be
// there only once: a transfer that is repeated, after an answer was lost, say, is known to be done.
func (t Transfer) Do(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	// Nothing is sent before Commit. Each statement names its document by id and partition key.
	_, err = tx.ExecContext(ctx, "INSERT INTO accounts (id, customer, source, target, moved) VALUES (?, ?, ?, ?, ?)",
		t.ID, t.Customer, t.From, t.To, t.Cents)
	if err != nil {
		return err
	}
	// The service looks at this condition, at Commit.
	enough := cosmos.PatchCondition(fmt.Sprintf("FROM a WHERE a.cents >= %d", t.Cents))
	_, err = tx.ExecContext(ctx, "UPDATE accounts SET cents = cents - ? WHERE id = ? AND customer = ?",
		t.Cents, t.From, t.Customer, enough)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "UPDATE accounts SET cents = cents + ? WHERE id = ? AND customer = ?",
		t.Cents, t.To, t.Customer)
	if err != nil {
		return err
	}
	return t.judge(tx.Commit())
}

// judge says what an error of Commit means.
func (t Transfer) judge(err error) error {
	var failed *cosmos.BatchError
	switch {
	case errors.Is(err, cosmos.ErrConflict): // its document is there: it was done before
		return nil
	case errors.Is(err, cosmos.ErrPreconditionFailed):
		return fmt.Errorf("%w in %s", ErrFunds, t.From)
	case errors.Is(err, cosmos.ErrNotFound) && errors.As(err, &failed):
		return fmt.Errorf("%w: %s", ErrNoAccount, []string{1: t.From, 2: t.To}[failed.Index])
	}
	return err
}

func run(ctx context.Context, out io.Writer, dsn string) error {
	if dsn == "" {
		srv := cosmostest.NewServer()
		defer srv.Close()
		dsn = srv.DSN("bank")
	}
	db, err := sql.Open("cosmos", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, text := range []string{
		"CREATE DATABASE IF NOT EXISTS bank",
		"CREATE CONTAINER IF NOT EXISTS accounts PARTITION KEY (/customer)",
		"DELETE FROM accounts WHERE customer = 'ada'", // of an earlier run
		"INSERT INTO accounts (id, customer, cents) VALUES ('checking', 'ada', 10000), ('savings', 'ada', 0)",
	} {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	for _, t := range []Transfer{
		{"t-1", "ada", "checking", "savings", 7500},
		{"t-1", "ada", "checking", "savings", 7500}, // again: maybe the first answer was lost
		{"t-2", "ada", "checking", "savings", 7500},
		{"t-3", "ada", "checking", "nowhere", 100},
	} {
		if err := t.Do(ctx, db); err != nil {
			fmt.Fprintf(out, "%s refused: %v\n", t.ID, err)
			continue
		}
		fmt.Fprintln(out, t.ID, "done")
	}
	rows, err := db.QueryContext(ctx,
		"SELECT a.id, a.cents FROM accounts a WHERE a.customer = 'ada' AND IS_DEFINED(a.cents) ORDER BY a.id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var cents int
		if err := rows.Scan(&id, &cents); err != nil {
			return err
		}
		fmt.Fprintf(out, "%s has %d.%02d\n", id, cents/100, cents%100)
	}
	return rows.Err()
}
