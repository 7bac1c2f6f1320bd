package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

// settings are what the flags and the environment say.
type settings struct {
	addr, health, key, readOnlyKey string
	certificate, certificateKey    string
	consistency                    string
	load, save, log                string
	partitions, queryMemory        int
	scriptOperations               int
	scriptTimeout                  time.Duration
	regions                        []string

	// the address of -health is not the default
	healthGiven                                                                          bool
	tls, throttle, anyOrder, backup, images, serveAll, multiWrite, distributed, explorer bool
}

// prefix begins the names of environment variables.
const prefix = "COSMOS_SERVER_"

func readSettings(args []string, env func(string) (string, bool), errs io.Writer) (*settings, error) {
	s := &settings{}
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() {
		fmt.Fprintln(errs, "usage: server [flags]    a Cosmos DB server in memory, for development and tests")
		flags.VisitAll(func(f *flag.Flag) {
			fmt.Fprintf(errs, "  -%-26s %s (%s)\n", f.Name, f.Usage, variable(f.Name))
		})
	}
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8081", "address to listen on, 127.0.0.1:8081; port 0 is any free one")
	flags.StringVar(&s.health, "health", "127.0.0.1:8080", "address of /alive, /ready, /save and the explorer, 127.0.0.1:8080; empty for none")
	flags.StringVar(&s.key, "key", cosmostest.DefaultKey, "master key, base64; by default that of the emulators")
	flags.StringVar(&s.readOnlyKey, "read-only-key", "", "second key, base64, that reads only")
	flags.IntVar(&s.partitions, "partitions", 4, "physical partitions of a new container, 4")
	flags.Func("regions", "regions of the account, with commas; the first writes", func(text string) error {
		s.regions = nil
		for name := range strings.SplitSeq(text, ",") {
			if name = strings.TrimSpace(name); name == "" {
				return errors.New("a region has no name")
			}
			s.regions = append(s.regions, name)
		}
		return nil
	})
	flags.BoolVar(&s.multiWrite, "multi-write", false, "every region writes")
	flags.StringVar(&s.consistency, "consistency", "Session", "Strong, BoundedStaleness, Session, ConsistentPrefix or Eventual")
	flags.BoolVar(&s.throttle, "throttle", false, "hold requests to the throughput of their container (429)")
	flags.BoolVar(&s.anyOrder, "without-composite-indexes", false, "sort by several keys without the composite index that the service asks for")
	flags.BoolVar(&s.images, "previous-images", false,
		"show what was before a replace or delete in change feeds of all versions")
	flags.BoolVar(&s.backup, "continuous-backup", false, "keep all versions of every container, for change feeds of all versions")
	flags.BoolVar(&s.serveAll, "serve-all", false, "execute the queries that the service leaves to its clients to merge")
	flags.BoolVar(&s.distributed, "distributed", false, "execute distributed transactions")
	flags.BoolVar(&s.tls, "tls", false, "speak HTTPS, with a certificate made for this run unless one is given")
	flags.StringVar(&s.certificate, "tls-cert", "", "PEM file of the certificate; with -tls-key made and kept if neither exists")
	flags.StringVar(&s.certificateKey, "tls-key", "", "PEM file of its key")
	flags.StringVar(&s.load, "load", "", "JSON file to begin with; one that -save names, too, may be missing")
	flags.StringVar(&s.save, "save", "", "JSON file to save to at the end and on POST /save")
	flags.StringVar(&s.log, "log", "off", "log of requests on standard error: text, json or off")
	flags.BoolVar(&s.explorer, "explorer", false, "show a page to look at the data, at /_explorer/ of -health")
	flags.IntVar(&s.queryMemory, "query-memory", 1024, "megabytes that all queries together may hold, 1024")
	flags.DurationVar(&s.scriptTimeout, "script-timeout", 5*time.Second, "how long a stored procedure may run, 5s")
	flags.IntVar(&s.scriptOperations, "script-operations", 0, "operations that a script may do before it is told to stop; 0 is any number")

	var failed error
	flags.VisitAll(func(f *flag.Flag) { // before the flags, which count more
		if text, ok := env(variable(f.Name)); ok && failed == nil {
			s.healthGiven = s.healthGiven || f.Name == "health"
			if err := flags.Set(f.Name, text); err != nil {
				failed = fmt.Errorf("%s: %q: %w", variable(f.Name), text, err)
			}
		}
	})
	if failed != nil {
		return nil, failed
	}
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	flags.Visit(func(f *flag.Flag) { s.healthGiven = s.healthGiven || f.Name == "health" })
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	case (s.certificate == "") != (s.certificateKey == ""):
		return nil, errors.New("-tls-cert and -tls-key go together")
	case s.partitions < 1:
		return nil, fmt.Errorf("-partitions must be at least 1, not %d", s.partitions)
	case s.queryMemory < 1 || s.queryMemory > math.MaxInt>>20:
		return nil, fmt.Errorf("-query-memory must be at least 1, not %d", s.queryMemory)
	}
	return s, nil
}

// variable is the environment variable of a flag.
func variable(name string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// options are the server's.
func (s *settings) options() []cosmostest.Option {
	opts := []cosmostest.Option{
		cosmostest.Addr(s.addr), cosmostest.Partitions(s.partitions), cosmostest.MasterKey(s.key), cosmostest.ReadOnlyKey(s.readOnlyKey),
		cosmostest.Consistency(s.consistency), cosmostest.Regions(s.regions...), cosmostest.QueryMemory(s.queryMemory << 20),
		script.JavaScript(script.Timeout(s.scriptTimeout), script.Operations(s.scriptOperations)),
	}
	for _, o := range []struct {
		wanted bool
		option cosmostest.Option
	}{
		{s.multiWrite, cosmostest.MultiWrite()}, {s.throttle, cosmostest.Throttle()}, {s.anyOrder, cosmostest.WithoutCompositeIndexes()},
		{s.serveAll, cosmostest.ServeAll()}, {s.backup, cosmostest.ContinuousBackup()}, {s.images, cosmostest.PreviousImages()}, {s.distributed, cosmostest.DistributedTransactions()}, {s.tls && s.certificate == "", cosmostest.TLS()},
		{s.certificate != "", cosmostest.TLSFiles(s.certificate, s.certificateKey)},
	} {
		if o.wanted {
			opts = append(opts, o.option)
		}
	}
	if _, err := os.Stat(s.load); s.load != "" && !(s.load == s.save && errors.Is(err, fs.ErrNotExist)) {
		opts = append(opts, cosmostest.LoadFile(s.load))
	}
	return opts
}

// logger writes the log of requests; nil for none.
func (s *settings) logger(w io.Writer) (*slog.Logger, error) {
	switch s.log {
	case "off":
		return nil, nil
	case "text":
		return slog.New(slog.NewTextHandler(w, nil)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, nil)), nil
	}
	return nil, fmt.Errorf("-log must be text, json or off, not %q", s.log)
}

// logExchange writes a line for a request: no document, no key.
func logExchange(l *slog.Logger, x cosmostest.Exchange) {
	if l == nil {
		return
	}
	l.Info("request", "method", x.Method, "path", x.Path, "operation", x.Operation, "region", x.Region, "range", x.Range, "status", x.Status,
		"substatus", x.SubStatus, "charge", x.Charge, "duration", x.Duration, "activity", x.ActivityID)
}
