package store

import (
	"strings"

	"github.com/cosmossql/cosmossql/internal/value"
)

// spelling is how the service writes the names of one setting. Writers spell them in any case, or as the number that is
// the name's place in the list; what the list does not have is left to the checks.
type spelling struct {
	path  []string // "*" is each element of a list
	names []string
}

var spellings = []spelling{
	{[]string{"partitionKey", "kind"}, []string{"Hash", "Range", "MultiHash"}},
	{[]string{"indexingPolicy", "indexingMode"}, []string{"consistent", "lazy", "none"}},
	{[]string{"indexingPolicy", "compositeIndexes", "*", "*", "order"}, []string{"ascending", "descending"}},
	{[]string{"indexingPolicy", "spatialIndexes", "*", "types", "*"},
		[]string{"Point", "LineString", "Polygon", "MultiPolygon", "MultiPoint", "MultiLineString",
			"GeometryCollection"}},
	{[]string{"indexingPolicy", "vectorIndexes", "*", "type"}, []string{"flat", "diskANN", "quantizedFlat"}},
	{[]string{"conflictResolutionPolicy", "mode"}, []string{"LastWriterWins", "Custom"}},
	{[]string{"geospatialConfig", "type"}, []string{"Geography", "Geometry"}},
	{[]string{"vectorEmbeddingPolicy", "vectorEmbeddings", "*", "dataType"},
		[]string{"float32", "uint8", "int8", "float16"}},
	{[]string{"vectorEmbeddingPolicy", "vectorEmbeddings", "*", "distanceFunction"},
		[]string{"euclidean", "cosine", "dotproduct"}},
}

// spelled is the definition with its settings spelled as the service spells them.
func spelled(def value.Value) value.Value {
	for _, s := range spellings {
		def = respell(def, s.path, s.names)
	}
	return def
}

func respell(v value.Value, path, names []string) value.Value {
	switch {
	case len(path) == 0:
		return spell(v, names)
	case path[0] == "*" && v.Kind() == value.KindArray:
		var out []value.Value
		for e := range v.Elems() {
			out = append(out, respell(e, path[1:], names))
		}
		return value.Array(out)
	case path[0] != "*" && v.Get(path[0]).IsDefined():
		return with(v, path[0], respell(v.Get(path[0]), path[1:], names))
	}
	return v
}

func spell(v value.Value, names []string) value.Value {
	for i, name := range names {
		if v.Kind() == value.KindString && strings.EqualFold(v.AsString(), name) ||
			v.Kind() == value.KindNumber && v.AsFloat() == float64(i) {
			return value.String(name)
		}
	}
	return v
}
