package value

import (
	"strings"
)

// nameCache holds copies of member names that were seen before. Documents of a container have the same names, and a
// search for one is much quicker when their bytes are in one place, not spread over all the documents.
type nameCache [256]string

// maxCachedName is the longest name worth keeping.
const maxCachedName = 32

// get returns name or a copy of it. The first name that takes a place keeps it: names that are never seen again, in
// objects that serve as maps, cost no more than the look.
func (c *nameCache) get(name string) string {
	n := len(name)
	if n == 0 || n > maxCachedName {
		return name
	}
	place := &c[byte(n)*31^name[0]^name[n/2]*7^name[n-1]*17]
	if *place == name {
		return *place
	}
	if *place == "" {
		*place = strings.Clone(name)
		return *place
	}
	return name
}

// fewMembers is up to where comparing every pair of names beats a map.
const fewMembers = 16

func hasRepeated(members []Member) bool {
	if len(members) <= fewMembers {
		for i := 1; i < len(members); i++ {
			name := members[i].Name
			for j := range i {
				if members[j].Name == name {
					return true
				}
			}
		}
		return false
	}
	seen := make(map[string]struct{}, len(members))
	for i := range members {
		seen[members[i].Name] = struct{}{}
	}
	return len(seen) < len(members)
}

// lastOfEach removes all but the last member of each name.
func lastOfEach(members []Member) []Member {
	last := make(map[string]int, len(members))
	for i, m := range members {
		last[m.Name] = i
	}
	kept := members[:0]
	for i, m := range members {
		if last[m.Name] == i {
			kept = append(kept, m)
		}
	}
	return kept
}
