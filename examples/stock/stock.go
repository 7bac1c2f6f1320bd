// Package stock is code as a program of yours has it, so that its tests can be shown: they run against cosmostest, in
// milliseconds and without an account, and reach what happens in production now and then.
//
//	go test -v ./examples/stock
package stock

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/cosmossql/cosmossql/cosmos"
)

// ErrSoldOut is the error of a sale of more than there is.
var ErrSoldOut = errors.New("sold out")

// Sell takes n of an item from the stock of a warehouse. Whoever sells at the same time does not sell the same ones. If
// it is not known whether they were taken, the error is [cosmos.ErrUnknownOutcome]: then count.
func Sell(ctx context.Context, db *sql.DB, warehouse, item string, n int) error {
	r, err := db.ExecContext(ctx, "UPDATE stock SET count = count - ? WHERE id = ? AND warehouse = ? AND count >= ?",
		n, item, warehouse, n)
	if err != nil {
		return fmt.Errorf("sell %d %s: %w", n, item, err)
	}
	if rows, err := r.RowsAffected(); err != nil || rows == 0 {
		return errors.Join(fmt.Errorf("sell %d %s: %w", n, item, ErrSoldOut), err)
	}
	return nil
}

// Low returns the items of which fewer than n are left, over all warehouses, the scarcest first.
func Low(ctx context.Context, db *sql.DB, n int) (items []string, err error) {
	rows, err := db.QueryContext(ctx, "SELECT s.id FROM stock s WHERE s.count < ? ORDER BY s.count", n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var item string
		if err := rows.Scan(&item); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, rows.Err()
}

// Expire makes an item leave the stock after some seconds, as the container's time to live allows.
func Expire(ctx context.Context, client *cosmos.Client, warehouse, item string, seconds int) error {
	_, err := client.Database("shop").Container("stock").PatchItem(ctx, item,
		[]cosmos.PatchOperation{cosmos.PatchSet("/ttl", seconds)}, cosmos.PartitionKey(warehouse))
	return err
}
