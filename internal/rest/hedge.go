package rest

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Hedge asks further regions for a read that takes long. The zero value does not.
type Hedge struct {
	Threshold time.Duration // after which the second region is asked; 0: never
	Step      time.Duration // after which each further one is; 0: Threshold
}

// overtaken is why the attempts of a hedged read have no answer that another one was faster than. They were cancelled.
type overtaken struct{}

func (overtaken) Error() string { return "overtaken: another region has answered" }

// Is makes it a cancellation.
func (overtaken) Is(target error) bool { return target == context.Canceled }

// leg is one of the requests that a hedged read became, as those see it who do not wait for its end.
type leg struct {
	mu     sync.Mutex
	tried  Tries // attempts that have ended
	under  AttemptBegin
	start  time.Time // of the attempt that is under way; zero if none is
	number int       // regions that were asked before
}

// begins notes that an attempt begins.
func (l *leg) begins(b AttemptBegin) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.under, l.start = b, time.Now()
}

// ends notes that it has ended.
func (l *leg) ends(e AttemptEnd) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tried.add(e)
	l.start = time.Time{}
}

// overtaken are its attempts when another leg has won: none if its budget held it back, say.
func (l *leg) overtaken() Tries {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := Tries{}.then(l.tried)
	if !l.start.IsZero() {
		all.add(AttemptEnd{AttemptBegin: l.under, Duration: time.Since(l.start), Err: overtaken{}})
	}
	return all
}

// hedges reports whether a request may be sent to several regions at the same time.
func (c *Client) hedges(req *Request) bool {
	return c.hedge.Threshold > 0 && req.Effect == Read && req.Kind == Documents && !req.Once
}

// hedged sends a read to one region after the other without waiting for the earlier ones to fail. The first answer that
// settles it wins, and the others are cancelled. Each attempt is a request of its own, which excludes the other
// regions.
func (c *Client) hedged(ctx context.Context, req *Request) (*Response, error) {
	order := c.path(req, false, false).order
	if len(order) < 2 {
		resp := &Response{}
		return resp, c.run(ctx, req, resp)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(overtaken{})
	type result struct {
		req  *Request
		resp *Response
		err  error
	}
	results := make(chan result, len(order))
	begun, open := 0, 0
	flying := map[*leg]bool{}
	begin := func() {
		own := req.clone()
		own.leg = &leg{number: begun}
		flying[own.leg] = true
		for i, reg := range order {
			if i != begun {
				own.Excluded = append(own.Excluded, reg.name)
			}
		}
		begun++
		open++
		go func() {
			resp := &Response{}
			err := c.run(ctx, own, resp)
			results <- result{own, resp, err}
		}()
	}
	begin()
	timer := time.NewTimer(c.hedge.Threshold)
	defer timer.Stop()
	spent := &Response{}
	for {
		select {
		case <-timer.C:
			if begun < len(order) {
				begin()
				step := c.hedge.Step
				if step <= 0 {
					step = c.hedge.Threshold
				}
				timer.Reset(step)
			}
			continue
		case r := <-results:
			open--
			delete(flying, r.req.leg)
			r.resp.Charge += spent.Charge
			r.resp.Attempts += spent.Attempts
			r.resp.Tried = spent.Tried.then(r.resp.Tried)
			if settled(r.resp, r.err) || open == 0 && begun == len(order) || ctx.Err() != nil {
				req.Header, req.Range = r.req.Header, r.req.Range
				for l := range flying {
					r.resp.Tried = r.resp.Tried.then(l.overtaken())
				}
				r.resp.Tried.byHedge()
				if r.resp.Failure != nil {
					r.resp.Failure.Tried = r.resp.Tried
				}
				if r.err == nil && req.Accept != nil && r.resp.Status == http.StatusOK {
					if err := req.Accept(r.resp.Body); err != nil {
						return r.resp, lost(req, err, false)
					}
				}
				return r.resp, r.err
			}
			spent.Charge, spent.Attempts, spent.Tried = r.resp.Charge, r.resp.Attempts, r.resp.Tried
			if open == 0 {
				begin() // nobody is left to wait for
			}
		}
	}
}

// settled reports whether another region would not answer anything else.
func settled(resp *Response, err error) bool {
	if err == nil {
		return true
	}
	switch resp.Status {
	case 400, 401, 405, 409, 412, 413:
		return true
	case 404:
		return resp.SubStatus == 0
	}
	return false
}

// clone copies what an execution changes.
func (r *Request) clone() *Request {
	own := *r
	own.Header = append(make([]Field, 0, len(r.Header)+2), r.Header...)
	own.Excluded = append(make([]string, 0, len(r.Excluded)+4), r.Excluded...)
	own.Buffer = nil
	if own.Accept != nil {
		own.Shape, own.Accept = r.Shape, nil // which is asked once, of the answer that wins
	}
	return &own
}
