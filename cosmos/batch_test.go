package cosmos

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBatchRequest(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		reply(w, 200,
			`[{"statusCode":201,"requestCharge":5.5,"eTag":"\"e\"","resourceBody":{"id":"1"}},{"statusCode":204}]`)
	})
	resp, err := f.orders().TransactionalBatch(t.Context(), []Operation{
		OpCreate(order{ID: "1", Customer: "a"}), OpDelete(`2","operationType":"Upsert`),
	}, ContentResponse(false))
	require.NoError(t, err)
	require.Equal(t,
		[]OperationResult{{StatusCode: 201, RequestCharge: 5.5, ETag: `"e"`, Body: json.RawMessage(`{"id":"1"}`)},
			{StatusCode: 204}}, resp.Results)
	got := f.last(t)
	require.JSONEq(t, `[{"operationType":"Create","resourceBody":{"id":"1","customer":"a","total":0}},`+
		`{"operationType":"Delete","id":"2\",\"operationType\":\"Upsert"}]`, got.body)
	for name, want := range map[string]string{
		"x-ms-cosmos-is-batch-request": "True", "x-ms-cosmos-batch-atomic": "True", "x-ms-cosmos-batch-ordered": "True",
		"x-ms-documentdb-partitionkey": `["a"]`, "Prefer": "return=minimal",
	} {
		require.Equal(t, want, got.header.Get(name), name)
	}
}

func TestBatchAnswersThatAreWrong(t *testing.T) {
	t.Parallel()
	ops := []Operation{OpDelete("1"), OpDelete("2")}
	for body, want := range map[string]string{
		`[{"statusCode":204}]`: "1 results to 2 operations",
		`{}`:                   "not a JSON array",
		``:                     "not JSON",
	} {
		f := newFake(t, func(w http.ResponseWriter, c call) { reply(w, 200, body) })
		_, err := f.orders().TransactionalBatch(t.Context(), ops, PartitionKey("a"))
		require.ErrorContains(t, err, want)
		require.ErrorIs(t, err, ErrUnknownOutcome, "it may have been executed")
	}
	// The culprit is the one that does not say 424, wherever it stands.
	f := newFake(t, func(w http.ResponseWriter, c call) {
		reply(w, 207, `[{"statusCode":424},{"statusCode":429,"retryAfterMilliseconds":1500,"message":"slow"}]`)
	})
	resp, err := f.orders().TransactionalBatch(t.Context(), ops, PartitionKey("a"))
	var failed *BatchError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 1, failed.Index)
	require.ErrorIs(t, err, ErrThrottled)
	require.Equal(t, int64(1500), failed.Err.RetryAfter.Milliseconds())
	require.Len(t, resp.Results, 2)
	f = newFake(t, refuse(413, "0"))
	resp, err = f.orders().TransactionalBatch(t.Context(), ops, PartitionKey("a"))
	require.ErrorIs(t, err, ErrTooLarge)
	require.Equal(t, 413, resp.StatusCode, "the response comes back beside the error")
	require.Positive(t, resp.RequestCharge)
	require.Empty(t, resp.Results)
}

// What a batch refuses before sending names the operation as the service's refusal does.
func TestBatchRefusals(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	good := OpUpsert(order{ID: "1", Customer: "a"})
	many := slices.Repeat([]Operation{good}, MaxBatchOperations+1)
	large := OpUpsert(order{ID: "1", Customer: "a", Note: strings.Repeat("x", MaxBatchSize-150)})
	for _, tt := range []struct {
		name  string
		ops   []Operation
		index int
		want  string
		is    error
	}{
		{"no id", []Operation{good, OpCreate(map[string]any{"customer": "a"})}, 1,
			`operation 2 of the batch (Create) is refused, and nothing was sent: the document has no "id"`, nil},
		{"another key", []Operation{good, good, OpUpsert(order{ID: "2", Customer: "b"})}, 2,
			`its partition key is ["b"], the batch's is ["a"]`, nil},
		{"no key", []Operation{OpDelete("1")}, 0, "needs the option PartitionKey", nil},
		{"empty patch", []Operation{good, OpPatch("1", nil)}, 1, "the patch has no operations", nil},
		{"empty guard", []Operation{good, OpDelete("1", IfMatch(""))}, 1, "IfMatch", nil},
		{"too many", many, MaxBatchOperations, "the batch has 101 operations, more than 100", nil},
		{"too large", []Operation{large, good}, 1, "2 MB", ErrTooLarge},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			resp, err := f.orders().TransactionalBatch(t.Context(), tt.ops)
			require.Nil(t, resp)
			var refused *BatchError
			require.ErrorAs(t, err, &refused)
			require.Equal(t, tt.index, refused.Index)
			require.ErrorContains(t, err, tt.want)
			require.ErrorIs(t, err, ErrBadRequest)
			require.NotErrorIs(t, err, ErrUnknownOutcome)
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			}
		})
	}
	t.Cleanup(func() { require.Zero(t, f.sent()) })
}

// The container was created again with another partition key, by which the batch is not one any more.
func TestBatchOnARecreatedContainer(t *testing.T) {
	t.Parallel()
	var f *fake
	f = newFake(t, func(w http.ResponseWriter, c call) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.rid == "DPZtAKyOj5g=" {
			f.key, f.rid = `{"paths":["/note"]}`, "DPZtAKyOj5h="
			refuse(400, "1024")(w, c)
			return
		}
		reply(w, 200, `[{"statusCode":201}]`)
	})
	_, err := f.orders().TransactionalBatch(t.Context(),
		[]Operation{OpCreate(order{ID: "1", Customer: "a", Note: "n"})}, PartitionKey("a"))
	require.ErrorIs(t, err, ErrContainerRecreated)
	require.Equal(t, 1, f.sent())
}

// The first answer is lost; the second refuses what the first attempt has done.
func TestBatchOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if n.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		reply(w, 207, `[{"statusCode":409},{"statusCode":424}]`)
	})
	ops := []Operation{OpCreate(order{ID: "1", Customer: "a"}), OpDelete("2")}
	_, err := f.orders().TransactionalBatch(t.Context(), ops)
	require.ErrorIs(t, err, ErrUnknownOutcome)
	require.Equal(t, 1, f.sent())
	n.Store(0)
	resp, err := f.orders().TransactionalBatch(t.Context(), ops, RepeatWrites(true))
	var failed *BatchError
	require.ErrorAs(t, err, &failed)
	require.ErrorIs(t, err, ErrConflict)
	require.ErrorIs(t, err, ErrUnknownOutcome)
	require.ErrorContains(t, err,
		"operation 1 of the batch (Create 1) failed, but an earlier attempt may have been executed: 409")
	require.Len(t, resp.Results, 2)
}
