package rest

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// Hedge asks further regions for a read that takes long. The zero value does not.
type Hedge struct {
	Threshold time.Duration // after which the second region is asked; 0: never
	Step      time.Duration // after which each further one is; 0: Threshold
}

// errOvertaken is why the attempts of a hedged read have no answer that another one was faster than.
var errOvertaken = errors.New("given up: another region has answered")

// hedges reports whether a request may be sent to several regions at the same time.
func (c *Client) hedges(req *Request) bool {
	return c.hedge.Threshold > 0 && req.Effect == Read && req.Kind == Documents && !req.Once
}

// hedged sends a read to one region after the other without waiting for the earlier ones to fail. The first answer that
// settles it wins, and the others are cancelled. Each attempt is a request of its own, which excludes the other
// regions.
func (c *Client) hedged(ctx context.Context, req *Request) (*Response, error) {
	order := c.path(req, false).order
	if len(order) < 2 {
		resp := &Response{}
		return resp, c.run(ctx, req, resp)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		n    int
		req  *Request
		resp *Response
		err  error
	}
	results := make(chan result, len(order))
	begun, open := 0, 0
	flying := map[int]AttemptEnd{} // first attempts of what has not come back
	starts := make([]time.Time, len(order))
	sent := make([]atomic.Bool, len(order)) // these attempts have begun
	begin := func() {
		own := req.clone()
		own.hedged, own.hedge, own.activity, own.begun = true, begun, NewActivityID(), &sent[begun]
		flying[begun] = AttemptEnd{AttemptBegin: (&Response{Attempts: 1, ActivityID: own.activity}).begin(own, order[begun])}
		starts[begun] = time.Now()
		for i, reg := range order {
			if i != begun {
				own.Excluded = append(own.Excluded, reg.name)
			}
		}
		n := begun
		begun++
		open++
		go func() {
			resp := &Response{}
			err := c.run(ctx, own, resp)
			results <- result{n, own, resp, err}
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
			delete(flying, r.n)
			r.resp.Charge += spent.Charge
			r.resp.Attempts += spent.Attempts
			r.resp.Tried = spent.Tried.then(r.resp.Tried)
			if settled(r.resp, r.err) || open == 0 && begun == len(order) || ctx.Err() != nil {
				req.Header, req.Range = r.req.Header, r.req.Range
				for n, e := range flying {
					if !sent[n].Load() {
						continue // its budget held it back
					}
					e.Duration, e.Err = time.Since(starts[n]), errOvertaken
					r.resp.Tried.add(e)
				}
				r.resp.Tried.byHedge()
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
