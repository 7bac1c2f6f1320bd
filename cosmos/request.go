package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// resolve merges the options of client, context and arguments for an operation.
func (c *Client) resolve(ctx context.Context, op *option.Operation, opts []Option) (*option.Set, error) {
	return option.Resolve(ctx, op, c.defaults, opts)
}

// do executes a request with the options that any request may carry.
func (c *Client) do(ctx context.Context, set *option.Set, req *rest.Request) (*Response, error) {
	requestOptions(set, req)
	var traced *tracedOperation
	if c.tracer != nil {
		ctx, traced = c.begin(ctx, operationName(req), req.Link, 0)
	}
	answer, err := c.rest.Do(ctx, req)
	record(ctx, answer)
	err = publicError(err)
	traced.ends(0, err)
	return publicResponse(answer), err
}

// create posts a new resource to a feed.
// The answer is decoded into created.
func (c *Client) create(ctx context.Context, op *option.Operation, feed address, kind rest.Kind, properties,
	created any, opts []Option) (*Response, error) {
	set, err := c.resolve(ctx, op, opts)
	if err != nil {
		return nil, err
	}
	req := feed.request(http.MethodPost, kind, rest.Write)
	if req.Body, err = json.Marshal(properties); err != nil {
		return nil, errtext.Refusef("cosmos: encoding the definition: %w", err)
	}
	if err := setThroughput(set, req); err != nil {
		return nil, err
	}
	return c.read(ctx, set, req, created)
}

// read decodes the answer to a request into v.
func (c *Client) read(ctx context.Context, set *option.Set, req *rest.Request, v any) (*Response, error) {
	resp, err := c.do(ctx, set, req)
	if err != nil {
		return resp, err
	}
	return resp, resp.Decode(v)
}

// remove deletes a database or container, and what is remembered of it.
func (c *Client) remove(ctx context.Context, op *option.Operation, at address, kind rest.Kind,
	opts []Option) (*Response, error) {
	set, err := c.resolve(ctx, op, opts)
	if err != nil {
		return nil, err
	}
	resp, err := c.do(ctx, set, at.request(http.MethodDelete, kind, rest.Write))
	if err == nil || notFound(err) {
		c.forget(at.link)
	}
	return resp, err
}

// requestOptions adds the headers of those options that concern any request.
func requestOptions(set *option.Set, req *rest.Request) {
	req.Consistency, req.SessionToken, req.Excluded = set.Consistency, set.SessionToken, set.ExcludedRegions
	if req.Kind == rest.Documents || req.Kind == rest.Procedures {
		req.Budget, req.Group = set.Budget, set.Group
	}
	if set.RepeatWrites && req.Effect == rest.Write {
		req.Effect = rest.Repeatable
	}
	if set.IfMatch != "" {
		req.Set(rest.HeaderIfMatch, set.IfMatch)
	}
	if set.IfNoneMatch != "" {
		req.Set(rest.HeaderIfNoneMatch, set.IfNoneMatch)
	}
	if set.Priority != "" {
		req.Set(rest.HeaderPriority, set.Priority)
	}
	if set.ThroughputBucket != 0 {
		req.Set(rest.HeaderBucket, strconv.Itoa(set.ThroughputBucket))
	}
	if set.BypassCache && req.Effect == rest.Read {
		req.Set(rest.HeaderBypassCache, "true")
	}
	if set.MaxStaleness != nil && req.Effect == rest.Read {
		req.Set(rest.HeaderMaxStaleness, strconv.Itoa(*set.MaxStaleness))
	}
	for _, h := range set.Headers {
		req.Set(h[0], h[1])
	}
	if req.Body != nil && req.Kind != "" {
		for _, f := range req.Header {
			if f.Name == rest.HeaderContentType {
				return
			}
		}
		req.Set(rest.HeaderContentType, rest.ContentJSON)
	}
}

// setThroughput adds the headers that provision a new database or container.
func setThroughput(set *option.Set, req *rest.Request) error {
	switch {
	case set.Throughput != 0 && set.AutoscaleThroughput != 0:
		return errtext.Refusef("cosmos: Throughput and AutoscaleThroughput exclude each other")
	case set.Throughput != 0:
		req.Set(rest.HeaderThroughput, strconv.Itoa(set.Throughput))
	case set.AutoscaleThroughput != 0:
		req.Set(rest.HeaderAutopilot, `{"maxThroughput":`+strconv.Itoa(set.AutoscaleThroughput)+`}`)
	}
	return nil
}

// publicResponse converts an answer; nil if there was none.
func publicResponse(r *rest.Response) *Response {
	if r.Status == 0 {
		return nil
	}
	return &Response{
		StatusCode: r.Status, SubStatus: r.SubStatus,
		ETag:          r.Value(rest.HeaderETag),
		SessionToken:  r.Value(rest.HeaderSessionToken),
		ActivityID:    r.ActivityID,
		Continuation:  r.Value(rest.HeaderContinuation),
		RequestCharge: r.Charge,
		Body:          r.Body,
		Header:        r.Header,
		Retries:       r.Retries(),
		Region:        r.Region,
		tried:         r.Tried,
	}
}

// publicError makes an *Error of a *rest.Failure, and leaves other errors.
func publicError(err error) error {
	if f, ok := err.(*rest.Failure); ok {
		return newError(f)
	}
	return err
}

// statusWord is the service's name of a status, such as NotFound.
func statusWord(status int) string { return strings.ReplaceAll(http.StatusText(status), " ", "") }

// isStatus reports whether err is an answer of the status.
func isStatus(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && e.StatusCode == status
}

func notFound(err error) bool { return isStatus(err, http.StatusNotFound) }
