package cosmos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// metadata is the client's cache for one container. It is safe for concurrent use.
type metadata struct {
	known   atomic.Pointer[definition]
	routing atomic.Pointer[partition.RoutingMap]
	loading chan struct{} // holds an element while a goroutine reads either of them
	alias   atomic.Value  // string: what the server's answers call the container if not by its resource id
}

// definition is the part of a container's definition that the client needs. It is never changed, only replaced.
type definition struct {
	rid   string // resource id; another one is another container of the same name
	key   partition.Definition
	plans bounded[*queryplan.Plan] // of queries on the container as it is now
}

func newMetadata() *metadata { return &metadata{loading: make(chan struct{}, 1)} }

func (m *metadata) reset() {
	m.known.Store(nil)
	m.routing.Store(nil)
}

// lock waits for the right to read definition or routing map. The caller then looks whether another one has read it
// meanwhile.
func (m *metadata) lock(ctx context.Context) (unlock func(), err error) {
	select {
	case m.loading <- struct{}{}:
		return func() { <-m.loading }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// learn stores the definition that the service answered.
func (c *Container) learn(p *ContainerProperties) *definition {
	d := &definition{rid: p.RID, key: partition.Definition(p.PartitionKey)}
	if old := c.meta.known.Swap(d); old != nil && old.rid != d.rid {
		// The container was deleted and created again: ranges and session tokens of the old one are invalid.
		c.meta.routing.Store(nil)
		c.client().rest.Sessions.Forget(c.address.link)
	}
	return d
}

// definition returns the container's definition from the cache. If there is none, or only stale, it reads it; concurrent
// callers share one request.
func (c *Container) definition(ctx context.Context, stale *definition) (*definition, error) {
	if d := c.meta.known.Load(); d != nil && d != stale {
		return d, nil
	}
	unlock, err := c.meta.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if d := c.meta.known.Load(); d != nil && d != stale {
		return d, nil
	}
	var p ContainerProperties
	// The caller's options are about documents, not about this.
	if err := c.database.client.read(ctx, &option.Set{}, c.address.request(http.MethodGet, rest.Containers, rest.Read), &p); err != nil {
		if notFound(err) && stale != nil {
			c.client().forget(c.address.link)
		}
		return nil, within(fmt.Sprintf("reading the definition of container %q", c.id), err)
	}
	if p.ID == "" {
		// Kept, it would make every later operation on the container fail.
		return nil, fmt.Errorf("cosmos: reading the definition of container %q: the answer is not a container: it has no id", c.id)
	}
	return c.learn(&p), nil
}

// errRecreated is the error of a query or change feed whose container was deleted and created again.
var errRecreated = errors.New("cosmos: the container was deleted and created again meanwhile; begin again")

// recreated reports whether an answer comes from another container than d defines. Without this check a query would mix
// the rows of two containers, or miss rows because ranges and positions are those of the old one.
func (c *Container) recreated(ctx context.Context, d *definition, resp *Response) bool {
	rid := resp.Header.Get(rest.HeaderContentPath)
	if rid == d.rid || len(rid) != len(d.rid) || rid == c.meta.alias.Load() {
		return false
	}
	fresh, err := c.definition(ctx, d)
	if err == nil && fresh.rid == d.rid {
		c.meta.alias.Store(rid)
	}
	return err == nil && fresh.rid != d.rid
}

// keyOf determines the partition key of an operation on the document id. The key that the options name must fit the
// container, and the document where there is one.
func (d *definition) keyOf(c *Container, set *option.Set, id string, doc []byte) (partition.Key, error) {
	if doc != nil {
		own, err := d.key.Extract(doc)
		if err != nil {
			return nil, err
		}
		if set.PartitionKey != nil && !equalKeys(own, set.PartitionKey) {
			return nil, fmt.Errorf("cosmos: the document's partition key is %s (container %q, %s), but the option PartitionKey says %s",
				own, c.id, strings.Join(d.key.Paths, ", "), set.PartitionKey)
		}
		return own, nil
	}
	if set.PartitionKey != nil {
		if err := d.key.Check(set.PartitionKey); err != nil {
			return nil, err
		}
		return set.PartitionKey, nil
	}
	if len(d.key.Paths) == 1 && d.key.Paths[0] == "/id" {
		return partition.Key{partition.String(id)}, nil
	}
	return nil, fmt.Errorf("cosmos: container %q is partitioned by %s: the operation needs the option PartitionKey", c.id, strings.Join(d.key.Paths, ", "))
}

func equalKeys(a, b partition.Key) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// manyRanges is the number of partitions above which a request is told which one will answer, so that it carries only
// the session token of that one. For writes too: if another range answers a write the routing map is outdated, and
// reads would carry the wrong token.
const manyRanges = 8

// route adds the partition key of an operation to req. If the answer shows that the definition is outdated, it is read
// again and the key determined by the new one.
func (c *Container) route(ctx context.Context, set *option.Set, req *rest.Request, id string, doc []byte) error {
	d, err := c.definition(ctx, nil)
	if err != nil {
		if set.PartitionKey != nil && (errors.Is(err, ErrForbidden) || errors.Is(err, ErrUnauthorized)) {
			// A token for a single partition cannot read the container. The service checks the key anyway.
			req.Set(rest.HeaderPartitionKey, set.PartitionKey.Header())
			return nil
		}
		return err
	}
	key, err := d.keyOf(c, set, id, doc)
	if err != nil {
		return err
	}
	header := key.Header()
	req.Set(rest.HeaderPartitionKey, header)
	if m := c.meta.routing.Load(); m != nil && len(m.Ranges()) > manyRanges {
		if r, found := m.Find(d.key.EPK(key)); found {
			req.Range = r.ID
			req.Elsewhere = func() { c.meta.routing.CompareAndSwap(m, nil) }
		}
	}
	req.Stale = func(ctx context.Context, req *rest.Request) bool {
		fresh, err := c.definition(ctx, d)
		if err != nil {
			return false
		}
		key, err := fresh.keyOf(c, set, id, doc)
		if err != nil {
			return false
		}
		changed := key.Header()
		req.Set(rest.HeaderPartitionKey, changed)
		return changed != header || fresh.rid != d.rid
	}
	return nil
}
