package statements

import (
	"database/sql"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// notes is a container as such programs make it: vectors, full text, metadata, and an index for two keys.
var notes = cosmostest.ContainerData{
	ID: "notes", PartitionKey: []string{"/tenant"},
	Properties: map[string]any{
		"vectorEmbeddingPolicy": map[string]any{"vectorEmbeddings": []any{
			map[string]any{"path": "/v", "dataType": "float32", "dimensions": 2, "distanceFunction": "cosine"},
		}},
		"fullTextPolicy": map[string]any{"defaultLanguage": "en-US",
			"fullTextPaths": []any{map[string]any{"path": "/text", "language": "en-US"}}},
		"indexingPolicy": map[string]any{
			"indexingMode": "consistent", "automatic": true, "includedPaths": []any{map[string]any{"path": "/*"}},
			"excludedPaths":   []any{},
			"vectorIndexes":   []any{map[string]any{"path": "/v", "type": "flat"}},
			"fullTextIndexes": []any{map[string]any{"path": "/text"}},
			"compositeIndexes": []any{[]any{map[string]any{"path": "/tenant", "order": "ascending"},
				map[string]any{"path": "/n", "order": "descending"}}},
		},
	},
	Documents: []any{
		json.RawMessage(`{"id":"a","tenant":"t1","n":1,"type":"Note","text":"green tea with milk","v":[1,0],` +
			`"tags":["x","y"],"metadata":{"year":2019,"country":"NO"},"value":{"org":"A"}}`),
		json.RawMessage(`{"id":"b","tenant":"t1","n":2,"type":"Note","text":"black tea","v":[0.8,0.6],"tags":["y"],` +
			`"metadata":{"year":2021,"country":"UK"},"value":{"org":"B"}}`),
		json.RawMessage(`{"id":"c","tenant":"t2","n":3,"type":"Note","text":"coffee","v":[0,1],"tags":[],` +
			`"metadata":{"year":2022,"country":"NL"},"value":{"org":"A"},"children":[{"k":1},{"k":2}]}`),
		json.RawMessage(`{"id":"d","tenant":"t3","n":4,"type":"Other","text":"milk","v":[-1,0],` +
			`"metadata":{"year":2023},"name":null}`),
		json.RawMessage(`{"id":"e","tenant":"t4","n":5,"type":"Other","text":"water","name":"Ada"}`),
	},
}

// TestCorpus runs the kinds of SQL that frameworks, mappers and tools send, with their ways of naming and quoting, and
// holds them to the rows that they expect, or to an error that says why not.
func TestCorpus(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t, cosmostest.Partitions(4),
		cosmostest.Data(cosmostest.Database{ID: "shop", Containers: []cosmostest.ContainerData{notes}}))
	db, err := sql.Open("cosmos", srv.DSN("shop")+";Container=notes")
	require.NoError(t, err)
	t.Cleanup(func() { db.Close() })
	senders, texts := map[string]bool{}, 0
	cases(t, "corpus.txt", func(text string, below []string, section string) {
		t.Run(section+" "+text, func(t *testing.T) {
			texts++
			sender, sorted := strings.CutSuffix(section, ", sorted")
			senders[sender] = true
			var args []any
			for len(below) > 1 {
				name, value, ok := strings.Cut(below[0], " ")
				require.True(t, ok && strings.HasPrefix(name, "@") && json.Valid([]byte(value)), "%s: %s",
					text, below[0])
				args = append(args, cosmos.Parameter{Name: name, Value: json.RawMessage(value)})
				below = below[1:]
			}
			require.Len(t, below, 1, text)
			got, err := query(t, db, text, args...)
			if want, ok := strings.CutPrefix(below[0], "ERR "); ok {
				require.ErrorContains(t, err, want, text)
				return
			}
			require.NoError(t, err, text)
			if !sorted {
				slices.Sort(got)
			}
			want := strings.TrimPrefix(below[0], "(none)")
			require.Equal(t, want, strings.Join(got, " | "), "%s: %s", sender, text)
		})
	})
	require.GreaterOrEqual(t, len(senders), 12)
	require.Greater(t, texts, 70)
}
