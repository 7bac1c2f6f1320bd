package docs

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/cosmossql/cosmossql/cosmos"
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
		if !errors.Is(err, cosmos.ErrPreconditionFailed) {
			return err // nil: it is sold
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

// docs/concurrency.md: whichever way they go, customers side by side buy what there is and no more.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	for _, statement := range []string{
		"CREATE CONTAINER products PARTITION KEY (/category)",
		"INSERT INTO products (id, category, stock) VALUES ('1', 'lamps', 20)",
	} {
		_, err := w.db.Exec(statement)
		require.NoError(t, err)
	}
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
