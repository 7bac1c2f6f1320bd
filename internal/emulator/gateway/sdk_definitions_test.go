package gateway_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	sdkVectors = `"vectorEmbeddingPolicy":{"vectorEmbeddings":[{"path":"/v","dataType":"float32","dimensions":256,` +
		`"distanceFunction":"cosine"}]}`
	sdkTexts = `"fullTextPolicy":{"defaultLanguage":"en-US","fullTextPaths":[{"path":"/t","language":"en-US"}]}`
)

// Definitions are taken as the SDKs of other languages write them, and answered in the service's spelling.
func TestDefinitionsAsOthersWriteThem(t *testing.T) {
	t.Parallel()
	const key = `"partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}`
	for name, test := range map[string]struct{ in, has string }{
		"version by name": {`"partitionKey":{"paths":["/a","/b"],"kind":"MultiHash","version":"V2"}`,
			`"version":2`},
		"version 1 by name":     {`"partitionKey":{"paths":["/pk"],"kind":"Hash","version":"V1"}`, `"version":1`},
		"version as text":       {`"partitionKey":{"paths":["/pk"],"kind":"Hash","version":"2"}`, `"version":2`},
		"kind in small letters": {`"partitionKey":{"paths":["/pk"],"kind":"hash","version":2}`, `"kind":"Hash"`},
		"kind in capitals": {`"partitionKey":{"paths":["/a","/b"],"kind":"MULTIHASH","version":2}`,
			`"kind":"MultiHash"`},
		"indexing mode": {key + `,"indexingPolicy":{"indexingMode":"CONSISTENT"}`,
			`"indexingMode":"consistent"`},
		"indexing mode lazy": {key + `,"indexingPolicy":{"indexingMode":"lazy","includedPaths":[{"path":"/*"}]}`,
			`"indexingMode":"consistent"`},
		"indexing mode by number": {key + `,"indexingPolicy":{"indexingMode":0}`, `"indexingMode":"consistent"`},
		"order of a composite": {key +
			`,"indexingPolicy":{"compositeIndexes":[[{"path":"/a","order":"Ascending"},` +
			`{"path":"/b","order":"DESCENDING"}]]}`, `"order":"descending"`},
		"spatial shapes": {key +
			`,"indexingPolicy":{"spatialIndexes":[{"path":"/p/*","types":["point","POLYGON"]}]}`, `"Polygon"`},
		"conflict mode": {key +
			`,"conflictResolutionPolicy":{"mode":"lastwriterwins","conflictResolutionPath":"/n"}`,
			`"mode":"LastWriterWins"`},
		"kind of geometry": {key + `,"geospatialConfig":{"type":"geography"}`, `"type":"Geography"`},
		"vectors": {key + `,` +
			strings.NewReplacer("float32", "Float32", "cosine", "COSINE").Replace(sdkVectors), `"dimensions":256`},
		"vector index": {key + `,` + sdkVectors +
			`,"indexingPolicy":{"vectorIndexes":[{"path":"/v","type":"DiskANN"}]}`, `"vectorIndexes"`},
		"time to live null": {key + `,"defaultTtl":null`, `"id":"x"`},
		"policies null": {key +
			`,"uniqueKeyPolicy":null,"computedProperties":null,"vectorEmbeddingPolicy":null,"fullTextPolicy":null`,
			`"id":"x"`},
		"members that are unknown": {key + `,"_self":null,"createMode":"default"`, `"id":"x"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			s.do("POST", "/dbs", nil, h{"id": "d"}).want(t, 201)
			for range 2 { // as it is written, and as it comes back
				a := s.do("POST", "/dbs/d/colls", nil, `{"id":"x",`+test.in+`}`).want(t, 201)
				require.Contains(t, a.body, test.has)
				require.Equal(t, a.body, s.do("GET", "/dbs/d/colls/x", nil, nil).want(t, 200).body)
				b := s.do("PUT", "/dbs/d/colls/x", nil, a.body).want(t, 200)
				require.Equal(t, a.get("indexingPolicy"), b.get("indexingPolicy"))
				s.do("DELETE", "/dbs/d/colls/x", nil, nil).want(t, 204)
			}
		})
	}
}

// Settings that contradict each other, or that there are not, are refused in the service's words: on create and, where
// a container may get them later, on replace.
func TestDefinitionsThatDoNotHold(t *testing.T) {
	t.Parallel()
	index := func(of string) string {
		return sdkVectors + `,"indexingPolicy":{"vectorIndexes":[{"path":"/v",` + of + `}]}`
	}
	const invalidInput = "One of the specified inputs is invalid"
	text := func(of string) string { return sdkTexts + `,"indexingPolicy":{"fullTextIndexes":[` + of + `]}` }
	for name, test := range map[string]struct{ in, has string }{
		"index type":                  {index(`"type":"notFlat"`), "Index Type::notFlat is invalid"},
		"index type that is a number": {index(`"type":5`), ""},
		"index without a type":        {index(`"quantizationByteSize":5`), ""},
		"quantization of 0": {index(`"type":"quantizedFlat","quantizationByteSize":0`),
			"QuantizationByteSize value :: 0 is out of range. The allowed range is between 1 and 256."},
		"quantization of 257": {index(`"type":"diskANN","quantizationByteSize":257`),
			"QuantizationByteSize value :: 257 is out of range. The allowed range is between 1 and 256."},
		"quantization below 0":        {index(`"type":"diskANN","quantizationByteSize":-1`), "is out of range"},
		"quantization that is a text": {index(`"type":"diskANN","quantizationByteSize":"5"`), invalidInput},
		"search list of 5": {index(`"type":"diskANN","indexingSearchListSize":5`),
			"IndexingSearchListSize value :: 5 is out of range. The allowed range is between 25 and 500."},
		"search list of 24": {index(`"type":"diskANN","indexingSearchListSize":24`),
			"IndexingSearchListSize value :: 24 is out of range."},
		"search list of 501": {index(`"type":"diskANN","indexingSearchListSize":501`),
			"IndexingSearchListSize value :: 501 is out of range."},
		"shard key without a slash": {index(`"type":"diskANN","vectorIndexShardKey":["country"]`),
			"The Vector Indexing Policy has an invalid Shard Path: country."},
		"shard key that is empty": {index(`"type":"diskANN","vectorIndexShardKey":[""]`),
			"has an invalid Shard Path"},
		"two shard paths": {index(`"type":"diskANN","vectorIndexShardKey":["/a","/b"]`),
			"The number of shard paths defined in the Vector Indexing Policy: 2 exceeds the maximum: 1."},
		"three shard paths": {index(`"type":"diskANN","vectorIndexShardKey":["/a","/b","/c"]`),
			"The number of shard paths defined in the Vector Indexing Policy: 3 exceeds the maximum: 1."},
		"shard key that is a text": {index(`"type":"diskANN","vectorIndexShardKey":"/country"`), invalidInput},
		"shard key of numbers":     {index(`"type":"diskANN","vectorIndexShardKey":[1]`), invalidInput},
		"index of no embedding": {sdkVectors +
			`,"indexingPolicy":{"vectorIndexes":[{"path":"/w","type":"flat"}]}`,
			"The Vector Indexing Policy's path::/w not matching in Embedding's path."},
		"the embedding is gone": {`"indexingPolicy":{"vectorIndexes":[{"path":"/v","type":"flat"}]}`,
			"The Vector Indexing Policy's path::/v not matching in Embedding's path."},
		"embeddings that are an object": {`"vectorEmbeddingPolicy":{"vectorEmbeddings":{}}`, invalidInput},
		"text path without a slash":     {strings.Replace(sdkTexts, `"/t"`, `"abstract"`, 1), "invalid path"},
		"text path that is empty":       {strings.Replace(sdkTexts, `"/t"`, `""`, 1), "invalid path"},
		"text index without a slash":    {text(`{"path":"abstract"}`), ""},
		"text index without a path":     {text(`{}`), ""},
		"text index of another path":    {text(`{"path":"/u"}`), "not matching in the Full Text Policy"},
		"language that there is not": {strings.Replace(sdkTexts, `"language":"en-US"`, `"language":"spa-SPA"`, 1),
			"unsupported language spa-SPA"},
		"language that is a number": {strings.Replace(sdkTexts, `"defaultLanguage":"en-US"`,
			`"defaultLanguage":5`, 1), invalidInput},
		"computed properties": {`"computedProperties":{"name":"x","query":"SELECT VALUE LOWER(c.a) FROM c"}`,
			invalidInput},
		"a computed property of number": {`"computedProperties":[5]`, invalidInput},
		"time to live":                  {`"defaultTtl":"x"`, invalidInput},
		"time to live with a fraction":  {`"defaultTtl":1.5`, ""},
		"policy that is a number":       {`"indexingPolicy":5`, invalidInput},
		"paths that are a text":         {`"indexingPolicy":{"includedPaths":"/*"}`, invalidInput},
		"unique keys that are a text":   {`"uniqueKeyPolicy":{"uniqueKeys":"/a"}`, invalidInput},
		"change feed policy":            {`"changeFeedPolicy":5`, invalidInput},
		"a secondary index of no source": {
			`"materializedViewDefinition":{"sourceCollectionId":"nowhere","definition":"SELECT c.id FROM c"}`, ""},
		"a secondary index of a number": {`"globalSecondaryIndexDefinition":5`, invalidInput},
		"a secondary index of a sum": {
			`"globalSecondaryIndexDefinition":{"sourceCollectionId":"c","definition":"SELECT SUM(c.n) FROM c"}`,
			"global secondary index"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sdkServer(t)
			const key = `"partitionKey":{"paths":["/pk"],"kind":"Hash","version":2}`
			for verb, a := range map[string]answer{
				"POST": s.do("POST", "/dbs/d/colls", nil, `{"id":"x",`+key+`,`+test.in+`}`),
				"PUT":  s.do("PUT", "/dbs/d/colls/c", nil, `{"id":"c",`+key+`,`+test.in+`}`),
			} {
				if verb == "PUT" && strings.Contains(test.in, "uniqueKeyPolicy") {
					a.status = 400 // 403: unique keys are never changed
				}
				a.want(t, 400)
				require.Contains(t, a.body, test.has, verb)
				for _, word := range []string{"cannot unmarshal", "Go struct", "Go value", "store."} {
					require.NotContains(t, a.body, word, verb)
				}
			}
		})
	}
}

// A body of the wrong form is refused without words of the decoder, whatever resource it is for.
func TestBodiesOfTheWrongForm(t *testing.T) {
	t.Parallel()
	const coll = "/dbs/d/colls/c"
	var cases []sdkCase
	for name, at := range map[string][]string{
		"database": {"POST", "/dbs"}, "container": {"POST", "/dbs/d/colls"}, "replaced container": {"PUT", coll},
		"user":     {"POST", "/dbs/d/users"},
		"document": {"POST", coll + "/docs"}, "replaced document": {"PUT", coll + "/docs/1"},
		"patch":     {"PATCH", coll + "/docs/1"},
		"procedure": {"POST", coll + "/sprocs"}, "trigger": {"POST", coll + "/triggers"},
		"function":       {"POST", coll + "/udfs"},
		"encryption key": {"POST", "/dbs/d/clientencryptionkeys"},
	} {
		for form, body := range map[string]string{
			"number":         `5`,
			"list":           `[1]`,
			"text":           `"x"`,
			"id of a number": `{"id":5}`,
			"nothing":        ``,
			"no JSON":        `{"id":`,
			"null":           `null`,
		} {
			cases = append(cases, sdkCase{name + ": " + form, at[0], at[1], pk("a"), body, 400, "", ""})
		}
	}
	for _, form := range []string{`{"permissionMode":5}`,
		`{"id":"p","permissionMode":"Sometimes","resource":"dbs/d/colls/c"}`,
		`{"id":"p","permissionMode":"All","resource":5}`,
		`{"id":"p","permissionMode":"All","resource":"dbs/d/colls/c","resourcePartitionKey":"a"}`} {
		cases = append(cases, sdkCase{"permission: " + form, "POST", "/dbs/d/users/u/permissions", nil, form, 404,
			"", ""})
	}
	run(t, cases)
}

// Ids have a length, and a container's key a number of levels.
func TestLimitsOfDefinitions(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 256)
	const most, coll = "Ensure to provide a unique non-empty string less than '255' characters.", "/dbs/d/colls/c"
	many := `{"id":"x","partitionKey":{"paths":["/a","/b","/c","/d"],"kind":"MultiHash","version":2}}`
	run(t, []sdkCase{
		{"database", "POST", "/dbs", nil, h{"id": long}, 400, "", most},
		{"database without an id", "POST", "/dbs", nil, h{"id": ""}, 400, "", ""},
		{"container", "POST", "/dbs/d/colls", nil, `{"id":"` + long + `","partitionKey":{"paths":["/pk"]}}`, 400,
			"", most},
		{"user", "POST", "/dbs/d/users", nil, h{"id": long}, 400, "", most},
		{"procedure", "POST", coll + "/sprocs", nil, h{"id": long, "body": "function () {}"}, 400, "", most},
		{"database of 254", "POST", "/dbs", nil, h{"id": long[:254]}, 201, "", ""},
		{"document", "POST", coll + "/docs", pk("a"), h{"id": strings.Repeat("x", 1024), "pk": "a"}, 400, "",
			"less than '1024' characters."},
		{"document of 1023", "POST", coll + "/docs", pk("a"), h{"id": strings.Repeat("x", 1023), "pk": "a"}, 201,
			"", ""},
		{"four levels", "POST", "/dbs/d/colls", nil, many, 400, "", "Too many partition key paths"},
		{"five levels", "POST", "/dbs/d/colls", nil, strings.Replace(many, `"/d"`, `"/d","/e"`, 1), 400, "",
			"Too many partition key paths"},
		{"two of a plain hash", "POST", "/dbs/d/colls", nil,
			`{"id":"x","partitionKey":{"paths":["/a","/b"],"kind":"Hash","version":2}}`, 400, "",
			"Too many partition key paths"},
		{"no operations", "POST", coll + "/docs", pk("a").and(atomicBatch), "[]", 400, "",
			"Batch request has no operations."},
		{"101 operations", "POST", coll + "/docs", pk("a").and(atomicBatch),
			"[" + strings.Repeat(`{"operationType":"Read","id":"1"},`, 100) + `{"operationType":"Read","id":"1"}]`,
			400, "",
			"Batch request has more operations than what is supported."},
		{"no operations in a bulk", "POST", coll + "/docs", bulk.and(h{"x-ms-documentdb-partitionkeyrangeid": "0"}),
			"[]", 400, "", "Batch request has no operations."},
	})
}
