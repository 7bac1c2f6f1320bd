package execute_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cosmossql/cosmossql/internal/execute"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
)

func set(n int) []statement.Operation {
	return []statement.Operation{{Op: "set", Path: "/n", Value: fmt.Append(nil, n)}}
}

var incr = []statement.Operation{{Op: "incr", Path: "/n", Value: json.RawMessage(`1`)}}

func texts(docs []json.RawMessage) []string {
	var all []string
	for _, doc := range docs {
		all = append(all, string(doc))
	}
	return all
}

func TestPoint(t *testing.T) {
	t.Parallel()
	point := where{id: "a", key: `"p"`}
	for _, tt := range []struct {
		name   string
		change execute.Change
		want   int64
		answer []string
		left   int
		did    int
	}{
		{"update", execute.Change{Where: point, Patch: set(5)}, 1, []string{""}, 2, 1},
		{"update returning", execute.Change{Where: point, Patch: set(5), Answer: true}, 1, []string{`{"id":"a","n":5,"pk":"p"}`}, 2, 1},
		{"update of nothing", execute.Change{Where: where{id: "x", key: `"p"`}, Patch: set(5)}, 0, nil, 2, 1},
		{"update of another partition", execute.Change{Where: where{id: "a", key: `"q"`}, Patch: set(5)}, 0, nil, 2, 1},
		{"delete", execute.Change{Where: point}, 1, []string{""}, 1, 1},
		{"delete returning", execute.Change{Where: point, Answer: true}, 1, []string{`{"id":"a","n":1,"pk":"p"}`}, 1, 2},
		{"delete of nothing", execute.Change{Where: where{id: "x", key: `"p"`}}, 0, nil, 2, 1},
		{"delete of nothing, returning", execute.Change{Where: where{id: "x", key: `"p"`}, Answer: true}, 0, nil, 2, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, `{"id":"a","pk":"p","n":1}`, `{"id":"b","pk":"p","n":2}`)
			r, err := tt.change.Run(t.Context(), f)
			require.NoError(t, err)
			require.Equal(t, tt.want, r.Affected)
			require.Equal(t, tt.answer, texts(r.Documents))
			require.Len(t, f.docs, tt.left)
			require.Len(t, f.did, tt.did, "operations")
		})
	}
}

func TestPointDeleteReturnsWhatItDeleted(t *testing.T) {
	t.Parallel()
	f := newFake(t, `{"id":"a","pk":"p","n":1}`)
	f.before = func(op execute.Op) error {
		if op.Kind == execute.Delete {
			f.before = nil
			f.patch(f.docs[0], set(7)) // another writer, between the read and the delete
		}
		return nil
	}
	ch := execute.Change{Where: where{id: "a", key: `"p"`}, Answer: true}
	r, err := ch.Run(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, []string{`{"id":"a","n":7,"pk":"p"}`}, texts(r.Documents))
}

func TestPointUnderAnETag(t *testing.T) {
	t.Parallel()
	point := where{id: "a", key: `"p"`}
	for _, tt := range []struct {
		name string
		ch   execute.Change
	}{
		{"update", execute.Change{Where: point, Patch: set(5)}},
		{"long update", execute.Change{Where: point, Patch: slices.Repeat(set(5), 12)}},
		{"delete", execute.Change{Where: point}},
		{"delete returning", execute.Change{Where: point, Answer: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, `{"id":"a","pk":"p","n":1}`)
			tt.ch.IfMatch = "stale"
			_, err := tt.ch.Run(t.Context(), f)
			require.ErrorIs(t, err, failure(412), "the caller's own ETag is not looked for anew")
			tt.ch.IfMatch = "1"
			r, err := tt.ch.Run(t.Context(), f)
			require.NoError(t, err)
			require.Equal(t, int64(1), r.Affected)
		})
	}
	search := execute.Change{Verb: "UPDATE", Where: where{}, Patch: set(5), IfMatch: "1"}
	_, err := search.Run(t.Context(), newFake(t))
	require.ErrorContains(t, err, "IfMatch is about one document")
}

func TestPointErrorIsTheCallers(t *testing.T) {
	t.Parallel()
	f := newFake(t, `{"id":"a","pk":"p","n":1}`)
	f.before = func(execute.Op) error { return io.ErrUnexpectedEOF }
	ch := execute.Change{Where: where{id: "a", key: `"p"`}, Patch: set(5)}
	_, err := ch.Run(t.Context(), f)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestKeyIsChecked(t *testing.T) {
	t.Parallel()
	f := newFake(t, `{"id":"a","pk":"p","n":1}`)
	var got []string
	ch := execute.Change{Where: where{}, Patch: set(5), CheckKey: func(paths []string) error {
		got = paths
		return io.ErrUnexpectedEOF
	}}
	_, err := ch.Run(t.Context(), f)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, []string{"/pk"}, got)
	require.Empty(t, f.did)
}

func TestManyPatchOperationsAreOneBatch(t *testing.T) {
	t.Parallel()
	f := newFake(t, `{"id":"a","pk":"p","n":1}`)
	var ops []statement.Operation
	for i := range 23 {
		ops = append(ops, statement.Operation{Op: "set", Path: fmt.Sprint("/f", i), Value: json.RawMessage(`1`)})
	}
	ch := execute.Change{Where: where{}, Patch: ops, Answer: true, InFlight: 1}
	r, err := ch.Run(t.Context(), f)
	require.NoError(t, err)
	require.Equal(t, int64(1), r.Affected)
	require.Contains(t, string(r.Documents[0]), `"f22":1`)
	require.Len(t, f.batches, 1)
	require.Len(t, f.batches[0], 3)
	require.Equal(t, "1", f.batches[0][0].IfMatch, "the ETag guards the batch")
	require.Empty(t, f.batches[0][1].IfMatch, "which changes it itself")
	require.Len(t, f.batches[0][2].Patch, 3)
}

func TestSearchedChange(t *testing.T) {
	t.Parallel()
	docs := func() []string {
		var all []string
		for i := range 50 {
			all = append(all, fmt.Sprintf(`{"id":"d%d","pk":"p%d","n":%d}`, i, i%3, i%2))
		}
		return append(all, `{"id":"none","n":1}`, `{"id":"null","pk":null,"n":1}`)
	}
	for _, tt := range []struct {
		name string
		ch   execute.Change
		left int
	}{
		{"update", execute.Change{Verb: "UPDATE", Where: where{}, Patch: set(9), InFlight: 8, Answer: true}, 52},
		{"delete", execute.Change{Verb: "DELETE", Where: where{}, InFlight: 8, Answer: true}, 25},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, docs()...)
			r, err := tt.ch.Run(t.Context(), f)
			require.NoError(t, err)
			require.Equal(t, int64(27), r.Affected)
			require.Len(t, r.Documents, 27)
			require.True(t, strings.HasPrefix(string(r.Documents[0]), `{"id":"d1",`), "in the order found")
			require.Len(t, f.docs, tt.left)
			for _, op := range f.did {
				require.NotEmpty(t, op.IfMatch)
			}
		})
	}
}

func TestSearchedChangeMeetsOtherWriters(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		writer func(f *fake) // once, before the change of "a"
		want   int64
		n      any
	}{
		{"still meant", func(f *fake) { f.patch(f.docs[0], set(5)) }, 2, 6.0},
		{"no longer meant", func(f *fake) { f.patch(f.docs[0], set(0)) }, 1, 0.0},
		{"gone", func(f *fake) { f.docs = f.docs[1:] }, 1, 3.0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, `{"id":"a","pk":"p","n":1}`, `{"id":"b","pk":"q","n":2}`)
			f.before = func(op execute.Op) error {
				if op.ID == "a" {
					f.before = nil
					tt.writer(f)
				}
				return nil
			}
			ch := execute.Change{Verb: "UPDATE", Where: where{}, Patch: incr, InFlight: 1}
			r, err := ch.Run(t.Context(), f)
			require.NoError(t, err)
			require.Equal(t, tt.want, r.Affected)
			require.Equal(t, tt.n, f.docs[0].doc["n"])
		})
	}
}

func TestSearchedChangeLosesNoWrite(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for i := range 200 {
		f.put(map[string]any{"id": fmt.Sprint(i), "pk": "p", "n": 1.0})
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			ch := execute.Change{Verb: "UPDATE", Where: where{}, Patch: incr, InFlight: 8}
			r, err := ch.Run(t.Context(), f)
			if err != nil || r.Affected != 200 {
				t.Errorf("%d documents changed: %v", r.Affected, err)
			}
		})
	}
	wg.Wait()
	for _, s := range f.docs {
		require.Equal(t, 5.0, s.doc["n"])
	}
}

func TestSearchedChangeStops(t *testing.T) {
	t.Parallel()
	f := newFake(t, `{"id":"a","pk":"p","n":1}`, `{"id":"b","pk":"p","n":1}`, `{"id":"c","pk":"p","n":1}`)
	f.before = func(op execute.Op) error {
		if op.ID == "b" {
			return io.ErrUnexpectedEOF
		}
		return nil
	}
	ch := execute.Change{Verb: "DELETE", Where: where{}, InFlight: 1}
	_, err := ch.Run(t.Context(), f)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorContains(t, err, "cosmos: DELETE stopped after 1 of 3 documents")
	require.Len(t, f.docs, 2)
}

func TestSearchedChangeCancelled(t *testing.T) {
	t.Parallel()
	f := newFake(t, `{"id":"a","pk":"p","n":1}`, `{"id":"b","pk":"p","n":1}`)
	ctx, cancel := context.WithCancel(t.Context())
	f.before = func(execute.Op) error {
		cancel()
		return nil
	}
	ch := execute.Change{Verb: "UPDATE", Where: where{}, Patch: incr, InFlight: 1}
	_, err := ch.Run(ctx, f)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "stopped after 1 of 2")

	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = ch.Run(cancelled, f)
	require.ErrorIs(t, err, context.Canceled)
}

func TestOpsOfATransaction(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ch := execute.Change{Verb: "UPDATE", Where: where{id: "a", key: `5`}, Patch: set(1)}
	ops, err := ch.Ops(t.Context(), f)
	require.NoError(t, err)
	require.Len(t, ops, 1)
	require.Equal(t, execute.Patch, ops[0].Kind)
	require.Equal(t, "[5]", ops[0].Key.Header())
	require.Empty(t, ops[0].IfMatch)

	ch = execute.Change{Verb: "DELETE", Where: where{}}
	_, err = ch.Ops(t.Context(), f)
	require.ErrorContains(t, err, "cosmos: DELETE in a transaction must name one document")
	require.ErrorContains(t, err, "/pk")
	require.Empty(t, f.did)
}
