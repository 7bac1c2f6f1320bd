package cosmos

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"time"
)

// Client talks to one account. It is safe for concurrent use; make one and keep it: connections, session tokens and
// caches belong to it.
type Client struct{}

// ClientOptions adjusts a [Client]. The zero value is a good start.
type ClientOptions struct {
	// HTTPClient sends the requests; nil means one of the client's own, sized for concurrency.
	HTTPClient *http.Client
	// Consistency is asked of reads that do not ask for another; empty means the account's own.
	Consistency ConsistencyLevel
	// PreferredRegions are tried in this order. Empty means the account's order.
	PreferredRegions []string
	// UserAgent is added to the User-Agent header.
	UserAgent string
	// MaxRetries is how often a throttled request is repeated (default 9; negative: never).
	MaxRetries int
	// MaxRetryWait bounds the time one request waits for its turn when throttled (default 30 s).
	MaxRetryWait time.Duration
	// InsecureSkipVerify accepts any TLS certificate, for emulators with certificates of their own.
	InsecureSkipVerify bool
	// Options apply to every request that does not say otherwise.
	Options []Option
}

var errUnbuilt = errors.New("cosmos: not built yet")

// NewClient makes a client of the account at endpoint, such as https://shop.documents.azure.com:443/. It sends nothing.
// opts may be nil.
func NewClient(endpoint string, cred Credential, opts *ClientOptions) (*Client, error) {
	return nil, errUnbuilt
}

// NewClientFromConnectionString makes a client from the portal's connection string,
// AccountEndpoint=https://…;AccountKey=…; in any order. opts may be nil.
func NewClientFromConnectionString(cs string, opts *ClientOptions) (*Client, error) {
	return nil, errUnbuilt
}

// Endpoint returns the account's address as it was given.
func (c *Client) Endpoint() string { return "" }

// Close ends idle connections. Requests made afterwards fail with [ErrClosed].
func (c *Client) Close() error { return errUnbuilt }

// Account reads the account's properties. It is the cheapest request there is: good as a ping.
func (c *Client) Account(ctx context.Context) (*AccountProperties, error) { return nil, errUnbuilt }

// Database returns a handle on a database. It sends nothing.
func (c *Client) Database(id string) *Database { return nil }

// Databases lists the account's databases.
func (c *Client) Databases(ctx context.Context, opts ...Option) iter.Seq2[*DatabaseProperties, error] {
	return nil
}

// CreateDatabase creates a database, with shared throughput where [Throughput] or [AutoscaleThroughput] is given.
func (c *Client) CreateDatabase(ctx context.Context, id string, opts ...Option) (*Response, error) {
	return nil, errUnbuilt
}
