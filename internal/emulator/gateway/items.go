package gateway

import (
	"net/http"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// key reads the partition key header of a request for one document; it is the effective key.
func (c *call) key(x *store.Container) (string, error) {
	return effectiveKey(x, c.header(headerKey))
}

// effectiveKey hashes a partition key in its header form. It must have all components.
func effectiveKey(x *store.Container, text string) (string, error) {
	if text == "" {
		return "", store.Errorf(400, 0, "PartitionKey value must be supplied for this operation.")
	}
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

// document reads a document, which must be of the logical partition that the request is addressed to.
func document(x *store.Container, epk string, body []byte) (*store.Document, error) {
	d, err := x.Parse(body)
	if err != nil {
		return nil, err
	}
	if d.EPK != epk {
		return nil, store.Errorf(400, store.SubMismatch, "Partition key provided either doesn't correspond to definition in the collection or doesn't "+
			"match partition key field values specified in the document.")
	}
	return d, nil
}

// update runs one write as a transaction of its own and makes the reply.
func (c *call) update(x *store.Container, epk string, charge float64, w write) (reply, error) {
	if err := c.admit(x, epk, charge); err != nil {
		return reply{}, err
	}
	if err := c.checkTriggers(x); err != nil {
		return reply{}, err
	}
	var it *store.Item
	var status int
	mark, err := x.Update(epk, "", func(tx *store.Tx) (err error) {
		it, status, err = w(tx)
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
			res.body = it.Body()
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

const deleteCharge = 5

func kilobytes(bytes int) float64 { return float64((bytes + 1023) / 1024) }

func (c *call) createItem(x *store.Container) (reply, error) {
	return c.insert(x, creates)
}

func (c *call) upsertItem(x *store.Container) (reply, error) {
	return c.insert(x, func(d *store.Document) write { return upserts(d, c.header(headerIfMatch)) })
}

// insert is what creating and upserting share.
func (c *call) insert(x *store.Container, how func(*store.Document) write) (reply, error) {
	epk, err := c.key(x)
	if err != nil {
		return reply{}, err
	}
	d, err := document(x, epk, c.body)
	if err != nil {
		return reply{}, err
	}
	return c.update(x, epk, writeCharge(len(c.body)), how(d))
}

func (c *call) readItem(x *store.Container, n itemName) (reply, error) {
	if err := c.admit(x, n.epk, 1); err != nil {
		return reply{}, err
	}
	it, mark, err := x.Read(n.epk, n.id)
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
	return reply{http.StatusOK, it.Body(), charge}, nil
}

func (c *call) replaceItem(x *store.Container, n itemName) (reply, error) {
	d, err := document(x, n.epk, c.body)
	if err != nil {
		return reply{}, err
	}
	return c.update(x, n.epk, writeCharge(len(c.body)), replaces(n.id, d, c.header(headerIfMatch)))
}

func (c *call) deleteItem(x *store.Container, n itemName) (reply, error) {
	return c.update(x, n.epk, deleteCharge, deletes(n, c.header(headerIfMatch)))
}

func (c *call) patchItem(x *store.Container, n itemName) (reply, error) {
	w, err := c.patches(x, n, c.body, c.header(headerIfMatch))
	if err != nil {
		return reply{}, err
	}
	return c.update(x, n.epk, writeCharge(len(c.body)), w)
}

// deletePartitionKey removes every document of a logical partition. The service does so in the background, but hides
// the documents at once; here they are gone. Uncertain in the service: whether it answers 200 or 202.
func (c *call) deletePartitionKey(x *store.Container) (reply, error) {
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
	return reply{status: http.StatusOK, charge: deleteCharge + float64(deleted)}, err
}
