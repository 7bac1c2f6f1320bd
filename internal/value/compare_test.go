package value

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOrder checks every pair of the samples, which stand in sort order: Compare, Equal and AppendKey must agree.
func TestOrder(t *testing.T) {
	t.Parallel()
	all := samples()
	for i, a := range all {
		for j, b := range all {
			name := fmt.Sprintf("%d %s and %d %s", i, AppendJSON(nil, a), j, AppendJSON(nil, b))
			switch c := Compare(a, b); {
			case i < j:
				require.Negative(t, c, name)
			case i > j:
				require.Positive(t, c, name)
			default:
				require.Zero(t, c, name)
			}
			require.Equal(t, i == j, Equal(a, b), name)
			require.Equal(t, i == j, bytes.Equal(AppendKey(nil, a), AppendKey(nil, b)), name)
		}
	}
}

func TestSameValueInAnotherForm(t *testing.T) {
	t.Parallel()
	big := `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"k":11,"l":12,"m":13,"n":14,"o":15,` +
		`"p":16,"q":17}`
	gib := `{"q":17,"p":16,"o":15,"n":14,"m":13,"l":12,"k":11,"j":10,"i":9,"h":8,"g":7,"f":6,"e":5,"d":4,"c":3,` +
		`"b":2,"a":1.0}`
	for _, tc := range []struct{ name, a, b string }{
		{"whole number", `1`, `1.0`},
		{"exponent", `100`, `1e2`},
		{"negative zero", `0`, `-0.0`},
		{"largest power", `-9223372036854775808`, `-9.223372036854775808e18`},
		{"escapes", `"\u0041"`, `"A"`},
		{"order of members", `{"a":1,"b":[{"c":2,"d":3}]}`, `{"b":[{"d":3.0,"c":2}],"a":1}`},
		{"order of many members", big, gib},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a, b := mustParse(t, tc.a), mustParse(t, tc.b)
			require.True(t, Equal(a, b))
			require.Zero(t, Compare(a, b))
			require.Equal(t, AppendKey(nil, a), AppendKey(nil, b))
		})
	}
}

func TestDifferentValues(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, a, b string }{
		{"neighbours beyond doubles", `9007199254740992`, `9007199254740993`},
		{"integer and double beyond", `9007199254740993`, `9007199254740992.0`},
		{"type", `1`, `"1"`},
		{"null and false", `null`, `false`},
		{"order of elements", `[1,2]`, `[2,1]`},
		{"more elements", `[1]`, `[1,1]`},
		{"other name", `{"a":1}`, `{"b":1}`},
		{"other value", `{"a":1,"b":2}`, `{"b":3,"a":1}`},
		{"more members", `{"a":1}`, `{"a":1,"b":1}`},
		{"string split otherwise", `["ab","c"]`, `["a","bc"]`},
		{"name split otherwise", `{"ab":"c"}`, `{"a":"bc"}`},
		{"nesting", `[[1],2]`, `[[1,2]]`},
		{"empty", `[]`, `{}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a, b := mustParse(t, tc.a), mustParse(t, tc.b)
			require.False(t, Equal(a, b))
			require.NotZero(t, Compare(a, b))
			require.Equal(t, -Compare(a, b), Compare(b, a))
			require.NotEqual(t, AppendKey(nil, a), AppendKey(nil, b))
		})
	}
}

func TestEveryNaNIsTheSame(t *testing.T) {
	t.Parallel()
	other := Float(math.Float64frombits(0x7ff8000000000123))
	require.True(t, Equal(Float(math.NaN()), other))
	require.Equal(t, AppendKey(nil, Float(math.NaN())), AppendKey(nil, other))
}

func TestNoKeyBeginsAnother(t *testing.T) {
	t.Parallel()
	all := samples()
	for i, a := range all {
		for j, b := range all {
			if i != j {
				require.False(t, bytes.HasPrefix(AppendKey(nil, a), AppendKey(nil, b)), "%d %d", i, j)
			}
		}
	}
}

// Rank tells no pair apart that Compare does not, and never the other way round.
func TestRank(t *testing.T) {
	t.Parallel()
	values := []Value{Undefined, Null, False, True, Float(math.NaN()), Float(math.Inf(-1)), Float(math.Inf(1)), Int(0),
		Float(math.Copysign(0, -1)), Int(1), Float(1), Float(1.5), Int(-1), Int(1 << 53), Int(1<<53 + 1),
		Float(1 << 53), Int(math.MaxInt64), Int(math.MinInt64), Float(5e-324), Float(-5e-324), Float(1e300),
		Float(-1e300), String(""), String("a"), String("abcdefg"), String("abcdefgh"), String("abcdefgi"),
		String("\x00"), String("é"), String("\U0001F600"), Array(nil), Array([]Value{Int(1)}), Object(nil),
		Object([]Member{{"a", Int(1)}})}
	for range 2000 {
		values = append(values, Float(math.Float64frombits(rand.Uint64())), Int(int64(rand.Uint64())))
	}
	for i, a := range values {
		for _, b := range values[:min(len(values), 200+i%7)] {
			switch c := Compare(a, b); {
			case c < 0:
				require.LessOrEqual(t, Rank(a), Rank(b), "%s %s", AppendJSON(nil, a), AppendJSON(nil, b))
			case c > 0:
				require.GreaterOrEqual(t, Rank(a), Rank(b), "%s %s", AppendJSON(nil, a), AppendJSON(nil, b))
			default:
				require.Equal(t, Rank(a), Rank(b), "%s %s", AppendJSON(nil, a), AppendJSON(nil, b))
			}
		}
	}
}
