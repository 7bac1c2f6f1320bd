package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// policies is a container's JSON with these members.
func policies(members string) []byte {
	return []byte(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2},` + members + `}`)
}

// embedding is a vector policy of one path; index are the members of its index beside the path, or "".
func embedding(dataType, distance string, dimensions int, index string) string {
	out := fmt.Sprintf(`"vectorEmbeddingPolicy":{"vectorEmbeddings":[{"path":"/v","dataType":%q,`+
		`"distanceFunction":%q,"dimensions":%d}]}`, dataType, distance, dimensions)
	if index != "" {
		out += `,"indexingPolicy":{"vectorIndexes":[{"path":"/v",` + index + `}]}`
	}
	return out
}

// What the service takes it takes in every spelling, up to the limit that it names.
func TestPoliciesThatAreTaken(t *testing.T) {
	t.Parallel()
	var all []string
	for _, dataType := range []string{"float32", "float16", "int8", "uint8", "FLOAT32"} {
		for _, distance := range []string{"cosine", "dotproduct", "euclidean", "DotProduct"} {
			all = append(all, embedding(dataType, distance, 3, ""))
		}
	}
	all = append(all, embedding("int8", "cosine", 1, ""), embedding("int8", "cosine", 4096, ""))
	for _, index := range []struct {
		dimensions int
		members    string
	}{
		{505, `"type":"flat"`}, {506, `"type":"quantizedFlat"`}, {4096, `"type":"diskANN"`}, {8, `"type":"DISKANN"`},
		{256, `"type":"diskANN","quantizationByteSize":1`}, {256, `"type":"diskANN","quantizationByteSize":256`},
		{4096, `"type":"quantizedFlat","quantizationByteSize":512`},
		{8, `"type":"diskANN","indexingSearchListSize":25`}, {8, `"type":"diskANN","indexingSearchListSize":500`},
		{8, `"type":"diskANN","vectorIndexShardKey":["/country"]`}, {8, `"type":"diskANN","vectorIndexShardKey":[]`},
	} {
		all = append(all, embedding("float32", "cosine", index.dimensions, index.members))
	}
	for _, language := range languages {
		all = append(all, fmt.Sprintf(`"fullTextPolicy":{"defaultLanguage":%[1]q,"fullTextPaths":`+
			`[{"path":"/t","language":%[1]q},{"path":"/u"}]},"indexingPolicy":{"fullTextIndexes":[{"path":"/u"}]}`,
			language))
	}
	for _, shape := range append([]string{"point"}, shapes...) {
		all = append(all, fmt.Sprintf(
			`"indexingPolicy":{"spatialIndexes":[{"path":"/p/*","types":["Point",%q],"boundingBox":null}]}`, shape))
	}
	all = append(all,
		`"fullTextPolicy":{"fullTextPaths":[]}`,
		`"geospatialConfig":{"type":"geometry"},"indexingPolicy":{"spatialIndexes":[{"path":"/p/*","types":["Point"],`+
			`"boundingBox":{"xmin":0,"ymin":0,"xmax":9,"ymax":9}}]}`,
		`"geospatialConfig":{"type":"GEOGRAPHY"}`,
		`"conflictResolutionPolicy":{"mode":"lastwriterwins","conflictResolutionPath":"/a/b"}`,
		`"conflictResolutionPolicy":{"mode":"custom","conflictResolutionProcedure":"dbs/d/colls/c/sprocs/s"}`)
	for _, members := range all {
		_, err := parseDefinition(policies(members))
		require.NoError(t, err, members)
	}
}

// What is refused although a part of it would do: of several paths or indexes the last one counts as the first.
func TestPoliciesThatAreRefusedAtTheirEnd(t *testing.T) {
	t.Parallel()
	const good = `{"path":"/v","dataType":"float32","distanceFunction":"cosine","dimensions":600}`
	vectors := func(embeddings, indexes string) string {
		return `"vectorEmbeddingPolicy":{"vectorEmbeddings":[` + embeddings + `]},"indexingPolicy":{"vectorIndexes":[` +
			indexes + `]}`
	}
	for _, test := range []struct{ name, members, want string }{
		{"the second vector",
			vectors(good+`,{"path":"/w","dataType":"int4","distanceFunction":"cosine","dimensions":3}`, ""),
			"invalid DataType:int4"},
		{"vectors of fewer than none",
			vectors(`{"path":"/w","dataType":"int8","distanceFunction":"cosine","dimensions":-1}`, ""),
			"Dimensions:-1 which is less than the minimum supported value 1"},
		{"the second index", vectors(good, `{"path":"/v","type":"diskANN"},{"path":"/w","type":"diskANN"}`),
			"path::/w not matching in Embedding's path"},
		{"a flat index in capitals", vectors(good, `{"path":"/v","type":"FLAT"}`),
			"Dimensions:600 which is more than the maximum supported value 505"},
		{"quantization of more bytes than any vector", vectors(good,
			`{"path":"/v","type":"diskANN","quantizationByteSize":513}`), "between 1 and 512"},
		{"quantization of more bytes than this vector",
			embedding("int8", "cosine", 8, `"type":"diskANN","quantizationByteSize":9`), "between 1 and 8"},
		{"a search list below the least", vectors(good, `{"path":"/v","type":"diskANN","indexingSearchListSize":24}`),
			"value :: 24 is out of range"},
		{"a search list above the most", vectors(good, `{"path":"/v","type":"diskANN","indexingSearchListSize":501}`),
			"value :: 501 is out of range"},
		{"two shard keys", vectors(good, `{"path":"/v","type":"diskANN","vectorIndexShardKey":["/a","/b"]}`),
			"2 exceeds the maximum: 1"},
		{"the second text path", `"fullTextPolicy":{"defaultLanguage":"en-US","fullTextPaths":[{"path":"/a"},` +
			`{"path":"/b","language":"en-us"}]}`, "unsupported language en-us. Supported languages are: en-US, fr-FR,"},
		{"an index of text elsewhere", `"fullTextPolicy":{"fullTextPaths":[{"path":"/a"}]},` +
			`"indexingPolicy":{"fullTextIndexes":[{"path":"/a"},{"path":"/b"}]}`, "path::/b is not matching"},
		{"an index of text without a slash", `"fullTextPolicy":{"fullTextPaths":[{"path":"/a"}]},` +
			`"indexingPolicy":{"fullTextIndexes":[{"path":"a"}]}`, "path::a is not matching"},
		{"the second place without a box", `"geospatialConfig":{"type":"Geometry"},` +
			`"indexingPolicy":{"spatialIndexes":[{"path":"/p/*","boundingBox":{"xmin":0}},` +
			`{"path":"/q/*","boundingBox":null}]}`,
			"path '/q/*' needs a boundingBox"},
		{"a resolution path that does not end", `"conflictResolutionPolicy":{"mode":"LastWriterWins",` +
			`"conflictResolutionPath":"/\"score"}`, "must look like /name or /name/name"},
		{"a resolution path without a name", `"conflictResolutionPolicy":{"mode":"LastWriterWins",` +
			`"conflictResolutionPath":"/a//b"}`, "The conflict resolution path '/a//b' is invalid"},
		{"a mode that is a number", `"conflictResolutionPolicy":{"mode":7}`, "conflict resolution mode"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseDefinition(policies(test.members))
			refused(t, err, 400, test.want)
		})
	}
}

// What is known of a vector stays when a container is replaced; what was left open may be said, and paths may go.
func TestVectorsStayAsTheyAre(t *testing.T) {
	t.Parallel()
	const disk = `"type":"diskANN"`
	const embeddings, indexes = "existing embedding policy", "existing vector indexing policy"
	before := embedding("float32", "cosine", 64, disk+`,"quantizationByteSize":16,"vectorIndexShardKey":["/a"]`)
	for _, test := range []struct{ name, from, to, want string }{
		{"the data type", before, embedding("int8", "cosine", 64, disk), embeddings},
		{"the distance", before, embedding("float32", "euclidean", 64, disk), embeddings},
		{"the dimensions", before, embedding("float32", "cosine", 65, disk), embeddings},
		{"the quantization", before, strings.Replace(before, "16", "17", 1), indexes},
		{"the shard key", before, strings.Replace(before, "/a", "/b", 1), indexes},
		{"no shard key", before, strings.Replace(before, `["/a"]`, `[]`, 1), indexes},
		{"the kind of index", before, strings.Replace(before, "diskANN", "quantizedFlat", 1), indexes},
		{"the search list", embedding("int8", "cosine", 8, disk+`,"indexingSearchListSize":50`),
			embedding("int8", "cosine", 8, disk+`,"indexingSearchListSize":51`), indexes},
		{"the same in capitals", before, strings.Replace(before, `"cosine"`, `"COSINE"`, 1), ""},
		{"a quantization that is no longer said", before,
			strings.Replace(before, `"quantizationByteSize":16,`, "", 1), ""},
		{"a search list that is said now", before,
			strings.Replace(before, disk, disk+`,"indexingSearchListSize":50`, 1), ""},
		{"an index that is added", embedding("int8", "cosine", 8, ""), embedding("int8", "cosine", 8, disk), ""},
		{"an index that is dropped", embedding("int8", "cosine", 8, disk), embedding("int8", "cosine", 8, ""), ""},
		{"all that is dropped", before, `"defaultTtl":-1`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newTestContainer(t, 1, ","+test.from)
			_, err := c.Replace(policies(test.to), "")
			if test.want != "" {
				refused(t, err, 400, "Paths in "+test.want+" cannot be modified in Collection Replace")
				return
			}
			require.NoError(t, err)
		})
	}
}

// The version with the higher value at the path of resolution wins, whichever was written last, also where the names of
// the path stand in quotes; without a path, or a value there, it is the later one.
func TestPathOfResolution(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ path, early, late, want string }{
		{"/v", `"v":2`, `"v":1`, "early"},
		{"/v", `"v":1`, `"v":1`, "late"},
		{"/o/v", `"o":{"v":2}`, `"o":{"v":1}`, "early"},
		{`/\"my score\"`, `"my score":2`, `"my score":1`, "early"},
		{`/o/\"a/b\"`, `"o":{"a/b":2}`, `"o":{"a/b":1}`, "early"},
		{`/o/\"a/b\"`, `"o":{"a":{"b":2}}`, `"o":{"a":{"b":1}}`, "late"},
		{"/v", `"v":-1`, `"w":1`, "early"},
		{"/v", `"w":2`, `"w":1`, "late"},
		{"", `"v":2`, `"v":1`, "late"},
	} {
		t.Run(test.path+" "+test.early+" "+test.late, func(t *testing.T) {
			t.Parallel()
			g := newGlobe(t, 2, func(o *Options) { o.MultiWrite = true })
			g.policy(`"conflictResolutionPolicy":{"mode":"LastWriterWins",` +
				`"conflictResolutionPath":"` + test.path + `"}`)
			require.NoError(t, g.Pause(-1, -1, true))
			put(t, g.c.In(1), `{"id":"a","pk":"p","by":"early",`+test.early+`}`)
			put(t, g.c.In(0), `{"id":"a","pk":"p","by":"late",`+test.late+`}`)
			require.NoError(t, g.Pause(-1, -1, false))
			for region := range 2 {
				it, _, err := g.c.In(region).Read(epkOf(g.c, "p"), "a")
				require.NoError(t, err)
				require.Equal(t, test.want, it.Value().Get("by").AsString(), "region %d", region)
			}
		})
	}
}
