package store

import (
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/value"
)

// check holds a definition against the rules, and reads its paths.
func (d *Definition) check() error {
	if err := d.checkKey(); err != nil {
		return err
	}
	if err := d.checkIndexing(); err != nil {
		return err
	}
	if n := len(d.UniqueKeyPolicy.UniqueKeys); n > 10 {
		return Errorf(400, 0, "The unique key policy has %d unique keys; the limit is 10.", n)
	}
	for _, k := range d.UniqueKeyPolicy.UniqueKeys {
		if len(k.Paths) == 0 || len(k.Paths) > 16 {
			return Errorf(400, 0, "A unique key must have 1 to 16 paths, not %d.", len(k.Paths))
		}
		paths, err := segments(k.Paths)
		if err != nil {
			return Errorf(400, 0, "The unique key policy is invalid: %v", err)
		}
		d.uniquePaths = append(d.uniquePaths, paths)
	}
	if t := d.DefaultTTL; t != nil && (*t == 0 || *t < -1 || *t > 1<<31-1) {
		return Errorf(400, 0, "The value of defaultTtl must be -1 or between 1 and 2147483647, not %d.", *t)
	}
	for _, check := range []func() error{
		d.checkVectors, d.checkFullText, d.checkGeometry, d.checkConflicts, d.checkSecondary,
	} {
		if err := check(); err != nil {
			return err
		}
	}
	for _, p := range d.ComputedProperties {
		if p.Name == "id" || isSystem(p.Name) {
			return Errorf(400, 0, "The computed property name %q is invalid: it is a property of every document.",
				p.Name)
		}
	}
	return nil
}

func (d *Definition) checkKey() error {
	key := d.PartitionKey
	switch n := len(key.Paths); {
	case n == 0:
		return Errorf(400, 0, "The partition key definition must be specified: a container needs partitionKey.paths.")
	case strings.EqualFold(key.Kind, "Hash") && n > 1, n > 3:
		return Errorf(400, 0, "Too many partition key paths specified: %d. A key of kind Hash has one, one of kind "+
			"MultiHash up to three.", n)
	case strings.EqualFold(key.Kind, "MultiHash") && key.Version != 2:
		return Errorf(400, 0, "A partition key of kind MultiHash has version 2.")
	case !strings.EqualFold(key.Kind, "Hash") && !strings.EqualFold(key.Kind, "MultiHash"):
		return Errorf(400, 0, "The partition key kind %q is invalid.", key.Kind)
	case len(slices.Compact(slices.Sorted(slices.Values(key.Paths)))) < n:
		return Errorf(400, 0, "The paths of a partition key must differ.")
	case key.Version < 0 || key.Version > 2:
		return Errorf(400, 0, "The partition key version %d is invalid.", key.Version)
	}
	for i, path := range key.Paths {
		if _, err := segments(key.Paths[i : i+1]); err != nil {
			return Errorf(400, 0, "The partition key component definition path '%s' could not be accepted: %v", path,
				err)
		}
		if !strings.Contains(path, `"`) && !strings.Contains(path, "'") && strings.ContainsAny(path, " *?") {
			return Errorf(400, 0, "The partition key component definition path '%s' could not be accepted. Partition "+
				"key paths must contain only valid "+
				"characters and not contain a trailing slash or wildcard character.", path)
		}
	}
	d.keyPaths, _ = segments(key.Paths) // each of which has been looked at
	return nil
}

func (d *Definition) checkIndexing() error {
	p := d.IndexingPolicy
	switch p.IndexingMode {
	case "none":
		return nil
	case "consistent", "lazy":
	default:
		return Errorf(400, 0, "The indexing mode %q is invalid.", p.IndexingMode)
	}
	for _, p := range slices.Concat(p.IncludedPaths, p.ExcludedPaths) {
		if !strings.HasPrefix(p.Path, "/") {
			return Errorf(400, 0, "The indexing path '%s' could not be accepted: it must begin with a slash.", p.Path)
		}
	}
	for _, x := range p.IncludedPaths {
		if slices.Contains(p.ExcludedPaths, x) {
			return Errorf(400, 0, "The indexing path '%s' is both included and excluded.", x.Path)
		}
	}
	root := func(x indexPath) bool { return x.Path == "/*" }
	if !slices.ContainsFunc(p.IncludedPaths, root) && !slices.ContainsFunc(p.ExcludedPaths, root) {
		return Errorf(400, 0,
			"The special mandatory indexing path \"/\" is not provided in any of the path type sets. "+
				"Please provide this path in one of the sets.")
	}
	if len(p.IncludedPaths) > 1500 || len(p.ExcludedPaths) > 1500 || len(p.CompositeIndexes) > 100 {
		return Errorf(400, 0, "The indexing policy has more paths than the limits allow.")
	}
	for _, c := range p.CompositeIndexes {
		if len(c) < 2 || len(c) > 8 {
			return Errorf(400, 0, "A composite index must have 2 to 8 paths, not %d.", len(c))
		}
		for _, x := range c {
			if x.Order != "" && !strings.EqualFold(x.Order, "ascending") && !strings.EqualFold(x.Order, "descending") {
				return Errorf(400, 0,
					"The order '%s' of the composite index path '%s' is invalid: it must be ascending or descending.",
					x.Order, x.Path)
			}
		}
	}
	return nil
}

// checkReplace holds a new definition against the one it replaces.
func (d *Definition) checkReplace(old *Definition) error {
	switch {
	case d.ID != old.ID:
		return Errorf(400, 0, "The id of a container cannot be changed.")
	case !slices.Equal(d.PartitionKey.Paths, old.PartitionKey.Paths),
		!strings.EqualFold(d.PartitionKey.Kind, old.PartitionKey.Kind),
		max(d.PartitionKey.Version, 1) != max(old.PartitionKey.Version, 1):
		return Errorf(400, 0, "Document collection partition key cannot be changed.")
	case !slices.EqualFunc(d.UniqueKeyPolicy.UniqueKeys, old.UniqueKeyPolicy.UniqueKeys, func(a, b struct {
		Paths []string `json:"paths"`
	}) bool {
		return slices.Equal(a.Paths, b.Paths)
	}):
		return Errorf(403, 0, "The unique index cannot be modified. To change the unique index, remove the "+
			"collection and re-create a new one.")
	case !value.Equal(d.source.Get("conflictResolutionPolicy"), old.source.Get("conflictResolutionPolicy")):
		return Errorf(400, 0, "The conflict resolution policy of a container cannot be changed.")
	case modified(d.VectorEmbeddingPolicy.VectorEmbeddings, old.VectorEmbeddingPolicy.VectorEmbeddings,
		VectorEmbedding.modifies):
		return Errorf(400, 0, "Paths in existing embedding policy cannot be modified in Collection Replace")
	case modified(d.IndexingPolicy.VectorIndexes, old.IndexingPolicy.VectorIndexes, vectorIndex.modifies):
		return Errorf(400, 0, "Paths in existing vector indexing policy cannot be modified in Collection Replace")
	}
	return nil
}

// modified reports whether one of now says something else of a path than one of before. Paths may come and go.
func modified[T any](now, before []T, modifies func(T, T) bool) bool {
	return slices.ContainsFunc(now, func(n T) bool {
		return slices.ContainsFunc(before, func(b T) bool { return modifies(n, b) })
	})
}
