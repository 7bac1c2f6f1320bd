package cosmos

import (
	"context"
	"strings"
	"sync"
	"time"
)

// tokens keeps an access token. It is safe for concurrent use.
type tokens struct {
	get func(ctx context.Context, scope string) (string, time.Time, error)

	mu      sync.Mutex
	scope   string
	token   func() string // out of sight of those who print values; nil if there is none
	expires time.Time
	renew   time.Time   // when to get another one
	claims  string      // that the service asks the next token for
	fetch   *tokenFetch // in flight, or nil
	closed  bool
}

// tokenFetch is a call of get.
type tokenFetch struct {
	cancel  context.CancelFunc
	done    chan struct{}
	token   string // once done is closed
	err     error  // the same
	waiting int    // requests that have no other token
}

func newTokens(get func(context.Context, string) (string, time.Time, error), scope string) *tokens {
	return &tokens{get: get, scope: scope}
}

// Token returns a token. If there is none that is valid it waits for one, no longer than ctx lasts; if the one that
// there is ends soon, another one is fetched beside.
func (t *tokens) Token(ctx context.Context) (string, error) {
	t.mu.Lock()
	now := time.Now()
	valid := t.token != nil && now.Before(t.expires)
	if t.fetch == nil && !t.closed && (!valid || !now.Before(t.renew)) {
		t.begin(ctx)
	}
	if valid {
		defer t.mu.Unlock()
		return t.token(), nil
	}
	f := t.fetch
	if f == nil {
		t.mu.Unlock()
		return "", ErrClosed
	}
	f.waiting++
	t.mu.Unlock()
	select {
	case <-f.done:
		if f.err == nil || ctx.Err() == nil {
			return f.token, f.err
		}
		return "", ctx.Err() // both are over, and the caller knows of its own
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.waiting--; f.waiting == 0 && t.fetch == f {
		f.cancel() // nobody wants it any more, and nobody who comes later may wait for it
		t.fetch = nil
	}
	return "", ctx.Err()
}

// begin gets a token in a goroutine of its own, so that no caller depends on another's context. The caller holds the
// lock.
func (t *tokens) begin(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithValue(context.WithoutCancel(ctx), claimsKey{}, t.claims), renewLimit)
	f := &tokenFetch{cancel: cancel, done: make(chan struct{})}
	t.fetch = f
	scope := t.scope
	go func() {
		defer cancel()
		began := time.Now()
		token, expires, err := t.get(ctx, scope)
		if err != nil && scope != anyAccount && strings.Contains(err.Error(), unregistered) {
			scope = anyAccount
			token, expires, err = t.get(ctx, scope)
		}
		t.mu.Lock()
		defer t.mu.Unlock()
		f.token, f.err = token, err
		defer close(f.done)
		if t.fetch != f {
			return // given up: another one may be in flight, or there already
		}
		t.fetch = nil
		if err != nil {
			t.renew = time.Now().Add(renewPause)
			return
		}
		t.scope, t.token, t.expires, t.claims = scope, func() string { return token }, expires, ""
		t.renew = expires.Add(-min(renewEarly, max(expires.Sub(began)/4, 0)))
	}()
}

// Renew forgets a token that the service has refused, if it is still the current one.
func (t *tokens) Renew(token, claims string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != nil && t.token() == token {
		t.token, t.claims = nil, claims
	}
}

// Close ends what runs. It does not wait for a function of somebody else.
func (t *tokens) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if t.fetch != nil {
		t.fetch.cancel()
	}
}
