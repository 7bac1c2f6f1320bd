package docs

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

type product struct {
	ID       string `json:"id"`
	Category string `json:"category"`
	Stock    int    `json:"stock"`
}

var errSoldOut = errors.New("sold out")

// sell takes one from the stock in one statement.
func sell(ctx context.Context, db *sql.DB, category, id string) error {
	result, err := db.ExecContext(ctx,
		"UPDATE products SET stock = stock - 1 WHERE id = ? AND category = ? AND stock >= 1", id, category)
	if err != nil {
		return err
	}
	if changed, err := result.RowsAffected(); err != nil || changed == 1 {
		return err
	}
	return errSoldOut // or there is no such product
}

// sellAsRead reads the product, decides in Go, and writes it if nobody else has meanwhile.
func sellAsRead(ctx context.Context, products *cosmos.Container, category, id string) error {
	for {
		p, resp, err := cosmos.ReadItem[product](ctx, products, id, cosmos.PartitionKey(category))
		if err != nil {
			return err
		}
		if p.Stock == 0 {
			return errSoldOut
		}
		p.Stock--
		_, err = products.ReplaceItem(ctx, id, p, cosmos.IfMatch(resp.ETag))
		if errors.Is(err, cosmos.ErrUnknownOutcome) || !errors.Is(err, cosmos.ErrPreconditionFailed) {
			return err // nil: it is sold; of unknown outcome: it may be, and must not be sold again
		}
	}
}

// sellByETag is the same in SQL.
func sellByETag(ctx context.Context, db *sql.DB, category, id string) error {
	for {
		var stock int
		var etag string
		err := db.QueryRowContext(ctx,
			"SELECT p.stock, p._etag FROM products p WHERE p.id = ? AND p.category = ?", id, category).
			Scan(&stock, &etag)
		if err != nil {
			return err // sql.ErrNoRows: there is no such product
		}
		if stock == 0 {
			return errSoldOut
		}
		result, err := db.ExecContext(ctx,
			"UPDATE products SET stock = ? WHERE id = ? AND category = ? AND _etag = ?", stock-1, id, category, etag)
		if err != nil {
			return err
		}
		if changed, err := result.RowsAffected(); err != nil || changed == 1 {
			return err
		}
	}
}

// newLamps is a world with the container products, in which 20 of one product are for sale.
func newLamps(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "")
	for _, statement := range []string{
		"CREATE CONTAINER products PARTITION KEY (/category)",
		"INSERT INTO products (id, category, stock) VALUES ('1', 'lamps', 20)",
	} {
		_, err := w.db.Exec(statement)
		require.NoError(t, err)
	}
	return w
}

// docs/concurrency.md: whichever way they go, customers side by side buy what there is and no more.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	w := newLamps(t)
	products := w.client.Database("shop").Container("products")
	sold := make(chan struct{}, 30)
	var customers errgroup.Group
	for n := range 30 {
		customers.Go(func() error {
			var err error
			switch n % 3 {
			case 0:
				err = sell(w.ctx, w.db, "lamps", "1")
			case 1:
				err = sellAsRead(w.ctx, products, "lamps", "1")
			default:
				err = sellByETag(w.ctx, w.db, "lamps", "1")
			}
			if err == nil {
				sold <- struct{}{}
			} else if !errors.Is(err, errSoldOut) {
				return err
			}
			return nil
		})
	}
	require.NoError(t, customers.Wait())
	require.Len(t, sold, 20)
	var stock int
	require.NoError(t, w.db.QueryRow("SELECT p.stock FROM products p").Scan(&stock))
	require.Zero(t, stock)
}

// TestSoldOnce: an answer is lost, and another program writes before the client can see what became of its own write.
// The customer has bought, and is not made to buy again.
func TestSoldOnce(t *testing.T) {
	t.Parallel()
	w := newLamps(t)
	var replaces atomic.Int32
	w.server.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Replace), Times: 1, Cut: cosmostest.CutAfter})
	w.server.Inject(cosmostest.Fault{
		Match: func(r cosmostest.Request) bool { return r.Operation == cosmostest.Replace && replaces.Add(1) == 2 },
		Hold: func(ctx context.Context) {
			_, err := w.db.ExecContext(ctx,
				"UPDATE products SET stock = stock + 5 WHERE id = '1' AND category = 'lamps'")
			assert.NoError(t, err)
		},
	})
	err := sellAsRead(w.ctx, w.client.Database("shop").Container("products"), "lamps", "1")
	require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
	require.ErrorIs(t, err, cosmos.ErrPreconditionFailed)
	var stock int
	require.NoError(t, w.db.QueryRow("SELECT p.stock FROM products p").Scan(&stock))
	require.Equal(t, 24, stock)
}
