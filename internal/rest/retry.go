package rest

import (
	"math/rand/v2"
	"time"
)

// Policy bounds the repeating of requests. The zero value of a field is its default.
type Policy struct {
	Throttled     int           // repeats of a throttled request: 9; negative means none
	ThrottledWait time.Duration // sum of the pauses of one throttled request: 30 s
}

func (p Policy) throttled() int {
	if p.Throttled == 0 {
		return 9
	}
	return max(p.Throttled, 0)
}

func (p Policy) throttledWait() time.Duration {
	if p.ThrottledWait == 0 {
		return 30 * time.Second
	}
	return p.ThrottledWait
}

const (
	connectTries   = 3   // repeats in one region when the connection fails
	patientTries   = 10  // the same for an operation among thousands, where giving up means starting anew
	topologyTries  = 120 // repeats while the account's regions change
	splitTries     = 10  // repeats while a partition moves or splits
	topologyPause  = time.Second
	conflictBudget = 10 * time.Second // sum of the pauses after 449
)

// place says where the next attempt goes.
type place uint8

const (
	here  place = iota // the same region
	next               // the next of the request's regions
	write              // the region that accepts writes, which has every session
)

// outcome is what an attempt came to.
type outcome struct {
	status, sub int
	after       time.Duration // the pause the service asks for
	asked       bool          // whether it asks for one
	lost        bool          // no answer came
	sent        bool          // the request may have reached the service
	permanent   bool          // the connection fails for a reason that does not pass
}

// action is what to do about it. The zero action gives up.
type action struct {
	repeat  bool
	wait    time.Duration
	place   place
	refresh bool // read the account's regions anew first
	down    bool // the region does not answer: others avoid it for a while
	stale   bool // only if the request's Stale says so
	renew   bool // with another access token
}

// attempts is the memory of one request: how often it was repeated for which reason.
type attempts struct {
	policy  Policy
	effect  Effect
	ranged  bool
	tries   int  // connectTries or patientTries
	regions int  // that can serve the request
	multi   bool // the account accepts writes in several regions
	tokens  bool // the credential can be renewed

	throttled, connects, hops, moves, splits, conflicts, stale, sessions int
	throttledWait, conflictWait                                          time.Duration
}

// after decides what follows an attempt: the one place where that is decided.
//
// A write whose outcome is unknown is not repeated unless its caller vouches for it. It is certain not to have been
// executed when the connection was never made, and for the statuses with which the service refuses work before it is
// done: 401, 403, 404, 410, 429, 449.
func (a *attempts) after(o outcome) action {
	if o.lost {
		return a.afterLoss(o)
	}
	switch o.status {
	case 400:
		if o.sub == 1001 || o.sub == 1024 {
			return a.refreshed()
		}
	case 401:
		if a.tokens {
			a.tokens = false
			return action{repeat: true, renew: true}
		}
	case 403:
		if o.sub == 3 || o.sub == 1008 {
			return a.moved()
		}
	case 404:
		switch o.sub {
		case 1002:
			return a.behind()
		case 1003:
			return a.refreshed()
		case 1013:
			return a.again(o)
		}
	case 408, 500, 502, 504:
		return a.elsewhere(o)
	case 410:
		switch {
		case o.sub == 1000:
			return a.refreshed()
		case o.sub == 1022:
			return a.elsewhere(o)
		case !a.ranged:
			return a.again(o)
		}
	case 429:
		return a.throttle(o)
	case 449:
		return a.conflict()
	case 503:
		return a.unavailable(o)
	}
	return action{}
}

// afterLoss follows an attempt without an answer.
func (a *attempts) afterLoss(o outcome) action {
	if o.permanent || o.sent && a.effect == Write {
		return action{}
	}
	if a.connects < a.tries {
		a.connects++
		return action{repeat: true, wait: jitter(backoff(a.connects, 100*time.Millisecond, time.Second))}
	}
	// This region has had its chances; every other one gets one.
	if a.hops < a.regions-1 {
		a.hops++
		return action{repeat: true, place: next, refresh: true, down: true}
	}
	return action{down: true}
}

// elsewhere repeats once in another region what may have been executed.
func (a *attempts) elsewhere(o outcome) action {
	if a.effect == Write || a.hops > 0 {
		return action{}
	}
	a.hops++
	if a.regions > 1 {
		return action{repeat: true, place: next}
	}
	return action{repeat: true, wait: a.pause(o, 1)}
}

// unavailable follows 503: each other region gets a chance, or the only one a few.
func (a *attempts) unavailable(o outcome) action {
	switch {
	case a.effect == Write && !(a.multi && a.hops == 0 && a.regions > 1):
		return action{}
	case a.hops < a.regions-1:
		a.hops++
		return action{repeat: true, place: next, refresh: true, down: true}
	case a.regions == 1 && a.connects < a.tries:
		a.connects++
		return action{repeat: true, wait: a.pause(o, a.connects)}
	}
	return action{}
}

// moved follows 403: the region does not accept writes, or leaves the account.
func (a *attempts) moved() action {
	if a.moves == topologyTries {
		return action{}
	}
	a.moves++
	act := action{repeat: true, place: next, refresh: true}
	if a.moves > 1 {
		act.wait = topologyPause
	}
	return act
}

// behind follows 404/1002: the replica has not seen the session yet. Where no region has, the session may be that of
// another container, which had the name before.
func (a *attempts) behind() action {
	most, to := 1, write
	if a.multi {
		most, to = a.regions, next
	}
	if a.sessions >= most {
		return a.refreshed()
	}
	a.sessions++
	return action{repeat: true, place: to}
}

// again follows 410: the partition moves or splits, which takes a moment.
func (a *attempts) again(o outcome) action {
	if a.splits == splitTries {
		return action{}
	}
	a.splits++
	return action{repeat: true, wait: a.pause(o, a.splits)}
}

func (a *attempts) refreshed() action {
	if a.stale > 0 {
		return action{}
	}
	a.stale++
	return action{repeat: true, stale: true}
}

func (a *attempts) throttle(o outcome) action {
	if a.throttled >= a.policy.throttled() {
		return action{}
	}
	a.throttled++
	wait := a.pause(o, a.throttled)
	if a.throttledWait += wait; a.throttledWait > a.policy.throttledWait() {
		return action{}
	}
	return action{repeat: true, wait: wait}
}

// conflict follows 449: another write of the same document is in progress.
func (a *attempts) conflict() action {
	a.conflicts++
	wait := jitter(backoff(a.conflicts, 10*time.Millisecond, time.Second))
	if a.conflictWait += wait; a.conflictWait > conflictBudget {
		return action{}
	}
	return action{repeat: true, wait: wait}
}

// pause is what the service asks for, or grows from attempt to attempt where it asks for nothing.
func (a *attempts) pause(o outcome, attempt int) time.Duration {
	if o.asked {
		return jitter(o.after)
	}
	return jitter(backoff(attempt, 50*time.Millisecond, 5*time.Second))
}

// Attempts applies the policy to an operation that travels inside a larger request and is answered for itself.
type Attempts struct{ run attempts }

// Attempts begins the memory of one operation.
func (c *Client) Attempts(effect Effect) *Attempts {
	return &Attempts{attempts{policy: c.policy, effect: effect, tries: patientTries, regions: 1}}
}

// After decides what follows an answer that is no success; after is the pause that the service asks for. stale means
// that repeating helps only if the container is not what the client thinks it is.
func (a *Attempts) After(status, sub int, after time.Duration) (wait time.Duration, again, stale bool) {
	act := a.run.after(outcome{status: status, sub: sub, after: after, asked: after > 0})
	return act.wait, act.repeat, act.stale
}

// AfterLoss decides what follows when no answer came. sent says that the request may have arrived.
func (a *Attempts) AfterLoss(sent bool) (wait time.Duration, again bool) {
	act := a.run.after(outcome{lost: true, sent: sent})
	return act.wait, act.repeat
}

func backoff(attempt int, first, limit time.Duration) time.Duration {
	return min(first<<min(attempt-1, 20), limit)
}

// jitter adds up to a tenth, so that clients that failed together do not come back together.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return d + rand.N(d/10+1)
}
