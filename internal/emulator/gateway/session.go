package gateway

import (
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/session"
)

// sessionToken is what a client must send to read what was written up to here.
func sessionToken(rangeID string, lsn int64) string {
	return rangeID + ":" + session.New(-1, lsn).String()
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
