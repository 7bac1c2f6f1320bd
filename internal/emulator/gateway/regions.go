package gateway

import (
	"net"
	"net/http"
	"slices"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Serve gives a region an address, host:port without scheme, and returns its handler. Regions may get their addresses
// at the same time, hence the exchange in a loop.
func (g *Gateway) Serve(region int, endpoint string) http.Handler {
	for {
		old := g.endpoints.Load()
		list := append(slices.Clone(*old), make([]string, max(0, region+1-len(*old)))...)
		list[region] = endpoint
		if g.endpoints.CompareAndSwap(old, &list) {
			break
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.ServeRegion(w, r, region) })
}

// ServeRegion serves a request that came to a region's address. After a failover an address can lead to another
// region than it was given to.
func (g *Gateway) ServeRegion(w http.ResponseWriter, r *http.Request, region int) {
	g.serve(w, r, g.account.Topology().Behind(region))
}

// endpoint is the address of a region.
func (g *Gateway) endpoint(region int) string {
	if list := *g.endpoints.Load(); region < len(list) {
		return list[region]
	}
	return ""
}

type location struct {
	Name     string `json:"name"`
	Endpoint string `json:"databaseAccountEndpoint"`
}

// locations are the regions that the account document names: those that can be read, and those that write. The first
// writable location is the write region of an account with a single one, whichever client reads it (PROTOCOL.md 2).
func (c *call) locations(t *store.Topology) (readable, writable []location) {
	for _, r := range t.Listed() {
		readable = append(readable, location{r.Name, c.g.opts.Scheme + "://" + c.address(t, r) + "/"})
	}
	if t.Multi {
		return readable, readable
	}
	return readable, readable[:1]
}

// address is where the client finds a region: at its name, where it has one, and the port that the client used; else at
// the host that the client used, which is the one that is sure to reach the server, and, where there are several
// regions, at the region's port.
func (c *call) address(t *store.Topology, r store.Region) string {
	endpoint := c.g.endpoint(r.ID)
	name, port, err := net.SplitHostPort(endpoint)
	ip := net.ParseIP(name)
	asked, askedPort, portErr := net.SplitHostPort(c.r.Host)
	if portErr != nil {
		asked = c.r.Host
	}
	switch {
	// For servers behind an address that the request does not show.
	case c.g.opts.FixedAddresses, c.r.Host == "":
		return endpoint
	case c.g.opts.Named && portErr != nil:
		return name
	case c.g.opts.Named:
		return net.JoinHostPort(name, askedPort)
	case len(t.Regions) == 1:
		return c.r.Host
	case err != nil, ip == nil, !ip.IsLoopback():
		return endpoint
	}
	return net.JoinHostPort(asked, port)
}

// checkRegion refuses what the region that it came to does not serve. The account is answered by the first region
// even where it is offline: clients must be able to learn that it is.
func (c *call) checkRegion() error {
	t := c.g.account.Topology()
	switch {
	case len(t.Regions) == 1, c.region == t.Write, c.region == 0 && c.op.name == ReadAccount:
		return nil
	case t.Regions[c.region].State != store.Online:
		return store.AccountNotFound(c.g.account.Name())
	// 403/3: the client reads the account again and finds the write region.
	case c.op.writes && !t.Multi && !(c.g.opts.PartitionFailover && c.op.inPartition()):
		return store.WriteForbidden()
	// azcosmos sends the header only once it has seen that the account has several (PROTOCOL.md 1.4).
	case c.op.inPartition() && t.Multi && !c.flag("x-ms-cosmos-allow-tentative-writes"):
		return store.WriteForbidden() // to a client that does not know that several regions write
	}
	return nil
}

// inPartition reports whether a partition of documents does it, which may have a write region of its own. Definitions
// are written in the hub region whatever the partitions do.
func (o operation) inPartition() bool {
	switch o.name {
	case Create, Upsert, Replace, Patch, Delete, Batch, Bulk, DeletePartitionKey, ExecuteScript:
		return true
	}
	return false
}

// accountNotFound is the body of a region that is not part of the account: it names nobody else. The form was seen by
// the authors of the Rust SDK while a region was removed (PROTOCOL.md 9.6).
func accountNotFound(account, text string) []byte {
	none := value.Array(nil)
	return value.AppendJSON(nil, value.Object([]value.Member{
		{Name: "code", Value: value.String("Forbidden")}, {Name: "message", Value: value.String(text)},
		{Name: "writableLocations", Value: none}, {Name: "readableLocations", Value: none},
		{Name: "id", Value: value.String(account)},
	}))
}

// MaxStaleness is how many writes of a partition a region of an account of level BoundedStaleness may lag behind.
// Azure's own least bound for several regions is 100,000 writes, which no test would make.
const MaxStaleness = 100

// transact runs fn as one transaction. Where several regions write, it needs to know what the session knows. A write
// may only be made where its session's last write has arrived, or it could be taken for the older one.
func (c *call) transact(x *store.Container, epk, rangeID string, fn func(*store.Tx) error) (store.Mark, error) {
	if !c.g.account.Topology().Multi {
		return x.Update(epk, rangeID, fn)
	}
	return x.Update(epk, rangeID, func(tx *store.Tx) error {
		if err := c.checkSession(tx.Mark()); err != nil {
			return err
		}
		return fn(tx)
	})
}
