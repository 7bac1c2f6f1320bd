package argument_test

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

type (
	person   struct{ Name string }
	colour   string
	blob     []byte
	celsius  float64
	circular *circular
	shouting struct{ s string }
	cents    int64
	broken   struct{}
	again    struct{}
	pointers struct{ n int }
)

func (s shouting) MarshalText() ([]byte, error) { return []byte(s.s + "!"), nil }
func (c cents) Value() (driver.Value, error)    { return float64(c) / 100, nil }
func (broken) Value() (driver.Value, error)     { return nil, errors.New("out of order") }
func (a again) Value() (driver.Value, error)    { return a, nil }
func (a again) MarshalText() ([]byte, error)    { return []byte("again"), nil }
func (p *pointers) Value() (driver.Value, error) {
	if p == nil {
		return "none", nil
	}
	return int64(p.n), nil
}

func TestEncode(t *testing.T) {
	t.Parallel()
	word, nothing := "a", (*string)(nil)
	id := uuid.MustParse("f47ac10b-58cc-4372-a567-0e02b2c3d479")
	at := time.Date(2026, 11, 24, 6, 7, 8, 9, time.FixedZone("", 3600))
	for _, tt := range []struct {
		name string
		in   any
		want string
	}{
		{"nil", nil, `null`},
		{"string", `a "b" é` + "\x00\u2028", `"a \"b\" é\u0000\u2028"`},
		{"HTML", "<&>", `"\u003c\u0026\u003e"`},
		{"named string", colour("red"), `"red"`},
		{"bool", true, `true`},
		{"int", -7, `-7`},
		{"int64", int64(math.MaxInt64), `9223372036854775807`},
		{"uint64", uint64(math.MaxUint64), `18446744073709551615`},
		{"float", 1.5, `1.5`},
		{"named float", celsius(21.5), `21.5`},
		{"pointer", &word, `"a"`},
		{"nil pointer", nothing, `null`},
		{"pointer to pointer", &nothing, `null`},
		{"slice", []string{"a", "b"}, `["a","b"]`},
		{"map", map[string]any{"b": 1, "a": nil}, `{"a":null,"b":1}`},
		{"struct", person{"Ada"}, `{"Name":"Ada"}`},
		{"pointer to any", &[]any{"a"}[0], `"a"`},
		{"pointer to nil any", new(any), `null`},
		{"pointer to struct", &person{"Ada"}, `{"Name":"Ada"}`},
		{"time", at, `"2026-11-24T05:07:08.000000009Z"`},
		{"pointer to time", &at, `"2026-11-24T05:07:08.000000009Z"`},
		{"nil pointer to time", (*time.Time)(nil), `null`},
		{"sql.NullTime", sql.NullTime{Time: at, Valid: true}, `"2026-11-24T05:07:08.000000009Z"`},
		{"sql.Null of time", sql.Null[time.Time]{V: at, Valid: true}, `"2026-11-24T05:07:08.000000009Z"`},
		{"time in a struct, the caller's own JSON", struct{ At time.Time }{at},
			`{"At":"2026-11-24T06:07:08.000000009+01:00"}`},
		{"uuid", id, `"f47ac10b-58cc-4372-a567-0e02b2c3d479"`},
		{"null uuid", uuid.NullUUID{}, `null`},
		{"json.Number", json.Number("1.10"), `1.10`},
		{"bytes", []byte(`{"a": 1}`), `{"a": 1}`},
		{"raw message", json.RawMessage(`[1]`), `[1]`},
		{"white space around JSON", json.RawMessage("\n [1] "), `[1]`},
		{"raw bytes", sql.RawBytes(`1`), `1`},
		{"named bytes", blob(`"x"`), `"x"`},
		{"pointer to bytes", &[]byte{'1'}, `1`},
		{"nil bytes", []byte(nil), `null`},
		{"text marshaler", shouting{"hey"}, `"hey!"`},
		{"pointer to text marshaler", &shouting{"hey"}, `"hey!"`},
		{"valuer", cents(150), `1.5`},
		{"nil pointer to valuer", (*cents)(nil), `null`},
		{"nil valuer", (*pointers)(nil), `"none"`},
		{"valuer of itself", again{}, `"again"`},
		{"sql.Null of a slice", sql.Null[[]string]{V: []string{"a"}, Valid: true}, `["a"]`},
		{"sql.Null", sql.Null[[]string]{}, `null`},
		{"sql.NullString", sql.NullString{String: "a", Valid: true}, `"a"`},
		{"encoded", argument.JSON(`"a"`), `"a"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := argument.Encode(tt.in)
			require.NoError(t, err)
			require.JSONEq(t, tt.want, string(got))
			require.NotContains(t, " \n", string(got[0]), "readers look at the first byte")
			again, err := argument.Encode(got)
			require.NoError(t, err)
			require.Equal(t, got, again)
		})
	}
}

// A text is written as encoding/json does, byte for byte.
func TestEncodeTexts(t *testing.T) {
	t.Parallel()
	texts := []string{"", "plain text", "a \u2028 b", "é", "\U0001f600"}
	for c := range rune(256) {
		texts = append(texts, "a"+string(c)+"b")
	}
	for _, text := range texts {
		want, err := json.Marshal(text)
		require.NoError(t, err)
		got, err := argument.Encode(text)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	}
}

func TestEncodeCopies(t *testing.T) {
	t.Parallel()
	b := []byte(`"a"`)
	got, err := argument.Encode(b)
	require.NoError(t, err)
	b[1] = 'b'
	require.Equal(t, `"a"`, string(got))
}

func TestEncodeErrors(t *testing.T) {
	t.Parallel()
	var loop circular
	loop = &loop
	var box any
	box = &box
	for _, tt := range []struct {
		name string
		in   any
		want string
	}{
		{"channel", make(chan int), "chan int"},
		{"function", func() {}, "func()"},
		{"NaN", math.NaN(), "NaN is not a JSON number"},
		{"infinity", math.Inf(-1), "-Inf is not a JSON number"},
		{"named NaN", celsius(math.NaN()), "NaN is not a JSON number"},
		{"NaN inside", []float64{math.NaN()}, "[]float64 cannot be sent"},
		{"binary", []byte{0xff, 0xfe}, "send binary data as a base64 string"},
		{"empty bytes", []byte{}, "sent as JSON text"},
		{"half a document", json.RawMessage(`{"a":`), "sent as JSON text"},
		{"broken string", "a\xff", "not valid UTF-8"},
		{"broken valuer", broken{}, "out of order"},
		{"pointers in a circle", loop, "go in a circle"},
		{"interfaces in a circle", box, "go in a circle"},
		{"output parameter", sql.Out{Dest: new(int)}, "no output parameters"},
		{"year 10000", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "time.Time cannot be sent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := argument.Encode(tt.in)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for name, v := range map[string]any{
		"string": "a string of ordinary length",
		"int":    42,
		"time":   time.Now(),
		"uuid":   uuid.New(),
		"slice":  []string{"a", "b", "c"},
		"struct": struct{ ID, Name string }{"1", "Ada"},
		"raw":    json.RawMessage(`{"id":"1","lines":[1,2,3]}`),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := argument.Encode(v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestFixedTimes(t *testing.T) {
	t.Parallel()
	tokyo := time.FixedZone("", 9*3600)
	for _, tt := range []struct {
		in   any
		want string
	}{
		{time.Date(2026, 11, 29, 3, 0, 0, 0, tokyo), `"2026-11-28T18:00:00.0000000Z"`},
		{time.Date(2026, 11, 29, 3, 0, 0, 512345678, time.UTC), `"2026-11-29T03:00:00.5123456Z"`},
		{sql.NullTime{Time: time.Unix(0, 0), Valid: true}, `"1970-01-01T00:00:00.0000000Z"`},
		{(*time.Time)(nil), `null`},
		{"2026-11-29T03:00:00Z", `"2026-11-29T03:00:00Z"`},
	} {
		got, err := argument.Format{FixedTimes: true}.Encode(tt.in)
		require.NoError(t, err)
		require.Equal(t, tt.want, string(got))
	}
	_, err := argument.Format{FixedTimes: true}.Encode(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
	require.ErrorContains(t, err, "time.Time cannot be sent")
	list, err := argument.Format{FixedTimes: true}.Read([]any{time.Unix(0, 0)})
	require.NoError(t, err)
	require.Equal(t, argument.JSON(`"1970-01-01T00:00:00.0000000Z"`), list.Parameters[0].Value)
}
