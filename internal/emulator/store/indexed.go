package store

import "strings"

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
		names := strings.Split(strings.Trim(x.Path, "/"), "/")
		end := names[len(names)-1]
		if end == "?" || end == "*" {
			names = names[:len(names)-1]
		}
		if len(names) > len(path) || end != "*" && len(names) != len(path) {
			continue
		}
		fits := true
		for i, name := range names {
			fits = fits && (strings.Trim(name, `"`) == path[i] || name == "[]")
		}
		if !fits {
			continue
		}
		score := 2*len(names) + 1
		if end != "*" {
			score++ // exactly this value, not what is below it
		}
		best = max(best, score)
	}
	return best
}
