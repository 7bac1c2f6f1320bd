package exec_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/internal/exec"
	"github.com/stretchr/testify/require"
)

func TestInsertion(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		args       []any
		want       int64
		left       []string
	}{
		{"row", "INSERT INTO c (id, pk) VALUES ('x', 'p')", nil, 1, []string{one, `{"id":"x","pk":"p"}`}},
		{"rows", "INSERT INTO c (id, pk) VALUES ('x', 'p'), ('y', 'p')", nil, 2,
			[]string{one, `{"id":"x","pk":"p"}`, `{"id":"y","pk":"p"}`}},
		{"upsert", "UPSERT INTO c (id, pk) VALUES ('a', 'p')", nil, 1, []string{`{"id":"a","pk":"p"}`}},
		{"replace", "REPLACE INTO c (id, pk) VALUES ('x', 'p')", nil, 1, []string{one, `{"id":"x","pk":"p"}`}},
		{"surplus argument of gocosmos", "INSERT INTO c (id, pk) VALUES (:1, :2)", []any{"x", "p", "p"}, 1,
			[]string{one, `{"id":"x","pk":"p"}`}},
		{"upsert under an ETag of what is not there", "UPSERT INTO c (id, pk) VALUES ('x', 'p')",
			[]any{cosmos.IfMatch(`"e"`)}, 1, []string{one, `{"id":"x","pk":"p"}`}},
		{"key that agrees", "INSERT INTO c (id, pk) VALUES ('x', 'p')", []any{cosmos.PartitionKey("p")}, 1,
			[]string{one, `{"id":"x","pk":"p"}`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, one)
			r, err := w.run(t, t.Context(), tt.text+" RETURNING *", tt.args...)
			require.NoError(t, err)
			require.Equal(t, tt.want, r.Affected)
			require.Len(t, r.Documents, int(tt.want))
			require.Equal(t, tt.left, w.docs(t))
		})
	}
}

func TestInsertionRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, one)
	for _, tt := range []struct {
		text string
		args []any
		want string
	}{
		{"INSERT INTO c (id, pk) VALUES (5, 'p')", nil, "the id of a document is a string, not 5"},
		{"INSERT INTO c (id, pk) VALUES ('x', 'p') WITH PK=/id", nil,
			"the statement says that the partition key is /id, but the container's is /pk"},
		{"UPSERT INTO c (id, pk) VALUES ('x', 'p'), ('y', 'p')", []any{cosmos.IfMatch("e")},
			"IfMatch is about one document"},
		{"INSERT INTO c (id, pk) VALUES ('x', 'p'), ('a', 'p')", nil,
			"row 2 of 2, none of which was written: operation 2 of the batch (Create a) failed"},
		{"INSERT INTO c (id, pk) VALUES ('x', 'p'), ('y', 'q')", nil, "use CreateMany of package cosmos"},
		{"INSERT INTO c (id, pk) VALUES (:1, :3)", []any{"x", "p"}, "3"},
		{"UPSERT INTO c (id, pk) VALUES ('a', 'p')", []any{cosmos.IfMatch(`"stale"`)}, "412"},
		{"INSERT INTO c (id, pk) VALUES (:1, :2)", []any{"x", "p", "q"}, `document's partition key is ["p"]`},
		{"INSERT INTO c (id, pk) VALUES (:1, :2)", []any{"x", "p", []int{1}}, "neither a string"},
		{"INSERT INTO c (id, pk) VALUES (:1, :2)", []any{"x", "p", "q", cosmos.PartitionKey("p")},
			"but the option PartitionKey says"},
	} {
		_, err := w.run(t, t.Context(), tt.text, tt.args...)
		require.ErrorContains(t, err, tt.want, tt.text)
	}
	require.Equal(t, []string{one}, w.docs(t))
	s, terms, ctx, _ := w.terms(t, t.Context(), "INSERT INTO c (pk) VALUES ('p')")
	terms.AutoID = false
	_, err := exec.Run(ctx, s, terms)
	require.ErrorContains(t, err, "the document has no id, and auto_id is off")
	s, terms, ctx, _ = w.terms(t, t.Context(), "INSERT INTO c (id, n) VALUES ('x', 1)")
	terms.RequireKey = true
	_, err = exec.Run(ctx, s, terms)
	require.ErrorContains(t, err, "the document has no /pk, which belongs to the partition key (/pk)")
	require.EqualValues(t, 1, w.affected(t, "INSERT INTO c (n) VALUES (1)"), "an id is made up")
}

// Rows whose outcome is unknown are not said to be unwritten.
func TestUnknownOutcomeOfRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Batch), Times: 1, Cut: cosmostest.CutAfter})
	_, err := w.run(t, t.Context(), "INSERT INTO c (id, pk) VALUES ('x', 'p'), ('y', 'p')")
	require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
	w.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Batch), Times: 1, Cut: cosmostest.CutAfter})
	_, err = w.run(t, cosmos.WithOptions(t.Context(), cosmos.RepeatWrites(true)),
		"INSERT INTO c (id, pk) VALUES ('v', 'p'), ('w', 'p')")
	require.ErrorIs(t, err, cosmos.ErrUnknownOutcome, "the repeat found the rows of the first attempt")
	require.NotContains(t, err.Error(), "none of which was written")
}

func TestTransactionKeepsWhatFits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, one, two)
	var tx exec.Transaction
	keep := func(text string, args ...any) (int64, error) {
		s, terms, ctx, opts := w.terms(t, t.Context(), text, args...)
		return tx.Keep(ctx, s, terms, text, opts)
	}
	require.NoError(t, tx.Commit(t.Context()), "of nothing")
	n, err := keep("INSERT INTO c (id, pk) VALUES ('x', 'p'), ('y', 'p')", cosmos.Priority("Low"))
	require.NoError(t, err)
	require.EqualValues(t, 2, n)
	n, err = keep("UPDATE c SET n = n + 1 WHERE id = 'a' AND pk = 'p'", cosmos.PatchCondition("FROM c WHERE c.n = 1"),
		cosmos.PartitionKey("p"))
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	for text, want := range map[string]string{
		"INSERT INTO c (id, pk) VALUES ('x', 'q')":          `this one is of ["p"], not ["q"]`,
		"DELETE FROM c WHERE pk = 'p'":                      "DELETE in a transaction must name one document",
		"DELETE FROM c WHERE id = 'a/b' AND pk = 'p'":       "which ids cannot have",
		"UPDATE c SET pk = 'x' WHERE id = 'a' AND pk = 'p'": "partition key",
	} {
		_, err = keep(text)
		require.ErrorContains(t, err, want)
	}
	for _, text := range []string{"DELETE FROM c WHERE id = 'a' AND pk = 'p'",
		"INSERT INTO c (id, pk) VALUES ('z', 'p')"} {
		_, err = keep(text, cosmos.PartitionKey("q"))
		require.ErrorContains(t, err, `PartitionKey says ["q"]`)
	}
	_, err = keep("INSERT INTO c (id, pk) VALUES ('z', 'p')" + strings.Repeat(", ('z', 'p')", 98))
	require.ErrorContains(t, err, "a transaction has at most 100 operations; with this statement it would have 102")
	for _, id := range []string{"large", "larger"} {
		_, err = keep("INSERT INTO c (id, pk, text) VALUES (:1, 'p', :2)", id, strings.Repeat("x", 1<<20-100))
	}
	require.ErrorIs(t, err, cosmos.ErrTooLarge)
	require.ErrorContains(t, err, "at most 2 MB")
	other := *w
	other.c = w.c.Database().Container("other")
	_, err = w.c.Database().CreateContainer(t.Context(),
		cosmos.ContainerProperties{ID: "other", PartitionKey: cosmos.PartitionKeyPaths("/pk")})
	require.NoError(t, err)
	s, terms, ctx, _ := other.terms(t, t.Context(), "DELETE FROM c WHERE id = 'a' AND pk = 'p'")
	_, err = tx.Keep(ctx, s, terms, "", nil)
	require.ErrorContains(t, err,
		"this one is of container "+w.c.Database().ID()+"."+w.c.ID()+", not "+w.c.Database().ID()+".other")
	var priority atomic.Value // as the server's goroutine saw it
	w.Inject(cosmostest.Fault{Match: func(r cosmostest.Request) bool {
		if r.Operation == cosmostest.Batch {
			priority.Store(r.Header.Get("x-ms-cosmos-priority-level"))
		}
		return false
	}})
	require.NoError(t, tx.Commit(t.Context()))
	require.Equal(t, "Low", priority.Load(), "the options of the statements are those of the batch")
	require.Equal(t, []string{"a", "b", "large", "x", "y"}, w.ids(t))
	require.Contains(t, w.docs(t), `{"id":"a","n":2,"pk":"p"}`)
}

func TestTransactionThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, one)
	for _, lost := range []bool{false, true} {
		var tx exec.Transaction
		for _, text := range []string{"INSERT INTO c (id, pk) VALUES ('x', 'p')",
			"INSERT INTO c (id, pk) VALUES ('y', 'p')"} {
			s, terms, ctx, _ := w.terms(t, t.Context(), text)
			_, err := tx.Keep(ctx, s, terms, text, nil)
			require.NoError(t, err)
		}
		ctx := t.Context()
		if lost {
			w.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Batch), Times: 1, Cut: cosmostest.CutAfter})
			ctx = cosmos.WithOptions(ctx, cosmos.RepeatWrites(true))
			for _, id := range []string{"x", "y"} {
				_, _ = w.c.DeleteItem(t.Context(), id, cosmos.PartitionKey("p"))
			}
		} else {
			w.put(t, `{"id":"y","pk":"p"}`)
		}
		err := tx.Commit(ctx)
		require.ErrorAs(t, err, new(*cosmos.BatchError))
		require.ErrorIs(t, err, cosmos.ErrConflict)
		if lost {
			require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
			require.NotContains(t, err.Error(), "nothing was committed")
		} else {
			require.ErrorContains(t, err,
				"nothing was committed because of statement 2 (INSERT INTO c (id, pk) VALUES ('y', 'p')): operation 2")
		}
	}
}
