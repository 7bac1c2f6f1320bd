package rest

import (
	"strings"
	"sync"

	"github.com/cosmossql/cosmossql/internal/session"
)

// Sessions remembers how far the client's reads and writes of each container have got. It is safe for concurrent use.
type Sessions struct {
	mu     sync.RWMutex
	scopes map[string]*scope // by container link
}

type scope struct {
	mu     sync.Mutex
	rid    string // of the container; another one means that the name was used again
	tokens session.Vector
	last   string // the newest token taken in, since reads repeat it
	text   string // tokens in header form, empty when out of date
}

// Token returns the header that makes a read see everything the client has seen of a container; "" when there is nothing.
// Where it is known which range will answer, that range's token is enough: of many, the header would grow too long.
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

// Keep merges the token of an answer. rid is the container's, "" where the answer does not say. What does not parse is
// passed over; a token that contradicts the known one of its range takes its place, being the newer word.
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

// Forget drops what is known of a container, or of every container of a database.
func (s *Sessions) Forget(link string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for l := range s.scopes {
		if l == link || strings.HasPrefix(l, link+"/") {
			delete(s.scopes, l)
		}
	}
}

// keep takes the token of an answer to a request on documents.
func (s *Sessions) keep(req *Request, r *Response) {
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
