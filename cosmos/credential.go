package cosmos

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"

	"github.com/cosmossql/cosmossql/internal/rest"
)

// Credential proves to the account who is calling. Make one with [KeyCredential], [ResourceToken], [TokenCredential] or
// [TokenFunc].
type Credential struct {
	auth func(endpoint *url.URL) rest.Authorizer // funcs hide their secrets from those who print values
}

// forAny is the credential that is the same for every account.
func forAny(auth rest.Authorizer) Credential {
	return Credential{func(*url.URL) rest.Authorizer { return auth }}
}

// String says what kind of credential this is, never its secret.
func (c Credential) String() string { return "cosmos.Credential(redacted)" }

// Format implements [fmt.Formatter]: every verb writes String.
func (c Credential) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, c.String()) }

// GoString is String, so that %#v keeps the secret too.
func (c Credential) GoString() string { return c.String() }

// KeyCredential signs requests with an account key, the base64 text that the portal shows. [Client.SetKey] rotates it.
func KeyCredential(key string) (Credential, error) {
	if _, err := rest.NewMasterKey(key); err != nil {
		return Credential{}, err
	}
	return Credential{auth: func(*url.URL) rest.Authorizer {
		auth, _ := rest.NewMasterKey(key) // of each client its own: SetKey is about one client
		return auth
	}}, nil
}

// SetKey makes the client sign with another account key from now on: requests in flight are not touched, and nothing
// that the client knows is lost. The client must have been made with a key.
func (c *Client) SetKey(key string) error {
	if err := c.check(); err != nil {
		return err
	}
	return c.rest.SetKey(key)
}

var registered sync.Map // of Credential, by name

// RegisterCredential gives a credential a name, by which a DSN finds it: Credential=NAME. It is how programs that open
// a database by text alone sign in with Entra ID. A name that is taken is an error.
func RegisterCredential(name string, cred Credential) error {
	switch {
	case name == "":
		return errors.New("cosmos: RegisterCredential: the name is empty")
	case cred.auth == nil:
		return fmt.Errorf("cosmos: RegisterCredential(%q): the credential is empty", name)
	}
	if _, taken := registered.LoadOrStore(name, cred); taken {
		return fmt.Errorf("cosmos: RegisterCredential(%q): there is a credential of this name", name)
	}
	return nil
}

// RegisteredCredential returns the credential that [RegisterCredential] has given a name.
func RegisteredCredential(name string) (Credential, error) {
	cred, known := registered.Load(name)
	if !known {
		return Credential{}, fmt.Errorf("cosmos: no credential is registered as %q: call cosmos.RegisterCredential "+
			"before the DSN is opened", name)
	}
	return cred.(Credential), nil
}

// ResourceToken sends a permission's token as it is. It reaches what the permission names and nothing else.
func ResourceToken(token string) Credential {
	return forAny(rest.NewResourceToken(token))
}
