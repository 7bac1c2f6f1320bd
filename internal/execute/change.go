package execute

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// Searcher is the WHERE of an UPDATE or DELETE.
type Searcher interface {
	// Point returns id and partition key if the WHERE fixes both, and so selects one document at most.
	Point(args []statement.Arg, paths []string) (id string, key []json.RawMessage, ok bool, err error)

	// Search returns a query for the selected documents, or with an id for those of them that have it. Its rows are JSON
	// objects: id, etag, key with the existing values of the partition key as k0, k1, …, and doc if doc is set.
	Search(args []statement.Arg, paths []string, id string, doc bool) (text string, params []statement.Arg, err error)
}

// Change is an UPDATE or DELETE with its arguments.
type Change struct {
	Verb     string
	Where    Searcher
	Args     []statement.Arg
	Patch    []statement.Operation // of an UPDATE; none for DELETE
	CheckKey func(paths []string) error
	IfMatch  string // the ETag that the document must have, of a WHERE that selects one; "" for any
	Answer   bool   // the result needs the documents, for RETURNING
	InFlight int    // documents changed at the same time
}

// target is a document to change.
type target struct {
	id   string
	key  partition.Key
	etag string          // that it must still have; "" for any
	doc  json.RawMessage // the document before a DELETE with RETURNING
}

// Run changes every selected document and returns how many it changed.
//
// If the statement fixes id and partition key that is one request. Otherwise all documents are queried first, so that none
// is selected again in its new state; then each is changed on condition of the ETag that it was found with. If that fails
// the document is queried again, and changed if it is still selected. Documents deleted or deselected meanwhile do not
// count. The whole is not atomic.
func (ch *Change) Run(ctx context.Context, c Container) (Result, error) {
	def, t, ok, err := ch.point(ctx, c)
	if err != nil {
		return Result{}, err
	}
	if ok {
		return ch.changePoint(ctx, c, t)
	}
	if ch.IfMatch != "" {
		return Result{}, fmt.Errorf("cosmos: IfMatch is about one document: %s must fix the id and every path of the partition key (%s)",
			ch.Verb, strings.Join(def.Paths, ", "))
	}
	targets, err := ch.search(ctx, c, def, "", nil)
	if err != nil {
		return Result{}, err
	}
	return ch.changeAll(ctx, c, def, targets)
}

// Ops makes the operations of a change in a transaction, which must fix id and partition key.
func (ch *Change) Ops(ctx context.Context, c Container) ([]Op, error) {
	def, t, ok, err := ch.point(ctx, c)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("cosmos: %s in a transaction must name one document: WHERE id = … and every path of the partition key (%s) = …",
			ch.Verb, strings.Join(def.Paths, ", "))
	}
	return ch.ops(t, false), nil
}

// point returns the partition key definition of c and, if the change fixes id and partition key, its target.
func (ch *Change) point(ctx context.Context, c Container) (def partition.Definition, t target, ok bool, err error) {
	if def, err = c.Definition(ctx); err != nil {
		return def, t, false, err
	}
	if ch.CheckKey != nil {
		if err := ch.CheckKey(def.Paths); err != nil {
			return def, t, false, err
		}
	}
	id, values, ok, err := ch.Where.Point(ch.Args, def.Paths)
	if err != nil || !ok {
		return def, t, false, err
	}
	key, err := parseKey(values)
	return def, target{id: id, key: key, etag: ch.IfMatch}, err == nil, err
}

// parseKey makes a key of the JSON of its values.
func parseKey(values []json.RawMessage) (partition.Key, error) {
	header, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	return partition.ParseKey(string(header))
}

// ops are the operations that change t; several are sent as one batch.
func (ch *Change) ops(t target, answer bool) []Op {
	if len(ch.Patch) > 0 {
		return patches(t.id, t.key, ch.Patch, t.etag, answer)
	}
	return []Op{{Kind: Delete, ID: t.id, Key: t.key, IfMatch: t.etag}}
}

// changePoint changes the document t, in any state unless IfMatch is set.
func (ch *Change) changePoint(ctx context.Context, c Container, t target) (Result, error) {
	for {
		if ch.Answer && len(ch.Patch) == 0 {
			// The answer to a delete has no document, so it is read before.
			out, err := c.Do(ctx, Op{Kind: Read, ID: t.id, Key: t.key, Answer: true})
			if out.notFound() {
				return Result{}, nil
			}
			if err != nil {
				return Result{}, err
			}
			t.etag, t.doc = cmp.Or(ch.IfMatch, out.ETag), out.Document
		}
		out, err := run(ctx, c, ch.ops(t, ch.Answer))
		switch {
		case out.notFound():
			return Result{}, nil
		case out.preconditionFailed() && ch.IfMatch == "":
			continue // changed by another writer after it was read here
		case err != nil:
			return Result{}, err
		}
		return Result{Affected: 1, Documents: []json.RawMessage{ch.answer(t, out)}}, nil
	}
}

// answer is the document for RETURNING: after an UPDATE, before a DELETE.
func (ch *Change) answer(t target, out Outcome) json.RawMessage {
	if len(ch.Patch) > 0 {
		return out.Document
	}
	return t.doc
}

// changeAll changes the targets concurrently. The first error ends it.
func (ch *Change) changeAll(ctx context.Context, c Container, def partition.Definition, targets []target) (Result, error) {
	var affected atomic.Int64
	answers := make([]json.RawMessage, len(targets))
	gctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(max(ch.InFlight, 1), len(targets)) {
		wg.Go(func() {
			for gctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(targets) {
					return
				}
				answer, changed, err := ch.changeFound(gctx, c, def, targets[i])
				if err != nil {
					stop(err)
				}
				if changed {
					affected.Add(1)
					answers[i] = answer
				}
			}
		})
	}
	wg.Wait()
	if err := context.Cause(gctx); err != nil {
		return Result{}, &placed{fmt.Sprintf("%s stopped after %d of %d documents", ch.Verb, affected.Load(), len(targets)), err}
	}
	r := Result{Affected: affected.Load()}
	for _, answer := range answers {
		if answer != nil {
			r.Documents = append(r.Documents, answer)
		}
	}
	return r, nil
}

// changeFound changes a document that was found, as long as it is selected.
func (ch *Change) changeFound(ctx context.Context, c Container, def partition.Definition, t target) (answer json.RawMessage, changed bool, err error) {
	for {
		out, err := run(ctx, c, ch.ops(t, ch.Answer))
		switch {
		case out.notFound():
			return nil, false, nil
		case out.preconditionFailed():
			again, err := ch.search(ctx, c, def, t.id, t.key)
			if err != nil || len(again) == 0 {
				return nil, false, err
			}
			t = again[0]
		case err != nil:
			return nil, false, err
		default:
			return ch.answer(t, out), true, nil
		}
	}
}

// search queries the selected documents, or with id and key that one if it is still selected.
func (ch *Change) search(ctx context.Context, c Container, def partition.Definition, id string, key partition.Key) ([]target, error) {
	text, params, err := ch.Where.Search(ch.Args, def.Paths, id, ch.Answer && len(ch.Patch) == 0)
	if err != nil {
		return nil, err
	}
	var targets []target
	for row, err := range c.Query(ctx, text, params, key) {
		if err != nil {
			return nil, err
		}
		t, err := parseTarget(row, def)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	return targets, nil
}

// parseTarget reads a row of a search.
func parseTarget(row json.RawMessage, def partition.Definition) (target, error) {
	var t target
	var values []byte
	for name, value := range rawjson.Members(row) {
		switch string(name) {
		case "id":
			t.id, _ = rawjson.String(value)
		case "etag":
			t.etag, _ = rawjson.String(value)
		case "key":
			values = value
		case "doc":
			t.doc = bytes.Clone(value)
		}
	}
	key := make([]json.RawMessage, len(def.Paths))
	for i := range key {
		value, ok := rawjson.Get(values, "k"+strconv.Itoa(i))
		if kind := rawjson.Kind(value); !ok || kind == '{' || kind == '[' {
			value = []byte("{}") // undefined; objects and arrays count as undefined too
		}
		key[i] = value
	}
	var err error
	t.key, err = parseKey(key)
	return t, err
}
