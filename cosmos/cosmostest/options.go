package cosmostest

import (
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Option changes how a server starts.
type Option func(*config)

type config struct {
	addr              string
	key               hidden
	readOnlyKey       hidden
	tls               bool
	certificate       func(hosts []string) (pair, error)
	observe           []func(Exchange)
	account           string
	domain            string // of the names by which one port serves all regions
	advertise         string
	partitions        int
	regions           []string
	multiWrite        bool
	consistency       string
	leastDelay        time.Duration // of replication
	mostDelay         time.Duration
	seed              uint64
	flap              time.Duration
	partitionFailover bool
	partitionSize     int64
	phases            store.Phases
	throttle          bool
	serveAll          bool
	anyOrder          bool
	backup            bool
	images            bool
	distributed       bool
	now               func() time.Time
	data              []source
	queryMemory       int
	scripts           ScriptEngine
	scriptOps         int
}

func defaults() config {
	return config{
		addr: "127.0.0.1:0", key: hide(DefaultKey), readOnlyKey: hide(""), account: "cosmostest", partitions: 4,
		regions:     []string{"South Central US"},
		consistency: "Session", queryMemory: 1 << 30, now: time.Now,
	}
}

// Partitions sets how many physical partitions a new container has at least; 4 by default. Throughput beyond 10,000
// RU/s for each makes more, as in the service. 1 leaves it to the throughput alone; more than 1,000 are refused.
func Partitions(n int) Option { return func(c *config) { c.partitions = n } }

// TLS makes the server speak HTTPS with a certificate of its own, which [Server.Client] trusts.
func TLS() Option { return func(c *config) { c.tls, c.certificate = true, generate } }

// TLSFiles makes the server speak HTTPS with the certificate and key of two PEM files. Where neither file exists they
// are made and kept, so that a client can be told once and for all to trust the certificate.
func TLSFiles(certificate, key string) Option {
	return func(c *config) {
		c.tls, c.certificate = true, func(hosts []string) (pair, error) { return keep(certificate, key, hosts) }
	}
}

// MasterKey sets the master key, base64. The default is [DefaultKey].
func MasterKey(k string) Option { return func(c *config) { c.key = hide(k) } }

// ReadOnlyKey adds a second key, base64, with which nothing can be written.
func ReadOnlyKey(k string) Option { return func(c *config) { c.readOnlyKey = hide(k) } }

// Addr sets the address to listen on. The default is a free port of 127.0.0.1.
func Addr(hostport string) Option { return func(c *config) { c.addr = hostport } }

// Throttle holds each physical partition to its share of the container's throughput: requests beyond it are 429.
func Throttle() Option { return func(c *config) { c.throttle = true } }

// ServeAll makes the server itself execute queries that the service's gateway leaves to the client to merge, such as
// ORDER BY over several partitions. It is for clients that cannot merge; the service will refuse them.
func ServeAll() Option { return func(c *config) { c.serveAll = true } }

// WithoutCompositeIndexes makes the server execute queries that sort by several keys and have no composite index on
// them, so that a test need not define indexes. The service refuses them.
func WithoutCompositeIndexes() Option { return func(c *config) { c.anyOrder = true } }

// ContinuousBackup makes the account one with continuous backup: all versions and deletes are kept for 30 days in every
// container, and a container's own changeFeedPolicy is refused, as in the service.
func ContinuousBackup() Option { return func(c *config) { c.backup = true } }

// PreviousImages makes all containers keep previous versions of their documents, so that change feeds of all versions
// tell what a replace or a delete changed. In the service a container has to opt in to that.
func PreviousImages() Option { return func(c *config) { c.images = true } }

// DistributedTransactions makes the server execute transactions over keys and containers (POST operations/dtc), as the
// service's preview of 2026 does. Without it they are refused, as by an account that has not asked for the preview.
func DistributedTransactions() Option { return func(c *config) { c.distributed = true } }

// QueryMemory bounds, in bytes, what all queries that run at a time hold together: rows that wait to be sorted, groups,
// pages; 1 GB by default. A query that finds it in use is answered with 429 (substatus 3092), which clients repeat, one
// that would need all of it alone with 400. The documents that are stored do not count.
func QueryMemory(bytes int) Option { return func(c *config) { c.queryMemory = bytes } }

// Clock sets the time that documents live by: _ts, time to live, GetCurrentDateTime(), change feed, throughput.
// Signatures and tokens are always checked against the real time.
func Clock(now func() time.Time) Option { return func(c *config) { c.now = now } }
