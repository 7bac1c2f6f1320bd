package rest

import (
	"net/http"
	"time"
)

// loss says why an attempt has no answer of the service.
type loss uint8

const (
	answered  loss = iota
	hopeless       // it would fail the same way again: a certificate, the credential, a header that cannot be sent
	unsent         // no connection: it was certainly not executed
	cut            // the connection broke
	silent         // no answer within the limit of an attempt
	foreign        // something else answered: a proxy, a login page
	damaged        // the answer breaks off or is not what it should be
	expired        // the caller's deadline ended it
	cancelled      // the caller did
)

// operation is what the meaning of an answer depends on.
type operation struct {
	policy    Policy
	effect    Effect
	ranged    bool // its caller finds the ranges that took the place of one that is gone
	tries     int  // repeats in one place when the connection fails
	regions   int  // that can serve it
	account   int  // regions that the account has
	multi     bool // the account accepts writes in several regions
	renewable bool // the credential can get another access token
}

// answer is what one attempt brought.
type answer struct {
	loss        loss
	sent        bool          // whether the service may have received the request; always true for answered
	status, sub int           // of an answer
	after       time.Duration // the pause that the service asks for
	asked       bool          // whether it asks for one
}

// uncertain reports whether a write may have been executed in spite of the answer.
func (a answer) uncertain() bool {
	if a.loss != answered {
		return a.sent
	}
	return Uncertain(a.status, a.sub)
}

// Uncertain reports whether a write that is answered with this status may have been executed. 501 and 505 are refusals.
func Uncertain(status, sub int) bool {
	switch status {
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false
	case http.StatusRequestTimeout:
		return true
	case http.StatusGone:
		return sub == SubLeaseNotFound
	}
	return status >= 500
}

// place says where the next attempt goes.
type place uint8

const (
	toSameRegion  place = iota
	toNextRegion        // of the request's route
	toWriteRegion       // which has seen the writes of every session
	toAnyRegion         // of the account, in turn
)

// blame is how much an attempt speaks against its region; see [health].
type blame uint8

const (
	noBlame  blame = 0
	oneFault blame = 1
	overdue  blame = 2 // the caller's deadline ended it: the deadline may have been short
	atOnce   blame = 3 // the region is left
)

// verdict is what follows an answer. Its zero value fails with the answer as it is.
type verdict struct {
	done   bool          // the answer is what was asked for
	repeat bool          // send the request again
	wait   time.Duration // before that, without jitter
	place  place         // where

	blame   blame // of the region
	healthy bool  // the region works
	keep    bool  // the answer's session token counts
	refresh bool  // read the account's regions, before the request is repeated if it is
	stale   bool  // read the container's definition again; repeat only if that changes the request
	moved   bool  // read the container's ranges again
	renew   bool  // ask for another access token
}

// state counts what has happened to one request.
type state struct {
	unknown   bool // an attempt may have been executed
	hub       bool // only the region that writes the partition is to answer
	forbidden bool // a region does not write, or has left the account: the account's regions are asked in turn

	throttled, connects, hops, moves, refused, splits, conflicts, stale, sessions, renewed int

	asked, conflicted time.Duration // sums of pauses
}

// decide says what an answer means. It is the only place that does, and it touches nothing: the table of its test is
// the policy.
//
// A write that may have been executed is not sent again unless its caller vouches for it (Repeatable). It is certain
// not to have been executed when the connection was never made, and for the statuses with which the service refuses
// work. Once unknown, always unknown: what a later attempt is answered does not tell what an earlier one did.
func decide(op operation, a answer, s state) (verdict, state) {
	if op.effect != Read && a.uncertain() {
		s.unknown = true
	}
	v := s.meaning(op, a)
	if s.unknown && op.effect == Write {
		v.repeat = false
	}
	if !v.repeat {
		v.wait, v.place = 0, toSameRegion
	}
	return v, s
}

func (s *state) meaning(op operation, a answer) verdict {
	if a.loss != answered {
		return s.afterLoss(op, a)
	}
	v := s.afterStatus(op, a)
	v.healthy = v.blame == noBlame
	v.keep = v.done || a.status == 409 || a.status == 412 || a.status == 404 && a.sub != SubSessionUnavailable
	return v
}

func (s *state) afterStatus(op operation, a answer) verdict {
	switch a.status {
	case 400:
		if a.sub == SubKeyMismatch || a.sub == SubWrongContainer {
			return s.afterStaleMetadata()
		}
	case 401:
		if op.renewable && s.renewed == 0 {
			s.renewed++
			return verdict{repeat: true, renew: true}
		}
	case 403:
		if a.sub == SubWriteForbidden || a.sub == SubAccountNotFound {
			return s.afterForbidden(op, a)
		}
	case 404:
		switch a.sub {
		case SubSessionUnavailable:
			return s.afterStaleSession(op)
		case SubOwnerNotFound:
			return s.afterStaleMetadata()
		case SubCreateInProgress:
			return s.afterSplit(op, a)
		}
	case 408, 500, 502, 504:
		return s.afterServerError(op, a)
	case 410:
		switch {
		case a.sub == SubNameCacheStale:
			return s.afterStaleMetadata()
		case a.sub == SubLeaseNotFound:
			return s.afterServerError(op, a)
		case !op.ranged:
			return s.afterSplit(op, a)
		}
	case 429:
		return s.afterThrottling(op, a)
	case 449:
		return s.afterConcurrentWrite()
	case 503:
		return s.afterUnavailable(op, a)
	}
	// 304 is asked for; redirects are not, since the service sends none.
	return verdict{done: a.status/100 == 2 || a.status == http.StatusNotModified}
}

// afterLoss follows an attempt without an answer of the service.
func (s *state) afterLoss(op operation, a answer) verdict {
	write := op.effect != Read
	switch a.loss {
	case hopeless, cancelled:
		return verdict{}
	case expired:
		return verdict{blame: overdue, refresh: write}
	}
	tries := op.tries
	if op.regions > 1 {
		tries = min(tries, hopTries)
	}
	if a.loss == silent && op.regions > 1 {
		tries = 0 // the caller has waited long enough
	}
	v := verdict{blame: oneFault, refresh: write}
	if a.loss == silent {
		v.blame = atOnce
	}
	switch {
	case s.unknown && op.effect == Write:
	case s.connects < tries:
		s.connects++
		v.repeat, v.wait = true, backoff(s.connects, 100*time.Millisecond, time.Second)
	case s.hops < op.regions-1:
		// The connection failed often enough in this region; each other region is tried once.
		s.hops++
		v.repeat, v.place, v.refresh, v.blame = true, toNextRegion, true, atOnce
	case write && !a.sent && op.account > 1 && s.moves < topologyTries:
		// The only region that accepts writes is gone. Another one takes its place, and the account will say which.
		s.moves++
		v.repeat, v.wait, v.blame, v.place = true, topologyPause, atOnce, toNextRegion
	case a.loss != damaged:
		v.blame = atOnce
	}
	return v
}

// afterServerError follows 408, 410/1022, 500, 502 and 504: the request may have been executed. If repeating does no
// harm it is sent once more, to another region if there is one.
func (s *state) afterServerError(op operation, a answer) verdict {
	v := verdict{blame: oneFault, refresh: op.effect != Read}
	if s.hops > 0 {
		return v
	}
	s.hops++
	if op.regions > 1 {
		v.repeat, v.place = true, toNextRegion
		return v
	}
	v.wait, v.repeat = s.pause(op, a, 1)
	return v
}

// afterUnavailable follows 503: each other region is tried once, or the only region several times. A write may have
// been executed.
func (s *state) afterUnavailable(op operation, a answer) verdict {
	v := verdict{blame: atOnce, refresh: true}
	switch {
	case s.hops < op.regions-1:
		s.hops++
		v.repeat, v.place = true, toNextRegion
	case op.regions == 1 && s.connects < op.tries:
		s.connects++
		v.wait, v.repeat = s.pause(op, a, s.connects)
	}
	return v
}

// afterForbidden follows 403/3 and 403/1008: the region does not write any more, or not this partition, or was removed
// from the account. What is known of the account, and what it tells itself, may be behind: the request was not
// executed, so each region is asked in turn, and all of them again after a pause.
func (s *state) afterForbidden(op operation, a answer) verdict {
	v := verdict{place: toAnyRegion, refresh: true}
	if a.sub == SubAccountNotFound {
		v.blame = atOnce
	}
	s.forbidden = true
	switch s.refused++; {
	case s.refused < op.account, s.refused == 1 && s.moves == 0:
		v.repeat = true // in an account of one region, because the account has been read
	case s.moves < topologyTries:
		s.moves++
		s.refused = 0
		v.repeat, v.wait = true, topologyPause
	}
	return v
}

// afterStaleSession follows 404/1002: the replica has not seen the session yet. The write region has, unless the
// partition is written in another one, as after a failover of its own: only that one is to answer then. If it has not
// seen the session either, the token may belong to an older container of the same name.
func (s *state) afterStaleSession(op operation) verdict {
	switch s.sessions++; {
	case op.multi && s.sessions <= op.regions:
		return verdict{repeat: true, place: toNextRegion}
	case op.multi:
	case s.sessions == 1:
		return verdict{repeat: true, place: toWriteRegion}
	case s.sessions == 2 && op.effect == Read && op.account > 1:
		s.hub = true
		return verdict{repeat: true, place: toWriteRegion}
	}
	return s.afterStaleMetadata()
}

// afterSplit follows 410 and 404/1013: the partition is being split or moved, which takes a moment.
func (s *state) afterSplit(op operation, a answer) verdict {
	v := verdict{moved: a.status == http.StatusGone}
	if s.splits == splitTries {
		return v
	}
	s.splits++
	v.wait, v.repeat = s.pause(op, a, s.splits)
	return v
}

// afterStaleMetadata follows answers that come from outdated knowledge of the container: a wrong partition key
// definition, or a container that was created again.
func (s *state) afterStaleMetadata() verdict {
	if s.stale > 0 {
		return verdict{}
	}
	s.stale++
	return verdict{repeat: true, stale: true}
}

// afterThrottling follows 429.
func (s *state) afterThrottling(op operation, a answer) (v verdict) {
	if s.throttled < op.policy.throttled() {
		s.throttled++
		v.wait, v.repeat = s.pause(op, a, s.throttled)
	}
	return v
}

// afterConcurrentWrite follows 449: another write of the same document is in progress.
func (s *state) afterConcurrentWrite() verdict {
	s.conflicts++
	wait := backoff(s.conflicts, 10*time.Millisecond, time.Second)
	if s.conflicted += wait; s.conflicted > conflictBudget {
		return verdict{}
	}
	return verdict{repeat: true, wait: wait}
}

// pause is the one that the service asks for, else one that grows from attempt to attempt. It is false if the sum of
// all such pauses is too long.
func (s *state) pause(op operation, a answer, attempt int) (time.Duration, bool) {
	wait := a.after
	if !a.asked || wait == 0 {
		wait = backoff(attempt, 50*time.Millisecond, 5*time.Second)
	}
	s.asked += wait
	return wait, s.asked <= op.policy.throttledWait()
}

// backoff doubles first with every attempt, from 1 on, up to limit.
func backoff(attempt int, first, limit time.Duration) time.Duration {
	return min(first<<min(attempt-1, 20), limit)
}
