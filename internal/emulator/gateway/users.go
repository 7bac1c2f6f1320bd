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

// routeUsers is for dbs/D/users and what is below; rest is what follows "users".
func (c *Call) routeUsers(rest []string) operation {
	users := func(handle func(*Call) (reply, error), body, writes bool) *operation {
		return &operation{ManageUsers, masterOnly(handle), body, writes}
	}
	permissions := func(handle func(*Call) (reply, error), body, writes bool) *operation {
		return &operation{ManagePermissions, masterOnly(handle), body, writes}
	}
	switch {
	case len(rest) == 0:
		return byMethod(c, *users((*Call).listUsers, false, false), users((*Call).putUser, true, true), nil, nil)
	case len(rest) == 1:
		return byMethod(c, *users((*Call).readUser, false, false), nil, users((*Call).putUser, true, true), users((*Call).deleteUser, false, true))
	case rest[1] == "permissions" && len(rest) == 2:
		return byMethod(c, *permissions((*Call).listPermissions, false, false), permissions((*Call).putPermission, true, true), nil, nil)
	case rest[1] == "permissions" && len(rest) == 3:
		return byMethod(c, *permissions((*Call).readPermission, false, false), nil, permissions((*Call).putPermission, true, true),
			permissions((*Call).deletePermission, false, true))
	}
	return operation{name: UnknownOperation}
}

// masterOnly keeps resource tokens away from users and permissions.
func masterOnly(handle func(*Call) (reply, error)) func(*Call) (reply, error) {
	return func(c *Call) (reply, error) {
		if c.permit != nil {
			return reply{}, store.Errorf(403, 0, "Users and permissions are managed with the master key only.")
		}
		return handle(c)
	}
}

func (c *Call) listUsers() (reply, error) {
	d, err := c.parent()
	if err != nil {
		return reply{}, err
	}
	return listMetadata(c, d.RID(), "Users", d.Users())
}

// user finds the user that the path names.
func (c *Call) user() (*store.Database, *store.User, error) {
	d, err := c.parent()
	if err != nil {
		return nil, nil, err
	}
	u, err := d.User(c.path[3])
	return d, u, err
}

func (c *Call) readUser() (reply, error) {
	_, u, err := c.user()
	if err != nil {
		return reply{}, err
	}
	return c.resource(http.StatusOK, u.Resource, chargeRead), nil
}

// putUser creates a user, or replaces the one that the path names.
func (c *Call) putUser() (reply, error) {
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

func (c *Call) deleteUser() (reply, error) {
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

func (c *Call) tokened(d *store.Database, u *store.User, p *store.Permission) (tokened, error) {
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

func (c *Call) listPermissions() (reply, error) {
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

func (c *Call) readPermission() (reply, error) {
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

func (c *Call) permission(status int, d *store.Database, u *store.User, p *store.Permission) (reply, error) {
	t, err := c.tokened(d, u, p)
	c.set(headerETag, p.ETag())
	return reply{status, t.json, chargeRead}, err
}

// putPermission creates a permission, or replaces the one that the path names.
func (c *Call) putPermission() (reply, error) {
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

func (c *Call) deletePermission() (reply, error) {
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
