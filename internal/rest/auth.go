package rest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
)

// Authorizer makes the authorization header of one request. It is safe for concurrent use.
type Authorizer interface {
	// Authorize returns the header's value. verb is an HTTP method, kind and link are the second and third line of the
	// text to sign, date is the x-ms-date header.
	Authorize(ctx context.Context, verb string, kind Kind, link, date string) (string, error)
}

// MasterKey signs with HMAC-SHA256. Signers are pooled: keying a hash costs more than the signature. The key itself is
// out of sight of those who print values.
type MasterKey struct {
	signers atomic.Pointer[sync.Pool]
}

// signer signs one request at a time.
type signer struct {
	mac hash.Hash
	sum []byte
	buf []byte // of the text to sign, then of the header
}

// NewMasterKey returns the signer for an account key in base64.
func NewMasterKey(key string) (*MasterKey, error) {
	k := &MasterKey{}
	if err := k.Set(key); err != nil {
		return nil, err
	}
	return k, nil
}

// Set makes k sign with another key from now on.
func (k *MasterKey) Set(key string) error {
	if key == "" {
		return errors.New("cosmos: the account key is empty")
	}
	secret, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		// The cause is left out on purpose: it could quote a part of the key.
		return errors.New(
			"cosmos: the account key is not valid base64; copy it whole from the portal, with the trailing '='")
	}
	k.signers.Store(&sync.Pool{New: func() any { return &signer{mac: hmac.New(sha256.New, secret)} }})
	return nil
}

// Authorize implements [Authorizer].
func (k *MasterKey) Authorize(_ context.Context, verb string, kind Kind, link, date string) (string, error) {
	pool := k.signers.Load()
	s := pool.Get().(*signer)
	defer pool.Put(s)
	return s.sign(verb, kind, link, date), nil
}

const (
	masterPrefix = "type%3Dmaster%26ver%3D1.0%26sig%3D"
	sigLen       = 44 // base64 of 32 bytes
)

// sign returns the authorization header for the text that the service signs too: verb, kind, link and date, one a line,
// and an empty line. All but ids are in lower case, and the resource ids of offers.
func (s *signer) sign(verb string, kind Kind, link, date string) string {
	s.mac.Reset()
	b := appendLower(s.buf[:0], verb)
	b = append(b, '\n')
	b = append(b, kind...)
	b = append(b, '\n')
	if kind == Offers {
		b = appendLower(b, link)
	} else {
		b = append(b, link...)
	}
	b = append(b, '\n')
	b = appendLower(b, date)
	b = append(b, '\n', '\n')
	s.mac.Write(b)
	s.sum = s.mac.Sum(s.sum[:0])
	var sig [sigLen]byte
	base64.StdEncoding.Encode(sig[:], s.sum)
	b = append(b[:0], masterPrefix...)
	for _, c := range sig {
		switch c {
		case '+':
			b = append(b, "%2B"...)
		case '/':
			b = append(b, "%2F"...)
		case '=':
			b = append(b, "%3D"...)
		default:
			b = append(b, c)
		}
	}
	s.buf = b
	return string(b)
}

// appendLower appends s with its ASCII letters in lower case.
func appendLower(dst []byte, s string) []byte {
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// SetKey makes the client sign with another key.
func (c *Client) SetKey(key string) error {
	k, is := c.auth.(*MasterKey)
	if !is {
		return errors.New("cosmos: SetKey: the client was not made with an account key")
	}
	return k.Set(key)
}

// resourceToken is the token of a permission, percent-encoded for the authorization header. A func hides it from those
// who print values.
type resourceToken func() string

// NewResourceToken returns the authorizer that sends a permission's token with every request, without signing anything.
func NewResourceToken(token string) Authorizer {
	// Tokens are handed out in the clear; one that is percent-encoded already is sent as it is.
	if !strings.HasPrefix(token, "type%3") {
		token = url.QueryEscape(token)
	}
	return resourceToken(func() string { return token })
}

func (t resourceToken) Authorize(context.Context, string, Kind, string, string) (string, error) {
	token := t()
	if token == "" {
		return "", errors.New("cosmos: the resource token is empty")
	}
	return token, nil
}

// Tokens hands out Entra ID access tokens.
type Tokens interface {
	// Token returns a token that is valid now.
	Token(ctx context.Context) (string, error)
	// Renew forgets the given token, which the service has just refused. claims is what its challenge asks for, "" if
	// it asks for nothing.
	Renew(token, claims string)
	// Close ends what runs beside requests.
	Close()
}

// bearer sends an Entra ID token.
type bearer struct{ tokens Tokens }

// NewBearer returns the authorizer that asks for an access token before each request.
func NewBearer(tokens Tokens) Authorizer { return &bearer{tokens} }

const bearerPrefix = "type%3Daad%26ver%3D1.0%26sig%3D"

func (b *bearer) Authorize(ctx context.Context, _ string, _ Kind, _, _ string) (string, error) {
	token, err := b.tokens.Token(ctx)
	if err != nil {
		return "", fmt.Errorf("cosmos: getting an access token: %w", err)
	}
	return bearerPrefix + url.QueryEscape(token), nil
}

// renewable reports whether the credential can get another access token in place of one that is refused.
func renewable(auth Authorizer) bool {
	_, is := auth.(*bearer)
	return is
}

// renew has the next attempt ask for another access token than the one that the service has refused.
func (c *Client) renew(resp *Response) bool {
	b, is := c.auth.(*bearer)
	if is {
		refused, _ := url.QueryUnescape(strings.TrimPrefix(resp.authorization, bearerPrefix))
		b.tokens.Renew(refused, claims(resp.Header.Values("Www-Authenticate")))
	}
	return is
}

// claims returns what the challenge of an answer asks an access token for, decoded.
func claims(challenges []string) string {
	for _, challenge := range challenges {
		_, text, found := strings.Cut(challenge, `claims="`)
		text, _, closed := strings.Cut(text, `"`)
		if !found || !closed {
			continue
		}
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding,
			base64.RawURLEncoding} {
			if decoded, err := encoding.DecodeString(text); err == nil {
				return string(decoded)
			}
		}
	}
	return ""
}
