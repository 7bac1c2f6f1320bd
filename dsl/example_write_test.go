package dsl_test

import "github.com/cosmossql/cosmossql/dsl"

func ExampleInsert() {
	show(dsl.Insert("orders").
		Columns("id", "customer", "address.city").
		Values("A-1", "C-7", "Oslo").
		Values("A-2", "C-7", "Rome"))
	// Output:
	// INSERT INTO orders (id, customer, address.city) VALUES (@p1, @p2, @p3), (@p4, @p5, @p6)
	// A-1 C-7 Oslo A-2 C-7 Rome
}

func ExampleInsertBuilder_Document() {
	type order struct {
		ID       string `json:"id"`
		Customer string `json:"customer"`
	}
	show(dsl.Insert("orders").Document(order{"A-1", "C-7"}))
	// Output:
	// INSERT INTO orders VALUES (@p1)
	// {A-1 C-7}
}

func ExampleInsertBuilder_SetMap() {
	show(dsl.Insert("orders").SetMap(map[string]any{
		"id":       "A-1",
		"zip code": "0150",
		"tags":     []string{"new", "gift"},
	}))
	// Output:
	// INSERT INTO orders (id, tags, "zip code") VALUES (@p1, @p2, @p3)
	// A-1 [new gift] 0150
}

func ExampleInsertBuilder_Returning() {
	show(dsl.Insert("orders").Columns("customer").Values("C-7").Returning("id", "_etag"))
	// Output:
	// INSERT INTO orders (customer) VALUES (@p1) RETURNING id, _etag
	// C-7
}

func ExampleUpsert() {
	show(dsl.Upsert("my-orders").Columns("id", "state").Values("A-1", "paid"))
	// Output:
	// UPSERT INTO "my-orders" (id, state) VALUES (@p1, @p2)
	// A-1 paid
}

func ExampleUpdate() {
	show(dsl.Update("orders o").
		Set("o.state", "paid").
		Increment("o.payments", 1).
		Append("o.log", "paid by card").
		Remove("o.reminder").
		Where(dsl.Eq{"o.id": "A-1", "o.customer": "C-7"}))
	// Output:
	// UPDATE orders AS o SET o.state = @p1, o.payments = o.payments + @p2, o.log = ARRAY_CONCAT(o.log, [@p3]), o.reminder = undefined WHERE o.customer = @p4 AND o.id = @p5
	// paid 1 paid by card C-7 A-1
}

func ExampleUpdateBuilder_SetMap() {
	show(dsl.Update("orders o").
		SetMap(map[string]any{"o.discount": 0.1, "o.state": "priced"}).
		Where(dsl.Gt{"o.net": 100}).
		Returning("*"))
	// Output:
	// UPDATE orders AS o SET o.discount = @p1, o.state = @p2 WHERE o.net > @p3 RETURNING *
	// 0.1 priced 100
}

func ExampleDelete() {
	show(dsl.Delete("orders o").
		Where(dsl.Eq{"o.state": "cancelled"}).
		Where(dsl.Or{dsl.Eq{"o.paid": nil}, dsl.Lt{"o.paid": 1}}))
	// Output:
	// DELETE FROM orders AS o WHERE o.state = @p1 AND (NOT IS_DEFINED(o.paid) OR IS_NULL(o.paid) OR o.paid < @p2)
	// cancelled 1
}
