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
	defaultLife = time.Hour
	minLife     = 10 * time.Minute
	maxLife     = 24 * time.Hour
)

func (c *call) listUsers(d *store.Database) (reply, error) {
	return listMetadata(c, d.RID(), "Users", d.Users())
}

func (c *call) readUser(_ *store.Database, u *store.User) (reply, error) {
	return c.resource(http.StatusOK, u.Resource, chargeRead), nil
}

func (c *call) createUser(d *store.Database) (reply, error) {
	u, err := d.PutUser(nil, c.body)
	if err != nil {
		return reply{}, err
	}
	return c.resource(http.StatusCreated, u.Resource, chargeWrite), nil
}

func (c *call) replaceUser(d *store.Database, old *store.User) (reply, error) {
	u, err := d.PutUser(old, c.body)
	if err != nil {
		return reply{}, err
	}
	return c.resource(http.StatusOK, u.Resource, chargeWrite), nil
}

func (c *call) deleteUser(d *store.Database, u *store.User) (reply, error) {
	return reply{status: http.StatusNoContent, charge: chargeWrite}, d.DeleteUser(u)
}

// tokened is a permission with a token, which is minted for every answer.
type tokened struct {
	value value.Value
	json  []byte
}

func (t tokened) Value() value.Value { return t.value }
func (t tokened) JSON() []byte       { return t.json }

func (c *call) tokened(d *store.Database, u *store.User, p *store.Permission) (tokened, error) {
	life := defaultLife
	if text := c.header("x-ms-documentdb-expiry-seconds"); text != "" {
		seconds, err := strconv.Atoi(text)
		if life = time.Duration(seconds) * time.Second; err != nil || life < minLife || life > maxLife {
			return tokened{}, store.Errorf(400, 0, "The token lifetime of %s seconds is invalid: it must be between %.0f and %.0f.", text,
				minLife.Seconds(), maxLife.Seconds())
		}
	}
	var members []value.Member
	for m := range p.Value().Members() {
		if m.Name != "_token" {
			members = append(members, m)
		}
	}
	v := value.Object(append(members, value.Member{Name: "_token", Value: value.String(c.g.mint(d, u, p, life))}))
	return tokened{v, value.AppendJSON(nil, v)}, nil
}

func (c *call) listPermissions(d *store.Database, u *store.User) (reply, error) {
	var all []tokened
	for _, p := range u.Permissions() {
		t, err := c.tokened(d, u, p)
		if err != nil {
			return reply{}, err
		}
		all = append(all, t)
	}
	return listMetadata(c, u.RID(), "Permissions", all)
}

func (c *call) createPermission(d *store.Database, u *store.User) (reply, error) {
	p, err := u.PutPermission(nil, c.body)
	if err != nil {
		return reply{}, err
	}
	return c.permission(http.StatusCreated, d, u, p)
}

func (c *call) readPermission(d *store.Database, u *store.User, p *store.Permission) (reply, error) {
	return c.permission(http.StatusOK, d, u, p)
}

func (c *call) replacePermission(d *store.Database, u *store.User, old *store.Permission) (reply, error) {
	p, err := u.PutPermission(old, c.body)
	if err != nil {
		return reply{}, err
	}
	return c.permission(http.StatusOK, d, u, p)
}

func (c *call) deletePermission(_ *store.Database, u *store.User, p *store.Permission) (reply, error) {
	return reply{status: http.StatusNoContent, charge: chargeWrite}, u.DeletePermission(p)
}

// permission replies with a permission and a new token of it.
func (c *call) permission(status int, d *store.Database, u *store.User, p *store.Permission) (reply, error) {
	t, err := c.tokened(d, u, p)
	c.set(headerETag, p.ETag())
	return reply{status, t.json, chargeRead}, err
}
