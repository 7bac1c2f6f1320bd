package cosmos

import (
	"net/url"

	"github.com/cosmossql/cosmossql/internal/rest"
)

// Credential proves to the account who is calling. Make one with [KeyCredential], [ResourceToken], [TokenCredential] or
// [TokenFunc].
type Credential struct {
	auth func(endpoint *url.URL) rest.Authorizer
}

// forAny is the credential that is the same for every account.
func forAny(auth rest.Authorizer) Credential {
	return Credential{func(*url.URL) rest.Authorizer { return auth }}
}

// String says what kind of credential this is, never its secret.
func (c Credential) String() string { return "cosmos.Credential(redacted)" }

// GoString is String, so that %#v keeps the secret too.
func (c Credential) GoString() string { return c.String() }

// KeyCredential signs requests with an account key, the base64 text that the portal shows.
func KeyCredential(key string) (Credential, error) {
	auth, err := rest.NewMasterKey(key)
	if err != nil {
		return Credential{}, err
	}
	return forAny(auth), nil
}

// ResourceToken sends a permission's token as it is. It reaches what the permission names and nothing else.
func ResourceToken(token string) Credential {
	return forAny(rest.NewResourceToken(token))
}
