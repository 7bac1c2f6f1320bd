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

// Searcher is what an UPDATE or DELETE says of the documents it means.
type Searcher interface {
	// Point returns the id and the partition key where the statement means the one document that has them.
	Point(args []statement.Arg, paths []string) (id string, key []json.RawMessage, ok bool, err error)

	// Search returns a query for the documents meant, or for those of them with this id. Its rows are objects: id,
	// etag, key with the values of the partition key that there are as k0, k1, …, and doc if it is asked for.
	Search(args []statement.Arg, paths []string, id string, doc bool) (text string, params []statement.Arg, err error)
}

// Change is an UPDATE or DELETE with its arguments.
type Change struct {
	Verb     string
	Where    Searcher
	Args     []statement.Arg
	Patch    []statement.Operation // of an UPDATE; none for DELETE
	CheckKey func(paths []string) error
	IfMatch  string // the ETag that the one document meant must have; "" for any
	Answer   bool
	InFlight int // documents changed at the same time
}

// target is a document that a change means.
type target struct {
	id   string
	key  partition.Key
	etag string // "" for whatever it is
	doc  json.RawMessage
}

// Run changes every document that is meant, and says how many it changed.
//
// Where the statement fixes id and partition key that is one request. Otherwise the documents are searched for first, all
// of them, so that none is met again in its new state; then each is changed under the ETag it was found with. If another
// writer was faster, the document is looked at anew: it is changed if it is still meant, and not counted if it is gone
// or no longer meant. The whole is not atomic.
func (ch *Change) Run(ctx context.Context, c Container) (Result, error) {
	def, t, ok, err := ch.point(ctx, c)
	if err != nil {
		return Result{}, err
	}
	if ok {
		return ch.one(ctx, c, t)
	}
	if ch.IfMatch != "" {
		return Result{}, fmt.Errorf("cosmos: IfMatch is about one document: %s must fix the id and every path of the partition key (%s)",
			ch.Verb, strings.Join(def.Paths, ", "))
	}
	targets, err := ch.search(ctx, c, def, "", nil)
	if err != nil {
		return Result{}, err
	}
	return ch.each(ctx, c, def, targets)
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

// point is the partition key of c, and the target of a change that fixes one.
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

func parseKey(values []json.RawMessage) (partition.Key, error) {
	header, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	return partition.ParseKey(string(header))
}

// ops are the operations that change t, sent together.
func (ch *Change) ops(t target, answer bool) []Op {
	if len(ch.Patch) > 0 {
		return patches(t.id, t.key, ch.Patch, t.etag, answer)
	}
	return []Op{{Kind: Delete, ID: t.id, Key: t.key, IfMatch: t.etag}}
}

// one changes the document t, whatever its state.
func (ch *Change) one(ctx context.Context, c Container, t target) (Result, error) {
	for {
		if ch.Answer && len(ch.Patch) == 0 {
			// A delete answers nothing: what it deletes must be known before.
			out, err := c.Do(ctx, Op{Kind: Read, ID: t.id, Key: t.key, Answer: true})
			if out.gone() {
				return Result{}, nil
			}
			if err != nil {
				return Result{}, err
			}
			t.etag, t.doc = cmp.Or(ch.IfMatch, out.ETag), out.Document
		}
		out, err := run(ctx, c, ch.ops(t, ch.Answer))
		switch {
		case out.gone():
			return Result{}, nil
		case out.changed() && ch.IfMatch == "":
			continue // since it was read here
		case err != nil:
			return Result{}, err
		}
		return Result{Affected: 1, Documents: []json.RawMessage{ch.answer(t, out)}}, nil
	}
}

// answer is the document that RETURNING is about: as it became, or as it was deleted.
func (ch *Change) answer(t target, out Outcome) json.RawMessage {
	if len(ch.Patch) > 0 {
		return out.Document
	}
	return t.doc
}

// each changes the targets concurrently. The first error ends it.
func (ch *Change) each(ctx context.Context, c Container, def partition.Definition, targets []target) (Result, error) {
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
				answer, changed, err := ch.found(gctx, c, def, targets[i])
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

// found changes a document that was found, as long as it is meant.
func (ch *Change) found(ctx context.Context, c Container, def partition.Definition, t target) (answer json.RawMessage, changed bool, err error) {
	for {
		out, err := run(ctx, c, ch.ops(t, ch.Answer))
		switch {
		case out.gone():
			return nil, false, nil
		case out.changed():
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

// search finds the documents meant, or the one with this id and key if it still is.
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
			value = []byte("{}") // undefined, as which an object or array counts too
		}
		key[i] = value
	}
	var err error
	t.key, err = parseKey(key)
	return t, err
}
