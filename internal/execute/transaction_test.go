package execute_test

import (
	"fmt"
	"io"
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

func TestTransactionCommits(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var tx execute.Transaction
	failure, err := tx.Commit(t.Context())
	require.NoError(t, err)
	require.Nil(t, failure)
	require.Empty(t, f.batches, "an empty one sends nothing")

	require.NoError(t, tx.Add(f, "c", "first", []execute.Op{create("a", "p")}))
	require.NoError(t, tx.Add(f, "c", "second", []execute.Op{create("b", "p"), create("c", "p")}))
	require.Empty(t, f.docs, "nothing is sent before")
	failure, err = tx.Commit(t.Context())
	require.NoError(t, err)
	require.Nil(t, failure)
	require.Len(t, f.batches, 1)
	require.Len(t, f.docs, 3)
}

func TestTransactionOfOneOperationIsABatch(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var tx execute.Transaction
	require.NoError(t, tx.Add(f, "c", "", []execute.Op{create("a", "p")}))
	_, err := tx.Commit(t.Context())
	require.NoError(t, err)
	require.Len(t, f.batches, 1)
	require.Empty(t, f.did)
}

func TestTransactionNamesTheStatementThatFailed(t *testing.T) {
	t.Parallel()
	f := newFake(t, `{"id":"b","pk":"p","n":1}`)
	var tx execute.Transaction
	require.NoError(t, tx.Add(f, "c", "first", []execute.Op{create("x", "p"), create("a", "p")}))
	require.NoError(t, tx.Add(f, "c", "second", []execute.Op{create("b", "p")}))
	got, err := tx.Commit(t.Context())
	require.ErrorIs(t, err, failure(409))
	require.Equal(t, &execute.Failure{Statement: 1, Text: "second", Status: 409, Err: failure(409)}, got)
}

func TestTransactionThatDidNotArrive(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.before = func(execute.Op) error { return io.ErrUnexpectedEOF }
	var tx execute.Transaction
	require.NoError(t, tx.Add(f, "c", "first", []execute.Op{create("a", "p")}))
	got, err := tx.Commit(t.Context())
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Nil(t, got)
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
			require.NoError(t, tx.Add(f, "c", "", []execute.Op{create("first", "p")}))
			require.ErrorContains(t, tx.Add(f, tt.container, "", tt.ops), tt.want)
			_, err := tx.Commit(t.Context())
			require.NoError(t, err)
			require.Len(t, f.docs, 1, "nothing of the refused statement is kept")
		})
	}
	f := newFake(t)
	var tx execute.Transaction
	require.NoError(t, tx.Add(f, "c", "", append(full, create("last", "p"))))
}
