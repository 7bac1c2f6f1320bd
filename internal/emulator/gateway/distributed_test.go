package gateway_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

func distributed(o *gateway.Options, _ *store.Options) { o.Distributed = true }

const transactionToken = "0b8a2b7e-8a3c-4bd7-9d3c-111111111111"

// transact sends a transaction with the signature of its kind.
func (s *server) transact(kind, token string, ops ...h) answer {
	s.t.Helper()
	return s.transactBody(kind, token, transactionBody(ops))
}

// transactBody sends a transaction of any body.
func (s *server) transactBody(kind, token, body string) answer {
	s.t.Helper()
	date := time.Now().UTC().Format(http.TimeFormat)
	return s.raw("POST", "/operations/dtc", h{
		"x-ms-date":                     date,
		"authorization":                 signature(s.key, "POST", "distributedtransactionbatch", "", date),
		"x-ms-cosmos-operation-type":    kind,
		"x-ms-cosmos-resource-type":     "DistributedTransactionBatch",
		"x-ms-cosmos-idempotency-token": token,
	}, body)
}

// transactionBody writes the values of the operations as the JSON that they are.
func transactionBody(ops []h) string {
	var list []string
	for _, o := range ops {
		text := "{"
		for name, value := range o {
			text += `"` + name + `":` + value + ","
		}
		list = append(list, strings.TrimSuffix(text, ",")+"}")
	}
	return `{"operations":[` + strings.Join(list, ",") + "]}"
}

type transactionAnswer struct {
	IdempotencyToken          string
	StatusCode, SubStatusCode int
	RequestCharge             float64
	OperationResponses        []struct {
		Index, StatusCode, SubStatusCode int
		SessionToken, ETag               string
		RequestCharge                    float64
		ResourceBody                     json.RawMessage
	}
}

func (a answer) transaction(t *testing.T) (ta transactionAnswer, statuses map[int][2]int) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(a.body), &ta), a.body)
	require.Equal(t, a.status, ta.StatusCode)
	statuses = map[int][2]int{}
	for _, r := range ta.OperationResponses {
		statuses[r.Index] = [2]int{r.StatusCode, r.SubStatusCode}
	}
	return ta, statuses
}

func TestDistributedTransaction(t *testing.T) {
	t.Parallel()
	s := newServer(t, distributed)
	coll := s.container("/pk") // /dbs/D/colls/C
	names := strings.Split(coll, "/")
	op := func(index, kind, id, key, body string, more ...string) h {
		o := h{
			"databaseName":   `"` + names[2] + `"`,
			"collectionName": `"` + names[4] + `"`,
			"index":          index,
			"operationType":  `"` + kind + `"`,
			"resourceType":   `"Document"`,
			"partitionKey":   `["` + key + `"]`,
			"id":             `"` + id + `"`,
		}
		if body != "" {
			o["resourceBody"] = body
		}
		for i := 0; i < len(more); i += 2 {
			o[more[i]] = more[i+1]
		}
		return o
	}
	commit := func(token string, ops ...h) answer { return s.transact("CommitDistributedTransaction", token, ops...) }
	one, two := op("0", "Create", "1", "a", `{"id":"1","pk":"a","n":1}`),
		op("7", "Upsert", "2", "b", `{"id":"2","pk":"b","n":1}`)

	a := commit(transactionToken, one, two)
	got, statuses := a.transaction(t)
	require.Equal(t, 200, a.status)
	require.Equal(t, transactionToken, got.IdempotencyToken)
	require.Equal(t, map[int][2]int{0: {201, 0}, 7: {201, 0}}, statuses)
	require.NotEmpty(t, got.OperationResponses[0].SessionToken)
	require.Contains(t, string(got.OperationResponses[0].ResourceBody), `"_etag"`)
	require.NotEmpty(t, a.header.Get("x-ms-request-charge"))
	require.Equal(t, a.body, commit(transactionToken, one, two).body, "a repeated token answers what was answered")

	// Who votes no keeps its code.
	token := strings.Replace(transactionToken, "0b8", "1b8", 1)
	increment := op("1", "Patch", "2", "b", `{"operations":[{"op":"incr","path":"/n","value":1}]}`)
	a = commit(token, one, increment, op("2", "Delete", "2", "a", ""))
	_, statuses = a.transaction(t)
	require.Equal(t, 452, a.status)
	require.Equal(t, map[int][2]int{0: {409, 0}, 1: {452, 5415}, 2: {404, 0}}, statuses)
	require.Equal(t, a.body, commit(token, increment).body, "nor is it executed by its token later")

	// A transaction that was given up is not executed; one that was executed stays so.
	token = strings.Replace(transactionToken, "0b8", "2b8", 1)
	require.Equal(t, 452, s.transact("AbortDistributedTransaction", token).status)
	require.Equal(t, 452, commit(token, increment).status)
	require.Equal(t, 200, s.transact("AbortDistributedTransaction", transactionToken).status)

	// Reads: a condition, and one that fails.
	etag := got.OperationResponses[0].ETag
	quoted, _ := json.Marshal(etag)
	read, unchanged := op("0", "Read", "2", "b", ""), op("1", "Read", "1", "a", "", "ifNoneMatch", string(quoted))
	token = strings.Replace(transactionToken, "0b8", "3b8", 1)
	got, statuses = s.transact("Read", token, read, unchanged).transaction(t)
	require.Equal(t, map[int][2]int{0: {200, 0}, 1: {304, 0}}, statuses)
	require.Contains(t, a.body+string(got.OperationResponses[0].ResourceBody), `"n":1`, "it was not incremented")
	a = s.transact("Read", token, read, op("1", "Read", "none", "a", ""))
	_, statuses = a.transaction(t)
	require.Equal(t, 207, a.status)
	require.Equal(t, map[int][2]int{0: {424, 0}, 1: {404, 0}}, statuses)

	// What is not a transaction.
	token = strings.Replace(transactionToken, "0b8", "4b8", 1)
	for name, bad := range map[string]answer{
		"no token":            commit("", increment),
		"no operations":       commit(token),
		"an index twice":      commit(token, increment, op("1", "Delete", "1", "a", "")),
		"a write among reads": s.transact("Read", token, increment),
		"another kind":        s.transact("Write", token, increment),
		"101 operations":      commit(token, manyDeletes(op)...),
	} {
		require.Equal(t, 400, bad.status, "%s: %s", name, bad.body)
	}
	database := `"` + s.do("GET", "/dbs/"+names[2], nil, nil).text("_rid") + `"`
	container := `"` + s.do("GET", coll, nil, nil).text("_rid") + `"`
	for name, again := range map[string]h{
		"in the same words":      op("2", "Delete", "2", "b", ""),
		"a key with white space": op("2", "Delete", "2", "b", "", "partitionKey", `[ "b" ]`),
		"an id in the document":  op("2", "Upsert", "", "b", `{"id":"2","pk":"b"}`),
		"rids": op("2", "Delete", "2", "b", "", "databaseName", database,
			"collectionName", container),
	} {
		bad := commit(token, increment, again)
		require.Equal(t, 400, bad.status, "%s: %s", name, bad.body)
		require.Equal(t, "5407", bad.header.Get("x-ms-substatus"), "%s: %s", name, bad.body)
	}
	_, statuses = commit(strings.Replace(transactionToken, "0b8", "5b8", 1), manyDeletes(op)[:100]...).transaction(t)
	require.Len(t, statuses, 100, "as many as there may be")
	require.Equal(t, [2]int{404, 0}, statuses[99])
	require.Equal(t, 401, s.do("POST", "/operations/dtc", nil, "{}").status, "signed by its path")
	// Containers that are not there, or others, and another key than the document's.
	a = commit(token, op("0", "Create", "9", "z", `{"id":"9","pk":"y"}`),
		op("1", "Delete", "1", "a", "", "collectionName", `"none"`),
		op("2", "Delete", "2", "b", "", "collectionResourceId", `"AAAAAAAAAAA="`),
		op("3", "Upsert", "3", "c", `{"id":"3","pk":"c"}`))
	_, statuses = a.transaction(t)
	require.Equal(t, map[int][2]int{0: {400, 1001}, 1: {404, 0}, 2: {400, 1024}, 3: {452, 5415}}, statuses)
}

func manyDeletes(op func(index, kind, id, key, body string, more ...string) h) (ops []h) {
	for i := range 101 {
		n, _ := json.Marshal(i)
		ops = append(ops, op(string(n), "Delete", string(n), "a", ""))
	}
	return ops
}

// An account that has not asked for the preview.
func TestDistributedTransactionsAreOff(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	require.Equal(t, 400, s.transact("CommitDistributedTransaction", transactionToken, h{"index": "0"}).status)
}

// A key that reads cannot commit.
func TestDistributedTransactionByReadOnlyKey(t *testing.T) {
	t.Parallel()
	const key = "cmVhZG9ubHk="
	s := newServer(t, distributed, func(o *gateway.Options, _ *store.Options) { o.ReadOnlyKey = key })
	s.key = key
	require.Equal(t, 403, s.transact("CommitDistributedTransaction", transactionToken, h{"index": "0"}).status)
	require.Equal(t, 400, s.transact("Read", transactionToken).status, "there is nothing to read")
}
