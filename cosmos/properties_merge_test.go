package cosmos

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// What this version does not know of a container survives reading, changing and replacing it.
func TestPropertiesLoseNothing(t *testing.T) {
	t.Parallel()
	const read = `{"id":"c","partitionKey":{"paths":["/a"],"kind":"Hash","version":2,"future":1},
		"indexingPolicy":{"indexingMode":"consistent","automatic":true,"later":[1],
			"includedPaths":[{"path":"/*","indexes":[{"kind":"Range"}]},{"path":"/x/?","odd":true}],
			"excludedPaths":[{"path":"/\"_etag\"/?"}]},
		"changeFeedPolicy":{"retentionDuration":10,"u":{"v":1}},"defaultTtl":5,
		"unknown":{"x":[1,2]},"_docs":"docs/","_ts":17}`
	load := func(t *testing.T) *ContainerProperties {
		var p ContainerProperties
		require.NoError(t, json.Unmarshal([]byte(read), &p))
		return &p
	}
	tests := []struct {
		name   string
		change func(p *ContainerProperties)
		want   string
	}{
		{"nothing", func(*ContainerProperties) {}, read},
		{"a value", func(p *ContainerProperties) { ttl := 9; p.DefaultTTL = &ttl },
			`{"id":"c","partitionKey":{"paths":["/a"],"kind":"Hash","version":2,"future":1},
			"indexingPolicy":{"indexingMode":"consistent","automatic":true,"later":[1],
				"includedPaths":[{"path":"/*","indexes":[{"kind":"Range"}]},{"path":"/x/?","odd":true}],
				"excludedPaths":[{"path":"/\"_etag\"/?"}]},
			"changeFeedPolicy":{"retentionDuration":10,"u":{"v":1}},"defaultTtl":9,
			"unknown":{"x":[1,2]},"_docs":"docs/","_ts":17}`},
		{"removed, added, moved, edited", func(p *ContainerProperties) {
			p.DefaultTTL = nil
			p.UniqueKeyPolicy = &UniqueKeyPolicy{UniqueKeys: []UniqueKey{{Paths: []string{"/u"}}}}
			p.ChangeFeedPolicy.RetentionMinutes = 20
			in := p.IndexingPolicy.IncludedPaths
			p.IndexingPolicy.IncludedPaths = []IndexedPath{in[1], {Path: "/new/?"}, in[0]}
		}, `{"id":"c","partitionKey":{"paths":["/a"],"kind":"Hash","version":2,"future":1},
			"indexingPolicy":{"indexingMode":"consistent","automatic":true,"later":[1],
				"includedPaths":[{"path":"/x/?","odd":true},{"path":"/new/?"},
					{"path":"/*","indexes":[{"kind":"Range"}]}],
				"excludedPaths":[{"path":"/\"_etag\"/?"}]},
			"changeFeedPolicy":{"retentionDuration":20,"u":{"v":1}},"unknown":{"x":[1,2]},"_docs":"docs/","_ts":17,
			"uniqueKeyPolicy":{"uniqueKeys":[{"paths":["/u"]}]}}`},
		{"an element edited in its place",
			func(p *ContainerProperties) { p.IndexingPolicy.IncludedPaths[1].Path = "/y/?" },
			`{"id":"c","partitionKey":{"paths":["/a"],"kind":"Hash","version":2,"future":1},
			"indexingPolicy":{"indexingMode":"consistent","automatic":true,"later":[1],
				"includedPaths":[{"path":"/*","indexes":[{"kind":"Range"}]},{"path":"/y/?","odd":true}],
				"excludedPaths":[{"path":"/\"_etag\"/?"}]},
			"changeFeedPolicy":{"retentionDuration":10,"u":{"v":1}},"defaultTtl":5,
			"unknown":{"x":[1,2]},"_docs":"docs/","_ts":17}`},
		{"a policy dropped", func(p *ContainerProperties) { p.IndexingPolicy, p.ChangeFeedPolicy = nil, nil },
			`{"id":"c","partitionKey":{"paths":["/a"],"kind":"Hash","version":2,"future":1},` +
				`"defaultTtl":5,"unknown":{"x":[1,2]},"_docs":"docs/","_ts":17}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := load(t)
			tt.change(p)
			got, err := json.Marshal(*p)
			require.NoError(t, err)
			require.JSONEq(t, tt.want, string(got))
			var again ContainerProperties
			require.NoError(t, json.Unmarshal(got, &again))
			if tt.name == "nothing" {
				require.Equal(t, p.IndexingPolicy, again.IndexingPolicy)
			}
		})
	}
	var p ContainerProperties
	require.Error(t, json.Unmarshal([]byte(`{"id":5}`), &p))
}

func FuzzMerge(f *testing.F) {
	f.Add(`{"a":1,"u":2}`, `{"a":1}`, `{"a":2}`)
	f.Add(`{"a":[{"b":1,"u":0},{"b":2}]}`, `{"a":[{"b":1},{"b":2}]}`, `{"a":[{"b":2},{"b":3}]}`)
	f.Add(`[1,2]`, `[1]`, `[2,1]`)
	f.Fuzz(func(t *testing.T, raw, base, changed string) {
		for _, s := range []string{raw, base, changed} {
			if !json.Valid([]byte(s)) {
				return
			}
		}
		got := merge(json.RawMessage(raw), json.RawMessage(base), json.RawMessage(changed))
		require.True(t, json.Valid(got), "%s", got)
		if base == changed {
			require.Equal(t, raw, string(got))
		}
	})
}
