package cosmos

import (
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// What is reported of every single operation whose first attempt was lost (the server executed it, or not), by what the
// attempts after it and the document say.
func TestOperationsWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	doc := order{ID: "1", Customer: "a", Total: 5}
	const same, other = `{"id":"1","customer":"a","total":5,"_etag":"\"new\"","_ts":7}`,
		`{"id":"1","customer":"a","total":6,"_etag":"\"new\""}`
	key := PartitionKey("a")
	change := []PatchOperation{PatchIncrement("/total", 1)}
	tests := []struct {
		name     string
		op       Operation
		opts     []Option
		then     int    // status of the attempts after the lost one
		stored   string // what a read shows; empty: 404
		attempts int    // writes sent
		status   int    // of success; 0: unknown outcome
	}{
		{"create, not executed", OpCreate(doc), nil, 201, "", 2, 201},
		{"create, executed", OpCreate(doc), nil, 409, same, 2, 201},
		{"create, the id was taken", OpCreate(doc), nil, 409, other, 2, 0},
		{"create, gone again", OpCreate(doc), nil, 409, "", 2, 0},
		{"create, unavailable", OpCreate(doc), nil, 403, same, 2, 0},
		{"upsert", OpUpsert(doc), nil, 200, same, 1, 0},
		{"upsert, repeated", OpUpsert(doc), []Option{RepeatWrites(true)}, 200, same, 2, 200},
		{"upsert under an ETag", OpUpsert(doc, IfMatch(`"old"`)), nil, 412, same, 1, 200},
		{"replace", OpReplace("1", doc), nil, 200, same, 1, 0},
		{"replace under an ETag, not executed", OpReplace("1", doc, IfMatch(`"old"`)), nil, 200, same, 2, 200},
		{"replace under an ETag, executed", OpReplace("1", doc, IfMatch(`"old"`)), nil, 412, same, 2, 200},
		{"replace under an ETag, another writer", OpReplace("1", doc, IfMatch(`"old"`)), nil, 412, other, 2, 0},
		{"replace under an ETag, the same as before", OpReplace("1", doc, IfMatch(`"new"`)), nil, 412, same, 2, 0},
		{"replace of any version", OpReplace("1", doc, IfMatch("*")), nil, 200, same, 1, 0},
		{"patch", OpPatch("1", change, key), nil, 200, same, 1, 0},
		{"patch under an ETag, not executed", OpPatch("1", change, key, IfMatch(`"old"`)), nil, 200, same, 2, 200},
		{"patch under an ETag, executed or not", OpPatch("1", change, key, IfMatch(`"old"`)), nil, 412, same, 2, 0},
		{"delete", OpDelete("1", key), nil, 204, "", 1, 0},
		{"delete under an ETag, not executed", OpDelete("1", key, IfMatch(`"old"`)), nil, 204, "", 2, 204},
		{"delete under an ETag, executed or not", OpDelete("1", key, IfMatch(`"old"`)), nil, 404, "", 2, 0},
		{"delete, repeated", OpDelete("1", key), []Option{RepeatWrites(true)}, 404, "", 2, 0},
		{"read", OpRead("1", key), nil, 200, same, 2, 200},
	}
	for _, lost := range []string{"cut", "stranger", "damaged", "408", "503"} {
		for _, tt := range tests {
			t.Run(lost+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				var writes atomic.Int32
				f := newFake(t, func(w http.ResponseWriter, c call) {
					if c.method == http.MethodGet && tt.op.Kind() != KindRead {
						if tt.stored == "" {
							w.Header().Set("x-ms-documentdb-partitionkeyrangeid", "0")
							refuse(404, "")(w, c)
							return
						}
						reply(w, 200, tt.stored, "etag", `"new"`)
						return
					}
					if writes.Add(1) > 1 {
						w.Header().Set("x-ms-documentdb-partitionkeyrangeid", "0")
						reply(w, tt.then, map[bool]string{true: `{"id":"1"}`}[tt.then != 204])
						return
					}
					switch lost {
					case "cut":
						conn, _, _ := http.NewResponseController(w).Hijack()
						conn.Close()
					case "stranger":
						clear(w.Header())
						reply(w, 200, "<html>Please log in</html>", "content-type", "text/html")
					case "damaged":
						reply(w, 200, `{"id":`)
					default:
						refuse(map[string]int{"408": 408, "503": 503}[lost], "")(w, c)
					}
				})
				resp, err := f.orders().Do(t.Context(), tt.op, tt.opts...)
				require.EqualValues(t, tt.attempts, writes.Load())
				if tt.status == 0 {
					require.ErrorIs(t, err, ErrUnknownOutcome)
					return
				}
				require.NoError(t, err)
				require.Equal(t, tt.status, resp.StatusCode)
			})
		}
	}
}

// That the outcome of a write is unknown survives whatever a later attempt is answered.
func TestUnknownOutcomeSurvivesLaterAnswers(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 409, 412, 413, 429} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			n := 0
			f := newFake(t, func(w http.ResponseWriter, c call) {
				if n++; n == 1 {
					refuse(408, "")(w, c)
					return
				}
				w.Header().Set("x-ms-documentdb-partitionkeyrangeid", "0")
				w.Header().Set("x-ms-retry-after-ms", "100000")
				refuse(status, "")(w, c)
			})
			_, err := f.orders().DeleteItem(t.Context(), "1", PartitionKey("a"), RepeatWrites(true))
			require.ErrorIs(t, err, ErrUnknownOutcome)
			var e *Error
			require.True(t, errors.As(err, &e))
			require.Equal(t, status, e.StatusCode, "and the last answer is told as well")
		})
	}
}
