package cosmos

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// script is a bulk service: for each document, the results of its first, second, … appearance. When they are used up,
// and for documents that are not in it, everything succeeds.
type script struct {
	mu      sync.Mutex
	results map[string][]string
	seen    []string // "Create 1 0:[\"a\"]": kind, id, range and key of each operation, in order of arrival
}

func (s *script) serve(w http.ResponseWriter, c call) {
	if c.header.Get("x-ms-cosmos-is-batch-request") != "True" {
		http.Error(w, "no bulk request", http.StatusTeapot)
		return
	}
	var ops []struct {
		OperationType, ID, PartitionKey string
		ResourceBody                    struct{ ID string }
	}
	if err := json.Unmarshal([]byte(c.body), &ops); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, o := range ops {
		id := o.ID + o.ResourceBody.ID
		s.seen = append(s.seen, fmt.Sprintf("%s %s %s:%s", o.OperationType, id,
			c.header.Get("x-ms-documentdb-partitionkeyrangeid"), o.PartitionKey))
		result := `{"statusCode":201,"requestCharge":1,"eTag":"e"}`
		if list := s.results[id]; len(list) > 0 {
			result, s.results[id] = list[0], list[1:]
		}
		out = append(out, result)
	}
	reply(w, 207, "["+strings.Join(out, ",")+"]")
}

func result(status, sub int) string {
	return fmt.Sprintf(
		`{"statusCode":%d,"subStatusCode":%d,"requestCharge":1,"retryAfterMilliseconds":1,"message":"why"}`, status,
		sub)
}

// What an operation's status leads to: how often it is sent, and what becomes of it in the end.
func TestBulkOperationStatuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		results []string
		sent    int
		err     error // nil for success
	}{
		{"success", nil, 1, nil},
		{"conflict", []string{result(409, 0)}, 1, ErrConflict},
		{"not found", []string{result(404, 0)}, 1, ErrNotFound},
		{"precondition", []string{result(412, 0)}, 1, ErrPreconditionFailed},
		{"too large", []string{result(413, 0)}, 1, ErrTooLarge},
		{"answer too large", []string{result(413, 3402)}, 2, nil},
		{"answer too large, alone too", []string{result(413, 3402), result(413, 3402)}, 2, ErrTooLarge},
		{"throttled for long", slices.Repeat([]string{result(429, 3200)}, 10), 11, nil},
		{"concurrent write", []string{result(449, 0), result(449, 0)}, 3, nil},
		{"timeout", []string{result(408, 0)}, 2, nil},
		{"unavailable", []string{result(503, 0), result(503, 0)}, 3, nil},
		{"split", []string{result(410, 1002)}, 2, nil},
		{"migrating", []string{result(410, 1008), result(410, 1007)}, 3, nil},
		{"skipped because of another", []string{result(424, 0)}, 2, nil},
		{"bad request", []string{result(400, 0)}, 1, ErrBadRequest},
		{"another key, though nothing has changed", []string{result(400, 1001)}, 1, ErrBadRequest},
		{"quota", []string{result(403, 1014)}, 1, ErrForbidden},
		{"always gone", slices.Repeat([]string{result(410, 1002)}, 20), 11, ErrGone},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &script{results: map[string][]string{"1": tt.results}}
			f := newFake(t, s.serve)
			results := Collect(f.orders().
				CreateMany(t.Context(), Each([]order{{ID: "1", Customer: "a"}, {ID: "2", Customer: "b"}})))
			require.Len(t, results, 2)
			require.NoError(t, results[1].Err, "the other one is not concerned")
			sent := 0
			for _, seen := range s.seen {
				if seen == `Create 1 0:["a"]` {
					sent++
				}
			}
			require.Equal(t, tt.sent, sent)
			require.Equal(t, tt.sent-1, results[0].Retries)
			require.InDelta(t, float64(tt.sent), results[0].RequestCharge, 1e-9)
			if tt.err == nil {
				require.NoError(t, results[0].Err)
				require.Equal(t, 201, results[0].StatusCode)
				require.Equal(t, "e", results[0].ETag)
				return
			}
			require.ErrorIs(t, results[0].Err, tt.err)
			require.ErrorContains(t, results[0].Err, "cosmos: Create 1: ")
			require.ErrorContains(t, results[0].Err, "why")
		})
	}
}

// The container was made anew with another partition key while the bulk was at work.
func TestBulkFindsTheNewKey(t *testing.T) {
	t.Parallel()
	var f *fake
	s := &script{results: map[string][]string{"1": {result(400, 1001)}}}
	f = newFake(t, func(w http.ResponseWriter, c call) {
		f.mu.Lock()
		f.key, f.rid = `{"paths":["/note"]}`, "DPZtAKyOj5h="
		f.mu.Unlock()
		s.serve(w, c)
	})
	results := Collect(f.orders().CreateMany(t.Context(), Each([]order{{ID: "1", Customer: "a", Note: "n"}})))
	require.NoError(t, results[0].Err)
	require.Equal(t, []string{`Create 1 0:["a"]`, `Create 1 0:["n"]`}, s.seen)
}

// The container was created again while the bulk was at work. Reads, creates and upserts mean the same in the new one;
// what changes or deletes a document does not, and ends in an error. A server that does not know the header that says
// which container is meant tells it by its answer.
func TestBulkOnARecreatedContainer(t *testing.T) {
	t.Parallel()
	for _, knows := range []bool{true, false} {
		var f *fake
		s := &script{}
		f = newFake(t, func(w http.ResponseWriter, c call) {
			f.mu.Lock()
			first := f.rid == "DPZtAKyOj5g="
			f.rid = "DPZtAKyOj5h="
			f.mu.Unlock()
			if first && knows {
				refuse(400, "1024")(w, c)
				return
			}
			if first {
				w.Header().Set("x-ms-content-path", "DPZtAKyOj5h=")
			}
			s.serve(w, c)
		})
		ops := []Operation{
			OpCreate(order{ID: "1", Customer: "a"}), OpRead("2", PartitionKey("a")),
			OpUpsert(order{ID: "3", Customer: "a"}), OpDelete("4", PartitionKey("a")),
			OpReplace("5", order{ID: "5", Customer: "a"}), OpUpsert(order{ID: "6", Customer: "a"}, IfMatch("e")),
		}
		for i, r := range Collect(f.orders().Bulk(t.Context(), slices.Values(ops))) {
			if i < 3 {
				require.NoError(t, r.Err, "%s, %t", ops[i], knows)
			} else {
				require.ErrorIs(t, r.Err, ErrContainerRecreated, "%s, %t", ops[i], knows)
			}
		}
		require.LessOrEqual(t, f.sent(), 3)
	}
}

// The same between two requests of one bulk: what was placed by the old definition is not sent to the new container.
func TestBulkDoesNotMixContainers(t *testing.T) {
	t.Parallel()
	var f *fake
	requests, mixed := 0, false
	f = newFake(t, func(w http.ResponseWriter, c call) {
		f.mu.Lock()
		requests++
		first := requests == 1
		f.rid = "DPZtAKyOj5h="
		f.mu.Unlock()
		if first || c.header.Get("x-ms-cosmos-intended-collection-rid") == "DPZtAKyOj5g=" {
			refuse(400, "1024")(w, c)
			return
		}
		f.mu.Lock()
		mixed = mixed || strings.Contains(c.body, `"id":"1"}`)
		f.mu.Unlock()
		(&script{}).serve(w, c)
	})
	ops := func(yield func(Operation) bool) {
		for i := range 500 {
			o := OpUpsert(order{ID: fmt.Sprint(i), Customer: "a"})
			if i%2 == 1 {
				o = OpDelete(fmt.Sprint(i), PartitionKey("a"))
			}
			if !yield(o) {
				return
			}
		}
	}
	n := 0
	for r := range f.orders().Bulk(t.Context(), ops) {
		switch {
		case r.Index%2 == 0:
			require.NoError(t, r.Err)
		case r.Index < 100: // of the first request; later ones may have been taken in when the new container was known
			require.ErrorIs(t, r.Err, ErrContainerRecreated)
		}
		n++
	}
	require.Equal(t, 500, n)
	require.False(t, mixed)
}

// After a split, operations find the new partitions by themselves.
func TestBulkFollowsASplit(t *testing.T) {
	t.Parallel()
	var f *fake
	s := &script{}
	f = newFake(t, func(w http.ResponseWriter, c call) {
		if c.header.Get("x-ms-documentdb-partitionkeyrangeid") == "0" {
			f.mu.Lock()
			f.feed = rangesOf([3]string{"1", "", "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"},
				[3]string{"2", "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "FF"})
			f.mu.Unlock()
			refuse(410, "1002")(w, c)
			return
		}
		s.serve(w, c)
	})
	list := make([]order, 40)
	for i := range list {
		list[i] = order{ID: fmt.Sprint(i), Customer: fmt.Sprint("customer ", i)}
	}
	ranges := map[string]bool{}
	for r := range f.orders().CreateMany(t.Context(), Each(list)) {
		require.NoError(t, r.Err)
		require.Positive(t, r.Retries)
	}
	for _, seen := range s.seen {
		ranges[strings.Split(seen, " ")[2][:1]] = true
	}
	require.Equal(t, map[string]bool{"1": true, "2": true}, ranges)
	require.Len(t, s.seen, 40)
}

func TestBulkRequest(t *testing.T) {
	t.Parallel()
	s := &script{}
	f := newFake(t, s.serve)
	ops := []Operation{
		OpCreate(order{ID: "1", Customer: "é"}),
		OpUpsert(order{ID: "2", Customer: "b"}, IfMatch(`"x"`)),
		OpReplace(`3"`, order{ID: `3"`, Customer: "c"}),
		OpPatch("4", []PatchOperation{PatchSet("/a", "b")}, PartitionKey("d"), PatchCondition("from c where true")),
		OpRead("5", PartitionKey(Undefined), IfNoneMatch(`"y"`)),
		OpDelete("6", PartitionKey(5)),
	}
	for _, o := range ops {
		require.NoError(t, o.Err())
		require.NotEmpty(t, o.ID())
	}
	for r := range f.orders().Bulk(t.Context(), slices.Values(ops), Priority("Low")) {
		require.NoError(t, r.Err)
	}
	got := f.last(t)
	require.JSONEq(t, `[
		{"operationType":"Create","partitionKey":"[\"\\u00e9\"]","resourceBody":{"id":"1","customer":"é","total":0}},
		{"operationType":"Upsert","partitionKey":"[\"b\"]","ifMatch":"\"x\"",
			"resourceBody":{"id":"2","customer":"b","total":0}},
		{"operationType":"Replace","partitionKey":"[\"c\"]","id":"3\"",
			"resourceBody":{"id":"3\"","customer":"c","total":0}},
		{"operationType":"Patch","partitionKey":"[\"d\"]","id":"4",
			"resourceBody":{"condition":"from c where true","operations":[{"op":"set","path":"/a","value":"b"}]}},
		{"operationType":"Read","partitionKey":"[{}]","id":"5","ifNoneMatch":"\"y\""},
		{"operationType":"Delete","partitionKey":"[5]","id":"6"}]`, got.body)
	for name, want := range map[string]string{
		"x-ms-cosmos-is-batch-request": "True", "x-ms-cosmos-batch-atomic": "False",
		"x-ms-cosmos-batch-continue-on-error": "True",
		"x-ms-documentdb-partitionkeyrangeid": "0", "Prefer": "return=minimal", "x-ms-cosmos-priority-level": "Low",
		"x-ms-documentdb-partitionkey": "", "Content-Type": "application/json",
	} {
		require.Equal(t, want, got.header.Get(name), name)
	}
}
