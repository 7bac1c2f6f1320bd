// Command bulkload loads a file, JSON lines or one JSON array, into a container as fast as the service takes it. Killed
// and started again with -resume, it goes on where it stood. On a terminal it draws a progress bar; into a pipe or file
// it writes a line every ten seconds.
//
//	go run ./examples/bulkload                           # made-up documents, into a server inside the program
//	COSMOS_DSN=… go run ./examples/bulkload -pk /city people.jsonl
//	COSMOS_DSN=… go run ./examples/bulkload -pk /city -resume people.jsonl
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

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
	file       string
	count      int
	database   string
	container  string
	key        string
	partitions int
	resume     bool
	numericIDs bool
	every      time.Duration
}

func parse(args []string, errs io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bulkload", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.IntVar(&s.count, "n", 10_000, "how many documents to make up, where there is no file")
	flags.StringVar(&s.database, "db", "bulkload", "`database` to load into; created where it is not there")
	flags.StringVar(&s.container, "container", "", "`container` to load into; otherwise named for the file")
	flags.StringVar(&s.key, "pk", "/id", "`path` of the partition key of a new container")
	flags.IntVar(&s.partitions, "partitions", 4, "physical partitions of the in-process server")
	flags.BoolVar(&s.numericIDs, "numeric-ids", false,
		"make ids that are numbers texts, as Cosmos DB wants them: 7 becomes \"7\"")
	flags.DurationVar(&s.every, "every", 10*time.Second, "how often a line is written into a pipe or file")
	flags.BoolVar(&s.resume, "resume", false, "go on where a load of the same file was ended")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	s.file = flags.Arg(0)
	switch {
	case flags.NArg() > 1:
		return s, errors.New("one file at a time; flags go before it")
	case s.resume && s.file == "":
		return s, errors.New("-resume needs the file that was being loaded")
	case s.partitions < 1 || s.count < 0:
		return s, errors.New("-partitions and -n are positive numbers")
	}
	if s.container == "" {
		s.container = "made-up"
		if s.file != "" {
			name := filepath.Base(s.file)
			s.container = strings.TrimSuffix(name, filepath.Ext(name))
		}
	}
	return s, nil
}

func run(ctx context.Context, out, errs io.Writer, args []string) error {
	s, err := parse(args, errs)
	if err != nil {
		return err
	}
	dsn := os.Getenv("COSMOS_DSN")
	if dsn == "" {
		srv := cosmostest.NewServer(cosmostest.Partitions(s.partitions))
		defer srv.Close()
		dsn = srv.ConnectionString()
	}
	client, err := cosmos.NewClientFromConnectionString(dsn, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	container, err := create(ctx, client, s)
	if err != nil {
		return err
	}
	in, err := open(s)
	if err != nil {
		return err
	}
	defer in.Close()

	sum, err := load(ctx, container, in, newDisplay(in, errs, s.every))
	sum.print(out)
	switch {
	case err != nil && s.file != "":
		return fmt.Errorf("%w; -resume goes on from here", err)
	case err == nil && sum.failed > 0:
		return fmt.Errorf("%d documents could not be stored", sum.failed)
	}
	return err
}

// create makes the database and the container, unless they are there.
func create(ctx context.Context, client *cosmos.Client, s settings) (*cosmos.Container, error) {
	if _, err := client.CreateDatabaseIfNotExists(ctx, s.database); err != nil {
		return nil, err
	}
	database := client.Database(s.database)
	_, err := database.CreateContainer(ctx, cosmos.ContainerProperties{
		ID:           s.container,
		PartitionKey: cosmos.PartitionKeyPaths("/" + strings.TrimPrefix(s.key, "/")),
	})
	if err != nil && !errors.Is(err, cosmos.ErrConflict) {
		return nil, err
	}
	return database.Container(s.container), nil
}
