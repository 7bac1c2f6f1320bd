package statement

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// SET has one meaning, whatever the document holds.
func TestApply(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, set, document, want string }{
		{"set", `a = 1, b = {c: [2]}`, `{"id":"1","a":0}`, `{"id":"1","a":1,"b":{"c":[2]}}`},
		{"words and signs", `a = false, b = [TRUE, -1, +2, null]`, `{}`, `{"a":false,"b":[true,-1,2,null]}`},
		{"an element of an element", `a[0][1] = 2, a[1] = 3`, `{"a":[[1]]}`, `{"a":[[1,2],3]}`},
		{"null", `a = null`, `{"a":1}`, `{"a":null}`},
		{"remove", `a = undefined`, `{"a":1,"b":2}`, `{"b":2}`},
		{"remove what is not there", `a = undefined, b.c = undefined, n.x = undefined`, `{"n":null}`, `{"n":null}`},
		{"a parent is missing", `a.b.c = 1, a.b.d = 2`, `{}`, `{"a":{"b":{"c":1,"d":2}}}`},
		{"a parent is null", `a.b = 1`, `{"a":null}`, `{"a":{"b":1}}`},
		{"odd names", `"a/b"."c~d" = 1, "é\"" = 2`, `{"a/b":{"c~d":0},"\u00e9\u0022":0}`,
			`{"a/b":{"c~d":1},"\u00e9\u0022":2}`},
		{"increment", `n = n + 2, m = m - 1.5, big = big + 1, o.n = o.n + 1`, `{"n":1,"m":1,"big":9007199254740993}`,
			`{"n":3,"m":-0.5,"big":9007199254740994,"o":{"n":1}}`},
		{"increment beyond int64", `n = n + 1`, `{"n":9223372036854775807}`, `{"n":9223372036854775808}`},
		{"append", `a = ARRAY_CONCAT(a, [3, undefined, {x: 1}]), b = ARRAY_CONCAT(b, [1]), c = ARRAY_CONCAT(c, [])`,
			`{"a":[1, 2]}`,
			`{"a":[1,2,3,{"x":1}],"b":[1]}`},
		{"elements", `a[1] = 9, a[3] = 4, b[0].x = 1`, `{"a":[1,2,3],"b":[{}]}`, `{"a":[1,9,3,4],"b":[{"x":1}]}`},
		{"remove an element", `a[0] = undefined`, `{"a":[1,2]}`, `{"a":[2]}`},
		{"remove elements", `a[0] = undefined, a[10] = undefined, a[2] = undefined, a[1] = 9`,
			`{"a":[0,1,2,3,4,5,6,7,8,9,10]}`, `{"a":[9,3,4,5,6,7,8,9]}`},
		{"remove elements of elements", `a[0] = undefined, a[1][0] = undefined, a[1][1].x = undefined`,
			`{"a":[[1],[2,{"x":3}]]}`, `{"a":[[{}]]}`},
		{"remove an element that is not there", `a[3] = undefined, b[0].x = undefined`, `{"a":[1]}`, `{"a":[1]}`},
		{"zeros in front of a number", `a[01] = 9, n[00] = n[0] + 1`, `{"a":[1,2],"n":[5]}`, `{"a":[1,9],"n":[6]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, err := Parse("UPDATE t SET "+c.set+" WHERE true", database)
			require.NoError(t, err)
			got, err := s.(*Update).Apply(json.RawMessage(c.document), nil)
			require.NoError(t, err)
			require.True(t, json.Valid(got), string(got))
			require.JSONEq(t, c.want, string(got))
			if c.name == "increment" {
				require.Contains(t, string(got), "9007199254740994", "exactly")
			}
		})
	}
}

func TestApplyErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ set, document, message string }{
		{`a.b = 1`, `{"a":"text"}`,
			`cosmos: UPDATE: a.b cannot be set: a is neither an object nor an array but "text"`},
		{`a[1] = 1`, `{"a":[]}`, `a.1 cannot be set: a has 0 elements`},
		{`a[0] = 1`, `{}`, `a.0 cannot be set: there is no array or object a`},
		{`a.b = 1`, `{"a":[1]}`, `a is an array, which has no b`},
		{`a[0].b = 1`, `{"a":["x"]}`, `a.0.b cannot be set: a.0 is neither an object nor an array but "x"`},
		{`a[0][0] = 1`, `{"a":[]}`, `a.0.0 cannot be set: there is no array or object a.0`},
		{`n = n + 1`, `{"n":1e400}`, `n is out of range: 1e400`},
		{`n = n + undefined`, `{"n":1}`, `not by undefined`},
		{`n = ?`, `{}`, `@p1 has no argument`},
		{`n = n + 1`, `{"n":"1"}`, `n is not a number but "1"`},
		{`n = n + 1e308`, `{"n":1.7e308}`, `n is out of range`},
		{`a = ARRAY_CONCAT(a, [1])`, `{"a":{}}`, `a is not an array but {}`},
	} {
		s, err := Parse("UPDATE t SET "+c.set+" WHERE true", database)
		require.NoError(t, err)
		_, err = s.(*Update).Apply(json.RawMessage(c.document), nil)
		require.ErrorContains(t, err, c.message)
	}
}

// TestBridged: a patch may be refused for what the document holds only where it goes through a parent, or appends.
func TestBridged(t *testing.T) {
	t.Parallel()
	for set, want := range map[string]bool{
		"a = 1, b = undefined, n = n + 1": false, "a = 1, b.c = 2": true, "a[0] = 1": true,
		"a = ARRAY_CONCAT(a, [1])": true,
	} {
		s, err := Parse("UPDATE t SET "+set+" WHERE true", database)
		require.NoError(t, err)
		require.Equal(t, want, s.(*Update).Bridged(), set)
	}
}
