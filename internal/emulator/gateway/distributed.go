package gateway

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Distributed transactions, as the service's preview of 2026 has them (PROTOCOL.md 10.12). This file and the client's
// internal/dtc are all that knows their form. What the published contract leaves open is marked as uncertain.

// The kinds of request, by the header x-ms-cosmos-operation-type.
const (
	verbCommit = "COMMIT"
	verbAbort  = "ABORT"
	verbRead   = "READ"
)

// Statuses of a transaction.
const (
	// HTTP does not know 452 and 453, which are the preview's own.
	statusAborted   = 452  // of a transaction that was not executed
	subOtherVoted   = 5415 // of an operation that voted yes, where another voted no
	subInvalid      = 5405 // 400: the request is not a transaction. Uncertain: which of 5405 to 5410 means what
	subTooMany      = 5406 // 400
	subSameDocument = 5407 // 400
	subInProgress   = 5352 // 449: the same transaction is being executed
	maxDistributed  = 100  // operations. Uncertain: the contract names no limit
)

// distributedOperation is one operation of a transaction. Names and resource ids both come; the ids only guard
// against a container that was made anew.
type distributedOperation struct {
	Database     string          `json:"databaseName"`
	Container    string          `json:"collectionName"`
	DatabaseRID  string          `json:"databaseResourceId"`
	ContainerRID string          `json:"collectionResourceId"`
	ID           string          `json:"id"`
	PartitionKey json.RawMessage `json:"partitionKey"` // the array itself
	Index        int             `json:"index"`
	Body         json.RawMessage `json:"resourceBody"`
	SessionToken string          `json:"sessionToken"`
	IfMatch      string          `json:"ifMatch"`
	IfNoneMatch  string          `json:"ifNoneMatch"`
	Type         string          `json:"operationType"`

	part  store.Part
	write write
}

// distributedResult is what one operation of a transaction came to. No operation says that it may be repeated: a
// transaction is repeated as a whole, by its token.
type distributedResult struct {
	Index         int             `json:"index"`
	StatusCode    int             `json:"statusCode"`
	SubStatusCode int             `json:"subStatusCode"`
	SessionToken  string          `json:"sessionToken,omitempty"`
	ETag          string          `json:"eTag,omitempty"`
	RequestCharge float64         `json:"requestCharge"`
	IsRetriable   bool            `json:"isRetriable"`
	ResourceBody  json.RawMessage `json:"resourceBody,omitempty"`
}

// distributedAnswer is the answer to a transaction.
type distributedAnswer struct {
	Token         string              `json:"idempotencyToken"`
	StatusCode    int                 `json:"statusCode"`
	SubStatusCode int                 `json:"subStatusCode"`
	RequestCharge float64             `json:"requestCharge"`
	IsRetriable   bool                `json:"isRetriable"`
	Diagnostics   string              `json:"diagnosticString"`
	Operations    []distributedResult `json:"operationResponses"`
}

// inTransaction is for what is asked of a transaction; body tells whether the request lists operations. Off unless
// the option says so: most accounts lack the preview and answer 400.
func inTransaction(handle func(*call, string, []*distributedOperation) (reply, error)) handler {
	return func(c *call) (reply, error) {
		if !c.g.opts.Distributed {
			return reply{}, invalidURL()
		}
		token := c.header("x-ms-cosmos-idempotency-token")
		// The length of a GUID's text, which is all that matters here.
		if len(token) != 36 {
			return reply{}, store.Errorf(400, subInvalid, "The header x-ms-cosmos-idempotency-token must be a GUID.")
		}
		var body struct {
			Operations []*distributedOperation `json:"operations"`
		}
		err := json.Unmarshal(c.body, &body)
		if (err != nil || slices.Contains(body.Operations, nil)) && c.op.name != AbortTransaction {
			return reply{}, store.Errorf(400, subInvalid,
				"The request payload is invalid. Ensure to provide a valid request payload.")
		}
		return handle(c, token, body.Operations)
	}
}

// commitTransaction executes all operations of a transaction, or none. A token that was used answers what was
// answered. Operations are prepared first, without locks; those that cannot be vote no, and nothing is tried.
func (c *call) commitTransaction(token string, ops []*distributedOperation) (reply, error) {
	return c.once(token, func() (reply, error) {
		results, refused := make([]distributedResult, len(ops)), false
		if err := checkTransaction(ops); err != nil {
			return reply{}, err
		}
		for i, o := range ops {
			if err := c.prepareDistributed(o); err != nil {
				results[i], refused = c.vote(o, nil, 0, 0, err), true
			}
		}
		if !refused {
			if err := checkSameDocument(ops); err != nil {
				return reply{}, err
			}
			if err := c.admitTransaction(ops); err != nil {
				return reply{}, err
			}
			// It makes the store undo what has been done; no client sees it.
			errAborted := errors.New("an operation voted no")
			marks, err := store.Distributed(partsOf(ops), func(txs []*store.Tx) error {
				for i, o := range ops {
					it, status, err := o.write(txs[i])
					results[i] = c.vote(o, it, status, txs[i].Units(), err)
					refused = refused || err != nil
				}
				if refused {
					return errAborted
				}
				return nil
			})
			if err != nil && !errors.Is(err, errAborted) {
				return reply{}, err
			}
			c.sessionTokens(results, marks)
		}
		status := http.StatusOK
		if refused {
			status = statusAborted
			for i := range results {
				if r := &results[i]; r.StatusCode < 400 {
					*r = distributedResult{
						Index: ops[i].Index, StatusCode: statusAborted, SubStatusCode: subOtherVoted,
						RequestCharge: r.RequestCharge,
					}
				}
			}
		}
		return c.transactionReply(token, status, ops, results)
	})
}

// abortTransaction makes a transaction that was not executed one that never will be. Uncertain in the service: that one
// that was executed answers what it did.
func (c *call) abortTransaction(token string, _ []*distributedOperation) (reply, error) {
	return c.once(token, func() (reply, error) { return c.transactionReply(token, statusAborted, nil, nil) })
}

// readTransaction reads documents as they are at one moment. One that cannot be read makes the others 424. No token
// is remembered: reading again does no harm.
func (c *call) readTransaction(token string, ops []*distributedOperation) (reply, error) {
	if err := checkTransaction(ops); err != nil {
		return reply{}, err
	}
	results, failed := make([]distributedResult, len(ops)), false
	for i, o := range ops {
		if o.Type != "Read" {
			return reply{}, store.Errorf(400, subInvalid, "A transaction that reads has only operations of type Read.")
		}
		if err := c.prepareDistributed(o); err != nil {
			results[i], failed = c.vote(o, nil, 0, 0, err), true
		}
	}
	if !failed {
		marks, err := store.Distributed(partsOf(ops), func(txs []*store.Tx) error {
			for i, o := range ops {
				it, status, err := o.write(txs[i])
				results[i] = c.vote(o, it, status, txs[i].Units(), err)
				failed = failed || err != nil
			}
			return nil
		})
		if err != nil {
			return reply{}, err
		}
		c.sessionTokens(results, marks)
	}
	status := http.StatusOK
	if failed {
		status = http.StatusMultiStatus
		for i := range results {
			if r := &results[i]; r.StatusCode < 400 {
				*r = distributedResult{Index: ops[i].Index, StatusCode: http.StatusFailedDependency,
					RequestCharge: r.RequestCharge}
			}
		}
	}
	return c.transactionReply(token, status, ops, results)
}

// checkTransaction refuses what is not a transaction.
func checkTransaction(ops []*distributedOperation) error {
	switch n := len(ops); {
	case n == 0:
		return store.Errorf(400, subInvalid, "The transaction has no operations.")
	case n > maxDistributed:
		return store.Errorf(400, subTooMany, "The transaction has more operations than what is supported.")
	}
	indexes := make(map[int]bool, len(ops))
	for _, o := range ops {
		if indexes[o.Index] {
			return store.Errorf(400, subInvalid, "The transaction has two operations of index %d.", o.Index)
		}
		indexes[o.Index] = true
	}
	return nil
}

// checkSameDocument refuses operations, made ready to run, of which two write the same document: the contract gives
// them no order. Containers and keys can be written in several ways, so that texts do not tell.
func checkSameDocument(ops []*distributedOperation) error {
	type document struct{ container, epk, id string }
	seen := make(map[document]bool, len(ops))
	for _, o := range ops {
		d := document{o.part.Container.RID(), o.part.EPK, o.id()}
		if seen[d] {
			return store.Errorf(400, subSameDocument, "The transaction has two operations on the document %q.", d.id)
		}
		seen[d] = true
	}
	return nil
}

// id is the id of the document that the operation is about.
func (o *distributedOperation) id() string {
	return (&batchOperation{ID: o.ID, Body: o.Body}).id()
}

// prepareDistributed finds the container of an operation and makes it ready to run. The rest is that of a batch, so
// that an operation means the same in both.
func (c *call) prepareDistributed(o *distributedOperation) error {
	x, err := c.g.account.Container(o.Database, o.Container)
	if err != nil {
		return err
	}
	if o.ContainerRID != "" && o.ContainerRID != x.RID() {
		return store.Errorf(400, store.SubWrongRID,
			"The collection rid %s of the operation is not that of the collection, %s.",
			o.ContainerRID, x.RID())
	}
	x = x.In(c.region)
	o.part.Container = x
	if o.part.EPK, err = effectiveKey(x, string(o.PartitionKey)); err != nil {
		return err
	}
	b := batchOperation{Type: o.Type, ID: o.ID, Body: o.Body, IfMatch: o.IfMatch, IfNoneMatch: o.IfNoneMatch}
	o.write, err = c.prepare(x, &b, o.part.EPK)
	return err
}

// admitTransaction holds a transaction to the throughput of its containers.
func (c *call) admitTransaction(ops []*distributedOperation) error {
	for _, o := range ops {
		if err := c.admit(o.part.Container, o.part.EPK, writeEstimate); err != nil {
			return err
		}
	}
	return nil
}

func partsOf(ops []*distributedOperation) []store.Part {
	parts := make([]store.Part, len(ops))
	for i, o := range ops {
		parts[i] = o.part
	}
	return parts
}

// vote describes how an operation ended. Charges have two decimals here, as the header.
func (c *call) vote(o *distributedOperation, it *store.Item, status int, units float64, err error) distributedResult {
	r := distributedResult{Index: o.Index, StatusCode: status, RequestCharge: cents(units)}
	if err != nil {
		var e *store.Error
		if !errors.As(err, &e) {
			e = store.Errorf(500, 0, "%v", err)
		}
		r.StatusCode, r.SubStatusCode, r.RequestCharge = e.Status, e.SubStatus, cents(cmp.Or(units, chargeRefused))
		return r
	}
	if it != nil {
		r.ETag = it.ETag
		if o.Type == "Read" || !c.minimal() {
			r.ResourceBody = it.Body()
		}
	}
	return r
}

// sessionTokens writes the session token of each operation's partition.
func (c *call) sessionTokens(results []distributedResult, marks []store.Mark) {
	for i, m := range marks {
		results[i].SessionToken = sessionToken(m)
	}
}

// transactionReply answers in an order of the server's own, as the contract allows: by container. A client that
// relies on the order of the answers fails here and not in production.
func (c *call) transactionReply(
	token string, status int, ops []*distributedOperation, results []distributedResult,
) (reply, error) {
	names := make(map[int]string, len(ops))
	for _, o := range ops {
		names[o.Index] = o.Container
	}
	slices.SortStableFunc(results,
		func(a, b distributedResult) int { return cmp.Compare(names[a.Index], names[b.Index]) })
	a := distributedAnswer{Token: token, StatusCode: status, Operations: results}
	for _, r := range results {
		a.RequestCharge += r.RequestCharge
	}
	body, err := encode(a)
	return reply{status: status, body: body, charge: a.RequestCharge, kind: ofTransaction}, err
}
