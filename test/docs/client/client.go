// Package shop holds the client program of the documentation.
package shop

import (
	"context"
	"database/sql"
	"errors"

	"github.com/cosmossql/cosmossql/cosmos"
)

type Order struct {
	ID       string  `json:"id"`
	Customer string  `json:"customer"`
	Total    float64 `json:"total"`
}

// Place stores an order unless it is there already, and returns what its customer owes altogether.
func Place(ctx context.Context, db *sql.DB, o Order) (float64, error) {
	client, err := cosmos.FromDB(ctx, db)
	if err != nil {
		return 0, err
	}
	orders := client.Database("shop").Container("orders")
	if _, err := orders.CreateItem(ctx, o); err != nil && !errors.Is(err, cosmos.ErrConflict) {
		return 0, err
	}

	var sum float64
	for order, err := range cosmos.Query[Order](ctx, orders,
		"SELECT * FROM o WHERE o.customer = @p1", o.Customer) {
		if err != nil {
			return 0, err
		}
		sum += order.Total
	}
	return sum, nil
}
