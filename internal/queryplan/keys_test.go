package queryplan_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

var (
	single = partition.Definition{Paths: []string{"/pk"}, Kind: "Hash", Version: 2}
	deep   = partition.Definition{Paths: []string{`/a/"b c"`}, Kind: "Hash", Version: 2}
	double = partition.Definition{Paths: []string{"/x", "/y"}, Kind: "Hash", Version: 2}
	levels = partition.Definition{Paths: []string{"/t", "/u", "/s"}, Kind: "MultiHash", Version: 2}
)

func parse(t testing.TB, text string) *nosql.Query {
	t.Helper()
	q, err := nosql.Parse(text, nosql.SQL)
	require.NoError(t, err, text)
	return q
}

func parameters(t testing.TB, text string) map[string]value.Value {
	t.Helper()
	if text == "" {
		return nil
	}
	var raw map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(text), &raw))
	params := map[string]value.Value{}
	for name, v := range raw {
		parsed, err := value.Parse(v)
		require.NoError(t, err)
		params[name] = parsed
	}
	return params
}

func TestKeys(t *testing.T) {
	t.Parallel()
	const everywhere = "everywhere"
	for _, tt := range []struct {
		def           partition.Definition
		where, params string
		want          string // headers of the keys
	}{
		{single, "c.pk = 'a'", "", `["a"]`},
		{single, "'a' = c.pk", "", `["a"]`},
		{single, `c["pk"] = 5`, "", `[5]`},
		{single, "c.pk = -5", "", `[-5]`},
		{single, "c.pk = 5.0 AND c.pk = 5", "", `[5]`},
		{single, "c.pk = @p", `{"@p":"x"}`, `["x"]`},
		{single, "c.pk = @p", ``, everywhere},
		{single, "c.pk = true AND c.z > 1", "", `[true]`},
		{single, "c.z > 1 AND (c.y = 2 AND c.pk = null)", "", `[null]`},
		{single, "c.pk IN (1, 'b', null)", "", `[1] ["b"] [null]`},
		{single, "c.pk IN (1, c.z)", "", everywhere},
		{single, "c.pk NOT IN (1, 2)", "", everywhere},
		{single, "NOT (c.pk NOT IN (1, 2))", "", `[1] [2]`},
		{single, "c.pk = 1 OR c.pk = 2 OR c.pk = 1", "", `[1] [2]`},
		{single, "c.pk = 1 OR c.z = 2", "", everywhere},
		{single, "(c.pk = 1 OR c.pk = 2) AND (c.pk = 2 OR c.pk = 3)", "", `[2]`},
		{single, "c.pk = 1 AND c.pk = 2", "", ``},
		{single, "c.pk != 1", "", everywhere},
		{single, "NOT (c.pk != 1)", "", `[1]`},
		{single, "NOT (c.pk != 1 OR c.z = 1)", "", `[1]`},
		{single, "NOT (c.z = 1 AND c.pk != 1)", "", everywhere},
		{single, "false", "", ``},
		{single, "true", "", everywhere},
		{single, "1", "", ``},
		{single, "@b", `{"@b":false}`, ``},
		{single, "1 = 2", "", ``},
		{single, "1 = 1.0", "", everywhere},
		{single, "c.pk > 1", "", everywhere},
		{single, "c.pk BETWEEN 1 AND 1", "", everywhere},
		{single, "c.pk LIKE 'a'", "", everywhere},
		{single, "c.pk", "", `[true]`},
		{single, "NOT (c.pk)", "", `[false]`},
		{single, "c.pk = undefined", "", ``},
		{single, "c.pk = []", "", `[{}]`},
		{single, "c.pk = {a: 1}", "", `[{}]`},
		{single, "c.pk = @p", `{"@p":[1]}`, `[{}]`},
		{single, "c.pk = [c.z]", "", everywhere},
		{single, "IS_NULL(c.pk)", "", `[null]`},
		{single, "is_bool(c.pk)", "", `[false] [true]`},
		{single, "NOT IS_DEFINED(c.pk)", "", `[{}]`},
		{single, "IS_DEFINED(c.pk)", "", everywhere},
		{single, "IS_ARRAY(c.pk) OR IS_OBJECT(c.pk)", "", `[{}]`},
		{single, "c.pk IS NULL", "", `[{}] [null]`},
		{single, "c.pk IS NOT NULL", "", everywhere},
		{single, "ABS(c.pk) = 1", "", `[1] [-1]`},
		{single, "ABS(c.pk) = 'x'", "", everywhere},
		{single, "ARRAY_CONTAINS([1, 'a', [2]], c.pk)", "", `[1] ["a"] [{}]`},
		{single, "ARRAY_CONTAINS(@l, c.pk)", `{"@l":["x","y"]}`, `["x"] ["y"]`},
		{single, "ARRAY_CONTAINS(c.z, c.pk)", "", everywhere},
		{single, "UPPER(c.pk) = 'A'", "", everywhere},
		{single, "udf.same(c.pk)", "", everywhere},
		{single, "EXISTS(SELECT VALUE 1 FROM t IN c.tags WHERE c.pk = 1)", "", everywhere},
		{single, "(c.pk ?? 1) = 1", "", everywhere},
		{single, "c.pk.x = 1", "", everywhere},
		{single, "c.z.pk = 1", "", everywhere},
		{single, "c.pk[0] = 1", "", everywhere},
		{deep, `c.a["b c"] = 1`, "", `[1]`},
		{double, "c.x = 1", "", everywhere},
		{double, "c.x = 1 AND c.y = 'q'", "", `[1,"q"]`},
		{levels, "c.t = 'T'", "", `["T"]`},
		{levels, "c.t = 'T' AND c.u = 1", "", `["T",1]`},
		{levels, "c.t = 'T' AND c.u = 1 AND c.s = true", "", `["T",1,true]`},
		{levels, "c.t = 'T' AND c.s = true", "", `["T"]`},
		{levels, "c.u = 1", "", everywhere},
		{levels, "c.t IN ('T', 'V') AND c.u IN (1, 2)", "", `["T",1] ["T",2] ["V",1] ["V",2]`},
		{levels, "c.t = 'T' OR c.u = 1", "", everywhere},
	} {
		t.Run(tt.where, func(t *testing.T) {
			t.Parallel()
			keys, ok := queryplan.Keys(parse(t, "SELECT * FROM c WHERE "+tt.where), parameters(t, tt.params), tt.def)
			got := everywhere
			if ok {
				var headers []string
				for _, key := range keys {
					headers = append(headers, key.Header())
				}
				got = strings.Join(headers, " ")
			}
			require.Equal(t, tt.want, got)
		})
	}
}

func TestKeysOfOtherSources(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"SELECT 1":        0,
		"SELECT * FROM c": -1,
		"SELECT t FROM c JOIN t IN c.tags WHERE c.pk = 1":        1,
		"SELECT * FROM orders o WHERE o.pk = 1":                  1,
		"SELECT * FROM c.sub s WHERE s.pk = 1":                   -1,
		"SELECT t FROM t IN c.tags WHERE t.pk = 1":               -1,
		"SELECT s FROM (SELECT VALUE c FROM c) s WHERE s.pk = 1": -1,
		"SELECT c FROM c JOIN pk IN c.tags WHERE pk = 1":         -1,
		"SELECT c FROM c JOIN d IN c.tags WHERE d.pk = 1":        -1,
	} {
		keys, ok := queryplan.Keys(parse(t, text), nil, single)
		require.Equal(t, want >= 0, ok, text)
		if ok {
			require.Len(t, keys, want, text)
		}
	}
	nested := partition.Definition{Paths: []string{"/sub/pk"}, Version: 2}
	keys, ok := queryplan.Keys(parse(t, "SELECT * FROM c.sub s WHERE s.pk = 1"), nil, nested)
	require.True(t, ok)
	require.Equal(t, "[1]", keys[0].Header())
	_, ok = queryplan.Keys(parse(t, "SELECT * FROM c WHERE c.pk = 1"), nil, partition.Definition{Paths: []string{"pk"}})
	require.False(t, ok, "a path that is none")
}

func TestLongLists(t *testing.T) {
	t.Parallel()
	list := func(n int) string { return strings.TrimSuffix(strings.Repeat("1, ", n), ", ") }
	keys, ok := queryplan.Keys(parse(t, "SELECT * FROM c WHERE c.pk IN ("+list(4000)+")"), nil, single)
	require.True(t, ok)
	require.Len(t, keys, 1)
	_, ok = queryplan.Keys(parse(t, "SELECT * FROM c WHERE c.pk IN ("+list(5000)+")"), nil, single)
	require.False(t, ok)
	_, ok = queryplan.Keys(parse(t, "SELECT * FROM c WHERE c.t IN ("+list(200)+") AND c.u IN ("+list(200)+")"), nil,
		levels)
	require.True(t, ok, "too many pairs: the first condition alone is right too")
}

func TestKeyRanges(t *testing.T) {
	t.Parallel()
	key := func(values ...any) partition.Key {
		k, err := partition.NewKey(values...)
		require.NoError(t, err)
		return k
	}
	nowhere := queryplan.KeyRanges(nil, single)
	require.Equal(t, []queryplan.Range{{MinInclusive: true, MaxInclusive: true}}, nowhere)

	points := queryplan.KeyRanges([]partition.Key{key(1), key("a"), key(2), key(1)}, single)
	require.Len(t, points, 3)
	require.True(t,
		slices.IsSortedFunc(points, func(a, b queryplan.Range) int { return strings.Compare(a.Min, b.Min) }))
	for _, r := range points {
		require.Equal(t, r.Min, r.Max)
		require.True(t, r.MinInclusive && r.MaxInclusive)
	}

	prefix := levels.EPK(key("T"))
	below := queryplan.KeyRanges([]partition.Key{key("T", 1), key("T"), key("T", 1, 2)}, levels)
	require.Equal(t, []queryplan.Range{{Min: prefix, Max: prefix + "FF", MinInclusive: true}}, below,
		"the prefix covers the others")
}

// TestKeysNeverHideADocument builds random documents and conditions: every document that the evaluator finds must have
// one of the keys, or begin with one.
func TestKeysNeverHideADocument(t *testing.T) {
	t.Parallel()
	for _, def := range []partition.Definition{single, double, levels} {
		rng := rand.New(rand.NewPCG(7, uint64(len(def.Paths))))
		var docs []value.Value
		var keys []partition.Key
		for i := range 300 {
			text := document(rng, i, def)
			v, err := value.ParseString(text, value.MaxDepth)
			require.NoError(t, err)
			key, err := def.Extract([]byte(text))
			require.NoError(t, err)
			docs, keys = append(docs, v), append(keys, key)
		}
		narrowed := 0
		for range 3000 {
			text := condition(rng, def, 3)
			q := parse(t, "SELECT * FROM c WHERE "+text)
			allowed, ok := queryplan.Keys(q, nil, def)
			if !ok {
				continue
			}
			narrowed++
			filter, err := eval.CompileCondition(q, eval.Options{})
			require.NoError(t, err, text)
			for i, doc := range docs {
				match, err := filter.Match(t.Context(), doc)
				require.NoError(t, err)
				if match {
					require.True(t, slices.ContainsFunc(allowed,
						func(k partition.Key) bool { return slices.Equal(k, keys[i][:len(k)]) }),
						"%s finds key %s, which is not among %v", text, keys[i], allowed)
				}
			}
		}
		require.Greater(t, narrowed, 300, "the conditions must put the rule to the test")
	}
}

var constants = []string{"null", "true", "false", "0", "1", "-1", "2.5", `"a"`, `"b"`, `""`, "[]", "[1]", `{"k": 1}`}

// document returns one with random key properties, some of them missing.
func document(rng *rand.Rand, i int, def partition.Definition) string {
	members := []string{fmt.Sprintf(`"id":"%d"`, i), fmt.Sprintf(`"z":%d`, rng.IntN(3))}
	for _, path := range def.Paths {
		if k := rng.IntN(len(constants) + 2); k < len(constants) {
			members = append(members, fmt.Sprintf(`"%s":%s`, path[1:], constants[k]))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// condition returns a random one, mostly about the key.
func condition(rng *rand.Rand, def partition.Definition, depth int) string {
	path := "c." + def.Paths[rng.IntN(len(def.Paths))][1:]
	if rng.IntN(6) == 0 {
		path = "c.z"
	}
	constant := func() string { return append(constants, "undefined")[rng.IntN(len(constants)+1)] }
	if depth > 0 && rng.IntN(3) > 0 {
		l, r := condition(rng, def, depth-1), condition(rng, def, depth-1)
		switch rng.IntN(5) {
		case 0, 1:
			return "(" + l + " AND " + r + ")"
		case 2, 3:
			return "(" + l + " OR " + r + ")"
		default:
			return "(NOT (" + l + "))"
		}
	}
	switch rng.IntN(14) {
	case 0:
		return path
	case 1:
		return "IS_NULL(" + path + ")"
	case 2:
		return "IS_BOOL(" + path + ")"
	case 3:
		return "IS_DEFINED(" + path + ")"
	case 4:
		return "ARRAY_CONTAINS([" + constant() + ", " + constant() + "], " + path + ")"
	case 5:
		return path + " IN (" + constant() + ", " + constant() + ")"
	case 6:
		return path + " NOT IN (" + constant() + ", " + constant() + ")"
	case 7:
		return path + " != " + constant()
	case 8:
		return "ABS(" + path + ") = " + constant()
	case 9:
		return constant() + " = " + path
	case 10:
		return "IS_ARRAY(" + path + ")"
	default:
		return path + " = " + constant()
	}
}
