package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

var (
	// ErrOwnerNotFound is the cause of a 404 that says that the container is missing, not a document in it.
	ErrOwnerNotFound = errors.New("cosmos: the container, or its database, does not exist")
	// errUnsure is the cause of a 404 that may mean a document or its container.
	errUnsure = errors.New("cosmos: whether the container exists could not be read")
)

// whatIsMissing is the cause of a 404 to a request about documents: nil if it is a document. The partition of the
// container names its range; where it does not answer, the container may be what is missing.
func (c *Client) whatIsMissing(ctx context.Context, req *Request, resp *Response) error {
	if c.missing == nil || req.Scope == "" || resp.Status != http.StatusNotFound {
		return nil
	}
	switch {
	case resp.SubStatus == SubOwnerNotFound:
		return ErrOwnerNotFound
	case resp.SubStatus != 0, resp.Header.Get(HeaderRangeID) != "":
		return nil
	}
	missing, err := c.missing(ctx, req.Scope)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errUnsure, err)
	case missing:
		return ErrOwnerNotFound
	}
	return nil
}

// IsNoDocument reports whether a 404 of the service says that there is no such document, rather than no container.
func (f *Failure) IsNoDocument() bool {
	return f.StatusCode == http.StatusNotFound && f.SubStatus == 0 && !errors.Is(f.Cause, ErrOwnerNotFound) &&
		!errors.Is(f.Cause, errUnsure)
}
