package gateway

import (
	"sync/atomic"
	"time"

	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Options of a [Gateway].
type Options struct {
	Key         string // master key, base64
	ReadOnlyKey string // a key that reads only, or ""
	Consistency string // of the account; "" is Session
	Scheme      string // http or https, as the account advertises itself
	Throttle    bool   // hold requests to the containers' throughput
	// Microsoft's emulators do so, the service does not: it goes by the query's shape, even with a single partition
	// (recorded exchanges 95, 106, 123).
	ServeAll    bool // execute queries that the service's gateway refuses across partitions
	Distributed bool // execute distributed transactions
	AnyOrder    bool // execute queries that sort by several keys without a composite index
	// Which decides, in the service, that a feed of all versions can be read (PROTOCOL.md 10.1).
	ContinuousBackup  bool // all versions are kept for every container
	PreviousImages    bool // feeds of all versions tell what was before a replace or delete
	FixedAddresses    bool // regions are told at the addresses they were given, whatever the client asked by
	Named             bool // regions are told by the names of their addresses, with the client's port
	PartitionFailover bool // single partitions may have a write region of their own
	// Called before the client has the answer, so that a test that has its answer finds the exchange told.
	Observe          func(Exchange) // is told of every request when it has been answered; nil for nobody
	Scripts          script.Engine  // runs JavaScript; nil refuses to
	ScriptOperations int            // that a script may do before it is told to stop; 0 is any number
	// A server in a test process must fail a query rather than the process.
	QueryMemory int // bytes that all queries together may hold; 0 is 1 GB
}

// Gateway serves an account. It is safe for concurrent use.
type Gateway struct {
	opts         Options
	account      *store.Account
	key          *signer
	readKey      *signer // nil without a key that reads only
	faults       faults
	transactions transactions
	cursors      cursors
	memory       *eval.Memory // of all queries
	// One for all containers: a text says the same in each of them.
	texts eval.Texts // analysed
	// The header x-ms-transport-request-id counts them.
	requests     atomic.Uint64 // that replicas have answered
	accountReads atomic.Uint64 // of the account document
	// Read with every account document, written when a region is given its address: no lock between the two.
	endpoints atomic.Pointer[[]string] // by region
	started   time.Time
	throttle  atomic.Bool
	// Apart from the clock that documents live by: a test of expired documents must not make its own signatures
	// invalid.
	skew atomic.Int64    // how far the clock that signatures are held against is wrong; see SkewClock
	ctx  context.Context // ends with Close; what a request waits for ends with it
	stop context.CancelFunc
}

// New returns a gateway to the account. The error is about the options. Keys are read here, so that a key that is not
// one fails when the server starts and not with every request.
func New(a *store.Account, o Options) (*Gateway, error) {
	g := &Gateway{opts: o, account: a, started: time.Now()}
	key, err := base64.StdEncoding.DecodeString(o.Key)
	if err != nil || len(key) == 0 {
		return nil, fmt.Errorf("cosmos: the master key is not base64")
	}
	g.key = newSigner(key)
	readKey, err := base64.StdEncoding.DecodeString(o.ReadOnlyKey)
	if err != nil {
		return nil, fmt.Errorf("cosmos: the read-only key is not base64")
	}
	if len(readKey) > 0 {
		g.readKey = newSigner(readKey)
	}
	if g.opts.Consistency == "" {
		g.opts.Consistency = "Session"
	}
	if _, ok := strength[g.opts.Consistency]; !ok {
		return nil, fmt.Errorf("cosmos: the consistency level %q does not exist", g.opts.Consistency)
	}
	const defaultMemory = 1 << 30
	g.memory = eval.NewMemory(int64(cmp.Or(o.QueryMemory, defaultMemory)), g.cursors.reclaim)
	g.faults.account = a.Name()
	g.throttle.Store(o.Throttle)
	g.endpoints.Store(&[]string{})
	g.ctx, g.stop = context.WithCancel(context.Background())
	if o.Scripts != nil {
		a.SetResolver(g.conflictProcedure)
	}
	return g, nil
}

// Close ends what requests wait for: the delays and holds of faults. Requests that wait for nothing go on to their
// end.
func (g *Gateway) Close() { g.stop() }

// Faults come before authorization: a test of broken connections must not depend on what the service checks first.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, region int) {
	c := newCall(g, w, r, region)
	c.share = g.memory.Share()
	defer func() { c.share.Release() }() // which may be another one by then
	defer c.observe()
	// Only once the body has been read does the connection tell that the client is gone, which ends a fault's delay.
	bodyErr := c.readBody()
	if c.meetFaults() {
		return
	}
	res, err := c.handle(bodyErr)
	if err != nil {
		res = c.refusal(err)
		// Handlers say a kind only where it differs from that of their operation.
	} else if res.kind == ofGateway {
		res.kind = kinds[c.op.name]
	}
	c.write(res)
}

// changed is when a region last changed its state: some time before the server started, of its own for each. The
// service's time is each region's own, too (PROTOCOL.md 1.5).
func (g *Gateway) changed(region int) string {
	return g.started.Add(-time.Duration(region+1) * 7919 * time.Millisecond).UTC().
		Format("Mon, 02 Jan 2006 15:04:05.000 GMT")
}

// handle authorizes the call and does what it asks for. The order of the checks is the service's where it is known:
// authorization first, then headers, of which a consistency level that is too strong is refused before the query is
// looked at (recorded exchange 209).
func (c *call) handle(bodyErr error) (res reply, err error) {
	// A panic must not look like a failure of the network, after which clients repeat the request.
	defer func() {
		if p := recover(); p != nil {
			err = store.Errorf(500, 0, "panic: %v\n%s", p, debug.Stack())
		}
	}()
	// The first request of direct mode, whose clients would otherwise only say that the path does not exist.
	if len(c.path) > 0 && c.path[0] == "addresses" {
		return reply{}, refuse(400, 0,
			"This server speaks gateway mode only, and has no addresses of replicas: choose gatewayMode() in Java, "+
				"ConnectionMode.Gateway in .NET.")
	}
	if err := c.authorize(); err != nil {
		return reply{}, err
	}
	if err := c.checkHeaders(); err != nil {
		return reply{}, err
	}
	if err := c.checkRegion(); err != nil {
		return reply{}, err
	}
	// Only now: who may not do it at all is not told what is wrong with the body.
	if c.op.body && bodyErr != nil {
		return reply{}, bodyErr
	}
	return c.op.handle(c)
}

// strength orders the consistency levels. Both spellings of the bounded level occur in clients (PROTOCOL.md 1.4).
var strength = map[string]int{"Eventual": 1, "ConsistentPrefix": 2, "Session": 3, "BoundedStaleness": 4,
	"Bounded": 4, "Strong": 5}

// versions are those of the API, without the ones that are newer than this server.
var versions = []string{
	"2014-08-21", "2015-04-08", "2015-06-03", "2015-08-06", "2015-12-16", "2016-05-30", "2016-07-11", "2016-11-14",
	"2017-01-19", "2017-02-22",
	"2017-05-03", "2017-11-15", "2018-06-18", "2018-08-31", "2018-09-17", "2018-12-31", "2019-10-14", "2020-07-15",
	"2020-11-05", "2024-05-15",
	"2024-06-06",
}

// checkAPIVersion refuses versions that never were. What is newer than the list may be one. Without a version the
// request is answered: only clients of no SDK leave it out.
func (c *call) checkAPIVersion() error {
	v := c.header("x-ms-version")
	if v == "" || slices.Contains(versions, v) {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, v); err == nil && v > versions[len(versions)-1] {
		return nil
	}
	return refuse(400, 0,
		"Invalid API version. Ensure a valid x-ms-version header value is passed. Please update to the latest version "+
			"of Azure Cosmos DB SDK.")
}

// checkHeaders refuses header values that no request may have. Values that no handler looks at are checked all the
// same: a program that misspells one must learn it here and not in production.
func (c *call) checkHeaders() error {
	if err := c.checkAPIVersion(); err != nil {
		return err
	}
	if d := c.header("x-ms-indexing-directive"); d != "" &&
		!slices.Contains([]string{"default", "include", "exclude"}, strings.ToLower(d)) {
		return refuse(400, 0, "INVALID value for request header x-ms-indexing-directive.")
	}
	if strategy := c.header(headerStrategy); strategy != "" {
		switch {
		// The strategy is given in place of a level; the Java and Rust SDKs say that both together are refused.
		case c.header(headerConsistency) != "":
			return refuse(400, 0, "The headers %s and %s cannot both be specified.", headerConsistency, headerStrategy)
		case !slices.Contains([]string{"Eventual", "Session", "LatestCommitted", "GlobalStrong"}, strategy),
			strategy == "GlobalStrong" && c.g.opts.Consistency != "Strong":
			return refuse(400, 0, "The read consistency strategy %q is invalid for an account of consistency level %s.",
				strategy, c.g.opts.Consistency)
		}
	}
	// The account is read by clients that do not know its level yet; a test of the Python SDK has the first create
	// refused, so reading seems to be answered.
	if level := c.header(headerConsistency); level != "" && c.op.name != ReadAccount {
		for name, s := range strength {
			if strings.EqualFold(name, level) && s <= strength[c.g.opts.Consistency] {
				return nil
			}
		}
		return refuse(400, 0,
			"ConsistencyLevel %s specified in the request is invalid when service is configured with "+
				"consistency level %s. Ensure the request consistency level is not stronger than the service "+
				"consistency level.",
			level, c.g.opts.Consistency)
	}
	return nil
}
