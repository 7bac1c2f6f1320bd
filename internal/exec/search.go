package exec

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// search queries the selected documents, or with id and key that one if it is still selected.
func (ch *change) search(ctx context.Context, def partition.Definition, id string,
	key partition.Key) ([]target, error) {
	text, params, err := ch.Search(ch.Args, def.Paths, id, ch.answer && !ch.update)
	if err != nil {
		return nil, err
	}
	args := Parameters(params)
	if key != nil {
		args = append(args, inPartition(key))
	} else {
		for _, o := range ch.within() {
			args = append(args, o)
		}
	}
	var targets []target
	for row, err := range cosmos.Query[json.RawMessage](ctx, ch.Container, text, args...) {
		if err != nil {
			return nil, err
		}
		t, err := parseTarget(row, def)
		if err != nil {
			return nil, err
		}
		targets = append(targets, t)
	}
	// A query goes on in a container that was created again. The keys of its rows would be those of the old one.
	now, err := ch.definition(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.Equal(now.Paths, def.Paths) {
		return nil, fmt.Errorf("cosmos: %s: the partition key is %v now: %w", ch.verb(), now.Paths,
			cosmos.ErrContainerRecreated)
	}
	return targets, nil
}

// readsOn says that the rows are read to the end, as those of a *sql.Rows are.
var readsOn any = option.ReadsOn

// ReadOn are the bound arguments of a statement as those of a query whose rows are read to the end.
func ReadOn(bound []statement.Arg) []any { return append(Parameters(bound), readsOn) }

// Parameters are the bound arguments of a statement as those of a query.
func Parameters(bound []statement.Arg) []any {
	if len(bound) == 0 {
		return nil
	}
	params := make([]cosmos.Parameter, len(bound))
	for i, arg := range bound {
		params[i] = cosmos.Parameter{Name: arg.Name, Value: argument.JSON(arg.Value)}
	}
	return append(make([]any, 0, 2), params)
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

// outcome is what became of the targets.
type outcome struct {
	mu      sync.Mutex
	next    int // of the targets
	changed int
	unknown int   // that may have been changed
	err     error // the first one; nothing more is begun after it
	docs    []json.RawMessage
}

// take returns the index of a target to change next; false if nothing more is to be begun.
func (o *outcome) take() (int, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err != nil || o.next == len(o.docs) {
		return 0, false
	}
	o.next++
	return o.next - 1, true
}

// add notes what became of target i.
func (o *outcome) add(i int, doc json.RawMessage, changed bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if changed {
		o.changed++
		o.docs[i] = doc
	}
	if errors.Is(err, cosmos.ErrUnknownOutcome) {
		o.unknown++
	}
	if o.err == nil {
		o.err = err
	}
}

// changeAll changes the targets concurrently. After the first error nothing more is begun, but what has been is waited
// for, so that the number of changed documents is exact, or known to be too low.
func (ch *change) changeAll(ctx context.Context, def partition.Definition, targets []target) (Result, error) {
	o := outcome{docs: make([]json.RawMessage, len(targets))}
	var wg sync.WaitGroup
	for range min(ch.inFlight, len(targets)) {
		wg.Go(func() {
			for i, more := o.take(); more; i, more = o.take() {
				doc, changed, err := ch.changeFound(ctx, def, targets[i])
				o.add(i, doc, changed, err)
			}
		})
	}
	wg.Wait()
	if o.err != nil {
		return Result{}, ch.stopped(&o, len(targets))
	}
	r := Result{Affected: int64(o.changed)}
	for _, doc := range o.docs {
		if doc != nil {
			r.Documents = append(r.Documents, doc)
		}
	}
	return r, nil
}

// stopped is the error of a statement that did not get through its targets.
func (ch *change) stopped(o *outcome, targets int) error {
	if o.unknown == 0 {
		return fmt.Errorf("cosmos: %s stopped after %d of %d documents: %w", ch.verb(), o.changed, targets,
			errtext.Inner(o.err))
	}
	err := o.err
	if !errors.Is(err, cosmos.ErrUnknownOutcome) {
		err = fmt.Errorf("%w (%w)", err, cosmos.ErrUnknownOutcome)
	}
	return fmt.Errorf("cosmos: %s stopped after at least %d of %d documents; %d more may have been changed: %w",
		ch.verb(), o.changed, targets, o.unknown, errtext.Inner(err))
}

// changeFound changes a document that was found, as long as it is selected. A condition of the caller that does not
// hold ends the statement.
func (ch *change) changeFound(ctx context.Context, def partition.Definition,
	t target) (doc json.RawMessage, changed bool, err error) {
	for r := (race{}); ; {
		doc, err := ch.send(ctx, t)
		switch {
		case missing(err):
			return nil, false, nil
		case !overtaken(err):
			return doc, err == nil, err
		}
		again, searchErr := ch.search(ctx, def, t.id, t.key)
		if searchErr != nil || len(again) == 0 {
			return nil, false, searchErr
		}
		if again[0].etag == t.etag {
			return nil, false, err // so it is the PatchCondition that does not hold
		}
		t = again[0]
		if err := r.again(ctx, err); err != nil {
			return nil, false, err
		}
	}
}
