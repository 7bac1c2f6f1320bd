package rest

import (
	"math/rand/v2"
	"time"
)

// Throttling is the policy for an operation of a bulk request that is throttled: whether it is sent again, and the
// longest pause that the service may ask for.
func (c *Client) Throttling() (again bool, longest time.Duration) {
	return c.policy.throttled() > 0, c.policy.throttledWait()
}

// Attempts applies the policy to one operation of a bulk request, which has a status of its own.
type Attempts struct {
	op    operation
	state state
}

// Attempts starts counting for one operation.
func (c *Client) Attempts(effect Effect) *Attempts {
	return &Attempts{op: operation{policy: c.policy, effect: effect, tries: bulkTries, regions: 1}}
}

// After decides what follows an answer that is not a success; after is the pause that the service asks for, 0 if it
// asks for none. stale means: repeat only if reading the container's definition again changes the request.
func (a *Attempts) After(status, sub int, after time.Duration) (wait time.Duration, again, stale bool) {
	v := a.decide(answer{sent: true, status: status, sub: sub, after: after, asked: after > 0})
	return jitter(v.wait), v.repeat, v.stale
}

// AfterLoss decides what follows when no answer came. sent says that the request may have arrived.
func (a *Attempts) AfterLoss(sent bool) (wait time.Duration, again bool) {
	lost := answer{loss: unsent}
	if sent {
		lost = answer{loss: cut, sent: true}
	}
	v := a.decide(lost)
	return jitter(v.wait), v.repeat
}

func (a *Attempts) decide(ans answer) (v verdict) {
	v, a.state = decide(a.op, ans, a.state)
	return v
}

// jitter adds up to a tenth, so that clients that failed at the same time do not all retry at the same time.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return d + rand.N(d/10+1)
}
