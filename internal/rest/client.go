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

// Config is what a [Client] is made of.
type Config struct {
	Endpoint  string
	Auth      Authorizer
	HTTP      *http.Client
	Preferred []string // region names
	UserAgent string
	Policy    Policy
	Timeout   time.Duration // of one attempt; 0 means none
}

// Client executes requests against one account. It is safe for concurrent use.
type Client struct {
	Sessions Sessions

	auth    Authorizer
	http    *http.Client
	agent   string
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
	_, blind := c.Auth.(fixed)
	return &Client{
		auth: c.Auth, http: c.HTTP, agent: c.UserAgent, policy: c.Policy, timeout: c.Timeout,
		regions: regions{home: region{base: base}, preferred: c.Preferred, blind: blind},
	}, nil
}

// Close makes requests fail from now on; those under way are not repeated any more.
func (c *Client) Close() { c.closed.Store(true) }

// Closed reports whether Close was called.
func (c *Client) Closed() bool { return c.closed.Load() }

// Account reads the account document. Its answer also tells the client where the regions are.
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

// fetchAccount reads the account document, with a single attempt at each endpoint: in trouble there is no time for more.
func (c *Client) fetchAccount(ctx context.Context) (info *AccountInfo, err error) {
	for _, at := range c.regions.sources() {
		if info, err = c.accountAt(ctx, at); err == nil || ctx.Err() != nil {
			break
		}
	}
	return info, err
}

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

// Do executes a request, repeating it as the policy says. The response is never nil; the error is a [*Failure] for an
// answer that is no success, a [*Lost] when no answer came, or [ErrClosed].
func (c *Client) Do(ctx context.Context, req *Request) (*Response, error) {
	resp := &Response{}
	if c.closed.Load() {
		return resp, ErrClosed
	}
	if c.regions.due() {
		c.regions.refresh(ctx, c.fetchAccount)
	}
	path, multi := c.regions.plan(req.Effect != Read, req.Kind)
	tokens, _ := c.auth.(bearer)
	run := attempts{
		policy: c.policy, effect: req.Effect, ranged: req.Ranged, tries: connectTries, regions: len(path.order), multi: multi, tokens: tokens.Tokens != nil,
	}
	for {
		at := path.region()
		sent, err := c.send(ctx, req, at, run.multi, resp)
		resp.Region = at.name
		if err != nil && ctx.Err() != nil {
			return resp, lost(req, ended(ctx), sent)
		}
		if err == nil {
			c.Sessions.keep(req, resp)
			if resp.success() {
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
		if act.refresh || act.place == write {
			// Also where the caller repeats by itself: it begins with what is known of the regions then.
			c.regions.refresh(ctx, c.fetchAccount)
			path, run.multi = c.regions.plan(req.Effect != Read || act.place == write, req.Kind)
			run.regions = len(path.order)
		}
		if !act.repeat || req.Once && !act.renew {
			return resp, c.giveUp(req, resp, err, sent, nil)
		}
		if act.place == next && (!act.refresh || path.region().name == at.name) {
			path.at++
		}
		if waitErr := Wait(ctx, act.wait); waitErr != nil {
			return resp, c.giveUp(req, resp, err, sent, waitErr)
		}
		if c.closed.Load() {
			return resp, c.giveUp(req, resp, err, sent, ErrClosed)
		}
	}
}

// outcome is what an attempt came to that did not succeed: an answer, or err in place of one.
func (r *Response) outcome(err error, sent bool) outcome {
	if err != nil {
		return outcome{lost: true, sent: sent, permanent: permanent(err)}
	}
	o := outcome{status: r.Status, sub: r.SubStatus}
	o.after, o.asked = r.retryAfter()
	return o
}

// giveUp is the error of a request that is not repeated any more. cause says why not, where it is not the policy.
func (c *Client) giveUp(req *Request, resp *Response, err error, sent bool, cause error) error {
	if err != nil {
		if cause != nil {
			err = fmt.Errorf("%w (%w)", err, cause)
		}
		return lost(req, err, sent)
	}
	resp.Failure = resp.failure(req)
	resp.Failure.Cause = cause
	if cause == nil && req.Effect != Read && (resp.Status == http.StatusRequestTimeout || resp.Status >= 500) {
		resp.Failure.Cause = ErrUnknownOutcome
	}
	return resp.Failure
}

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

// ended is the error of a context that is over, with its cause where that says more.
func ended(ctx context.Context) error {
	err, cause := ctx.Err(), context.Cause(ctx)
	if cause == err {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// Wait sleeps for d. It fails at once when the context would end earlier: what the caller has left is better spent.
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
		return ended(ctx)
	}
}

// send makes one attempt in a region of an account that has, or has not, multiple write regions. sent says whether the
// request may have reached the service when no answer came.
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
		return false, refused{err}
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
	answer, err := c.http.Do(req.on(ctx, at.base, req.header(standing), &begun))
	if err != nil {
		return reached(err, req, begun.Load()), unwrapURL(err)
	}
	if err := resp.keep(answer, req.Buffer); err != nil {
		return true, err
	}
	return true, nil
}

// sessionToken is the token a request carries: the caller's, or all the client knows of the container. Single-region
// writes need none: the write region has seen every write.
func (c *Client) sessionToken(req *Request, multi bool) string {
	switch {
	case req.SessionToken != "":
		return req.SessionToken
	case req.Scope == "", req.Consistency != "" && req.Consistency != "Session", req.Effect != Read && !multi:
		return ""
	}
	return c.Sessions.Token(req.Scope, req.rangeID())
}

// reached reports whether the service may have seen a request that failed with err.
func reached(err error, req *Request, begun bool) bool {
	var op *net.OpError
	switch {
	case req.Body != nil && !begun, errors.As(err, &op) && op.Op == "dial", permanent(err):
		return false
	}
	return true
}

// refused is the error of a credential that could not be had.
type refused struct{ error }

func (r refused) Unwrap() error { return r.error }

// permanent reports whether a connection fails for a reason that trying again does not remove.
func permanent(err error) bool {
	var (
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		record      tls.RecordHeaderError
		credential  refused
	)
	return errors.As(err, &credential) || errors.As(err, &certificate) || errors.As(err, &authority) || errors.As(err, &record)
}

// unwrapURL takes off net/http's wrapping, which repeats verb and address, and tells what to do about a certificate.
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
