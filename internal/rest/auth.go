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
)

// Authorizer makes the authorization header of one request. It is safe for concurrent use.
type Authorizer interface {
	// Authorize returns the header's value. verb is an HTTP method, kind and link are the second and third line of the
	// text to sign, date is the x-ms-date header.
	Authorize(ctx context.Context, verb string, kind Kind, link, date string) (string, error)
}

// masterKey signs with HMAC-SHA256. Signers are pooled: keying a hash costs more than the signature.
type masterKey struct {
	signers sync.Pool
}

// signer signs one request at a time.
type signer struct {
	mac hash.Hash
	buf []byte // of the text to sign, then of the header
}

// NewMasterKey returns the signer for an account key in base64.
func NewMasterKey(key string) (Authorizer, error) {
	if key == "" {
		return nil, errors.New("cosmos: the account key is empty")
	}
	secret, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		// The cause is left out on purpose: it could quote a part of the key.
		return nil, errors.New("cosmos: the account key is not valid base64; copy it whole from the portal, with the trailing '='")
	}
	k := &masterKey{}
	k.signers.New = func() any { return &signer{mac: hmac.New(sha256.New, secret)} }
	return k, nil
}

func (k *masterKey) Authorize(_ context.Context, verb string, kind Kind, link, date string) (string, error) {
	s := k.signers.Get().(*signer)
	defer k.signers.Put(s)
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
	var sum [sha256.Size]byte
	var sig [sigLen]byte
	base64.StdEncoding.Encode(sig[:], s.mac.Sum(sum[:0]))
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

// resourceToken is the token of a permission, percent-encoded for the authorization header.
type resourceToken string

// NewResourceToken returns the authorizer that sends a permission's token with every request, without signing anything.
func NewResourceToken(token string) Authorizer {
	// Tokens are handed out in the clear; one that is percent-encoded already is sent as it is.
	if strings.HasPrefix(token, "type%3") {
		return resourceToken(token)
	}
	return resourceToken(url.QueryEscape(token))
}

func (t resourceToken) Authorize(context.Context, string, Kind, string, string) (string, error) {
	if t == "" {
		return "", errors.New("cosmos: the resource token is empty")
	}
	return string(t), nil
}

// Tokens hands out Entra ID access tokens.
type Tokens interface {
	// Token returns a token that will be valid for at least the next minutes.
	Token(ctx context.Context) (string, error)
	// Renew forgets the token, which the service has just refused with 401.
	Renew()
}

// bearer sends an Entra ID token.
type bearer struct{ Tokens }

// NewBearer returns the authorizer that asks for an access token before each request.
func NewBearer(tokens Tokens) Authorizer { return bearer{tokens} }

func (b bearer) Authorize(ctx context.Context, _ string, _ Kind, _, _ string) (string, error) {
	token, err := b.Token(ctx)
	if err != nil {
		return "", fmt.Errorf("cosmos: getting an access token: %w", err)
	}
	return "type%3Daad%26ver%3D1.0%26sig%3D" + url.QueryEscape(token), nil
}
