package gateway

import "github.com/cosmossql/cosmossql/internal/emulator/store"

// handler does what a request asks for. The functions below find what a request is about and hand it to its handler.
// An alias: handlers are wrapped in one another without being converted.
type handler = func(*call) (reply, error)

// onDatabase is for what is asked of a database, or of something in it. The call remembers what was found, for the
// headers that name the owner.
func onDatabase(handle func(*call, *store.Database) (reply, error)) handler {
	return func(c *call) (reply, error) {
		d, err := c.g.account.Database(c.path[1])
		if err != nil {
			return reply{}, err
		}
		c.database = d
		return handle(c, d)
	}
}

// onContainer is for what is asked of a container itself. Definitions are the account's, the same in all regions,
// hence no region here.
func onContainer(handle func(*call, *store.Database, *store.Container) (reply, error)) handler {
	return onDatabase(func(c *call, d *store.Database) (reply, error) {
		x, err := d.Container(c.path[3])
		if err != nil {
			return reply{}, err
		}
		c.container = x
		return handle(c, d, x)
	})
}

// inContainer is for what is asked of something in a container.
func inContainer(handle func(*call, *store.Container) (reply, error)) handler {
	return func(c *call) (reply, error) {
		x, err := c.g.account.Container(c.path[1], c.path[3])
		if err != nil {
			return reply{}, err
		}
		// Documents are a region's: what another has written may not have arrived.
		x = x.In(c.region)
		c.container = x
		// A global secondary index takes over what its source has written before it is read.
		x.CatchUp()
		// The client has read the definition of a container that was dropped since, and whose name another one has:
		// its partition keys may mean something else. Python sends the header with every request for documents.
		if rid := c.header(headerIntendedRID); rid != "" && rid != x.RID() {
			return reply{}, store.Errorf(400, store.SubWrongRID,
				"The collection rid %s of the request is not that of the collection, %s.",
				rid, x.RID())
		}
		switch c.op.name {
		// Batches are not among them: each operation of one is refused for itself.
		case Create, Upsert, Replace, Patch, Delete, DeletePartitionKey, ExecuteScript:
			if x.IsSecondary() {
				return reply{}, store.ReadOnly()
			}
		}
		return handle(c, x)
	}
}

// itemName names a document: its id and the effective key of its logical partition.
type itemName struct{ id, epk string }

// onItem is for what is asked of a document. A rid in the path names it as its id does: the partition key says where
// it is, and elsewhere it is not found. With a wrong key a document is not found, and never another of the same id
// (PROTOCOL.md 4.4).
func onItem(handle func(*call, *store.Container, itemName) (reply, error)) handler {
	return inContainer(func(c *call, x *store.Container) (reply, error) {
		epk, err := c.key(x)
		if err != nil {
			return reply{}, err
		}
		n := itemName{c.path[5], epk}
		if store.IsDatabaseRID(c.path[1]) {
			if it, err := x.ByRID(c.path[5]); err == nil && it.EPK == epk {
				n.id = it.ID
			}
		}
		return handle(c, x, n)
	})
}

// search is what a feed or query looks at, and how many rows of it the caller wants on a page. A page size that
// cannot be read is refused before anything is looked for (recorded exchange 105).
type search struct {
	target
	size int
}

// inSearch is for feeds and queries of documents.
func inSearch(handle func(*call, *store.Container, search) (reply, error)) handler {
	return inContainer(func(c *call, x *store.Container) (reply, error) {
		var s search
		var err error
		if s.size, err = c.pageSize(); err != nil {
			return reply{}, err
		}
		if s.target, err = c.target(x); err != nil {
			return reply{}, err
		}
		return handle(c, x, s)
	})
}

// onUser is for what is asked of a user, or of something of a user.
func onUser(handle func(*call, *store.Database, *store.User) (reply, error)) handler {
	return onDatabase(func(c *call, d *store.Database) (reply, error) {
		u, err := d.User(c.path[3])
		if err != nil {
			return reply{}, err
		}
		return handle(c, d, u)
	})
}

// onPermission is for what is asked of a permission.
func onPermission(handle func(*call, *store.Database, *store.User, *store.Permission) (reply, error)) handler {
	return onUser(func(c *call, d *store.Database, u *store.User) (reply, error) {
		p, err := u.Permission(c.path[5])
		if err != nil {
			return reply{}, err
		}
		return handle(c, d, u, p)
	})
}
