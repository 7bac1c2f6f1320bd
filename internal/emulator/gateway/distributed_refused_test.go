package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// What is not a transaction is refused, whatever of it is wrong, and the token may be used again.
func TestTransactionsRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, distributed)
	s.container("/pk")
	op := func(members string) string {
		return `{"databaseName":"d","collectionName":"c","index":0,"resourceType":"Document",` + members + `}`
	}
	const commit, read = "CommitDistributedTransaction", "Read"
	for i, test := range []struct {
		name, kind, body string
		status           int
		want             string
	}{
		{"not JSON", commit, `{"operations":[`, 400, "The request payload is invalid"},
		{"not a list", commit, `{"operations":{}}`, 400, "The request payload is invalid"},
		{"nothing", commit, `{}`, 400, "The transaction has no operations"},
		{"an operation that is null", commit, `{"operations":[null]}`, 400, "The request payload is invalid"},
		{"an operation that is null: read", read, `{"operations":[null]}`, 400, "The request payload is invalid"},
		{"an operation that is a number", commit, `{"operations":[1]}`, 400, "The request payload is invalid"},
		{"nothing to read", read, `{"operations":[]}`, 400, "The transaction has no operations"},
		{"not JSON, to be given up", "AbortDistributedTransaction", `{`, 452, ""},
		{"unknown kind of operation", commit, `{"operations":[` + op(`"operationType":"Merge","id":"1",`+
			`"partitionKey":["p"]`) + `]}`, 452, `"statusCode":400`},
		{"no partition key", commit, `{"operations":[` + op(`"operationType":"Delete","id":"1"`) + `]}`, 452,
			`"subStatusCode":1001`},
		{"broken partition key", commit, `{"operations":[` + op(`"operationType":"Delete","id":"1",`+
			`"partitionKey":"p"`) + `]}`, 452, `"statusCode":400`},
		{"no such database", read, `{"operations":[` + strings.Replace(op(`"operationType":"Read","id":"1",`+
			`"partitionKey":["p"]`), `"d"`, `"x"`, 1) + `]}`, 207, `"statusCode":404`},
	} {
		t.Run(test.name, func(t *testing.T) {
			token := fmt.Sprintf("%036d", i)
			for range 2 {
				a := s.transactBody(test.kind, token, test.body).want(t, test.status)
				require.Contains(t, a.body, test.want)
			}
		})
	}
	for _, token := range []string{"", "x", transactionToken + "0"} {
		require.Contains(t, s.transactBody(read, token, `{}`).want(t, 400).text("message"), "must be a GUID")
	}
}

// A transaction is held to the throughput of its containers before anything is done, and may be sent again.
func TestTransactionsAreThrottled(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := newServer(t, distributed, clock.options, func(o *gateway.Options, so *store.Options) {
		o.Throttle, so.Partitions = true, 1
	})
	s.container("/pk")
	body := `{"operations":[{"databaseName":"d","collectionName":"c","index":0,"operationType":"Upsert",` +
		`"resourceType":"Document","partitionKey":["p"],"id":"1","resourceBody":{"id":"1","pk":"p"}}]}`
	token := func(i int) string { return fmt.Sprintf("%036d", i) }
	i := 0
	for ; s.transactBody("CommitDistributedTransaction", token(i), body).status == 200; i++ {
		require.Less(t, i, 200, "400 RU/s are for fewer")
	}
	a := s.transactBody("CommitDistributedTransaction", token(i), body).want(t, 429, "3200")
	require.NotEmpty(t, a.header.Get("x-ms-retry-after-ms"))
	clock.seconds.Add(1)
	s.transactBody("CommitDistributedTransaction", token(i), body).want(t, 200)
}
