package cosmos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/cosmossql/cosmossql/cosmos"
)

// Five orders in pages of two, as a web page with a "more" button shows them: each page is asked for by the token of
// the one before, maybe by another process.
func ExampleContainer_NewPager() {
	orders, done := shop()
	defer done()
	ctx := context.Background()
	for i := range 5 {
		if _, err := orders.CreateItem(ctx, Order{ID: fmt.Sprint(i), Customer: "ada", Total: i}); err != nil {
			log.Fatal(err)
		}
	}

	page := func(token string) (list []Order, next string, err error) {
		pager := orders.NewPager("SELECT * FROM o ORDER BY o.total", cosmos.PageSize(2), cosmos.Continuation(token))
		defer pager.Close()
		p, err := pager.Next(ctx)
		if err != nil {
			return nil, "", err
		}
		for _, item := range p.Items {
			var o Order
			if err := json.Unmarshal(item, &o); err != nil {
				return nil, "", err
			}
			list = append(list, o)
		}
		return list, p.Continuation, nil
	}
	for token, more := "", true; more; more = token != "" {
		list, next, err := page(token)
		if err != nil {
			log.Fatal(err)
		}
		for _, o := range list {
			fmt.Print(o.ID, " ")
		}
		fmt.Println("more:", next != "")
		token = next
	}
	// Output:
	// 0 1 more: true
	// 2 3 more: true
	// 4 more: false
}

// Workers read a container in parts and keep their places: what changes later comes to the worker of its part.
func ExampleContainer_FeedRanges() {
	orders, done := shop()
	defer done()
	ctx := context.Background()
	for _, customer := range []string{"ada", "bob", "cleo", "dan"} {
		if _, err := orders.CreateItem(ctx, Order{ID: "1", Customer: customer}); err != nil {
			log.Fatal(err)
		}
	}
	ranges, err := orders.FeedRanges(ctx)
	if err != nil {
		log.Fatal(err)
	}

	read := func(feed *cosmos.ChangeFeed) (n int, token string) {
		for _, err := range feed.Items(ctx) {
			if err != nil {
				log.Fatal(err)
			}
			n++
		}
		token, err := feed.Token()
		if err != nil {
			log.Fatal(err)
		}
		return n, token
	}
	tokens, sum := make([]string, len(ranges)), 0
	for i, r := range ranges { // each in a process of its own; r.String() and cosmos.ParseFeedRange carry it there
		n, token := read(orders.ChangeFeed(cosmos.InFeedRange(r)))
		tokens[i], sum = token, sum+n
	}
	fmt.Println(sum, "orders")

	if _, err := orders.UpsertItem(ctx, Order{ID: "1", Customer: "bob", Total: 5}); err != nil {
		log.Fatal(err)
	}
	sum = 0
	for _, token := range tokens { // a token knows its range
		n, _ := read(orders.ChangeFeed(cosmos.Continuation(token)))
		sum += n
	}
	fmt.Println(sum, "changed since")
	// Output:
	// 4 orders
	// 1 changed since
}

// EXPLAIN tells what a query would do, EXPLAIN ANALYZE what it did.
func ExampleContainer_Explain() {
	orders, done := shop()
	defer done()
	ctx := context.Background()
	for _, query := range []string{
		"SELECT * FROM o WHERE o.id = '1' AND o.customer = 'ada'",
		"SELECT * FROM o WHERE o.customer = 'ada' ORDER BY o.total",
		"SELECT * FROM o WHERE o.total > 100",
		"SELECT COUNT(1) AS n FROM o",
	} {
		e, err := orders.Explain(ctx, query)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(e.Access)
	}
	a, err := orders.ExplainAnalyze(ctx, "SELECT * FROM o ORDER BY o.total")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(a.Rows, "rows,", a.RequestCharge > 0, len(a.Work) > 1, a.Stages)
	// Output:
	// point read
	// one partition
	// fan-out
	// planned
	// 0 rows, true true [merge by [o.total] [Ascending]]
}
