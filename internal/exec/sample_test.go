package exec_test

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/exec"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/statement"
	"github.com/stretchr/testify/require"
)

// sampled are the rows of a sample, "path types documents percent nulls example", without those of id and pk.
func (w *world) sampled(t *testing.T, n int, opts ...cosmos.Option) (rows []string) {
	t.Helper()
	set, err := option.Resolve(t.Context(), option.SampleStmt, nil, opts)
	require.NoError(t, err)
	list, err := exec.Sample(cosmos.WithOptions(t.Context(), opts...), w.c, n, set)
	require.NoError(t, err)
	for _, text := range list {
		var row struct {
			Path, Types      string
			Documents, Nulls int
			Percent          float64
			Example          *string
		}
		require.NoError(t, json.Unmarshal(text, &row))
		if row.Path == ".id" || row.Path == ".pk" || row.Path == "c.id" || row.Path == "c.pk" {
			require.Equal(t, "string", row.Types)
			continue
		}
		example := "-"
		if row.Example != nil {
			example = *row.Example
		}
		rows = append(rows, fmt.Sprintf("%s|%s|%d|%g|%d|%s", row.Path, row.Types, row.Documents, row.Percent, row.Nulls,
			example))
	}
	return rows
}

// TestSampleOfShapes tells what is where in documents of several shapes: types by how frequent they are, nulls apart,
// what is in objects and in the elements of arrays, each document counted once for a path.
func TestSampleOfShapes(t *testing.T) {
	t.Parallel()
	w := newWorld(t,
		`{"id":"1","pk":"p","v":1,"o":{"x":"a","y":null},"l":[1,"b",{"z":true}]}`,
		`{"id":"2","pk":"p","v":"s","o":{"x":"c"},"l":[]}`,
		`{"id":"3","pk":"p","v":2.5,"o":null,"l":[2,3]}`,
		`{"id":"4","pk":"p","odd name":{"deep":{"er":false}}}`)
	require.Equal(t, []string{
		`c.v|number, string|3|75|0|1`,
		`c.o|object|3|75|1|{"x":"a","y":null}`,
		`c.o.x|string|2|50|0|"a"`,
		`c.o.y|null|1|25|1|-`,
		`c.l|array|3|75|0|[1,"b",{"z":true}]`,
		`c.l[]|number, string, object|2|50|0|1`,
		`c.l[].z|boolean|1|25|0|true`,
		`c["odd name"]|object|1|25|0|{"deep":{"er":false}}`,
		`c["odd name"].deep|object|1|25|0|{"er":false}`,
		`c["odd name"].deep.er|boolean|1|25|0|false`,
	}, w.sampled(t, 100))
	require.Equal(t, []string{
		`c.v|string, number|2|100|0|1`,
		`c.o|object|2|100|0|{"x":"a","y":null}`,
		`c.o.x|string|2|100|0|"a"`,
		`c.o.y|null|1|50|1|-`,
		`c.l|array|2|100|0|[1,"b",{"z":true}]`,
		`c.l[]|string, number, object|1|50|0|1`,
		`c.l[].z|boolean|1|50|0|true`,
	}, w.sampled(t, 2), "no more documents than asked for")
	require.Empty(t, newWorld(t).sampled(t, 10), "an empty container has no paths")
}

// TestSampleOfSeveralPartitions: ranges with fewer documents than their share leave the rest to others, so that a
// sample of at least all documents has them all; one of a partition key has those of that key.
func TestSampleOfSeveralPartitions(t *testing.T) {
	t.Parallel()
	var docs []string
	for i := range 60 {
		docs = append(docs, fmt.Sprintf(`{"id":"%d","pk":"p%d","n":%d}`, i, i*i%7, i))
	}
	w := newWorld(t, docs...)
	count := func(rows []string) (n int) {
		require.Len(t, rows, 1)
		path, rest, _ := strings.Cut(rows[0], "|number|")
		require.Equal(t, "c.n", path)
		_, err := fmt.Sscanf(rest, "%d|100|0|", &n)
		require.NoError(t, err, rest)
		return n
	}
	for _, n := range []int{1, 2, 3, 7, 30, 59, 60, 61, 5000} {
		require.Equal(t, min(n, 60), count(w.sampled(t, n)), "a sample of %d", n)
	}
	ofKey := 0
	for i := range 60 {
		if i*i%7 == 2 {
			ofKey++
		}
	}
	require.Equal(t, ofKey, count(w.sampled(t, 1000, cosmos.PartitionKey("p2"))))
	require.Equal(t, 5, count(w.sampled(t, 5, cosmos.PartitionKey("p2"))))
}

// TestExamplesAreShort: what is long is cut between characters, and says so.
func TestExamplesAreShort(t *testing.T) {
	t.Parallel()
	for _, text := range []string{strings.Repeat("x", 58), strings.Repeat("x", 59), strings.Repeat("é", 60), "é"} {
		w := newWorld(t, `{"id":"1","pk":"p","s":"`+text+`"}`)
		rows := w.sampled(t, 1)
		require.Len(t, rows, 1)
		example := strings.TrimPrefix(rows[0], `c.s|string|1|100|0|`)
		if whole := `"` + text + `"`; len(whole) <= 60 {
			require.Equal(t, whole, example)
			continue
		}
		cut, long := strings.CutSuffix(example, "…")
		require.True(t, long, example)
		require.True(t, strings.HasPrefix(`"`+text, cut), example)
		require.LessOrEqual(t, len(cut), 60)
		require.Greater(t, len(cut), 56)
	}
}

// TestArgumentsByPosition: arguments that are encoded already keep their places, as those that are not do.
func TestArgumentsByPosition(t *testing.T) {
	t.Parallel()
	want := []statement.Arg{{Ordinal: 1, Value: json.RawMessage(`"a"`)}, {Ordinal: 2, Value: json.RawMessage(`2`)},
		{Ordinal: 3, Value: json.RawMessage(`null`)}}
	for name, values := range map[string][]any{
		"encoded":      {argument.JSON(`"a"`), argument.JSON(`2`), argument.JSON(`null`)},
		"not encoded":  {"a", 2, nil},
		"some of them": {argument.JSON(`"a"`), 2, argument.JSON(`null`)},
	} {
		var args []driver.NamedValue
		for i, v := range values {
			args = append(args, driver.NamedValue{Ordinal: i + 1, Value: v})
		}
		got, opts, err := exec.Arguments(args, argument.Format{})
		require.NoError(t, err, name)
		require.Empty(t, opts, name)
		require.Equal(t, want, got, name)
	}
}
