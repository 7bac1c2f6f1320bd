// Package session reads, compares and merges the session tokens with which Cosmos DB lets a client read its own writes.
//
// A token says how far the writes of one partition key range had got. Tokens of several ranges travel together,
// separated by commas: see [Vector].
package session

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Token is the progress of one partition key range: `version#globalLSN#region=localLSN…`, or the older plain `lsn`.
type Token struct {
	version, global int64
	simple          bool
	regions         []Region // ascending by id
}

// Region is how far the writes of one region have got.
type Region struct {
	ID  uint32
	LSN int64
}

// New makes the token of a range. Without regions it is that of an account with one; they ascend by their ids.
func New(version, lsn int64, regions ...Region) Token {
	return Token{version: version, global: lsn, regions: regions}
}

// LSN returns the global log sequence number.
func (t Token) LSN() int64 { return t.global }

// Parse reads one token, without the range id that precedes it in a header.
func Parse(s string) (Token, error) {
	head, rest, vector := strings.Cut(s, "#")
	version, err := strconv.ParseInt(head, 10, 64)
	if err != nil {
		return Token{}, invalid(s)
	}
	if !vector {
		return Token{global: version, simple: true}, nil
	}
	lsn, rest, more := strings.Cut(rest, "#")
	t := Token{version: version}
	if t.global, err = strconv.ParseInt(lsn, 10, 64); err != nil {
		return Token{}, invalid(s)
	}
	for more {
		var part string
		part, rest, more = strings.Cut(rest, "#")
		id, local, ok := strings.Cut(part, "=")
		n, idErr := strconv.ParseUint(id, 10, 32)
		l, lsnErr := strconv.ParseInt(local, 10, 64)
		if !ok || idErr != nil || lsnErr != nil {
			return Token{}, invalid(s)
		}
		t.regions = append(t.regions, Region{uint32(n), l})
	}
	slices.SortFunc(t.regions, func(a, b Region) int { return cmp.Compare(a.ID, b.ID) })
	for i := 1; i < len(t.regions); i++ {
		if t.regions[i].ID == t.regions[i-1].ID {
			return Token{}, invalid(s)
		}
	}
	return t, nil
}

func invalid(s string) error {
	return fmt.Errorf("session token %q is not valid: it has the form 0:-1#12, as a Response has it", s)
}

// String writes the token as [Parse] reads it.
func (t Token) String() string {
	if t.simple {
		return strconv.FormatInt(t.global, 10)
	}
	b := strconv.AppendInt(nil, t.version, 10)
	b = append(b, '#')
	b = strconv.AppendInt(b, t.global, 10)
	for _, r := range t.regions {
		b = append(b, '#')
		b = strconv.AppendUint(b, uint64(r.ID), 10)
		b = append(b, '=')
		b = strconv.AppendInt(b, r.LSN, 10)
	}
	return string(b)
}

func (t Token) local(id uint32) (int64, bool) {
	for _, r := range t.regions {
		if r.ID == id {
			return r.LSN, true
		}
	}
	return 0, false
}

// sameRegions fails when two tokens of one version name different sets of regions.
func sameRegions(a, b Token) error {
	if a.version == b.version && len(a.regions) != len(b.regions) {
		return fmt.Errorf("session tokens %s and %s have unexpected regions", a, b)
	}
	return nil
}

// Satisfies reports whether a replica that is at have may answer a request that requires required.
func Satisfies(required, have Token) (bool, error) {
	if required.simple || have.simple {
		return have.global >= required.global, nil
	}
	if have.version < required.version {
		return false, nil
	}
	if err := sameRegions(required, have); err != nil {
		return false, err
	}
	if have.version == required.version && have.global < required.global {
		return false, nil
	}
	for _, h := range have.regions {
		want, known := required.local(h.ID)
		if !known && have.version == required.version {
			return false, fmt.Errorf("session tokens %s and %s have unexpected regions", required, have)
		}
		if known && h.LSN < want {
			return false, nil
		}
	}
	return true, nil
}

// Merge returns the token that requires all that a and b require.
func Merge(a, b Token) (Token, error) {
	if a.simple != b.simple {
		// A simple token comes from an older answer; the vector form says more.
		if a.simple {
			return b, nil
		}
		return a, nil
	}
	if err := sameRegions(a, b); err != nil {
		return Token{}, err
	}
	high, low := a, b
	if low.version > high.version {
		high, low = low, high
	}
	merged := high
	merged.regions = slices.Clone(high.regions)
	if high.version == low.version {
		merged.global = max(high.global, low.global)
	}
	for i, r := range merged.regions {
		other, known := low.local(r.ID)
		if !known && high.version == low.version {
			return Token{}, fmt.Errorf("session tokens %s and %s have unexpected regions", a, b)
		}
		if known {
			merged.regions[i].LSN = max(r.LSN, other)
		}
	}
	return merged, nil
}
