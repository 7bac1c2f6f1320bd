package rest

import (
	"net/http"
	"sync"
	"sync/atomic"
)

// hubs remembers the partitions that another region writes than the account says: one that failed over by itself, or
// all of them for as long as the account document is behind.
type hubs struct {
	some    atomic.Bool
	mu      sync.Mutex
	regions map[hub]string // names
}

// hub is a partition that one region writes.
type hub struct{ scope, rangeID string }

func hubOf(req *Request) (hub, bool) {
	h := hub{req.Scope, req.rangeID()}
	return h, h.scope != "" && h.rangeID != ""
}

// of is the region that writes the partition of a request; empty if that is the account's, as far as known.
func (h *hubs) of(req *Request) string {
	if !h.some.Load() {
		return ""
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	key, _ := hubOf(req)
	return h.regions[key]
}

// note learns from an answer that came from a region: it may have been found because another one had refused.
func (h *hubs) note(req *Request, at region, resp *Response, s state) {
	if !s.forbidden && !h.some.Load() || req.Effect == Read && !s.hub {
		return
	}
	key, known := hubOf(req)
	if !known || resp.Status == 0 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch refused := resp.Status == http.StatusForbidden; {
	case refused && h.regions[key] == at.name:
		delete(h.regions, key)
	case !refused && s.forbidden && resp.success() && len(h.regions) < maxPartitions:
		if h.regions == nil {
			h.regions = make(map[hub]string)
		}
		h.regions[key] = at.name
	}
	h.some.Store(len(h.regions) > 0)
}
