package columns_test

import (
	"database/sql/driver"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/stretchr/testify/require"
)

func TestValue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, cell string
		want       driver.Value
	}{
		{"absent", "", nil},
		{"null", `null`, nil},
		{"true", `true`, true},
		{"false", `false`, false},
		{"string", `"a \"b\" \u00e9"`, `a "b" é`},
		{"integer", `42`, int64(42)},
		{"above 1e6", `1234567890`, int64(1234567890)},
		{"beyond 2^53", `9007199254740993`, int64(9007199254740993)},
		{"least", `-9223372036854775808`, int64(math.MinInt64)},
		{"beyond int64", `9223372036854775808`, uint64(1 << 63)},
		{"beyond int64, in a projection", `9.2233720368547799e+18`, uint64(1<<63 + 4096)},
		{"the first beyond int64, as a double", `9.223372036854775808e18`, uint64(1 << 63)},
		{"beyond uint64", `1.8446744073709552e+19`, float64(1 << 64)},
		{"largest", `18446744073709551615`, uint64(math.MaxUint64)},
		{"beyond uint64", `18446744073709551616`, float64(1 << 64)},
		{"as the service prints a double", `18446744073709552000`, float64(1 << 64)},
		{"fraction", `1.0`, 1.0},
		{"exponent", `1e3`, 1000.0},
		{"object", `{"a":1}`, []byte(`{"a":1}`)},
		{"array", `[1, 2]`, []byte(`[1, 2]`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := columns.Value([]byte(tt.cell))
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			if _, large := got.(uint64); !large { // which the connection's NamedValueChecker takes
				require.Truef(t, driver.IsValue(got), "%T", got)
			}
		})
	}
}

func TestValueBeyondFloat64(t *testing.T) {
	t.Parallel()
	_, err := columns.Value([]byte(`1e999`))
	require.ErrorContains(t, err, "number 1e999 is beyond float64")
}

func TestValueIsNoWayIntoTheRow(t *testing.T) {
	t.Parallel()
	row := []byte(`[1]X`)
	got, err := columns.Value(row[:3])
	require.NoError(t, err)
	_ = append(got.([]byte), 'Y')
	require.Equal(t, `[1]X`, string(row))
}

func TestIsNull(t *testing.T) {
	t.Parallel()
	require.True(t, columns.IsNull([]byte(`null`)))
	require.False(t, columns.IsNull(nil))
	require.False(t, columns.IsNull([]byte(`"null"`)))
}

func TestTime(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		`"2026-11-24T06:07:08Z"`:                   "2026-11-24T06:07:08Z",
		` "2026-11-24T06:07:08.000000009+01:00"`:   "2026-11-24T05:07:08.000000009Z",
		`"2026-11-24T06:07:08.0000000Z"`:           "2026-11-24T06:07:08Z",
		`"2026-11-24"`:                             "",
		`"2026-11-24 06:07:08"`:                    "",
		`"2026-11-24T06:07:08"`:                    "",
		`"2026-13-24T06:07:08Z"`:                   "",
		`"2026-11-24T06:07:08Z and more"`:          "",
		`"a long text that is not a time at all"`:  "",
		`{"a":"2026-11-24T06:07:08Z"}`:             "",
		"\t\r\n" + strings.Repeat(" ", 20) + `"x"`: "",
		`"2026-11-24T06:07:08\u005a"`:              "2026-11-24T06:07:08Z",
		`"2026-11-24t06:07:08z"`:                   "",
		`"2026-11-24T06:07:60Z"`:                   "",
		`"2026-11-24T06:07:08+25:00"`:              "",
		`"12026-11-24T06:07:08Z"`:                  "",
		`null`:                                     "",
		``:                                         "",
	} {
		got, ok := columns.Time([]byte(cell))
		require.Equal(t, want != "", ok, cell)
		if ok {
			require.Equal(t, want, got.UTC().Format(time.RFC3339Nano))
		}
		value, err := columns.Whole().WithTimes(true).Value([]byte(cell))
		require.NoError(t, err)
		_, isTime := value.(time.Time)
		require.Equal(t, ok, isTime, cell)
		var text string
		var other time.Time
		isText := json.Unmarshal([]byte(cell), &text) == nil
		require.Equal(t, isText && other.UnmarshalText([]byte(text)) == nil, ok, cell)
		require.True(t, got.Equal(other), "%s: encoding/json reads the same time", cell)
	}
}

// A row is converted together as its cells are one by one, however many there are of a kind; what was handed out for
// one row is not touched by the next.
func TestValues(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 200)
	rows := [][]string{
		{`"a"`, `1`, `2.5`, `true`, `null`, ``, `"é\n"`, `[1]`, `{"a":1}`, `""`, `18446744073709551615`,
			`9.2233720368547799e+18`},
		{`"1"`, `"2"`, `"3"`, `"4"`, `"5"`, `"6"`, `"7"`, `"8"`, `"9"`, `"10"`, `"11"`, `"12"`},
		{`1`, `-2`, `3`, `4`, `5`, `6`, `7`, `8`, `-9223372036854775808`, `1e3`, `1.5`, `-0`},
		{`1.5`, `2.5`, `3.5`, `4.5`, `5.5`, `"x"`, `6e1`, `7E-1`, `8.5`, `"` + long + `"`, `"y"`, `999999999999999999`},
		{
			`"2026-01-02T03:04:05Z"`, `"\ud83d\ude00"`, `"\ud83d"`, `9223372036854775807`, `9223372036854775808`,
			``, ``, ``, ``, ``, ``, ``,
		},
	}
	for _, times := range []bool{false, true} {
		l := list("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l").WithTimes(times)
		got, want := make([][]driver.Value, len(rows)), make([][]driver.Value, len(rows))
		for i, row := range rows {
			cells := make([][]byte, len(row))
			got[i] = make([]driver.Value, len(row))
			for k, text := range row {
				cells[k] = []byte(text)
				v, err := l.Value(cells[k])
				require.NoError(t, err)
				want[i] = append(want[i], v)
			}
			_, err := l.Values(cells, got[i])
			require.NoError(t, err)
		}
		require.Equal(t, want, got)
	}
	l := list("a", "b", "c")
	column, err := l.Values([][]byte{[]byte(`"x"`), []byte(`1`), []byte(`1e999`)}, make([]driver.Value, 3))
	require.ErrorContains(t, err, "beyond float64")
	require.Equal(t, 2, column)
	dest := make([]driver.Value, 3)
	_, err = l.Values([][]byte{[]byte(`"z"`), nil, nil}, dest)
	require.NoError(t, err)
	require.Equal(t, []driver.Value{"z", nil, nil}, dest)
}
