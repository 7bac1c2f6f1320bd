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
	accountMaxAge     = 5 * time.Minute // the account's regions are read again when they are older
	accountMinPause   = time.Second     // between two attempts to read the account
	accountRetryPause = time.Minute     // between two attempts because of accountMaxAge, while the account cannot be read
	downTime          = 5 * time.Minute // for which a region that did not answer is avoided
)

// AccountInfo is the part of the account document that the client uses.
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
	blind     bool // the credential is a resource token, which cannot read the account

	mu            sync.Mutex
	reads, writes []region             // in the order of preference; empty until the account was read
	hub           []region             // for writing anything but documents: one region does that even if several write documents
	multi         bool                 // several regions accept writes of documents
	read          time.Time            // when the account was last read
	tried         time.Time            // when that was last attempted
	down          map[string]time.Time // region name → until when it is avoided
	reading       chan struct{}        // not nil while the account is being read; closed at the end
}

// route is the order in which one request tries regions.
type route struct {
	order []region
	at    int
}

// region is where the next attempt goes.
func (r *route) region() region { return r.order[r.at%len(r.order)] }

// route orders the regions for a request on resources of a kind, those that are down last. multi says that the account
// has several write regions.
func (r *regions) route(write bool, kind Kind) (_ route, multi bool) {
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

// avoid puts a region at the end of every route for downTime.
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

// due reports whether a request should have the account read first: the caller prefers regions and they are not known
// yet, or what is known is too old. Without preferred regions the account's own endpoint will do.
func (r *regions) due() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.blind, r.reading != nil, time.Since(r.tried) < accountMinPause:
		return false
	case r.read.IsZero():
		return len(r.preferred) > 0
	}
	// Requests wait while the account is read: if that keeps failing, few should.
	return time.Since(r.read) > accountMaxAge && time.Since(r.tried) > accountRetryPause
}

// refresh reads the account through fetch. While another goroutine does, it waits for that one instead; if the last
// attempt was a moment ago it does nothing. A failure changes nothing.
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
	if time.Since(r.tried) < accountMinPause {
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

// learn stores the regions that the account names.
func (r *regions) learn(info *AccountInfo) {
	reads, writes := r.list(info.Readable), r.list(info.Writable)
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	r.read, r.tried = now, now
	r.multi = info.MultipleWrite
	if len(reads) < 2 && len(writes) < 2 {
		// With one region the user's endpoint is kept: behind a port mapping, the one that the account names may not work.
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

// sources are the endpoints to read the account from: its own, then those of the known regions in case that one is down.
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

// list makes regions of locations, without those whose endpoint is no URL.
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
