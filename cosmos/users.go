package cosmos

import (
	"fmt"
	"io"
	"time"

	"github.com/cosmossql/cosmossql/internal/naming"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// User is a named group of permissions of a database. It has no password.
type User struct {
	ID   string `json:"id"`
	RID  string `json:"_rid,omitempty"`
	ETag string `json:"_etag,omitempty"`
	TS   int64  `json:"_ts,omitempty"`
	// Response is the answer that it came with; beside an error there is nothing else.
	Response *Response `json:"-"`
}

func (u User) resourceID() string       { return u.ID }
func (u *User) setResponse(r *Response) { u.Response = r }

// Permission lets the holder of its token use one resource. [ResourceToken] makes a credential of the token.
type Permission struct {
	ID   string         `json:"id"`
	Mode PermissionMode `json:"permissionMode"` // Read or All
	// Resource is the link of a container, [Container.Link], or of anything in it.
	Resource string `json:"resource"`
	// PartitionKey, unless empty, limits the permission to a logical partition.
	PartitionKey []any `json:"resourcePartitionKey,omitempty"`
	// Token is the resource token. The service makes a new one each time the permission is read.
	Token string `json:"_token,omitempty"`
	RID   string `json:"_rid,omitempty"`
	ETag  string `json:"_etag,omitempty"`
	TS    int64  `json:"_ts,omitempty"`
	// Response is the answer that it came with; beside an error there is nothing else.
	Response *Response `json:"-"`
}

// String describes the permission without its token.
func (p Permission) String() string {
	return fmt.Sprintf("Permission(%s: %s of %s)", p.ID, p.Mode, p.Resource)
}

// Format implements [fmt.Formatter]: every verb writes String.
func (p Permission) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, p.String()) }

func (p Permission) resourceID() string       { return p.ID }
func (p *Permission) setResponse(r *Response) { p.Response = r }

// Users manages the database's users.
func (d *Database) Users() *Resources[User] {
	return &Resources[User]{client: d.Client(), owner: d.where(), kind: rest.Users, array: "Users", what: "user",
		err: d.check()}
}

// Permissions manages the permissions of a user. [TokenLife] says for how long the tokens are valid.
func (d *Database) Permissions(user string) *Resources[Permission] {
	c := &Resources[Permission]{
		client: d.Client(), owner: d.where().child(rest.Users, user), kind: rest.Permissions, array: "Permissions",
		what: "permission", err: d.check(),
	}
	if c.err == nil {
		c.err = naming.CheckID("user", user)
	}
	return c
}

// TokenLife sets how long the token of a permission is valid, in whole seconds of at least one. The default is an hour.
func TokenLife(d time.Duration) Option {
	if d < time.Second {
		return option.Bad(option.TokenLife, d, fmt.Errorf("cosmos: a token life of %v is too short", d))
	}
	return option.New(option.TokenLife, d)
}
