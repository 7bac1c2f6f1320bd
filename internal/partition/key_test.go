package partition

import (
	"encoding/json"
	"math"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

type (
	text   string
	amount float32
	flag   bool
	level  int16
)

type wrapped struct{ inner any }

func (w wrapped) MarshalJSON() ([]byte, error) { return json.Marshal(w.inner) }

func TestNewKey(t *testing.T) {
	t.Parallel()
	word, none := "w", (*string)(nil)
	pointer := &word
	for _, tt := range []struct {
		name  string
		value any
		want  string
	}{
		{"string", "p", `["p"]`},
		{"derived string", text("p"), `["p"]`},
		{"not ASCII", "pé", `["p\u00e9"]`},
		{"astral", "😀", `["\ud83d\ude00"]`},
		{"delete", "\x7f", `["\u007f"]`},
		{"escapes", "\"\\\n\r\t\b\f\x01/", `["\"\\\n\r\t\b\f\u0001/"]`},
		{"not UTF-8", "\xff", `["\ufffd"]`},
		{"int", 5, `[5]`},
		{"int64", int64(-7), `[-7]`},
		{"derived int", level(3), `[3]`},
		{"uint64", uint64(8), `[8]`},
		{"float", -1.5, `[-1.5]`},
		{"float32", amount(0.1), `[0.1]`},
		{"large", 1e21, `[1e+21]`},
		{"small", 5e-7, `[5e-07]`},
		{"the least without an exponent", 1e-6, `[0.000001]`},
		{"json.Number", json.Number("12.50"), `[12.5]`},
		{"true", true, `[true]`},
		{"derived bool", flag(false), `[false]`},
		{"nil", nil, `[null]`},
		{"undefined", Undefined, `[{}]`},
		{"pointer", &pointer, `["w"]`},
		{"nil pointer", none, `[null]`},
		{"uuid", uuid.UUID{1, 2}, `["01020000-0000-0000-0000-000000000000"]`},
		{"time", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), `["2026-01-02T03:04:05Z"]`},
		{"own JSON", wrapped{7}, `[7]`},
		{"own JSON is null", wrapped{nil}, `[null]`},
		{"own text", netip.MustParseAddr("::1"), `["::1"]`},
		{"a truncated rune", "é"[:1] + "\xff", `["\ufffd\ufffd"]`},
		{"uintptr", uintptr(6), `[6]`},
		{"beyond 2^53, as a double", int64(1<<53 + 1), `[9007199254740992]`},
		{"large number as the document writes it", json.Number("1E21"), `[1e+21]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			k, err := NewKey(tt.value)
			require.NoError(t, err)
			require.Equal(t, tt.want, k.Header())
			back, err := ParseKey(k.Header())
			require.NoError(t, err)
			require.Equal(t, k, back)
		})
	}
}

func TestNewKeyRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		value any
		want  string
	}{
		{"slice", []string{"a"}, "[]string"},
		{"map", map[string]any{}, "map[string]interface {}"},
		{"channel", make(chan int), "chan int"},
		{"NaN", math.NaN(), "NaN"},
		{"infinity", float32(math.Inf(-1)), "-Inf"},
		{"bad number", json.Number("x1"), `"x1"`},
		{"own JSON is an object", wrapped{map[string]int{"a": 1}}, "wrapped"},
		{"own JSON is an array", wrapped{[]int{1}}, "its JSON is neither a string, a number, a boolean nor null"},
		{"own JSON fails", wrapped{make(chan int)}, "wrapped"},
		{"number beyond float64", json.Number("1e999"), `"1e999" cannot be a partition key value`},
		{"number that only Go knows", json.Number("0x1p4"), `"0x1p4"`},
		{"number with a plus", json.Number("+1"), `"+1"`},
		{"number with something behind", json.Number("1 "), `"1 "`},
		{"infinite number", json.Number("Infinity"), `"Infinity"`},
		{"array", [2]int{1, 2}, "the values of a hierarchical key stand side by side, PartitionKey(a, b)"},
		{"pointer to a map", &map[string]int{}, "map[string]int cannot be a partition key value: use a string"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := NewKey("fine", tt.value)
			require.ErrorContains(t, err, tt.want)
			require.ErrorContains(t, err, "cosmos: ")
			require.ErrorIs(t, err, errtext.ErrBadRequest)
			kind := reflect.TypeOf(tt.value).Kind()
			require.Equal(t, kind == reflect.Slice || kind == reflect.Array,
				strings.Contains(err.Error(), "side by side"), "the advice is for lists")
		})
	}
}

// A key made of a value is the one that the document holds when the value is a property of it.
func TestNewKeyIsWhatTheDocumentHolds(t *testing.T) {
	t.Parallel()
	for _, value := range []any{"p", "é😀\u2028<&>", "\xffx\xc3", text("t"), 1, -1.5, amount(0.1), float32(1) / 3, 1e-7,
		1e21, 123456789.123, int64(math.MaxInt64), uint64(math.MaxUint64), level(-3), json.Number("1.50e2"), true,
		flag(false), nil, uuid.UUID{1}, netip.MustParseAddr("10.0.0.1"), time.UnixMilli(1772600767123).UTC(),
		wrapped{"w"}, (*int)(nil)} {
		doc, err := json.Marshal(map[string]any{"pk": value})
		require.NoError(t, err)
		held, err := v2.Extract(doc)
		require.NoError(t, err)
		given := key(t, value)
		require.Equal(t, held, given, "%T %v", value, value)
		for _, d := range []Definition{v1, v2, multi} {
			require.Equal(t, d.EPK(held), d.EPK(given), "%T %v", value, value)
		}
	}
}

// What a type's own JSON fails with can be asked for.
func TestNewKeyKeepsTheCause(t *testing.T) {
	t.Parallel()
	_, err := NewKey(wrapped{math.NaN()})
	var cause *json.UnsupportedValueError
	require.ErrorAs(t, err, &cause)
	require.ErrorContains(t, err, "partition key value of type partition.wrapped")
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	k, err := ParseKey(` [ "p" , 5.0, -0, true,false,null,{ },"\u00e9\ud83d\ude00" ] `)
	require.NoError(t, err)
	require.Equal(t, Key{String("p"), Number(5), Number(0), Bool(true), Bool(false), Null, Undefined, String("é😀")}, k)
	require.Equal(t, `["p",5,0,true,false,null,{},"\u00e9\ud83d\ude00"]`, k.String())
	require.Equal(t, `null`, k[5].String())

	empty, err := ParseKey(`[]`)
	require.NoError(t, err)
	require.Empty(t, empty)

	for _, bad := range []string{``, `"p"`, `[`, `["p"`, `[[1]]`, `[{"a":1}]`, `{}`, `["p"] x`, `[1e999]`} {
		_, err := ParseKey(bad)
		require.ErrorContains(t, err, "cosmos: partition key ", "%s", bad)
		require.ErrorIs(t, err, errtext.ErrBadRequest)
	}
}

func FuzzHeader(f *testing.F) {
	for _, seed := range []string{"", "p", "é", "😀", "\x00\x1f\x7f", "a\"b\\c", "\u2028"} {
		f.Add(seed, 1.5)
	}
	f.Fuzz(func(t *testing.T, s string, n float64) {
		if math.IsNaN(n) || math.IsInf(n, 0) {
			n = 0
		}
		header := key(t, s, n).Header()
		for _, c := range []byte(header) {
			require.True(t, ' ' <= c && c < 0x7F, "%q", header)
		}
		var decoded []any
		require.NoError(t, json.Unmarshal([]byte(header), &decoded))
		want, err := strconv.Unquote(strconv.Quote(s))
		require.NoError(t, err)
		require.Equal(t, []any{string([]rune(want)), Number(n).num}, decoded)
		back, err := ParseKey(header)
		require.NoError(t, err)
		require.Equal(t, header, back.Header())
	})
}

func TestComponentValue(t *testing.T) {
	t.Parallel()
	key, err := ParseKey(`["a",1.5,true,false,null,{}]`)
	require.NoError(t, err)
	for i, want := range []any{"a", 1.5, true, false, nil, nil} {
		got, defined := key[i].Value()
		require.Equal(t, want, got)
		require.Equal(t, i < 5, defined)
	}
}
