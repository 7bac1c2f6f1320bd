package execute_test

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/cosmossql/cosmossql/internal/execute"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
)

// failure is an answer that is not a success.
type failure int

func (f failure) Error() string { return "cosmos: status " + strconv.Itoa(int(f)) }

// fake is a container partitioned by /pk that keeps documents in memory.
type fake struct {
	mu      sync.Mutex
	docs    []*stored
	etags   int
	did     []execute.Op
	batches [][]execute.Op

	// before is called with the lock held before each operation, as another writer, or the network, would be.
	before func(op execute.Op) error
}

type stored struct {
	id, etag string
	key      partition.Key
	doc      map[string]any
}

func newFake(t *testing.T, docs ...string) *fake {
	f := &fake{}
	for _, doc := range docs {
		var m map[string]any
		require.NoError(t, json.Unmarshal([]byte(doc), &m))
		f.put(m)
	}
	return f
}

var definition = partition.Definition{Paths: []string{"/pk"}, Kind: "Hash", Version: 2}

func (f *fake) put(m map[string]any) *stored {
	raw, _ := json.Marshal(m)
	key, _ := definition.Extract(raw)
	f.etags++
	s := &stored{id: m["id"].(string), etag: fmt.Sprint(f.etags), key: key, doc: m}
	f.docs = append(f.docs, s)
	return s
}

func (f *fake) find(op execute.Op) *stored {
	for _, s := range f.docs {
		if s.id == op.ID && slices.Equal(s.key, op.Key) {
			return s
		}
	}
	return nil
}

func (f *fake) Definition(ctx context.Context) (partition.Definition, error) {
	return definition, ctx.Err()
}

func (f *fake) Do(ctx context.Context, op execute.Op) (execute.Outcome, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.did = append(f.did, op)
	return f.do(ctx, op)
}

func (f *fake) do(ctx context.Context, op execute.Op) (execute.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return execute.Outcome{}, err
	}
	if f.before != nil {
		if err := f.before(op); err != nil {
			return execute.Outcome{}, err
		}
	}
	s := f.find(op)
	fail := func(status int) (execute.Outcome, error) { return execute.Outcome{Status: status}, failure(status) }
	switch {
	case op.Kind == execute.Create && s != nil:
		return fail(http.StatusConflict)
	case op.Kind == execute.Create || op.Kind == execute.Upsert && s == nil:
		var m map[string]any
		if err := json.Unmarshal(op.Document, &m); err != nil {
			return fail(http.StatusBadRequest)
		}
		s = f.put(m)
	case s == nil:
		return fail(http.StatusNotFound)
	case op.IfMatch != "" && op.IfMatch != s.etag:
		return fail(http.StatusPreconditionFailed)
	case op.Kind == execute.Upsert:
		s.doc = nil
		_ = json.Unmarshal(op.Document, &s.doc)
	case op.Kind == execute.Delete:
		f.docs = slices.DeleteFunc(f.docs, func(o *stored) bool { return o == s })
		return execute.Outcome{Status: http.StatusNoContent}, nil
	case op.Kind == execute.Patch:
		f.patch(s, op.Patch)
	}
	out := execute.Outcome{Status: http.StatusOK, ETag: s.etag}
	if op.Answer {
		out.Document, _ = json.Marshal(s.doc)
	}
	return out, nil
}

// patch knows set and incr of top-level members.
func (f *fake) patch(s *stored, ops []statement.Operation) {
	for _, p := range ops {
		var v any
		_ = json.Unmarshal(p.Value, &v)
		if p.Op == "incr" {
			v = v.(float64) + s.doc[p.Path[1:]].(float64)
		}
		s.doc[p.Path[1:]] = v
	}
	f.etags++
	s.etag = fmt.Sprint(f.etags)
}

func (f *fake) Batch(ctx context.Context, _ partition.Key, ops []execute.Op) ([]execute.Outcome, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.batches = append(f.batches, ops)
	outcomes := make([]execute.Outcome, len(ops))
	for i, op := range ops {
		out, err := f.do(ctx, op)
		if err != nil && out.Status == 0 {
			return nil, err
		}
		if err != nil {
			for j := range outcomes {
				outcomes[j] = execute.Outcome{Status: http.StatusFailedDependency}
			}
			outcomes[i] = out
			return outcomes, err
		}
		outcomes[i] = out
	}
	return outcomes, nil
}

// Query takes the id of the one document to look for as the text, "" for all with n > 0.
func (f *fake) Query(ctx context.Context, id string, _ []statement.Arg, key partition.Key) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		f.mu.Lock()
		var rows []json.RawMessage
		for _, s := range f.docs {
			if (id == "" || id == s.id && slices.Equal(key, s.key)) && s.doc["n"].(float64) > 0 {
				doc, _ := json.Marshal(s.doc)
				rows = append(rows, fmt.Appendf(nil, `{"id":%q,"etag":%q,"key":{"k0":%s},"doc":%s}`, s.id, s.etag, s.key[0], doc))
			}
		}
		f.mu.Unlock()
		for _, row := range rows {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// where is the WHERE of a statement: a point, or n > 0.
type where struct {
	id, key string
}

func (w where) Point(_ []statement.Arg, paths []string) (string, []json.RawMessage, bool, error) {
	return w.id, []json.RawMessage{json.RawMessage(w.key)}, w.id != "", nil
}

func (w where) Search(_ []statement.Arg, _ []string, id string, _ bool) (string, []statement.Arg, error) {
	return id, nil, nil
}
