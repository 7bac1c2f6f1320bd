package argument

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// color is a string that has a text of its own; tint is one that has none.
type (
	color string
	tint  string
	level int
	hex   []byte
)

func (c color) MarshalText() ([]byte, error) { return []byte("#" + string(c)), nil }
func (h hex) MarshalText() ([]byte, error)   { return fmt.Appendf(nil, "%x", []byte(h)), nil }

// TestKindsOfTypes: what is sent goes by what a type says of itself before it goes by what it is made of.
func TestKindsOfTypes(t *testing.T) {
	t.Parallel()
	red, blue := color("red"), tint("blue")
	for _, tt := range []struct {
		v    any
		want string
	}{
		{red, `"#red"`},
		{&red, `"#red"`},
		{blue, `"blue"`},
		{&blue, `"blue"`},
		{level(3), `3`},
		{hex{0x1f, 0xa0}, `"1fa0"`},
		{[]color{"a", "b"}, `["#a","#b"]`},
		{map[tint]int{"a": 1}, `{"a":1}`}, // a key that is a color goes by the version of encoding/json
		{[]tint{"a"}, `["a"]`},
		{struct {
			C color `json:"c"`
			T tint  `json:"t,omitempty"`
		}{C: "x"}, `{"c":"#x"}`},
		{(*color)(nil), `null`},
		{(*int)(nil), `null`},
		{any(nil), `null`},
		{sql.NullString{}, `null`},
		{sql.NullString{String: "a", Valid: true}, `"a"`},
		{sql.Null[int64]{V: math.MaxInt64, Valid: true}, `9223372036854775807`},
		{uint64(math.MaxUint64), `18446744073709551615`},
		{int64(math.MinInt64), `-9223372036854775808`},
		{float32(0.5), `0.5`},
		{json.Number("1e3"), `1e3`},
		{true, `true`},
		{"a\u2028<b>&", `"a` + "\u2028" + `<b>&"`},
		{[3]int{1, 2, 3}, `[1,2,3]`},
		{[]any{nil, "x", 1.5, []int{}}, `[null,"x",1.5,[]]`},
	} {
		got, err := Encode(tt.v)
		require.NoError(t, err, "%T %v", tt.v, tt.v)
		require.JSONEq(t, tt.want, string(got), "%T %v", tt.v, tt.v)
	}
}

// TestNotSendable: the error says which value it is and what may be sent in its place.
func TestNotSendable(t *testing.T) {
	t.Parallel()
	type loop *loop
	var circle loop
	circle = &circle
	for _, tt := range []struct {
		v    any
		want string
	}{
		{math.NaN(), "NaN is not a JSON number; send nil or a string"},
		{math.Inf(1), "+Inf is not a JSON number; send nil or a string"},
		{float32(math.Inf(-1)), "-Inf is not a JSON number; send nil or a string"},
		{[]float64{1, math.NaN()}, "NaN"},
		{make(chan int), "chan int"},
		{func() {}, "func()"},
		{complex(1, 2), "complex128"},
		{circle, "its pointers go in a circle"},
		{"a\xff", "UTF-8"},
		{json.RawMessage(`{"a":`), ""},
	} {
		_, err := Encode(tt.v)
		require.Error(t, err, "%T", tt.v)
		require.ErrorContains(t, err, tt.want, "%T", tt.v)
	}
}

// TestTimesOfFixedWidth: texts of one width sort as the times do; years that four digits cannot say are left to their
// own form, or refused by it.
func TestTimesOfFixedWidth(t *testing.T) {
	t.Parallel()
	oslo := time.FixedZone("", 2*60*60)
	fixed := Format{FixedTimes: true}
	for _, tt := range []struct {
		at          time.Time
		plain, want string
	}{
		{time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC), `"2024-02-29T12:00:00Z"`, `"2024-02-29T12:00:00.0000000Z"`},
		{time.Date(2024, 2, 29, 1, 30, 0, 5e8, oslo), `"2024-02-28T23:30:00.5Z"`, `"2024-02-28T23:30:00.5000000Z"`},
		{time.Date(2024, 1, 1, 0, 0, 0, 123456789, time.UTC), `"2024-01-01T00:00:00.123456789Z"`,
			`"2024-01-01T00:00:00.1234567Z"`},
		{time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), `"0000-01-01T00:00:00Z"`, `"0000-01-01T00:00:00.0000000Z"`},
		{time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), `"9999-12-31T23:59:59Z"`, `"9999-12-31T23:59:59.0000000Z"`},
	} {
		got, err := Encode(tt.at)
		require.NoError(t, err)
		require.Equal(t, tt.plain, string(got))
		got, err = fixed.Encode(tt.at)
		require.NoError(t, err)
		require.Equal(t, tt.want, string(got))
		got, err = fixed.Encode(&tt.at)
		require.NoError(t, err)
		require.Equal(t, tt.want, string(got), "behind a pointer")
	}
	for _, year := range []int{-1, 10000} {
		_, err := fixed.Encode(time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC))
		require.Error(t, err, year)
	}
}

// TestNames: the service takes a letter of ASCII, digits and _, and refuses anything else with a text of its own that
// does not say which parameter is meant (recorded exchange 85).
func TestNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"@a", "@z", "@A", "@Z", "@_", "@0", "@9", "@azAZ09_"} {
		require.NoError(t, checkName(name), name)
	}
	for _, name := range []string{"@/", "@:", "@@", "@[", "@`", "@{", "@a b", "@a-b", "@ä", "@a.b", "@a\x00"} {
		require.ErrorContains(t, checkName(name), "a character other than letters, digits and _", name)
	}
	for _, name := range []string{"", "@"} {
		require.ErrorContains(t, checkName(name), "empty name", name)
	}
}

// BenchmarkEncode is what each parameter of each statement costs.
func BenchmarkEncode(b *testing.B) {
	for name, v := range map[string]any{
		"text": "active", "integer": int64(42), "list": []string{"a", "b"},
		"time": time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Encode(v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
