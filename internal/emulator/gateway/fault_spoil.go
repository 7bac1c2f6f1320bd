package gateway

import (
	"bytes"
	"net/http"
	"strconv"
	"time"
)

// Spoil says how an answer is spoiled on its way to the client. These are what proxies, firewalls and broken hosts do
// to answers. A client must not take any of them for an answer of the service.
type Spoil int

// The ways in which answers are spoiled.
const (
	NoSpoil Spoil = iota
	// a proxy's page takes its place, with 200; with a Status, that page is all, and nothing is done
	SpoilForeign
	SpoilEmpty // its headers arrive, and no body
	// Content-Length agrees with what comes, so only the JSON shows it.
	SpoilTruncated // half of its body arrives, as if that were all
	SpoilGarbled   // bytes of its body are others
	SpoilLong      // its length is said to be more than comes, and the connection ends
)

const foreignPage = "<html><head><title>Sign in</title></head><body>Please sign in to use this network.</body></html>"

// writeForeign answers in place of the service, with none of its headers. Headers of the service would tell the
// client who has answered, so they go.
func (c *call) writeForeign(status int) {
	c.observe()
	clear(c.w.Header())
	c.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if status == http.StatusNoContent || status == http.StatusNotModified {
		c.w.WriteHeader(status)
		return
	}
	c.w.Header().Set("Content-Length", strconv.Itoa(len(foreignPage)))
	c.w.WriteHeader(status)
	if c.r.Method != http.MethodHead {
		c.w.Write([]byte(foreignPage))
	}
}

// writeSpoiled writes the rest of an answer whose headers stand, spoiled.
func (c *call) writeSpoiled(res reply) {
	body := res.body
	switch c.spoil {
	case SpoilForeign:
		c.writeForeign(http.StatusOK)
		return
	case SpoilEmpty:
		body = nil
	case SpoilTruncated:
		body = body[:len(body)/2]
	case SpoilGarbled:
		// Not valid as JSON, whatever it was, and as long as before.
		body = bytes.ReplaceAll(bytes.ReplaceAll(body, []byte(`":`), []byte("\x00;")), []byte("}"), []byte("]"))
	}
	if res.body != nil {
		length := len(body)
		if c.spoil == SpoilLong {
			length += 64
		}
		c.w.Header().Set("Content-Length", strconv.Itoa(length))
	}
	c.w.WriteHeader(res.status)
	if c.r.Method != http.MethodHead {
		c.w.Write(body)
	}
	if c.spoil == SpoilLong && res.body != nil {
		_ = http.NewResponseController(c.w).Flush()
		c.cut = CutBody
		c.hangUp()
	}
}

// SkewClock makes the clock that signatures are held against wrong by d; 0 puts it right.
func (g *Gateway) SkewClock(d time.Duration) { g.skew.Store(int64(d)) }
