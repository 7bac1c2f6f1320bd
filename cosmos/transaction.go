package cosmos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/dtc"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/google/uuid"
)

// Transaction collects operations on documents of any partition keys, containers and databases of an account, which
// are then executed all or none ([Transaction.Commit]), or read as they are at one moment ([Transaction.Read]). It
// follows the service's preview of distributed transactions (POST operations/dtc), as its SDKs had it in November
// 2026, which an account has to be enabled for; within one partition key [Container.TransactionalBatch] needs no
// preview. It is not safe for concurrent use.
//
//	tx := client.NewTransaction()
//	err := errors.Join(
//		tx.Add(ctx, orders, cosmos.OpCreate(order)),
//		tx.Add(ctx, stock, cosmos.OpPatch("bolt", []cosmos.PatchOperation{cosmos.PatchIncrement("/count", -1)},
//			cosmos.PartitionKey("hardware"), cosmos.PatchCondition("from s where s.count > 0"))),
//	)
//	if err == nil {
//		_, err = tx.Commit(ctx)
//	}
type Transaction struct {
	client    *Client
	token     string // idempotency token
	parts     []transactionPart
	documents map[string]bool // that an operation is about
	committed bool            // the outcome is known
}

// transactionPart is an operation with its container.
type transactionPart struct {
	Operation
	container  *Container
	definition *definition
	wire       dtc.Operation
	rangeID    string // that is expected to answer, "" if that is not known
}

// NewTransaction begins a transaction. It sends nothing.
func (c *Client) NewTransaction() *Transaction {
	return &Transaction{client: c, token: uuid.NewString(), documents: make(map[string]bool)}
}

// IdempotencyToken returns the name of the transaction, which the service knows it by however often it is sent.
func (t *Transaction) IdempotencyToken() string { return t.token }

// Len returns how many operations there are.
func (t *Transaction) Len() int { return len(t.parts) }

// errTwice is the error of a second operation on a document.
var errTwice = errtext.Refusef("the transaction has an operation on this document already: put both changes into one")

// Add adds operations on documents of a container of the same client. It sends nothing but reads the container's
// definition if that is not known. An operation that is invalid, or about a document that the transaction has an
// operation on already, is refused, and none of the operations is added.
func (t *Transaction) Add(ctx context.Context, c *Container, operations ...Operation) error {
	if err := c.check(); err != nil {
		return err
	}
	if c.client() != t.client {
		return errtext.Refusef(
			"cosmos: container %q belongs to another client: a transaction stays in one account", c.id)
	}
	d, err := c.definition(ctx, nil)
	if err != nil {
		return err
	}
	parts, names := []transactionPart{}, []string{}
	for _, o := range operations {
		part, documents, err := t.part(c, d, o)
		if err != nil {
			return within(strings.TrimSpace(o.String()), err)
		}
		for _, name := range documents {
			if t.documents[name] || slices.Contains(names, name) {
				return within(o.String(), errTwice)
			}
		}
		parts, names = append(parts, part), append(names, documents...)
	}
	t.parts = append(t.parts, parts...)
	for _, name := range names {
		t.documents[name] = true
	}
	return nil
}

// part makes an operation ready to be sent, and names the documents that it is about.
func (t *Transaction) part(c *Container, d *definition, o Operation) (transactionPart, []string, error) {
	key, err := o.keyFor(c, d, &option.Set{})
	if err != nil {
		return transactionPart{}, nil, err
	}
	p := transactionPart{Operation: o, container: c, definition: d}
	p.wire = dtc.Operation{Operation: o.wire(), Database: c.database.id, Container: c.id, ContainerRID: d.rid}
	p.wire.PartitionKey = key.Header()
	if m := c.metadata().routing.Load(); m != nil {
		if r, found := m.Find(d.key.EPK(key)); found {
			p.rangeID = r.ID
		}
	}
	names := []string{c.address.link + p.wire.PartitionKey + o.id}
	if o.renamed != "" {
		names = append(names, c.address.link+p.wire.PartitionKey+o.renamed)
	}
	return p, names, nil
}

// Commit executes all operations, or none. It may be sent several times: the service executes it once. If an
// operation fails the error is a [*BatchError], which tells all that did, and nothing was done. If the error is
// [ErrUnknownOutcome], Commit may be called again: the service then says what happened, or does it. The response has
// the results of all operations in the order in which they were added, also beside a [*BatchError]. Options:
// [ContentResponse], [Priority], [ThroughputBucket].
func (t *Transaction) Commit(ctx context.Context, opts ...Option) (*BatchResponse, error) {
	for i := range t.parts {
		if o := &t.parts[i].Operation; o.kind == KindRead {
			return nil, t.refused(i,
				errors.New("a transaction that is committed only writes: read with Transaction.Read, or before it"))
		}
	}
	if t.committed {
		return nil, errtext.Refusef("cosmos: the transaction was committed already: make another one")
	}
	resp, err := t.send(ctx, dtc.Commit, option.CommitTransaction, opts)
	t.committed = err == nil
	return resp, err
}

// Read reads documents as they are at one moment: every operation must be an [OpRead]. The response has a document
// for each, in the order in which they were added; with [IfNoneMatch] status 304 says that one has not changed. If
// one cannot be read the error is a [*BatchError]. Options: [Priority], [ThroughputBucket].
func (t *Transaction) Read(ctx context.Context, opts ...Option) (*BatchResponse, error) {
	for i := range t.parts {
		p := &t.parts[i]
		if p.kind != KindRead {
			return nil, t.refused(i, errors.New("a transaction that is read has only operations made by OpRead"))
		}
		p.wire.SessionToken = t.client.rest.Sessions.Token(p.container.address.link, p.rangeID)
	}
	return t.send(ctx, dtc.Read, option.ReadTransaction, opts)
}

func (t *Transaction) refused(i int, err error) error {
	e := refusedOperation(t.operations(), i, err)
	e.transaction = true
	return e
}

func (t *Transaction) operations() []Operation {
	list := make([]Operation, len(t.parts))
	for i := range t.parts {
		list[i] = t.parts[i].Operation
	}
	return list
}

// send sends the transaction until its outcome is known, or the contract allows no further attempt.
func (t *Transaction) send(ctx context.Context, kind string, op *option.Operation,
	opts []Option) (*BatchResponse, error) {
	if len(t.parts) == 0 {
		return nil, errtext.Refusef("cosmos: the transaction has no operations")
	}
	set, err := t.client.resolve(ctx, op, opts)
	if err != nil {
		return nil, err
	}
	wire := make([]dtc.Operation, len(t.parts))
	for i := range t.parts {
		wire[i] = t.parts[i].wire
	}
	again, longest := t.client.rest.Throttling()
	repeats := dtc.Repeats{Throttled: again, MostWait: longest}
	sent := false // an attempt may have been executed
	for {
		req := dtc.Request(kind, t.token, wire)
		writeOptions(set, req)
		requestOptions(set, req)
		resp, err := t.client.rest.Do(ctx, req)
		record(ctx, resp)
		if err == nil || resp.Status == dtc.StatusAborted {
			answer, parseErr := dtc.ParseAnswer(resp.Body, t.token, len(wire))
			if parseErr == nil {
				return t.response(ctx, resp, answer)
			}
			if err = parseErr; kind == dtc.Commit {
				err = fmt.Errorf("%w (%w)", parseErr, ErrUnknownOutcome) // another's answer
			}
		}
		sent = sent || errors.Is(err, ErrUnknownOutcome)
		failure, answered := err.(*rest.Failure)
		if !answered {
			failure = &rest.Failure{} // whatever the status of an answer that broke off
		}
		wait, repeat := repeats.After(failure.StatusCode, failure.SubStatus, failure.RetryAfter)
		if repeat && ctx.Err() == nil && !errors.Is(err, ErrClosed) && rest.Wait(ctx, wait) == nil {
			continue
		}
		var b *BatchResponse
		if answered {
			b = &BatchResponse{Response: *publicResponse(resp)}
		}
		if kind == dtc.Read {
			return b, readError(err)
		}
		return b, commitError(err, sent)
	}
}

// commitError is the error of a transaction that was not answered by its own result. sent says that it may have been
// executed.
func commitError(err error, sent bool) error {
	public := publicError(err)
	switch {
	case sent && errors.Is(err, ErrUnknownOutcome):
		return public
	case sent:
		return fmt.Errorf("%w (%w)", public, ErrUnknownOutcome)
	}
	return unsupportedError(err)
}

// readError is the same of one that reads, whose outcome matters to nobody.
func readError(err error) error {
	unmarked := func(err error) bool { return err == ErrUnknownOutcome }
	switch e := err.(type) {
	case *rest.Lost:
		e.Sentinels = slices.DeleteFunc(slices.Clone(e.Sentinels), unmarked)
	case *rest.Failure:
		if unmarked(e.Cause) {
			e.Cause = nil
		}
	}
	return unsupportedError(err)
}

// unsupportedError says what a refusal means that is the account's, not the transaction's.
func unsupportedError(err error) error {
	if f, ok := err.(*rest.Failure); ok && unsupported(f) {
		return fmt.Errorf(
			"cosmos: the account does not execute distributed transactions: they are a preview of the service that "+
				"has to be enabled for it; within one partition key a transactional batch needs none: %w",
			errtext.Inner(publicError(err)))
	}
	return publicError(err)
}

// unsupported reports whether a refusal is that of a service without distributed transactions.
func unsupported(f *rest.Failure) bool {
	switch f.StatusCode {
	case http.StatusBadRequest, http.StatusNotFound:
		return f.SubStatus == 0
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	}
	return false
}

// response makes the response of an answer, and the error if the transaction was not executed.
func (t *Transaction) response(ctx context.Context, resp *rest.Response, answer *dtc.Answer) (*BatchResponse, error) {
	b := &BatchResponse{Response: *publicResponse(resp), Results: make([]OperationResult, len(answer.Results))}
	var failed []int
	recreated := false
	for i, r := range answer.Results {
		b.Results[i] = publicResult(&r.Result)
		b.Results[i].SessionToken = r.SessionToken
		p := &t.parts[i]
		if r.SessionToken != "" {
			t.client.rest.Sessions.Keep(p.container.address.link, "", r.SessionToken)
		}
		if r.Succeeded() || r.StatusCode == http.StatusFailedDependency || r.SubStatus == dtc.SubOthersVoteNo {
			continue
		}
		failed = append(failed, i)
		if outdatedAnswer(r.StatusCode, r.SubStatus) || r.StatusCode == http.StatusNotFound && p.kind == KindCreate {
			fresh, err := p.container.definition(ctx, p.definition)
			recreated = recreated || err == nil && fresh.rid != p.definition.rid
		}
	}
	if len(failed) == 0 {
		if answer.StatusCode >= http.StatusBadRequest {
			return b, fmt.Errorf("cosmos: the transaction was not executed: %d/%d %s",
				answer.StatusCode, answer.SubStatus, answer.Diagnostics)
		}
		return b, nil
	}
	first := failed[0]
	o := t.parts[first].wire.Operation
	err := error(&BatchError{
		Index: first, Operation: o.String(), Failed: failed, transaction: true,
		Err: newError(answer.Results[first].Failure(&o, resp.ActivityID)),
	})
	if recreated {
		err = fmt.Errorf("%w: %w", errRecreated, err)
	}
	return b, err
}

// publicResult is the result of an operation as the caller sees it.
func publicResult(r *batch.Result) OperationResult {
	return OperationResult{
		StatusCode: r.StatusCode, SubStatus: r.SubStatus, ETag: r.ETag, RequestCharge: r.RequestCharge, Body: r.Body,
		Message: r.Message, RetryAfter: r.RetryAfter,
	}
}
