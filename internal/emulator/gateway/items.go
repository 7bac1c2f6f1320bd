package gateway

import (
	"net/http"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// owner finds the container that something in it is asked of.
func (c *call) owner() (*store.Container, error) {
	x, err := c.g.account.Container(c.path[1], c.path[3])
	if err != nil {
		return nil, err
	}
	c.container = x
	if rid := c.header(headerIntendedRID); rid != "" && rid != x.RID() {
		return nil, store.Errorf(400, store.SubWrongRID, "The collection rid %s of the request is not that of the collection, %s.", rid, x.RID())
	}
	return x, nil
}

// key reads the partition key header of a request for one document; it is the effective key.
func (c *call) key(x *store.Container) (string, error) {
	text := c.header(headerKey)
	if text == "" {
		return "", store.Errorf(400, 0, "PartitionKey value must be supplied for this operation.")
	}
	return effectiveKey(x, text)
}

// effectiveKey hashes a partition key in its header form. It must have all components.
func effectiveKey(x *store.Container, text string) (string, error) {
	key, err := partition.ParseKey(text)
	if err != nil {
		return "", store.Errorf(400, 0, "Partition key %s is invalid.", text)
	}
	def := x.Definition().PartitionKey
	if def.Check(key) != nil {
		few := "fewer"
		if len(key) > len(def.Paths) {
			few = "more"
		}
		return "", store.Errorf(400, 0, "PartitionKey has %s components than defined the collection resource.", few)
	}
	return def.EPK(key), nil
}

// document reads the document in the body, which must have the partition key of the header.
func (c *call) document(x *store.Container) (*store.Document, error) {
	epk, err := c.key(x)
	if err != nil {
		return nil, err
	}
	d, err := x.Parse(c.body)
	if err != nil {
		return nil, err
	}
	return d, sameKey(d, epk)
}

func sameKey(d *store.Document, epk string) error {
	if d.EPK != epk {
		return store.Errorf(400, store.SubMismatch, "Partition key provided either doesn't correspond to definition in the collection or doesn't "+
			"match partition key field values specified in the document.")
	}
	return nil
}

// update runs one write as a transaction of its own and makes the reply.
func (c *call) update(x *store.Container, epk string, charge float64, write func(*store.Tx) (*store.Item, int, error)) (reply, error) {
	if err := c.admit(x, epk, charge); err != nil {
		return reply{}, err
	}
	if err := c.checkTriggers(x); err != nil {
		return reply{}, err
	}
	var it *store.Item
	var status int
	mark, err := x.Update(epk, "", func(tx *store.Tx) (err error) {
		it, status, err = write(tx)
		return err
	})
	c.sessionHeader(mark)
	if err != nil {
		return reply{}, err
	}
	res := reply{status: status, charge: charge}
	if it != nil {
		c.set(headerETag, it.ETag)
		if !c.minimal() {
			res.body = it.JSON
		}
	}
	return res, nil
}

// minimal reports whether the caller wants no document back from a write.
func (c *call) minimal() bool {
	return strings.Contains(strings.ToLower(c.header("prefer")), "return=minimal")
}

// writeCharge is the charge of writing a document of so many bytes.
func writeCharge(bytes int) float64 { return 5 + 0.6*kilobytes(bytes) }

func kilobytes(bytes int) float64 { return float64((bytes + 1023) / 1024) }

func (c *call) createItem() (reply, error) {
	x, err := c.owner()
	if err != nil {
		return reply{}, err
	}
	d, err := c.document(x)
	if err != nil {
		return reply{}, err
	}
	return c.update(x, d.EPK, writeCharge(len(c.body)), func(tx *store.Tx) (*store.Item, int, error) {
		it, err := tx.Create(d)
		return it, http.StatusCreated, err
	})
}

func (c *call) upsertItem() (reply, error) {
	x, err := c.owner()
	if err != nil {
		return reply{}, err
	}
	d, err := c.document(x)
	if err != nil {
		return reply{}, err
	}
	return c.update(x, d.EPK, writeCharge(len(c.body)), func(tx *store.Tx) (*store.Item, int, error) {
		it, created, err := tx.Upsert(d, c.header(headerIfMatch))
		if created {
			return it, http.StatusCreated, err
		}
		return it, http.StatusOK, err
	})
}

// item is the id of the document that the path names, and its effective key. A rid in the path finds both.
func (c *call) item(x *store.Container) (id, epk string, err error) {
	id = c.path[5]
	if store.IsDatabaseRID(c.path[1]) {
		if it, err := x.ByRID(id); err == nil {
			return it.ID, it.EPK, nil
		}
	}
	epk, err = c.key(x)
	return id, epk, err
}

func (c *call) readItem() (reply, error) {
	x, err := c.owner()
	if err != nil {
		return reply{}, err
	}
	id, epk, err := c.item(x)
	if err != nil {
		return reply{}, err
	}
	if err := c.admit(x, epk, 1); err != nil {
		return reply{}, err
	}
	it, mark, err := x.Read(epk, id)
	if lag := c.checkSession(mark); lag != nil {
		return reply{}, lag
	}
	c.sessionHeader(mark)
	if err != nil {
		return reply{}, err
	}
	c.set(headerETag, it.ETag)
	charge := kilobytes(len(it.JSON))
	if m := c.header(headerIfNoneMatch); m != "" && (m == it.ETag || m == "*") {
		return reply{status: http.StatusNotModified, charge: charge}, nil
	}
	return reply{http.StatusOK, it.JSON, charge}, nil
}

func (c *call) replaceItem() (reply, error) {
	x, err := c.owner()
	if err != nil {
		return reply{}, err
	}
	id, epk, err := c.item(x)
	if err != nil {
		return reply{}, err
	}
	d, err := x.Parse(c.body)
	if err != nil {
		return reply{}, err
	}
	if err := sameKey(d, epk); err != nil {
		return reply{}, err
	}
	return c.update(x, epk, writeCharge(len(c.body)), func(tx *store.Tx) (*store.Item, int, error) {
		it, err := tx.Replace(id, d, c.header(headerIfMatch))
		return it, http.StatusOK, err
	})
}

func (c *call) deleteItem() (reply, error) {
	x, err := c.owner()
	if err != nil {
		return reply{}, err
	}
	id, epk, err := c.item(x)
	if err != nil {
		return reply{}, err
	}
	return c.update(x, epk, 5, func(tx *store.Tx) (*store.Item, int, error) {
		return nil, http.StatusNoContent, tx.Delete(epk, id, c.header(headerIfMatch))
	})
}

func (c *call) patchItem() (reply, error) {
	x, err := c.owner()
	if err != nil {
		return reply{}, err
	}
	id, epk, err := c.item(x)
	if err != nil {
		return reply{}, err
	}
	p, condition, err := c.patch(x, c.body)
	if err != nil {
		return reply{}, err
	}
	return c.update(x, epk, writeCharge(len(c.body)), func(tx *store.Tx) (*store.Item, int, error) {
		it, err := tx.Patch(epk, id, p, condition, c.header(headerIfMatch))
		return it, http.StatusOK, err
	})
}

// patch reads a patch request and compiles its condition, which is nil if there is none.
func (c *call) patch(x *store.Container, body []byte) (store.Patch, func(value.Value) (bool, error), error) {
	p, text, err := store.ParsePatch(body)
	if err != nil || text == "" {
		return p, nil, err
	}
	q, err := nosql.ParseCondition(text)
	if err != nil {
		return nil, nil, queryError(text, err)
	}
	condition, err := eval.CompileCondition(q, c.evalOptions(x, nil))
	if err != nil {
		return nil, nil, queryError(text, err)
	}
	return p, func(doc value.Value) (bool, error) {
		met, err := condition.Match(c.r.Context(), doc)
		if err != nil {
			return false, queryError(text, err)
		}
		return met, nil
	}, nil
}

// deletePartitionKey removes every document of a logical partition. The service does so in the background, but hides
// the documents at once; here they are gone.
func (c *call) deletePartitionKey() (reply, error) {
	x, err := c.owner()
	if err != nil {
		return reply{}, err
	}
	epk, err := c.key(x)
	if err != nil {
		return reply{}, err
	}
	deleted := 0
	mark, err := x.Update(epk, "", func(tx *store.Tx) error {
		deleted = tx.DeleteAll(epk)
		return nil
	})
	c.sessionHeader(mark)
	return reply{status: http.StatusOK, charge: 5 + float64(deleted)}, err
}
