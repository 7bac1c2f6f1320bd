package partition

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// Min and Max are the bounds of the whole space of EPKs: Min is included, Max is not.
const (
	Min = ""
	Max = "FF"
)

// Compare orders bounds: as if the shorter were filled up with zeros, with [Max] above everything.
func Compare(a, b string) int {
	if a == Max || b == Max {
		switch {
		case a == b:
			return 0
		case a == Max:
			return 1
		}
		return -1
	}
	common := min(len(a), len(b))
	if c := strings.Compare(a[:common], b[:common]); c != 0 {
		return c
	}
	if strings.Trim(a[common:], "0") != "" {
		return 1
	}
	if strings.Trim(b[common:], "0") != "" {
		return -1
	}
	return 0
}

// Range is one physical partition: the EPKs in [Min, Max). Its JSON is that of the partition key range feed.
type Range struct {
	ID      string   `json:"id"`
	Min     string   `json:"minInclusive"`
	Max     string   `json:"maxExclusive"`
	RID     string   `json:"_rid,omitempty"`
	Parents []string `json:"parents,omitempty"`
}

// UnmarshalJSON reads an entry of the feed. Some servers write the id as a number.
func (r *Range) UnmarshalJSON(text []byte) error {
	type fields Range
	entry := struct {
		*fields
		ID json.RawMessage `json:"id"`
	}{fields: (*fields)(r)}
	if err := json.Unmarshal(text, &entry); err != nil {
		return err
	}
	id, quoted := rawjson.String(entry.ID)
	if !quoted {
		id = string(entry.ID)
	}
	r.ID = id
	return nil
}

// Contains reports whether the range owns epk.
func (r Range) Contains(epk string) bool {
	return Compare(r.Min, epk) <= 0 && Compare(epk, r.Max) < 0
}

// RoutingMap says which physical partition owns which EPKs. It never changes; safe for concurrent use.
type RoutingMap struct {
	ranges []Range // sorted, without gap
}

// NewRoutingMap makes a routing map of the ranges of a feed, in any order. Ranges that another one names as its parent
// are gone and dropped. It is an error if the others do not cover everything exactly once: read the feed again then.
func NewRoutingMap(ranges []Range) (*RoutingMap, error) {
	gone := make(map[string]bool)
	for _, r := range ranges {
		for _, id := range r.Parents {
			gone[id] = true
		}
	}
	live := make([]Range, 0, len(ranges))
	for _, r := range ranges {
		if !gone[r.ID] {
			live = append(live, r)
		}
	}
	slices.SortFunc(live, func(a, b Range) int { return Compare(a.Min, b.Min) })
	if len(live) == 0 {
		return nil, errors.New("cosmos: the container has no partition key ranges")
	}
	at := Min
	for _, r := range live {
		if Compare(r.Min, at) != 0 || Compare(r.Min, r.Max) >= 0 {
			return nil, fmt.Errorf("cosmos: the partition key ranges are incomplete: "+
				"%q is followed by range %s, which begins at %q", at, r.ID, r.Min)
		}
		at = r.Max
	}
	if at != Max {
		return nil, fmt.Errorf("cosmos: the partition key ranges are incomplete: they end at %q", at)
	}
	return &RoutingMap{ranges: live}, nil
}

// Ranges returns all ranges in EPK order. The caller must not change them.
func (m *RoutingMap) Ranges() []Range { return m.ranges }

// Find returns the range that owns epk; false only for [Max], which nobody owns.
func (m *RoutingMap) Find(epk string) (Range, bool) {
	i := m.after(epk)
	if i == 0 || !m.ranges[i-1].Contains(epk) {
		return Range{}, false
	}
	return m.ranges[i-1], true
}

// Overlapping returns the ranges that own something of [lo, hi), in EPK order; where lo equals hi, the one that owns
// this point. The caller must not change them.
func (m *RoutingMap) Overlapping(lo, hi string) []Range {
	order := Compare(lo, hi)
	if lo == Max || order > 0 {
		return nil
	}
	first := max(m.after(lo)-1, 0)
	last := sort.Search(len(m.ranges), func(i int) bool { return Compare(m.ranges[i].Min, hi) >= 0 })
	if order == 0 {
		last = first + 1
	}
	return m.ranges[first:last]
}

// ByID returns the range with an id; false if there is none, or no longer.
func (m *RoutingMap) ByID(id string) (Range, bool) {
	for _, r := range m.ranges {
		if r.ID == id {
			return r, true
		}
	}
	return Range{}, false
}

// after returns the index of the first range that begins above epk.
func (m *RoutingMap) after(epk string) int {
	return sort.Search(len(m.ranges), func(i int) bool { return Compare(m.ranges[i].Min, epk) > 0 })
}
