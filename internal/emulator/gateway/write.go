package gateway

import (
	"net/http"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// write is an operation on one document, alone or in a batch: the document that it leaves, nil if none, and its
// status. Single requests, batches, bulk and distributed transactions all run these, so that an operation means the
// same in each.
type write func(*store.Tx) (*store.Item, int, error)

func creates(d *store.Document) write {
	return func(tx *store.Tx) (*store.Item, int, error) {
		it, err := tx.Create(d)
		return it, http.StatusCreated, err
	}
}

// 201 tells the caller that there was none, 200 that one was replaced (recorded exchanges 132 and 133).
func upserts(d *store.Document, ifMatch string) write {
	return func(tx *store.Tx) (*store.Item, int, error) {
		it, created, err := tx.Upsert(d, ifMatch)
		if created {
			return it, http.StatusCreated, err
		}
		return it, http.StatusOK, err
	}
}

func replaces(id string, d *store.Document, ifMatch string) write {
	return func(tx *store.Tx) (*store.Item, int, error) {
		it, err := tx.Replace(id, d, ifMatch)
		return it, http.StatusOK, err
	}
}

// The answer has no etag (recorded exchange 143), hence no item.
func deletes(n itemName, ifMatch string) write {
	return func(tx *store.Tx) (*store.Item, int, error) {
		return nil, http.StatusNoContent, tx.Delete(n.epk, n.id, ifMatch)
	}
}

// reads is the one that writes nothing; it has its place in batches.
func reads(n itemName, ifNoneMatch string) write {
	return func(tx *store.Tx) (*store.Item, int, error) {
		it, err := tx.Read(n.epk, n.id)
		if err == nil && ifNoneMatch != "" && ifNoneMatch == it.ETag {
			return nil, http.StatusNotModified, nil
		}
		return it, http.StatusOK, err
	}
}

// patches reads a patch request and compiles its condition. The condition is compiled before the transaction begins,
// which holds the partition's lock.
func (c *call) patches(x *store.Container, n itemName, body []byte, ifMatch string) (write, error) {
	p, text, err := store.ParsePatch(body)
	if err != nil {
		return nil, err
	}
	met, err := c.condition(x, text)
	if err != nil {
		return nil, err
	}
	return func(tx *store.Tx) (*store.Item, int, error) {
		it, err := tx.Patch(n.epk, n.id, p, met, ifMatch)
		return it, http.StatusOK, err
	}, nil
}

// condition compiles the condition of a patch; nil if there is none. It may use all that a query of the container
// may, computed properties and functions included.
func (c *call) condition(x *store.Container, text string) (func(value.Value) (bool, error), error) {
	if text == "" {
		return nil, nil
	}
	q, err := nosql.ParseCondition(text)
	if err != nil {
		return nil, queryError(text, err)
	}
	condition, err := eval.CompileCondition(q, c.evalOptions(x, nil))
	if err != nil {
		return nil, queryError(text, err)
	}
	return func(doc value.Value) (bool, error) {
		met, err := condition.Match(c.r.Context(), doc)
		if err != nil {
			return false, asQueryError(text, err)
		}
		return met, nil
	}, nil
}
