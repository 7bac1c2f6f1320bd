package exec

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// where is the WHERE of an UPDATE or DELETE.
type where interface {
	// Point returns id and partition key if the WHERE fixes both, and so selects one document at most.
	Point(args []statement.Arg, paths []string) (id string, key []json.RawMessage, ok bool, err error)

	// Search returns a query for the selected documents, or with an id for those of them that have it. Its rows are
	// JSON objects: id, etag, key with the existing values of the partition key as k0, k1, …, and doc if doc is set.
	Search(args []statement.Arg, paths []string, id string, doc bool) (text string, params []statement.Arg, err error)
}

// change is an UPDATE or DELETE with its arguments.
type change struct {
	Terms
	where
	update    bool               // or a DELETE
	statement *statement.Update  // of an update
	sets      statement.Identity // of an update: what it sets of id and partition key
	patch     []cosmos.PatchOperation
	answer    bool // the result needs the documents
	inFlight  int  // documents changed at the same time
}

// defaultInFlight is how many documents a statement changes at the same time, as many as a query asks partitions.
const defaultInFlight = 32

func (t Terms) update(s *statement.Update) (*change, error) {
	if err := t.narrow(s.SplitKey(t.Args)); err != nil {
		return nil, err
	}
	ch := t.change(s, s.Returning)
	ch.update, ch.statement = true, s
	return ch, nil
}

func (t Terms) delete(s *statement.Delete) (*change, error) {
	if err := t.narrow(s.SplitKey(t.Args)); err != nil {
		return nil, err
	}
	return t.change(s, s.Returning), nil
}

func (t Terms) change(w where, returning *statement.Returning) *change {
	ch := &change{Terms: t, where: w, answer: t.Answer && returning != nil, inFlight: defaultInFlight}
	if t.Set.MaxConcurrency > 0 {
		ch.inFlight = t.Set.MaxConcurrency
	}
	return ch
}

// compile makes the patch of an UPDATE of a container with the partition key def.
func (ch *change) compile(def partition.Definition) (err error) {
	if ch.sets, err = ch.statement.Identity(ch.Args, def.Paths); err != nil {
		return err
	}
	ops, err := ch.statement.Others(def.Paths).Operations(ch.Args)
	if err != nil {
		return err
	}
	for _, op := range ops {
		ch.patch = append(ch.patch, cosmos.PatchOperation{Op: cosmos.PatchOp(op.Op), Path: op.Path, Value: op.Value})
	}
	return nil
}

// checkGuards refuses the guards of an UPDATE that changes nothing.
func (ch *change) checkGuards() error {
	if ch.update && len(ch.patch) == 0 && (ch.Set.IfMatch != "" || ch.Set.Condition != "") {
		return errtext.Refusef("cosmos: the UPDATE changes nothing, " +
			"so that IfMatch and PatchCondition have nothing to guard")
	}
	return nil
}

// verb is the statement's first word.
func (ch *change) verb() string {
	if ch.update {
		return "UPDATE"
	}
	return "DELETE"
}

// target is a document to change.
type target struct {
	id   string
	key  partition.Key
	etag string          // that it must still have; "" for any
	doc  json.RawMessage // the document before a DELETE with RETURNING
}

// run changes every selected document and returns how many it changed.
//
// If the statement fixes id and partition key that is one request. Otherwise all documents are queried first, so that
// none is selected again in its new state; then each is changed on condition of the ETag that it was found with. If
// that fails the document is queried again, and changed if it is still selected. Documents deleted or deselected
// meanwhile do not count. The whole is not atomic.
func (ch *change) run(ctx context.Context) (Result, error) {
	def, t, ok, err := ch.point(ctx)
	if err != nil {
		return Result{}, err
	}
	if ok {
		id, err := ch.rename(def, t)
		if err != nil {
			return Result{}, err
		}
		if id != "" {
			return ch.renameOne(ctx, t, id)
		}
	}
	if err := ch.checkGuards(); err != nil {
		return Result{}, err
	}
	if ok {
		return ch.changeOne(ctx, t)
	}
	if ch.Set.IfMatch != "" {
		return Result{}, errtext.Refusef("cosmos: IfMatch is about one document: "+
			"%s must fix the id and every path of the partition key (%s)",
			ch.verb(), strings.Join(def.Paths, ", "))
	}
	targets, err := ch.search(ctx, def, "", nil)
	if err != nil {
		return Result{}, err
	}
	if err := ch.checkMany(def, targets); err != nil {
		return Result{}, err
	}
	return ch.changeAll(ctx, def, targets)
}

// operations makes the operations of a change in a transaction, which must fix id and partition key.
func (ch *change) operations(ctx context.Context) ([]cosmos.Operation, []partition.Key, error) {
	def, t, ok, err := ch.point(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !ok {
		return nil, nil, errtext.Refusef("cosmos: %s in a transaction must name one document: "+
			"WHERE id = … and every path of the partition key (%s) = …",
			ch.verb(), strings.Join(def.Paths, ", "))
	}
	id, err := ch.rename(def, t)
	if err == nil {
		err = ch.checkGuards()
	}
	if err != nil {
		return nil, nil, err
	}
	if id != "" {
		return nil, nil, errtext.Refusef("cosmos: UPDATE cannot give document %q another id in a transaction: "+
			"run it outside, or insert the new one and delete the old one", t.id)
	}
	ops := ch.on(t)
	return ops, slices.Repeat([]partition.Key{t.key}, len(ops)), nil
}

// point returns the partition key definition of the container and, if the change fixes id and partition key, its
// target.
func (ch *change) point(ctx context.Context) (def partition.Definition, t target, ok bool, err error) {
	if def, err = ch.definition(ctx); err != nil {
		return def, t, false, err
	}
	if ch.update {
		if err := ch.compile(def); err != nil {
			return def, t, false, err
		}
	}
	id, key, ok, err := ch.named(def)
	return def, target{id: id, key: key, etag: ch.Set.IfMatch}, ok, err
}

// named returns id and partition key of the document that the statement names, if it does: by WHERE, or by WHERE id = …
// and the option PartitionKey.
func (ch *change) named(def partition.Definition) (id string, key partition.Key, ok bool, err error) {
	given := ch.Set.PartitionKey
	if ch.Set.DefaultKey {
		given = nil
	}
	id, values, ok, err := ch.Point(ch.Args, def.Paths)
	switch {
	case err != nil:
		return "", nil, false, err
	case !ok && given != nil && len(given) == len(def.Paths):
		id, _, ok, err = ch.Point(ch.Args, nil)
		return id, given, ok, err
	case !ok:
		return "", nil, false, nil
	}
	if key, err = parseKey(values); err != nil {
		return "", nil, false, err
	}
	if given != nil && !slices.Equal(given, key) {
		return "", nil, false, errtext.Refusef(
			"cosmos: the WHERE of the %s says that the partition key is %s, but the option PartitionKey says %s",
			ch.verb(), key, given)
	}
	return id, key, true, nil
}

// on makes the operations that change t; several are sent as one batch. An UPDATE that changes nothing, such as by an
// array with nothing in it, reads.
func (ch *change) on(t target) []cosmos.Operation {
	opts := []cosmos.Option{inPartition(t.key)}
	if ch.update && len(ch.patch) == 0 {
		return []cosmos.Operation{cosmos.OpRead(t.id, opts...)}
	}
	first := slices.Clip(opts) // the first one's change is what the others of a batch find
	if t.etag != "" {
		first = append(first, cosmos.IfMatch(t.etag))
	}
	if !ch.update {
		return []cosmos.Operation{cosmos.OpDelete(t.id, first...)}
	}
	if ch.Set.Condition != "" {
		first = append(first, cosmos.PatchCondition(ch.Set.Condition))
	}
	var ops []cosmos.Operation
	for part := range slices.Chunk(ch.patch, cosmos.MaxPatchOperations) {
		ops = append(ops, cosmos.OpPatch(t.id, part, first...))
		first = opts
	}
	return ops
}

// send changes t. It returns the document after the change if the statement needs it. Where the service refuses the
// patch of an UPDATE for what the document holds or lacks, it is a replace, unless a condition guards the patch.
func (ch *change) send(ctx context.Context, t target) (json.RawMessage, error) {
	doc, err := ch.sendOperations(ctx, t)
	var answer *cosmos.Error
	if !ch.update || ch.Set.Condition != "" || !errors.As(err, &answer) ||
		answer.StatusCode != http.StatusBadRequest || !ch.statement.Bridged() {
		return doc, err
	}
	doc, again := ch.rewrite(ctx, t)
	if again != nil && !errors.As(again, &answer) {
		return nil, &refused{again, err}
	}
	return doc, again
}

// refused is an error of this package's own about what the service refused, too.
type refused struct {
	error
	answer error
}

func (r *refused) Unwrap() []error { return []error{r.error, r.answer} }

// sendOperations executes the operations that change t.
func (ch *change) sendOperations(ctx context.Context, t target) (json.RawMessage, error) {
	ops := ch.on(t)
	var opts []cosmos.Option
	if ops[0].Kind() == cosmos.KindPatch {
		opts = append(opts, cosmos.ContentResponse(ch.answer))
	}
	if len(ops) > 1 {
		b, err := ch.Container.TransactionalBatch(ctx, ops, opts...)
		if err != nil {
			return nil, err
		}
		return b.Results[len(ops)-1].Body, nil
	}
	r, err := ch.Container.Do(ctx, ops[0], opts...)
	if err != nil {
		return nil, err
	}
	if !ch.update {
		return t.doc, nil
	}
	return r.Body, nil
}

// missing reports whether err says that there is no such document, and that this statement did not delete it.
func missing(err error) bool {
	return errors.Is(err, cosmos.ErrNotFound) && !errors.Is(err, cosmos.ErrUnknownOutcome)
}

// overtaken reports whether err says that the document does not have the ETag any more, and that it was not this
// statement that changed it.
func overtaken(err error) bool {
	return precondition(err) && !errors.Is(err, cosmos.ErrUnknownOutcome)
}

// precondition reports whether the service answered that the document does not have the ETag. Errors made of several
// have that of the service among them.
func precondition(err error) bool {
	var e *cosmos.Error
	return errors.As(err, &e) && e.StatusCode == http.StatusPreconditionFailed
}

// changeOne changes the document t, in any state unless IfMatch is set.
func (ch *change) changeOne(ctx context.Context, t target) (Result, error) {
	for r := (race{}); ; {
		reads := ch.answer && !ch.update
		if reads {
			// The answer to a delete has no document, so it is read before.
			read, err := ch.Container.ReadItem(ctx, t.id, inPartition(t.key))
			if missing(err) {
				return Result{}, nil
			}
			if err != nil {
				return Result{}, err
			}
			t.doc = read.Body
			if ch.Set.IfMatch == "" {
				t.etag = read.ETag
			}
		}
		doc, err := ch.send(ctx, t)
		switch {
		case missing(err):
			return Result{}, nil
		case overtaken(err) && (reads || ch.update && ch.Set.Condition == "") && ch.Set.IfMatch == "":
			if err := r.again(ctx, err); err != nil {
				return Result{}, err
			}
		case err != nil:
			return Result{}, err
		default:
			return Result{Affected: 1, Documents: []json.RawMessage{doc}}, nil
		}
	}
}
