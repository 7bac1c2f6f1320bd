package store

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// refused checks that err is a refusal with a status and a text.
func refused(t testing.TB, err error, status int, text string) {
	t.Helper()
	var refusal *Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, status, refusal.Status, refusal.Message)
	require.Contains(t, refusal.Message, text)
}

func TestDefinitionRefused(t *testing.T) {
	t.Parallel()
	const key = `"partitionKey":{"paths":["/pk"]}`
	many := func(n int, element string) string {
		return "[" + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + "]"
	}
	vectors := func(one string) string { return `"vectorEmbeddingPolicy":{"vectorEmbeddings":[{"path":` + one + `}]}` }
	indexed := func(query string) string { return `{"id":"c",` + key + `,` + secondary(query) + `}` }
	for _, test := range []struct{ name, body, want string }{
		{"no JSON", `{`, "request payload is invalid"},
		{"no object", `[]`, "request payload is invalid"},
		{"no id", `{` + key + `}`, "'id; '"},
		{"bad id", `{"id":"a/b",` + key + `}`, "invalid character"},
		{"no key", `{"id":"c"}`, "must be specified"},
		{"key of another type", `{"id":"c","partitionKey":5}`, "inputs is invalid"},
		{"paths of another type", `{"id":"c","partitionKey":{"paths":"/pk"}}`, "inputs is invalid"},
		{"empty path", `{"id":"c","partitionKey":{"paths":["/"]}}`, "could not be accepted"},
		{"open quote", `{"id":"c","partitionKey":{"paths":["/\"a"]}}`, "closing quote"},
		{"kind", `{"id":"c","partitionKey":{"paths":["/a"],"kind":"Spatial"}}`, `kind "Spatial"`},
		{"hash of two", `{"id":"c","partitionKey":{"paths":["/a","/b"],"kind":"Hash"}}`,
			"Too many partition key paths"},
		{"version", `{"id":"c","partitionKey":{"paths":["/a"],"version":3}}`, "version 3"},
		{"levels", `{"id":"c","partitionKey":{"paths":["/a","/b","/c","/d"],"kind":"MultiHash","version":2}}`,
			"Too many partition key paths"},
		{"hierarchy without version",
			`{"id":"c","partitionKey":{"paths":["/a","/b"],"kind":"MultiHash"}}`, "version 2"},
		{"one path twice", `{"id":"c","partitionKey":{"paths":["/a","/a"],"kind":"MultiHash","version":2}}`,
			"must differ"},
		{"vector path", `{"id":"c",` + key + `,` +
			vectors(`"v","dataType":"float32","distanceFunction":"cosine","dimensions":3`) + `}`, "invalid path:v"},
		{"vector type", `{"id":"c",` +
			key + `,` + vectors(`"/v","dataType":"double","distanceFunction":"cosine","dimensions":3`) + `}`,
			"invalid DataType:double"},
		{"vector distance", `{"id":"c",` +
			key + `,` + vectors(`"/v","dataType":"int8","distanceFunction":"hamming","dimensions":3`) + `}`,
			"invalid DistanceFunction:hamming"},
		{"vector of none", `{"id":"c",` + key + `,` + vectors(`"/v","dataType":"int8","distanceFunction":"euclidean"`) +
			`}`, "Dimensions:0 which is less"},
		{"vector too long", `{"id":"c",` +
			key + `,` + vectors(`"/v","dataType":"int8","distanceFunction":"dotproduct","dimensions":4097`) + `}`,
			"Dimensions:4097 which is more"},
		{"key with a blank", `{"id":"c","partitionKey":{"paths":["/id ds"]}}`, "valid characters"},
		{"key with a wildcard", `{"id":"c","partitionKey":{"paths":["/a/*"]}}`, "wildcard"},
		{"key without a slash", `{"id":"c","partitionKey":{"paths":["/a","id"],"kind":"MultiHash","version":2}}`,
			"definition path 'id' could not be accepted"},
		{"policy of another type", `{"id":"c",` + key + `,"indexingPolicy":5}`, "inputs is invalid"},
		{"computed properties of another type", `{"id":"c",` + key + `,"computedProperties":{}}`, "inputs is invalid"},
		{"path without a slash", `{"id":"c",` +
			key + `,"indexingPolicy":{"excludedPaths":[{"path":"name/?"}],"includedPaths":[{"path":"/*"}]}}`,
			"begin with a slash"},
		{"path in and out",
			`{"id":"c",` + key + `,"indexingPolicy":{"excludedPaths":[{"path":"/*"}],"includedPaths":[{"path":"/"}]}}`,
			"both included and excluded"},
		{"order of a composite index",
			`{"id":"c",` + key + `,"indexingPolicy":{"compositeIndexes":[[{"path":"/a","order":"up"},{"path":"/b"}]]}}`,
			"order 'up'"},
		{"flat geometry without a box", `{"id":"c",` + key +
			`,"geospatialConfig":{"type":"Geometry"},"indexingPolicy":{"spatialIndexes":[{"path":"/p/*"}]}}`,
			"needs a boundingBox"},
		{"globe with a box",
			`{"id":"c",` + key + `,"indexingPolicy":{"spatialIndexes":[{"path":"/p/*","boundingBox":{"xmin":0}}]}}`,
			"must not have a boundingBox"},
		{"conflict mode", `{"id":"c",` + key + `,"conflictResolutionPolicy":{"mode":"Nope"}}`, "mode 'Nope'"},
		{"spatial shape",
			`{"id":"c",` + key + `,"indexingPolicy":{"spatialIndexes":[{"path":"/p/*","types":["Point","Blob"]}]}}`,
			"One of the specified inputs is invalid"},
		{"geometry", `{"id":"c",` + key + `,"geospatialConfig":{"type":"Flat"}}`,
			"One of the specified inputs is invalid"},
		{"secondary index without a query",
			`{"id":"c",` + key + `,"materializedViewDefinition":{"sourceCollectionId":"s"}}`, "inputs is invalid"},
		{"secondary index of no source",
			`{"id":"c",` + key + `,"globalSecondaryIndexDefinition":{"definition":"SELECT * FROM c"}}`,
			"inputs is invalid"},
		{"secondary index by a text", `{"id":"c",` + key + `,"globalSecondaryIndexDefinition":"SELECT * FROM c"}`,
			"inputs is invalid"},
		{"secondary index with unique keys",
			`{"id":"c",` + key + `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/a"]}]},` +
				secondary("SELECT * FROM c") + `}`, "no unique keys"},
		{"secondary index of no query", indexed("SELEC"), "not a query"},
		{"secondary index with a condition", indexed("SELECT c.a FROM c WHERE c.a > 1"), "nothing else"},
		{"secondary index with an alias", indexed("SELECT c.a AS b FROM c"), "nothing else"},
		{"secondary index of two levels", indexed("SELECT c.a.b FROM c"), "nothing else"},
		{"secondary index of an aggregate", indexed("SELECT COUNT(1) FROM c"), "nothing else"},
		{"secondary index of a function", indexed("SELECT LOWER(c.a) FROM c"), "nothing else"},
		{"secondary index with a join", indexed("SELECT c.a FROM c JOIN t IN c.t"), "nothing else"},
		{"secondary index in an order", indexed("SELECT c.a FROM c ORDER BY c.a"), "nothing else"},
		{"secondary index of distinct values", indexed("SELECT DISTINCT c.a FROM c"), "nothing else"},
		{"secondary index of some", indexed("SELECT TOP 1 c.a FROM c"), "nothing else"},
		{"secondary index of values", indexed("SELECT VALUE c.a FROM c"), "nothing else"},
		{"secondary index of elements", indexed("SELECT c.a FROM c IN c.list"), "nothing else"},
		{"secondary index of another name", indexed("SELECT d.a FROM c"), "global secondary index"},
		{"secondary index defined twice",
			`{"id":"c",` + key + `,` + secondary("SELECT c.a FROM c") +
				`,"materializedViewDefinition":{"sourceCollectionId":"s","definition":"SELECT c.b FROM c"}}`, "differ"},
		{"language", `{"id":"c",` + key + `,"fullTextPolicy":{"defaultLanguage":"xx-XX"}}`,
			"unsupported language xx-XX"},
		{"language of a path",
			`{"id":"c",` + key + `,"fullTextPolicy":{"fullTextPaths":[{"path":"/a","language":"spa-SPA"}]}}`,
			"unsupported language spa-SPA"},
		{"text path", `{"id":"c",` + key + `,"fullTextPolicy":{"fullTextPaths":[{"path":"abstract"}]}}`,
			"invalid path: abstract"},
		{"text index without a policy", `{"id":"c",` + key + `,"indexingPolicy":{"fullTextIndexes":[{"path":"/a"}]}}`,
			"not matching in the Full Text Policy"},
		{"vector index without a policy",
			`{"id":"c",` + key + `,"indexingPolicy":{"vectorIndexes":[{"path":"/v","type":"flat"}]}}`,
			"path::/v not matching in Embedding's path"},
		{"vector index type", vectorIndexed(256, `"type":"notFlat"`), "Index Type::notFlat is invalid"},
		{"flat index too long", vectorIndexed(506, `"type":"flat"`), "Dimensions:506"},
		{"quantization of 0", vectorIndexed(256, `"type":"quantizedFlat","quantizationByteSize":0`),
			"QuantizationByteSize value :: 0 is out of range. The allowed range is between 1 and 256."},
		{"quantization of 513", vectorIndexed(550, `"type":"diskANN","quantizationByteSize":513`), "between 1 and 512"},
		{"search list", vectorIndexed(256, `"type":"diskANN","indexingSearchListSize":5`),
			"IndexingSearchListSize value :: 5 is out of range. The allowed range is between 25 and 500."},
		{"shard path", vectorIndexed(256, `"type":"diskANN","vectorIndexShardKey":["country"]`),
			"invalid Shard Path: country."},
		{"shard paths", vectorIndexed(256, `"type":"diskANN","vectorIndexShardKey":["/a","/b","/c"]`),
			"Vector Indexing Policy: 3 exceeds the maximum: 1."},
		{"shard path that is a text", vectorIndexed(256, `"type":"diskANN","vectorIndexShardKey":"/a"`),
			"inputs is invalid"},
		{"indexing mode", `{"id":"c",` + key + `,"indexingPolicy":{"indexingMode":"x"}}`, `indexing mode "x"`},
		{"no root path", `{"id":"c",` + key + `,"indexingPolicy":{"includedPaths":[{"path":"/a/*"}]}}`,
			"mandatory indexing path"},
		{"many paths", `{"id":"c",` + key + `,"indexingPolicy":{"includedPaths":` + many(1501, `{"path":"/*"}`) + `}}`,
			"more paths than"},
		{"composite of one", `{"id":"c",` + key + `,"indexingPolicy":{"compositeIndexes":[` + many(1, `{"path":"/a"}`) +
			`]}}`, "2 to 8 paths, not 1"},
		{"composite of nine", `{"id":"c",` + key + `,"indexingPolicy":{"compositeIndexes":[` +
			many(9, `{"path":"/a"}`) + `]}}`, "2 to 8 paths, not 9"},
		{"ttl 0", `{"id":"c",` + key + `,"defaultTtl":0}`, "defaultTtl"},
		{"ttl -2", `{"id":"c",` + key + `,"defaultTtl":-2}`, "defaultTtl"},
		{"ttl beyond", `{"id":"c",` + key + `,"defaultTtl":2147483648}`, "defaultTtl"},
		{"ttl of text", `{"id":"c",` + key + `,"defaultTtl":"1"}`, "inputs is invalid"},
		{"eleven unique keys",
			`{"id":"c",` + key + `,"uniqueKeyPolicy":{"uniqueKeys":` + many(11, `{"paths":["/a"]}`) + `}}`,
			"limit is 10"},
		{"unique key of 17", `{"id":"c",` + key + `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":` + many(17, `"/a"`) +
			`}]}}`, "1 to 16 paths, not 17"},
		{"unique key path", `{"id":"c",` + key + `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["a"]}]}}`,
			"unique key policy is invalid"},
		{"computed id", `{"id":"c",` + key + `,"computedProperties":[{"name":"id","query":"x"}]}`, `name "id"`},
		{"computed _ts", `{"id":"c",` + key + `,"computedProperties":[{"name":"_ts","query":"x"}]}`, `name "_ts"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseDefinition([]byte(test.body))
			refused(t, err, 400, test.want)
		})
	}
}

// secondary is a definition's member for a global secondary index.
func secondary(query string) string {
	return fmt.Sprintf(`"globalSecondaryIndexDefinition":{"sourceCollectionId":"s","definition":%q}`, query)
}

// vectorIndexed is a container with a vector of so many dimensions and an index on it.
func vectorIndexed(dimensions int, index string) string {
	return fmt.Sprintf(`{"id":"c","partitionKey":{"paths":["/pk"]},"vectorEmbeddingPolicy":{"vectorEmbeddings":[
		{"path":"/v","dataType":"float32","distanceFunction":"cosine","dimensions":%d}]},
		"indexingPolicy":{"vectorIndexes":[{"path":"/v",%s}]}}`, dimensions, index)
}

// The cross-checks of policies hold on replace, too.
func TestReplaceKeepsPoliciesTogether(t *testing.T) {
	t.Parallel()
	a := NewAccount(Options{})
	d, err := a.CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	c, err := d.CreateContainer([]byte(vectorIndexed(256, `"type":"flat"`)), Throughput{})
	require.NoError(t, err)
	_, err = c.Replace([]byte(
		`{"id":"c","partitionKey":{"paths":["/pk"]},"indexingPolicy":{"vectorIndexes":[{"path":"/v","type":"flat"}]}}`),
		"")
	refused(t, err, 400, "path::/v not matching in Embedding's path")
}

func TestDefinitionDefaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, in, member, want string }{
		{"kind", `"partitionKey":{"paths":["/a"],"version":2}`, "partitionKey",
			`{"paths":["/a"],"version":2,"kind":"Hash"}`},
		{"kind of a hierarchy", `"partitionKey":{"paths":["/a","/b"],"version":2}`, "partitionKey",
			`{"paths":["/a","/b"],"version":2,"kind":"MultiHash"}`},
		{"kind given", `"partitionKey":{"kind":"Hash","paths":["/a"]}`, "partitionKey",
			`{"kind":"Hash","paths":["/a"]}`},
		{"no policy", ``, "indexingPolicy", defaultIndexing},
		{"policy null", `"indexingPolicy":null`, "indexingPolicy", defaultIndexing},
		{"policy empty", `"indexingPolicy":{}`, "indexingPolicy", defaultIndexing},
		{"mode in capitals", `"indexingPolicy":{"indexingMode":"Consistent"}`, "indexingPolicy",
			`{"automatic":true,"includedPaths":[{"path":"/*"}],"excludedPaths":[{"path":"/\"_etag\"/?"}],` +
				`"indexingMode":"consistent"}`},
		{"automatic beside an index", `"indexingPolicy":{"automatic":false}`, "indexingPolicy", defaultIndexing},
		{"mode lazy",
			`"indexingPolicy":{"indexingMode":"Lazy","includedPaths":[{"path":"/","indexes":[{"kind":"Range"}]}]}`,
			"indexingPolicy", defaultIndexing},
		{"mode none", `"indexingPolicy":{"indexingMode":"None"}`, "indexingPolicy",
			`{"automatic":false,"indexingMode":"none"}`},
		{"the etag is excluded", `"indexingPolicy":{"includedPaths":[{"path":"/a/?"}],"excludedPaths":[{"path":"/*"}]}`,
			"indexingPolicy",
			`{"includedPaths":[{"path":"/a/?"}],"excludedPaths":[{"path":"/*"},` +
				`{"path":"/\"_etag\"/?"}],"indexingMode":"consistent","automatic":true}`},
		{"as other languages write it", `"partitionKey":{"kind":"multihash","version":"V2","paths":["/a"]}`,
			"partitionKey", `{"kind":"MultiHash","version":2,"paths":["/a"]}`},
		{"by number", `"partitionKey":{"kind":0,"version":"1","paths":["/a"]}`, "partitionKey",
			`{"kind":"Hash","version":1,"paths":["/a"]}`},
		{"conflicts", ``, "conflictResolutionPolicy", defaultConflict},
		{"geometry given", `"geospatialConfig":{"type":"Geometry"}`, "geospatialConfig", `{"type":"Geometry"}`},
		{"unknown members", `"mine":{"a":[1]}`, "mine", ``},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			members := []string{`"id":"c"`}
			if !strings.Contains(test.in, "partitionKey") {
				members = append(members, `"partitionKey":{"paths":["/pk"]}`)
			}
			if test.in != "" {
				members = append(members, test.in)
			}
			def, err := parseDefinition([]byte("{" + strings.Join(members, ",") + "}"))
			require.NoError(t, err)
			member := def.source.Get(test.member)
			if test.want == "" {
				require.False(t, member.IsDefined())
				return
			}
			require.JSONEq(t, test.want, string(value.AppendJSON(nil, member)))
		})
	}
}

func TestReplaceContainer(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, from, to, want string }{
		{"nothing", ``, ``, ""},
		{"time to live", ``, `,"defaultTtl":5`, ""},
		{"indexing", ``, `,"indexingPolicy":{"indexingMode":"none"}`, ""},
		{"computed properties", ``, `,"computedProperties":[{"name":"x","query":"SELECT VALUE c.a FROM c"}]`, ""},
		{"same unique keys", `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/a"]}]}`,
			`,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/a"]}]}`, ""},
		{"other unique keys", `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/a"]}]}`,
			`,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/b"]}]}`, "unique index cannot be modified"},
		{"fewer unique keys", `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/a"]}]}`, ``,
			"unique index cannot be modified"},
		{"conflicts", ``, `,"conflictResolutionPolicy":{"mode":"Custom"}`, "conflict resolution policy"},
		{"same vectors", vectors("/v", 8, "flat"),
			strings.Replace(vectors("/v", 8, "FLAT"), "float32", "Float32", 1), ""},
		{"other vectors", vectors("/v", 8, "flat"), vectors("/w", 16, "diskANN"), ""},
		{"other index", vectors("/v", 8, "flat"), vectors("/v", 8, "quantizedFlat"),
			"Paths in existing vector indexing policy cannot be modified in Collection Replace"},
		{"other dimensions", vectors("/v", 8, "flat"), vectors("/v", 16, "flat"),
			"Paths in existing embedding policy cannot be modified in Collection Replace"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newTestContainer(t, 1, test.from)
			old := c.Resource()
			body := []byte(`{"id":"c","partitionKey":{"paths":["/pk"],"version":2}` + test.to + `}`)
			r, err := c.Replace(body, old.ETag())
			if test.want != "" {
				status := 400
				if strings.Contains(test.name, "unique") {
					status = 403
				}
				refused(t, err, status, test.want)
				require.Same(t, old, c.Resource())
				return
			}
			require.NoError(t, err)
			require.Same(t, r, c.Resource())
			require.Equal(t, old.RID(), r.RID())
			require.NotEqual(t, old.ETag(), r.ETag())
			_, err = c.Replace(body, old.ETag())
			refused(t, err, 412, "precondition")
			_, err = c.Replace(body, "*")
			require.NoError(t, err)
		})
	}
	c := newTestContainer(t, 1, "")
	for _, key := range []string{`{"paths":["/other"],"version":2}`, `{"paths":["/pk"]}`,
		`{"paths":["/pk"],"kind":"MultiHash","version":2}`} {
		_, err := c.Replace([]byte(`{"id":"c","partitionKey":`+key+`}`), "")
		refused(t, err, 400, "partition key cannot be changed")
	}
	_, err := c.Replace([]byte(`{"id":"x","partitionKey":{"paths":["/pk"],"version":2}}`), "")
	refused(t, err, 400, "id of a container")
}

// vectors is a definition's members for vectors at a path.
func vectors(path string, dimensions int, index string) string {
	return fmt.Sprintf(`,"vectorEmbeddingPolicy":{"vectorEmbeddings":[{"path":%q,"dataType":"float32",`+
		`"dimensions":%d,"distanceFunction":"cosine"}]},`+
		`"indexingPolicy":{"vectorIndexes":[{"path":%q,"type":%q}]}`, path, dimensions, path, index)
}

func TestResourceJSON(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, `,"_ts":1,"_docs":"mine","x":1`)
	var names []string
	for m := range c.Resource().Value().Members() {
		names = append(names, m.Name)
	}
	require.Equal(t, []string{"id", "indexingPolicy", "partitionKey", "conflictResolutionPolicy", "geospatialConfig",
		"_rid", "_ts", "_self", "_etag", "_docs", "_sprocs", "_triggers", "_udfs",
		"_conflicts"}, names, "system properties last, and the server's")
	var seen struct {
		RID, Self, Docs string
		ETag            string `json:"_etag"`
	}
	require.NoError(t, json.Unmarshal(c.Resource().JSON(), &seen))
	require.Equal(t, c.Resource().ETag(), seen.ETag)
	require.Equal(t, fmt.Sprintf("dbs/%s/colls/%s/", c.db.RID(), c.RID()), c.Resource().Self())
	require.Equal(t, "dbs/d/colls/c", c.Path())
}
