package cosmos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// answered is a transaction of one operation whose requests are answered by answer, which gets the idempotency token.
func answered(t *testing.T, op Operation, answer func(w http.ResponseWriter, token string)) (*fake, *Transaction) {
	t.Helper()
	f := newFake(t, func(w http.ResponseWriter, c call) { answer(w, c.header.Get("x-ms-cosmos-idempotency-token")) })
	tx := f.NewTransaction()
	require.NoError(t, tx.Add(t.Context(), f.orders(), op))
	require.NotEmpty(t, tx.IdempotencyToken())
	return f, tx
}

// resultOf is the answer to a transaction of one operation.
func resultOf(token string, status, result, sub int) string {
	b, err := json.Marshal(map[string]any{
		"idempotencyToken": token, "statusCode": status, "diagnosticString": "why", "operationResponses": []any{
			map[string]any{"index": 0, "statusCode": result, "subStatusCode": sub},
		},
	})
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestTransactionAnswers: what each answer to a transaction says of it, to one that writes and to one that reads.
func TestTransactionAnswers(t *testing.T) {
	t.Parallel()
	create, read := OpCreate(map[string]any{"id": "1", "customer": "c"}), OpRead("1", PartitionKey("c"))
	for _, tt := range []struct {
		name    string
		answer  func(w http.ResponseWriter, token string)
		text    string // of the error; "" for none
		unknown bool   // whether a transaction that writes was executed
		is      error
	}{
		{"done", func(w http.ResponseWriter, token string) {
			reply(w, 200, resultOf(token, 200, 201, 0))
		}, "", false, nil},
		{"a result that failed", func(w http.ResponseWriter, token string) {
			reply(w, 452, resultOf(token, 452, 409, 0))
		},
			"operation 1 of the transaction", false, ErrConflict},
		{"aborted, and no result says why", func(w http.ResponseWriter, token string) {
			reply(w, 452, resultOf(token, 452, 424, 0))
		},
			"the transaction was not executed: 452/0 why", false, nil},
		{"no such operation", func(w http.ResponseWriter, _ string) { refuse(405, "")(w, call{}) },
			"the account does not execute distributed transactions", false, nil},
		{"not implemented", func(w http.ResponseWriter, _ string) { refuse(501, "")(w, call{}) },
			"the account does not execute distributed transactions", false, nil},
		{"not found", func(w http.ResponseWriter, _ string) { refuse(404, "")(w, call{}) },
			"the account does not execute distributed transactions", false, nil},
		{"refused", func(w http.ResponseWriter, _ string) {
			refuse(400, "5405")(w, call{})
		}, "400/5405", false, ErrBadRequest},
		{"forbidden", func(w http.ResponseWriter, _ string) { refuse(403, "")(w, call{}) }, "403", false, ErrForbidden},
	} {
		for _, writes := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/writes %t", tt.name, writes), func(t *testing.T) {
				t.Parallel()
				op, send := read, (*Transaction).Read
				if writes {
					op, send = create, (*Transaction).Commit
				}
				_, tx := answered(t, op, tt.answer)
				_, err := send(tx, t.Context())
				if tt.text == "" {
					require.NoError(t, err)
					return
				}
				require.ErrorContains(t, err, tt.text)
				if tt.is != nil {
					require.ErrorIs(t, err, tt.is)
				}
				require.NotErrorIs(t, err, ErrUnknownOutcome)
			})
		}
	}
}

// TestTransactionsWithoutAnAnswer: whether one that writes was executed is unknown, and the token tells it later; one
// that reads has no outcome that anybody could miss.
func TestTransactionsWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(w http.ResponseWriter, token string){
		"cut": func(http.ResponseWriter, string) { panic(http.ErrAbortHandler) },
		"500": func(w http.ResponseWriter, _ string) { refuse(500, "5411")(w, call{}) },
		"another's answer": func(w http.ResponseWriter, _ string) {
			reply(w, 200, resultOf("another", 200, 201, 0))
		},
		"a page of a stranger": func(w http.ResponseWriter, _ string) { reply(w, 200, "<html>") },
	} {
		for _, writes := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/writes %t", name, writes), func(t *testing.T) {
				t.Parallel()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				op, send := OpRead("1", PartitionKey("c")), (*Transaction).Read
				if writes {
					op, send = OpCreate(map[string]any{"id": "1", "customer": "c"}), (*Transaction).Commit
				}
				var attempts atomic.Int32
				_, tx := answered(t, op, func(w http.ResponseWriter, token string) {
					if attempts.Add(1) == 2 {
						defer cancel()
					}
					answer(w, token)
				})
				_, err := send(tx, ctx)
				require.Error(t, err)
				if writes {
					require.ErrorIs(t, err, ErrUnknownOutcome)
				} else {
					require.NotErrorIs(t, err, ErrUnknownOutcome)
				}
				require.GreaterOrEqual(t, attempts.Load(), int32(1))
			})
		}
	}
}

// TestTransactionUnknownStaysUnknown: an attempt whose answer was lost may have been executed, whatever a later one is
// answered that is not the transaction's own result.
func TestTransactionUnknownStaysUnknown(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 404, 501} {
		var attempts atomic.Int32
		_, tx := answered(t, OpCreate(map[string]any{"id": "1", "customer": "c"}),
			func(w http.ResponseWriter, _ string) {
				if attempts.Add(1) == 1 {
					panic(http.ErrAbortHandler)
				}
				refuse(status, "")(w, call{})
			})
		_, err := tx.Commit(t.Context())
		require.ErrorIs(t, err, ErrUnknownOutcome, "%d", status)
		require.EqualValues(t, 2, attempts.Load())
	}
}

// TestTransactionOfARecreatedContainer says so beside what the operation was answered.
func TestTransactionOfARecreatedContainer(t *testing.T) {
	t.Parallel()
	var f *fake
	f, tx := answered(t, OpCreate(map[string]any{"id": "1", "customer": "c"}),
		func(w http.ResponseWriter, token string) {
			f.mu.Lock()
			f.rid = "DPZtAKyOj5k="
			f.mu.Unlock()
			reply(w, 452, resultOf(token, 452, 404, 0))
		})
	_, err := tx.Commit(t.Context())
	require.ErrorIs(t, err, ErrContainerRecreated)
	var failed *BatchError
	require.ErrorAs(t, err, &failed)
}

// TestTransactionReadCarriesTheSession of the range that is expected to answer.
func TestTransactionReadCarriesTheSession(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if c.path != "/operations/dtc" {
			reply(w, 200, `{"id":"1","customer":"c"}`, "x-ms-session-token", "0:-1#7")
			return
		}
		reply(w, 200, resultOf(c.header.Get("x-ms-cosmos-idempotency-token"), 200, 200, 0))
	})
	_, err := f.orders().FeedRanges(t.Context())
	require.NoError(t, err)
	_, err = f.orders().ReadItem(t.Context(), "1", PartitionKey("c"))
	require.NoError(t, err)
	tx := f.NewTransaction()
	require.NoError(t, tx.Add(t.Context(), f.orders(), OpRead("1", PartitionKey("c"))))
	_, err = tx.Read(t.Context())
	require.NoError(t, err)
	require.Contains(t, f.last(t).body, `"sessionToken":"0:-1#7"`)
	require.ErrorContains(t, tx.Add(t.Context(), nil, OpRead("2", PartitionKey("c"))), "nil")
}
