package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// Clients write the names of settings in any case, or as the number that the name has in their language; whatever they
// write is shown as the service writes it.
func TestSpellings(t *testing.T) {
	t.Parallel()
	const vector = `"vectorEmbeddingPolicy":{"vectorEmbeddings":[{"path":"/v","dimensions":4,` +
		`"dataType":%s,"distanceFunction":%s}]}`
	const key = `"partitionKey":{"paths":["/pk"]}`
	for _, test := range []struct {
		name, members string // with one place for the setting
		path          []string
		names         []string // in the order of their numbers; "" is one that is not shown as it is
	}{
		{"kind of a key", `"partitionKey":{"paths":["/pk"],"version":2,"kind":%s}`, []string{"partitionKey", "kind"},
			[]string{"Hash", "", "MultiHash"}},
		{"mode of indexing", key + `,"indexingPolicy":{"indexingMode":%s}`,
			[]string{"indexingPolicy", "indexingMode"}, []string{"consistent", "", "none"}},
		{"order of a composite index",
			key + `,"indexingPolicy":{"compositeIndexes":[[{"path":"/a"},{"path":"/b","order":%s}]]}`,
			[]string{"indexingPolicy", "compositeIndexes", "0", "1", "order"}, []string{"ascending", "descending"}},
		{"shape of a spatial index",
			key + `,"indexingPolicy":{"spatialIndexes":[{"path":"/p/*","types":["Point",%s]}]}`,
			[]string{"indexingPolicy", "spatialIndexes", "0", "types", "1"},
			[]string{"Point", "LineString", "Polygon", "MultiPolygon", "MultiPoint", "MultiLineString",
				"GeometryCollection"}},
		{"type of a vector index", key + `,"indexingPolicy":{"vectorIndexes":[{"path":"/v","type":%s}]},` +
			fmt.Sprintf(vector, `"float32"`, `"cosine"`), []string{"indexingPolicy", "vectorIndexes", "0", "type"},
			[]string{"flat", "diskANN", "quantizedFlat"}},
		{"type of vectors", key + "," + fmt.Sprintf(vector, "%s", `"cosine"`),
			[]string{"vectorEmbeddingPolicy", "vectorEmbeddings", "0", "dataType"},
			[]string{"float32", "uint8", "int8", "float16"}},
		{"distance of vectors", key + "," + fmt.Sprintf(vector, `"int8"`, "%s"),
			[]string{"vectorEmbeddingPolicy", "vectorEmbeddings", "0", "distanceFunction"},
			[]string{"euclidean", "cosine", "dotproduct"}},
		{"mode of conflicts", key + `,"conflictResolutionPolicy":{"mode":%s}`,
			[]string{"conflictResolutionPolicy", "mode"}, []string{"LastWriterWins", "Custom"}},
		{"geometry", key + `,"geospatialConfig":{"type":%s}`, []string{"geospatialConfig", "type"},
			[]string{"Geography", "Geometry"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			shown := func(setting string) (value.Value, error) {
				def, err := parseDefinition(fmt.Appendf(nil, `{"id":"c",`+test.members+`}`, setting))
				if err != nil {
					return value.Undefined, err
				}
				v := def.source
				for _, name := range test.path {
					if len(name) == 1 {
						v = v.At(int(name[0] - '0'))
					} else {
						v = v.Get(name)
					}
				}
				return v, nil
			}
			for number, name := range test.names {
				if name == "" {
					continue
				}
				for _, setting := range []string{fmt.Sprint(number), `"` + name + `"`,
					`"` + strings.ToUpper(name) + `"`, `"` + strings.ToLower(name) + `"`} {
					v, err := shown(setting)
					require.NoError(t, err, setting)
					require.Equal(t, name, v.AsString(), setting)
				}
			}
			for _, setting := range []string{`"` + test.names[0] + `s"`, `" ` + test.names[0] + `"`} {
				_, err := shown(setting)
				refused(t, err, 400, "")
			}
		})
	}
}

// What is not of the type that a setting has is refused, and nothing of it is taken for something else.
func TestSettingsOfAnotherType(t *testing.T) {
	t.Parallel()
	const key = `{"id":"c","partitionKey":{"paths":["/pk"]},`
	for _, body := range []string{
		`{"id":"c","partitionKey":[]}`, `{"id":"c","partitionKey":{"paths":["/pk"],"kind":{}}}`,
		key + `"indexingPolicy":{"compositeIndexes":{"order":1}}}`, key + `"indexingPolicy":{"compositeIndexes":[1]}}`,
		key + `"indexingPolicy":{"spatialIndexes":[{"path":"/p/*","types":"Point"}]}}`,
		key + `"indexingPolicy":{"includedPaths":{"path":"/*"}}}`, key + `"indexingPolicy":{"indexingMode":9}}`,
		key + `"indexingPolicy":{"indexingMode":true}}`, key + `"geospatialConfig":{"type":7}}`,
		key + `"geospatialConfig":{"type":[]}}`, key + `"vectorEmbeddingPolicy":{"vectorEmbeddings":{}}}`,
	} {
		_, err := parseDefinition([]byte(body))
		refused(t, err, 400, "One of the specified inputs is invalid")
	}
}
