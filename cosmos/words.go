package cosmos

// PatchOp is what a [PatchOperation] does.
type PatchOp string

// The operations of a patch. [PatchSet] and its siblings make them.
const (
	PatchOpAdd       PatchOp = "add"
	PatchOpSet       PatchOp = "set"
	PatchOpReplace   PatchOp = "replace"
	PatchOpRemove    PatchOp = "remove"
	PatchOpIncrement PatchOp = "incr"
	PatchOpMove      PatchOp = "move"
)

// PriorityLevel says which requests the service throttles first: see [Priority].
type PriorityLevel string

// The levels of priority.
const (
	PriorityHigh PriorityLevel = "High"
	PriorityLow  PriorityLevel = "Low"
)

// Indexing says whether a document is indexed: see [IndexingDirective].
type Indexing string

// The directives of indexing.
const (
	IndexingDefault Indexing = "Default"
	IndexingInclude Indexing = "Include"
	IndexingExclude Indexing = "Exclude"
)

// IndexingMode is how an [IndexingPolicy] works.
type IndexingMode string

// The modes of indexing.
const (
	IndexingConsistent IndexingMode = "consistent"
	IndexingNone       IndexingMode = "none"
)

// SortOrder is the order of a column of a composite index.
type SortOrder string

// The orders of a [CompositePath].
const (
	Ascending  SortOrder = "ascending"
	Descending SortOrder = "descending"
)

// VectorIndexType is the kind of a [VectorIndex].
type VectorIndexType string

// The kinds of vector indexes.
const (
	VectorIndexFlat          VectorIndexType = "flat"
	VectorIndexQuantizedFlat VectorIndexType = "quantizedFlat"
	VectorIndexDiskANN       VectorIndexType = "diskANN"
)

// VectorDataType is the type of the numbers of a vector.
type VectorDataType string

// The types of a [VectorEmbedding]'s numbers.
const (
	VectorFloat32 VectorDataType = "float32"
	VectorFloat16 VectorDataType = "float16"
	VectorInt8    VectorDataType = "int8"
	VectorUint8   VectorDataType = "uint8"
)

// DistanceFunction is how two vectors are compared.
type DistanceFunction string

// The distance functions of a [VectorEmbedding].
const (
	DistanceCosine     DistanceFunction = "cosine"
	DistanceDotProduct DistanceFunction = "dotproduct"
	DistanceEuclidean  DistanceFunction = "euclidean"
)

// ConflictResolutionMode says who resolves conflicts.
type ConflictResolutionMode string

// The modes of a [ConflictResolutionPolicy].
const (
	LastWriterWins   ConflictResolutionMode = "LastWriterWins"
	CustomResolution ConflictResolutionMode = "Custom"
)

// GeospatialType says how coordinates are understood.
type GeospatialType string

// The types of a [GeospatialConfig].
const (
	Geography GeospatialType = "Geography"
	Geometry  GeospatialType = "Geometry"
)

// SpatialType is a kind of GeoJSON value that a [SpatialIndex] holds.
type SpatialType string

// The kinds of GeoJSON values.
const (
	SpatialPoint        SpatialType = "Point"
	SpatialLineString   SpatialType = "LineString"
	SpatialPolygon      SpatialType = "Polygon"
	SpatialMultiPolygon SpatialType = "MultiPolygon"
)

// TriggerType says when a [Trigger] runs.
type TriggerType string

// The types of triggers.
const (
	TriggerPre  TriggerType = "Pre"
	TriggerPost TriggerType = "Post"
)

// TriggerOperation says for which writes a [Trigger] may run.
type TriggerOperation string

// The operations of triggers.
const (
	TriggerAll     TriggerOperation = "All"
	TriggerCreate  TriggerOperation = "Create"
	TriggerUpdate  TriggerOperation = "Update"
	TriggerDelete  TriggerOperation = "Delete"
	TriggerReplace TriggerOperation = "Replace"
)

// PermissionMode says what a [Permission] allows.
type PermissionMode string

// The modes of permissions.
const (
	PermissionRead PermissionMode = "Read"
	PermissionAll  PermissionMode = "All"
)
