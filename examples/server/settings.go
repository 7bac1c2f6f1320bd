package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

// settings are what the flags and the environment say.
type settings struct {
	config, addr, health, control string
	key, readOnlyKey              string
	certificate, certificateKey   string
	account, onePort, advertise   string
	consistency, writeRegion      string
	load, save, log               string
	partitions, queryMemory       int
	partitionSize                 int
	scriptOperations              int
	scriptTimeout, accountFlap    time.Duration
	replicationSeed               uint64
	replicationDelay              span
	splitPhases                   [3]time.Duration
	regions                       []string
	databases                     []byte            // what the file has, as -load reads it
	replication, faults           []json.RawMessage // as the control port takes them

	healthGiven bool // the address of -health is not the default

	tls, throttle, anyOrder, backup, images, serveAll, distributed, explorer bool
	multiWrite, partitionFailover                                            bool
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
	flags.StringVar(&s.config, "config", "",
		"JSON file: flags in camel case, databases, replication, faults; flags count more")
	flags.StringVar(&s.control, "control", "",
		"address that moves regions, ranges, faults, the clock: 127.0.0.1:8082; empty for none")
	flags.StringVar(&s.account, "account", "cosmostest", "name of the account, cosmostest")
	flags.StringVar(&s.onePort, "one-port", "",
		"domain: one port serves NAME.domain and the regions, NAME-westus.domain")
	flags.StringVar(&s.advertise, "advertise", "",
		"host that the account tells clients, not the one that they asked by: 127.0.0.1")
	flags.StringVar(&s.writeRegion, "write-region", "", "the region that writes, if it is not the first")
	flags.Var(&s.replicationDelay, "replication-delay", "how long a write takes to another region: 20ms, or 20ms-50ms")
	flags.Uint64Var(&s.replicationSeed, "replication-seed", 0, "seed of such times")
	flags.DurationVar(&s.accountFlap, "account-flap", 0,
		"how long the account shows old and new in turns after a change")
	flags.BoolVar(&s.partitionFailover, "partition-failover", false,
		"single partitions may have a write region of their own")
	flags.IntVar(&s.partitionSize, "partition-size", 0,
		"megabytes of documents beyond which a partition is split; 0 is never")
	flags.Func("split-phases", "times of copying, preparing and swapping of a split: 1m,1s,1s",
		func(text string) error {
			parts := strings.Split(text, ",")
			if len(parts) != len(s.splitPhases) {
				return errors.New("three times are wanted, such as 1m,1s,1s")
			}
			for i, part := range parts {
				d, err := time.ParseDuration(strings.TrimSpace(part))
				if err != nil {
					return err
				}
				s.splitPhases[i] = d
			}
			return nil
		})
	flags.StringVar(&s.addr, "addr", "127.0.0.1:8081", "address to listen on, 127.0.0.1:8081; port 0 is any free one")
	flags.StringVar(&s.health, "health", "127.0.0.1:8080",
		"address of /alive, /ready, /save and the explorer, 127.0.0.1:8080; empty for none")
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
	flags.StringVar(&s.consistency, "consistency", "Session",
		"Strong, BoundedStaleness, Session, ConsistentPrefix or Eventual")
	flags.BoolVar(&s.throttle, "throttle", false, "hold requests to the throughput of their container (429)")
	flags.BoolVar(&s.anyOrder, "without-composite-indexes", false,
		"sort by several keys without the composite index that the service asks for")
	flags.BoolVar(&s.images, "previous-images", false,
		"show what was before a replace or delete in change feeds of all versions")
	flags.BoolVar(&s.backup, "continuous-backup", false,
		"keep all versions of every container, for change feeds of all versions")
	flags.BoolVar(&s.serveAll, "serve-all", false,
		"execute the queries that the service leaves to its clients to merge")
	flags.BoolVar(&s.distributed, "distributed", false, "execute distributed transactions")
	flags.BoolVar(&s.tls, "tls", false, "speak HTTPS, with a certificate made for this run unless one is given")
	flags.StringVar(&s.certificate, "tls-cert", "",
		"PEM file of the certificate; with -tls-key made and kept if neither exists")
	flags.StringVar(&s.certificateKey, "tls-key", "", "PEM file of its key")
	flags.StringVar(&s.load, "load", "", "JSON file to begin with; one that -save names, too, may be missing")
	flags.StringVar(&s.save, "save", "", "JSON file to save to at the end and on POST /save")
	flags.StringVar(&s.log, "log", "off", "log of requests on standard error: text, json or off")
	flags.BoolVar(&s.explorer, "explorer", false, "show a page to look at the data, at /_explorer/ of -health")
	flags.IntVar(&s.queryMemory, "query-memory", 1024, "megabytes that all queries together may hold, 1024")
	flags.DurationVar(&s.scriptTimeout, "script-timeout", 5*time.Second, "how long a stored procedure may run, 5s")
	flags.IntVar(&s.scriptOperations, "script-operations", 0,
		"operations that a script may do before it is told to stop; 0 is any number")

	if err := flags.Parse(args); err != nil { // for -config, and so that the flags' errors come first
		return nil, err
	}
	if name, ok := env(variable("config")); ok && s.config == "" {
		s.config = name
	}
	if s.config != "" {
		if err := s.readConfig(flags); err != nil {
			return nil, fmt.Errorf("-config: %w", err)
		}
	}
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
	case s.partitionSize < 0:
		return nil, fmt.Errorf("-partition-size must not be below 0, but is %d", s.partitionSize)
	case int64(s.partitionSize) > math.MaxInt64>>20:
		return nil, fmt.Errorf("-partition-size is in megabytes: %d is more than there can be", s.partitionSize)
	case s.scriptTimeout < 0:
		return nil, fmt.Errorf("-script-timeout must not be below 0, but is %v", s.scriptTimeout)
	case s.scriptOperations < 0:
		return nil, fmt.Errorf("-script-operations must not be below 0, but is %d", s.scriptOperations)
	case s.queryMemory < 1:
		return nil, fmt.Errorf("-query-memory must be at least 1, not %d", s.queryMemory)
	case s.queryMemory > math.MaxInt>>20:
		return nil, fmt.Errorf("-query-memory is in megabytes: %d is more than there can be", s.queryMemory)
	}
	return s, s.orderRegions()
}

// orderRegions puts the write region first, where the server wants it.
func (s *settings) orderRegions() error {
	if s.writeRegion == "" {
		return nil
	}
	if len(s.regions) == 0 {
		return fmt.Errorf("-write-region %q: name the account's regions with -regions", s.writeRegion)
	}
	for i, name := range s.regions {
		if cosmostest.SameRegion(name, s.writeRegion) {
			s.regions = slices.Concat([]string{name}, s.regions[:i], s.regions[i+1:])
			return nil
		}
	}
	return fmt.Errorf("-write-region: the account has no region %q: it has %s", s.writeRegion,
		strings.Join(s.regions, ", "))
}

// span is a time, or one between two.
type span struct{ least, most time.Duration }

// String is the span as Set reads it.
func (s *span) String() string { return s.least.String() + "-" + s.most.String() }

// Set reads a span.
func (s *span) Set(text string) (err error) {
	least, most, two := strings.Cut(text, "-")
	if !two {
		most = least
	}
	if s.least, err = time.ParseDuration(least); err == nil {
		s.most, err = time.ParseDuration(most)
	}
	return err
}

// variable is the environment variable of a flag.
func variable(name string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// options are the server's.
func (s *settings) options() []cosmostest.Option {
	opts := []cosmostest.Option{
		cosmostest.Addr(s.addr), cosmostest.Partitions(s.partitions), cosmostest.MasterKey(s.key),
		cosmostest.ReadOnlyKey(s.readOnlyKey), cosmostest.Consistency(s.consistency), cosmostest.Regions(s.regions...),
		cosmostest.QueryMemory(s.queryMemory << 20),
		script.JavaScript(script.Timeout(s.scriptTimeout), script.Operations(s.scriptOperations)),
		cosmostest.AccountName(s.account), cosmostest.OnePort(s.onePort), cosmostest.Advertise(s.advertise),
		cosmostest.ReplicationDelay(s.replicationDelay.least, s.replicationDelay.most),
		cosmostest.ReplicationSeed(s.replicationSeed), cosmostest.AccountFlap(s.accountFlap),
		cosmostest.PartitionSize(int64(s.partitionSize) << 20),
		cosmostest.SplitPhases(s.splitPhases[0], s.splitPhases[1], s.splitPhases[2]),
	}
	for _, o := range []struct {
		wanted bool
		option cosmostest.Option
	}{
		{s.multiWrite, cosmostest.MultiWrite()},
		{s.partitionFailover, cosmostest.PartitionFailover()},
		{s.throttle, cosmostest.Throttle()},
		{s.anyOrder, cosmostest.WithoutCompositeIndexes()},
		{s.serveAll, cosmostest.ServeAll()},
		{s.backup, cosmostest.ContinuousBackup()},
		{s.images, cosmostest.PreviousImages()},
		{s.distributed, cosmostest.DistributedTransactions()},
		{s.tls && s.certificate == "", cosmostest.TLS()},
		{s.certificate != "", cosmostest.TLSFiles(s.certificate, s.certificateKey)},
	} {
		if o.wanted {
			opts = append(opts, o.option)
		}
	}
	if _, err := os.Stat(s.load); s.load != "" && !(s.load == s.save && errors.Is(err, fs.ErrNotExist)) {
		opts = append(opts, cosmostest.LoadFile(s.load))
	}
	if s.databases != nil {
		opts = append(opts, cosmostest.Load(s.databases))
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
	l.Info("request", "method", x.Method, "path", x.Path, "operation", x.Operation, "region", x.Region, "range",
		x.Range, "status", x.Status,
		"substatus", x.SubStatus, "charge", x.Charge, "duration", x.Duration, "activity", x.ActivityID)
}
