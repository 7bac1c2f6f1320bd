package store

import (
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// User owns permissions to parts of a database.
type User struct {
	*Resource
	db       *Database
	ridBytes []byte
	granted  *granted
}

// granted are the permissions of a user. All versions of the user have the same: who has found one before it was
// replaced sees what the present one has.
type granted struct {
	count       uint64 // of the permissions it ever had
	permissions catalog[*Permission]
}

// Permission lets the bearer of its token read a resource, or do everything with it.
type Permission struct {
	*Resource
	All    bool          // not just read
	Target string        // path of what it is for, without a slash at the ends
	Key    partition.Key // only this logical partition; nil for all
}

// Users lists the users, oldest first.
func (d *Database) Users() []*User {
	return list(d.account, &d.users)
}

// User finds a user by id or rid.
func (d *Database) User(name string) (*User, error) {
	return find(d.account, &d.users, name)
}

// PutUser adds a user from its JSON, or replaces old unless that is nil. A non-empty ifMatch must be the present etag
// of old, which another may have replaced since the caller found it.
func (d *Database) PutUser(old *User, body []byte, ifMatch string) (*User, error) {
	in, id, err := parseResource(body)
	if err != nil {
		return nil, err
	}
	a := d.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.databases.has(d) {
		return nil, notFound() // deleted since the caller found it
	}
	if old != nil {
		if old, err = present(&d.users, old); err != nil {
			return nil, err
		}
		if err := Match(ifMatch, old.ETag()); err != nil {
			return nil, err
		}
	}
	if d.users.taken(id) && (old == nil || old.ID() != id) {
		return nil, taken()
	}
	u := &User{db: d, ridBytes: newUserRID(d.ridBytes), granted: &granted{}}
	if old != nil {
		u.ridBytes, u.granted = old.ridBytes, old.granted
	}
	rid := ridText(u.ridBytes)
	u.Resource = a.newResource(in, id, rid, "dbs/"+d.RID()+"/users/"+rid+"/",
		value.Member{Name: "_permissions", Value: value.String("permissions/")})
	if old != nil {
		d.users.replace(old, u)
	} else {
		d.users.add(u)
	}
	return u, nil
}

// DeleteUser removes a user with its permissions. A non-empty ifMatch must be its present etag.
func (d *Database) DeleteUser(u *User, ifMatch string) error {
	return drop(d.account, &d.users, u, ifMatch)
}

// Permissions lists the user's permissions, oldest first.
func (u *User) Permissions() []*Permission {
	return list(u.db.account, &u.granted.permissions)
}

// Permission finds a permission by id or rid.
func (u *User) Permission(name string) (*Permission, error) {
	return find(u.db.account, &u.granted.permissions, name)
}

// PutPermission adds a permission from its JSON, or replaces old unless that is nil. A non-empty ifMatch must be the
// present etag of old, which another may have replaced since the caller found it.
func (u *User) PutPermission(old *Permission, body []byte, ifMatch string) (*Permission, error) {
	in, id, err := parseResource(body)
	if err != nil {
		return nil, err
	}
	p := &Permission{Target: strings.Trim(in.Get("resource").AsString(), "/")}
	switch mode := in.Get("permissionMode").AsString(); {
	case p.Target == "":
		return nil, Errorf(400, 0,
			"The input content is invalid because the required properties - 'resource; ' - are missing")
	case strings.EqualFold(mode, "All"):
		p.All = true
	case !strings.EqualFold(mode, "Read"):
		return nil, Errorf(400, 0, "The permission mode %q is invalid: it must be Read or All.", mode)
	}
	if key := in.Get("resourcePartitionKey"); key.IsDefined() {
		if p.Key, err = partition.ParseKey(string(value.AppendJSON(nil, key))); err != nil {
			return nil, Errorf(400, 0, "Partition key %s is invalid.", value.AppendJSON(nil, key))
		}
	}
	a := u.db.account
	a.mu.Lock()
	defer a.mu.Unlock()
	there := slices.ContainsFunc(u.db.users.list, func(o *User) bool { return o.granted == u.granted })
	if !a.databases.has(u.db) || !there {
		return nil, notFound() // deleted since the caller found it
	}
	if old != nil {
		if old, err = present(&u.granted.permissions, old); err != nil {
			return nil, err
		}
		if err := Match(ifMatch, old.ETag()); err != nil {
			return nil, err
		}
	}
	for _, other := range u.granted.permissions.all() {
		if other != old && (other.ID() == id || other.Target == p.Target && other.Key.Header() == p.Key.Header()) {
			return nil, taken()
		}
	}
	rid := ""
	if old != nil {
		rid = old.RID()
	} else {
		u.granted.count++
		rid = newPermissionRID(u.ridBytes, u.granted.count)
	}
	p.Resource = a.newResource(in, id, rid, u.Self()+"permissions/"+rid+"/")
	if old != nil {
		u.granted.permissions.replace(old, p)
	} else {
		u.granted.permissions.add(p)
	}
	return p, nil
}

// DeletePermission removes a permission; its tokens end with it. A non-empty ifMatch must be its present etag.
func (u *User) DeletePermission(p *Permission, ifMatch string) error {
	return drop(u.db.account, &u.granted.permissions, p, ifMatch)
}
