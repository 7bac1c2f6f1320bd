package exec_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/internal/exec"
	"github.com/stretchr/testify/require"
)

// writing chooses every request that writes documents.
func writing(r cosmostest.Request) bool {
	return slices.Contains([]cosmostest.Operation{cosmostest.Create, cosmostest.Upsert, cosmostest.Replace,
		cosmostest.Patch, cosmostest.Delete, cosmostest.Batch}, r.Operation)
}

// edit is a statement as SQL and as what it makes of a document; nil deletes it. A document is nil where there is none.
type edit struct {
	text    string
	applies func(doc map[string]any) bool
	change  func(doc map[string]any) map[string]any
	makes   string // id of the document that it makes or replaces
}

func with(doc map[string]any, pairs ...any) map[string]any {
	doc = maps.Clone(doc)
	for i := 0; i < len(pairs); i += 2 {
		doc[pairs[i].(string)] = pairs[i+1]
	}
	return doc
}

func removed(map[string]any) map[string]any { return nil }

func incremented(doc map[string]any) map[string]any { return with(doc, "n", doc["n"].(float64)+1) }

// randomEdit is about the documents d0 to d5 of the keys p0 and p1.
func randomEdit(r *rand.Rand) edit {
	i := r.IntN(6)
	id, pk := fmt.Sprint("d", i), fmt.Sprint("p", i%2)
	point := fmt.Sprintf("id = '%s' AND pk = '%s'", id, pk)
	is := func(doc map[string]any) bool { return doc["id"] == id }
	ofKey := func(doc map[string]any) bool { return doc["pk"] == pk }
	some := func(doc map[string]any) bool { return doc["n"].(float64) >= 3 }
	whole := fmt.Sprintf("INTO c (id, pk, n) VALUES ('%s', '%s', 2)", id, pk)
	made := func(map[string]any) map[string]any { return map[string]any{"id": id, "pk": pk, "n": 2.0} }
	return []edit{
		{"UPDATE c SET n = n + 1 WHERE " + point, is, incremented, ""},
		{"UPDATE c SET n = n + 1 WHERE pk = '" + pk + "'", ofKey, incremented, ""},
		{"UPDATE c SET n = n + 1 WHERE c.n >= 3", some, incremented, ""},
		{"UPDATE c SET o.x = 5 WHERE " + point, is, func(doc map[string]any) map[string]any {
			return with(doc, "o", map[string]any{"x": 5.0})
		}, ""},
		{"UPDATE c SET a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1, i=1, j=1, n = n + 1 WHERE " + point, is,
			func(doc map[string]any) map[string]any {
				doc = incremented(doc)
				for _, name := range strings.Split("abcdefghij", "") {
					doc[name] = 1.0
				}
				return doc
			}, ""},
		{"DELETE FROM c WHERE " + point, is, removed, ""},
		{"DELETE FROM c WHERE pk = '" + pk + "'", ofKey, removed, ""},
		{"DELETE FROM c WHERE c.n >= 3", some, removed, ""},
		{"UPSERT " + whole, is, made, id},
		{"INSERT " + whole, is, made, id},
	}[r.IntN(10)]
}

// bare is a document without system properties.
func bare(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	require.NoError(t, json.Unmarshal(text, &doc))
	maps.DeleteFunc(doc, func(name string, _ any) bool { return strings.HasPrefix(name, "_") })
	return doc
}

func (w *world) stock(t *testing.T) stock {
	t.Helper()
	have := stock{}
	for _, text := range w.docs(t) {
		doc := bare(t, []byte(text))
		have[doc["id"].(string)] = doc
	}
	return have
}

// TestStatementsUnderFaultsAgainstAMap: a write of each statement meets a fault. A statement that succeeds has done
// what it says, once, and returns it; one whose outcome is unknown has left every document as it was or as it is to
// be, and no increment is made twice.
func TestStatementsUnderFaultsAgainstAMap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := rand.New(rand.NewPCG(45, 46))
	unknown := 0
	for round := range 120 {
		for i := range 6 {
			w.put(t, fmt.Sprintf(`{"id":"d%d","pk":"p%d","n":%d}`, i, i%2, r.IntN(6)))
		}
		if r.IntN(2) == 0 {
			i := r.IntN(6)
			w.affected(t, fmt.Sprintf("DELETE FROM c WHERE id = 'd%d' AND pk = 'p%d'", i, i%2))
		}
		e := randomEdit(r)
		before := w.stock(t)
		var chosen []string
		for id, doc := range before {
			if e.applies(doc) {
				chosen = append(chosen, id)
			}
		}
		slices.Sort(chosen)

		lost := false
		fault := cosmostest.Fault{Match: writing, Times: 1, RetryAfter: time.Millisecond}
		switch r.IntN(5) {
		case 0:
			fault.Status, fault.SubStatus, fault.Times = http.StatusTooManyRequests, 3200, 1+r.IntN(3)
		case 1:
			fault.Status = 449 // retry with: a conflict within the service
		case 2:
			fault.Cut, lost = cosmostest.CutBefore, true
		case 3:
			fault.Cut, lost = cosmostest.CutAfter, true
		case 4: // another writer is faster
			if len(chosen) == 0 || e.makes != "" {
				continue
			}
			id := chosen[r.IntN(len(chosen))]
			key := before[id]["pk"]
			before[id] = with(before[id], "w", float64(round))
			fault.Match = func(r cosmostest.Request) bool { // writes of others may be done before
				return writing(r) && (r.Item == id || r.Operation == cosmostest.Batch)
			}
			fault.Hold = func(context.Context) {
				_, err := w.c.PatchItem(context.WithoutCancel(t.Context()), id,
					[]cosmos.PatchOperation{cosmos.PatchSet("/w", round)}, cosmos.PartitionKey(key))
				require.NoError(t, err)
			}
		}
		after := maps.Clone(before)
		for _, id := range chosen {
			if after[id] = e.change(before[id]); after[id] == nil {
				delete(after, id)
			}
		}
		want := int64(len(chosen))
		if e.makes != "" {
			after[e.makes], want = e.change(nil), 1
		}

		end := w.Inject(fault)
		result, err := w.run(t, t.Context(), e.text+" RETURNING *")
		end()
		now := w.stock(t)
		name := fmt.Sprintf("round %d: %s under %+v", round, e.text, fault)
		switch {
		case strings.HasPrefix(e.text, "INSERT") && before[e.makes] != nil:
			// Whether the document is its own a client cannot tell where it is the one that it would have written.
			if !lost || fmt.Sprint(before[e.makes]) != fmt.Sprint(after[e.makes]) {
				require.Error(t, err, name)
			}
			if !lost {
				require.ErrorIs(t, err, cosmos.ErrConflict, name)
			}
			require.Equal(t, before, now, name)
		case err != nil:
			require.True(t, lost, "%s: %v", name, err)
			require.ErrorIs(t, err, cosmos.ErrUnknownOutcome, name)
			unknown++
			for i := range 6 {
				id := fmt.Sprint("d", i)
				require.Contains(t, []map[string]any{before[id], after[id]}, now[id], "%s: %s", name, id)
			}
		default:
			require.Equal(t, want, result.Affected, name)
			require.Equal(t, after, now, name)
			returned := stock{}
			for _, text := range result.Documents {
				doc := bare(t, text)
				returned[doc["id"].(string)] = doc
			}
			wanted := stock{}
			for _, id := range chosen {
				if wanted[id] = after[id]; after[id] == nil {
					wanted[id] = before[id]
				}
			}
			if e.makes != "" {
				wanted[e.makes] = after[e.makes]
			}
			require.Equal(t, wanted, returned, name)
		}
	}
	require.Positive(t, unknown, "some answers should have been lost")
}

// TestLongTransactions: a hundred operations are one batch, whichever statements they are of; one more is refused, and
// what was kept before can still be committed.
func TestLongTransactions(t *testing.T) {
	t.Parallel()
	rows := func(from, to int) string {
		var list []string
		for i := from; i < to; i++ {
			list = append(list, fmt.Sprintf("('%d', 'p')", i))
		}
		return "INSERT INTO c (id, pk) VALUES " + strings.Join(list, ", ")
	}
	w := newWorld(t)
	tx := new(exec.Transaction)
	for _, part := range [][2]int{{0, 60}, {60, 99}, {99, 100}} {
		n, err := w.keep(t, tx, rows(part[0], part[1]))
		require.NoError(t, err)
		require.EqualValues(t, part[1]-part[0], n)
	}
	_, err := w.keep(t, tx, rows(100, 101))
	require.ErrorContains(t, err, "at most 100 operations; with this statement it would have 101")
	require.Empty(t, w.docs(t), "nothing is sent before Commit")
	require.NoError(t, tx.Commit(t.Context()))
	require.Len(t, w.docs(t), 100)
	require.Equal(t, 1, w.Count(cosmostest.Batch))
}

// TestEveryRowOfAStatementIsGuarded: a distributed transaction has read one of the rows that a statement writes, not
// the first. Another writer changes it: nothing is committed.
func TestEveryRowOfAStatementIsGuarded(t *testing.T) {
	t.Parallel()
	for _, changed := range []bool{false, true} {
		w := newWorld(t, one, two)
		tx := w.distributed()
		require.NoError(t, w.read(t, tx, "c.id = 'b' AND c.pk = 'q'"))
		n, err := w.keep(t, tx, "UPSERT INTO c (id, pk, n) VALUES ('x', 'q', 7), ('y', 'q', 7), ('b', 'q', 7)")
		require.NoError(t, err)
		require.EqualValues(t, 3, n)
		if changed {
			w.put(t, `{"id":"b","n":8,"pk":"q"}`)
		}
		err = tx.Commit(t.Context())
		if !changed {
			require.NoError(t, err)
			require.Equal(t, []string{one, `{"id":"b","n":7,"pk":"q"}`, `{"id":"x","n":7,"pk":"q"}`,
				`{"id":"y","n":7,"pk":"q"}`}, w.docs(t))
			continue
		}
		require.ErrorIs(t, err, cosmos.ErrPreconditionFailed)
		require.Equal(t, []string{one, `{"id":"b","n":8,"pk":"q"}`}, w.docs(t))
	}
}
