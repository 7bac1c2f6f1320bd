package columns_test

import (
	"database/sql/driver"
	"math"
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
		`"2026-11-24T06:07:08Z"`:                  "2026-11-24T06:07:08Z",
		` "2026-11-24T06:07:08.000000009+01:00"`:  "2026-11-24T05:07:08.000000009Z",
		`"2026-11-24T06:07:08.0000000Z"`:          "2026-11-24T06:07:08Z",
		`"2026-11-24"`:                            "",
		`"2026-11-24 06:07:08"`:                   "",
		`"2026-11-24T06:07:08"`:                   "",
		`"2026-13-24T06:07:08Z"`:                  "",
		`"2026-11-24T06:07:08Z and more"`:         "",
		`"a long text that is not a time at all"`: "",
		`{"a":"2026-11-24T06:07:08Z"}`:            "",
		`null`:                                    "",
		``:                                        "",
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
	}
}
