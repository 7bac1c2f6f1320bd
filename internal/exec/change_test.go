package exec_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/internal/exec"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/stretchr/testify/require"
)

const (
	one = `{"id":"a","n":1,"pk":"p"}`
	two = `{"id":"b","n":2,"pk":"q"}`
)

func TestPoint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       int64
		answer     string // a part of the document returned
		left       []string
	}{
		{"update", "UPDATE c SET n = 5 WHERE id = 'a' AND pk = 'p'", 1, "", []string{`{"id":"a","n":5,"pk":"p"}`, two}},
		{"update returning", "UPDATE c SET n = 5 WHERE id = 'a' AND pk = 'p' RETURNING *", 1, `"n":5`,
			[]string{`{"id":"a","n":5,"pk":"p"}`, two}},
		{"update of nothing", "UPDATE c SET n = 5 WHERE id = 'x' AND pk = 'p'", 0, "", []string{one, two}},
		{"update of another partition", "UPDATE c SET n = 5 WHERE id = 'a' AND pk = 'q'", 0, "", []string{one, two}},
		{"long update", "UPDATE c SET a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1, i=1, j=1, n=3 WHERE id = 'a' " +
			"AND pk = 'p' RETURNING *", 1, `"n":3`,
			[]string{`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"id":"a","j":1,"n":3,"pk":"p"}`, two}},
		{"delete", "DELETE FROM c WHERE id = 'a' AND pk = 'p'", 1, "", []string{two}},
		{"delete returning", "DELETE FROM c WHERE id = 'a' AND pk = 'p' RETURNING *", 1, `"n":1`, []string{two}},
		{"delete of nothing", "DELETE FROM c WHERE id = 'x' AND pk = 'p'", 0, "", []string{one, two}},
		{"delete of nothing, returning", "DELETE FROM c WHERE id = 'x' AND pk = 'p' RETURNING *", 0, "",
			[]string{one, two}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, one, two)
			r, err := w.run(t, t.Context(), tt.text)
			require.NoError(t, err)
			require.Equal(t, tt.want, r.Affected)
			if tt.answer != "" {
				require.Len(t, r.Documents, 1)
				require.Contains(t, string(r.Documents[0]), tt.answer)
			}
			require.Equal(t, tt.left, w.docs(t))
		})
	}
}

// An UPDATE decides by its verb, not by whether there is anything to change.
func TestAnUpdateNeverDeletes(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"id = 'a' AND pk = 'p'", "c.n = 1", "true"} {
		for _, set := range []string{"tags = ARRAY_CONCAT(tags, [])", "tags = ARRAY_CONCAT(tags, [undefined])"} {
			w := newWorld(t, one)
			r, err := w.run(t, t.Context(), "UPDATE c SET "+set+" WHERE "+where+" RETURNING id")
			require.NoError(t, err)
			require.EqualValues(t, 1, r.Affected, "%s WHERE %s", set, where)
			require.Contains(t, string(r.Documents[0]), `"id":"a"`)
			require.Equal(t, []string{one}, w.docs(t))
			require.Zero(t, w.affected(t, "UPDATE c SET "+set+" WHERE id = 'x' AND pk = 'p'"))
			_, err = w.run(t, t.Context(), "UPDATE c SET "+set+" WHERE "+where, cosmos.IfMatch("e"))
			require.ErrorContains(t, err, "the UPDATE changes nothing")
		}
	}
}

// Only 404 without a substatus says that there is no such document.
func TestNoRowsMeansNoDocument(t *testing.T) {
	t.Parallel()
	for _, sub := range []int{1002, 1003} {
		for _, tt := range []struct {
			op   cosmostest.Operation
			text string
		}{
			{cosmostest.Patch, "UPDATE c SET n = 5 WHERE id = 'a' AND pk = 'p'"},
			{cosmostest.Patch, "UPDATE c SET n = 5 WHERE c.n = 1"},
			{cosmostest.Delete, "DELETE FROM c WHERE id = 'a' AND pk = 'p'"},
			{cosmostest.Delete, "DELETE FROM c WHERE c.n = 1"},
			{cosmostest.Read, "DELETE FROM c WHERE id = 'a' AND pk = 'p' RETURNING *"},
		} {
			t.Run(fmt.Sprint(sub, " ", tt.text), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, one)
				w.Fail(tt.op, 0, 404, sub, 0)
				r, err := w.run(t, t.Context(), tt.text)
				require.Error(t, err)
				require.NotErrorIs(t, err, cosmos.ErrNotFound)
				require.Zero(t, r.Affected)
			})
		}
	}
	w := newWorld(t, one)
	require.EqualValues(t, 1, w.affected(t, "UPDATE c SET n = 2 WHERE id = 'a' AND pk = 'p'"))
	other, err := cosmos.NewClientFromConnectionString(w.ConnectionString(), nil)
	require.NoError(t, err)
	defer other.Close()
	_, err = other.Database(w.c.Database().ID()).Container(w.c.ID()).Delete(t.Context())
	require.NoError(t, err)
	_, err = w.run(t, t.Context(), "UPDATE c SET n = 3 WHERE id = 'a' AND pk = 'p'")
	require.ErrorIs(t, err, cosmos.ErrOwnerNotFound, "the container is gone, which the client did not know")
}

// A condition of the caller that does not hold ends the statement: it is no race to run again.
func TestConditionsOfTheCallerEndTheStatement(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"id = 'a' AND pk = 'p'", "n = 1"} {
		w := newWorld(t, one)
		_, err := w.run(t, t.Context(), "UPDATE c SET n = 2 WHERE "+where,
			cosmos.PatchCondition("FROM c WHERE c.n = 77"))
		require.ErrorIs(t, err, cosmos.ErrPreconditionFailed, where)
		require.NotErrorIs(t, err, cosmos.ErrUnknownOutcome)
		require.Equal(t, 1, w.Count(cosmostest.Patch), where)
		require.EqualValues(t, 1,
			w.affected(t, "UPDATE c SET n = 2 WHERE "+where, cosmos.PatchCondition("FROM c WHERE c.n = 1")))
	}
	for _, text := range []string{
		"UPDATE c SET n = 5 WHERE id = 'a' AND pk = 'p'",
		"UPDATE c SET a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1, i=1, j=1, k=1 WHERE id = 'a' AND pk = 'p'",
		"DELETE FROM c WHERE id = 'a' AND pk = 'p'",
		"DELETE FROM c WHERE id = 'a' AND pk = 'p' RETURNING *",
	} {
		w := newWorld(t, one)
		_, err := w.run(t, t.Context(), text, cosmos.IfMatch(`"stale"`))
		require.ErrorIs(t, err, cosmos.ErrPreconditionFailed, text)
		require.Equal(t, []string{one}, w.docs(t))
		read, err := w.c.ReadItem(t.Context(), "a", cosmos.PartitionKey("p"))
		require.NoError(t, err)
		require.EqualValues(t, 1, w.affected(t, text, cosmos.IfMatch(read.ETag)))
	}
	w := newWorld(t, one)
	_, err := w.run(t, t.Context(), "UPDATE c SET n = 5 WHERE c.n = 1", cosmos.IfMatch(`"e"`))
	require.ErrorContains(t, err,
		"IfMatch is about one document: UPDATE must fix the id and every path of the partition key (/pk)")
}

func TestPartitionKeysThatContradict(t *testing.T) {
	t.Parallel()
	w := newWorld(t, one, two)
	for _, text := range []string{
		"UPDATE c SET n = 5 WHERE id = 'a' AND pk = 'p'", "DELETE FROM c WHERE id = 'a' AND pk = 'p'",
		"DELETE FROM c WHERE pk = 'p'", "INSERT INTO c (id, pk) VALUES ('x', 'p')",
		"UPSERT INTO c (id, pk) VALUES ('x', 'p'), ('y', 'p')",
	} {
		_, err := w.run(t, t.Context(), text, cosmos.PartitionKey("q"))
		require.ErrorContains(t, err, `["q"]`, text)
	}
	require.Equal(t, []string{one, two}, w.docs(t))
	require.EqualValues(t, 1, w.affected(t, "UPDATE c SET n = 7 WHERE true", cosmos.PartitionKey("q")),
		"the option narrows the search")
	require.Equal(t, []string{one, `{"id":"b","n":7,"pk":"q"}`}, w.docs(t))
	// The default of a DSN or a client gives way to what the statement says.
	ctx := option.WithDefaults(t.Context(), []cosmos.Option{cosmos.PartitionKey("q")})
	r, err := w.run(t, ctx, "UPDATE c SET n = 2 WHERE id = 'a' AND pk = 'p'")
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Affected)
	w.put(t, one)
	// gocosmos's surplus argument.
	require.EqualValues(t, 1, w.affected(t, "UPDATE c SET n = :1 WHERE id = :2", 8, "b", "q"))
	require.EqualValues(t, 0, w.affected(t, "UPDATE c SET n = :1 WHERE id = :2", 8, "a", "q"), "in another partition")
	_, err = w.run(t, t.Context(), "UPDATE c SET n = :1 WHERE id = :2 AND pk = :3", 8, "a", "p", "q")
	require.ErrorContains(t, err, `says ["q"]`)
	for _, text := range []string{"UPDATE c SET n = 8 WHERE id = :1", "DELETE FROM c WHERE id = :1"} {
		_, err = w.run(t, t.Context(), text, "b", []int{1})
		require.ErrorContains(t, err, "neither a string, a number, a boolean, null nor {}", text)
	}
}

func TestPointDeleteReturnsWhatItDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, one)
	// another writer, between the read and the delete
	w.each(cosmostest.Delete, 1, func() { w.put(t, `{"id":"a","pk":"p","n":7}`) })
	r, err := w.run(t, t.Context(), "DELETE FROM c WHERE id = 'a' AND pk = 'p' RETURNING n")
	require.NoError(t, err)
	require.Contains(t, string(r.Documents[0]), `"n":7`)
}

// Other writers may be faster again and again. The statement pauses between its tries, and ends.
func TestRacesPauseAndEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, one)
	var n atomic.Int64
	w.each(cosmostest.Delete, 0, func() { w.put(t, fmt.Sprintf(`{"id":"a","pk":"p","n":%d}`, n.Add(1))) })
	ctx, cancel := contextWithTimeout(t, 2)
	defer cancel()
	_, err := w.run(t, ctx, "DELETE FROM c WHERE id = 'a' AND pk = 'p' RETURNING n")
	// The deadline ends a pause, whose error has the 412 before it, or a request, whose error has not.
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, w.Count(cosmostest.Delete), 20)
}

func TestUnknownOutcomeOfOneDocument(t *testing.T) {
	t.Parallel()
	for text, op := range map[string]cosmostest.Operation{
		"UPDATE c SET n = n + 1 WHERE id = 'a' AND pk = 'p'": cosmostest.Patch,
		"DELETE FROM c WHERE id = 'a' AND pk = 'p'":          cosmostest.Delete,
	} {
		w := newWorld(t, one)
		w.Inject(cosmostest.Fault{Match: cosmostest.On(op), Times: 1, Cut: cosmostest.CutAfter})
		_, err := w.run(t, t.Context(), text)
		require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
		require.NotErrorIs(t, err, cosmos.ErrNotFound)
	}
	w := newWorld(t)
	w.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Create), Times: 1, Cut: cosmostest.CutAfter})
	r, err := w.run(t, t.Context(), "INSERT INTO c (id, pk) VALUES ('x', 'p')")
	if err != nil {
		require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
	} else {
		require.EqualValues(t, 1, r.Affected, "reading it back has shown it")
	}
}

func TestRecreatedContainersEndChanges(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"UPDATE c SET n = 8 WHERE id = 'one' AND pk = 'B'", "DELETE FROM c WHERE id = 'one' AND pk = 'X'",
		"UPDATE c SET n = 8 WHERE pk = 'X'", "DELETE FROM c WHERE true",
	} {
		w := newWorld(t, one)
		other, err := cosmos.NewClientFromConnectionString(w.ConnectionString(), nil)
		require.NoError(t, err)
		defer other.Close()
		d := other.Database(w.c.Database().ID())
		_, err = d.Container(w.c.ID()).Delete(t.Context())
		require.NoError(t, err)
		_, err = d.CreateContainer(t.Context(),
			cosmos.ContainerProperties{ID: w.c.ID(), PartitionKey: cosmos.PartitionKeyPaths("/b")})
		require.NoError(t, err)
		_, err = d.Container(w.c.ID()).CreateItem(t.Context(), map[string]any{"id": "one", "pk": "X", "b": "B", "n": 1})
		require.NoError(t, err)
		_, err = w.run(t, t.Context(), text)
		require.ErrorIs(t, err, cosmos.ErrContainerRecreated, text)
		require.Equal(t, []string{`{"b":"B","id":"one","n":1,"pk":"X"}`}, w.docs(t))
		require.EqualValues(t, 1, w.affected(t, "UPDATE c SET n = 8 WHERE id = 'one' AND b = 'B'"),
			"the client knows it now")
	}
}

// Programs that save a whole object set id and key to what they are.
func TestSettingIdentityToWhatItIs(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"id = 'a' AND pk = 'p'", "c.n = 1"} {
		w := newWorld(t, one, two)
		require.EqualValues(t, 1, w.affected(t, "UPDATE c SET id = 'a', pk = 'p', n = 7 WHERE "+where))
		require.Equal(t, []string{`{"id":"a","n":7,"pk":"p"}`, two}, w.docs(t))
		require.EqualValues(t, 1, w.affected(t, "UPDATE c SET id = 'a', pk = 'p' WHERE id = 'a' AND pk = 'p'"))
		for set, want := range map[string]string{
			"pk = 'q'": `UPDATE cannot set /pk to "q": the partition key of document "a" is ["p"]`,
			"pk = {}":  "a document's key does not change",
			"id = 5":   "an id is a string; SET gives it 5",
		} {
			for _, selected := range []string{"c.n = 7", "id = 'a' AND pk = 'p'"} {
				_, err := w.run(t, t.Context(), "UPDATE c SET "+set+" WHERE "+selected)
				require.ErrorContains(t, err, want, selected)
			}
		}
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	w := newWorld(t, one, two)
	r, err := w.run(t, t.Context(),
		"UPDATE c SET id = 'z', n = n + 1, pk = 'p' WHERE id = 'a' AND pk = 'p' RETURNING *")
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Affected)
	require.Contains(t, string(r.Documents[0]), `"id":"z"`)
	require.Equal(t, []string{two, `{"id":"z","n":2,"pk":"p"}`}, w.docs(t))
	require.Zero(t, w.affected(t, "UPDATE c SET id = 'y' WHERE id = 'a' AND pk = 'p'"), "it is not there any more")
	w.put(t, one)
	_, err = w.run(t, t.Context(), "UPDATE c SET id = 'z' WHERE id = 'a' AND pk = 'p'")
	require.ErrorIs(t, err, cosmos.ErrConflict, "there is one with the new id")
	_, err = w.run(t, t.Context(), "UPDATE c SET id = 'y' WHERE c.n = 1")
	require.ErrorContains(t, err, "only to one document: WHERE id = … and every path of the partition key (/pk) = …")
	_, err = w.run(t, t.Context(), "UPDATE c SET id = 'y' WHERE id = 'a' AND pk = 'p'", cosmos.IfMatch(`"stale"`))
	require.ErrorIs(t, err, cosmos.ErrPreconditionFailed)
	_, err = w.run(t, t.Context(), "UPDATE c SET id = 'y' WHERE id = 'a' AND pk = 'p'", cosmos.PatchCondition("FROM c"))
	require.ErrorContains(t, err, "takes no PatchCondition")
	var tx exec.Transaction
	s, terms, ctx, _ := w.terms(t, t.Context(), "UPDATE c SET id = 'y' WHERE id = 'a' AND pk = 'p'")
	_, err = tx.Keep(ctx, s, terms, "", nil)
	require.ErrorContains(t, err, `cannot give document "a" another id in a transaction: run it outside`)
	// Another writer comes in between once, and the answer is lost once.
	w.each(cosmostest.Replace, 1, func() { w.put(t, `{"id":"a","pk":"p","n":5}`) })
	w.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Replace), Times: 1, Cut: cosmostest.CutAfter})
	require.EqualValues(t, 1, w.affected(t, "UPDATE c SET id = 'y', n = n + 1 WHERE id = 'a' AND pk = 'p'"))
	require.Equal(t, []string{two, `{"id":"y","n":6,"pk":"p"}`, `{"id":"z","n":2,"pk":"p"}`}, w.docs(t))
}

// TestRenameOfUnknownOutcome: the answer is lost, the document has changed meanwhile, and there is one with the new id:
// whose it is nobody can tell, and nothing is written over.
func TestRenameOfUnknownOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, one)
	w.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Replace), Times: 1, Cut: cosmostest.CutBefore,
		Hold: func(context.Context) {
			w.put(t, `{"id":"a","pk":"p","n":5}`)
			w.put(t, `{"id":"y","pk":"p","n":6}`)
		}})
	_, err := w.run(t, t.Context(), "UPDATE c SET id = 'y', n = n + 1 WHERE id = 'a' AND pk = 'p'")
	require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
	require.Equal(t, []string{`{"id":"a","n":5,"pk":"p"}`, `{"id":"y","n":6,"pk":"p"}`}, w.docs(t))
}

// TestStatementsOnContainersThatAreNotThere say that it is the container which is missing, not a document.
func TestStatementsOnContainersThatAreNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.c = w.c.Database().Container("none")
	for _, text := range []string{
		"INSERT INTO c (id, pk) VALUES ('x', 'p')", "UPDATE c SET n = 1 WHERE id = 'a' AND pk = 'p'",
		"DELETE FROM c WHERE c.n = 1",
	} {
		_, err := w.run(t, t.Context(), text)
		require.ErrorIs(t, err, cosmos.ErrOwnerNotFound, text)
		require.NotErrorIs(t, err, cosmos.ErrNotFound, text)
		_, err = w.keep(t, new(exec.Transaction), text)
		require.ErrorIs(t, err, cosmos.ErrOwnerNotFound, text)
	}
	require.ErrorIs(t, w.read(t, w.distributed(), "c.id = 'a' AND c.pk = 'p'"), cosmos.ErrOwnerNotFound)
}
