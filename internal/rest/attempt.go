package rest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// send makes one attempt in a region and reads the answer into resp, which tells what came. multi says that the account
// has several write regions. The error says why there is no answer of the service.
func (c *Client) send(ctx context.Context, req *Request, at region, multi bool, resp *Response) (err error) {
	resp.Status, resp.SubStatus, resp.Header, resp.Body, resp.answer = 0, 0, nil, nil, answer{}
	if ctx.Err() != nil {
		resp.answer = answer{loss: cancelled}
		return ctx.Err()
	}
	resp.Attempts++
	resp.ActivityID = NewActivityID()
	if req.leg != nil {
		req.leg.begins(resp.begin(req, at))
	}
	ctx, ended := c.trace(ctx, req, at, resp)
	if ended != nil {
		defer func() { ended(err) }()
	}
	now := date(time.Now())
	authorization, err := c.auth.Authorize(ctx, req.Verb, req.Kind, req.Link, now)
	if err != nil {
		resp.answer = answer{loss: hopeless}
		return err
	}
	resp.authorization = authorization
	standing := append(make([]Field, 0, standingHeaders),
		Field{headerAuthorization, authorization},
		Field{headerDate, now},
		Field{headerVersion, apiVersion},
		Field{headerAccept, ContentJSON},
		Field{headerUserAgent, c.agent},
		Field{HeaderActivityID, resp.ActivityID})
	if req.Effect == Read && req.Consistency != "" {
		standing = append(standing, Field{HeaderConsistency, req.Consistency})
	}
	if req.Effect != Read && multi && req.Kind == Documents {
		standing = append(standing, Field{HeaderAllowTentative, "true"})
	}
	if req.hub {
		standing = append(standing, Field{headerHubOnly, "True"})
	}
	if token := c.sessionToken(req, multi); token != "" {
		standing = append(standing, Field{HeaderSessionToken, token})
	}
	limit := c.limit(req)
	attempt, stop := ctx, context.CancelFunc(func() {})
	if req.Finish {
		attempt = context.WithoutCancel(ctx)
	}
	if limit > 0 {
		attempt, stop = context.WithTimeout(attempt, limit)
	} else if req.Finish {
		attempt, stop = context.WithCancel(attempt)
	}
	var answered bool
	out := req.httpRequest(attempt, at.base, req.httpHeader(standing), c.told)
	if req.Finish {
		answered, err = c.finish(ctx, out, stop, req, resp)
	} else {
		answered, err = c.roundTrip(out, req, resp)
		stop()
	}
	if err != nil {
		resp.answer = lossOf(ctx, err, answered || out.begun.Load())
		if context.Cause(ctx) == (overtaken{}) {
			err = overtaken{}
		}
		return c.explain(resp, attempt, err, limit)
	}
	if err := c.recognize(req, resp); err != nil {
		resp.Status, resp.SubStatus = 0, 0
		return err
	}
	resp.answer.sent, resp.answer.status, resp.answer.sub = true, resp.Status, resp.SubStatus
	resp.answer.after, resp.answer.asked = resp.retryAfter()
	return nil
}

// limit is how long one attempt of a request may take; 0 is for ever.
func (c *Client) limit(req *Request) time.Duration {
	limit := dataTimeout
	if req.Kind != Documents && req.Kind != Procedures {
		limit = metadataTimeout
	}
	switch {
	case c.timeout < 0:
		return 0
	case c.timeout > 0 && limit == dataTimeout:
		return c.timeout
	case c.timeout > 0:
		return min(c.timeout, limit)
	}
	return limit
}

// sessionToken is the session token that a request carries: the caller's, or the client's for the container. Writes
// need none if there is one write region, which has seen every write.
func (c *Client) sessionToken(req *Request, multi bool) string {
	switch {
	case req.SessionToken != "":
		return req.SessionToken
	case req.Scope == "", req.Consistency != "" && req.Consistency != "Session", req.Effect != Read && !multi:
		return ""
	}
	return c.Sessions.Token(req.Scope, req.rangeID())
}

// lossOf classifies an attempt that failed with err. begun says that it may have begun to be sent.
func lossOf(ctx context.Context, err error, begun bool) answer {
	a := answer{loss: cut, sent: begun && mayHaveArrived(err)}
	var timeout net.Error
	switch {
	case ctx.Err() == context.DeadlineExceeded:
		a.loss = expired
	case ctx.Err() != nil:
		a.loss = cancelled
	case permanent(err), errors.Is(err, errTooMuch):
		a.loss = hopeless
	case errors.As(err, &timeout) && timeout.Timeout():
		a.loss = silent
	case !a.sent:
		a.loss = unsent
	}
	return a
}

// explain makes the error of an attempt that failed with err. The limit of an attempt is not the caller's deadline.
func (c *Client) explain(resp *Response, attempt context.Context, err error, limit time.Duration) error {
	resp.Status, resp.SubStatus = 0, 0
	err = unwrapURL(err)
	switch {
	case resp.answer.loss != silent:
		return err
	case attempt.Err() == context.DeadlineExceeded:
		return fmt.Errorf("no answer within the %v that an attempt may take", limit)
	}
	return errors.New(err.Error())
}

// mayHaveArrived reports whether the service may have received a request that failed with err.
func mayHaveArrived(err error) bool {
	var op *net.OpError
	return !(errors.As(err, &op) && op.Op == "dial" || permanent(err))
}

// permanent reports whether err would come again with every attempt: a certificate, or a server that does not speak
// TLS.
func permanent(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		record      tls.RecordHeaderError
	)
	return errors.As(err, &certificate) || errors.As(err, &authority) || errors.As(err, &record)
}

// unwrapURL removes the *url.Error, which repeats verb and address, and adds what to do about a certificate.
func unwrapURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &certificate):
		return fmt.Errorf("%w (an emulator with a certificate of its own needs InsecureSkipVerify)", err)
	case errors.As(err, &record):
		return fmt.Errorf("%w (the server may speak http: begin the endpoint with http://, or tls=false in a URL)", err)
	}
	return err
}

// withoutRedirects returns the function that makes one attempt by a client and follows no redirect: a signed request is
// meant for one address. Where the client adds nothing to net/http's transport that is asked itself: a client copies
// the header of every request in case that it will be redirected, a twentieth of the processor time of a create. told
// says that it is, and tells of connections and of what it has written.
func withoutRedirects(given *http.Client) (exchange func(*http.Request) (*http.Response, error), told bool) {
	if given.Jar == nil && given.Timeout == 0 {
		switch t := given.Transport.(type) {
		case *http.Transport:
			return t.RoundTrip, true
		case *streams:
			return t.RoundTrip, true
		}
	}
	own := *given
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return own.Do, false
}
