package rest

import (
	"strings"
	"sync"

	"github.com/cosmossql/cosmossql/internal/session"
)

// Sessions holds the session tokens of each container that the client has read or written. It is safe for concurrent use.
type Sessions struct {
	mu     sync.RWMutex
	scopes map[string]*scope // by container link
}

// scope holds the session tokens of one container.
type scope struct {
	mu     sync.Mutex
	rid    string // of the container; it changes if the container is deleted and created again
	tokens session.Vector
	last   string // the newest token merged: reads answer the same one again and again
	text   string // tokens in header form; empty if it has to be made again
}

// Token returns the session token, in header form, with which a read sees all that the client has seen of a container; ""
// if that is nothing. If it is known which range will answer, only its token is sent: with many ranges the header would
// grow too long.
func (s *Sessions) Token(link, rangeID string) string {
	s.mu.RLock()
	sc := s.scopes[link]
	s.mu.RUnlock()
	if sc == nil {
		return ""
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if t, known := sc.tokens[rangeID]; known && len(sc.tokens) > 1 {
		return rangeID + ":" + t.String()
	}
	if sc.text == "" && len(sc.tokens) > 0 {
		sc.text = sc.tokens.String()
	}
	return sc.text
}

// Keep merges the session token of an answer. rid is that of the container, "" if the answer does not say. Parts that do
// not parse are ignored; one that contradicts the known token of its range replaces it, as the newer one.
func (s *Sessions) Keep(link, rid, token string) {
	s.mu.RLock()
	sc := s.scopes[link]
	s.mu.RUnlock()
	if sc == nil {
		sc = s.add(link)
	}
	sc.mu.Lock()
	defer sc.mu.Unlock()
	if rid != "" && rid != sc.rid {
		if sc.rid != "" {
			clear(sc.tokens)
			sc.last, sc.text = "", ""
		}
		sc.rid = rid
	}
	if token == sc.last {
		return
	}
	sc.last = token
	for part := range strings.SplitSeq(token, ",") {
		id, text, ok := strings.Cut(part, ":")
		if !ok {
			continue
		}
		t, err := session.Parse(text)
		if err != nil {
			continue
		}
		if sc.tokens.Add(id, t) != nil {
			sc.tokens[id] = t
		}
		sc.text = ""
	}
}

// add returns the scope of a container, made if there is none.
func (s *Sessions) add(link string) *scope {
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

// keepFrom merges the session token of an answer to a request on documents.
func (s *Sessions) keepFrom(req *Request, r *Response) {
	if req.Scope == "" {
		return
	}
	switch {
	case r.Status < 400, r.Status == 409, r.Status == 412, r.Status == 404 && r.SubStatus != 1002:
	default:
		return
	}
	token := r.Header.Get(HeaderSessionToken)
	if token == "" {
		return
	}
	s.Keep(req.Scope, r.ContainerRID(), token)
	if req.Range != "" && req.Elsewhere != nil && !strings.HasPrefix(token, req.Range+":") {
		req.Elsewhere()
	}
}
