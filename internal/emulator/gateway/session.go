package gateway

import (
	"fmt"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/session"
)

// sessionHeader puts what a client must send to read its own writes into the reply.
func (c *call) sessionHeader(marks ...store.Mark) {
	var b strings.Builder
	for _, m := range marks {
		if m.Range == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s:%s", m.Range, session.New(-1, m.LSN))
		c.set(headerRange, m.Range)
		c.set("lsn", fmt.Sprint(m.LSN))
	}
	if b.Len() > 0 {
		c.set(headerSession, b.String())
	}
}

// checkSession is 404/1002 if the request's session token is ahead of what a partition has: the token of the range
// itself decides, or that of a range it came from.
func (c *call) checkSession(m store.Mark) error {
	text := c.header(headerSession)
	if text == "" {
		return nil
	}
	vector, err := session.ParseCompound(text)
	if err != nil {
		return store.Errorf(400, 0, "The session token provided '%s' is invalid.", text)
	}
	required, ok := vector[m.Range]
	for i := len(m.Parents) - 1; i >= 0 && !ok; i-- {
		required, ok = vector[m.Parents[i]]
	}
	if !ok {
		return nil
	}
	satisfied, err := session.Satisfies(required, session.New(-1, m.LSN))
	if err != nil {
		return store.Errorf(400, 0, "The session token provided '%s' is invalid.", text)
	}
	if !satisfied {
		return store.Errorf(404, store.SubNoSession, "The read session is not available for the input session token.")
	}
	return nil
}
