package driver

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/naming"
)

// Config holds all settings of a [Connector]. [ParseDSN] makes one from text, [Config.FormatDSN] writes it back;
// the zero value of a field is its default. A Config holds the account key: it prints itself without it.
type Config struct {
	Endpoint      string // account endpoint: https://name.documents.azure.com:443/
	Key           string `json:"-"` // account key, base64; or use ResourceToken or Credential
	ResourceToken string `json:"-"` // a resource token in place of the key
	// CredentialName is a credential that cosmos.RegisterCredential has given this name, in place of the key: how a DSN
	// signs in with Entra ID.
	CredentialName string
	Database       string // database of statements that name none
	Container      string // where set, every query goes here and the name in FROM is an alias

	// logical partition of statements that name none, as cosmos.PartitionKey takes it
	PartitionKey     []any
	Consistency      cosmos.ConsistencyLevel // weaker than the account's default; "": that default
	PreferredRegions []string                // regions to read from, the nearest first
	Priority         cosmos.PriorityLevel    // which requests the service throttles first; "": the account's default
	ThroughputBucket int                     // of the container, 1 to 5, that requests count against; 0: none
	PageSize         int                     // documents a page holds at most; 0 or -1: the service decides
	MaxConcurrency   int                     // partitions asked at once; 0: the client decides
	Timeout          time.Duration           // of one attempt of one request; 0: 65 s, for metadata 20 s
	UserAgent        string                  // added to the user agent that requests carry

	// MaxRUPerSecond is what the requests of one statement may cost in a second; 0: any number. TargetThroughput is
	// what all requests of a Connector may cost together, TargetThroughputThreshold the same as a share of the
	// throughput of each container, above 0 and up to 1.
	MaxRUPerSecond            int
	TargetThroughput          int
	TargetThroughputThreshold float64

	// What follows is as in cosmos.ClientOptions, which says more.

	ExcludedRegions    []string      // regions not to use
	ConnectTimeout     time.Duration // of the making of a connection; 0: 5 s
	MaxThrottleRetries int           // repeats of a throttled request; 0: 9, -1: none
	MaxThrottleWait    time.Duration // sum of the pauses that the service asks for; 0: 30 s
	HedgeThreshold     time.Duration // after which a read goes to a second region, too; 0: never
	HedgeStep          time.Duration // after which it goes to each further one; 0: HedgeThreshold
	MaxResponseBytes   int64         // of the largest answer that is read; 0: 64 MB

	ScanAhead int // bytes SELECT * reads ahead to learn its columns; 0: 1 MiB, 1: one page, -1: all
	// last column of SELECT *, with the fields not seen while reading ahead; "": they are an error
	Extra         string
	SystemColumns bool // SELECT * shows _rid, _self, _etag, _attachments and _ts too
	NoAutoID      bool // INSERT of a document without an id is an error; default: it gets a UUID
	// INSERT and UPSERT of a document without its partition key are errors; default: it is stored under no key
	RequireKey bool
	// of arguments that are a time.Time: "" as encoding/json writes them, cosmos.TimeFixed
	TimeFormat cosmos.TimeFormat
	// texts that are times, as RFC 3339 has them, are handed out as time.Time; for Go before 1.27
	ParseTime bool

	// a transaction may span keys and containers: a preview of the service; default: a batch of one key
	DistributedTransactions bool

	InsecureSkipVerify bool // accept any server certificate; for emulators

	// The following have no form as text: FormatDSN leaves them out.

	Credential *cosmos.Credential `json:"-"` // in place of Key and ResourceToken
	HTTPClient *http.Client       `json:"-"` // in place of the driver's own client and its connection pool
}

// Clone returns a copy that shares no memory with c but for HTTPClient and Credential, which are to be shared.
func (c Config) Clone() Config {
	c.PartitionKey = slices.Clone(c.PartitionKey)
	c.PreferredRegions = slices.Clone(c.PreferredRegions)
	c.ExcludedRegions = slices.Clone(c.ExcludedRegions)
	return c
}

// String returns the DSN of c with its secrets replaced by "xxxxx".
func (c Config) String() string {
	if c.Key != "" {
		c.Key = redacted
	}
	if c.ResourceToken != "" {
		c.ResourceToken = redacted
	}
	return c.FormatDSN()
}

// GoString is String: not even %#v shows the key.
func (c Config) GoString() string { return "driver.Config(" + c.String() + ")" }

// Format implements [fmt.Formatter]: every verb writes String. fmt cannot call it for a Config in an unexported field:
// keep a *Config there, or a Connector.
func (c Config) Format(s fmt.State, verb rune) {
	text := c.String()
	if verb == 'v' && s.Flag('#') {
		text = c.GoString()
	}
	_, _ = io.WriteString(s, text)
}

// secretive matches what may be a key in the wrong place.
var secretive = regexp.MustCompile(`[A-Za-z0-9+/=]{32,}`)

// discreet hides what may be a key in an error about settings.
func discreet(err error) error {
	if err == nil || !secretive.MatchString(err.Error()) {
		return err
	}
	return errors.New(secretive.ReplaceAllString(err.Error(), redacted))
}

const redacted = "xxxxx"

// validate checks c before anything is sent.
func (c Config) validate() error {
	if c.Endpoint == "" {
		return errors.New("missing endpoint: the DSN needs AccountEndpoint=https://…, or a host after cosmos://")
	}
	if _, _, err := splitEndpoint(c.Endpoint); err != nil {
		return err
	}
	given := 0
	for _, ok := range []bool{c.Key != "", c.ResourceToken != "", c.CredentialName != "", c.Credential != nil} {
		if ok {
			given++
		}
	}
	switch {
	case given == 0:
		return errors.New("missing key: the DSN needs AccountKey=…, ResourceToken=… or Credential=…; in the URL form " +
			"the key stands before the @")
	case given > 1:
		return errors.New("more than one of key, resource token and credential is set; keep one")
	}
	if c.Key != "" {
		if err := checkKey(c.Key); err != nil {
			return err
		}
	}
	return c.validateNames()
}

// validateNames checks database and container.
func (c Config) validateNames() error {
	for _, name := range []struct{ what, id string }{{"database", c.Database}, {"container", c.Container}} {
		if name.id == "" {
			continue // not given
		}
		if err := naming.CheckID(name.what, name.id); err != nil {
			return err
		}
	}
	if c.Container != "" && c.Database == "" {
		return fmt.Errorf("container %q is set without a database", c.Container)
	}
	return nil
}

// checkKey reports a key that cannot sign requests. The key is never part of the error.
func checkKey(key string) error {
	_, err := cosmos.KeyCredential(key)
	return err
}
