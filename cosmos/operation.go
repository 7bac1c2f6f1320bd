package cosmos

import (
	"context"
	"encoding/json"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/naming"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/go-json-experiment/json/jsontext"
)

// Operation is one operation on one document: run by itself with [Container.Do], with others in a
// [Container.TransactionalBatch], where all succeed or none, or in a [Container.Bulk], where each succeeds or fails
// independently. [OpCreate] and its siblings make one. The options that it takes are [PartitionKey], [IfMatch] (of
// upsert, replace, patch and delete), [IfNoneMatch] (of a read) and [PatchCondition] (of a patch); others are given to
// the call that sends it. It is a value that tells what it does, so that a fake of Do can look inside.
type Operation struct {
	kind      OperationKind
	id        string
	body      json.RawMessage // the document, or the array of patch operations
	composed  bool            // body is what is sent, of a patch, too
	sent      string          // the header form of the partition key that it was sent with
	renamed   string          // of a replace: the document's new id; empty if it keeps the one that it has
	key       partition.Key   // as the options say; nil to take it from the document
	match     string          // If-Match
	none      string          // If-None-Match
	condition string          // of a patch
	err       error           // why it is invalid, or nil
}

// OperationKind is what an [Operation] does, as the service names it.
type OperationKind string

// The kinds of operation.
const (
	KindCreate  OperationKind = "Create"
	KindUpsert  OperationKind = "Upsert"
	KindReplace OperationKind = "Replace"
	KindPatch   OperationKind = "Patch"
	KindDelete  OperationKind = "Delete"
	KindRead    OperationKind = "Read"
)

// call is the operation as options know it, executed by itself; part is it as a part of a batch or bulk.
func (k OperationKind) call() *option.Operation { return kinds[k][0] }
func (k OperationKind) part() *option.Operation { return kinds[k][1] }

var kinds = map[OperationKind][2]*option.Operation{
	KindCreate:  {option.CreateItem, option.OpCreate},
	KindUpsert:  {option.UpsertItem, option.OpUpsert},
	KindReplace: {option.ReplaceItem, option.OpReplace},
	KindPatch:   {option.PatchItem, option.OpPatch},
	KindDelete:  {option.DeleteItem, option.OpDelete},
	KindRead:    {option.ReadItem, option.OpRead},
}

// OpCreate creates a document. item is as for [Container.CreateItem], also for its siblings.
func OpCreate(item any, opts ...Option) Operation { return writeOperation(KindCreate, "", item, opts) }

// OpUpsert creates a document or replaces it.
func OpUpsert(item any, opts ...Option) Operation { return writeOperation(KindUpsert, "", item, opts) }

// OpReplace replaces the document id, also by one with another id, as [Container.ReplaceItem] does.
func OpReplace(id string, item any, opts ...Option) Operation {
	return writeOperation(KindReplace, id, item, opts)
}

// OpDelete deletes the document id.
func OpDelete(id string, opts ...Option) Operation { return pointOperation(KindDelete, id, opts) }

// OpRead reads the document id.
func OpRead(id string, opts ...Option) Operation { return pointOperation(KindRead, id, opts) }

// OpPatch changes parts of the document id, as [Container.PatchItem] does.
func OpPatch(id string, operations []PatchOperation, opts ...Option) Operation {
	o := pointOperation(KindPatch, id, opts)
	if o.err == nil {
		o.body, o.err = patchBody(operations)
	}
	return o
}

func writeOperation(kind OperationKind, id string, item any, opts []Option) Operation {
	o := Operation{kind: kind, id: id}
	doc, own, err := encodeItem(item)
	switch {
	case err != nil:
		o.err = err
	case id == "" && kind != KindReplace:
		o.id = own
	case id != own:
		o.renamed, o.err = own, naming.CheckItemID(id)
	}
	o.body = doc
	o.options(opts)
	return o
}

// replaceByID replaces the document that has the id of item.
func replaceByID(item any) Operation {
	o := writeOperation(KindUpsert, "", item, nil)
	o.kind = KindReplace
	return o
}

func pointOperation(kind OperationKind, id string, opts []Option) Operation {
	o := Operation{kind: kind, id: id, err: naming.CheckItemID(id)}
	o.options(opts)
	return o
}

func (o *Operation) options(opts []Option) {
	if len(opts) == 0 {
		return
	}
	set, err := option.Resolve(context.Background(), o.kind.part(), nil, opts)
	if o.err == nil {
		o.err = err
	}
	if err == nil {
		o.key, o.match, o.none, o.condition = set.PartitionKey, set.IfMatch, set.IfNoneMatch, set.Condition
	}
}

// Kind returns what the operation does.
func (o Operation) Kind() OperationKind { return o.kind }

// ID returns the id of the document, of a replace that renames it the old one.
func (o Operation) ID() string { return o.id }

// PartitionKey returns the values of the option [PartitionKey], as [partition values] of their JSON types: string,
// float64, bool, nil or [Undefined]. It is nil if the operation has none and takes the key from its document or from
// the call.
//
// [partition values]: https://learn.microsoft.com/azure/cosmos-db/partitioning-overview
func (o Operation) PartitionKey() []any {
	if o.key == nil {
		return nil
	}
	values := make([]any, len(o.key))
	for i, c := range o.key {
		var defined bool
		if values[i], defined = c.Value(); !defined {
			values[i] = Undefined
		}
	}
	return values
}

// Body returns the JSON that is sent: the document of a create, upsert or replace, the operations and condition of a
// patch; nil of a read or delete. It must not be changed.
func (o Operation) Body() json.RawMessage {
	if o.kind != KindPatch || o.body == nil || o.composed {
		return o.body
	}
	b := []byte{'{'}
	if o.condition != "" {
		// a text that is not UTF-8 is refused by Err
		b, _ = jsontext.AppendQuote(append(b, `"condition":`...), o.condition)
		b = append(b, ',')
	}
	return append(append(append(b, `"operations":`...), o.body...), '}')
}

// IfMatch returns the ETag of the option [IfMatch]; empty if there is none.
func (o Operation) IfMatch() string { return o.match }

// IfNoneMatch returns the ETag of the option [IfNoneMatch]; empty if there is none.
func (o Operation) IfNoneMatch() string { return o.none }

// Condition returns the condition of the option [PatchCondition]; empty if there is none.
func (o Operation) Condition() string { return o.condition }

// Err returns why the operation is invalid, or nil. An invalid one is refused before anything is sent.
func (o Operation) Err() error {
	switch {
	case o.err == nil && o.kind == "":
		return errtext.Refusef("cosmos: the Operation is empty: make one with OpCreate, " +
			"OpUpsert, OpReplace, OpPatch, OpDelete or OpRead")
	case o.err == nil && !utf8.ValidString(o.condition):
		return errtext.Refusef("cosmos: the patch condition is not valid UTF-8")
	}
	return o.err
}

// Size returns about how many bytes the operation has in a request.
func (o Operation) Size() int {
	const frame = 100 // names, kind and punctuation
	return len(o.body) + len(o.id) + len(o.match) + len(o.none) + len(o.condition) + frame
}

// String returns the kind and the document id, such as "Create 42".
func (o Operation) String() string { return string(o.kind) + " " + o.id }

// document is the whole document that the operation carries; nil if it names one only.
func (o *Operation) document() json.RawMessage {
	if o.kind == KindPatch {
		return nil
	}
	return o.body
}

// wire is the operation as it stands in a batch.
func (o *Operation) wire() batch.Operation {
	return batch.Operation{Kind: string(o.kind), ID: o.id, Body: o.Body(), IfMatch: o.match, IfNoneMatch: o.none}
}
