package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cosmossql/cosmossql/internal/budget"
)

// Config is what [New] makes a [Client] of.
type Config struct {
	Endpoint  string // of the account, such as https://account.documents.azure.com:443/
	Auth      Authorizer
	HTTP      *http.Client
	Preferred []string // names of the regions to prefer, the first one most
	Excluded  []string // names of the regions not to use
	UserAgent string   // the User-Agent header
	Policy    Policy
	Timeout   time.Duration // of one attempt; 0: 65 s, 20 s for metadata; negative: none
	MaxAnswer int64         // bytes; 0: 64 MB
	Hedge     Hedge         // of reads
	Tracer    Tracer        // may be nil

	// Throughput tells what is provisioned for a container, for groups that have a share of it; may be nil.
	Throughput budget.Throughput

	// Missing reports whether there is no container at link, or why nobody knows; may be nil.
	Missing func(ctx context.Context, link string) (bool, error)
}

const (
	dataTimeout     = 65 * time.Second // of an attempt on documents, as in the official SDKs
	metadataTimeout = 20 * time.Second // of an attempt on anything else
	accountTimeout  = 5 * time.Second  // of an attempt to read the account before, or beside, a request
)

// Client executes requests against one account. It is safe for concurrent use.
type Client struct {
	Sessions Sessions // the session tokens of all containers

	auth      Authorizer
	exchange  func(*http.Request) (*http.Response, error) // one attempt
	told      bool                                        // exchange tells of connections and of what is written
	agent     string                                      // the User-Agent header
	policy    Policy
	timeout   time.Duration
	maxAnswer int64
	hedge     Hedge
	tracer    Tracer
	regions   regions
	breaker   breaker
	hubs      hubs
	provision budget.Throughput
	missing   func(ctx context.Context, link string) (bool, error)
	genuine   atomic.Bool // the server sends x-ms- headers: an answer without is a stranger's

	closed     atomic.Bool
	background context.Context // of what runs beside requests; it ends with the client
	stop       context.CancelFunc
	starting   sync.Mutex // orders Close against new work beside requests
	beside     sync.WaitGroup
}

// New makes a client. It sends nothing.
func New(c Config) (*Client, error) {
	if c.Endpoint == "" {
		return nil, errors.New(
			"cosmos: the account endpoint is missing: it looks like https://account.documents.azure.com:443/")
	}
	base, err := parseEndpoint(c.Endpoint)
	if err != nil {
		return nil, err
	}
	if c.Auth == nil {
		return nil, errors.New("cosmos: the credential is missing")
	}
	if !sendable(c.UserAgent) {
		return nil, errors.New("cosmos: the user agent has a control character, such as a line break, " +
			"which a header cannot carry")
	}
	// A permission's token does not reach the account document.
	_, blind := c.Auth.(resourceToken)
	client := &Client{
		auth: c.Auth, agent: c.UserAgent, policy: c.Policy, timeout: c.Timeout,
		maxAnswer: c.MaxAnswer, hedge: c.Hedge, tracer: c.Tracer, missing: c.Missing, provision: c.Throughput,
		regions: regions{home: region{base: base}, preferred: c.Preferred, excluded: c.Excluded, blind: blind},
	}
	client.exchange, client.told = withoutRedirects(c.HTTP)
	if client.maxAnswer == 0 {
		client.maxAnswer = 64 << 20
	}
	client.background, client.stop = context.WithCancel(context.Background())
	return client, nil
}

// Close makes new requests fail with [ErrClosed]. Those in flight are finished, but not repeated.
func (c *Client) Close() {
	c.starting.Lock()
	c.closed.Store(true)
	c.starting.Unlock()
	c.stop()
	if b, is := c.auth.(*bearer); is {
		b.tokens.Close()
	}
	c.beside.Wait()
}

// besides runs work beside requests until it ends or the client is closed. It is false for a client that has been.
func (c *Client) besides(work func(ctx context.Context)) bool {
	c.starting.Lock()
	defer c.starting.Unlock()
	if c.closed.Load() {
		return false
	}
	c.beside.Go(func() { work(c.background) })
	return true
}

// Do executes a request, repeating it as the policy says. The response is never nil; its Status is 0 if no answer came.
// The error is a [*Failure] for an answer that is not a success, a [*Lost] if no answer came, or [ErrClosed].
func (c *Client) Do(ctx context.Context, req *Request) (*Response, error) {
	resp := &Response{}
	if c.closed.Load() {
		return resp, ErrClosed
	}
	if err := req.check(); err != nil {
		return resp, err
	}
	if err := c.knowRegions(ctx, req); err != nil {
		return resp, err
	}
	if c.hedges(req) {
		return c.hedged(ctx, req)
	}
	return resp, c.run(ctx, req, resp)
}

// run sends a request until it is done or given up.
func (c *Client) run(ctx context.Context, req *Request, resp *Response) error {
	if c.tracer != nil && req.Kind == Documents {
		req.level = cmp.Or(req.Consistency, c.regions.consistency())
	}
	req.hub = false
	path := c.path(req, req.Effect != Read, false)
	op := operation{
		policy: c.policy, effect: req.Effect, ranged: req.Ranged, tries: connectTries,
		regions: len(path.order), account: path.account, multi: path.multi,
		renewable: renewable(c.auth),
	}
	var s state
	var last error       // of the attempt before
	var refused []string // regions that have refused the request since it last paused
	var failed []string  // regions that it was not repeated in
	for {
		at := path.region()
		held, budgetErr := c.admit(ctx, req)
		if budgetErr != nil && resp.Attempts > 0 {
			return c.giveUp(ctx, req, resp, last, s.unknown, budgetErr)
		} else if budgetErr == ErrClosed {
			return ErrClosed
		} else if budgetErr != nil {
			return &Lost{Operation: req.operation(), Err: budgetErr} // nothing was sent
		}
		started, charge, attempts := time.Now(), resp.Charge, resp.Attempts
		err := c.send(ctx, req, at, op.multi, resp)
		held.settle(resp.Charge-charge, resp)
		last = err
		if resp.Attempts > attempts {
			tried := resp.attempt(req, at, started, charge, err)
			if resp.Tried.add(tried); req.leg != nil {
				req.leg.ends(tried)
			}
		}
		resp.Region = at.name
		var v verdict
		v, s = decide(op, resp.answer, s)
		c.judge(req, at, started, resp, v)
		c.hubs.note(req, at, resp, s)
		if elsewhere := v.keep && c.Sessions.keepFrom(req, resp); (elsewhere || v.moved) && req.Moved != nil {
			req.Moved.Moved(ctx, req, v.repeat)
		}
		switch {
		case v.done:
			resp.OutcomeUnknown = s.unknown
			return nil
		case ctx.Err() != nil:
			return lost(req, contextError(ctx), s.unknown)
		}
		if v.renew && !c.renew(resp) || req.Once && !v.renew && (v.place != toAnyRegion || v.wait > 0) {
			v.repeat = false
		}
		if v.repeat && v.stale {
			v.repeat = req.Stale != nil && req.Stale.Renew(ctx, req)
		}
		if !v.repeat {
			if v.refresh {
				c.regions.mayHaveChanged()
			}
			return c.giveUp(ctx, req, resp, err, s.unknown, nil)
		}
		if waitErr := c.pause(ctx, jitter(v.wait)); waitErr != nil {
			if v.refresh {
				c.regions.mayHaveChanged()
			}
			return c.giveUp(ctx, req, resp, err, s.unknown, waitErr)
		}
		req.hub = s.hub
		if v.refresh || v.place == toWriteRegion {
			// A session that is not there says nothing of the account, which is read only once a second: where that has
			// changed, the write region will say so.
			unreachable := v.refresh && c.refresh(ctx) != nil
			path = c.path(req, req.Effect != Read || v.place == toWriteRegion || s.hub, s.forbidden)
			op.regions, op.account, op.multi = len(path.order), path.account, path.multi
			if unreachable {
				op.account = 0 // nothing of the account
			}
		}
		switch v.place {
		case toNextRegion:
			failed = append(failed, at.name)
			path.leave(failed)
		case toAnyRegion:
			if refused = append(refused, at.name); v.wait > 0 {
				refused = nil
			}
			path.pass(refused, failed)
		}
	}
}

// judge notes what a verdict on an attempt that was sent at a time says of the region and the partition.
func (c *Client) judge(req *Request, at region, sent time.Time, resp *Response, v verdict) {
	id := req.rangeID()
	if v.healthy {
		c.regions.praise(at.name, sent)
		c.breaker.praise(req, id, at.name, sent)
		return
	}
	if v.blame == noBlame {
		return
	}
	if c.breaker.blame(req, id, at.name) && resp.Status != 0 {
		v.blame = min(v.blame, oneFault) // it may be this partition alone
	}
	c.regions.blame(at.name, v.blame)
}

// giveUp makes the error of a request that is not repeated any more. unknown says that an attempt may have been
// executed; cause is why it is not repeated, nil if the policy says so.
func (c *Client) giveUp(ctx context.Context, req *Request, resp *Response, err error, unknown bool, cause error) error {
	if err != nil {
		if cause != nil {
			err = fmt.Errorf("%w (%w)", err, cause)
		}
		return lost(req, err, unknown)
	}
	resp.Failure = resp.failure(req)
	resp.Failure.Tried = resp.Tried
	if cause == nil && !unknown {
		cause = c.whatIsMissing(ctx, req, resp)
	}
	switch {
	case !unknown:
		resp.Failure.Cause = cause
	case cause == nil:
		resp.Failure.Cause = ErrUnknownOutcome
	default:
		resp.Failure.Cause = fmt.Errorf("%w (%w)", cause, ErrUnknownOutcome)
	}
	return resp.Failure
}

// lost makes the error of a request that got no answer because of err. unknown says that it may have been executed.
func lost(req *Request, err error, unknown bool) error {
	l := &Lost{Operation: req.operation(), Err: err}
	if unknown {
		l.Sentinels = append(l.Sentinels, ErrUnknownOutcome)
	}
	if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		l.Sentinels = append(l.Sentinels, ErrUnreachable)
	}
	return l
}

// path orders the regions for a request, and notes those that come last for their faults; write says that it has to
// reach one that accepts writes, anywhere that this may be any.
func (c *Client) path(req *Request, write, anywhere bool) route {
	hub := ""
	if write {
		hub = c.hubs.of(req)
	}
	path := c.regions.route(write, anywhere || hub != "", req.Kind, req.Excluded)
	if hub != "" && !path.multi && !named(path.avoided, hub) {
		path.begin(hub)
	}
	if len(path.order) > 1 {
		var sick []string
		path.order, sick = c.breaker.order(req, req.rangeID(), path.order)
		path.avoided = append(path.avoided, sick...)
	}
	if req.leg == nil {
		req.avoided = path.avoided
	}
	return path
}
