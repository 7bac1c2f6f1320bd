package rest

import (
	"context"
	"slices"
	"time"
)

// Tracer is told of every attempt. It never sees a document, a parameter or a secret.
type Tracer interface {
	// AttemptBegins is called before an attempt is sent. The attempt goes on with the context that it returns.
	AttemptBegins(ctx context.Context, b AttemptBegin) context.Context
	// AttemptEnds is called with that context when the answer has been read, or there is none.
	AttemptEnds(ctx context.Context, e AttemptEnd)
}

// AttemptBegin is an attempt that is about to be sent.
type AttemptBegin struct {
	Method       string // of HTTP
	Host         string // to which it is sent, with its port
	Region       string // of the account; empty if it names none
	Number       int    // of the attempt of its request, from 1
	ActivityID   string // names it in the service's logs
	RequestBytes int    // of the body

	// Hedge is above zero if the attempt belongs to a read that was sent to further regions before the first one
	// answered: it counts those asked before.
	Hedge int
	// Avoided are regions that are asked last because they, or the partition in them, have failed too often.
	Avoided []string
	// Consistency is the level of a request about documents: its own or the account's. It is empty where it is not
	// known or no tracer asks for it.
	Consistency string
}

// AttemptEnd is what came of an attempt.
type AttemptEnd struct {
	AttemptBegin
	StatusCode    int // of HTTP; 0: no answer
	SubStatus     int
	RequestCharge float64 // RU
	ResponseBytes int     // of the body
	Duration      time.Duration
	Err           error // why there is no answer of the service
}

// trace tells the tracer, if there is one, of an attempt that begins. The function it returns tells of its end.
func (c *Client) trace(ctx context.Context, req *Request, at region, resp *Response) (context.Context, func(error)) {
	if c.tracer == nil {
		return ctx, nil
	}
	b := resp.begin(req, at)
	start, charge := time.Now(), resp.Charge
	ctx = c.tracer.AttemptBegins(ctx, b)
	return ctx, func(err error) { c.tracer.AttemptEnds(ctx, resp.attempt(req, at, start, charge, err)) }
}

func (r *Response) begin(req *Request, at region) AttemptBegin {
	b := AttemptBegin{
		Method: req.Verb, Host: at.base.Host, Region: at.name, Number: r.Attempts, ActivityID: r.ActivityID,
		RequestBytes: len(req.Body), Avoided: req.avoided, Consistency: req.level,
	}
	if req.leg != nil {
		b.Hedge = req.leg.number
	}
	return b
}

// attempt tells of the attempt that has just ended. charge is what those before it cost.
func (r *Response) attempt(req *Request, at region, start time.Time, charge float64, err error) AttemptEnd {
	return AttemptEnd{
		AttemptBegin: r.begin(req, at), StatusCode: r.Status, SubStatus: r.SubStatus, RequestCharge: r.Charge - charge,
		ResponseBytes: len(r.Body), Duration: time.Since(start), Err: err,
	}
}

// Tries are the attempts of a request. The last one, which is mostly the only one, needs no memory of its own.
type Tries struct {
	last    AttemptEnd
	earlier []AttemptEnd
}

func (a *Tries) add(e AttemptEnd) {
	if a.last.Number != 0 {
		a.earlier = append(a.earlier, a.last)
	}
	a.last = e
}

// then is a, followed by b.
func (a Tries) then(b Tries) Tries {
	for _, e := range b.All() {
		a.add(e)
	}
	return a
}

// byHedge orders attempts by the regions of a hedged read, in the order in which they were asked.
func (a *Tries) byHedge() {
	all := a.All()
	slices.SortStableFunc(all, func(x, y AttemptEnd) int { return x.Hedge - y.Hedge })
	*a = Tries{}
	for _, e := range all {
		a.add(e)
	}
}

// All returns every attempt, oldest first.
func (a Tries) All() []AttemptEnd {
	if a.last.Number == 0 {
		return nil
	}
	return append(slices.Clone(a.earlier), a.last)
}
