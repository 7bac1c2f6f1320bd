package exec_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/require"
)

// stock is the documents of a world as a program would hold them, by id.
type stock map[string]map[string]any

func (s stock) texts(t *testing.T) (all []string) {
	t.Helper()
	for _, doc := range s {
		text, err := json.Marshal(doc)
		require.NoError(t, err)
		all = append(all, string(text))
	}
	slices.Sort(all)
	return all
}

// number is a property as a number; ok is false where there is none or it is of another type.
func number(doc map[string]any, name string) (f float64, ok bool) {
	f, ok = doc[name].(float64)
	return f, ok
}

// conditions are filters as SQL and as Go has them. A comparison with what is missing or of another type is not true,
// and neither is its negation: three values, as the language has them.
var conditions = []struct {
	where string
	holds func(doc map[string]any) bool
}{
	{"c.n = 2", func(d map[string]any) bool { f, ok := number(d, "n"); return ok && f == 2 }},
	{"n > 1 AND n <= 3", func(d map[string]any) bool { f, ok := number(d, "n"); return ok && f > 1 && f <= 3 }},
	{"NOT (c.n > 1)", func(d map[string]any) bool { f, ok := number(d, "n"); return ok && f <= 1 }},
	{"c.pk = 'p'", func(d map[string]any) bool { return d["pk"] == "p" }},
	{"c.pk = 'p' AND c.n = 1", func(d map[string]any) bool {
		f, ok := number(d, "n")
		return d["pk"] == "p" && ok && f == 1
	}},
	{"c.pk IN ('p', 'q')", func(d map[string]any) bool { return d["pk"] == "p" || d["pk"] == "q" }},
	{"c.n IS NULL", func(d map[string]any) bool { return d["n"] == nil }},
	{"c.n IS NOT NULL AND c.pk != 'r'", func(d map[string]any) bool { return d["n"] != nil && d["pk"] != "r" }},
	{"c.id = 'd3' AND c.pk = 'p'", func(d map[string]any) bool { return d["id"] == "d3" && d["pk"] == "p" }},
	{"c.id IN ('d1', 'd2', 'd9')", func(d map[string]any) bool {
		return slices.Contains([]any{"d1", "d2", "d9"}, d["id"])
	}},
	{"c.n BETWEEN 2 AND 3 OR c.pk = 'q'", func(d map[string]any) bool {
		f, ok := number(d, "n")
		return ok && f >= 2 && f <= 3 || d["pk"] == "q"
	}},
	{"false", func(map[string]any) bool { return false }},
	{"true", func(map[string]any) bool { return true }},
}

// TestStatementsAgainstAMap runs random statements over documents of several partitions and does the same to a map:
// what is affected, what RETURNING gives and what is left must be the same, whichever way a statement takes (by id,
// within a partition key, by a search).
func TestStatementsAgainstAMap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := rand.New(rand.NewPCG(41, 42))
	have := stock{}
	for round := range 60 {
		for len(have) < 8 { // some to work on
			id := fmt.Sprint("d", r.IntN(12))
			doc := map[string]any{"id": id, "pk": []string{"p", "q", "r"}[r.IntN(3)]}
			if have[id] != nil {
				continue
			}
			switch r.IntN(5) {
			case 0:
			case 1:
				doc["n"] = nil
			default:
				doc["n"] = float64(r.IntN(5))
			}
			text, err := json.Marshal(doc)
			require.NoError(t, err)
			_, err = w.c.CreateItem(t.Context(), json.RawMessage(text))
			require.NoError(t, err)
			have[id] = doc
		}
		c := conditions[r.IntN(len(conditions))]
		wanted := maps.Clone(have)
		maps.DeleteFunc(wanted, func(_ string, doc map[string]any) bool { return !c.holds(doc) })

		returning := []string{"", " RETURNING id", " RETURNING *"}[r.IntN(3)]
		text := "DELETE FROM c WHERE " + c.where
		change := func(id string) { delete(have, id) }
		switch r.IntN(4) {
		case 0:
			text = "UPDATE c SET m = 'x', n = 7 WHERE " + c.where
			change = func(id string) {
				have[id] = maps.Clone(have[id])
				have[id]["m"], have[id]["n"] = "x", 7.0
			}
		case 1:
			text = "UPDATE c SET o = {\"a\": [1, 2]} WHERE " + c.where
			change = func(id string) {
				have[id] = maps.Clone(have[id])
				have[id]["o"] = map[string]any{"a": []any{1.0, 2.0}}
			}
		}
		for id := range wanted {
			change(id)
		}
		result, err := w.run(t, t.Context(), text+returning)
		require.NoError(t, err, "round %d: %s", round, text)
		require.EqualValues(t, len(wanted), result.Affected, "round %d: %s", round, text)
		require.Equal(t, have.texts(t), w.docs(t), "round %d: %s", round, text)
		var returned []string
		for _, doc := range result.Documents {
			var d struct{ ID string }
			require.NoError(t, json.Unmarshal(doc, &d))
			returned = append(returned, d.ID)
		}
		slices.Sort(returned)
		if returning == "" {
			require.Empty(t, returned, "nobody asked for them")
		} else {
			require.Equal(t, slices.Sorted(maps.Keys(wanted)), returned, "round %d: %s%s", round, text, returning)
		}
	}
}

// TestInsertAndUpsertAgainstAMap: INSERT refuses what is there and leaves it, UPSERT takes its place, of one document
// and of several in a statement.
func TestInsertAndUpsertAgainstAMap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := rand.New(rand.NewPCG(43, 44))
	have := stock{}
	for range 80 {
		id, pk, n := fmt.Sprint("d", r.IntN(6)), "p", float64(r.IntN(100))
		doc := map[string]any{"id": id, "pk": pk, "n": n}
		_, there := have[id]
		switch r.IntN(3) {
		case 0:
			_, err := w.run(t, t.Context(), "INSERT INTO c (id, pk, n) VALUES (@p1, @p2, @p3)", id, pk, n)
			if there {
				require.ErrorIs(t, err, cosmos.ErrConflict)
				break
			}
			require.NoError(t, err)
			have[id] = doc
		case 1:
			require.EqualValues(t, 1, w.affected(t, "UPSERT INTO c (id, pk, n) VALUES (@p1, @p2, @p3)", id, pk, n))
			have[id] = doc
		case 2:
			want := int64(0)
			if there {
				want = 1
			}
			require.Equal(t, want, w.affected(t, "DELETE FROM c WHERE id = @p1 AND pk = @p2", id, pk))
			delete(have, id)
		}
		require.Equal(t, have.texts(t), w.docs(t))
	}
}
