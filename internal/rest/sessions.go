package rest

import (
	"strings"
	"sync"

	"github.com/cosmossql/cosmossql/internal/session"
)

// Sessions holds the session tokens of each container that the client has read or written. It is safe for concurrent
// use.
type Sessions struct {
	mu     sync.RWMutex
	scopes map[string]*scope // by container link
}

// scope holds the session tokens of one container.
type scope struct {
	mu     sync.Mutex
	rid    string // of the container; it changes if the container is deleted and created again
	tokens session.Vector
	last   string          // the newest token merged: reads answer the same one again and again
	text   string          // tokens in header form; empty if it has to be made again
	live   map[string]bool // the ranges that the container has, as far as known
	// Each token is of one of these. If one is not, the ranges have changed since they were read, and what was seen of
	// a new one may be wanted of any of them.
	arranged bool
	children map[string][]string // of a range that is gone: the ranges that it became
}

// Token returns the session token, in header form, with which a read sees all that the client has seen of a container;
// "" if that is nothing. If it is known which range will answer, only its token is sent.
func (s *Sessions) Token(link, rangeID string) string {
	sc := s.find(link)
	if sc == nil {
		return ""
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if sc.arranged && sc.live[rangeID] {
		t, seen := sc.tokens[rangeID]
		if !seen {
			return ""
		}
		return rangeID + ":" + t.String()
	}
	if sc.text == "" && len(sc.tokens) > 0 {
		sc.text = sc.tokens.String()
	}
	return sc.text
}

// Several reports whether a container has tokens of more than one range, so that it is worth knowing which one answers.
func (s *Sessions) Several(link string) bool {
	sc := s.find(link)
	if sc == nil {
		return false
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	return len(sc.tokens) > 1
}

// Arrange tells which ranges a container has now, and of which earlier ones each came. The tokens of ranges that are
// gone go to those that took their place: what a session has seen of a range it wants to see of its parts, too. Ranges
// that were read before those that are known are ignored: an id is never used again, so that one which is gone tells.
func (s *Sessions) Arrange(link string, parents map[string][]string) {
	sc := s.get(link)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	for id := range parents {
		if _, gone := sc.children[id]; gone {
			return
		}
	}
	sc.live, sc.children = make(map[string]bool, len(parents)), make(map[string][]string)
	for id := range parents {
		sc.live[id] = true
	}
	for id, list := range parents {
		for _, parent := range list {
			if !sc.live[parent] {
				sc.children[parent] = append(sc.children[parent], id)
			}
		}
	}
	for parent := range sc.children {
		if t, known := sc.tokens[parent]; known {
			delete(sc.tokens, parent)
			sc.add(parent, t)
		}
	}
	sc.last, sc.text, sc.arranged = "", "", true
	for id := range sc.tokens {
		sc.arranged = sc.arranged && sc.live[id]
	}
}

// add merges the token of a range. A token of a range that is gone counts for its children. One that contradicts the
// known token of its own range replaces it, as the newer one.
func (sc *scope) add(id string, t session.Token) {
	if children := sc.children[id]; len(children) > 0 {
		for _, child := range children {
			_ = sc.tokens.Add(child, t) // what contradicts it is the child's own, and newer
		}
		return
	}
	if sc.tokens.Add(id, t) != nil {
		sc.tokens[id] = t
	}
	sc.arranged = sc.arranged && sc.live[id]
}

// Keep merges the session token of an answer. rid is that of the container, "" if the answer does not say. Parts that
// do not parse are ignored; one that contradicts the known token of its range replaces it, as the newer one.
func (s *Sessions) Keep(link, rid, token string) {
	sc := s.get(link)
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if rid != "" && rid != sc.rid {
		if sc.rid != "" {
			clear(sc.tokens)
			sc.last, sc.text, sc.arranged, sc.live, sc.children = "", "", false, nil, nil
		}
		sc.rid = rid
	}
	if token == sc.last {
		return
	}
	sc.last = token
	for part := range strings.SplitSeq(token, ",") {
		id, text, ok := strings.Cut(part, ":")
		if !ok || id == "" {
			continue
		}
		t, err := session.Parse(text)
		if err != nil {
			continue
		}
		sc.add(id, t)
		sc.text = ""
	}
}

// find returns the scope of a container, or nil.
func (s *Sessions) find(link string) *scope {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.scopes[link]
}

// get returns the scope of a container, made if there is none.
func (s *Sessions) get(link string) *scope {
	if sc := s.find(link); sc != nil {
		return sc
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sc := s.scopes[link]; sc != nil {
		return sc
	}
	if s.scopes == nil {
		s.scopes = make(map[string]*scope)
	}
	sc := &scope{tokens: make(session.Vector)}
	s.scopes[strings.Clone(link)] = sc
	return sc
}

// Forget drops the tokens of the container at link, or of every container of the database at link.
func (s *Sessions) Forget(link string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.scopes {
		if l == link || strings.HasPrefix(l, link+"/") {
			delete(s.scopes, l)
		}
	}
}

// keepFrom merges the session token of an answer to a request on documents. It reports whether another range answered
// than the request was expected to reach.
func (s *Sessions) keepFrom(req *Request, r *Response) (elsewhere bool) {
	if req.Scope == "" {
		return false
	}
	token := r.Value(HeaderSessionToken)
	if token == "" {
		return false
	}
	s.Keep(req.Scope, r.ContainerRID(), token)
	return req.Range != "" && !strings.HasPrefix(token, req.Range+":")
}
