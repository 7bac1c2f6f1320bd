package cosmos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/cache"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// metadata is the client's cache for one container. It is safe for concurrent use.
type metadata struct {
	known    atomic.Pointer[definition]
	routing  atomic.Pointer[partition.RoutingMap]
	noRanges atomic.Bool   // the credential may not read the ranges
	loading  chan struct{} // holds an element while a goroutine reads either of them
	alias    atomic.Value  // string: what the server's answers call the container if not by its resource id
}

// definition is the part of a container's definition that the client needs. It is never changed, only replaced.
type definition struct {
	rid string // resource id; another one is another container of the same name
	key partition.Definition
	// computed are the names of the computed properties when the definition was read.
	computed []string
	plans    cache.Bounded[string, *queryplan.Plan]     // of queries on the container as it is now
	queries  cache.Bounded[string, *queryplan.Prepared] // by their text
}

// prepare returns what is known of the ways to answer a query before its parameters are.
func (d *definition) prepare(q *prepared) *queryplan.Prepared {
	if p, known := d.queries.Get(q.text); known {
		return p
	}
	p := queryplan.Prepare(q.tree, d.key, d.computed)
	if len(q.text) <= cache.MaxText {
		d.queries.Put(q.text, p)
	}
	return p
}

func newMetadata() *metadata { return &metadata{loading: make(chan struct{}, 1)} }

func (m *metadata) reset() {
	m.known.Store(nil)
	m.routing.Store(nil)
}

// empty reports whether nothing is known of the container.
func (m *metadata) empty() bool { return m.known.Load() == nil && m.routing.Load() == nil }

// metadata is what is known of the container, which all handles on it share. What a handle asks of a container that
// does not exist goes with the handle: a service that takes names from requests must not keep each of them.
func (c *Container) metadata() *metadata {
	if m, ok := c.client().containers.Load(c.address.link); ok {
		return m.(*metadata)
	}
	if c.own.Load() == nil {
		c.own.CompareAndSwap(nil, newMetadata())
	}
	return c.own.Load()
}

// share makes what this handle knows what all handles know, unless they know something already. The caller calls
// unshare if it turns out that the container is not there.
func (c *Container) share() *metadata {
	m, _ := c.client().containers.LoadOrStore(c.address.link, c.metadata())
	return m.(*metadata)
}

func (c *Container) unshare(m *metadata) {
	if m.empty() {
		c.client().containers.CompareAndDelete(c.address.link, m)
	}
}

// forget drops what is known of the container at link, or of all containers of the database at link.
func (c *Client) forget(link string) {
	c.rest.Sessions.Forget(link)
	c.containers.Range(func(key, m any) bool {
		if l := key.(string); l == link || strings.HasPrefix(l, link+"/") {
			m.(*metadata).reset()
			c.containers.CompareAndDelete(key, m)
		}
		return true
	})
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
	for _, property := range p.ComputedProperties {
		d.computed = append(d.computed, property.Name)
	}
	m := c.share()
	if old := m.known.Swap(d); old != nil && old.rid != d.rid {
		// The container was deleted and created again: ranges and session tokens of the old one are invalid.
		m.routing.Store(nil)
		c.client().rest.Sessions.Forget(c.address.link)
	}
	return d
}

// definition returns the container's definition from the cache. If there is none, or only stale, it reads it;
// concurrent callers share one request.
func (c *Container) definition(ctx context.Context, stale *definition) (*definition, error) {
	if d := c.metadata().known.Load(); d != nil && d != stale {
		return d, nil
	}
	m := c.share()
	defer c.unshare(m)
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if d := m.known.Load(); d != nil && d != stale {
		return d, nil
	}
	var p ContainerProperties
	// The caller's options are about documents, not about this.
	if _, err := c.database.client.read(ctx, &option.Set{}, c.address.request(http.MethodGet, rest.Containers,
		rest.Read), &p); err != nil {
		if notFound(err) && stale != nil {
			c.client().forget(c.address.link)
		}
		return nil, within(fmt.Sprintf("reading the definition of container %q", c.id), ownerMissing(err))
	}
	if p.ID == "" {
		// Kept, it would make every later operation on the container fail.
		return nil, fmt.Errorf("cosmos: reading the definition of container %q: "+
			"the answer is not a container: it has no id", c.id)
	}
	return c.learn(&p), nil
}

// ownerMissing says of a 404 to a request about a container that it is the container which is missing: whoever asks
// wants its documents, of which the 404 says nothing.
func ownerMissing(err error) error {
	if e := (*Error)(nil); errors.As(err, &e) && e.StatusCode == http.StatusNotFound && e.Cause == nil {
		e.Cause = ErrOwnerNotFound
	}
	return err
}

// errRecreated is the error of a query or change feed whose container was deleted and created again.
var errRecreated = fmt.Errorf("%w; begin again", ErrContainerRecreated)

// elsewhere reports whether an answer about documents comes from another container than d defines: one that was created
// under its name since. The service says so itself, to the header that intend sets; for servers that do not know it,
// the resource id of the answer is compared. Without this a query would mix the rows of two containers or miss rows,
// and a write could change the document that another key leads to.
func (c *Container) elsewhere(ctx context.Context, d *definition, resp *Response) bool {
	if resp == nil || d.rid == "" {
		return false
	}
	if resp.StatusCode >= http.StatusBadRequest {
		now := c.metadata().known.Load() // read again, if the answer said that it is outdated
		return outdatedAnswer(resp.StatusCode, resp.SubStatus) && now != nil && now.rid != d.rid
	}
	rid := resp.Header.Get(rest.HeaderContentPath)
	if rid == d.rid || len(rid) != len(d.rid) || rid == c.metadata().alias.Load() {
		return false
	}
	fresh, err := c.definition(ctx, d)
	if err == nil && fresh.rid == d.rid {
		c.metadata().alias.Store(rid)
	}
	return err == nil && fresh.rid != d.rid
}

// outdatedAnswer reports whether a refusal may come from outdated knowledge of the container. Nothing was done then.
func outdatedAnswer(status, sub int) bool {
	switch status {
	case http.StatusBadRequest:
		return sub == 1001 || sub == 1024
	case http.StatusNotFound:
		return sub == 1003
	case http.StatusGone:
		return sub == 1000
	}
	return false
}

// checked is the key that the options name, if it fits the container.
func (d *definition) checked(c *Container, key partition.Key) (partition.Key, error) {
	if key == nil {
		return nil, errtext.Refusef(
			"cosmos: container %q is partitioned by %s: the operation needs the option PartitionKey",
			c.id, strings.Join(d.key.Paths, ", "))
	}
	return key, d.key.Check(key)
}

// request starts a request about documents of the container.
func (c *Container) request(at address, verb string, effect rest.Effect) *rest.Request {
	req := at.request(verb, rest.Documents, effect)
	c.scope(req)
	return req
}

// scope makes a request one about documents of the container.
func (c *Container) scope(req *rest.Request) { req.Scope, req.Header = c.address.link, req.Room() }

// intend makes a request about documents fail (400/1024) in a container that was created anew since d was read.
func (d *definition) intend(req *rest.Request) {
	if d.rid != "" {
		req.Set(rest.HeaderIntendedRID, d.rid)
	}
}

// route adds to req the partition key and the container that is meant. If the answer shows that the definition is
// outdated, it is read again; where a.repeat allows it the request is then sent once more, with the key by the new one.
func (a *aimed) route(ctx context.Context, req *rest.Request) (*definition, error) {
	d, err := a.container.definition(ctx, nil)
	if err != nil {
		if a.set.PartitionKey != nil && refused(err) {
			// A token for a single partition cannot read the container. The service checks the key anyway.
			req.Set(rest.HeaderPartitionKey, a.set.PartitionKey.Header())
			return &definition{}, nil
		}
		return nil, err
	}
	k, err := a.keyBy(d)
	if err != nil {
		return nil, err
	}
	req.Set(rest.HeaderPartitionKey, k.Header())
	d.intend(req)
	a.definition, a.key = d, k
	a.aim(ctx, req)
	req.Stale = a
	return d, nil
}

// routeNamed routes a request that the options alone direct to a partition.
func (c *Container) routeNamed(ctx context.Context, req *rest.Request, set *option.Set, repeat bool) error {
	_, err := (&aimed{container: c, set: set, repeat: repeat}).route(ctx, req)
	return err
}

// refused reports whether the credential may not read the container.
func refused(err error) bool { return errors.Is(err, ErrForbidden) || errors.Is(err, ErrUnauthorized) }
