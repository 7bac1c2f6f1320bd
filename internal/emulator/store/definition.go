package store

import (
	"encoding/json"
	"strings"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Definition is what the store must understand of a container's JSON. The rest of it is kept as it was sent.
type Definition struct {
	ID                 string               `json:"id"`
	PartitionKey       partition.Definition `json:"partitionKey"`
	IndexingPolicy     IndexingPolicy       `json:"indexingPolicy"`
	UniqueKeyPolicy    uniqueKeyPolicy      `json:"uniqueKeyPolicy"`
	DefaultTTL         *int64               `json:"defaultTtl"`
	ComputedProperties []ComputedProperty   `json:"computedProperties"`
	ChangeFeedPolicy   struct {
		RetentionDuration int `json:"retentionDuration"` // minutes
	} `json:"changeFeedPolicy"`
	GeospatialConfig struct {
		Type string `json:"type"` // Geography or Geometry
	} `json:"geospatialConfig"`
	VectorEmbeddingPolicy VectorPolicy   `json:"vectorEmbeddingPolicy"`
	FullTextPolicy        FullTextPolicy `json:"fullTextPolicy"`

	backup      bool            // of the account
	secondary   *secondaryIndex // nil for other containers
	procedure   string          // of conflict resolution, by id or path; "" for none
	resolution  []string        // names of the path of conflict resolution
	source      value.Value     // the JSON, with defaults filled in
	keyPaths    [][]string      // names of the partition key paths
	uniquePaths [][][]string    // and of the unique keys'
}

// IndexingPolicy is the part of an indexing policy that decides which queries are allowed.
type IndexingPolicy struct {
	IndexingMode     string             `json:"indexingMode"`
	IncludedPaths    []indexPath        `json:"includedPaths"`
	ExcludedPaths    []indexPath        `json:"excludedPaths"`
	CompositeIndexes [][]CompositeIndex `json:"compositeIndexes"`
	SpatialIndexes   []struct {
		Path        string          `json:"path"`
		Types       []any           `json:"types"` // names; by number they are not looked at
		BoundingBox json.RawMessage `json:"boundingBox"`
	} `json:"spatialIndexes"`
	VectorIndexes   []vectorIndex `json:"vectorIndexes"`
	FullTextIndexes []indexPath   `json:"fullTextIndexes"`
}

type vectorIndex struct {
	Path             string   `json:"path"`
	Type             string   `json:"type"`
	QuantizationSize *int     `json:"quantizationByteSize"`
	SearchListSize   *int     `json:"indexingSearchListSize"`
	ShardKey         []string `json:"vectorIndexShardKey"`
}

type indexPath struct {
	Path string `json:"path"`
}

// CompositeIndex is one path of a composite index.
type CompositeIndex struct {
	Path  string `json:"path"`
	Order string `json:"order"` // ascending (also if absent) or descending
}

// ComputedProperty is a property that queries see and documents do not hold.
type ComputedProperty struct {
	Name  string `json:"name"`
	Query string `json:"query"`
}

// VectorPolicy says what the vectors of a container are.
type VectorPolicy struct {
	VectorEmbeddings []VectorEmbedding `json:"vectorEmbeddings"`
}

// VectorEmbedding is one path that holds vectors.
type VectorEmbedding struct {
	Path             string `json:"path"`
	DataType         string `json:"dataType"`
	Dimensions       int    `json:"dimensions"`
	DistanceFunction string `json:"distanceFunction"`
}

// FullTextPolicy says which paths hold searchable text.
type FullTextPolicy struct {
	DefaultLanguage string `json:"defaultLanguage"`
	FullTextPaths   []struct {
		Path     string `json:"path"`
		Language string `json:"language"`
	} `json:"fullTextPaths"`
}

type uniqueKeyPolicy struct {
	UniqueKeys []struct {
		Paths []string `json:"paths"`
	} `json:"uniqueKeys"`
}

// parseDefinition reads a container's JSON for the account.
func (a *Account) parseDefinition(body []byte) (*Definition, error) {
	def, err := parseDefinition(body)
	if err != nil {
		return nil, err
	}
	if def.backup = a.opts.ContinuousBackup; def.backup && def.ChangeFeedPolicy.RetentionDuration != 0 {
		return nil, Errorf(400, 0, "The retention duration in the Change Feed policy should not be set when "+
			"continuous backup mode is enabled for the database account")
	}
	return def, nil
}

// parseDefinition reads a container's JSON, fills the defaults in and checks it.
func parseDefinition(body []byte) (*Definition, error) {
	in, _, err := parseResource(body)
	if err != nil {
		return nil, err
	}
	in = withDefaults(in)
	def := &Definition{source: in}
	if err := json.Unmarshal(value.AppendJSON(nil, in), def); err != nil {
		return nil, Invalid()
	}
	if err := def.check(); err != nil {
		return nil, err
	}
	return def, nil
}

// Retention is for how many minutes all versions and deletes are kept; 0 if they are not.
func (d *Definition) Retention() int {
	if d.backup {
		return 30 * 24 * 60
	}
	return d.ChangeFeedPolicy.RetentionDuration
}

// NamedKey is the partition key of a document as an object: by path, without the first slash, what the document has
// there.
func (d *Definition) NamedKey(doc value.Value) value.Value {
	var members []value.Member
	for i, path := range d.keyPaths {
		if v := follow(doc, path); v.IsDefined() {
			members = append(members, value.Member{Name: strings.TrimPrefix(d.PartitionKey.Paths[i], "/"), Value: v})
		}
	}
	return value.Object(members)
}

// key reads the partition key of a document. Uncertain in the service: an array or object counts as absent, as its
// query planner takes it.
func (d *Definition) key(doc value.Value) partition.Key {
	key := make(partition.Key, len(d.keyPaths))
	for i, path := range d.keyPaths {
		switch v := follow(doc, path); v.Kind() {
		case value.KindString:
			key[i] = partition.String(v.AsString())
		case value.KindNumber:
			key[i] = partition.Number(v.AsFloat())
		case value.KindBool:
			key[i] = partition.Bool(v.IsTrue())
		case value.KindNull:
			key[i] = partition.Null
		default: // absent, or an array or object
		}
	}
	if d.PartitionKey.SystemKey && len(key) == 1 && key[0] == partition.Undefined {
		return partition.Key{}
	}
	return key
}

// follow walks from v down the names of a path.
func follow(v value.Value, path []string) value.Value {
	for _, name := range path {
		v = v.Get(name)
	}
	return v
}

// segments splits paths such as /a/"b c" into names.
func segments(paths []string) ([][]string, error) {
	def := partition.Definition{Paths: paths}
	out := make([][]string, len(paths))
	for i := range paths {
		var err error
		if out[i], err = def.PathSegments(i); err != nil {
			return nil, err
		}
	}
	return out, nil
}
