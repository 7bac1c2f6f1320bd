package cosmos

import (
	"github.com/cosmossql/cosmossql/internal/rest"
)

// Credential proves to the account who is calling. Make one with [KeyCredential] or [ResourceToken].
type Credential struct {
	auth rest.Authorizer
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
	return Credential{auth: auth}, nil
}

// ResourceToken sends a permission's token as it is. It reaches what the permission names and nothing else.
func ResourceToken(token string) Credential {
	return Credential{auth: rest.NewResourceToken(token)}
}
