package session

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Vector holds the tokens of several partition key ranges, by range id: what the session token header carries.
type Vector map[string]Token

// ParseCompound reads the header form `0:-1#12,1:-1#4`. A range named twice keeps the merged token.
func ParseCompound(s string) (Vector, error) {
	v := make(Vector, strings.Count(s, ",")+1)
	for part := range strings.SplitSeq(s, ",") {
		id, body, ok := strings.Cut(strings.TrimSpace(part), ":")
		if !ok || id == "" {
			return nil, invalid(s)
		}
		t, err := Parse(body)
		if err != nil {
			return nil, invalid(s)
		}
		if err := v.Add(id, t); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// Add merges t into the token of the range id.
func (v Vector) Add(id string, t Token) error {
	if old, ok := v[id]; ok {
		merged, err := Merge(old, t)
		if err != nil {
			return err
		}
		t = merged
	}
	v[id] = t
	return nil
}

// Merge adds every token of other.
func (v Vector) Merge(other Vector) error {
	for id, t := range other {
		if err := v.Add(id, t); err != nil {
			return err
		}
	}
	return nil
}

// String writes the header form, ranges in the order of their numbers.
func (v Vector) String() string {
	ids := slices.SortedFunc(maps.Keys(v), func(a, b string) int {
		x, errX := strconv.Atoi(a)
		y, errY := strconv.Atoi(b)
		if errX == nil && errY == nil && x != y {
			return x - y
		}
		return strings.Compare(a, b)
	})
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(id)
		b.WriteByte(':')
		b.WriteString(v[id].String())
	}
	return b.String()
}
