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
	"sync/atomic"
	"time"
)

// Config is what [New] makes a [Client] of.
type Config struct {
	Endpoint  string // of the account, such as https://account.documents.azure.com:443/
	Auth      Authorizer
	HTTP      *http.Client
	Preferred []string // names of the regions to prefer, the first one most
	UserAgent string   // the User-Agent header
	Policy    Policy
	Timeout   time.Duration // of one attempt; 0: none
}

// Client executes requests against one account. It is safe for concurrent use.
type Client struct {
	Sessions Sessions // the session tokens of all containers

	auth    Authorizer
	http    *http.Client
	agent   string // the User-Agent header
	policy  Policy
	timeout time.Duration
	regions regions
	closed  atomic.Bool
}

// New makes a client. It sends nothing.
func New(c Config) (*Client, error) {
	if c.Endpoint == "" {
		return nil, errors.New("cosmos: the account endpoint is missing: it looks like https://account.documents.azure.com:443/")
	}
	base, err := parseEndpoint(c.Endpoint)
	if err != nil {
		return nil, err
	}
	if c.Auth == nil {
		return nil, errors.New("cosmos: the credential is missing")
	}
	// A permission's token does not reach the account document.
	_, blind := c.Auth.(resourceToken)
	return &Client{
		auth: c.Auth, http: c.HTTP, agent: c.UserAgent, policy: c.Policy, timeout: c.Timeout,
		regions: regions{home: region{base: base}, preferred: c.Preferred, blind: blind},
	}, nil
}

// Close makes new requests fail with [ErrClosed]. Those in flight are finished, but not repeated.
func (c *Client) Close() { c.closed.Store(true) }

// Account reads the account document (GET /), from which the client also learns the regions.
func (c *Client) Account(ctx context.Context) (*Response, *AccountInfo, error) {
	resp, err := c.Do(ctx, &Request{Verb: http.MethodGet, Kind: Account, Path: "/"})
	if err != nil {
		return resp, nil, err
	}
	info, err := parseAccount(resp.Body)
	if err == nil {
		c.regions.learn(info)
	}
	return resp, info, err
}

// fetchAccount reads the account document for a request that waits for it, so it tries each endpoint only once.
func (c *Client) fetchAccount(ctx context.Context) (info *AccountInfo, err error) {
	for _, at := range c.regions.sources() {
		if info, err = c.accountAt(ctx, at); err == nil || ctx.Err() != nil {
			break
		}
	}
	return info, err
}

// accountAt reads the account document from one region.
func (c *Client) accountAt(ctx context.Context, at region) (*AccountInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req := &Request{Verb: http.MethodGet, Kind: Account, Path: "/"}
	resp := &Response{}
	if _, err := c.send(ctx, req, at, false, resp); err != nil {
		return nil, err
	}
	if resp.Status != http.StatusOK {
		return nil, resp.failure(req)
	}
	return parseAccount(resp.Body)
}

// Do executes a request, repeating it as the policy says. The response is never nil; its Status is 0 if no answer came.
// The error is a [*Failure] for an answer that is no success, a [*Lost] if no answer came, or [ErrClosed].
func (c *Client) Do(ctx context.Context, req *Request) (*Response, error) {
	resp := &Response{}
	if c.closed.Load() {
		return resp, ErrClosed
	}
	if c.regions.due() {
		c.regions.refresh(ctx, c.fetchAccount)
	}
	path, multi := c.regions.route(req.Effect != Read, req.Kind)
	tokens, _ := c.auth.(bearer)
	run := attempts{
		policy: c.policy, effect: req.Effect, ranged: req.Ranged, tries: connectTries, regions: len(path.order), multi: multi, tokens: tokens.Tokens != nil,
	}
	doubt := false // an attempt may have been executed
	for {
		at := path.region()
		sent, err := c.send(ctx, req, at, run.multi, resp)
		resp.Region = at.name
		doubt = doubt || err != nil && sent || err == nil && leavesDoubt(resp.Status)
		if err != nil && ctx.Err() != nil {
			return resp, lost(req, contextError(ctx), doubt)
		}
		if err == nil {
			c.Sessions.keepFrom(req, resp)
			if resp.success() {
				resp.OutcomeUnknown = doubt && req.Effect != Read
				return resp, nil
			}
		}
		act := run.after(resp.outcome(err, sent))
		if act.down {
			c.regions.avoid(at)
		}
		if act.renew {
			tokens.Renew()
		}
		if act.repeat && act.stale {
			act.repeat = req.Stale != nil && req.Stale(ctx, req)
		}
		if act.refresh || act.place == toWriteRegion {
			// Even if this request is not repeated here: a caller that repeats it will need the current regions.
			c.regions.refresh(ctx, c.fetchAccount)
			path, run.multi = c.regions.route(req.Effect != Read || act.place == toWriteRegion, req.Kind)
			run.regions = len(path.order)
		}
		if !act.repeat || req.Once && !act.renew {
			return resp, c.giveUp(req, resp, err, doubt, nil)
		}
		if act.place == toNextRegion && (!act.refresh || path.region().name == at.name) {
			path.at++
		}
		if waitErr := Wait(ctx, act.wait); waitErr != nil {
			return resp, c.giveUp(req, resp, err, doubt, waitErr)
		}
		if c.closed.Load() {
			return resp, c.giveUp(req, resp, err, doubt, ErrClosed)
		}
	}
}

// outcome describes an attempt that did not succeed: by its answer, or by err if there was none.
func (r *Response) outcome(err error, sent bool) outcome {
	if err != nil {
		return outcome{lost: true, sent: sent, permanent: permanent(err)}
	}
	o := outcome{status: r.Status, sub: r.SubStatus}
	o.after, o.asked = r.retryAfter()
	return o
}

// leavesDoubt reports whether a write that is answered with this status may have been executed.
func leavesDoubt(status int) bool { return status == http.StatusRequestTimeout || status >= 500 }

// giveUp makes the error of a request that is not repeated any more. doubt says that an attempt may have been executed;
// cause is why it is not repeated, nil if the policy says so.
func (c *Client) giveUp(req *Request, resp *Response, err error, doubt bool, cause error) error {
	if err != nil {
		if cause != nil {
			err = fmt.Errorf("%w (%w)", err, cause)
		}
		return lost(req, err, doubt)
	}
	resp.Failure = resp.failure(req)
	resp.Failure.Cause = cause
	switch resp.Status {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge:
		return resp.Failure // tells the state of the document, whichever attempt made it
	}
	switch {
	case !doubt || req.Effect == Read:
	case cause == nil:
		resp.Failure.Cause = ErrUnknownOutcome
	default:
		resp.Failure.Cause = fmt.Errorf("%w (%w)", cause, ErrUnknownOutcome)
	}
	return resp.Failure
}

// lost makes the error of a request that got no answer because of err. sent says that it may have arrived.
func lost(req *Request, err error, sent bool) error {
	l := &Lost{Operation: req.operation(), Err: err}
	if sent && req.Effect != Read {
		l.Marks = append(l.Marks, ErrUnknownOutcome)
	}
	if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		l.Marks = append(l.Marks, ErrUnreachable)
	}
	return l
}

// contextError is the error of a context that is over, with its cause if that is another error.
func contextError(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == err {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// Wait sleeps for d. If the deadline of ctx is earlier it fails at once instead of using up the time that is left.
func Wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
		return fmt.Errorf("waiting %v before the next attempt would outlast the deadline: %w", d.Round(time.Millisecond), context.DeadlineExceeded)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return contextError(ctx)
	}
}

// send makes one attempt in a region and reads the answer into resp. multi says that the account has several write
// regions. sent says whether the request may have reached the service although there is an error.
func (c *Client) send(ctx context.Context, req *Request, at region, multi bool, resp *Response) (sent bool, err error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	resp.Status, resp.SubStatus, resp.Header, resp.Body = 0, 0, nil, nil
	resp.Attempts++
	resp.ActivityID = NewActivityID()
	now := date(time.Now())
	authorization, err := c.auth.Authorize(ctx, req.Verb, req.Kind, req.Link, now)
	if err != nil {
		return false, authorizeError{err}
	}
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
	if token := c.sessionToken(req, multi); token != "" {
		standing = append(standing, Field{HeaderSessionToken, token})
	}
	if c.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	var begun atomic.Bool
	answer, err := c.http.Do(req.httpRequest(ctx, at.base, req.httpHeader(standing), &begun))
	if err != nil {
		return mayHaveArrived(err, req, begun.Load()), unwrapURL(err)
	}
	if err := resp.read(answer, req.Buffer); err != nil {
		return true, err
	}
	return true, nil
}

// sessionToken is the session token that a request carries: the caller's, or the client's for the container. Writes need
// none if there is one write region, which has seen every write.
func (c *Client) sessionToken(req *Request, multi bool) string {
	switch {
	case req.SessionToken != "":
		return req.SessionToken
	case req.Scope == "", req.Consistency != "" && req.Consistency != "Session", req.Effect != Read && !multi:
		return ""
	}
	return c.Sessions.Token(req.Scope, req.rangeID())
}

// mayHaveArrived reports whether the service may have received a request that failed with err. begun says that the body
// began to be sent.
func mayHaveArrived(err error, req *Request, begun bool) bool {
	var op *net.OpError
	switch {
	case req.Body != nil && !begun, errors.As(err, &op) && op.Op == "dial", permanent(err):
		return false
	}
	return true
}

// authorizeError is the error of an [Authorizer]: the request was not sent.
type authorizeError struct{ error }

func (e authorizeError) Unwrap() error { return e.error }

// permanent reports whether err would come again with every attempt: a certificate, or a missing access token.
func permanent(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		record      tls.RecordHeaderError
		credential  authorizeError
	)
	return errors.As(err, &credential) || errors.As(err, &certificate) || errors.As(err, &authority) || errors.As(err, &record)
}

// unwrapURL removes the *url.Error, which repeats verb and address, and adds what to do about a certificate.
func unwrapURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &certificate) {
		return fmt.Errorf("%w (an emulator with a certificate of its own needs InsecureSkipVerify)", err)
	}
	return err
}
