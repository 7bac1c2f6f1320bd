package store

import (
	"cmp"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Options of an [Account].
type Options struct {
	// Name is the account's id; "" is cosmostest.
	Name string
	// Now is the clock behind timestamps and time to live; nil is time.Now.
	Now func() time.Time
	// Partitions is how many physical partitions a new container has at least.
	// Throughput beyond 10,000 RU/s for each of them makes more.
	Partitions int
	// Regions are the names of the account's regions; the first is the write region. None is one without a name.
	Regions []string
	// MultiWrite lets every region write.
	MultiWrite bool
	// Synchronous has every region take a write before it is acknowledged, as accounts of level Strong do.
	Synchronous bool
	// MaxStaleness bounds how many writes of a partition a region may lag behind, as accounts of level BoundedStaleness
	// do; 0 does not.
	MaxStaleness int
	// PartitionSize is how many bytes of documents a partition may hold before it is split; 0 is any number.
	PartitionSize int64
	// Phases are how long splits and merges of partitions take.
	Phases Phases
	// Flap is how long readers of the account document may still see what it was before a change.
	Flap time.Duration
	// Seed makes the delays of replication the same in every run.
	Seed uint64
	// ContinuousBackup keeps all versions and deletes for 30 days in every container.
	ContinuousBackup bool
}

// Account is the root of everything stored. It is safe for concurrent use.
type Account struct {
	opts Options
	seq  atomic.Uint32 // of etags
	lsn  atomic.Int64  // counts the writes of metadata

	topology atomic.Pointer[Topology]
	versions atomic.Int64 // of session tokens: each names one set of regions
	flap     atomic.Pointer[flap]
	links    links
	resolver Resolver // runs conflict procedures; nil runs none

	mu        sync.RWMutex // guards the tree of resources, not the documents
	databases catalog[*Database]
	offers    catalog[*Offer]
}

// NewAccount returns an empty account.
func NewAccount(o Options) *Account {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Name = cmp.Or(o.Name, "cosmostest")
	if o.Partitions < 1 {
		o.Partitions = 1
	}
	a := &Account{opts: o}
	a.links.init(o.Seed)
	t := newTopology(o)
	a.versions.Store(t.Version)
	a.topology.Store(t)
	return a
}

// Name is the account's id.
func (a *Account) Name() string { return a.opts.Name }

// Now is the account's clock.
func (a *Account) Now() time.Time { return a.opts.Now() }

// LSN is the log sequence number of what keeps the metadata.
func (a *Account) LSN() int64 { return a.lsn.Load() }

// stamp returns a new etag and the time of a write that happens now.
func (a *Account) stamp() (etag string, ts int64) {
	ts = a.Now().Unix()
	return fmt.Sprintf(`"%08x-0000-0700-0000-%08x0000"`, a.seq.Add(1), uint32(ts)), ts
}

// Databases lists the databases, oldest first.
func (a *Account) Databases() []*Database {
	return list(a, &a.databases)
}

// Database finds a database by id or rid.
func (a *Account) Database(name string) (*Database, error) {
	return find(a, &a.databases, name)
}

// Container finds a container by the ids or rids of its database and itself.
func (a *Account) Container(database, container string) (*Container, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	d, ok := a.databases.find(database)
	if !ok {
		return nil, notFound()
	}
	c, ok := d.containers.find(container)
	if !ok {
		return nil, notFound()
	}
	return c, nil
}

// CreateDatabase adds a database from its JSON; throughput, unless zero, is shared by its containers.
func (a *Account) CreateDatabase(body []byte, t Throughput) (*Database, error) {
	return a.addDatabase(body, t, false)
}

// addDatabase adds a database; one that is restored keeps the rid, etag and time of its JSON.
func (a *Account) addDatabase(body []byte, t Throughput, restore bool) (*Database, error) {
	in, id, err := parseResource(body)
	if err != nil {
		return nil, err
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.databases.taken(id) {
		return nil, charged(taken(), refusedWrite)
	}
	raw := newDatabaseRID()
	if restore {
		raw = savedRID(in, nil, 4, raw)
	}
	for a.databases.taken(ridText(raw)) {
		raw = newDatabaseRID()
	}
	d := &Database{account: a, ridBytes: raw}
	rid := ridText(raw)
	d.Resource = a.newResource(in, id, rid, "dbs/"+rid+"/",
		value.Member{Name: "_colls", Value: value.String("colls/")},
		value.Member{Name: "_users", Value: value.String("users/")})
	if restore {
		d.Resource = d.Resource.restored(a, in)
	}
	if t != (Throughput{}) {
		d.offer = a.addOffer(d.Resource, t)
	}
	a.databases.add(d)
	return d, nil
}

// DeleteDatabase removes a database with all that is in it.
func (a *Account) DeleteDatabase(d *Database) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.databases.remove(d) {
		return notFound()
	}
	for _, c := range d.containers.all() {
		a.dropOffer(c.offer)
	}
	a.dropOffer(d.offer)
	return nil
}
