// Command quickstart shows Azure Cosmos DB through database/sql. It needs no account: without COSMOS_DSN it runs
// against a Cosmos DB server of its own, inside the program.
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -data people.json -pk /city -query "SELECT c.name FROM c WHERE c.age > 30"
package main

import (
	"cmp"
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/driver"
)

// world is the data set that the tour visits: the countries of the world, its highest mountains, longest rivers and
// largest lakes. Figures are rounded and of about 2023.
//
//go:embed world.jsonl
var world string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Stderr, os.Args[1:])
	stop()
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// settings are the command line.
type settings struct {
	data       string
	key        string
	query      string
	partitions int
}

func parse(args []string, errs io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&s.data, "data", "", "load this `file` instead, a JSON array or JSON lines")
	flags.StringVar(&s.key, "pk", "/id", "`path` of the partition key, with -data")
	flags.StringVar(&s.query, "query", "", "run this query, print its rows as a table, and end")
	flags.IntVar(&s.partitions, "partitions", 4, "physical partitions of the in-process server")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("unexpected argument %q; a query goes after -query, in quotes", flags.Arg(0))
	case s.partitions < 1:
		return s, errors.New("-partitions has to be 1 at least")
	}
	if s.data == "" {
		s.key = "/continent"
	}
	if !strings.HasPrefix(s.key, "/") {
		s.key = "/" + s.key
	}
	return s, nil
}

func run(ctx context.Context, out, errs io.Writer, args []string) error {
	s, err := parse(args, errs)
	if err != nil {
		return err
	}
	// The database that COSMOS_DSN names, or one on a server inside this program. Either way what follows is
	// database/sql: nothing else in this program knows the difference.
	dsn := os.Getenv("COSMOS_DSN")
	if dsn == "" {
		srv := cosmostest.NewServer(cosmostest.Partitions(s.partitions))
		defer srv.Close()
		dsn = srv.DSN("quickstart")
	}
	cfg, err := s.config(dsn)
	if err != nil {
		return err
	}
	db, err := sql.Open("cosmos", cfg.FormatDSN())
	if err != nil {
		return err
	}
	defer db.Close()

	source := io.Reader(strings.NewReader(world))
	if s.data != "" {
		file, err := os.Open(s.data)
		if err != nil {
			return err
		}
		defer file.Close()
		source = file
	}

	var stats cosmos.Stats
	ctx = cosmos.WithStats(ctx, &stats)
	p := page{out: out, stats: &stats}
	client, err := cosmos.FromDB(ctx, db)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Server   %s\n", client.Endpoint())
	container, err := create(ctx, client, cfg, s.key)
	if err != nil {
		return err
	}
	if err := load(ctx, p, container, source); err != nil {
		return err
	}
	switch {
	case s.query != "":
		return showQuery(ctx, p, db, s.query)
	case s.data != "":
		return showQuery(ctx, p, db, "SELECT TOP 10 * FROM c")
	default:
		return tour(ctx, p, db, container)
	}
}

// page is where the program writes, and what it has cost so far.
type page struct {
	out   io.Writer
	stats *cosmos.Stats
}

// cost says what was used since before.
func (p page) cost(before cosmos.Usage) string {
	now := p.stats.Snapshot()
	return fmt.Sprintf("%s, %.2f RU", counted(now.Requests-before.Requests, "request"),
		now.RequestCharge-before.RequestCharge)
}

// config reads the data source name, and says which database and container to take where it names none.
func (s settings) config(dsn string) (*driver.Config, error) {
	cfg, err := driver.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	if cfg.Database == "" {
		cfg.Database = "quickstart"
	}
	if cfg.Container == "" {
		cfg.Container = "world"
		if s.data != "" {
			name := filepath.Base(s.data)
			cfg.Container = cmp.Or(strings.TrimSuffix(name, filepath.Ext(name)), "data")
		}
	}
	return cfg, nil
}
