package batcher_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/test/programs/batcher"
)

func open(t *testing.T, paths ...string) (batcher.Batcher, *cosmos.Container, *cosmostest.Container) {
	c := cosmostest.RunT(t).Container(paths[0], paths[1:]...)
	client, err := cosmos.NewClientFromConnectionString(c.Server().ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	container := client.Database(c.Database).Container(c.ID)
	return batcher.New(container, 4), container, c
}

func create(id string, tenant any, more string) batcher.Message {
	key, _ := json.Marshal(tenant)
	text := fmt.Sprintf(`{"id": %q, "tenant": %s%s}`, id, key, more)
	return batcher.Message{Kind: cosmos.KindCreate, Key: []any{tenant}, Document: json.RawMessage(text)}
}

// TestKinds writes messages of every kind for keys of every type, a batch a key.
func TestKinds(t *testing.T) {
	b, container, c := open(t, "/tenant")
	results := b.Write(t.Context(), []batcher.Message{
		create("a", "7", `, "n": 1`), create("a", 7, `, "n": 2`), create("a", true, ""), create("a", nil, ""),
		{Kind: cosmos.KindCreate, Key: []any{cosmos.Undefined}, Document: json.RawMessage(`{"id": "a"}`)},
		create("b", "7", ""), create("c", "7", ""),
	})
	for i, r := range results {
		require.NoError(t, r.Err)
		require.Equal(t, 201, r.Status)
		require.NotEmpty(t, r.ETag, i)
		require.Positive(t, r.Charge)
	}
	require.Equal(t, 5, c.Server().Count(cosmostest.Batch), "one a key")

	key := []any{"7"}
	results = b.Write(t.Context(), []batcher.Message{
		{Kind: cosmos.KindPatch, Key: key, ID: "a", Condition: "from c where c.n = 1",
			Changes: []cosmos.PatchOperation{cosmos.PatchIncrement("/n", 9)}},
		{Kind: cosmos.KindReplace, Key: key, ID: "b", ETag: results[5].ETag,
			Document: json.RawMessage(`{"id": "b", "tenant": "7", "n": 3}`)},
		{Kind: cosmos.KindDelete, Key: key, ID: "c", ETag: results[6].ETag},
		{Kind: cosmos.KindUpsert, Key: key, Document: json.RawMessage(`{"id": "d", "tenant": "7"}`)},
	})
	var status []int
	for _, r := range results {
		require.NoError(t, r.Err)
		status = append(status, r.Status)
	}
	require.Equal(t, []int{200, 200, 204, 201}, status)
	var n []float64
	for v, err := range cosmos.Query[float64](t.Context(), container, "SELECT VALUE c.n FROM c ORDER BY c.n") {
		require.NoError(t, err)
		n = append(n, v)
	}
	require.Equal(t, []float64{2, 3, 10}, n)
}

// TestFailures: the message at fault is known, those of its partition are not done, others are.
func TestFailures(t *testing.T) {
	b, _, c := open(t, "/tenant")
	require.NoError(t, b.Write(t.Context(), []batcher.Message{create("taken", "A", `, "stock": 0`)})[0].Err)

	for name, test := range map[string]struct {
		bad    batcher.Message
		is     error
		status int
		local  bool
	}{
		"taken":     {bad: create("taken", "A", ""), is: cosmos.ErrConflict, status: 409},
		"condition": {bad: sell("taken"), is: cosmos.ErrPreconditionFailed, status: 412},
		"version": {bad: batcher.Message{Kind: cosmos.KindDelete, ID: "taken", ETag: `"old"`},
			is: cosmos.ErrPreconditionFailed, status: 412},
		"missing": {bad: batcher.Message{Kind: cosmos.KindDelete, ID: "nothere"}, is: cosmos.ErrNotFound, status: 404},
		"no id":   {bad: batcher.Message{Kind: cosmos.KindDelete}, is: cosmos.ErrBadRequest, status: 400, local: true},
		"no kind": {bad: batcher.Message{ID: "x"}, is: cosmos.ErrBadRequest, status: 400, local: true},
		"not JSON": {bad: batcher.Message{Kind: cosmos.KindUpsert, Document: json.RawMessage(`{"id":`)},
			is: cosmos.ErrBadRequest, status: 400, local: true},
		"other key": {bad: create("x", "B", ""), is: cosmos.ErrBadRequest, status: 400, local: true},
	} {
		t.Run(name, func(t *testing.T) {
			test.bad.Key = []any{"A"}
			before := c.Server().Count(cosmostest.Batch)
			results := b.Write(t.Context(), []batcher.Message{
				create("1", "A", ""), create(name, "other", ""), test.bad, create("2", "A", "")})
			require.ErrorIs(t, results[0].Err, batcher.ErrNotDone)
			require.NoError(t, results[1].Err, "of another partition")
			require.ErrorIs(t, results[2].Err, test.is)
			require.ErrorContains(t, results[2].Err, "message 2: ")
			require.Equal(t, test.status, results[2].Status)
			require.ErrorIs(t, results[3].Err, batcher.ErrNotDone)
			sent := 2
			if test.local {
				sent = 1
			}
			require.Equal(t, sent, c.Server().Count(cosmostest.Batch)-before)
		})
	}
	documents, err := c.Documents()
	require.NoError(t, err)
	require.Len(t, documents, 9, "one of each case, and the first")
}

func sell(id string) batcher.Message {
	return batcher.Message{Kind: cosmos.KindPatch, ID: id, Condition: "from c where c.stock > 0",
		Changes: []cosmos.PatchOperation{cosmos.PatchIncrement("/stock", -1)}}
}

// TestHierarchical: keys of several levels, more messages than a batch holds, and a failure in the second batch.
func TestHierarchical(t *testing.T) {
	b, _, c := open(t, "/tenant", "/year")
	var messages []batcher.Message
	for i := range 250 {
		messages = append(messages, batcher.Message{Kind: cosmos.KindCreate, Key: []any{"A", 2026},
			Document: json.RawMessage(fmt.Sprintf(`{"id": "%d", "tenant": "A", "year": 2026}`, i))})
	}
	messages[150].Document = messages[0].Document
	results := b.Write(t.Context(), messages)
	require.NoError(t, results[99].Err)
	require.ErrorIs(t, results[100].Err, batcher.ErrNotDone)
	require.ErrorIs(t, results[150].Err, cosmos.ErrConflict)
	require.ErrorIs(t, results[249].Err, batcher.ErrNotDone)
	documents, err := c.Documents()
	require.NoError(t, err)
	require.Len(t, documents, 100)

	key := batcher.Message{Kind: cosmos.KindDelete, Key: []any{"A"}, ID: "1"}
	require.ErrorIs(t, b.Write(t.Context(), []batcher.Message{key})[0].Err, cosmos.ErrBadRequest, "half a key")
}

// TestUnreachable: what nobody is to blame for is the error of every message.
func TestUnreachable(t *testing.T) {
	b, _, c := open(t, "/tenant")
	c.Server().Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Batch), Status: 403, Message: "the firewall"})
	for _, r := range b.Write(t.Context(), []batcher.Message{create("1", "A", ""), create("2", "A", "")}) {
		require.ErrorIs(t, r.Err, cosmos.ErrForbidden)
	}
}
