package cosmostest

import (
	"context"
	"encoding/base64"
	"fmt"
	"time"
)

// TokenCredential signs in to the server with Entra ID. It has the shape that cosmos.TokenCredential takes, as the
// credentials of the Azure SDK have, so that a program which signs in so can be tested as it is:
//
//	cred, err := cosmos.TokenCredential(srv.TokenCredential())
//
// As in the service such an identity works with data, and manages neither databases nor containers: 403/5300.
type TokenCredential struct{ key hidden }

// hidden is a text that those who print values do not see.
type hidden func() string

func hide(text string) hidden { return func() string { return text } }

// TokenOptions are the options of [TokenCredential.GetToken], as policy.TokenRequestOptions has them. The server takes
// every scope.
type TokenOptions struct{ Scopes []string }

// AccessToken is a token and when it expires, as azcore.AccessToken.
type AccessToken struct {
	Token     string
	ExpiresOn time.Time
}

// TokenCredential returns a credential for the server.
func (s *Server) TokenCredential() *TokenCredential { return &TokenCredential{s.config.key} }

// GetToken makes an access token that is good for an hour. The error is the context's.
func (c *TokenCredential) GetToken(ctx context.Context, _ TokenOptions) (AccessToken, error) {
	if err := ctx.Err(); err != nil {
		return AccessToken{}, err
	}
	expires := time.Now().Add(time.Hour)
	part := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	// An unsigned token of the form that emulators take: its third part is the account's key.
	token := part(`{"typ":"JWT","alg":"RS256"}`) + "." +
		part(fmt.Sprintf(`{"aud":"https://localhost.localhost","exp":%d}`, expires.Unix())) + "." + part(c.key())
	return AccessToken{token, expires}, nil
}
