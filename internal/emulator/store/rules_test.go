package store

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// repeated are n elements of a JSON list; %d of an element is its number.
func repeated(n int, element string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = strings.ReplaceAll(element, "%d", fmt.Sprint(i))
	}
	return "[" + strings.Join(all, ",") + "]"
}

// Each limit of a definition is reached and not exceeded.
func TestLimitsOfDefinitions(t *testing.T) {
	t.Parallel()
	const key = `"partitionKey":{"paths":["/pk"]}`
	policy := func(members string) string { return key + `,"indexingPolicy":{` + members + `}` }
	rooted := func(n int) string { // so many paths, the last of which is the root
		return strings.TrimSuffix(repeated(n-1, `{"path":"/a%d/?"}`), "]") + `,{"path":"/*"}]`
	}
	hierarchy := func(n int) string {
		return `"partitionKey":{"paths":` + repeated(n, `"/k%d"`) + `,"kind":"MultiHash","version":2}`
	}
	for _, test := range []struct {
		name        string
		within, out string
		want        string
	}{
		{"levels of a key", hierarchy(3), hierarchy(4), "Too many partition key paths"},
		{"version of a key", `"partitionKey":{"paths":["/pk"],"version":2}`,
			`"partitionKey":{"paths":["/pk"],"version":3}`, "version 3 is invalid"},
		{"least version of a key", `"partitionKey":{"paths":["/pk"],"version":1}`,
			`"partitionKey":{"paths":["/pk"],"version":-1}`, "version -1 is invalid"},
		{"unique keys", key + `,"uniqueKeyPolicy":{"uniqueKeys":` + repeated(10, `{"paths":["/u%d"]}`) + `}`,
			key + `,"uniqueKeyPolicy":{"uniqueKeys":` + repeated(11, `{"paths":["/u%d"]}`) + `}`, "11 unique keys"},
		{"paths of a unique key", key + `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":` + repeated(16, `"/u%d"`) + `}]}`,
			key + `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":` + repeated(17, `"/u%d"`) + `}]}`,
			"1 to 16 paths, not 17"},
		{"least paths of a unique key", key + `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/u"]}]}`,
			key + `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":[]}]}`, "1 to 16 paths, not 0"},
		{"included paths", policy(`"includedPaths":` + rooted(1500)), policy(`"includedPaths":` + rooted(1501)),
			"more paths than the limits allow"},
		{"excluded paths", policy(`"excludedPaths":` + rooted(1499)), policy(`"excludedPaths":` + rooted(1501)),
			"more paths than the limits allow"}, // with that of the etag, which the server adds
		{"composite indexes", policy(`"compositeIndexes":` + repeated(100, `[{"path":"/a%d"},{"path":"/b"}]`)),
			policy(`"compositeIndexes":` + repeated(101, `[{"path":"/a%d"},{"path":"/b"}]`)),
			"more paths than the limits"},
		{"paths of a composite index", policy(`"compositeIndexes":[` + repeated(8, `{"path":"/a%d"}`) + `]`),
			policy(`"compositeIndexes":[` + repeated(9, `{"path":"/a%d"}`) + `]`), "2 to 8 paths, not 9"},
		{"least paths of a composite index", policy(`"compositeIndexes":[` + repeated(2, `{"path":"/a%d"}`) + `]`),
			policy(`"compositeIndexes":[` + repeated(1, `{"path":"/a%d"}`) + `]`), "2 to 8 paths, not 1"},
		{"time to live", key + `,"defaultTtl":2147483647`, key + `,"defaultTtl":2147483648`, "not 2147483648"},
		{"least time to live", key + `,"defaultTtl":1`, key + `,"defaultTtl":0`, "not 0"},
		{"no time to live", key + `,"defaultTtl":-1`, key + `,"defaultTtl":-2`, "not -2"},
		{"order by name", policy(`"compositeIndexes":[[{"path":"/a","order":"Descending"},{"path":"/b","order":""}]]`),
			policy(`"compositeIndexes":[[{"path":"/a","order":"desc"},{"path":"/b"}]]`), "order 'desc'"},
		{"computed properties", key + `,"computedProperties":[{"name":"_id","query":"SELECT VALUE 1"}]`,
			key + `,"computedProperties":[{"name":"ok","query":"SELECT VALUE 1"},{"name":"_etag","query":"x"}]`,
			`name "_etag" is invalid`},
		{"paths of a key in quotes", `"partitionKey":{"paths":["/\"a b*\""]}`, `"partitionKey":{"paths":["/a b*"]}`,
			"must contain only valid characters"},
		{"wildcards of a key", `"partitionKey":{"paths":["/a"]}`, `"partitionKey":{"paths":["/a?"]}`,
			"must contain only valid characters"},
		{"root of the index", policy(`"includedPaths":[{"path":"/a/?"}],"excludedPaths":[{"path":"/*"}]`),
			policy(`"includedPaths":[{"path":"/a/?"}],"excludedPaths":[{"path":"/b/*"}]`), "mandatory indexing path"},
		{"paths of an index that is off", policy(`"indexingMode":"none","includedPaths":[{"path":"a"}]`),
			policy(`"includedPaths":[{"path":"a"},{"path":"/*"}]`), "must begin with a slash"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := parseDefinition([]byte(`{"id":"c",` + test.within + `}`))
			require.NoError(t, err)
			_, err = parseDefinition([]byte(`{"id":"c",` + test.out + `}`))
			refused(t, err, 400, test.want)
		})
	}
}

// A unique key policy is replaced by the same one only, path by path and key by key; a partition key may be repeated as
// the client's language writes it.
func TestWhatAReplaceMayRepeat(t *testing.T) {
	t.Parallel()
	const unique = `,"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/a","/b"]},{"paths":["/c"]}]}`
	for _, test := range []struct {
		name, from, to string // key and the rest
		status         int
	}{
		{"as it is", `{"paths":["/k"],"version":2}` + unique, `{"paths":["/k"],"version":2}` + unique, 0},
		{"kind by number", `{"paths":["/k"],"version":2}`, `{"paths":["/k"],"version":"V2","kind":0}`, 0},
		{"kind in capitals", `{"paths":["/k"],"version":2}`, `{"paths":["/k"],"version":2,"kind":"HASH"}`, 0},
		{"version 1 that is not said", `{"paths":["/k"]}`, `{"paths":["/k"],"version":1}`, 0},
		{"version 1 that was said", `{"paths":["/k"],"version":1}`, `{"paths":["/k"]}`, 0},
		{"another version", `{"paths":["/k"]}`, `{"paths":["/k"],"version":2}`, 400},
		{"fewer levels", `{"paths":["/k","/l"],"version":2}`, `{"paths":["/k"],"version":2,"kind":"MultiHash"}`, 400},
		{"levels in another order", `{"paths":["/k","/l"],"version":2}`, `{"paths":["/l","/k"],"version":2}`, 400},
		{"a unique key more", `{"paths":["/k"]}` + unique, `{"paths":["/k"]}` +
			strings.TrimSuffix(unique, "]}") + `,{"paths":["/d"]}]}`, 403},
		{"unique keys at last", `{"paths":["/k"]}`, `{"paths":["/k"]}` + unique, 403},
		{"no unique keys, said", `{"paths":["/k"]}`, `{"paths":["/k"]},"uniqueKeyPolicy":{"uniqueKeys":[]}`, 0},
		{"conflicts, said", `{"paths":["/k"]}`, `{"paths":["/k"]},"conflictResolutionPolicy":` + defaultConflict, 0},
		{"conflicts, by number", `{"paths":["/k"]},"conflictResolutionPolicy":{"mode":"Custom"}`,
			`{"paths":["/k"]},"conflictResolutionPolicy":{"mode":1}`, 0},
		{"conflicts by another path", `{"paths":["/k"]}`,
			`{"paths":["/k"]},"conflictResolutionPolicy":{"mode":"LastWriterWins","conflictResolutionPath":"/v"}`, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := func(definition string) []byte { return []byte(`{"id":"c","partitionKey":` + definition + `}`) }
			d, err := NewAccount(Options{}).CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
			require.NoError(t, err)
			c, err := d.CreateContainer(body(test.from), Throughput{})
			require.NoError(t, err)
			before := c.Definition()
			_, err = c.Replace(body(test.to), "")
			if test.status != 0 {
				refused(t, err, test.status, "cannot be ")
				require.Same(t, before, c.Definition())
				return
			}
			require.NoError(t, err)
			require.Equal(t, before.uniquePaths, c.Definition().uniquePaths)
			require.Equal(t, before.keyPaths, c.Definition().keyPaths)
		})
	}
}
