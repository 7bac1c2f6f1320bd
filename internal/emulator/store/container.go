package store

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/session"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Container holds documents in physical partitions, as one region sees them.
type Container struct {
	*shared
	region int // whose replicas it reads and writes; -1 for those of the write region
}

// shared is what a container is in every region.
type shared struct {
	account  *Account
	db       *Database
	id, rid  string
	ridBytes []byte
	offer    string // rid, or "" if the throughput is the database's
	state    atomic.Pointer[containerState]
	numbers  atomic.Uint64 // of documents, scripts and ranges; never used twice
	logs     atomic.Uint32 // ids of logs of changes
	Scripts  Scripts

	followers followers

	mu         sync.RWMutex // guards which partitions there are; each guards its own documents. See rlock
	partitions []*Partition // in order of their bounds
	topology   *Topology    // that the partitions have; one that is deleted keeps its last
	nextRange  int
	epoch      int64          // counts changes of the partitions
	changes    []*RangeChange // under way
	wanted     int            // partitions that the throughput needs
	next       atomic.Int64   // when the first of the changes goes on by the clock, in nanoseconds; 0 for none
}

// containerState is what replacing a container changes, at once for every reader.
type containerState struct {
	res *Resource
	def *Definition
}

func newContainer(d *Database, raw []byte, def *Definition) *Container {
	c := &Container{&shared{
		account: d.account, db: d, id: def.ID, rid: ridText(raw), ridBytes: raw, topology: d.account.Topology(),
	}, -1}
	c.Scripts.c = c
	c.define(def)
	return c
}

// define puts a definition in force.
func (c *Container) define(def *Definition) {
	extra := make([]value.Member, 0, 5)
	for _, name := range []string{"docs", "sprocs", "triggers", "udfs", "conflicts"} {
		extra = append(extra, value.Member{Name: "_" + name, Value: value.String(name + "/")})
	}
	self := "dbs/" + c.db.RID() + "/colls/" + c.rid + "/"
	c.state.Store(&containerState{c.account.newContainerResource(def.source, c.id, c.rid, self, extra...), def})
}

// In is the container as a region sees it, by the region's id.
func (c *Container) In(region int) *Container {
	if region == c.region || c.account.Topology().single() {
		return c
	}
	return &Container{c.shared, region}
}

// at is the container's replica of a partition; c.mu is held.
func (c *Container) at(p *Partition) *replica {
	if len(p.replicas) == 1 {
		return p.replicas[0]
	}
	if c.region >= 0 && c.region < len(p.replicas) && p.replicas[c.region] != nil {
		return p.replicas[c.region]
	}
	return p.replicas[p.hub()]
}

// ID is the container's name.
func (c *Container) ID() string { return c.id }

// RID is its resource id.
func (c *Container) RID() string { return c.rid }

// Path is the path of names that leads to it.
func (c *Container) Path() string { return "dbs/" + c.db.ID() + "/colls/" + c.id }

// DocumentRID is the rid of the document with a number.
func (c *Container) DocumentRID(number uint64) string {
	return childRID(c.ridBytes, kindDocument, number)
}

// Shares reports whether its throughput is its database's.
func (c *Container) Shares() bool { return c.offer == "" }

// Statistics are the marks of its partitions.
func (c *Container) Statistics() (marks []Mark) {
	c.decide()
	c.rlock()
	defer c.mu.RUnlock()
	for _, p := range c.partitions {
		marks = append(marks, c.at(p).read())
	}
	return marks
}

// Mark is how far its first partition is.
func (c *Container) Mark() Mark {
	c.rlock()
	defer c.mu.RUnlock()
	return c.at(c.partitions[0]).read()
}

// Resource is its JSON.
func (c *Container) Resource() *Resource { return c.state.Load().res }

// Definition is what the JSON says. It must not be changed.
func (c *shared) Definition() *Definition { return c.state.Load().def }

// Replace gives the container a new definition; key, unique keys and conflict policy must be the old ones. A non-empty
// ifMatch must be the present etag.
func (c *Container) Replace(body []byte, ifMatch string) (*Resource, error) {
	def, err := c.account.parseDefinition(body)
	if err != nil {
		return nil, err
	}
	c.account.mu.Lock()
	defer c.account.mu.Unlock()
	if err := c.there(); err != nil {
		return nil, err
	}
	if err := Match(ifMatch, c.Resource().ETag()); err != nil {
		return nil, err
	}
	if err := def.checkReplace(c.Definition()); err != nil {
		return nil, err
	}
	if err := def.keepSecondary(c.Definition()); err != nil {
		return nil, err
	}
	c.define(def)
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, p := range c.partitions {
		p.mu.Lock()
		for r := range p.live() {
			r.nextExpiry = 0 // the new time to live may end documents sooner
		}
		p.mu.Unlock()
	}
	return c.Resource(), nil
}

// there refuses what is asked of a container that was deleted since the caller found it, or whose database was; the
// account's lock is held.
func (c *Container) there() error {
	if c.db.kept(c) == nil || !c.account.databases.has(c.db) {
		return notFound()
	}
	return nil
}

// place creates the first partitions.
func (c *shared) place(n int) {
	bounds := partition.Boundaries(n, c.Definition().PartitionKey)
	for i := range n {
		c.partitions = append(c.partitions, c.newPartition(c.newID(), bounds[i], bounds[i+1], nil))
	}
}

// newID is the id of another partition; c.mu is held, or c is not yet known to others.
func (c *shared) newID() string {
	id := strconv.Itoa(c.nextRange)
	c.nextRange++
	return id
}

// newPartition makes an empty partition; c.mu is held, or c is not yet known to others.
func (c *shared) newPartition(id, lo, hi string, parents []string) *Partition {
	p := &Partition{
		Range: partition.Range{ID: id, Min: lo, Max: hi, RID: childRID(c.ridBytes, kindRange, c.numbers.Add(1)),
			Parents: parents},
		c: c, changed: c.epoch, writer: -1, merged: -1,
	}
	for _, r := range c.topology.Regions {
		p.replicas = append(p.replicas, nil)
		if r.State != Removed {
			p.replicas[r.ID] = p.newReplica(r.ID)
		}
	}
	return p
}

// owner finds the partition that owns epk; c.mu is held.
func (c *shared) owner(epk string) *Partition {
	i, _ := slices.BinarySearchFunc(c.partitions, epk, func(p *Partition, epk string) int {
		if partition.Compare(p.Max, epk) <= 0 {
			return -1
		}
		return 1
	})
	return c.partitions[i]
}

// Mark says how far a partition's writes had got when a request was served, the substance of a session token, and what
// the partition holds.
type Mark struct {
	Range   string
	Parents []string
	LSN     int64
	Count   int   // of documents
	Keys    int   // of logical partitions
	Bytes   int64 // of their JSON

	Hub     bool // the replica is the write region's
	version int64
	regions []session.Region // how far the writes of each region have got; nil where there is one
}

// MetadataMark is how far what keeps the metadata is.
func MetadataMark(lsn int64) Mark { return Mark{Range: "0", LSN: lsn, Hub: true, version: -1} }

// Token is the session token of the mark, without the range.
func (m Mark) Token() session.Token { return session.New(m.version, m.LSN, m.regions...) }

// Listed is a partition as the list of a container's partitions shows it.
type Listed struct {
	partition.Range
	Splitting bool // it will be split
}

// Status is what the list says of the partition.
func (l Listed) Status() string {
	if l.Splitting {
		return "splitting"
	}
	return "online"
}

// RangeFeed lists the partitions that came to be, or are shown otherwise, after the feed had the etag since ("" for
// all) and the etag it has now. Without a change since then changed is false.
func (c *Container) RangeFeed(since string) (ranges []Listed, etag string, changed bool) {
	c.rlock()
	defer c.mu.RUnlock()
	seen, err := strconv.ParseInt(strings.Trim(since, `"`), 10, 64)
	if err != nil {
		seen = -1
	}
	for _, p := range c.partitions {
		if p.changed > seen {
			ranges = append(ranges, Listed{p.Range, p.change != nil && p.change.cut != "" && p.change.phase < Swapping})
		}
	}
	return ranges, `"` + strconv.FormatInt(c.epoch, 10) + `"`, len(ranges) > 0
}

// Ranges lists the partitions that are there now, in order of their bounds.
func (c *Container) Ranges() (ranges []partition.Range) {
	c.rlock()
	defer c.mu.RUnlock()
	for _, p := range c.partitions {
		ranges = append(ranges, p.Range)
	}
	return ranges
}
