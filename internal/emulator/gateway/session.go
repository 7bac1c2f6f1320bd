package gateway

import (
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/session"
)

// sessionToken is what a client must send to read what was written up to a mark. Always with a version and a #:
// JavaScript reads the simple form wrongly (PROTOCOL.md 8.4).
func sessionToken(m store.Mark) string { return m.Range + ":" + m.Token().String() }

// checkSession is 404/1002 if the request's session token is ahead of what a partition has: the token of the range
// itself decides, or that of a range it came from. A request that wants no session does not wait for one. Tokens of
// other ranges are ignored: JavaScript sends those of the whole container with every request. The token of a parent
// holds for its children, whose LSNs begin where it ended.
func (c *call) checkSession(m store.Mark) error {
	// .NET sends it after two 404/1002, Rust after one, so that no other region answers (PROTOCOL.md 8.5).
	if !m.Hub && c.flag("x-ms-cosmos-hub-region-processing-only") {
		return store.WriteForbidden()
	}
	text := c.header(headerSession)
	if text == "" || strings.EqualFold(c.header(headerConsistency), "Eventual") ||
		strings.EqualFold(c.header(headerConsistency), "ConsistentPrefix") {
		return nil
	}
	// Of the parents the latest counts, as the .NET SDK looks for them.
	required, ok, err := session.ParseFor(text, m.Range, m.Parents)
	if err != nil {
		return store.Errorf(400, 0, "The session token provided '%s' is invalid.", text)
	}
	if !ok {
		return nil
	}
	satisfied, err := session.Satisfies(required, m.Token())
	if err != nil {
		return store.Errorf(400, 0, "The session token provided '%s' is invalid.", text)
	}
	if !satisfied {
		return store.Errorf(404, store.SubNoSession, "The read session is not available for the input session token.")
	}
	return nil
}
