package gateway

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"iter"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

func parseJSON(t testing.TB, text string) value.Value {
	t.Helper()
	v, err := value.Parse([]byte(text))
	require.NoError(t, err)
	return v
}

func parseQuery(t testing.TB, text string) *nosql.Query {
	t.Helper()
	q, err := nosql.Parse(text, nosql.Cosmos)
	require.NoError(t, err)
	return q
}

// row is a row with one key, of the document with a number.
func row(key int64, number uint64, index int) result {
	rid := make([]byte, 16)
	binary.LittleEndian.PutUint64(rid[8:], number)
	doc := value.Object([]value.Member{{Name: "_rid", Value: value.String(base64.StdEncoding.EncodeToString(rid))}})
	return result{keys: []value.Value{value.Int(key)}, doc: doc, index: index}
}

func at(key int64, number uint64, index, count int) *place {
	return &place{Keys: keysOf([]value.Value{value.Int(key)}), Number: number, Index: index, Count: count}
}

func TestAfter(t *testing.T) {
	t.Parallel()
	ascending := []result{row(1, 5, 0), row(1, 7, 0), row(1, 7, 1), row(2, 3, 0), row(4, 1, 0)}
	descending := []result{row(4, 1, 0), row(2, 3, 0), row(1, 7, 0), row(1, 7, 1), row(1, 5, 0)}
	for _, test := range []struct {
		name, query string
		rows        []result
		place       *place
		want        int
	}{
		{"the row is there", "SELECT * FROM c ORDER BY c.n", ascending, at(1, 7, 0, 2), 2},
		{"it is the last", "SELECT * FROM c ORDER BY c.n", ascending, at(4, 1, 0, 5), 5},
		{"its key has changed: behind the place", "SELECT * FROM c ORDER BY c.n", ascending, at(1, 3, 0, 2), 0},
		{"gone: the next key", "SELECT * FROM c ORDER BY c.n", ascending, at(3, 9, 0, 4), 4},
		{"gone: the next document of its key", "SELECT * FROM c ORDER BY c.n", ascending, at(1, 6, 0, 9), 1},
		{"gone: before all", "SELECT * FROM c ORDER BY c.n", ascending, at(0, 6, 0, 9), 0},
		{"gone: after all", "SELECT * FROM c ORDER BY c.n", ascending, at(9, 6, 0, 1), 5},
		{"gone: the next row of its document", "SELECT * FROM c ORDER BY c.n", ascending, at(1, 7, 2, 1), 3},
		{"backwards", "SELECT * FROM c ORDER BY c.n DESC", descending, at(1, 7, 1, 4), 4},
		{"backwards, gone: the next key", "SELECT * FROM c ORDER BY c.n DESC", descending, at(3, 9, 0, 9), 1},
		{"backwards, gone: the next document", "SELECT * FROM c ORDER BY c.n DESC", descending, at(1, 6, 0, 9), 4},
		{"by score: by count", "SELECT * FROM c ORDER BY VectorDistance(c.v, [1])", ascending, at(9, 99, 0, 3), 3},
		{"by rank: by count", "SELECT * FROM c ORDER BY RANK FullTextScore(c.t, 'x')", ascending, at(9, 99, 0, 99), 5},
		{"keys of another query: by count", "SELECT * FROM c", ascending, at(9, 99, 0, 2), 2},
		{"keys too large for a token: by document", "SELECT * FROM c ORDER BY c.n", ascending,
			&place{Number: 3, Count: 1}, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.want, after(parseQuery(t, test.query), test.rows, test.place))
		})
	}
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	seq := func(rows ...eval.Row) iter.Seq2[eval.Row, error] {
		return func(yield func(eval.Row, error) bool) {
			for _, r := range rows {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
	doc := parseJSON(t, `{"_rid":"DPZtAKyOj5gFAAAAAAAAAA=="}`)
	out, err := evaluate(parseQuery(t, "SELECT TOP 9 VALUE t FROM c JOIN t IN c.tags"),
		seq(eval.Row{Value: value.Int(1), Doc: doc}, eval.Row{Value: value.Int(2), Doc: doc}), &eval.Share{})
	require.NoError(t, err)
	require.Equal(t, []uint64{5, 5}, []uint64{out[0].number(), out[1].number()})
	require.Equal(t, []int{0, 1}, []int{out[0].index, out[1].index}, "rows of one document are told apart")

	group := func(key, n string) eval.Row {
		return eval.Row{Value: parseJSON(t, fmt.Sprintf(`{"groupByItems":[{"item":%s}],"payload":%s}`, key, n))}
	}
	a, err := evaluate(parseQuery(t, "SELECT 1 FROM c GROUP BY c.x"),
		seq(group("2", "7"), group("1", "8"), group("3", "9")), &eval.Share{})
	require.NoError(t, err)
	b, err := evaluate(parseQuery(t, "SELECT 1 FROM c GROUP BY c.x"), seq(group("3", "1"), group("1", "1")),
		&eval.Share{})
	require.NoError(t, err)
	require.Equal(t, a[0].group, b[0].group, "a group is the same, whatever is left of it")
	require.Equal(t, 1, after(parseQuery(t, "SELECT 1 FROM c GROUP BY c.x"), b, &place{Group: a[1].group}),
		"what follows a group that is elsewhere")

	same, err := evaluate(parseQuery(t, "SELECT VALUE 1 FROM c GROUP BY c.x"),
		seq(eval.Row{Value: value.Int(1)}, eval.Row{Value: value.Int(1)}), &eval.Share{})
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, []int{same[0].index, same[1].index})
}

func TestCursors(t *testing.T) {
	t.Parallel()
	var cs cursors
	cs.keep(&cursor{id: "a", state: "1", rows: make([]result, 10)})
	cs.keep(&cursor{id: "b", state: "1", rows: make([]result, 10)})
	require.Nil(t, cs.take("c", "1"))
	require.NotNil(t, cs.take("a", "1"))
	require.Nil(t, cs.take("a", "1"), "taken is gone")
	require.Nil(t, cs.take("b", "2"), "the partitions have moved on")
	require.Nil(t, cs.take("b", "1"))
	require.Zero(t, cs.rows)

	for i := range maxCursors + 10 {
		cs.keep(&cursor{id: fmt.Sprint(i), rows: make([]result, 1)})
	}
	require.Len(t, cs.list, maxCursors)
	require.Nil(t, cs.take("9", ""), "the oldest go first")
	require.NotNil(t, cs.take("10", ""))
	cs.keep(&cursor{id: "huge", rows: make([]result, maxCursorRows+1)})
	require.Empty(t, cs.list, "no room for anything that large")
	require.Zero(t, cs.rows)
}

func TestPaginate(t *testing.T) {
	t.Parallel()
	rows := []result{row(1, 1, 0), row(2, 2, 0), row(3, 3, 0)}
	for i := range rows {
		rows[i].value = rows[i].keys[0]
	}
	p := paginate(rows, 0, 5, 2)
	require.Len(t, p.rows, 2)
	require.Equal(t, &place{Keys: keysOf(rows[1].keys), Number: 2, Count: 7}, p.next.Last)
	p = paginate(rows, 2, 0, 2)
	require.Equal(t, "3", string(p.rows[0]))
	require.Nil(t, p.next)
	require.Nil(t, paginate(rows, 0, 0, 3).next, "a page that fits exactly is the last")
	require.Empty(t, paginate(rows, 3, 0, 2).rows)
}
