package cosmos

import (
	"context"
	"errors"
	"net/http"

	"github.com/cosmossql/cosmossql/internal/bulk"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// guarded reports whether executing the operation twice is the same as once: the second time it is refused. An upsert
// is not: it would create again what another client has deleted meanwhile.
func (o *Operation) guarded() bool {
	switch o.kind {
	case KindCreate:
		return true
	case KindReplace, KindPatch, KindDelete:
		return o.match != "" && o.match != "*"
	}
	return false
}

// settle finds out what became of a write of unknown outcome, if the document tells: one that was to be created or
// replaced and is as it was to be was written by this operation, or by one that did the same. Otherwise err stands. key
// is the header form of the partition key.
func (c *Container) settle(ctx context.Context, o *Operation, set *option.Set, key string, resp *Response,
	err error) (*Response, error) {
	if !errors.Is(err, ErrUnknownOutcome) || ctx.Err() != nil || o.document() == nil {
		return resp, err
	}
	status, id := http.StatusOK, o.id
	if o.renamed != "" {
		id = o.renamed
	}
	lost := resp == nil || rest.Uncertain(resp.StatusCode, resp.SubStatus)
	switch {
	case o.kind == KindCreate && (lost || resp.StatusCode == http.StatusConflict):
		status = http.StatusCreated
	case o.match != "" && o.match != "*" && (lost || resp.StatusCode == http.StatusPreconditionFailed):
	case o.renamed != "" && (lost || resp.StatusCode == http.StatusNotFound):
	default:
		return resp, err
	}
	req := c.request(c.address.child(rest.Documents, id), http.MethodGet, rest.Read)
	req.Set(rest.HeaderPartitionKey, key)
	read := *set
	read.SessionToken = "" // that of the client has seen more
	stored, readErr := c.client().do(ctx, &read, req)
	// A document that still has the ETag of the condition was not written, even if it says the same.
	if readErr != nil || stored.ETag == o.match || !bulk.SameDocument(o.body, stored.Body) {
		return resp, err
	}
	stored.StatusCode = status
	if resp != nil {
		stored.RequestCharge += resp.RequestCharge
		stored.Retries += resp.Retries + 1
	}
	return stored, nil
}
