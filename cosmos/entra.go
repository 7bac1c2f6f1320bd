package cosmos

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"time"

	"github.com/cosmossql/cosmossql/internal/rest"
)

// TokenCredential signs in with Entra ID, through a credential of the Azure SDK:
//
//	login, err := azidentity.NewDefaultAzureCredential(nil)
//	…
//	cred, err := cosmos.TokenCredential(login)
//
// Any azcore.TokenCredential will do. This package does not import the SDK: it takes the credential by the shape of its
// method, GetToken(ctx, policy.TokenRequestOptions) (azcore.AccessToken, error), of which it needs the option Scopes
// and the token's Token and ExpiresOn. A type without them is an error. The type parameters are inferred.
func TokenCredential[Options, Token any](credential interface {
	GetToken(ctx context.Context, options Options) (Token, error)
}) (Credential, error) {
	options, token := reflect.TypeFor[Options](), reflect.TypeFor[Token]()
	switch {
	case credential == nil:
		return Credential{}, errors.New("cosmos: the token credential is nil")
	case !hasField[[]string](options, "Scopes"):
		return Credential{}, fmt.Errorf("cosmos: %T is not an azcore.TokenCredential: "+
			"its options (%s) have no Scopes []string", credential, options)
	case !hasField[string](token, "Token"), !hasField[time.Time](token, "ExpiresOn"):
		return Credential{}, fmt.Errorf("cosmos: %T is not an azcore.TokenCredential: what it returns (%s) has no "+
			"Token string and ExpiresOn time.Time", credential, token)
	}
	return TokenFunc(func(ctx context.Context, scope string) (string, time.Time, error) {
		var o Options
		v := reflect.ValueOf(&o).Elem()
		v.FieldByName("Scopes").Set(reflect.ValueOf([]string{scope}))
		if hasField[string](options, "Claims") {
			v.FieldByName("Claims").SetString(TokenClaims(ctx))
		}
		if hasField[bool](options, "EnableCAE") {
			v.FieldByName("EnableCAE").SetBool(true) // the client answers challenges
		}
		got, err := credential.GetToken(ctx, o)
		if err != nil {
			return "", time.Time{}, err
		}
		v = reflect.ValueOf(got)
		return v.FieldByName("Token").String(), v.FieldByName("ExpiresOn").Interface().(time.Time), nil
	}), nil
}

// hasField reports whether the struct type t has a field of this name and of type F.
func hasField[F any](t reflect.Type, name string) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	f, ok := t.FieldByName(name)
	return ok && f.Type == reflect.TypeFor[F]()
}

type claimsKey struct{}

// TokenClaims returns what the service asks the next access token for, as JSON: a [TokenFunc] passes it to Entra ID as
// the parameter claims. It is empty unless the service has refused the last token with a challenge, which it does when
// a session was revoked or a condition of access has changed.
func TokenClaims(ctx context.Context) string {
	claims, _ := ctx.Value(claimsKey{}).(string)
	return claims
}

// TokenFunc signs in with Entra ID. get returns an access token for a scope and the time at which it expires. The
// client keeps the token, and gets another one beside its use five minutes before that: as long as the old one is
// valid, no request waits, or fails because of get. It calls get from one goroutine at a time; [TokenClaims] tells it
// of a challenge of the service. The context of get ends when no request waits for the token any more, or the client is
// closed. If get is nil the credential is empty, which [NewClient] refuses.
func TokenFunc(get func(ctx context.Context, scope string) (token string, expires time.Time, err error)) Credential {
	if get == nil {
		return Credential{}
	}
	return Credential{auth: func(endpoint *url.URL) rest.Authorizer {
		scope := anyAccount
		if endpoint != nil {
			scope = "https://" + endpoint.Hostname() + "/.default"
		}
		return rest.NewBearer(newTokens(get, scope))
	}}
}

const (
	// anyAccount is the scope for tenants in which the account's own is not registered.
	anyAccount = "https://cosmos.azure.com/.default"
	// unregistered is how Entra ID says so.
	unregistered = "AADSTS500011"
	// renewEarly is how long before its end a token is replaced, so that none ends on its way.
	renewEarly = 5 * time.Minute
	// renewPause is how long after a failure a token that is still valid is asked for again.
	renewPause = 10 * time.Second
	// renewLimit bounds one attempt to get a token that nobody waits for.
	renewLimit = time.Minute
)
