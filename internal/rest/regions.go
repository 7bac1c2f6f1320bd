package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	accountAge  = 5 * time.Minute // after which the account's regions are read anew
	accountPace = time.Second     // between two readings, however much goes wrong
	accountRest = time.Minute     // between two readings that are only due, while the account cannot be read
	downTime    = 5 * time.Minute // for which a region that did not answer is avoided
)

// AccountInfo is the part of the account document that the client lives by.
type AccountInfo struct {
	ID            string     `json:"id"`
	Writable      []Location `json:"writableLocations"`
	Readable      []Location `json:"readableLocations"`
	MultipleWrite bool       `json:"enableMultipleWriteLocations"`
	Policy        struct {
		Level string `json:"defaultConsistencyLevel"`
	} `json:"userConsistencyPolicy"`
}

// Location is one region of an account.
type Location struct {
	Name     string `json:"name"`
	Endpoint string `json:"databaseAccountEndpoint"`
}

// region is a place to send requests to.
type region struct {
	name string // empty for the account's own endpoint
	base *url.URL
}

// regions knows where an account can be reached. It is safe for concurrent use.
type regions struct {
	home      region
	preferred []string
	blind     bool // the credential does not let the account be read

	mu            sync.Mutex
	reads, writes []region // in the order of preference; empty until the account was read
	hub           []region // where databases and containers are made, also where documents are written in several regions
	multi         bool
	read          time.Time            // of the last reading
	tried         time.Time            // of the last attempt to read
	down          map[string]time.Time // region name → until when it is avoided
	reading       chan struct{}        // closed when the reading in progress ends
}

// route is the order in which one request tries regions.
type route struct {
	order []region
	at    int
}

func (r *route) region() region { return r.order[r.at%len(r.order)] }

// plan orders the regions for a request on resources of a kind.
func (r *regions) plan(write bool, kind Kind) (route, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.reads
	switch {
	case write && kind == Documents:
		list = r.writes
	case write:
		list = r.hub
	}
	if len(list) == 0 {
		return route{order: []region{r.home}}, r.multi
	}
	if len(r.down) == 0 {
		return route{order: list}, r.multi
	}
	now := time.Now()
	up, down := make([]region, 0, len(list)), make([]region, 0, len(list))
	for _, reg := range list {
		if now.Before(r.down[reg.name]) {
			down = append(down, reg)
		} else {
			up = append(up, reg)
		}
	}
	return route{order: append(up, down...)}, r.multi
}

// avoid puts a region at the end of every plan for a while.
func (r *regions) avoid(reg region) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if reg.name == "" || len(r.reads) < 2 {
		return
	}
	if r.down == nil {
		r.down = make(map[string]time.Time)
	}
	r.down[reg.name] = time.Now().Add(downTime)
}

// due reports whether a request should have the account read first: when the caller prefers regions and they are not
// known, or when what is known has grown old. Without preferences the account's endpoint is as good a start as any.
func (r *regions) due() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.blind, r.reading != nil, time.Since(r.tried) < accountPace:
		return false
	case r.read.IsZero():
		return len(r.preferred) > 0
	}
	// The request waits for the reading, so one that keeps failing is not tried by every other request.
	return time.Since(r.read) > accountAge && time.Since(r.tried) > accountRest
}

// refresh reads the account through fetch, unless somebody is doing that or has just done it: then it waits for them.
// A failure changes nothing; it is not remembered, so that a bad start does not spoil what follows.
func (r *regions) refresh(ctx context.Context, fetch func(context.Context) (*AccountInfo, error)) {
	if r.blind {
		return
	}
	r.mu.Lock()
	if reading := r.reading; reading != nil {
		r.mu.Unlock()
		select {
		case <-reading:
		case <-ctx.Done():
		}
		return
	}
	if time.Since(r.tried) < accountPace {
		r.mu.Unlock()
		return
	}
	r.tried = time.Now()
	done := make(chan struct{})
	r.reading = done
	r.mu.Unlock()

	info, err := fetch(ctx)

	r.mu.Lock()
	r.reading = nil
	r.mu.Unlock()
	close(done)
	if err == nil {
		r.learn(info)
	}
}

// learn takes over the regions that the account names.
func (r *regions) learn(info *AccountInfo) {
	reads, writes := r.list(info.Readable), r.list(info.Writable)
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	r.read, r.tried = now, now
	r.multi = info.MultipleWrite
	if len(reads) < 2 && len(writes) < 2 {
		// One region: the address the user gave reaches it, which behind a port mapping the account's own may not.
		named := r.home
		if len(info.Readable) == 1 {
			named.name = info.Readable[0].Name
		}
		r.reads, r.writes, r.hub = []region{named}, []region{named}, []region{named}
		return
	}
	r.reads, r.writes, r.hub = r.prefer(reads), writes, writes
	if r.multi {
		r.writes = r.prefer(writes)
	}
}

// sources are the endpoints that tell where the regions are: the account's own, then those of the regions known already,
// for when it is the account's own that does not answer.
func (r *regions) sources() []region {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := []region{r.home}
	for _, reg := range r.reads {
		if reg.base.Host != r.home.base.Host {
			list = append(list, reg)
		}
	}
	return list
}

func (r *regions) list(locations []Location) []region {
	list := make([]region, 0, len(locations))
	for _, l := range locations {
		if base, err := parseEndpoint(l.Endpoint); err == nil {
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

// sameRegion compares names as the service does: "westus" is "West US".
func sameRegion(a, b string) bool {
	return strings.EqualFold(strings.ReplaceAll(a, " ", ""), strings.ReplaceAll(b, " ", ""))
}

func parseEndpoint(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, fmt.Errorf("cosmos: endpoint %q is not a URL", endpoint)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("cosmos: endpoint %q is not of the form https://account.documents.azure.com:443/", endpoint)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("cosmos: endpoint %q has more than a host, a port and a path", u.Redacted())
	}
	return u, nil
}

func parseAccount(body []byte) (*AccountInfo, error) {
	var info AccountInfo
	if err := json.Unmarshal(body, &info); err != nil {
		return nil, fmt.Errorf("cosmos: the account's answer is not an account document: %w", err)
	}
	return &info, nil
}
