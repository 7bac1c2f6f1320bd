package exec_test

import (
	"encoding/json"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/internal/exec"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
)

// distributed is a transaction that spans keys.
func (w *world) distributed() *exec.Transaction {
	return &exec.Transaction{Distributed: w.client.NewTransaction()}
}

func (w *world) keep(t *testing.T, tx *exec.Transaction, text string, args ...any) (int64, error) {
	t.Helper()
	s, terms, ctx, opts := w.terms(t, t.Context(), text, args...)
	return tx.Keep(ctx, s, terms, text, opts)
}

// read notes the document of a SELECT.
func (w *world) read(t *testing.T, tx *exec.Transaction, where string) error {
	t.Helper()
	s, terms, ctx, _ := w.terms(t, t.Context(), "SELECT * FROM c WHERE "+where)
	bound, err := s.Bind(terms.Args)
	require.NoError(t, err)
	return tx.Read(ctx, w.c, s.(*statement.Select).Text, bound)
}

func TestDistributedTransaction(t *testing.T) {
	t.Parallel()
	const p, q = `{"id":"a","n":1,"pk":"p"}`, `{"id":"b","n":1,"pk":"q"}`
	var (
		a       = "c.id = 'a' AND c.pk = 'p'"
		updateA = "UPDATE c SET n = n + 1 WHERE id = 'a' AND pk = 'p'"
	)
	for _, tt := range []struct {
		name   string
		read   string // what is read before the statements
		texts  []string
		behind func(t *testing.T, w *world) // what another writer does before Commit
		want   []string
		err    error
	}{
		{name: "statements of several keys",
			texts: []string{updateA, "DELETE FROM c WHERE id = 'b' AND pk = 'q'",
				"INSERT INTO c (id, pk) VALUES ('x', 'r')"},
			want: []string{`{"id":"a","n":2,"pk":"p"}`, `{"id":"x","pk":"r"}`}},
		{name: "what was read and is as it was", read: a, texts: []string{updateA},
			want: []string{`{"id":"a","n":2,"pk":"p"}`, q}},
		{
			name:   "an update of what another changed",
			read:   a,
			texts:  []string{updateA},
			behind: func(t *testing.T, w *world) { w.put(t, `{"id":"a","n":9,"pk":"p"}`) },
			err:    cosmos.ErrPreconditionFailed,
		},
		{
			name:   "a delete of what another changed",
			read:   a,
			texts:  []string{"DELETE FROM c WHERE id = 'a' AND pk = 'p'"},
			behind: func(t *testing.T, w *world) { w.put(t, `{"id":"a","n":9,"pk":"p"}`) },
			err:    cosmos.ErrPreconditionFailed,
		},
		{name: "an upsert of what another deleted", read: a,
			texts: []string{"UPSERT INTO c (id, pk, n) VALUES ('a', 'p', 5)"},
			behind: func(t *testing.T, w *world) {
				_, err := w.c.DeleteItem(t.Context(), "a", cosmos.PartitionKey("p"))
				require.NoError(t, err)
			}, err: cosmos.ErrNotFound},
		{name: "an upsert of what was not there, and is now", read: "c.id = 'x' AND c.pk = 'p'",
			texts:  []string{"UPSERT INTO c (id, pk, n) VALUES ('x', 'p', 5)"},
			behind: func(t *testing.T, w *world) { w.put(t, `{"id":"x","pk":"p"}`) }, err: cosmos.ErrConflict},
		{name: "an upsert of what was not there, and is not", read: "c.id = 'x' AND c.pk = 'p'",
			texts: []string{"UPSERT INTO c (id, pk, n) VALUES ('x', 'p', 5)"},
			want:  []string{p, q, `{"id":"x","n":5,"pk":"p"}`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, p, q)
			tx := w.distributed()
			if tt.read != "" {
				require.NoError(t, w.read(t, tx, tt.read))
				require.NoError(t, w.read(t, tx, tt.read), "again: what was read first counts")
			}
			for _, text := range tt.texts {
				n, err := w.keep(t, tx, text)
				require.NoError(t, err)
				require.EqualValues(t, 1, n)
			}
			if tt.behind != nil {
				tt.behind(t, w)
			}
			before := w.docs(t)
			err := tx.Commit(t.Context())
			require.Equal(t, 1, w.Count(cosmostest.CommitTransaction))
			if tt.err != nil {
				require.ErrorIs(t, err, tt.err)
				require.ErrorContains(t, err, "nothing was committed because of statement 1")
				require.Equal(t, before, w.docs(t))
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, w.docs(t))
		})
	}
}

// What a distributed transaction cannot carry out is refused at the statement that says it.
func TestDistributedTransactionRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, one)
	tx := w.distributed()
	for _, where := range []string{"c.pk = 'p'", "c.id = 'a'", "c.id = 'a' AND c.pk = 'p' AND c.n = 1"} {
		require.ErrorIs(t, w.read(t, tx, where), exec.ErrNotOneDocument, where)
	}
	for _, text := range []string{"DELETE FROM c WHERE id = 'a' AND pk = 'p'",
		"INSERT INTO c (id, pk) VALUES ('x', 'p')"} {
		_, err := w.keep(t, tx, text, cosmos.PartitionKey("q"))
		require.ErrorContains(t, err, `PartitionKey says ["q"]`, text)
	}
	s, terms, ctx, _ := w.terms(t, t.Context(), "SELECT * FROM c WHERE c.id = 'a' AND c.pk = @p1",
		json.RawMessage("1e400"))
	require.ErrorContains(t, tx.Read(ctx, w.c, s.(*statement.Select).Text,
		[]statement.Arg{{Name: "@p1", Value: terms.Args[0].Value}}), "parameter @p1")
	require.ErrorIs(t, tx.Read(t.Context(), w.c, "SELECT * FROM", nil), exec.ErrNotOneDocument)
	_, err := w.keep(t, tx, "UPDATE c SET tags = ARRAY_CONCAT(tags, []) WHERE id = 'a' AND pk = 'p'")
	require.ErrorContains(t, err, "changes nothing")
	_, err = w.keep(t, tx,
		"UPDATE c SET a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1, i=1, j=1, k=1 WHERE id = 'a' AND pk = 'p'")
	require.ErrorContains(t, err, "at most 10 fields")
	for range 2 {
		_, err = w.keep(t, tx, "INSERT INTO c (id, pk) VALUES ('x', 'p')")
	}
	require.ErrorContains(t, err, "the transaction has an operation on this document already")
	w.Fail(cosmostest.Read, 0, 403, 0, 0)
	require.ErrorIs(t, w.read(t, tx, "c.id = 'a' AND c.pk = 'p'"), cosmos.ErrForbidden)
	require.Zero(t, w.Count(cosmostest.CommitTransaction))
}
