package execute_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/internal/execute"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/stretchr/testify/require"
)

func create(id, pk string) execute.Op {
	return execute.Op{
		Kind: execute.Create, ID: id, Key: partition.Key{partition.String(pk)},
		Document: fmt.Appendf(nil, `{"id":%q,"pk":%q,"n":1}`, id, pk),
	}
}

// ready is work whose operations are known.
type ready []execute.Op

func (r ready) Run(context.Context, execute.Container) (execute.Result, error) { panic("not run") }
func (r ready) Ops(context.Context, execute.Container) ([]execute.Op, error)   { return r, nil }

func keep(t *testing.T, tx *execute.Transaction, f *fake, name, text string, ops []execute.Op) error {
	t.Helper()
	_, err := tx.Keep(t.Context(), execute.Statement{Work: ready(ops), Text: text, Container: f, Name: name})
	return err
}

func TestTransactionKeepsStatements(t *testing.T) {
	t.Parallel()
	f := newFake(t, `{"id":"old","pk":"p","n":1}`)
	var tx execute.Transaction
	for _, tt := range []struct {
		work execute.Work
		want int64
	}{
		{&execute.Insertion{Documents: raw(`{"id":"a","pk":"p"}`, `{"id":"b","pk":"p"}`)}, 2},
		{&execute.Change{Verb: "UPDATE", Where: where{id: "old", key: `"p"`}, Patch: slices.Repeat(set(3), 15), IfMatch: "1"}, 1},
	} {
		n, err := tx.Keep(t.Context(), execute.Statement{Work: tt.work, Container: f, Name: "c"})
		require.NoError(t, err)
		require.Equal(t, tt.want, n)
	}
	_, err := tx.Keep(t.Context(), execute.Statement{Work: &execute.Change{Verb: "DELETE", Where: where{}}, Container: f, Name: "c"})
	require.ErrorContains(t, err, "must name one document")
	require.NoError(t, tx.Commit(t.Context()))
	require.Len(t, f.batches[0], 4, "the long update is two operations")
	require.Equal(t, "1", f.batches[0][2].IfMatch)
	require.Empty(t, f.batches[0][3].IfMatch)
	require.Equal(t, 3.0, f.docs[0].doc["n"])
}

func TestTransactionCommits(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var tx execute.Transaction
	require.NoError(t, tx.Commit(t.Context()))
	require.Empty(t, f.batches, "an empty one sends nothing")

	require.NoError(t, keep(t, &tx, f, "c", "first", []execute.Op{create("a", "p")}))
	require.NoError(t, keep(t, &tx, f, "c", "second", []execute.Op{create("b", "p"), create("c", "p")}))
	require.Empty(t, f.docs, "nothing is sent before")
	require.NoError(t, tx.Commit(t.Context()))
	require.Len(t, f.batches, 1)
	require.Len(t, f.docs, 3)
}

func TestTransactionOfOneOperationIsABatch(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var tx execute.Transaction
	require.NoError(t, keep(t, &tx, f, "c", "", []execute.Op{create("a", "p")}))
	require.NoError(t, tx.Commit(t.Context()))
	require.Len(t, f.batches, 1)
	require.Empty(t, f.did)
}

func TestTransactionNamesTheStatementThatFailed(t *testing.T) {
	t.Parallel()
	f := newFake(t, `{"id":"b","pk":"p","n":1}`)
	var tx execute.Transaction
	require.NoError(t, keep(t, &tx, f, "c", "first", []execute.Op{create("x", "p"), create("a", "p")}))
	require.NoError(t, keep(t, &tx, f, "c", "second", []execute.Op{create("b", "p")}))
	err := tx.Commit(t.Context())
	require.ErrorIs(t, err, failure(409))
	require.EqualError(t, err, "cosmos: nothing was committed because of statement 2 (second): status 409")
}

func TestTransactionThatDidNotArrive(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.before = func(execute.Op) error { return io.ErrUnexpectedEOF }
	var tx execute.Transaction
	require.NoError(t, keep(t, &tx, f, "c", "first", []execute.Op{create("a", "p")}))
	require.Equal(t, io.ErrUnexpectedEOF, tx.Commit(t.Context()), "no statement is to blame")
}

func TestTransactionLimits(t *testing.T) {
	t.Parallel()
	long := create("x", "p")
	long.Document = fmt.Appendf(nil, `{"id":"x","pk":"p","s":"%s"}`, strings.Repeat("x", 2<<20))
	full := make([]execute.Op, 99)
	for i := range full {
		full[i] = create(fmt.Sprint(i), "p")
	}
	for _, tt := range []struct {
		name, container string
		ops             []execute.Op
		want            string
	}{
		{"another container", "d", full[:1], "this one is of container c, not d"},
		{"another partition", "c", []execute.Op{create("a", "q")}, `this one is of ["p"], not ["q"]`},
		{"another partition, in the middle", "c", []execute.Op{create("a", "p"), create("b", "q")}, `not ["q"]`},
		{"too many", "c", append(full, create("a", "p"), create("b", "p")), "it would have 102"},
		{"too long", "c", []execute.Op{long}, "at most 2 MB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			var tx execute.Transaction
			require.NoError(t, keep(t, &tx, f, "c", "", []execute.Op{create("first", "p")}))
			require.ErrorContains(t, keep(t, &tx, f, tt.container, "", tt.ops), tt.want)
			require.NoError(t, tx.Commit(t.Context()))
			require.Len(t, f.docs, 1, "nothing of the refused statement is kept")
		})
	}
	f := newFake(t)
	var tx execute.Transaction
	require.NoError(t, keep(t, &tx, f, "c", "", append(full, create("last", "p"))))
}
