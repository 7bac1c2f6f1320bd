package value

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// The forms are those of a recorded session with a hosted account (exchanges 61 to 64, 81, 202, 213).
func TestNumbersAsTheServiceWritesThem(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ text, document, query string }{
		{"9007199254740993", "9007199254740993", "9007199254740993"},
		{"18446744073709551615", "18446744073709551615", "18446744073709551615"},
		{"9223372036854775808", "9223372036854775808", "9223372036854775808"},
		{"-9223372036854775808", "-9223372036854775808", "-9223372036854775808"},
		{"-9223372036854775809", "-9.2233720368547758e+018", "-9.2233720368547758e+18"},
		{"18446744073709551616", "1.8446744073709552e+019", "1.8446744073709552e+19"},
		{"123456789012345678901234567890", "1.2345678901234568e+029", "1.2345678901234568e+29"},
		{"0.1000000000000000055511151231257827", "0.1", "0.1"},
		{"1.0", "1", "1"},
		{"-0.0", "0", "0"},
		{"-0", "0", "0"},
		{"1e2", "100", "100"},
		{"1.7976931348623157e308", "1.7976931348623157e+308", "1.7976931348623157e+308"},
		{"5e-324", "4.94065645841247e-324", "4.94065645841247e-324"},
		{"1e-400", "0", "0"},
		{"12345678901234567890.123", "1.2345678901234567e+019", "1.2345678901234567e+19"},
		{"1e300", "1e+300", "1e+300"},
		{"0.33333333333333333", "0.33333333333333331", "0.33333333333333331"},
		{"0.30000000000000004", "0.30000000000000004", "0.30000000000000004"},
		{"2.50", "2.5", "2.5"},
		{"0.00001", "1e-005", "1e-05"},
		{"0.00012", "0.00012", "0.00012"},
		{"1234567890123456.5", "1234567890123456.5", "1234567890123456.5"},
		{"4503599627370496.0", "4503599627370496", "4503599627370496"},
	} {
		text := `{"a":` + tc.text + `,"b":{"c":["` + tc.text + ` e+1\"",` + tc.text + `]}}`
		v, err := Parse([]byte(text))
		require.NoError(t, err)
		stored := AppendDocument(nil, v)
		require.Equal(t, `{"a":`+tc.query+`,"b":{"c":["`+tc.text+` e+1\"",`+tc.query+`]}}`, string(stored))
		wide, any := AppendWide(nil, stored)
		require.Equal(t, tc.document != tc.query, any, tc.text)
		if any {
			require.Equal(t, `{"a":`+tc.document+`,"b":{"c":["`+tc.text+` e+1\"",`+tc.document+`]}}`, string(wide))
		}
	}
}

// A document that was put together is stored as one that was read.
func TestDocumentsOfParts(t *testing.T) {
	t.Parallel()
	part := mustParse(t, `{"n":1.0,"s":"\u0041"}`)
	doc := Object([]Member{{`id"`, String("a")}, {"part", part},
		{"list", Array([]Value{part.Get("n"), Object(nil), part})}})
	require.Equal(t, `{"id\"":"a","part":{"n":1,"s":"A"},"list":[1,{},{"n":1,"s":"A"}]}`,
		string(AppendDocument(nil, doc)))
}

func TestIntegersBeyondInt64(t *testing.T) {
	t.Parallel()
	v := mustParse(t, "18446744073709551615")
	require.Equal(t, 18446744073709551615.0, v.AsFloat())
	require.Equal(t, "1.8446744073709552e+19", string(AppendJSON(nil, v.Rounded())))
	require.True(t, Equal(v, Float(1<<64)), "queries compare it as a double")
	require.Equal(t, AppendKey(nil, v), AppendKey(nil, Float(1<<64)))
	_, exact := v.AsInt()
	require.False(t, exact)
}

// Every double reads back as itself, and the quick test for numbers that need no writing is right.
func FuzzNumbers(f *testing.F) {
	for _, x := range []float64{0, 1, 0.1, 1.0 / 3, 1e15, 1e16, 123456789012345680, 1e21, 5e-324,
		2.2250738585072014e-308, math.MaxFloat64, 1e-5, 0.00012} {
		f.Add(x)
	}
	f.Fuzz(func(t *testing.T, x float64) {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return
		}
		text := AppendFloat([]byte("["), x)[1:]
		back, err := strconv.ParseFloat(string(text), 64)
		require.NoError(t, err)
		require.True(t, back == x, "%s", text)
		for _, other := range []string{string(text), strconv.FormatFloat(x, 'g', -1, 64),
			strconv.FormatFloat(x, 'f', -1, 64)} {
			if canonical(other) {
				require.Equal(t, other, string(appendNumber(nil, number(other))))
			}
			v, err := Parse([]byte("[" + other + "]"))
			require.NoError(t, err)
			require.Equal(t, "["+string(appendNumber(nil, number(other)))+"]", string(AppendDocument(nil, v)))
		}
	})
}
