package store

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
)

// Where a document of a vector store keeps its parts.
const (
	namespacePath = "/namespace"
	textPath      = "/text"
	vectorPath    = "/embedding"
)

// VectorContainer describes a container for [Vectors].
type VectorContainer struct {
	ID         string
	Dimensions int                     // of the embedder's vectors
	Index      cosmos.VectorIndexType  // quantizedFlat if empty; flat takes 505 dimensions, diskANN is for many vectors
	Distance   cosmos.DistanceFunction // cosine if empty
	DataType   cosmos.VectorDataType   // float32 if empty
	Fields     []string                // metadata that filters may name, such as lang or author.name
	Language   string                  // of the texts, such as en-US: makes the container fit for hybrid search
	Expiry     bool                    // documents may have a time to live: needed by [Cache] and [Document.TTL]
}

// Properties is the definition of the container, for Database.CreateContainerIfNotExists.
func (v VectorContainer) Properties() cosmos.ContainerProperties {
	or := func(word, otherwise string) string {
		if word == "" {
			return otherwise
		}
		return word
	}
	p := cosmos.ContainerProperties{
		ID:           v.ID,
		PartitionKey: cosmos.PartitionKeyPaths(namespacePath),
		VectorEmbeddingPolicy: &cosmos.VectorEmbeddingPolicy{VectorEmbeddings: []cosmos.VectorEmbedding{{
			Path:             vectorPath,
			Dimensions:       v.Dimensions,
			DataType:         cosmos.VectorDataType(or(string(v.DataType), string(cosmos.VectorFloat32))),
			DistanceFunction: cosmos.DistanceFunction(or(string(v.Distance), string(cosmos.DistanceCosine))),
		}}},
		// Texts and vectors in the ordinary index would cost request units at every write and serve no query.
		IndexingPolicy: &cosmos.IndexingPolicy{
			IncludedPaths: []cosmos.IndexedPath{{Path: namespacePath + "/?"}},
			ExcludedPaths: []cosmos.IndexedPath{{Path: "/*"}},
			VectorIndexes: []cosmos.VectorIndex{{
				Path: vectorPath,
				Type: cosmos.VectorIndexType(or(string(v.Index), string(cosmos.VectorIndexQuantizedFlat))),
			}},
		},
	}
	for _, field := range v.Fields {
		p.IndexingPolicy.IncludedPaths = append(p.IndexingPolicy.IncludedPaths,
			cosmos.IndexedPath{Path: indexPath(field)})
	}
	if v.Language != "" {
		p.FullTextPolicy = &cosmos.FullTextPolicy{
			DefaultLanguage: v.Language,
			FullTextPaths:   []cosmos.FullTextPath{{Path: textPath, Language: v.Language}},
		}
		p.IndexingPolicy.FullTextIndexes = []cosmos.IndexedPath{{Path: textPath}}
	}
	if v.Expiry {
		p.DefaultTTL = new(-1) // only documents that say when
	}
	return p
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// indexPath is the path of a field in an indexing policy: author.name is /metadata/author/name/?.
func indexPath(field string) string {
	path := "/metadata"
	for name := range strings.SplitSeq(field, ".") {
		if !plainName.MatchString(name) {
			quoted, _ := json.Marshal(name) // a string always has JSON
			name = string(quoted)
		}
		path += "/" + name
	}
	return path + "/?"
}

// indexed tells whether a policy indexes a path that ends in /?. Of the paths that cover it the longest decides.
func indexed(p *cosmos.IndexingPolicy, path string) bool {
	if p == nil {
		return true // the service's default indexes everything
	}
	longest := func(paths []cosmos.IndexedPath) int {
		best := -1
		for _, candidate := range paths {
			prefix, isPrefix := strings.CutSuffix(candidate.Path, "*")
			if candidate.Path == path || isPrefix && strings.HasPrefix(path, prefix) {
				best = max(best, len(candidate.Path))
			}
		}
		return best
	}
	return longest(p.IncludedPaths) > longest(p.ExcludedPaths)
}

// definition is what a vector store has to know about its container.
type definition struct {
	id        string
	embedding cosmos.VectorEmbedding
	indexing  *cosmos.IndexingPolicy
	fullText  bool
	expiry    bool
}

// define reads the definition of a vector store's container, and tells what one lacks that does not fit.
func define(p *cosmos.ContainerProperties) (definition, error) {
	d := definition{id: p.ID, indexing: p.IndexingPolicy, expiry: p.DefaultTTL != nil}
	unfit := func(format string, args ...any) error {
		return fmt.Errorf(
			"store: container %q %s; create one by Database.CreateContainer"+
				"(ctx, store.VectorContainer{ID: %q, Dimensions: …}.Properties())",
			p.ID,
			fmt.Sprintf(format, args...),
			p.ID,
		)
	}
	if !slices.Equal(p.PartitionKey.Paths, []string{namespacePath}) {
		return d, unfit(
			"is partitioned by %s, and a vector store's is by %s",
			strings.Join(p.PartitionKey.Paths, ", "),
			namespacePath,
		)
	}
	if p.VectorEmbeddingPolicy == nil || len(p.VectorEmbeddingPolicy.VectorEmbeddings) == 0 {
		return d, unfit("has no vector embedding policy")
	}
	var paths []string
	for _, e := range p.VectorEmbeddingPolicy.VectorEmbeddings {
		if e.Path == vectorPath {
			d.embedding = e
		}
		paths = append(paths, e.Path)
	}
	if d.embedding.Path == "" {
		return d, unfit("has vectors at %s, and a vector store's are at %s", strings.Join(paths, ", "), vectorPath)
	}
	at := func(path string) func(x cosmos.VectorIndex) bool {
		return func(x cosmos.VectorIndex) bool { return x.Path == path }
	}
	if p.IndexingPolicy == nil || !slices.ContainsFunc(p.IndexingPolicy.VectorIndexes, at(vectorPath)) {
		return d, unfit("has no vector index of %s, so that every search would read every vector", vectorPath)
	}
	d.fullText = p.FullTextPolicy != nil &&
		slices.Contains(p.IndexingPolicy.FullTextIndexes, cosmos.IndexedPath{Path: textPath}) &&
		slices.ContainsFunc(p.FullTextPolicy.FullTextPaths,
			func(f cosmos.FullTextPath) bool { return f.Path == textPath })
	return d, nil
}

// fields are the metadata that filters may name, as an error tells them.
func (d definition) fields() string {
	var names []string
	for _, p := range d.indexing.IncludedPaths {
		if name, ok := strings.CutPrefix(p.Path, "/metadata/"); ok {
			names = append(names, strings.ReplaceAll(strings.TrimSuffix(name, "/?"), "/", "."))
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}
