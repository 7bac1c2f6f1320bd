package driver

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"

	"github.com/cosmossql/cosmossql"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/errtext"
)

var (
	_ driver.Connector = (*Connector)(nil)
	_ io.Closer        = (*Connector)(nil)
)

// Connector makes the connections of a [database/sql.DB]; hand it to [database/sql.OpenDB]. They are light: all share
// one [cosmos.Client], which holds the sockets, the session tokens and the caches. A Connector is safe for concurrent
// use.
type Connector struct {
	client   *cosmos.Client
	owned    bool   // Close closes the client
	dsn      string // without secrets, which a printed Connector must not show
	settings *cosmossql.Settings
	err      error // of the fields of a Config that nobody has validated
}

// OpenConnector makes a Connector with a client of its own, which closing the sql.DB closes. It sends nothing. A Config
// without endpoint, or without exactly one of Key, ResourceToken and Credential, is an error.
func OpenConnector(cfg Config) (*Connector, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("cosmos: %w", discreet(errtext.Inner(err)))
	}
	cred, err := cfg.credential()
	if err != nil {
		return nil, err
	}
	cfg = cfg.Clone()
	client, err := cosmos.NewClient(cfg.Endpoint, cred, &cosmos.ClientOptions{
		HTTPClient:         cfg.HTTPClient,
		Consistency:        cfg.Consistency,
		PreferredRegions:   cfg.PreferredRegions,
		UserAgent:          cfg.UserAgent,
		RequestTimeout:     cfg.Timeout,
		ExcludedRegions:    cfg.ExcludedRegions,
		ConnectTimeout:     cfg.ConnectTimeout,
		MaxThrottleRetries: cfg.MaxThrottleRetries,
		MaxThrottleWait:    cfg.MaxThrottleWait,
		HedgeThreshold:     cfg.HedgeThreshold,
		HedgeStep:          cfg.HedgeStep,
		MaxResponseBytes:   cfg.MaxResponseBytes,
		InsecureSkipVerify: cfg.InsecureSkipVerify,
		TimeFormat:         cfg.TimeFormat,
	})
	if err != nil {
		return nil, err
	}
	c := NewConnector(client, cfg)
	if c.err != nil {
		return nil, errors.Join(c.err, client.Close())
	}
	c.owned = true
	return c, nil
}

// NewConnector makes a Connector that shares client: statements and the client's own methods use the same sockets and
// see the same sessions. Closing the sql.DB leaves the client open.
//
// Of cfg it uses the fields that concern statements: from Database to MaxConcurrency but for PreferredRegions, those of
// throughput, and from ScanAhead to ParseTime. The others belong to the client. If client is nil, or the fields of
// throughput contradict each other, Connect fails.
func NewConnector(client *cosmos.Client, cfg Config) *Connector {
	settings, err := cfg.settings()
	if err == nil && client == nil {
		err = errors.New("cosmos: NewConnector was given a nil client; make one with cosmos.NewClient")
	}
	return &Connector{client: client, dsn: cfg.String(), settings: settings, err: err}
}

// Connect implements [driver.Connector]. It sends nothing; Ping does.
func (c *Connector) Connect(ctx context.Context) (driver.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.err != nil {
		return nil, c.err
	}
	return c.open(), nil
}

func (c *Connector) open() *cosmossql.Conn { return cosmossql.NewConn(c.client, c.settings) }

// Driver implements [driver.Connector].
func (c *Connector) Driver() driver.Driver { return Driver{} }

// Client returns the client that the connections share.
func (c *Connector) Client() *cosmos.Client { return c.client }

// Close closes the client if the Connector made it. [database/sql.DB.Close] calls it.
func (c *Connector) Close() error {
	if !c.owned {
		return nil
	}
	return c.client.Close()
}

// String is the DSN without its secrets.
func (c *Connector) String() string { return c.dsn }

// GoString is String, so that %#v keeps the secrets too.
func (c *Connector) GoString() string { return "driver.Connector(" + c.String() + ")" }

func (c Config) credential() (cosmos.Credential, error) {
	switch {
	case c.Credential != nil:
		return *c.Credential, nil
	case c.ResourceToken != "":
		return cosmos.ResourceToken(c.ResourceToken), nil
	case c.CredentialName != "":
		return cosmos.RegisteredCredential(c.CredentialName)
	}
	return cosmos.KeyCredential(c.Key)
}

// settings is the part of c that connections use.
func (c Config) settings() (*cosmossql.Settings, error) {
	s := &cosmossql.Settings{
		Database:      c.Database,
		Container:     c.Container,
		ScanAhead:     c.ScanAhead,
		Extra:         c.Extra,
		SystemColumns: c.SystemColumns,
		NoAutoID:      c.NoAutoID,
		RequireKey:    c.RequireKey,
		TimeFormat:    c.TimeFormat,
		ParseTime:     c.ParseTime,
	}
	if c.DistributedTransactions {
		s.Options = append(s.Options, cosmos.Distributed())
	}
	if c.PartitionKey != nil {
		s.Options = append(s.Options, cosmos.PartitionKey(c.PartitionKey...))
	}
	if c.Consistency != "" {
		s.Options = append(s.Options, cosmos.Consistency(c.Consistency))
	}
	if c.PageSize != 0 {
		s.Options = append(s.Options, cosmos.PageSize(c.PageSize))
	}
	if c.MaxConcurrency > 0 {
		s.Options = append(s.Options, cosmos.MaxConcurrency(c.MaxConcurrency))
	}
	if c.MaxRUPerSecond != 0 {
		s.Options = append(s.Options, cosmos.MaxRUPerSecond(c.MaxRUPerSecond))
	}
	if c.TargetThroughput != 0 || c.TargetThroughputThreshold != 0 {
		group, err := cosmos.NewThroughputControlGroup(cosmos.ThroughputControlGroupConfig{
			Name: "of the DSN", TargetThroughput: c.TargetThroughput,
			TargetThroughputThreshold: c.TargetThroughputThreshold,
		})
		if err != nil {
			return s, err
		}
		s.Options = append(s.Options, cosmos.InThroughputControlGroup(group))
	}
	if c.Priority != "" {
		s.Options = append(s.Options, cosmos.Priority(c.Priority))
	}
	if c.ThroughputBucket != 0 {
		s.Options = append(s.Options, cosmos.ThroughputBucket(c.ThroughputBucket))
	}
	return s, nil
}
