package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/batch"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rest"
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
		o.renamed, o.err = own, checkItemID(id)
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
	o := Operation{kind: kind, id: id, err: checkItemID(id)}
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
	if o.kind != KindPatch || o.body == nil {
		return o.body
	}
	b := []byte{'{'}
	if o.condition != "" {
		b, _ = jsontext.AppendQuote(append(b, `"condition":`...), o.condition) // a text that is not UTF-8 is refused by Err
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
		return errors.New("cosmos: the Operation is empty: make one with OpCreate, OpUpsert, OpReplace, OpPatch, OpDelete or OpRead")
	case o.err == nil && !utf8.ValidString(o.condition):
		return errors.New("cosmos: the patch condition is not valid UTF-8")
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

// under adds the conditions that the options of the call say, and takes them from set. One that differs from the
// operation's own is an error.
func (o *Operation) under(set *option.Set) error {
	if err := o.Err(); err != nil {
		return err
	}
	for _, c := range []struct {
		name      string
		own, call *string
	}{{"IfMatch", &o.match, &set.IfMatch}, {"IfNoneMatch", &o.none, &set.IfNoneMatch}, {"PatchCondition", &o.condition, &set.Condition}} {
		if *c.own != "" && *c.call != "" && *c.own != *c.call {
			return fmt.Errorf("cosmos: %s: its %s is %s, but the one of the call or its context is %s: give one of them", o, c.name, *c.own, *c.call)
		}
		if *c.own == "" {
			*c.own = *c.call
		}
		*c.call = ""
	}
	return o.Err()
}

// keyFor determines the partition key of the operation in the container that d defines. set has the options of the
// call. Keys that contradict each other are an error; a default gives way.
func (o *Operation) keyFor(c *Container, d *definition, set *option.Set) (partition.Key, error) {
	if err := o.Err(); err != nil {
		return nil, err
	}
	named := o.key
	if set.PartitionKey != nil && !set.DefaultKey {
		if named != nil && !slices.Equal(named, set.PartitionKey) {
			return nil, fmt.Errorf("cosmos: %s: its partition key is %s, but the option PartitionKey of the call says %s",
				o, named, set.PartitionKey)
		}
		named = set.PartitionKey
	}
	if doc := o.document(); doc != nil {
		return o.keyOfDocument(c, d, doc, named, set.PartitionKey)
	}
	last := len(d.key.Paths) - 1
	switch {
	case named != nil && len(named) == last && last > 0 && d.key.Paths[last] == "/id":
		named = append(slices.Clone(named), partition.String(o.id)) // the id is the rest of the key
	case named == nil && last == 0 && d.key.Paths[0] == "/id":
		return partition.Key{partition.String(o.id)}, nil
	case named == nil:
		named = set.PartitionKey
	}
	return d.checked(c, named)
}

// keyOfDocument is keyFor with a document, which has the key itself. otherwise is what the options say, by default or
// not.
func (o *Operation) keyOfDocument(c *Container, d *definition, doc json.RawMessage, named, otherwise partition.Key) (partition.Key, error) {
	own, err := d.key.Extract(doc)
	if err != nil {
		return nil, err
	}
	paths := strings.Join(d.key.Paths, ", ")
	missing := !slices.ContainsFunc(own, func(c partition.Component) bool { return c != partition.Undefined })
	if named == nil && missing {
		named = otherwise // the document names no partition
	}
	if named != nil && !slices.Equal(own, named) {
		return nil, fmt.Errorf("cosmos: the document's partition key is %s (container %q, %s), but the option PartitionKey says %s",
			own, c.id, paths, named)
	}
	if o.renamed != "" && slices.Contains(d.key.Paths, "/id") {
		return nil, fmt.Errorf("cosmos: document %q cannot become %q: container %q is partitioned by %s, "+
			"and a document's partition key does not change; "+
			"create the new one and delete the old one", o.id, o.renamed, c.id, paths)
	}
	return own, nil
}

// wire is the operation as it stands in a batch.
func (o *Operation) wire() batch.Operation {
	return batch.Operation{Kind: string(o.kind), ID: o.id, Body: o.Body(), IfMatch: o.match, IfNoneMatch: o.none}
}

// Do executes one operation in a request of its own. opts are the options of [Container.CreateItem] and its siblings,
// which are short forms of Do. The response comes back beside the error, too, if there was an answer.
//
//	_, err := orders.Do(ctx, cosmos.OpPatch("42", changes, cosmos.PartitionKey("ada"), cosmos.IfMatch(etag)))
func (c *Container) Do(ctx context.Context, o Operation, opts ...Option) (*Response, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if err := o.Err(); err != nil {
		return nil, err
	}
	set, err := c.client().resolve(ctx, o.kind.call(), opts)
	if err != nil {
		return nil, err
	}
	if err := o.under(set); err != nil {
		return nil, err
	}
	resp, err := c.execute(ctx, &o, set)
	return resp, o.nameKey(err)
}

// nameKey adds to the error of a document that there is not under which partition key it was looked for: a right id
// under a wrong key is the commonest puzzle. Tracers are not told, which hear of no values.
func (o *Operation) nameKey(err error) error {
	e, ok := err.(*Error)
	if !ok || o.sent == "" || !errors.Is(err, ErrNotFound) {
		return err
	}
	named := *e
	named.Operation += " (partition key " + o.sent + ")"
	return &named
}

// execute executes an operation with the options of the call that are not conditions.
func (c *Container) execute(ctx context.Context, o *Operation, set *option.Set) (resp *Response, err error) {
	if c.client().tracer != nil {
		var traced *tracedOperation
		ctx, traced = c.client().begin(ctx, o.kind.itemOperation(), c.address.link, 0)
		defer func() { traced.ends(0, err) }()
	}
	for again := o.kind == KindRead; ; again = false {
		req := c.single(o, set)
		d, err := c.route(ctx, req, set.PartitionKey, func(d *definition) (partition.Key, error) { return o.keyFor(c, d, set) }, o.repeatable())
		if err != nil {
			return nil, err
		}
		o.sent = req.Value(rest.HeaderPartitionKey)
		resp, err := c.client().do(ctx, set, req)
		if !c.elsewhere(ctx, d, resp) {
			return c.settle(ctx, o, set, req.Value(rest.HeaderPartitionKey), resp, err)
		}
		switch {
		case again:
		case err == nil && !o.repeatable():
			return resp, fmt.Errorf("cosmos: %s was executed, but in another container than was meant: %w", o, errRecreated)
		case err != nil:
			return resp, fmt.Errorf("%w: %w", errRecreated, err)
		default:
			return resp, nil
		}
	}
}

// repeatable reports whether the operation means the same in a container that was created again under its name.
func (o *Operation) repeatable() bool {
	return o.kind == KindRead || (o.kind == KindCreate || o.kind == KindUpsert) && o.match == ""
}

// single makes the request that executes an operation by itself, without its partition key.
func (c *Container) single(o *Operation, set *option.Set) *rest.Request {
	verb, effect, at := http.MethodPost, rest.Write, c.docs
	switch o.kind {
	case KindReplace:
		verb = http.MethodPut
	case KindPatch:
		verb = http.MethodPatch
	case KindDelete:
		verb = http.MethodDelete
	case KindRead:
		verb, effect = http.MethodGet, rest.Read
	}
	if o.kind != KindCreate && o.kind != KindUpsert {
		at = c.address.child(rest.Documents, o.id)
	}
	req := c.request(at, verb, effect)
	req.Body = o.Body()
	if o.kind == KindUpsert {
		req.Set(rest.HeaderIsUpsert, "True")
	}
	if o.match != "" {
		req.Set(rest.HeaderIfMatch, o.match)
	}
	if o.none != "" {
		req.Set(rest.HeaderIfNoneMatch, o.none)
	}
	if effect == rest.Write {
		writeOptions(set, req)
	}
	if o.guarded() {
		req.Effect = rest.Repeatable
	}
	return req
}
