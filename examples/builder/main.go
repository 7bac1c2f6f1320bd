// Command builder searches a shop's products. Which conditions a query has depends on what is asked for, so it is built
// with package dsl. It runs against a server inside the program, or the database shop of the account that COSMOS_DSN
// names:
//
//	go run ./examples/builder
//	go run ./examples/builder -category tools -max 50 -tag sale -tag new -sort price
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/cosmossql/cosmossql/dsl"
)

func main() {
	err := run(context.Background(), os.Stdout, os.Getenv("COSMOS_DSN"), os.Args[1:])
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "builder:", err)
		os.Exit(1)
	}
}

// Search is what a customer asks for. A field left empty adds no condition.
type Search struct {
	Category string
	Name     string  // part of the name, in either case
	Max      float64 // highest price
	Tags     []string
	Sort     string
	Limit    uint64
}

// order are the ways to sort. A sort key cannot be a parameter, so that what comes from outside chooses among these and
// never becomes part of a query.
var order = map[string]string{"name": "p.name", "price": "p.price", "dearest": "p.price DESC"}

// query builds the query. A builder is a value: each call returns a new one, and b stays what it was.
func (s Search) query() (dsl.SelectBuilder, error) {
	b := dsl.Select("p.name", "p.price").From("products p")
	if s.Category != "" { // the partition key: with it the query goes to one partition
		b = b.Where(dsl.Eq{"p.category": s.Category})
	}
	if s.Name != "" {
		b = b.Where(dsl.ContainsFold("p.name", s.Name))
	}
	if s.Max > 0 {
		b = b.Where(dsl.LtOrEq{"p.price": s.Max})
	}
	if len(s.Tags) > 0 {
		tags := make(dsl.Or, len(s.Tags))
		for i, tag := range s.Tags {
			tags[i] = dsl.ArrayContains("p.tags", tag)
		}
		b = b.Where(tags)
	}
	key, known := order[s.Sort]
	if !known {
		return b, fmt.Errorf("-sort %q: sort by name, price or dearest", s.Sort)
	}
	return b.OrderBy(key).Limit(s.Limit), nil
}

func parse(args []string) (Search, error) {
	var s Search
	flags := flag.NewFlagSet("builder", flag.ContinueOnError)
	flags.StringVar(&s.Category, "category", "", "only products of this category")
	flags.StringVar(&s.Name, "name", "", "only products with this in their name")
	flags.Float64Var(&s.Max, "max", 0, "only products that cost no more")
	flags.Func("tag", "only products with this tag, or another one given", func(tag string) error {
		s.Tags = append(s.Tags, tag)
		return nil
	})
	flags.StringVar(&s.Sort, "sort", "name", "name, price or dearest")
	flags.Uint64Var(&s.Limit, "limit", 10, "most products to show")
	err := flags.Parse(args)
	return s, err
}

func run(ctx context.Context, out io.Writer, dsn string, args []string) error {
	searches := []Search{ // without arguments, some that differ
		{Sort: "dearest", Limit: 3},
		{Category: "tools", Max: 50, Sort: "price", Limit: 10},
		{Name: "tea", Tags: []string{"new", "sale"}, Sort: "name", Limit: 10},
	}
	if len(args) > 0 {
		s, err := parse(args)
		if err != nil {
			return err
		}
		searches = []Search{s}
	}
	if dsn == "" {
		srv := cosmostest.NewServer()
		defer srv.Close()
		dsn = srv.DSN("shop")
	}
	db, err := sql.Open("cosmos", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := fill(ctx, db); err != nil {
		return err
	}
	for _, s := range searches {
		if err := show(ctx, out, db, s); err != nil {
			return err
		}
	}
	return nil
}

// show prints a query as it is sent, and its rows.
func show(ctx context.Context, out io.Writer, db *sql.DB, s Search) error {
	b, err := s.query()
	if err != nil {
		return err
	}
	text, args, err := b.ToSql()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, text, args)
	rows, err := b.RunWith(db).QueryContext(ctx)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var price float64
		if err := rows.Scan(&name, &price); err != nil {
			return err
		}
		fmt.Fprintf(out, "  %-12s %6.2f\n", name, price)
	}
	return rows.Err()
}

type product struct {
	ID       string   `json:"id"`
	Category string   `json:"category"`
	Name     string   `json:"name"`
	Price    float64  `json:"price"`
	Tags     []string `json:"tags"`
}

var products = []product{
	{"1", "tools", "Hammer", 24.5, []string{"new"}},
	{"2", "tools", "Saw", 31, nil},
	{"3", "tools", "Drill", 129, []string{"sale"}},
	{"4", "kitchen", "Teapot", 39, []string{"sale"}},
	{"5", "kitchen", "Tea strainer", 4.9, []string{"new", "sale"}},
	{"6", "kitchen", "Green tea", 7.2, nil},
}

// fill makes the container, where it is not there, and stores the products.
func fill(ctx context.Context, db *sql.DB) error {
	for _, text := range []string{
		"CREATE DATABASE IF NOT EXISTS shop",
		"CREATE CONTAINER IF NOT EXISTS products PARTITION KEY (/category)",
	} {
		if _, err := db.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	for _, p := range products {
		_, err := dsl.Upsert("products").Document(p).RunWith(db).ExecContext(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}
