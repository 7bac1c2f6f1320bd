package cosmos

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// under adds the conditions that the options of the call say, and takes them from set. One that differs from the
// operation's own is an error.
func (o *Operation) under(set *option.Set) error {
	if err := o.Err(); err != nil {
		return err
	}
	for _, c := range []struct {
		name      string
		own, call *string
	}{
		{"IfMatch", &o.match, &set.IfMatch}, {"IfNoneMatch", &o.none, &set.IfNoneMatch},
		{"PatchCondition", &o.condition, &set.Condition},
	} {
		if *c.own != "" && *c.call != "" && *c.own != *c.call {
			return errtext.Refusef("cosmos: %s: its %s is %s, but the one of the "+
				"call or its context is %s: give one of them", o, c.name, *c.own, *c.call)
		}
		if *c.own == "" {
			*c.own = *c.call
		}
		*c.call = ""
	}
	return o.Err()
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
	var call struct { // one allocation for both
		Operation
		option.Set
	}
	call.Operation = o
	if err := call.Set.Resolve(ctx, o.kind.call(), c.client().defaults, opts); err != nil {
		return nil, err
	}
	if err := call.under(&call.Set); err != nil {
		return nil, err
	}
	resp, err := c.execute(ctx, &call.Operation, &call.Set)
	return resp, call.nameDocument(err)
}

// nameDocument adds to the error of a document that there is not under which partition key it was looked for: a right
// id under a wrong key is the commonest puzzle. To that of one that is there already it adds the id as well, which the
// path of a create does not have. Tracers are not told, which hear of no values.
func (o *Operation) nameDocument(err error) error {
	e, ok := err.(*Error)
	if !ok || o.sent == "" {
		return err
	}
	switch {
	case errors.Is(err, ErrNotFound):
		named := *e
		named.Operation += " (partition key " + o.sent + ")"
		return &named
	case errors.Is(err, ErrConflict):
		return fmt.Errorf("%w; the document has id %q and partition key %s", err, o.id, o.sent)
	case o.condition != "" && errors.Is(err, ErrBadRequest) && strings.Contains(e.Message, "yntax error"):
		return fmt.Errorf(`%w; a PatchCondition has the form "from c where c.status = 'open'"`, err)
	}
	return err
}

// execute executes an operation with the options of the call that are not conditions.
func (c *Container) execute(ctx context.Context, o *Operation, set *option.Set) (resp *Response, err error) {
	if c.client().tracer != nil {
		var traced *tracedOperation
		ctx, traced = c.client().begin(ctx, o.kind.itemOperation(), c.address.link, 0)
		defer func() { traced.ends(0, err) }()
	}
	for again := o.kind == KindRead; ; again = false {
		var call struct { // one allocation for both
			rest.Request
			aimed
		}
		req := &call.Request
		c.single(req, o, set)
		call.aimed = aimed{container: c, operation: o, set: set, repeat: o.repeatable()}
		d, err := call.route(ctx, req)
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
			return resp, fmt.Errorf("cosmos: %s was executed, but in another container than was meant: %w", o,
				errRecreated)
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

// single makes req the request that executes an operation by itself, without its partition key.
func (c *Container) single(req *rest.Request, o *Operation, set *option.Set) {
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
	*req = *at.request(verb, rest.Documents, effect)
	c.scope(req)
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
			return nil, errtext.Refusef("cosmos: %s: its partition key is %s, "+
				"but the option PartitionKey of the call says %s", o.String(), named, set.PartitionKey)
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
func (o *Operation) keyOfDocument(
	c *Container, d *definition, doc json.RawMessage, named, otherwise partition.Key,
) (partition.Key, error) {
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
		return nil,
			errtext.Refusef("cosmos: the document's partition key is %s (container %q, "+
				"%s), but the option PartitionKey says %s", own, c.id, paths, named)
	}
	if o.renamed != "" && slices.Contains(d.key.Paths, "/id") {
		return nil, errtext.Refusef("cosmos: document %q cannot become %q: container %q is partitioned by %s, and a "+
			"document's partition key does not change; create the new one and delete the old one",
			o.id, o.renamed, c.id, paths)
	}
	return own, nil
}
