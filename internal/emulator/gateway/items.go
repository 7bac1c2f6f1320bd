package gateway

import (
	"errors"
	"net/http"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// key reads the partition key header of a request for one document; it is the effective key. It is never taken from
// the document, as Microsoft's emulator does: a client that forgets the header would fail only in production
// (recorded exchanges 42 and 135).
func (c *call) key(x *store.Container) (string, error) {
	return effectiveKey(x, c.header(headerKey))
}

// effectiveKey hashes a partition key in its header form. It must have all components. In this order: missing,
// unreadable, too long, too short; each has a text of its own.
func effectiveKey(x *store.Container, text string) (string, error) {
	// Clients of such containers send no header, [] or {} (PROTOCOL.md 4.4).
	if text == "" && x.Definition().PartitionKey.SystemKey {
		text = "[]"
	}
	if text == "" {
		return "", fewComponents()
	}
	key, err := partition.ParseKey(text)
	if err != nil {
		return "", store.Errorf(400, 0, "Partition key %s is invalid.", text)
	}
	def := x.Definition().PartitionKey
	if def.SystemKey && len(key) == 1 && key[0] == partition.Undefined {
		key = partition.Key{} // the same documents
	}
	switch {
	case def.Check(key) == nil:
	case len(key) > len(def.Paths):
		return "", store.Errorf(400, 0, "PartitionKey has more components than defined the collection resource.")
	default:
		return "", fewComponents()
	}
	return def.EPK(key), nil
}

// fewComponents is the refusal of a missing or incomplete partition key, in the service's own spelling. It is free of
// charge (recorded exchange 135) and has a replica's form.
func fewComponents() error {
	e := store.Errorf(400, store.SubMismatch, "The partition key supplied in x-ms-partitionkey header has fewer "+
		"components than defined in the the collection.")
	e.Free = true
	return e
}

// document reads a document, which must be of the logical partition that the request is addressed to. Recorded
// exchange 177. That the document is read first is why a body that is not JSON is told as such, whatever the key.
func document(x *store.Container, epk string, body []byte) (*store.Document, error) {
	d, err := x.Parse(body)
	if err != nil {
		return nil, err
	}
	if d.EPK != epk {
		return nil, store.Errorf(400, store.SubMismatch,
			"PartitionKey extracted from document doesn't match the one specified in the header. "+
				"Learn more: https://aka.ms/CosmosDB/sql/errors/wrong-pk-value")
	}
	return d, nil
}

// update runs one write as a transaction of its own and makes the reply. The estimate is what it may cost; what it
// has cost is known when it is done. The session token is written whether it succeeds or not: the service's 409 and
// 412 have one, and clients keep it.
func (c *call) update(x *store.Container, epk string, estimate float64, w write) (reply, error) {
	// The service refuses before the work, by what is left; so an estimate has to do.
	if err := c.admit(x, epk, estimate); err != nil {
		return reply{}, err
	}
	var it *store.Item
	var status int
	var units float64
	mark, err := c.transact(x, epk, "", func(tx *store.Tx) (err error) {
		it, status, err = w(tx)
		units = tx.Units()
		return err
	})
	c.answered(mark)
	if err != nil {
		return reply{}, costs(err, units)
	}
	res := reply{status: status, charge: units}
	if it != nil {
		c.set(headerETag, it.ETag)
		// Status and etag stay as they are without a body (PROTOCOL.md 10.9).
		if !c.minimal() {
			res.body = c.itemBody(it)
		}
		if c.changed != nil {
			res.body = c.changed
		}
	}
	return res, nil
}

// itemBody is the document as it is answered: without the links of its _self and attachments where the caller asks
// for that, as the official Java SDK's suite does. A document is otherwise sent as it is stored, without being read.
func (c *call) itemBody(it *store.Item) []byte {
	if !c.flag("x-ms-exclude-system-properties") {
		return it.Body()
	}
	var members []value.Member
	for m := range it.Value().Members() {
		if m.Name != "_self" && m.Name != "_attachments" {
			members = append(members, m)
		}
	}
	return value.AppendJSON(nil, value.Object(members))
}

// costs notes what a refused operation has cost. A conflict costs a quarter of the create (recorded exchange 142),
// which only the transaction knows.
func costs(err error, units float64) error {
	var e *store.Error
	if units > 0 && errors.As(err, &e) && e.Charge == 0 && !e.Free {
		e.Charge = units
	}
	return err
}

// minimal reports whether the caller wants no document back from a write. azcosmos sends it with every write of an
// item unless it is told not to (PROTOCOL.md 10.9).
func (c *call) minimal() bool {
	return strings.Contains(strings.ToLower(c.header("prefer")), "return=minimal")
}

// writeEstimate is about what a write costs, before it is done: see [store.Tx.Units] for what it has cost. Recorded
// creates of small documents cost 5.90 to 10.48; a replace, about twice as much.
const writeEstimate = 7

func (c *call) createItem(x *store.Container) (reply, error) {
	return c.insert(x, "Create", creates)
}

func (c *call) upsertItem(x *store.Container) (reply, error) {
	return c.insert(x, "Upsert", func(d *store.Document) write { return upserts(d, c.header(headerIfMatch)) })
}

// insert is what creating and upserting share. The document is read after the pre-trigger, which may have changed it,
// its key included.
func (c *call) insert(x *store.Container, operation string, how func(*store.Document) write) (reply, error) {
	epk, err := c.key(x)
	if err != nil {
		return reply{}, err
	}
	w, err := c.withTriggers(x, epk, operation, c.body, func(body []byte) (write, error) {
		d, err := document(x, epk, body)
		if err != nil {
			return nil, err
		}
		return how(d), nil
	})
	if err != nil {
		return reply{}, err
	}
	return c.update(x, epk, writeEstimate, w)
}

// The session is checked before the result is looked at: a region that is behind must say 404/1002 and not that there
// is no document.
func (c *call) readItem(x *store.Container, n itemName) (reply, error) {
	if err := c.admit(x, n.epk, 1); err != nil {
		return reply{}, err
	}
	it, mark, err := x.Read(n.epk, n.id)
	if lag := c.checkSession(mark); lag != nil {
		return reply{}, lag
	}
	c.answered(mark)
	if err != nil {
		return reply{}, err
	}
	c.replica.item = it.LSN
	c.set(headerETag, it.ETag)
	charge := float64(1 + (len(it.JSON)-1)/1024)
	// 304 has the etag and costs as the read (recorded exchange 205).
	if m := c.header(headerIfNoneMatch); m != "" && (m == it.ETag || m == "*") {
		return reply{status: http.StatusNotModified, charge: charge}, nil
	}
	return reply{status: http.StatusOK, body: c.itemBody(it), charge: charge}, nil
}

// Another id in the body renames the document; tests of the Python and .NET SDKs have the service do so (PROTOCOL.md
// 4.1).
func (c *call) replaceItem(x *store.Container, n itemName) (reply, error) {
	w, err := c.withTriggers(x, n.epk, "Replace", c.body, func(body []byte) (write, error) {
		d, err := document(x, n.epk, body)
		if err != nil {
			return nil, err
		}
		return replaces(n.id, d, c.header(headerIfMatch)), nil
	})
	if err != nil {
		return reply{}, err
	}
	return c.update(x, n.epk, 2*writeEstimate, w)
}

func (c *call) deleteItem(x *store.Container, n itemName) (reply, error) {
	w, err := c.withTriggers(x, n.epk, "Delete", nil,
		func([]byte) (write, error) { return deletes(n, c.header(headerIfMatch)), nil })
	if err != nil {
		return reply{}, err
	}
	return c.update(x, n.epk, writeEstimate, w)
}

func (c *call) patchItem(x *store.Container, n itemName) (reply, error) {
	w, err := c.withTriggers(x, n.epk, "Patch", nil, func([]byte) (write, error) {
		return c.patches(x, n, c.body, c.header(headerIfMatch))
	})
	if err != nil {
		return reply{}, err
	}
	return c.update(x, n.epk, 2*writeEstimate, w)
}

// deletePartitionKey removes every document of a logical partition. The service does so in the background, but hides
// the documents at once; here they are gone. Uncertain in the service: whether it answers 200 or 202. Throughput is
// not asked: the service takes at most a tenth of it, in its own time.
func (c *call) deletePartitionKey(x *store.Container) (reply, error) {
	epk, err := c.key(x)
	if err != nil {
		return reply{}, err
	}
	deleted := 0
	mark, err := c.transact(x, epk, "", func(tx *store.Tx) error {
		deleted = tx.DeleteAll(epk)
		return nil
	})
	c.answered(mark)
	return reply{status: http.StatusOK, charge: writeEstimate + float64(deleted)}, err
}
