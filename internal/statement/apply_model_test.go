package statement

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// gone stands for an element that is taken out, until all are.
type gone struct{}

var errPatch = errors.New("the patch is refused")

// change puts f of what stands at way in its place. With make, what is missing on the way is made, as SET does; without
// it is an error, as the service's patch has it.
func change(doc any, way []string, missing bool, f func(old any, is bool) (any, bool, error)) (any, error) {
	name, last := way[0], len(way) == 1
	place := func(old any, is bool) (any, bool, error) {
		if last {
			return f(old, is)
		}
		if !missing && (!is || old == nil) {
			return nil, false, errPatch
		}
		next, err := change(old, way[1:], missing, f)
		return next, next != nil || is, err
	}
	switch x := doc.(type) {
	case map[string]any:
		old, is := x[name]
		changed, keep, err := place(old, is)
		x = maps.Clone(x)
		if x[name] = changed; !keep {
			delete(x, name)
		}
		return x, err
	case []any:
		i, err := strconv.Atoi(name)
		if err != nil || i > len(x) && !missing {
			return nil, errPatch
		}
		var old any
		if i < len(x) {
			old = x[i]
		}
		changed, keep, err := place(old, i < len(x))
		x = slices.Clone(x)
		switch {
		case err != nil:
		case i < len(x) && keep:
			x[i] = changed
		case i < len(x):
			x[i] = gone{}
		case keep && i > len(x):
			err = errPatch
		case keep:
			x = append(x, changed)
		}
		return x, err
	case nil:
		changed, keep, err := place(nil, false)
		if _, element := strconv.Atoi(name); err == nil && keep && (element == nil || !missing) {
			err = errPatch
		}
		if !keep || err != nil {
			return nil, err
		}
		return map[string]any{name: changed}, nil
	}
	return nil, errPatch
}

// compact takes the elements out that are gone.
func compact(x any) any {
	switch x := x.(type) {
	case map[string]any:
		for name := range x {
			x[name] = compact(x[name])
		}
	case []any:
		kept := []any{}
		for _, element := range x {
			if element != (any)(gone{}) {
				kept = append(kept, compact(element))
			}
		}
		return kept
	}
	return x
}

// operate is one operation of a patch, or of an UPDATE.
func operate(doc any, op, pointer string, value any, missing bool) (any, error) {
	way := strings.Split(strings.TrimSuffix(pointer, "/-"), "/")[1:]
	return change(doc, way, missing, func(old any, is bool) (any, bool, error) {
		number, isNumber := old.(float64)
		list, isList := old.([]any)
		switch {
		case op == "remove":
			if !is && !missing {
				return nil, false, errPatch
			}
			return nil, false, nil
		case op == "incr" && !is:
			return value, true, nil
		case op == "incr" && isNumber:
			return number + value.(float64), true, nil
		case op == "add" && (isList || !is && missing):
			return append(slices.Clip(list), value), true, nil
		case op == "set":
			return value, true, nil
		}
		return nil, false, errPatch
	})
}

// TestUpdatesInAnyOrder: SET is about the document as it was. Whatever the order of its assignments, Apply and the
// operations of the patch leave the same document, the one in which each path has what is set; the patch may be refused
// for what the document lacks, as Bridged says.
func TestUpdatesInAnyOrder(t *testing.T) {
	t.Parallel()
	type assigned struct {
		text, op, pointer string
		value             any
	}
	pool := []assigned{
		{"n = 5", "set", "/n", 5.0}, {"n = n + 3", "incr", "/n", 3.0}, {"n = n - 2", "incr", "/n", -2.0},
		{"n = undefined", "remove", "/n", nil}, {"o = undefined", "remove", "/o", nil},
		{"o.x = null", "set", "/o/x", nil}, {"o.x = o.x + 1", "incr", "/o/x", 1.0},
		{"o.x = undefined", "remove", "/o/x", nil}, {"o.q.r = 1", "set", "/o/q/r", 1.0},
		{"z = 'new'", "set", "/z", "new"}, {"a[0] = undefined", "remove", "/a/0", nil},
		{"a[1] = undefined", "remove", "/a/1", nil}, {"a[2] = undefined", "remove", "/a/2", nil},
		{"a[10] = undefined", "remove", "/a/10", nil}, {"a[1] = 8", "set", "/a/1", 8.0},
		{"a[2] = a[2] + 1", "incr", "/a/2", 1.0}, {"a[3].x = 1", "set", "/a/3/x", 1.0},
		{"a[3].x = undefined", "remove", "/a/3/x", nil}, {"a[3] = undefined", "remove", "/a/3", nil},
		{"a = ARRAY_CONCAT(a, [4])", "add", "/a/-", 4.0}, {"o.l = ARRAY_CONCAT(o.l, ['p'])", "add", "/o/l/-", "p"},
		{"o.l[0] = undefined", "remove", "/o/l/0", nil}, {"o.l[1] = undefined", "remove", "/o/l/1", nil},
		{"o.l[2] = 'q'", "set", "/o/l/2", "q"},
	}
	documents := []string{
		`{"n":1,"o":{"x":2,"l":["a","b"]},"a":[10,11,12,{"x":13},14,15,16,17,18,19,20]}`,
		`{"n":null,"o":{"l":[]},"a":[10]}`, `{"o":null,"a":[10,11,12,13]}`, `{"a":[]}`, `{}`,
		`{"n":"text","o":7,"a":{"0":1}}`,
	}
	rng := rand.New(rand.NewPCG(1, 9))
	done, patched, refused := 0, 0, 0
	for range 8000 {
		rng.Shuffle(len(pool), func(i, j int) { pool[i], pool[j] = pool[j], pool[i] })
		chosen := pool[:1+rng.IntN(4)]
		var texts []string
		for _, one := range chosen {
			texts = append(texts, one.text)
		}
		text := "UPDATE t SET " + strings.Join(texts, ", ") + " WHERE true"
		parsed, err := Parse(text, database)
		if err != nil {
			require.ErrorContains(t, err, "one is the other or a part of it", text)
			continue
		}
		update := parsed.(*Update)
		document := documents[rng.IntN(len(documents))]
		what := fmt.Sprintf("%s\nof %s", text, document)
		var want, byPatch any
		require.NoError(t, json.Unmarshal([]byte(document), &want))
		require.NoError(t, json.Unmarshal([]byte(document), &byPatch))
		for _, one := range chosen {
			if err == nil {
				want, err = operate(want, one.op, one.pointer, one.value, true)
			}
		}
		got, applied := update.Apply(json.RawMessage(document), nil)
		if err != nil {
			require.Error(t, applied, what)
			continue
		}
		require.NoError(t, applied, what)
		encoded, err := json.Marshal(compact(want))
		require.NoError(t, err)
		require.JSONEq(t, string(encoded), string(got), what)
		done++

		operations, err := update.Operations(nil)
		require.NoError(t, err, what)
		for _, o := range operations {
			var value any
			if o.Op != "remove" {
				require.NoError(t, json.Unmarshal(o.Value, &value))
			}
			if byPatch, err = operate(byPatch, o.Op, o.Path, value, false); err != nil {
				break
			}
			byPatch = compact(byPatch)
		}
		if err != nil {
			require.True(t, update.Bridged(), what)
			refused++
			continue
		}
		encoded, err = json.Marshal(byPatch)
		require.NoError(t, err)
		require.JSONEq(t, string(got), string(encoded), "%s\nby %+v", what, operations)
		patched++
	}
	require.Greater(t, min(done, patched, refused), 200)
}
