package cosmos

import (
	"encoding/json"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/go-json-experiment/json/jsontext"
)

// Operation is one operation of [Container.TransactionalBatch], where all succeed or none, or of [Container.Bulk], where
// each succeeds or fails independently. [OpCreate] and its siblings make one. The options that
// an operation understands are [PartitionKey] (in bulk), [IfMatch], [IfNoneMatch] and [PatchCondition].
type Operation struct {
	kind  string // Create, Upsert, Replace, Patch, Delete or Read, as the service names them
	id    string
	body  json.RawMessage // the document, or the patch
	key   partition.Key   // as the options say; nil to take it from the document
	match string          // If-Match
	none  string          // If-None-Match
	err   error           // why it is invalid, or nil
}

// OpCreate creates a document. item is as for [Container.CreateItem], also for its siblings.
func OpCreate(item any, opts ...Option) Operation { return writeOperation("Create", "", item, opts) }

// OpUpsert creates a document or replaces it.
func OpUpsert(item any, opts ...Option) Operation { return writeOperation("Upsert", "", item, opts) }

// OpReplace replaces the document id.
func OpReplace(id string, item any, opts ...Option) Operation {
	return writeOperation("Replace", id, item, opts)
}

// OpDelete deletes the document id.
func OpDelete(id string, opts ...Option) Operation { return pointOperation("Delete", id, nil, opts) }

// OpRead reads the document id.
func OpRead(id string, opts ...Option) Operation { return pointOperation("Read", id, nil, opts) }

// OpPatch changes parts of the document id, as [Container.PatchItem] does.
func OpPatch(id string, operations []PatchOperation, opts ...Option) Operation {
	return pointOperation("Patch", id, func(set *option.Set) (json.RawMessage, error) {
		return patchBody(operations, set.Condition)
	}, opts)
}

// Err returns why the operation is invalid, or nil. An invalid one is refused before anything is sent.
func (o Operation) Err() error { return o.err }

// ID returns the id of the document.
func (o Operation) ID() string { return o.id }

// Size returns about how many bytes the operation has in a request.
func (o Operation) Size() int {
	const frame = 100 // names, kind and punctuation
	return len(o.body) + len(o.id) + len(o.match) + len(o.none) + frame
}

// String returns the kind and the document id, such as "Create 42".
func (o Operation) String() string { return o.kind + " " + o.id }

func writeOperation(kind, id string, item any, opts []Option) Operation {
	o := Operation{kind: kind, id: id}
	doc, own, err := encodeItem(item)
	switch {
	case err != nil:
		o.err = err
	case id == "":
		o.id = own
	case id != own:
		o.err = errChangedID(id, own)
	}
	o.body = doc
	o.options(opts)
	return o
}

func pointOperation(kind, id string, body func(*option.Set) (json.RawMessage, error), opts []Option) Operation {
	o := Operation{kind: kind, id: id, err: checkItemID(id)}
	set := o.options(opts)
	if body != nil && o.err == nil {
		o.body, o.err = body(set)
	}
	return o
}

func (o *Operation) options(opts []Option) *option.Set {
	set := &option.Set{}
	for _, opt := range opts {
		if opt != nil {
			opt(set)
		}
	}
	o.key, o.match, o.none = set.PartitionKey, set.IfMatch, set.IfNoneMatch
	if o.err == nil {
		o.err = set.Err
	}
	return set
}

// document is the whole document that the operation carries; nil if it names one only.
func (o *Operation) document() json.RawMessage {
	if o.kind == "Patch" {
		return nil
	}
	return o.body
}

// keyFor determines the partition key of the operation. set has the options of the whole batch or bulk.
func (o *Operation) keyFor(c *Container, d *definition, set *option.Set) (partition.Key, error) {
	if o.err != nil {
		return nil, o.err
	}
	own := &option.Set{PartitionKey: o.key}
	if own.PartitionKey == nil {
		own.PartitionKey = set.PartitionKey
	}
	return d.keyOf(c, own, o.id, o.document())
}

// append writes the operation as it stands in a request. key is the header form of the partition key, empty in a batch.
func (o *Operation) append(b []byte, key string) []byte {
	text := func(name, value string) {
		b = append(append(append(b, ',', '"'), name...), `":`...)
		b, _ = jsontext.AppendQuote(b, value) // ids and etags were checked, keys are ASCII
	}
	b = append(append(append(b, `{"operationType":"`...), o.kind...), '"')
	if key != "" {
		text("partitionKey", key)
	}
	if o.kind != "Create" && o.kind != "Upsert" {
		text("id", o.id)
	}
	if o.match != "" {
		text("ifMatch", o.match)
	}
	if o.none != "" {
		text("ifNoneMatch", o.none)
	}
	if o.body != nil {
		b = append(append(b, `,"resourceBody":`...), o.body...)
	}
	return append(b, '}')
}
