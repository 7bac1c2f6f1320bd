package cosmos

import (
	"encoding/json"
)

// AccountProperties is the account document.
type AccountProperties struct {
	ID                   string
	WriteRegions         []Region // that accept writes
	ReadRegions          []Region
	MultipleWriteRegions bool             // all of WriteRegions accept writes; otherwise only the first
	Consistency          ConsistencyLevel // the default of requests
	Raw                  json.RawMessage  // the whole document
}

// Region is a region that an account is replicated to.
type Region struct {
	Name     string // such as West Europe
	Endpoint string // URL
}

// DatabaseProperties describes a database.
type DatabaseProperties struct {
	ID   string `json:"id"`
	RID  string `json:"_rid,omitempty"`
	Self string `json:"_self,omitempty"`
	ETag string `json:"_etag,omitempty"`
	TS   int64  `json:"_ts,omitempty"` // time of the last change: Unix seconds, UTC
	// Response is the answer that these properties came with; beside an error there is nothing else.
	Response *Response `json:"-"`
}

// PartitionKeyDefinition says which properties make up the partition key. [PartitionKeyPaths] makes one for a new
// container; made by hand it needs Paths, Kind and Version: without a Version the service takes 1, and refuses a
// hierarchical key.
type PartitionKeyDefinition struct {
	Paths     []string `json:"paths"`
	Kind      string   `json:"kind,omitempty"`    // Hash, or MultiHash for a hierarchical key
	Version   int      `json:"version,omitempty"` // of the hash: 2, or 1 in old containers
	SystemKey bool     `json:"systemKey,omitempty"`
}

// PartitionKeyPaths defines a partition key by one path such as /customer, or by the two or three of a hierarchical
// key.
func PartitionKeyPaths(paths ...string) PartitionKeyDefinition {
	kind := "Hash"
	if len(paths) > 1 {
		kind = "MultiHash"
	}
	return PartitionKeyDefinition{Paths: paths, Kind: kind, Version: 2}
}

// ContainerProperties describes a container. To change one, read it, change the fields, and replace it with the result:
// members of its JSON that have no field here are kept.
type ContainerProperties struct {
	ID                       string                    `json:"id"`
	PartitionKey             PartitionKeyDefinition    `json:"partitionKey"`
	IndexingPolicy           *IndexingPolicy           `json:"indexingPolicy,omitempty"`
	UniqueKeyPolicy          *UniqueKeyPolicy          `json:"uniqueKeyPolicy,omitempty"`
	ConflictResolutionPolicy *ConflictResolutionPolicy `json:"conflictResolutionPolicy,omitempty"`
	ComputedProperties       []ComputedProperty        `json:"computedProperties,omitempty"`
	VectorEmbeddingPolicy    *VectorEmbeddingPolicy    `json:"vectorEmbeddingPolicy,omitempty"`
	FullTextPolicy           *FullTextPolicy           `json:"fullTextPolicy,omitempty"`
	GeospatialConfig         *GeospatialConfig         `json:"geospatialConfig,omitempty"`
	ChangeFeedPolicy         *ChangeFeedPolicy         `json:"changeFeedPolicy,omitempty"`
	// MaterializedViewDefinition is fixed when the container is created.
	MaterializedViewDefinition *MaterializedViewDefinition `json:"materializedViewDefinition,omitempty"`
	// seconds; -1: documents with a ttl of their own expire
	DefaultTTL *int `json:"defaultTtl,omitempty"`
	// seconds; -1: no expiry
	AnalyticalTTL *int   `json:"analyticalStorageTtl,omitempty"`
	RID           string `json:"_rid,omitempty"`
	Self          string `json:"_self,omitempty"`
	ETag          string `json:"_etag,omitempty"`
	// time of the last change: Unix seconds, UTC
	TS int64 `json:"_ts,omitempty"`
	// Response is the answer that these properties came with; beside an error there is nothing else.
	Response *Response `json:"-"`

	raw json.RawMessage // as it was read
}

// containerFields is ContainerProperties without its methods.
type containerFields ContainerProperties

// UnmarshalJSON implements json.Unmarshaler.
func (p *ContainerProperties) UnmarshalJSON(data []byte) error {
	var fields containerFields
	if err := json.Unmarshal(data, &fields); err != nil {
		return err
	}
	*p = ContainerProperties(fields)
	p.raw = append(json.RawMessage(nil), data...)
	return nil
}

// MarshalJSON implements json.Marshaler. Members that were read and have no field here are written unchanged.
func (p ContainerProperties) MarshalJSON() ([]byte, error) {
	changed, err := json.Marshal(containerFields(p))
	if err != nil || p.raw == nil {
		return changed, err
	}
	var before containerFields
	if err := json.Unmarshal(p.raw, &before); err != nil {
		return nil, err
	}
	base, err := json.Marshal(before)
	if err != nil {
		return nil, err
	}
	return merge(p.raw, base, changed), nil
}

// IndexingPolicy says which properties are indexed, and how.
type IndexingPolicy struct {
	Mode             IndexingMode      `json:"indexingMode,omitempty"` // consistent or none
	Automatic        *bool             `json:"automatic,omitempty"`
	IncludedPaths    []IndexedPath     `json:"includedPaths,omitempty"`
	ExcludedPaths    []IndexedPath     `json:"excludedPaths,omitempty"`
	CompositeIndexes [][]CompositePath `json:"compositeIndexes,omitempty"`
	SpatialIndexes   []SpatialIndex    `json:"spatialIndexes,omitempty"`
	VectorIndexes    []VectorIndex     `json:"vectorIndexes,omitempty"`
	FullTextIndexes  []IndexedPath     `json:"fullTextIndexes,omitempty"`
}

// IndexedPath is a path such as /customer/? or /lines/*.
type IndexedPath struct {
	Path string `json:"path"`
}

// CompositePath is one column of a composite index.
type CompositePath struct {
	Path  string    `json:"path"`
	Order SortOrder `json:"order,omitempty"` // ascending or descending
}

// SpatialIndex indexes GeoJSON values.
type SpatialIndex struct {
	Path  string        `json:"path"`
	Types []SpatialType `json:"types,omitempty"` // Point, LineString, Polygon, MultiPolygon
	// BoundingBox bounds what is indexed where the container's [GeospatialConfig] is flat (Geometry), which needs it.
	BoundingBox *BoundingBox `json:"boundingBox,omitempty"`
}

// BoundingBox is a rectangle of the plane.
type BoundingBox struct {
	XMin float64 `json:"xmin"`
	YMin float64 `json:"ymin"`
	XMax float64 `json:"xmax"`
	YMax float64 `json:"ymax"`
}

// MaterializedViewDefinition makes a container one that the service fills from another one (a global secondary index).
type MaterializedViewDefinition struct {
	SourceContainerID  string `json:"sourceCollectionId,omitempty"`  // of the same database
	SourceContainerRID string `json:"sourceCollectionRid,omitempty"` // which the service fills in
	Definition         string `json:"definition"`                    // such as SELECT c.customer, c.email FROM c
}

// VectorIndex indexes the vectors of an embedding.
type VectorIndex struct {
	Path                 string          `json:"path"`
	Type                 VectorIndexType `json:"type"`                    // flat, quantizedFlat or diskANN
	QuantizerType        string          `json:"quantizerType,omitempty"` // product or spherical
	QuantizationByteSize int             `json:"quantizationByteSize,omitempty"`
	IndexingSearchList   int             `json:"indexingSearchListSize,omitempty"`
	VectorIndexShardKey  []string        `json:"vectorIndexShardKey,omitempty"`
}

// UniqueKeyPolicy makes properties unique within a logical partition. It is fixed when the container is created.
type UniqueKeyPolicy struct {
	UniqueKeys []UniqueKey `json:"uniqueKeys"`
}

// UniqueKey is a set of properties of which no two documents of a logical partition have the same values.
type UniqueKey struct {
	Paths []string `json:"paths"`
}

// ConflictResolutionPolicy says which write wins if two regions write one document.
type ConflictResolutionPolicy struct {
	Mode      ConflictResolutionMode `json:"mode"` // LastWriterWins or Custom
	Path      string                 `json:"conflictResolutionPath,omitempty"`
	Procedure string                 `json:"conflictResolutionProcedure,omitempty"`
}

// ComputedProperty is a property that is not stored: queries on the container compute it.
type ComputedProperty struct {
	Name  string `json:"name"`
	Query string `json:"query"` // such as SELECT VALUE LOWER(c.name) FROM c
}

// VectorEmbeddingPolicy describes the vectors that documents carry.
type VectorEmbeddingPolicy struct {
	VectorEmbeddings []VectorEmbedding `json:"vectorEmbeddings"`
}

// VectorEmbedding describes the vectors at one path.
type VectorEmbedding struct {
	Path             string           `json:"path"`
	DataType         VectorDataType   `json:"dataType"` // float32, float16, int8 or uint8
	Dimensions       int              `json:"dimensions"`
	DistanceFunction DistanceFunction `json:"distanceFunction"` // cosine, dotproduct or euclidean
}

// FullTextPolicy names the texts that full-text search works on.
type FullTextPolicy struct {
	DefaultLanguage string         `json:"defaultLanguage,omitempty"`
	FullTextPaths   []FullTextPath `json:"fullTextPaths,omitempty"`
}

// FullTextPath is the path of one such text, and its language, such as en-US.
type FullTextPath struct {
	Path     string `json:"path"`
	Language string `json:"language,omitempty"`
}

// GeospatialConfig says how coordinates are understood.
type GeospatialConfig struct {
	Type GeospatialType `json:"type"` // Geography or Geometry
}

// ChangeFeedPolicy keeps old versions of documents for the all-versions change feed.
type ChangeFeedPolicy struct {
	RetentionMinutes int `json:"retentionDuration"` // minutes that versions are kept
}
