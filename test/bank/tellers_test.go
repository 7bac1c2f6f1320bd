package bank

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/cosmossql/cosmossql/cosmos"
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
		tx.Add(ctx, at(containerOf(t.From)), change(t.From, -t.Amount, cosmos.PatchCondition(fmt.Sprint("from a where a.balance >= ", t.Amount)))),
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
