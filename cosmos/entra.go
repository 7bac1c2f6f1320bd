package cosmos

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"sync"
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
// method, GetToken(ctx, policy.TokenRequestOptions) (azcore.AccessToken, error), of which it needs the option Scopes and
// the token's Token and ExpiresOn. A type without them is an error. The type parameters are inferred.
func TokenCredential[Options, Token any](credential interface {
	GetToken(ctx context.Context, options Options) (Token, error)
}) (Credential, error) {
	options, token := reflect.TypeFor[Options](), reflect.TypeFor[Token]()
	switch {
	case credential == nil:
		return Credential{}, errors.New("cosmos: the token credential is nil")
	case !hasField[[]string](options, "Scopes"):
		return Credential{}, fmt.Errorf("cosmos: %T is no azcore.TokenCredential: its options (%s) have no Scopes []string", credential, options)
	case !hasField[string](token, "Token"), !hasField[time.Time](token, "ExpiresOn"):
		return Credential{}, fmt.Errorf("cosmos: %T is no azcore.TokenCredential: what it returns (%s) has no Token string and ExpiresOn time.Time", credential, token)
	}
	return TokenFunc(func(ctx context.Context, scope string) (string, time.Time, error) {
		var o Options
		reflect.ValueOf(&o).Elem().FieldByName("Scopes").Set(reflect.ValueOf([]string{scope}))
		got, err := credential.GetToken(ctx, o)
		if err != nil {
			return "", time.Time{}, err
		}
		v := reflect.ValueOf(got)
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

// TokenFunc signs in with Entra ID. get returns an access token for a scope and the time at which it expires; the client
// keeps the token until five minutes before that. It calls get from one goroutine at a time. If get is nil the credential
// is empty, which [NewClient] refuses.
func TokenFunc(get func(ctx context.Context, scope string) (token string, expires time.Time, err error)) Credential {
	if get == nil {
		return Credential{}
	}
	return Credential{func(endpoint *url.URL) rest.Authorizer {
		scope := anyAccount
		if endpoint != nil {
			scope = "https://" + endpoint.Hostname() + "/.default"
		}
		return rest.NewBearer(&tokens{get: get, scope: scope})
	}}
}

const (
	// anyAccount is the scope for tenants in which the account's own is not registered.
	anyAccount = "https://cosmos.azure.com/.default"
	// unregistered is how Entra ID says so.
	unregistered = "AADSTS500011"
	// renewEarly is how long before its end a token is replaced, so that none ends on its way.
	renewEarly = 5 * time.Minute
)

// tokens keeps an access token. It is safe for concurrent use.
type tokens struct {
	get func(ctx context.Context, scope string) (string, time.Time, error)

	mu      sync.Mutex
	scope   string
	token   string
	expires time.Time
}

// Token returns the token, getting another one if it ends soon. Callers that come meanwhile wait for it.
func (t *tokens) Token(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != "" && time.Until(t.expires) > renewEarly {
		return t.token, nil
	}
	token, expires, err := t.get(ctx, t.scope)
	if err != nil && t.scope != anyAccount && strings.Contains(err.Error(), unregistered) {
		if token, expires, err = t.get(ctx, anyAccount); err == nil {
			t.scope = anyAccount
		}
	}
	if err != nil {
		return "", err
	}
	t.token, t.expires = token, expires
	return token, nil
}

// Renew forgets the token.
func (t *tokens) Renew() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.token = ""
}
