package session

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Vector holds the tokens of several partition key ranges, by range id: what the session token header carries.
type Vector map[string]Token

// ParseCompound reads the header form `0:-1#12,1:-1#4`. A range named twice keeps the merged token.
func ParseCompound(s string) (Vector, error) {
	v := make(Vector, strings.Count(s, ",")+1)
	for part := range strings.SplitSeq(s, ",") {
		id, t, err := parsePart(part)
		if err != nil {
			return nil, invalid(s)
		}
		if err := v.Add(id, t); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// parsePart reads the token of one range with its id.
func parsePart(s string) (id string, t Token, err error) {
	id, body, ok := strings.Cut(strings.TrimSpace(s), ":")
	if !ok || id == "" {
		return "", Token{}, invalid(s)
	}
	t, err = Parse(body)
	return id, t, err
}

// ParseFor reads the header form for one range: its token, or where there is none that of the nearest of its parents,
// which are in the order in which they came to be. What [ParseCompound] refuses is an error here too.
func ParseFor(s, id string, parents []string) (t Token, ok bool, err error) {
	if !strings.Contains(s, ",") { // as a client sends it that knows the range: without a map of one
		named, t, err := parsePart(s)
		return t, named == id || slices.Contains(parents, named), err
	}
	v, err := ParseCompound(s)
	if err != nil {
		return Token{}, false, err
	}
	t, ok = v[id]
	for i := len(parents) - 1; i >= 0 && !ok; i-- {
		t, ok = v[parents[i]]
	}
	return t, ok, nil
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

// String writes the header form, ranges in the order of their numbers: the shorter number is the smaller one.
func (v Vector) String() string {
	ids := slices.SortedFunc(maps.Keys(v), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
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
