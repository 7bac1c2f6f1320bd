package cosmos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/bulk"
	"github.com/cosmossql/cosmossql/internal/cache"
	"github.com/cosmossql/cosmossql/internal/naming"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// Client sends requests to one account. It is safe for concurrent use. Make one for each account and keep it: it holds
// connections, session tokens and caches.
type Client struct {
	endpoint      string
	rest          *rest.Client
	http          *http.Client
	ownHTTP       bool
	tracer        Tracer // or nil
	host          string // of the endpoint, with its port
	id, agent     string // of a client that is traced, and its User-Agent header
	closed        sync.Once
	defaults      []Option
	parsedQueries cache.Bounded[string, *parsedQuery]
	format        argument.Format
	bulk          bulk.Support // whether the server knows bulk requests

	containers sync.Map // by link, what is known of each (*metadata); none of a container that is not known to exist
}

// ClientOptions adjusts a [Client]. The zero value is a good start.
type ClientOptions struct {
	// HTTPClient sends the requests; nil means one that the client makes, with enough connections for concurrent use.
	// Redirects are not followed, whatever its CheckRedirect says. It should keep no cookies.
	HTTPClient *http.Client
	// Consistency is the level of reads without the option [Consistency]; empty means the account's default.
	Consistency ConsistencyLevel
	// PreferredRegions are the names of regions to use, the nearest first; empty means the account's own order. A name
	// that is not a region at all is an error of the first request.
	PreferredRegions []string
	// ExcludedRegions are the names of regions not to use; see also the option [ExcludedRegions].
	ExcludedRegions []string
	// UserAgent is added to the User-Agent header.
	UserAgent string
	// MaxThrottleRetries is how often a throttled request is repeated (default 9; negative: never).
	MaxThrottleRetries int
	// MaxThrottleWait bounds the sum of the pauses that the service asks for (default 30 s).
	MaxThrottleWait time.Duration
	// RequestTimeout bounds each attempt of a request (default 65 s, of requests that are not about documents 20 s;
	// negative: no bound but the context's). An attempt that takes longer counts against its region.
	RequestTimeout time.Duration
	// ConnectTimeout bounds the making of a connection (default 5 s). It has no effect on an HTTPClient of your own.
	ConnectTimeout time.Duration
	// HedgeThreshold is how long a read of documents may take before it is sent to the next region as well, and
	// HedgeStep how long until the one after that (default: HedgeThreshold). The first answer wins, and the others are
	// cancelled. 0 means never: a read that takes long then costs no second request.
	HedgeThreshold, HedgeStep time.Duration
	// MaxResponseBytes is the size of the largest answer that is read (default 64 MB). A page of the service has at
	// most 4 MB.
	MaxResponseBytes int64
	// TimeFormat is how arguments of queries that are a time.Time are written.
	TimeFormat TimeFormat
	// Tracer is told of every operation and every attempt; nil costs nothing.
	Tracer Tracer
	// InsecureSkipVerify accepts any TLS certificate, for emulators with certificates of their own.
	InsecureSkipVerify bool
	// Options apply to every request. Options of the context and arguments override them.
	Options []Option
}

const userAgent = "cosmossql/1"

// NewClient makes a client of the account at endpoint, such as https://shop.documents.azure.com:443/. It sends nothing.
// opts may be nil.
func NewClient(endpoint string, cred Credential, opts *ClientOptions) (*Client, error) {
	if opts == nil {
		opts = &ClientOptions{}
	}
	if cred.auth == nil {
		return nil, errors.New("cosmos: the credential is empty: " +
			"make one with KeyCredential, ResourceToken or TokenCredential")
	}
	if err := opts.check(); err != nil {
		return nil, err
	}
	agent := strings.TrimSpace(userAgent + " " + opts.UserAgent)
	c := &Client{endpoint: endpoint, http: opts.HTTPClient, tracer: opts.Tracer,
		format: argument.Format{FixedTimes: opts.TimeFormat == TimeFixed}}
	if opts.Consistency != "" {
		c.defaults = append(c.defaults, Consistency(opts.Consistency))
	}
	c.defaults = append(c.defaults, opts.Options...)
	if c.tracer != nil {
		c.id, c.agent = rest.NewActivityID(), agent
	}
	if err := option.Check(c.defaults); err != nil {
		return nil, err
	}
	if c.http == nil {
		c.http, c.ownHTTP = rest.NewHTTPClient(opts.InsecureSkipVerify, opts.ConnectTimeout), true
	}
	// An endpoint that does not parse is reported by rest.New.
	base, _ := url.Parse(endpoint)
	var err error
	c.rest, err = rest.New(rest.Config{
		Endpoint:  endpoint,
		Auth:      cred.auth(base),
		HTTP:      c.http,
		Preferred: slices.Clone(opts.PreferredRegions),
		Excluded:  slices.Clone(opts.ExcludedRegions),
		UserAgent: agent,
		Policy:    rest.Policy{Throttled: opts.MaxThrottleRetries, ThrottledWait: opts.MaxThrottleWait},
		Timeout:   opts.RequestTimeout,
		MaxAnswer: opts.MaxResponseBytes,
		Hedge:     rest.Hedge{Threshold: opts.HedgeThreshold, Step: opts.HedgeStep},
		Tracer:    attemptTracer(opts.Tracer),
		Missing:   c.missing,

		Throughput: c.provisioned,
	})
	if err != nil {
		return nil, err
	}
	if c.host = base.Host; base.Port() == "" {
		port := "443"
		if base.Scheme == "http" {
			port = "80"
		}
		c.host = net.JoinHostPort(base.Hostname(), port)
	}
	if t, ok := opts.Tracer.(ClientTracer); ok {
		t.ClientOpens(c.host)
	}
	return c, nil
}

// check refuses impossible values.
func (o *ClientOptions) check() error {
	if o.TimeFormat != "" && o.TimeFormat != TimeFixed {
		return fmt.Errorf("cosmos: ClientOptions.TimeFormat %q is none of \"\" and %q", o.TimeFormat, TimeFixed)
	}
	for _, d := range []struct {
		name  string
		value int64
	}{
		{"MaxThrottleWait", int64(o.MaxThrottleWait)}, {"ConnectTimeout", int64(o.ConnectTimeout)},
		{"HedgeThreshold", int64(o.HedgeThreshold)},
		{"HedgeStep", int64(o.HedgeStep)}, {"MaxResponseBytes", o.MaxResponseBytes},
	} {
		if d.value < 0 {
			return fmt.Errorf("cosmos: %s is negative", d.name)
		}
	}
	switch {
	case o.HTTPClient != nil && o.InsecureSkipVerify:
		return errors.New("cosmos: InsecureSkipVerify has no effect on an " +
			"HTTPClient of your own: set it in its transport")
	case o.HTTPClient != nil && o.ConnectTimeout > 0:
		return errors.New("cosmos: ConnectTimeout has no effect on an HTTPClient of your own: set it in its transport")
	case o.HedgeStep > 0 && o.HedgeThreshold == 0:
		return errors.New("cosmos: HedgeStep has no effect without HedgeThreshold")
	}
	for _, list := range [2][]string{o.PreferredRegions, o.ExcludedRegions} {
		if slices.Contains(list, "") {
			return errors.New("cosmos: the name of a preferred or excluded region is empty")
		}
	}
	return nil
}

// NewClientFromConnectionString makes a client from the portal's connection string,
// AccountEndpoint=https://…;AccountKey=…; with its parts in any order. DisableServerCertificateValidation=true, which
// emulators' connection strings carry, is honoured; other parts, such as Database, are ignored. A part that is given
// twice is an error. It sends nothing. opts may be nil.
func NewClientFromConnectionString(cs string, opts *ClientOptions) (*Client, error) {
	o := ClientOptions{}
	if opts != nil {
		o = *opts
	}
	var endpoint, key string
	seen := map[string]bool{}
	for part, err := range naming.Parts(cs) {
		if err != nil {
			return nil, fmt.Errorf("cosmos: connection string: %w, as in AccountEndpoint=https://…;AccountKey=…; "+
				"a URL cosmos://… is for sql.Open", err)
		}
		name := naming.Fold(part.Name)
		if seen[name] {
			return nil, fmt.Errorf("cosmos: the connection string has the part %s twice", name)
		}
		seen[name] = true
		switch name {
		case "accountendpoint":
			endpoint = part.Value
		case "accountkey":
			key = part.Value
		case "disableservercertificatevalidation":
			skip, err := strconv.ParseBool(part.Value)
			if err != nil {
				return nil, errors.New("cosmos: connection string: " +
					"DisableServerCertificateValidation is neither true nor false")
			}
			o.InsecureSkipVerify = skip
		}
	}
	switch {
	case endpoint == "":
		return nil, errors.New("cosmos: the connection string has no AccountEndpoint")
	case key == "":
		return nil, errors.New("cosmos: the connection string has no AccountKey")
	}
	cred, err := KeyCredential(key)
	if err != nil {
		return nil, err
	}
	return NewClient(endpoint, cred, &o)
}

// String names the account, never the credential.
func (c *Client) String() string { return "cosmos.Client(" + c.Endpoint() + ")" }

// Format implements [fmt.Formatter]: every verb writes String.
func (c *Client) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, c.String()) }

// check returns the error of a client that cannot be used.
func (c *Client) check() error {
	if c == nil {
		return errors.New("cosmos: the *Client is nil: make one with NewClient, or take that of a *sql.DB with FromDB")
	}
	return nil
}

// Endpoint returns the account's address as it was given.
func (c *Client) Endpoint() string {
	if c == nil {
		return ""
	}
	return c.endpoint
}

// Close closes idle connections. Later requests fail with [ErrClosed], and so do those that pause before they are
// repeated or wait for their budget; those in flight are finished but not repeated.
// The error is always nil.
func (c *Client) Close() error {
	c.rest.Close()
	c.closed.Do(func() {
		if t, ok := c.tracer.(ClientTracer); ok {
			t.ClientCloses(c.host)
		}
	})
	if c.ownHTTP {
		c.http.CloseIdleConnections()
	}
	return nil
}

// Account reads the account's properties (GET /). It is the cheapest request and serves as a ping.
func (c *Client) Account(ctx context.Context) (*AccountProperties, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	resp, info, err := c.rest.Account(ctx)
	record(ctx, resp)
	if err != nil {
		return nil, publicError(err)
	}
	a := &AccountProperties{
		ID: info.ID, MultipleWriteRegions: info.MultipleWrite, Consistency: ConsistencyLevel(info.Policy.Level),
		Raw: resp.Body,
	}
	for _, l := range info.Writable {
		a.WriteRegions = append(a.WriteRegions, Region(l))
	}
	for _, l := range info.Readable {
		a.ReadRegions = append(a.ReadRegions, Region(l))
	}
	return a, nil
}

// Database returns a handle on a database. It sends nothing.
func (c *Client) Database(id string) *Database {
	d := &Database{client: c, id: id, err: c.check()}
	if d.err == nil {
		d.err = naming.CheckID("database", id)
	}
	d.address = address{link: "dbs/" + id, path: "/dbs/" + id}
	if escaped := rest.Escape(id); escaped != id {
		d.address.raw = "/dbs/" + escaped
	}
	return d
}
