package gateway

import (
	"slices"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

const (
	// What is kept of transactions that were decided, for clients that ask again. Uncertain: for how long the service
	// does. Whichever of the three is reached first ends it: number, bytes or time.
	keptTransactions = 10_000
	keptBytes        = 64 << 20
	keptFor          = 10 * time.Minute
)

// transactions remembers what became of transactions, by their idempotency tokens. A client that lost the answer to a
// commit asks again with the same token, and must not have its writes done twice (PROTOCOL.md 10.12).
type transactions struct {
	mu    sync.Mutex
	known map[string]*transaction
	order []string // oldest first
	bytes int      // of their answers
}

// transaction is one that was asked for.
type transaction struct {
	done   bool
	answer reply
	at     time.Time
}

// begin finds the transaction of a token, or notes that it begins. A copy is returned, for the original may be filled
// in meanwhile. One under way is never forgotten, however old.
func (ts *transactions) begin(token string, now time.Time) (t *transaction, first bool) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.known == nil {
		ts.known = map[string]*transaction{}
	}
	for len(ts.order) > 0 {
		oldest := ts.known[ts.order[0]]
		if !oldest.done || len(ts.order) < keptTransactions && ts.bytes < keptBytes && now.Sub(oldest.at) < keptFor {
			break
		}
		ts.bytes -= len(oldest.answer.body)
		delete(ts.known, ts.order[0])
		ts.order = ts.order[1:]
	}
	if t := ts.known[token]; t != nil {
		return &transaction{done: t.done, answer: t.answer}, false
	}
	t = &transaction{at: now}
	ts.known[token] = t
	ts.order = append(ts.order, token)
	return t, true
}

// end notes what became of a transaction; one that was not decided is forgotten. Refused ones, a malformed one or a
// throttled one, may be tried again with the same token.
func (ts *transactions) end(token string, answer reply, decided bool) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if decided {
		ts.known[token].done, ts.known[token].answer = true, answer
		ts.bytes += len(answer.body)
		return
	}
	delete(ts.known, token)
	ts.order = slices.DeleteFunc(ts.order, func(s string) bool { return s == token })
}

// once executes a transaction unless it is known.
func (c *call) once(token string, execute func() (reply, error)) (reply, error) {
	t, first := c.g.transactions.begin(token, time.Now())
	switch {
	case !first && !t.done:
		// Clients repeat 449/5352 with the same token until it is decided.
		return reply{}, store.Errorf(449, subInProgress, "The transaction is being executed.")
	case !first:
		return t.answer, nil
	}
	// Deferred, so that a panic does not leave a transaction that is never decided.
	decided, answer := false, reply{}
	defer func() { c.g.transactions.end(token, answer, decided) }()
	answer, err := execute()
	decided = err == nil
	return answer, err
}
