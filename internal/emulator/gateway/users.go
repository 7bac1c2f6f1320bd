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

func (c *call) listUsers() (reply, error) {
	d, err := c.parent()
	if err != nil {
		return reply{}, err
	}
	return listMetadata(c, d.RID(), "Users", d.Users())
}

// user finds the user that the path names.
func (c *call) user() (*store.Database, *store.User, error) {
	d, err := c.parent()
	if err != nil {
		return nil, nil, err
	}
	u, err := d.User(c.path[3])
	return d, u, err
}

func (c *call) readUser() (reply, error) {
	_, u, err := c.user()
	if err != nil {
		return reply{}, err
	}
	return c.resource(http.StatusOK, u.Resource, chargeRead), nil
}

// putUser creates a user, or replaces the one that the path names.
func (c *call) putUser() (reply, error) {
	d, err := c.parent()
	if err != nil {
		return reply{}, err
	}
	var old *store.User
	status := http.StatusCreated
	if len(c.path) == 4 {
		if old, err = d.User(c.path[3]); err != nil {
			return reply{}, err
		}
		status = http.StatusOK
	}
	u, err := d.PutUser(old, c.body)
	if err != nil {
		return reply{}, err
	}
	return c.resource(status, u.Resource, chargeWrite), nil
}

func (c *call) deleteUser() (reply, error) {
	d, u, err := c.user()
	if err != nil {
		return reply{}, err
	}
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

func (c *call) listPermissions() (reply, error) {
	d, u, err := c.user()
	if err != nil {
		return reply{}, err
	}
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

func (c *call) readPermission() (reply, error) {
	d, u, err := c.user()
	if err != nil {
		return reply{}, err
	}
	p, err := u.Permission(c.path[5])
	if err != nil {
		return reply{}, err
	}
	return c.permission(http.StatusOK, d, u, p)
}

func (c *call) permission(status int, d *store.Database, u *store.User, p *store.Permission) (reply, error) {
	t, err := c.tokened(d, u, p)
	c.set(headerETag, p.ETag())
	return reply{status, t.json, chargeRead}, err
}

// putPermission creates a permission, or replaces the one that the path names.
func (c *call) putPermission() (reply, error) {
	d, u, err := c.user()
	if err != nil {
		return reply{}, err
	}
	var old *store.Permission
	status := http.StatusCreated
	if len(c.path) == 6 {
		if old, err = u.Permission(c.path[5]); err != nil {
			return reply{}, err
		}
		status = http.StatusOK
	}
	p, err := u.PutPermission(old, c.body)
	if err != nil {
		return reply{}, err
	}
	return c.permission(status, d, u, p)
}

func (c *call) deletePermission() (reply, error) {
	_, u, err := c.user()
	if err != nil {
		return reply{}, err
	}
	p, err := u.Permission(c.path[5])
	if err != nil {
		return reply{}, err
	}
	return reply{status: http.StatusNoContent, charge: chargeWrite}, u.DeletePermission(p)
}
