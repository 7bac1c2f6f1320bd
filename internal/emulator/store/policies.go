package store

import (
	"slices"
	"strings"
)

// checkVectors holds the vector indexes against the policy that says what the vectors are. The texts are the service's
// as far as they are known.
func (d *Definition) checkVectors() error {
	embeddings := map[string]VectorEmbedding{}
	for _, e := range d.VectorEmbeddingPolicy.VectorEmbeddings {
		switch {
		case !strings.HasPrefix(e.Path, "/"):
			return Errorf(400, 0, "The Vector Embedding Policy has an invalid path:%s.", e.Path)
		case !slices.Contains([]string{"float32", "float16", "int8", "uint8"}, strings.ToLower(e.DataType)):
			return Errorf(400, 0, "The Vector Embedding Policy has an invalid DataType:%s.", e.DataType)
		case !slices.Contains([]string{"cosine", "dotproduct", "euclidean"}, strings.ToLower(e.DistanceFunction)):
			return Errorf(400, 0, "The Vector Embedding Policy has an invalid DistanceFunction:%s.", e.DistanceFunction)
		case e.Dimensions > 4096:
			return Errorf(400,
				0, "The Vector Embedding Policy has Dimensions:%d which is more than the maximum supported value 4096.",
				e.Dimensions)
		case e.Dimensions < 1:
			return Errorf(400,
				0, "The Vector Embedding Policy has Dimensions:%d which is less than the minimum supported value 1.",
				e.Dimensions)
		}
		embeddings[e.Path] = e
	}
	for _, x := range d.IndexingPolicy.VectorIndexes {
		if err := x.check(embeddings); err != nil {
			return err
		}
	}
	return nil
}

// modifies reports whether e is another description of old's path.
func (e VectorEmbedding) modifies(old VectorEmbedding) bool {
	return e.Path == old.Path && (e.Dimensions != old.Dimensions || !strings.EqualFold(e.DataType, old.DataType) ||
		!strings.EqualFold(e.DistanceFunction, old.DistanceFunction))
}

// modifies reports whether x is another index of old's path.
func (x vectorIndex) modifies(old vectorIndex) bool {
	other := func(a, b *int) bool { return a != nil && b != nil && *a != *b }
	return x.Path == old.Path &&
		(!strings.EqualFold(x.Type, old.Type) || other(x.QuantizationSize, old.QuantizationSize) ||
			other(x.SearchListSize, old.SearchListSize) || !slices.Equal(x.ShardKey, old.ShardKey))
}

func (x vectorIndex) check(embeddings map[string]VectorEmbedding) error {
	kind := strings.ToLower(x.Type)
	if !slices.Contains([]string{"flat", "quantizedflat", "diskann"}, kind) {
		return Errorf(400, 0, "The Vector Indexing Policy's Index Type::%s is invalid.", x.Type)
	}
	e, ok := embeddings[x.Path]
	if !ok {
		return Errorf(400, 0, "The Vector Indexing Policy's path::%s not matching in Embedding's path.", x.Path)
	}
	const flatLimit = 505
	if kind == "flat" && e.Dimensions > flatLimit {
		return Errorf(400, 0, "The Vector Indexing Policy's Index Type::flat has Dimensions:%d which is more than "+
			"the maximum supported value %d.",
			e.Dimensions, flatLimit)
	}
	for _, p := range []struct {
		name        string
		value       *int
		least, most int
	}{
		{"QuantizationByteSize", x.QuantizationSize, 1, min(e.Dimensions, 512)},
		{"IndexingSearchListSize", x.SearchListSize, 25, 500},
	} {
		if p.value != nil && (*p.value < p.least || *p.value > p.most) {
			return Errorf(400, 0, "The Vector Indexing Policy parameter %s value :: %d is out of range. The allowed "+
				"range is between %d and %d.",
				p.name, *p.value, p.least, p.most)
		}
	}
	if n := len(x.ShardKey); n > 1 {
		return Errorf(400, 0,
			"The number of shard paths defined in the Vector Indexing Policy: %d exceeds the maximum: 1.", n)
	}
	for _, path := range x.ShardKey {
		if !strings.HasPrefix(path, "/") {
			return Errorf(400, 0, "The Vector Indexing Policy has an invalid Shard Path: %s.", path)
		}
	}
	return nil
}

// languages are those that a full-text policy may name.
var languages = []string{"en-US", "fr-FR", "es-ES", "de-DE", "it-IT", "pt-BR", "pt-PT", "nl-NL", "sv-SE", "da-DK",
	"fi-FI", "nb-NO", "hu-HU", "ro-RO", "ru-RU", "tr-TR"}

// checkFullText holds the full-text indexes against the policy.
func (d *Definition) checkFullText() error {
	p := d.FullTextPolicy
	language := func(l string) error {
		if l != "" && !slices.Contains(languages, l) {
			return Errorf(400, 0, "The Full Text Policy has an unsupported language %s. Supported languages are: %s.",
				l, strings.Join(languages, ", "))
		}
		return nil
	}
	if err := language(p.DefaultLanguage); err != nil {
		return err
	}
	paths := map[string]bool{}
	for _, x := range p.FullTextPaths {
		if !strings.HasPrefix(x.Path, "/") {
			return Errorf(400, 0,
				"The Full Text Policy contains an invalid Path: %s. The full-text policy contains an invalid path: %s.",
				x.Path, x.Path)
		}
		if err := language(x.Language); err != nil {
			return err
		}
		paths[x.Path] = true
	}
	for _, x := range d.IndexingPolicy.FullTextIndexes {
		if !strings.HasPrefix(x.Path, "/") || !paths[x.Path] {
			return Errorf(400, 0,
				"The Full Text Indexing Policy's path::%s is not matching in the Full Text Policy's paths.", x.Path)
		}
	}
	return nil
}

// shapes are what a spatial index may be of.
var shapes = []string{"Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon",
	"GeometryCollection"}

// checkGeometry: flat geometry needs a box around what is indexed, the globe has none.
func (d *Definition) checkGeometry() error {
	planar := strings.EqualFold(d.GeospatialConfig.Type, "Geometry")
	if kind := d.GeospatialConfig.Type; kind != "" && !planar && !strings.EqualFold(kind, "Geography") {
		return Invalid()
	}
	for _, x := range d.IndexingPolicy.SpatialIndexes {
		for _, kind := range x.Types {
			name, ok := kind.(string)
			if ok && !slices.ContainsFunc(shapes, func(s string) bool { return strings.EqualFold(s, name) }) {
				return Invalid()
			}
		}
		boxed := len(x.BoundingBox) > 0 && string(x.BoundingBox) != "null"
		switch {
		case planar && !boxed:
			return Errorf(400, 0,
				"The spatial index of path '%s' needs a boundingBox, since the container's geometry is flat.", x.Path)
		case !planar && boxed:
			return Errorf(400, 0, "The spatial index of path '%s' must not have a boundingBox, since the container's "+
				"geometry is the globe's.", x.Path)
		}
	}
	return nil
}

func (d *Definition) checkConflicts() error {
	policy := d.source.Get("conflictResolutionPolicy")
	mode := policy.Get("mode")
	if m := mode.AsString(); mode.IsDefined() && !strings.EqualFold(m, "LastWriterWins") &&
		!strings.EqualFold(m, "Custom") {
		return Errorf(400, 0, "The conflict resolution mode '%s' is invalid: it must be LastWriterWins or Custom.", m)
	}
	if d.custom() {
		d.procedure = policy.Get("conflictResolutionProcedure").AsString()
	}
	at := policy.Get("conflictResolutionPath").AsString()
	var ok bool
	if d.resolution, ok = pathNames(at); !ok {
		return Errorf(400, 0, "The conflict resolution path '%s' is invalid: it must look like /name or /name/name.",
			at)
	}
	return nil
}
