package docs

import (
	"context"
	"database/sql"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/dsl"
)

// Cheapest runs
//
//	SELECT p.name, p.price FROM products AS p
//	WHERE p.category = @p1 AND ARRAY_CONTAINS(p.tags, @p2) ORDER BY p.price OFFSET 0 LIMIT 10
func Cheapest(ctx context.Context, db *sql.DB, category, tag string) (*sql.Rows, error) {
	query := dsl.Select("p.name", "p.price").
		From("products p").
		Where(dsl.Eq{"p.category": category}).
		OrderBy("p.price").
		Limit(10)
	if tag != "" {
		query = query.Where(dsl.ArrayContains("p.tags", tag))
	}
	return query.RunWith(db).QueryContext(ctx)
}

func TestBuilder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	ctx, db := w.ctx, w.db
	_, err := db.ExecContext(ctx, "CREATE CONTAINER products PARTITION KEY (/category)")
	require.NoError(t, err)
	write := func() error {
		_, err := dsl.Insert("products").
			Document(map[string]any{"id": "1", "category": "lamps", "price": 9.5, "tags": []string{"small"}}).
			RunWith(db).ExecContext(ctx)
		if err != nil {
			return err
		}
		_, err = dsl.Update("products").
			Increment("price", -0.5).Append("tags", "sale").
			Where(dsl.Eq{"id": "1", "category": "lamps"}).
			RunWith(db).ExecContext(ctx)
		return err
	}
	require.NoError(t, write())
	for tag, found := range map[string]bool{"": true, "sale": true, "big": false} {
		rows, err := Cheapest(ctx, db, "lamps", tag)
		require.NoError(t, err)
		require.Equal(t, found, rows.Next(), tag)
		if found {
			var price float64
			require.NoError(t, rows.Scan(new(any), &price))
			require.Equal(t, 9.0, price)
		}
		require.NoError(t, rows.Close())
	}
}
