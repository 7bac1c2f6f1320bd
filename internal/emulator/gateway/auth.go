package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// Substatuses of 401.
const (
	// From the service's own constants; a missing header and a wrong signature have no substatus (recorded exchanges
	// 185 and o103).
	subBadToken   = 5001
	subEntra      = 5003
	subNotByEntra = 5300 // 403: nothing that Entra ID authorizes
)

// maxSkew is how far the date of a request may be from the server's. From the service's source (PROTOCOL.md 1.6).
const maxSkew = 15 * time.Minute

// authorize checks the request's signature: by a key, or by the token of a permission. No path is exempt, the account
// neither: a client with a wrong key must fail at its first request, as with the service.
func (c *call) authorize() error {
	text := c.header("authorization")
	if text == "" {
		return refuse(401, 0, "Required Header authorization is missing. Ensure a valid Authorization token is passed.")
	}
	if c.op.handle == nil {
		return invalidURL() // a path of no resource has no type and link that the signature could be of
	}
	kind, sig, ok := parseToken(text)
	if !ok {
		return refuse(401, subBadToken,
			"Authorization header doesn't confirm to the required format. Please verify and try again.")
	}
	switch kind {
	case "master":
		return c.checkSignature(sig)
	// A token is its own proof: nothing else of the request is signed, the date neither.
	case "resource":
		return c.checkResourceToken(sig)
	case "aad":
		return c.checkEntraToken(sig)
	}
	return refuse(401, subBadToken, "Authorization of type %q is not supported.", kind)
}

// parseToken reads type={kind}&ver=1.0&sig={signature}, which arrives escaped. JavaScript and azcosmos send tokens of
// Entra ID unescaped, .NET escapes them (PROTOCOL.md 1.6): unescaping does not hurt a JWT.
func parseToken(text string) (kind, sig string, ok bool) {
	// The service's own bound for tokens of permissions.
	const limit = 8 << 10
	if len(text) > limit {
		return "", "", false
	}
	// PathUnescape leaves a + alone, which base64 needs.
	plain, err := url.PathUnescape(text)
	if err != nil {
		return "", "", false
	}
	version := ""
	for part := range strings.SplitSeq(plain, "&") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "type":
			kind = value
		case "ver":
			version = value
		case "sig":
			sig = value
		}
	}
	// 1 and 1.0 both occur.
	return kind, sig, kind != "" && sig != "" && strings.HasPrefix(version, "1")
}

// checkSignature verifies a signature by the master key, or by the read-only key for requests that read. A write with
// the read-only key is 403 and not 401: the signature is right, the right is missing.
func (c *call) checkSignature(sig string) error {
	date, err := c.date()
	if err != nil {
		return err
	}
	given, err := base64.StdEncoding.DecodeString(sig)
	if err != nil {
		return refuse(401, subBadToken,
			"Authorization header doesn't confirm to the required format. Please verify and try again.")
	}
	payloads := c.payloads(date)
	for _, p := range payloads {
		if hmac.Equal(given, c.g.key.sign(p)) {
			return nil
		}
		if c.g.readKey != nil && hmac.Equal(given, c.g.readKey.sign(p)) {
			if c.op.writes {
				return insufficient()
			}
			return nil
		}
	}
	return refuse(401, 0,
		// The text that was signed is the quickest way for the author of a client to find the mistake; the service
		// shows it, too (o103).
		"The input authorization token can't serve the request. Please check that the expected payload is built as "+
			"per the protocol, and check the key being used. Server used the following payload to sign: '%s'",
		payloads[0])
}

// insufficient is the refusal of what a key or token is good for, but not for this.
func insufficient() error {
	return refuse(403, 0,
		"Insufficient permissions provided in the authorization header for the corresponding request. "+
			"Please retry with another authorization header.")
}

// signer signs with a key, by hashes that are kept keyed for the next request.
type signer struct{ hashes sync.Pool }

func newSigner(key []byte) *signer {
	return &signer{sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

// The vectors of PROTOCOL.md B.1 are a test.
func (s *signer) sign(payload string) []byte {
	mac := s.hashes.Get().(hash.Hash)
	defer s.hashes.Put(mac)
	mac.Reset()
	io.WriteString(mac, payload)
	return mac.Sum(nil)
}

// date is the part of the payload that says when the request was made. It is held against the real time, also where
// documents live by another clock. Line four of the text to sign is x-ms-date, line five the date header where there
// is none (PROTOCOL.md 1.6).
func (c *call) date() (string, error) {
	text, lines := c.header("x-ms-date"), "%s\n\n"
	if text == "" {
		text, lines = c.header("date"), "\n%s\n"
	}
	if text == "" {
		return "", refuse(401, 0,
			"Authorization token mandates Date headers. Please pass in RFC 1123 style date format.")
	}
	t, err := parseTime(text)
	if err != nil {
		return "", refuse(401, 0, "The input date header is invalid format. Please pass in RFC 1123 style date format.")
	}
	if skew := time.Since(t) + time.Duration(c.g.skew.Load()); skew > maxSkew || skew < -maxSkew {
		// The service tells its own time, too, by which the caller sees whose clock is wrong.
		const form = http.TimeFormat
		return "", refuse(403, 0,
			"The authorization token is not valid at the current time. Please create another token and retry "+
				"(token start time: %s, token expiry time: %s, current server time: %s).",
			t.UTC().Format(form), t.Add(maxSkew).UTC().Format(form),
			time.Now().Add(time.Duration(c.g.skew.Load())).UTC().Format(form))
	}
	return strings.Replace(lines, "%s", strings.ToLower(text), 1), nil
}

// payloads are the texts that the request's signature may be of: the names of the path as they are, or, where the
// path is made of rids, the last rid in lower case. A database may be named like a rid, so both forms are tried.
// Names keep their case, rids do not: the most frequent mistake of new clients (PROTOCOL.md, ten facts, 3).
func (c *call) payloads(date string) []string {
	kind, link := c.signed()
	text := func(link string) string { return strings.ToLower(c.r.Method) + "\n" + kind + "\n" + link + "\n" + date }
	last := strings.ToLower(link[strings.LastIndexByte(link, '/')+1:])
	switch {
	case len(c.path) > 0 && c.path[0] == "offers":
		return []string{text(last)}
	case len(c.path) > 1 && store.IsDatabaseRID(c.path[1]):
		return []string{text(last), text(link)}
	}
	return []string{text(link)}
}

// signed is the type and link of the string to sign: a feed is signed as its parent, a resource as itself.
// PROTOCOL.md 1.2 has the pair of every operation; the two with operations in their path are the exceptions.
func (c *call) signed() (kind, link string) {
	p := c.path
	switch n := len(p); {
	case n == 0:
		return "", ""
	case n == 2 && p[0] == "operations" && p[1] == "dtc":
		return "distributedtransactionbatch", ""
	case n == 6 && p[4] == "operations":
		return "colls", strings.Join(p[:4], "/")
	case n%2 == 1:
		return p[n-1], strings.Join(p[:n-1], "/")
	default:
		return p[n-2], strings.Join(p, "/")
	}
}

// parseTime reads a date of RFC 1123, in upper or lower case. Every request of the recorded session was signed and
// sent in lower case.
func parseTime(text string) (time.Time, error) {
	// Names of days and months are read in any case, the zone is not.
	if head, zone := text[:max(0, len(text)-3)], text[max(0, len(text)-3):]; strings.EqualFold(zone, "GMT") {
		text = head + "GMT"
	}
	return http.ParseTime(text)
}
