package store

import (
	"slices"
	"strings"
)

// Covers reports whether the policy indexes the values at a path: the longest of the included and excluded paths that
// fit it decides.
func (p IndexingPolicy) Covers(path []string) bool {
	if p.IndexingMode == "none" {
		return false
	}
	in, out := fit(p.IncludedPaths, path), fit(p.ExcludedPaths, path)
	return in > out
}

// fit is how much of a path the best of the patterns names, the more the better; 0 if none fits.
func fit(patterns []indexPath, path []string) (best int) {
	for _, x := range patterns {
		to, below := strings.CutSuffix(x.Path, "/*")
		names, ok := pathNames(strings.TrimSuffix(to, "/?"))
		if !ok || len(names) > len(path) || !below && len(names) != len(path) ||
			!slices.Equal(names, path[:len(names)]) {
			continue
		}
		score := 2*len(names) + 1
		if !below {
			score++ // exactly this value, not what is below it
		}
		best = max(best, score)
	}
	return best
}

// Sorts reports whether the index sorts by the property at a path.
func (x CompositeIndex) Sorts(path []string) bool {
	names, ok := pathNames(x.Path)
	return ok && slices.Equal(names, path)
}

// pathNames are the names of the properties that a path of a policy goes through: a and b/c for /a/"b/c".
func pathNames(path string) (names []string, ok bool) {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil, true
	}
	all, err := segments([]string{"/" + path})
	if err != nil {
		return nil, false
	}
	return all[0], true
}
