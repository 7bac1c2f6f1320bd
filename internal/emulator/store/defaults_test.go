package store

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// An indexing policy is kept as it was sent, but for what the service fills in and drops.
func TestIndexingPolicyFilledIn(t *testing.T) {
	t.Parallel()
	const etag = `{"path":"/\"_etag\"/?"}`
	for _, test := range []struct{ name, in, want string }{
		{"the etag was excluded", `{"excludedPaths":[` + etag + `,{"path":"/a/*"}],"includedPaths":[{"path":"/*"}]}`,
			`{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"}],` +
				`"excludedPaths":[` + etag + `,{"path":"/a/*"}]}`},
		{"lists that are null", `{"includedPaths":null,"excludedPaths":null,"indexingMode":null,"automatic":null}`,
			defaultIndexing},
		{"only what is excluded", `{"excludedPaths":[{"path":"/"}]}`,
			`{"indexingMode":"consistent","automatic":true,"includedPaths":[],` +
				`"excludedPaths":[{"path":"/*"},` + etag + `]}`},
		{"old indexes of a path", `{"includedPaths":[{"path":"/","indexes":[{"kind":"Range","precision":-1}]},` +
			`{"indexes":[],"path":"/a/?"}]}`,
			`{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"},{"path":"/a/?"}],` +
				`"excludedPaths":[` + etag + `]}`},
		{"other indexes", `{"compositeIndexes":[[{"path":"/a","order":"Descending"},{"path":"/b"}]],` +
			`"spatialIndexes":[],"vectorIndexes":null}`,
			`{"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"}],"excludedPaths":[` + etag +
				`],"compositeIndexes":[[{"path":"/a","order":"descending"},{"path":"/b"}]]}`},
		{"none with paths", `{"indexingMode":"none","includedPaths":[{"path":"/*"}],"excludedPaths":[]}`,
			`{"indexingMode":"none","automatic":false,"includedPaths":[{"path":"/*"}]}`},
		{"none by number", `{"indexingMode":2,"automatic":true}`, `{"indexingMode":"none","automatic":true}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			def, err := parseDefinition([]byte(`{"id":"c",` + keyed + `,"indexingPolicy":` + test.in + `}`))
			require.NoError(t, err)
			require.Equal(t, test.want, string(value.AppendJSON(nil, def.source.Get("indexingPolicy"))))
		})
	}
	for _, bad := range []string{`{"indexingMode":5}`, `{"indexingMode":true}`, `{"includedPaths":"/*"}`,
		`{"excludedPaths":{"path":"/*"}}`, `{"includedPaths":["/*"]}`, `{"compositeIndexes":[{"path":"/a"}]}`,
		`"none"`} {
		_, err := parseDefinition([]byte(`{"id":"c",` + keyed + `,"indexingPolicy":` + bad + `}`))
		refused(t, err, 400, "")
	}
}

// The members of a container stand in the order in which the service writes them, whatever that they were sent in; what
// it does not know, and what SDKs send as null since nobody has set it, is dropped.
func TestMembersOfAContainer(t *testing.T) {
	t.Parallel()
	c := newTestContainer(t, 1, `,"geospatialConfig":null,"uniqueKeyPolicy":{"uniqueKeys":[]},"mine":1,"defaultTtl":7,`+
		`"conflictResolutionPolicy":null,"changeFeedPolicy":null,"computedProperties":null,"analyticalStorageTtl":-1`)
	var names []string
	for m := range c.Resource().Value().Members() {
		names = append(names, m.Name)
	}
	require.Equal(t, []string{"id", "indexingPolicy", "partitionKey", "defaultTtl", "uniqueKeyPolicy",
		"conflictResolutionPolicy", "geospatialConfig", "analyticalStorageTtl"}, names[:8])
	require.Equal(t, "_rid", names[8])
	require.Equal(t, defaultConflict,
		string(value.AppendJSON(nil, c.Resource().Value().Get("conflictResolutionPolicy"))))
}

// Clients read a container, change something and put it back: what was filled in is taken as it is, and nothing is
// filled in twice.
func TestDefinitionPutBack(t *testing.T) {
	t.Parallel()
	for _, more := range []string{
		"",
		`,"defaultTtl":-1,"indexingPolicy":{"indexingMode":"Lazy"}`,
		`,"indexingPolicy":{"indexingMode":"none"}`,
		`,"indexingPolicy":{"excludedPaths":[{"path":"/*"}],"includedPaths":[{"path":"/a/\"b c\"/?"}]}`,
		`,"indexingPolicy":{"compositeIndexes":[[{"path":"/a"},{"path":"/b","order":1}]],` +
			`"spatialIndexes":[{"path":"/p/*","types":[0,"polygon"]}]}`,
		`,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/a","/b/c"]}]},"changeFeedPolicy":{"retentionDuration":5}`,
		`,"conflictResolutionPolicy":{"mode":1,"conflictResolutionProcedure":"dbs/d/colls/c/sprocs/s"}`,
		`,"computedProperties":[{"name":"x","query":"SELECT VALUE LOWER(c.a) FROM c"}]`,
		vectors("/v", 8, "QuantizedFlat"),
		`,"fullTextPolicy":{"defaultLanguage":"en-US","fullTextPaths":[{"path":"/t","language":"en-US"}]},` +
			`"indexingPolicy":{"fullTextIndexes":[{"path":"/t"}]}`,
	} {
		c := newTestContainer(t, 1, more)
		first := string(value.AppendJSON(nil, c.Definition().source))
		for range 2 {
			_, err := c.Replace(c.Resource().JSON(), c.Resource().ETag())
			require.NoError(t, err, more)
			var kept []value.Member
			for m := range c.Definition().source.Members() {
				if !isSystem(m.Name) {
					kept = append(kept, m)
				}
			}
			require.Equal(t, first, string(value.AppendJSON(nil, value.Object(kept))))
		}
	}
}
