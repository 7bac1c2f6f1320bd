package gateway

import (
	"net/http"
	"strconv"
	"time"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// Lifetimes of resource tokens.
const (
	// The three are the documentation's, whose page of limits allows 24 hours where the REST reference stops at five.
	defaultLife = time.Hour
	minLife     = 10 * time.Minute
	maxLife     = 24 * time.Hour
)

func (c *call) listUsers(d *store.Database) (reply, error) {
	c.userQuota(d)
	return listMetadata(c, d.RID(), "Users", d.Users())
}

// userQuota writes how many users there may be, and are.
func (c *call) userQuota(d *store.Database) { c.quota("users", 500000, len(d.Users())) }

func (c *call) readUser(d *store.Database, u *store.User) (reply, error) {
	c.userQuota(d)
	return c.resource(http.StatusOK, u.Resource, chargeRead), nil
}

func (c *call) createUser(d *store.Database) (reply, error) {
	u, err := d.PutUser(nil, c.body, "")
	if err != nil {
		return reply{}, err
	}
	c.userQuota(d)
	return c.resource(http.StatusCreated, u.Resource, chargeWrite), nil
}

// Two requests at a time may both find none; the store then refuses the second.
func (c *call) upsertUser(d *store.Database) (reply, error) {
	old, err := d.User(c.bodyID())
	if err != nil {
		return c.createUser(d)
	}
	return c.replaceUser(d, old)
}

// bodyID is the id of the resource in the body, "" if it has none.
func (c *call) bodyID() string {
	v, _ := value.Parse(c.body) // what is not JSON is refused where it is put
	return v.Get("id").AsString()
}

func (c *call) replaceUser(d *store.Database, old *store.User) (reply, error) {
	u, err := d.PutUser(old, c.body, c.header(headerIfMatch))
	if err != nil {
		return reply{}, err
	}
	c.userQuota(d)
	return c.resource(http.StatusOK, u.Resource, chargeReplace), nil
}

func (c *call) deleteUser(d *store.Database, u *store.User) (reply, error) {
	err := d.DeleteUser(u, c.header(headerIfMatch))
	c.userQuota(d)
	return reply{status: http.StatusNoContent, charge: chargeWrite}, err
}

// tokened is a permission with a token, which is minted for every answer. No token is stored: what is kept cannot be
// stolen from a dump of the server.
type tokened struct {
	value value.Value
	json  []byte
}

func (t tokened) Value() value.Value { return t.value }
func (t tokened) JSON() []byte       { return t.json }

// tokenLife is how long the tokens of the reply shall be good. A life out of bounds is refused and not cut, so that
// nobody relies on a longer one.
func (c *call) tokenLife() (time.Duration, error) {
	text := c.header("x-ms-documentdb-expiry-seconds")
	if text == "" {
		return defaultLife, nil
	}
	n, err := strconv.Atoi(text) // a duration does not hold every number of seconds
	if err != nil || n < int(minLife/time.Second) || n > int(maxLife/time.Second) {
		return 0, store.Errorf(400, 0,
			"The token lifetime of %s seconds is invalid: it must be between %.0f and %.0f.", text,
			minLife.Seconds(), maxLife.Seconds())
	}
	return time.Duration(n) * time.Second, nil
}

// A stored _token, which a client may have sent back with the permission, gives way to the new one.
func (c *call) tokened(d *store.Database, u *store.User, p *store.Permission, life time.Duration) tokened {
	var members []value.Member
	for m := range p.Value().Members() {
		if m.Name != "_token" {
			members = append(members, m)
		}
	}
	v := value.Object(append(members, value.Member{Name: "_token", Value: value.String(c.g.mint(d, u, p, life))}))
	return tokened{v, value.AppendJSON(nil, v)}
}

// Every permission of the list has a token, as the service's have.
func (c *call) listPermissions(d *store.Database, u *store.User) (reply, error) {
	life, err := c.tokenLife()
	if err != nil {
		return reply{}, err
	}
	var all []tokened
	for _, p := range u.Permissions() {
		all = append(all, c.tokened(d, u, p, life))
	}
	return listMetadata(c, u.RID(), "Permissions", all)
}

func (c *call) createPermission(d *store.Database, u *store.User) (reply, error) {
	return c.putPermission(http.StatusCreated, d, u, nil)
}

func (c *call) upsertPermission(d *store.Database, u *store.User) (reply, error) {
	old, err := u.Permission(c.bodyID())
	if err != nil {
		return c.createPermission(d, u)
	}
	return c.replacePermission(d, u, old)
}

// putPermission creates a permission, or replaces old unless that is nil.
func (c *call) putPermission(status int, d *store.Database, u *store.User, old *store.Permission) (reply, error) {
	life, err := c.tokenLife()
	if err != nil {
		return reply{}, err
	}
	p, err := u.PutPermission(old, c.body, c.header(headerIfMatch))
	if err != nil {
		return reply{}, err
	}
	return c.permission(status, c.tokened(d, u, p, life), p.ETag(), chargeWrite), nil
}

func (c *call) readPermission(d *store.Database, u *store.User, p *store.Permission) (reply, error) {
	life, err := c.tokenLife()
	if err != nil {
		return reply{}, err
	}
	return c.permission(http.StatusOK, c.tokened(d, u, p, life), p.ETag(), chargeRead), nil
}

func (c *call) replacePermission(d *store.Database, u *store.User, old *store.Permission) (reply, error) {
	return c.putPermission(http.StatusOK, d, u, old)
}

func (c *call) deletePermission(_ *store.Database, u *store.User, p *store.Permission) (reply, error) {
	err := u.DeletePermission(p, c.header(headerIfMatch))
	return reply{status: http.StatusNoContent, charge: chargeWrite}, err
}

// permission replies with a permission and a new token of it. Every answer has a token of its own, each good for its
// own time (PROTOCOL.md 10.6).
func (c *call) permission(status int, t tokened, etag string, charge float64) reply {
	c.set(headerETag, etag)
	return reply{status: status, body: t.json, charge: charge}
}
