package rest

import (
	"math/rand/v2"
	"time"
)

// Policy bounds the repeating of requests. The zero value of a field is its default.
type Policy struct {
	Throttled     int           // the most repeats of a throttled request; 0: 9, negative: none
	ThrottledWait time.Duration // the longest sum of its pauses; 0: 30 s
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
	bulkTries      = 10  // the same for an operation of a bulk: among thousands, more meet a bad connection
	topologyTries  = 120 // repeats while the account's regions change
	splitTries     = 10  // repeats while a partition moves or splits
	topologyPause  = time.Second
	conflictBudget = 10 * time.Second // sum of the pauses after 449
)

// place says where the next attempt goes.
type place uint8

const (
	toSameRegion  place = iota
	toNextRegion        // of the request's route
	toWriteRegion       // which has seen the writes of every session
)

// outcome describes an attempt that did not succeed.
type outcome struct {
	status, sub int           // of the answer
	after       time.Duration // the pause the service asks for
	asked       bool          // whether it asks for one
	lost        bool          // no answer came
	sent        bool          // the request may have reached the service
	permanent   bool          // the connection would fail the same way again
}

// action is what follows an outcome. The zero action gives up.
type action struct {
	repeat  bool          // send the request again
	wait    time.Duration // before that
	place   place         // where
	refresh bool          // read the account's regions first
	down    bool          // the region does not answer: other requests avoid it for a while
	stale   bool          // repeat only if the request's Stale says so
	renew   bool          // with another access token
}

// attempts counts how often one request was repeated for which reason.
type attempts struct {
	policy  Policy
	effect  Effect
	ranged  bool
	tries   int  // connectTries or bulkTries
	regions int  // that can serve the request
	multi   bool // the account accepts writes in several regions
	tokens  bool // the credential can get another access token

	throttled, connects, hops, moves, splits, conflicts, stale, sessions int
	throttledWait, conflictWait                                          time.Duration
}

// after decides what follows an attempt that did not succeed. It is the only place that decides it.
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
			return a.afterStaleMetadata()
		}
	case 401:
		if a.tokens {
			a.tokens = false
			return action{repeat: true, renew: true}
		}
	case 403:
		if o.sub == 3 || o.sub == 1008 {
			return a.afterForbidden()
		}
	case 404:
		switch o.sub {
		case 1002:
			return a.afterStaleSession()
		case 1003:
			return a.afterStaleMetadata()
		case 1013:
			return a.afterSplit(o)
		}
	case 408, 500, 502, 504:
		return a.afterServerError(o)
	case 410:
		switch {
		case o.sub == 1000:
			return a.afterStaleMetadata()
		case o.sub == 1022:
			return a.afterServerError(o)
		case !a.ranged:
			return a.afterSplit(o)
		}
	case 429:
		return a.afterThrottling(o)
	case 449:
		return a.afterConcurrentWrite()
	case 503:
		return a.afterUnavailable(o)
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
	// The connection failed often enough in this region; each other region is tried once.
	if a.hops < a.regions-1 {
		a.hops++
		return action{repeat: true, place: toNextRegion, refresh: true, down: true}
	}
	return action{down: true}
}

// afterServerError follows 408, 410/1022, 500, 502 and 504: the request may have been executed. If repeating does no harm
// it is sent once more, to another region if there is one.
func (a *attempts) afterServerError(o outcome) action {
	if a.effect == Write || a.hops > 0 {
		return action{}
	}
	a.hops++
	if a.regions > 1 {
		return action{repeat: true, place: toNextRegion}
	}
	return action{repeat: true, wait: a.pause(o, 1)}
}

// afterUnavailable follows 503: each other region is tried once, or the only region several times.
func (a *attempts) afterUnavailable(o outcome) action {
	switch {
	case a.effect == Write && !(a.multi && a.hops == 0 && a.regions > 1):
		return action{}
	case a.hops < a.regions-1:
		a.hops++
		return action{repeat: true, place: toNextRegion, refresh: true, down: true}
	case a.regions == 1 && a.connects < a.tries:
		a.connects++
		return action{repeat: true, wait: a.pause(o, a.connects)}
	}
	return action{}
}

// afterForbidden follows 403/3 and 403/1008: the region does not accept writes any more, or was removed from the account.
func (a *attempts) afterForbidden() action {
	if a.moves == topologyTries {
		return action{}
	}
	a.moves++
	act := action{repeat: true, place: toNextRegion, refresh: true}
	if a.moves > 1 {
		act.wait = topologyPause
	}
	return act
}

// afterStaleSession follows 404/1002: the replica has not seen the session yet. If no region has, the token may belong to
// an older container of the same name.
func (a *attempts) afterStaleSession() action {
	most, to := 1, toWriteRegion
	if a.multi {
		most, to = a.regions, toNextRegion
	}
	if a.sessions >= most {
		return a.afterStaleMetadata()
	}
	a.sessions++
	return action{repeat: true, place: to}
}

// afterSplit follows 410 and 404/1013: the partition is being split or moved, which takes a moment.
func (a *attempts) afterSplit(o outcome) action {
	if a.splits == splitTries {
		return action{}
	}
	a.splits++
	return action{repeat: true, wait: a.pause(o, a.splits)}
}

// afterStaleMetadata follows answers that come from outdated knowledge of the container: a wrong partition key definition,
// or a container that was created again.
func (a *attempts) afterStaleMetadata() action {
	if a.stale > 0 {
		return action{}
	}
	a.stale++
	return action{repeat: true, stale: true}
}

// afterThrottling follows 429.
func (a *attempts) afterThrottling(o outcome) action {
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

// afterConcurrentWrite follows 449: another write of the same document is in progress.
func (a *attempts) afterConcurrentWrite() action {
	a.conflicts++
	wait := jitter(backoff(a.conflicts, 10*time.Millisecond, time.Second))
	if a.conflictWait += wait; a.conflictWait > conflictBudget {
		return action{}
	}
	return action{repeat: true, wait: wait}
}

// pause is the one that the service asks for, else one that grows from attempt to attempt.
func (a *attempts) pause(o outcome, attempt int) time.Duration {
	if o.asked {
		return jitter(o.after)
	}
	return jitter(backoff(attempt, 50*time.Millisecond, 5*time.Second))
}

// Throttling is the policy for an operation of a bulk request that is throttled: whether it is sent again, and the longest
// pause that the service may ask for.
func (c *Client) Throttling() (again bool, longest time.Duration) {
	return c.policy.throttled() > 0, c.policy.throttledWait()
}

// Attempts applies the policy to one operation of a bulk request, which has a status of its own.
type Attempts struct{ run attempts }

// Attempts starts counting for one operation.
func (c *Client) Attempts(effect Effect) *Attempts {
	return &Attempts{attempts{policy: c.policy, effect: effect, tries: bulkTries, regions: 1}}
}

// After decides what follows an answer that is no success; after is the pause that the service asks for, 0 if it asks for
// none. stale means: repeat only if reading the container's definition again changes the request.
func (a *Attempts) After(status, sub int, after time.Duration) (wait time.Duration, again, stale bool) {
	act := a.run.after(outcome{status: status, sub: sub, after: after, asked: after > 0})
	return act.wait, act.repeat, act.stale
}

// AfterLoss decides what follows when no answer came. sent says that the request may have arrived.
func (a *Attempts) AfterLoss(sent bool) (wait time.Duration, again bool) {
	act := a.run.after(outcome{lost: true, sent: sent})
	return act.wait, act.repeat
}

// backoff doubles first with every attempt, from 1 on, up to limit.
func backoff(attempt int, first, limit time.Duration) time.Duration {
	return min(first<<min(attempt-1, 20), limit)
}

// jitter adds up to a tenth, so that clients that failed at the same time do not all retry at the same time.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return d + rand.N(d/10+1)
}
