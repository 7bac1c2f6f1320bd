package gateway

import "time"

// Exchange is a request that has been answered.
type Exchange struct {
	Request
	Method, Path string
	ActivityID   string
	Began        time.Time
	Duration     time.Duration
	Status       int     // 0 where the connection was cut before
	SubStatus    int     // 0 where there is none
	Charge       float64 // request units; 0 where the answer names none
	Sent, Given  int     // bytes of the bodies of request and answer
}

// observe tells of the call, however it ends, once: before the client can see the end, so that what it does next finds
// the call told of.
func (c *call) observe() {
	if c.told || c.g.opts.Observe == nil {
		return
	}
	c.told = true
	x := Exchange{
		Request:    c.request(),
		Method:     c.r.Method,
		Path:       c.r.URL.Path,
		ActivityID: c.activity,
		Began:      c.began,
		Duration:   time.Since(c.began),
		Status:     c.sent.status,
		SubStatus:  c.sent.sub,
		Sent:       len(c.body),
		Given:      len(c.sent.body),
	}
	if c.has(headerCharge) {
		x.Charge = c.sent.charge
	}
	if r := c.replica.rangeID; r != "" {
		x.Range = r
	}
	c.g.opts.Observe(x)
}
