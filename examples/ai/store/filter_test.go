package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/examples/ai/store"
)

func TestFilter(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	v := vectors(t, store.VectorContainer{Fields: []string{"lang", "year", "tags", "author.name", "my-field", `a"b`}})
	_, err := v.Add(
		ctx,
		store.Document{
			ID:       "1",
			Text:     "one",
			Metadata: map[string]any{"lang": "en", "year": 2020, "tags": []string{"go", "sql"}, `a"b`: true},
		},
		store.Document{
			ID:       "2",
			Text:     "two",
			Metadata: map[string]any{"lang": "de", "year": 2022, "author": map[string]any{"name": "Ann"}},
		},
		store.Document{ID: "3", Text: "three",
			Metadata: map[string]any{"lang": "en", "year": 2024, "my-field": "x'); DROP"}},
		store.Document{ID: "4", Text: "four"},
	)
	require.NoError(t, err)
	for _, c := range []struct {
		filter string
		want   string
	}{
		{`{}`, "[1 2 3 4]"},
		{`{"lang": "en"}`, "[1 3]"},
		{`{"lang": "EN"}`, "[]"},
		{`{"lang": ["de", "fr"]}`, "[2]"},
		{`{"lang": []}`, "[]"},
		{`{"lang": {"$ne": "en"}}`, "[2]"},
		{`{"lang": {"$nin": ["en"]}}`, "[2]"},
		{`{"lang": {"$in": ["en", "de"]}, "year": {"$gt": 2020, "$lte": 2024}}`, "[2 3]"},
		{`{"year": {"$gte": 2022, "$lt": 2024}}`, "[2]"},
		{`{"year": {"$eq": 2022}}`, "[2]"},
		{`{"year": "2022"}`, "[]"},
		{`{"tags": {"$contains": "go"}}`, "[1]"},
		{`{"lang": {"$exists": false}}`, "[4]"},
		{`{"author.name": "Ann"}`, "[2]"},
		{`{"my-field": "x'); DROP"}`, "[3]"},
		{`{"a\"b": true}`, "[1]"},
		{`{"$or": [{"lang": "de"}, {"year": 2020, "lang": "en"}]}`, "[1 2]"},
		{`{"$and": [{"lang": "en"}, {"$or": [{"year": 2024}, {"year": 2022}]}]}`, "[3]"},
		{`{"$or": [{"lang": "de"}, {"lang": "en"}], "year": 2024}`, "[3]"},
	} {
		var f map[string]any
		require.NoError(t, json.Unmarshal([]byte(c.filter), &f))
		found, err := v.Find(ctx, store.Search{Text: "number", Top: 10, Filter: f})
		require.NoError(t, err, c.filter)
		require.Equal(t, c.want, fmt.Sprint(slices.Sorted(slices.Values(ids(found)))), c.filter)
	}
}
