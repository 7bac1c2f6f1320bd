package rest

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	accountMaxAge     = 5 * time.Minute // the account's regions are read again when they are older
	accountMinPause   = time.Second     // between two attempts to read the account
	accountRetryPause = time.Minute     // between two attempts because of accountMaxAge
)

// region is a place to send requests to.
type region struct {
	name string // empty for the account's own endpoint
	base *url.URL
}

// regions knows where an account can be reached. It is safe for concurrent use.
type regions struct {
	home                region
	preferred, excluded []string
	blind               bool // the credential is a resource token, which cannot read the account

	troubled atomic.Bool // health is not empty

	mu            sync.Mutex
	reads, writes []region // in the order of preference; empty until the account was read
	// for writing anything but documents: one region does that even if several write documents
	hub      []region
	level    string             // of consistency, of the account; empty until that was read
	multi    bool               // several regions accept writes of documents
	misspelt error              // a preferred or excluded region that does not exist
	read     time.Time          // when the account was last read
	tried    time.Time          // when that was last attempted
	failed   error              // of the last attempt
	stale    bool               // something says that the account may have changed
	health   map[string]*health // of regions that had faults, by name
	reading  chan struct{}      // not nil while the account is being read; closed at the end
}

// route is the order in which one request tries regions.
type route struct {
	order   []region
	at      int
	multi   bool // several regions of the account accept writes
	account int  // how many regions the account has
	avoided []string
}

// region is where the next attempt goes.
func (r *route) region() region { return r.order[r.at%len(r.order)] }

// begin puts a region first, if it is one of them.
func (r *route) begin(name string) {
	if i := slices.IndexFunc(r.order, func(reg region) bool { return reg.name == name }); i > 0 {
		r.order = slices.Concat(r.order[i:i+1], r.order[:i], r.order[i+1:])
	}
}

// leave goes on to the next region that has not failed; to the next one if all have. The last of those that failed is
// the one to leave.
func (r *route) leave(failed []string) {
	last := slices.IndexFunc(r.order, func(reg region) bool { return reg.name == failed[len(failed)-1] })
	for i := range r.order {
		if r.at = last + 1 + i; !slices.Contains(failed, r.region().name) {
			return
		}
	}
	r.at = last + 1
}

// pass goes on to the first region that has not refused the request, one that has not failed if there is one.
func (r *route) pass(refused, failed []string) {
	r.at = 0
	for _, not := range [2][]string{slices.Concat(refused, failed), refused} {
		if i := slices.IndexFunc(r.order, func(reg region) bool { return !slices.Contains(not, reg.name) }); i >= 0 {
			r.at = i
			return
		}
	}
}

// route orders the regions for a request on resources of a kind, those that are down last. anywhere is for a write that
// was refused where writes go: those that do not write are behind those that do. excluded are names of regions that the
// request does not use; if no other is left, it goes to the first one all the same.
func (r *regions) route(write, anywhere bool, kind Kind, excluded []string) route {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.reads
	switch {
	case write && kind == Documents:
		list = r.writes
	case write:
		list = r.hub
	}
	if write && anywhere {
		list = slices.Clone(list)
		for _, reg := range r.reads {
			if !slices.ContainsFunc(list, func(other region) bool { return other.name == reg.name }) {
				list = append(list, reg)
			}
		}
	}
	path := route{order: list, multi: r.multi, account: len(r.reads)}
	if len(list) == 0 {
		path.order = []region{r.home}
		return path
	}
	if len(r.health) == 0 && len(r.excluded) == 0 && len(excluded) == 0 {
		return path
	}
	path.order = make([]region, 0, len(list))
	var down []region
	for _, reg := range list {
		switch {
		case named(r.excluded, reg.name), named(excluded, reg.name):
		case r.isDown(reg.name):
			down = append(down, reg)
		default:
			path.order = append(path.order, reg)
		}
	}
	path.order = append(path.order, down...)
	path.avoided = appendNames(path.avoided, down)
	if len(path.order) == 0 {
		path.order = list[:1]
	}
	return path
}

// consistency is the account's level; empty if that is not known.
func (r *regions) consistency() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.level
}

// appendNames adds the names of regions.
func appendNames(names []string, list []region) []string {
	for _, reg := range list {
		names = append(names, reg.name)
	}
	return names
}

// need says how a request should have the account read.
type need uint8

const (
	notNow need = iota
	first       // nothing is known: the request waits
	again       // what is known is old: the request does not wait
)

// due reports whether a request should have the account read.
func (r *regions) due() need {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.blind:
		return notNow
	case r.read.IsZero() && r.failed == nil:
		return first
	case r.reading != nil, time.Since(r.tried) < accountMinPause:
		return notNow
	case r.stale, r.read.IsZero(), time.Since(r.read) > accountMaxAge && time.Since(r.tried) > accountRetryPause:
		return again
	}
	return notNow
}

// mayHaveChanged says that the account may have changed.
func (r *regions) mayHaveChanged() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stale = true
}

// begin starts a reading of the account, unless one is under way or was a moment ago. fetch makes it, and calls end
// once. What begin returns is closed at the end of the reading that is under way; nil if none is.
func (r *regions) begin(fetch func(end func(*AccountInfo, error))) <-chan struct{} {
	r.mu.Lock()
	if r.blind || r.reading != nil || time.Since(r.tried) < accountMinPause {
		defer r.mu.Unlock()
		return r.reading
	}
	r.tried, r.stale = time.Now(), false
	done := make(chan struct{})
	r.reading = done
	r.mu.Unlock()
	fetch(func(info *AccountInfo, err error) {
		if err == nil {
			r.learn(info)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.reading, r.failed = nil, err
		close(done)
	})
	return done
}

// await waits for a reading, if one is under way, and tells how the last one ended. A failure changes nothing.
func (r *regions) await(ctx context.Context, reading <-chan struct{}) error {
	if reading != nil {
		select {
		case <-reading:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

// learn stores the regions that the account names.
func (r *regions) learn(info *AccountInfo) {
	reads, writes := r.list(info.Readable), r.list(info.Writable)
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if r.read.IsZero() || r.misspelt != nil {
		r.misspelt = errors.Join(unknownRegion("preferred", r.preferred, info),
			unknownRegion("excluded", r.excluded, info))
	}
	r.read, r.tried, r.failed = now, now, nil
	r.multi, r.level = info.MultipleWrite, info.Policy.Level
	if len(reads) < 2 && len(writes) < 2 {
		// With one region the user's endpoint is kept: behind a port mapping, the one that the account names may not
		// work.
		only := r.home
		if len(info.Readable) == 1 {
			only.name = info.Readable[0].Name
		}
		r.reads, r.writes, r.hub = []region{only}, []region{only}, []region{only}
		return
	}
	r.reads, r.writes, r.hub = r.prefer(reads), writes, writes
	if r.multi {
		r.writes = r.prefer(writes)
	}
}

// sources are the endpoints to read the account from: its own, then those of the known regions in case that one is
// down.
func (r *regions) sources() []region {
	r.mu.Lock()
	defer r.mu.Unlock()
	list, down := []region{r.home}, []region(nil)
	for _, reg := range r.reads {
		switch {
		case r.isDown(reg.name) && reg.base.Host == r.home.base.Host:
			list = list[:0]
			down = append(down, reg)
		case reg.base.Host == r.home.base.Host:
		case r.isDown(reg.name):
			down = append(down, reg)
		default:
			list = append(list, reg)
		}
	}
	return append(list, down...)
}

// list makes regions of locations, without those whose endpoint is not a URL, and without plain HTTP where the
// account's own endpoint has TLS: an access token would travel in the clear.
func (r *regions) list(locations []Location) []region {
	list := make([]region, 0, len(locations))
	for _, l := range locations {
		if base, err := parseEndpoint(l.Endpoint); err == nil &&
			(base.Scheme == "https" || r.home.base.Scheme == "http") {
			list = append(list, region{l.Name, base})
		}
	}
	return list
}

// prefer moves the preferred regions to the front, in the order of preference.
func (r *regions) prefer(list []region) []region {
	rank := func(reg region) int {
		for i, name := range r.preferred {
			if sameRegion(name, reg.name) {
				return i
			}
		}
		return len(r.preferred)
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b region) int { return rank(a) - rank(b) })
	return list
}

// named reports whether a list of names has a region.
func named(list []string, name string) bool {
	return slices.ContainsFunc(list, func(n string) bool { return sameRegion(n, name) })
}

// sameRegion compares names as the service does: "westus" is "West US".
func sameRegion(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, " ", ""), strings.ReplaceAll(b, " ", ""))
}
