package columns_test

import (
	"database/sql/driver"
	"math"
	"testing"

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
		{"beyond int64", `9223372036854775808`, float64(9223372036854775808)},
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
			require.Truef(t, driver.IsValue(got), "%T", got)
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
