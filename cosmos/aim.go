package cosmos

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// aim tells a request which range will answer, so that it carries the session token of that one alone, and keeps that
// up to date. Ranges that are not known are read only if it matters: when there are tokens of several. A credential
// that may not read them sends all.
func (a *aimed) aim(ctx context.Context, req *rest.Request) {
	c := a.container
	m := c.metadata().routing.Load()
	if m == nil && c.client().rest.Sessions.Several(c.address.link) {
		m = c.knownRanges(ctx, nil)
	}
	a.ranges.Store(m)
	a.find(req)
	req.Moved = a
}

// aimed is what a request was aimed by. The requests that a hedged read becomes share it.
type aimed struct {
	container  *Container
	definition *definition
	key        partition.Key
	ranges     atomic.Pointer[partition.RoutingMap] // nil if they are not known

	operation *Operation  // that the request executes; nil if the options alone direct it to a partition
	set       *option.Set // the options of the call
	repeat    bool        // the request means the same in another container of the name
}

// keyBy determines the partition key by a definition.
func (a *aimed) keyBy(d *definition) (partition.Key, error) {
	if a.operation == nil {
		return d.checked(a.container, a.set.PartitionKey)
	}
	return a.operation.keyFor(a.container, d, a.set)
}

func (a *aimed) find(req *rest.Request) {
	req.Range = ""
	if m := a.ranges.Load(); m != nil {
		if r, found := m.Find(a.definition.key.EPK(a.key)); found {
			req.Range = r.ID
		}
	}
}

// Renew reads the definition again, and has the request sent once more if it is another container's and the request
// means the same in that one.
func (a *aimed) Renew(ctx context.Context, req *rest.Request) bool {
	fresh, err := a.container.definition(ctx, a.definition)
	if err != nil || fresh.rid == a.definition.rid || !a.repeat {
		return false
	}
	k, err := a.keyBy(fresh)
	if err != nil {
		return false
	}
	req.Set(rest.HeaderPartitionKey, k.Header())
	fresh.intend(req)
	return true
}

// Moved is called when another range did answer than was aimed at.
func (a *aimed) Moved(ctx context.Context, req *rest.Request, again bool) {
	old := a.ranges.Load()
	a.container.metadata().routing.CompareAndSwap(old, nil)
	if again {
		a.ranges.Store(a.container.knownRanges(ctx, old))
		a.find(req)
	}
}

// knownRanges is the routing map, nil if it cannot be read.
func (c *Container) knownRanges(ctx context.Context, stale *partition.RoutingMap) *partition.RoutingMap {
	if c.metadata().noRanges.Load() {
		return nil
	}
	m, err := c.routingMap(ctx, stale)
	if errors.Is(err, ErrForbidden) || errors.Is(err, ErrUnauthorized) {
		c.metadata().noRanges.Store(true)
	}
	if err != nil {
		return nil
	}
	return m
}

// arrangeSessions gives the session tokens of ranges that are gone to those that took their place.
func (c *Container) arrangeSessions(m *partition.RoutingMap) {
	parents := make(map[string][]string, len(m.Ranges()))
	for _, r := range m.Ranges() {
		parents[r.ID] = r.Parents
	}
	c.client().rest.Sessions.Arrange(c.address.link, parents)
}

// missing reads whether the container at link, dbs/{id}/colls/{id}, is missing. A credential that may not read the
// container may still know of its documents.
func (c *Client) missing(ctx context.Context, link string) (bool, error) {
	ids := strings.Split(link, "/")
	at := c.Database(ids[1]).Container(ids[3]).address
	_, err := c.do(ctx, &option.Set{}, at.request(http.MethodGet, rest.Containers, rest.Read))
	switch {
	case notFound(err):
		c.forget(link)
		return true, nil
	case isStatus(err, http.StatusForbidden), isStatus(err, http.StatusUnauthorized):
		return false, nil
	}
	return false, err
}
