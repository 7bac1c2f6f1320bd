package gateway

import (
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/value"
)

// maxBatch is how many operations a batch may have. The service refuses 101 (recorded exchange 200).
const maxBatch = 100

// batchOperation is one operation of a batch or bulk request.
type batchOperation struct {
	Type         string          `json:"operationType"`
	ID           string          `json:"id"`
	Body         json.RawMessage `json:"resourceBody"`
	IfMatch      string          `json:"ifMatch"`
	IfNoneMatch  string          `json:"ifNoneMatch"`
	PartitionKey json.RawMessage `json:"partitionKey"` // a string of the header's form, or the array itself
	// A pointer, as an operation that does not say so follows the request.
	Minimal *bool `json:"minimalReturnPreference"` // as the request's Prefer, for this operation alone
}

// hybridRow is the first byte of a batch in the binary form of the .NET SDK. Told apart by it, since .NET sends it
// with the content type of JSON.
const hybridRow = 0x81

// batchResult is what one operation came to. A failed one has no more than its status and charge; the substatus of
// the first stands in the header of the answer. The order of the members is the service's (recorded exchange 193).
type batchResult struct {
	StatusCode    int             `json:"statusCode"`
	SubStatusCode int             `json:"subStatusCode,omitempty"`
	RequestCharge float64         `json:"requestCharge"`
	ETag          string          `json:"eTag,omitempty"`
	ResourceBody  json.RawMessage `json:"resourceBody,omitempty"`
	RetryAfter    int64           `json:"retryAfterMilliseconds,omitempty"`
}

// inBatch is for requests of several operations. A body that is not a list, or an operation that is not an object,
// fails the whole request: nothing has been done yet.
func inBatch(handle func(*call, *store.Container, []batchOperation) (reply, error)) handler {
	return inContainer(func(c *call, x *store.Container) (reply, error) {
		if len(c.body) > 0 && c.body[0] == hybridRow {
			return reply{}, store.Errorf(400, 0, "A batch in HybridRow, as the .NET SDK writes it, is not "+
				"read by this server: send the operations as a JSON array.")
		}
		var ops []batchOperation
		if err := json.Unmarshal(c.body, &ops); err != nil {
			return reply{}, store.Malformed()
		}
		switch n := len(ops); {
		case n == 0:
			// From the Python SDK's suite (PROTOCOL.md, appendix A).
			return reply{}, store.Errorf(400, 0, "Batch request has no operations.")
		case n > maxBatch:
			return reply{}, tooMany()
		}
		return handle(c, x, ops)
	})
}

// tooMany is the refusal of a batch of more operations than the service takes. It has no charge.
func tooMany() error {
	e := store.Errorf(400, 0, "Batch request has more operations than what is supported.")
	e.Charge = -1
	return e
}

// prepare checks an operation and makes it ready to run on the logical partition epk. An operation that cannot be
// prepared is that operation's failure, not the request's: one of another key has a status of its own (recorded
// exchange 197).
func (c *call) prepare(x *store.Container, o *batchOperation, epk string) (w write, err error) {
	// A global secondary index is written by its source alone.
	if o.Type != "Read" && x.IsSecondary() {
		return nil, store.ReadOnly()
	}
	var d *store.Document
	switch o.Type {
	case "Create", "Upsert", "Replace":
		if d, err = document(x, epk, o.Body); err != nil {
			return nil, err
		}
	}
	n := itemName{o.ID, epk}
	switch o.Type {
	case "Create":
		return creates(d), nil
	case "Upsert":
		return upserts(d, o.IfMatch), nil
	case "Replace":
		return replaces(o.ID, d, o.IfMatch), nil
	case "Patch":
		return c.patches(x, n, o.Body, o.IfMatch)
	case "Read":
		// On a read either condition is about what the caller has already.
		return reads(n, cmp.Or(o.IfNoneMatch, o.IfMatch)), nil
	case "Delete":
		return deletes(n, o.IfMatch), nil
	}
	return nil, store.Errorf(400, 0, "The batch operation type %q is unknown.", o.Type)
}

// estimate is about what the operation costs, before it is done. By the kind only, as for single requests.
func (o *batchOperation) estimate() float64 {
	switch o.Type {
	case "Read":
		return 1
	case "Replace", "Patch":
		return 2 * writeEstimate
	}
	return writeEstimate
}

// result describes how an operation ended, and what it has cost. No message ever: the service sends none for
// operations (recorded exchanges 194, 197 and 199).
func (c *call) result(o *batchOperation, it *store.Item, status int, units float64, err error) batchResult {
	r := batchResult{StatusCode: status, RequestCharge: units}
	if err != nil {
		var e *store.Error
		if !errors.As(err, &e) {
			e = store.Errorf(500, 0, "%v", err)
		}
		r.StatusCode = e.Status
		if units == 0 {
			r.RequestCharge = chargeRefused
		}
		switch {
		// A 410 of a bulk operation tells by it that a partition was split; recorded are a 400, whose substatus is in
		// the header (exchange 197), and a 409 that has none (199).
		case c.op.name == Bulk && e.Status != http.StatusBadRequest:
			r.SubStatusCode = e.SubStatus // which clients read to repeat the operation
		case e.SubStatus != 0 && !c.has(headerSubstatus):
			c.set(headerSubstatus, strconv.Itoa(e.SubStatus))
		}
		return r
	}
	if it != nil {
		r.ETag = it.ETag
		minimal := c.minimal()
		if o.Minimal != nil {
			minimal = *o.Minimal
		}
		// Who reads wants the document, whatever it prefers for writes.
		if o.Type == "Read" || !minimal {
			r.ResourceBody = it.Body()
		}
	}
	return r
}

// batch runs a transactional batch: all of its operations or none. The one that failed is told by its own status, the
// others by 424. 424 and the status 207 make it a refusal to clients that look at the status alone, azcosmos among
// them.
func (c *call) batch(x *store.Container, ops []batchOperation) (reply, error) {
	epk, err := c.key(x)
	if err != nil {
		if def := x.Definition().PartitionKey; def.Hierarchical() && c.header(headerKey) != "" {
			err = store.Errorf(400, store.SubMismatch,
				"Partition key provided either doesn't correspond to definition in the collection or "+
					"doesn't match partition key field values specified in the document.")
		}
		return reply{}, err
	}
	rangeID, err := c.rangeID(x)
	if err != nil {
		return reply{}, err
	}
	estimate := 0.0
	for i := range ops {
		estimate += ops[i].estimate()
	}
	if err := c.admit(x, epk, estimate); err != nil {
		return reply{}, err
	}
	results := make([]batchResult, len(ops))
	failed, size := -1, 0
	mark, err := c.transact(x, epk, rangeID, func(tx *store.Tx) error {
		for i := range ops {
			var it *store.Item
			var status int
			w, err := c.prepare(x, &ops[i], epk)
			if err == nil {
				it, status, err = w(tx)
			}
			if it != nil && err == nil && (ops[i].Type == "Read" || !c.minimal()) {
				// 413 for the operation with which the answer gets too large, 424 for the others, says the Java SDK's
				// suite.
				if size += len(it.JSON); size > maxPageBytes {
					err = store.TooLarge()
				}
			}
			if results[i] = c.result(&ops[i], it, status, tx.Units(), err); err != nil {
				failed = i
				return err
			}
		}
		return nil
	})
	c.answered(mark)
	if err != nil && failed < 0 {
		return reply{}, err // not an operation's fault
	}
	if failed >= 0 {
		for i := range results {
			if i != failed {
				// The service counts the work that it undoes.
				results[i] = batchResult{StatusCode: http.StatusFailedDependency,
					RequestCharge: results[i].RequestCharge}
			}
		}
	}
	return c.batchReply(results)
}

// batchReply is 207 where an operation failed, else 200. The charge in the header is the sum of those in the body
// (recorded exchange 193).
func (c *call) batchReply(results []batchResult) (reply, error) {
	status, charge := http.StatusOK, 0.0
	c.nothing = true
	for _, r := range results {
		charge += r.RequestCharge
		c.nothing = c.nothing && r.StatusCode >= 400
		if r.StatusCode >= 400 {
			status = http.StatusMultiStatus
		}
	}
	c.set(headerItemCount, strconv.Itoa(len(results)))
	body, err := encode(results)
	return reply{status: status, body: body, charge: charge}, err
}

// bulk runs operations that have nothing to do with each other: each ends for itself. Operations of one request may
// be of different partition keys.
func (c *call) bulk(x *store.Container, ops []batchOperation) (reply, error) {
	t, err := c.target(x)
	if err != nil {
		return reply{}, err
	}
	// A range that is gone fails the request as a whole: the caller must read the ranges again.
	if err := x.View(store.Scope{Range: t.Range}, func([]*store.Slice) error { return nil }); err != nil {
		return reply{}, err
	}
	results := make([]batchResult, len(ops))
	marks := map[string]store.Mark{}
	skip := false
	for i := range ops {
		if skip {
			results[i] = batchResult{StatusCode: http.StatusFailedDependency}
			continue
		}
		var mark store.Mark
		results[i], mark = c.bulkOperation(x, &ops[i], t)
		marks[mark.Range] = mark
		// Without the header, or with True, the others go on (recorded exchange 199).
		skip = results[i].StatusCode >= 400 &&
			strings.EqualFold(c.header("x-ms-cosmos-batch-continue-on-error"), "false")
	}
	byRange := func(a, b store.Mark) int { return cmp.Compare(a.Range, b.Range) }
	c.answered(slices.SortedFunc(maps.Values(marks), byRange)...)
	return c.batchReply(results)
}

// bulkOperation runs one operation of a bulk request as a transaction of its own. The key of the header goes before
// those of operations.
func (c *call) bulkOperation(x *store.Container, o *batchOperation, t target) (batchResult, store.Mark) {
	fail := func(err error) (batchResult, store.Mark) { return c.result(o, nil, 0, 0, err), store.Mark{} }
	epk := t.Key
	if !t.HasKey {
		var err error
		if epk, err = effectiveKey(x, keyText(o.PartitionKey)); err != nil {
			return fail(err)
		}
	}
	if wait, err := c.admitItem(x, o, epk, t); err != nil {
		r, m := fail(err)
		r.RetryAfter = wait.Milliseconds()
		return r, m
	}
	w, err := c.prepare(x, o, epk)
	if err != nil {
		return fail(err)
	}
	var it *store.Item
	var status int
	var units float64
	mark, err := c.transact(x, epk, t.Range, func(tx *store.Tx) (err error) {
		it, status, err = w(tx)
		units = tx.Units()
		return err
	})
	return c.result(o, it, status, units, err), mark
}

// admitItem is what can keep one operation of a bulk request from being tried: a fault, or the throughput. In the
// service, too, a bulk request of which a part is throttled is answered with 207, and clients repeat that part.
func (c *call) admitItem(x *store.Container, o *batchOperation, epk string, t target) (time.Duration, error) {
	r := c.request()
	r.Operation, r.Item, r.PartitionKey = BulkItem, o.id(), keyText(o.PartitionKey)
	if wait, refusal := c.g.faults.item(r); refusal != nil {
		return wait, refusal
	}
	if !c.g.throttle.Load() {
		return 0, nil
	}
	return x.Admit(epk, t.Range, o.estimate())
}

// id is the id of the document that the operation is about, wherever it says so.
func (o *batchOperation) id() string {
	if o.ID != "" {
		return o.ID
	}
	id, _ := rawjson.Get(o.Body, "id")
	s, _ := rawjson.String(id)
	return s
}

// keyText is the header form of an operation's partition key. The SDKs write it as a text that holds JSON, captured
// from JavaScript (PROTOCOL.md 5.2).
func keyText(raw json.RawMessage) string {
	if v, err := value.Parse(raw); err == nil && v.Kind() == value.KindString {
		return v.AsString()
	}
	return string(raw)
}
