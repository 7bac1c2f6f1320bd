package store

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// newUser makes a database with a user and a permission to each of the containers.
func newUser(t *testing.T, containers ...string) (*Database, *User, []*Permission) {
	t.Helper()
	d, err := NewAccount(Options{}).CreateDatabase([]byte(`{"id":"d"}`), Throughput{})
	require.NoError(t, err)
	u, err := d.PutUser(nil, []byte(`{"id":"u"}`), "")
	require.NoError(t, err)
	var permissions []*Permission
	for _, c := range containers {
		p, err := u.PutPermission(nil, permission(c, c, ""), "")
		require.NoError(t, err)
		permissions = append(permissions, p)
	}
	return d, u, permissions
}

// permission is the JSON of a permission to read a container; more are members of its own.
func permission(id, container, more string) []byte {
	return fmt.Appendf(nil, `{"id":%q,"permissionMode":"Read","resource":"dbs/d/colls/%s"%s}`, id, container, more)
}

func idsOf[T named](list []T) (ids []string) {
	for _, x := range list {
		ids = append(ids, x.ID())
	}
	return ids
}

// What is replaced keeps its place: a client that reads a list page by page misses nobody, and meets nobody twice.
func TestReplacedUsersAndPermissionsKeepTheirPlace(t *testing.T) {
	t.Parallel()
	d, u, permissions := newUser(t, "a", "b", "c")
	v, err := d.PutUser(nil, []byte(`{"id":"v"}`), "")
	require.NoError(t, err)
	u, err = d.PutUser(u, []byte(`{"id":"w"}`), "")
	require.NoError(t, err)
	require.Equal(t, []*User{u, v}, d.Users())
	p, err := u.PutPermission(permissions[1], permission("renamed", "b", ""), "")
	require.NoError(t, err)
	require.Equal(t, []*Permission{permissions[0], p, permissions[2]}, u.Permissions())
	_, err = u.Permission("b")
	refused(t, err, 404, "")
	for _, name := range []string{"renamed", permissions[1].RID()} {
		found, err := u.Permission(name)
		require.NoError(t, err)
		require.Same(t, p, found)
	}
	_, err = d.PutUser(nil, []byte(`{"id":"u"}`), "")
	require.NoError(t, err, "the old name is free")
	_, err = d.PutUser(u, []byte(`{"id":"v"}`), "")
	refused(t, err, 409, "")
}

// A request that has found a user before another one replaced it sees and changes what the user has now.
func TestRequestsThatFoundTheUserBeforeItWasReplaced(t *testing.T) {
	t.Parallel()
	d, before, permissions := newUser(t, "a", "b", "c")
	now, err := d.PutUser(before, []byte(`{"id":"u","more":1}`), "")
	require.NoError(t, err)
	require.NoError(t, now.DeletePermission(permissions[0], ""))
	require.Equal(t, []string{"b", "c"}, idsOf(before.Permissions()))
	late, err := before.PutPermission(nil, permission("d", "d", ""), "")
	require.NoError(t, err)
	require.Equal(t, []string{"b", "c", "d"}, idsOf(now.Permissions()))
	found, err := now.Permission("d")
	require.NoError(t, err)
	require.Same(t, late, found)
	next, err := now.PutPermission(nil, permission("e", "e", ""), "")
	require.NoError(t, err)
	require.NotEqual(t, late.RID(), next.RID(), "a number is given once")
	_, err = d.PutUser(before, []byte(`{"id":"u"}`), before.ETag())
	refused(t, err, 412, "")
	_, err = before.PutPermission(permissions[1], permission("b", "b2", ""), "")
	require.NoError(t, err)
	_, err = before.PutPermission(permissions[1], permission("b", "b3", ""), permissions[1].ETag())
	refused(t, err, 412, "")
	last, err := d.PutUser(before, []byte(`{"id":"u"}`), "")
	require.NoError(t, err, "whoever asks for no version replaces what there is")
	require.NoError(t, last.DeletePermission(permissions[1], ""))
	require.Equal(t, []string{"c", "d", "e"}, idsOf(last.Permissions()))
	require.NoError(t, d.DeleteUser(before, ""))
	refused(t, d.DeleteUser(last, ""), 404, "")
}

// Whatever a request has found, nothing is made below what was deleted meanwhile.
func TestNothingIsMadeBelowWhatWasDeleted(t *testing.T) {
	t.Parallel()
	const script = `{"id":"s","body":"function s() {}"}`
	const key = `{"id":"k","encryptionAlgorithm":"a","wrappedDataEncryptionKey":"k","keyWrapMetadata":{}}`
	remove := map[string]func(d *Database, u *User, c *Container) error{
		"user":      func(d *Database, u *User, _ *Container) error { return d.DeleteUser(u, "") },
		"container": func(d *Database, _ *User, c *Container) error { return d.DeleteContainer(c) },
		"database":  func(d *Database, _ *User, _ *Container) error { return d.account.DeleteDatabase(d) },
	}
	for name, test := range map[string]struct {
		put  func(d *Database, u *User, c *Container) error
		gone []string // what must be there for it
	}{
		"user": {func(d *Database, _ *User, _ *Container) error {
			_, err := d.PutUser(nil, []byte(`{"id":"v"}`), "")
			return err
		}, []string{"database"}},
		"user again": {func(d *Database, u *User, _ *Container) error {
			_, err := d.PutUser(u, []byte(`{"id":"v"}`), "")
			return err
		}, []string{"database", "user"}},
		"permission": {func(_ *Database, u *User, _ *Container) error {
			_, err := u.PutPermission(nil, permission("p", "c", ""), "")
			return err
		}, []string{"database", "user"}},
		"key": {func(d *Database, _ *User, _ *Container) error {
			_, err := d.PutEncryptionKey(nil, []byte(key), "")
			return err
		}, []string{"database"}},
		"script": {func(_ *Database, _ *User, c *Container) error {
			_, err := c.Scripts.Create(Procedure, []byte(script))
			return err
		}, []string{"database", "container"}},
		"script again": {func(_ *Database, _ *User, c *Container) error {
			_, err := c.Scripts.Replace(Function, "s", []byte(script), "")
			return err
		}, []string{"database", "container"}},
		"definition": {func(_ *Database, _ *User, c *Container) error {
			_, err := c.Replace([]byte(`{"id":"c","partitionKey":{"paths":["/pk"]}}`), "")
			return err
		}, []string{"database", "container"}},
	} {
		for what, remove := range remove {
			t.Run(name+" without "+what, func(t *testing.T) {
				t.Parallel()
				d, u, _ := newUser(t)
				c, err := d.CreateContainer([]byte(`{"id":"c","partitionKey":{"paths":["/pk"]}}`), Throughput{})
				require.NoError(t, err)
				_, err = c.Scripts.Create(Function, []byte(script))
				require.NoError(t, err)
				require.NoError(t, remove(d, u, c))
				err = test.put(d, u, c)
				for _, needed := range test.gone {
					if needed == what {
						refused(t, err, 404, "Resource Not Found")
						return
					}
				}
				require.NoError(t, err)
			})
		}
	}
}

// Requests that replace a user, and others that give it permissions and take them, leave what each of them has done.
func TestUsersAtOnce(t *testing.T) {
	t.Parallel()
	d, _, _ := newUser(t)
	const workers, each = 4, 30
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range each {
				u, err := d.User("u")
				if err != nil {
					t.Error(err)
					return
				}
				id := fmt.Sprint("c", w, "-", i)
				p, err := u.PutPermission(nil, permission(id, id, ""), "")
				if err != nil {
					t.Error(err)
				} else if i%3 == 0 {
					if err := u.DeletePermission(p, ""); err != nil {
						t.Error(err)
					}
				}
				d.PutUser(u, []byte(`{"id":"u"}`), "") // 404 where another one was faster
			}
		})
	}
	all.Wait()
	u, err := d.User("u")
	require.NoError(t, err)
	rids := map[string]bool{}
	for _, p := range u.Permissions() {
		rids[p.RID()] = true
		found, err := u.Permission(p.ID())
		require.NoError(t, err)
		require.Same(t, p, found)
	}
	require.Len(t, rids, workers*each*2/3)
}

// Who has the whole container, and who has one logical partition of it, have different permissions; of either there is
// one.
func TestWhatAPermissionIsFor(t *testing.T) {
	t.Parallel()
	const mine = `,"resourcePartitionKey":["mine"]`
	for name, test := range map[string]struct {
		old     string // that is replaced; "" for none
		body    []byte
		refused bool
	}{
		"the whole again":            {"", permission("x", "c", ""), true},
		"with a slash":               {"", permission("x", "c/", ""), true},
		"the part again":             {"", permission("x", "c", mine), true},
		"the id again":               {"", permission("part", "d", ""), true},
		"another part":               {"", permission("x", "c", `,"resourcePartitionKey":["yours"]`), false},
		"another container's part":   {"", permission("x", "d", mine), false},
		"itself":                     {"part", permission("part", "c", mine), false},
		"itself, by another id":      {"part", permission("x", "c", mine), false},
		"another one's target":       {"part", permission("part", "c", ""), true},
		"another one's id":           {"part", permission("c", "d", ""), true},
		"the part of what was whole": {"c", permission("c", "c", `,"resourcePartitionKey":["yours"]`), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, u, _ := newUser(t, "c")
			part, err := u.PutPermission(nil, permission("part", "c", mine), "")
			require.NoError(t, err)
			require.Equal(t, `["mine"]`, part.Key.Header())
			var old *Permission
			if test.old != "" {
				old, err = u.Permission(test.old)
				require.NoError(t, err)
			}
			before := u.Permissions()
			_, err = u.PutPermission(old, test.body, "")
			if test.refused {
				refused(t, err, 409, "")
				require.Equal(t, before, u.Permissions())
				return
			}
			require.NoError(t, err)
		})
	}
}
