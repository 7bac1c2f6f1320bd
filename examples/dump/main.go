// Command dump saves a container, or all containers of a database, with their policies as files of JSON lines, and
// loads them again: into another database, or another account. It reads and writes the ranges of a container side by
// side. Killed and started again with -resume, it goes on where it stood.
//
//	go run ./examples/dump                                  # made-up documents, on a server inside the program
//	COSMOS_DSN=… go run ./examples/dump -db shop save shop.dump
//	COSMOS_DSN=… go run ./examples/dump -db shop -container orders -ru 2000 save shop.dump
//	COSMOS_DSN=… go run ./examples/dump -db copy load shop.dump
//
// What others write meanwhile may or may not be in the files: a dump is not a snapshot. Stored procedures, triggers and
// functions are not in it, nor are ETags and times of the last change: the life of documents that expire begins anew.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/cosmossql/cosmossql/cosmos"
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
	load         bool
	dir          string
	database     string
	container    string // "" for all
	resume       bool
	overwrite    bool
	noThroughput bool
	parallel     int
	ru           int
}

func parse(args []string, errs io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("dump", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&s.database, "db", "", "`database` to save, or to load into; created where it is not there")
	flags.StringVar(&s.container, "container", "", "only this `container`")
	flags.BoolVar(&s.resume, "resume", false, "go on where the same command was ended")
	flags.BoolVar(&s.overwrite, "overwrite", false,
		"load: replace documents that are there already, which are left alone otherwise")
	flags.BoolVar(&s.noThroughput, "no-throughput", false,
		"load: provision what the service does by itself, as a serverless account needs it")
	flags.IntVar(&s.parallel, "parallel", 8, "ranges at the same time")
	flags.IntVar(&s.ru, "ru", 0, "request units a second to take at most, of all; 0 for any number")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() != 2 || flags.Arg(0) != "save" && flags.Arg(0) != "load":
		return s,
			errors.New("say what to do: dump [flags] save DIRECTORY, or dump [flags] load DIRECTORY; flags go first")
	case s.database == "":
		return s, errors.New("-db is missing: the database to save, or to load into")
	case s.parallel < 1 || s.ru < 0:
		return s, errors.New("-parallel and -ru are positive numbers")
	}
	s.load, s.dir = flags.Arg(0) == "load", flags.Arg(1)
	return s, nil
}

func run(ctx context.Context, out, errs io.Writer, args []string) error {
	if len(args) == 0 {
		return demonstrate(ctx, out, errs)
	}
	s, err := parse(args, errs)
	if err != nil {
		return err
	}
	client, err := cosmos.NewClientFromConnectionString(os.Getenv("COSMOS_DSN"), nil)
	if err != nil {
		return fmt.Errorf("COSMOS_DSN: %w", err)
	}
	defer client.Close()
	return execute(ctx, client, s, out, errs)
}

// execute saves or loads.
func execute(ctx context.Context, client *cosmos.Client, s settings, out, errs io.Writer) error {
	if s.ru > 0 {
		group, err := cosmos.NewThroughputControlGroup(cosmos.ThroughputControlGroupConfig{
			Name: "dump", TargetThroughput: s.ru, Priority: cosmos.PriorityLow,
		})
		if err != nil {
			return err
		}
		ctx = cosmos.WithOptions(ctx, cosmos.InThroughputControlGroup(group))
	}
	work := save
	if s.load {
		work = load
	}
	p := newProgress(out, errs)
	defer p.stop()
	err := work(ctx, client.Database(s.database), s, p)
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("%w; -resume goes on from here", err)
	}
	return err
}
