package columns_test

import (
	"database/sql/driver"
	"fmt"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/stretchr/testify/require"
)

// numberOf is the value that a number has by its text alone, counted without bounds.
func numberOf(t *testing.T, text string) any {
	t.Helper()
	exact, ok := new(big.Float).SetPrec(2000).SetString(text)
	require.True(t, ok, text)
	if whole, isInt := new(big.Int).SetString(text, 10); isInt {
		if whole.IsInt64() {
			return whole.Int64()
		}
		if whole.IsUint64() {
			return whole.Uint64()
		}
	}
	f, _ := exact.Float64()
	if f >= math.Pow(2, 63) && f < math.Pow(2, 64) {
		return uint64(f)
	}
	return f
}

// Numbers keep their value, and the type that it fits, on both sides of every bound, alone and together with others.
func TestNumbersAtTheBounds(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, power := range []uint{0, 7, 31, 32, 53, 60, 63, 64, 70} {
		for d := int64(-2); d <= 2; d++ {
			n := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), power), big.NewInt(d))
			for _, sign := range []string{"", "-"} {
				digits := sign + new(big.Int).Abs(n).String()
				texts = append(texts, digits, digits+".0", digits+"e0", digits+"e2", digits+".5", digits+"E-3")
			}
		}
	}
	for _, digits := range []int{17, 18, 19, 20} {
		nines := strings.Repeat("9", digits)
		texts = append(texts, nines, "-"+nines, "1"+strings.Repeat("0", digits))
	}
	cells, dest := make([][]byte, len(texts)), make([]driver.Value, len(texts))
	for i, text := range texts {
		cells[i] = []byte(text)
	}
	l := columns.List(texts, texts)
	_, err := l.Values(cells, dest)
	require.NoError(t, err)
	for i, text := range texts {
		want := numberOf(t, text)
		require.Equal(t, want, dest[i], text)
		alone, err := columns.Value(cells[i])
		require.NoError(t, err)
		require.Equal(t, want, alone, text)
	}
}

// What a row was converted to stays when the page that it stands in is used again, but for the JSON texts, which are
// pieces of it, and when later rows are converted.
func TestValuesOutliveTheirRow(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 3, 4, 7, 8, 9, 17} {
		var names, row []string
		for i := range n {
			names = append(names, fmt.Sprint("t", i), fmt.Sprint("n", i), fmt.Sprint("f", i))
			row = append(row, fmt.Sprintf(`"t%d":"text \u00e9 %d"`, i, i), fmt.Sprintf(`"n%d":%d`, i, i),
				fmt.Sprintf(`"f%d":%d.5`, i, i))
		}
		page := []byte("{" + strings.Join(row, ",") + "}")
		l := columns.List(names, names)
		cells := make([][]byte, len(names))
		l.Split(page, cells)
		dest, other := make([]driver.Value, len(names)), make([]driver.Value, len(names))
		_, err := l.Values(cells, dest)
		require.NoError(t, err)
		for i := range page {
			page[i] = '9'
		}
		_, err = l.Values(cells, other)
		require.NoError(t, err)
		for i := range n {
			require.Equal(t, []driver.Value{fmt.Sprintf("text é %d", i), int64(i), float64(i) + 0.5}, dest[3*i:3*i+3])
		}
	}
}

// The first cell that cannot be handed out names its column, among however many others; the row behind it is whole.
func TestValuesSayWhichColumn(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 4, 8, 9, 12} {
		for at := range n {
			cells := make([][]byte, n)
			for i := range cells {
				cells[i] = [][]byte{[]byte(`"x"`), []byte("7"), []byte("1.5"), []byte("null")}[i%4]
			}
			cells[at] = []byte("-1e999")
			l := columns.Whole()
			column, err := l.Values(cells, make([]driver.Value, n))
			require.ErrorContains(t, err, "number -1e999 is beyond float64; use SELECT VALUE")
			require.Equal(t, at, column)

			dest := make([]driver.Value, 2)
			_, err = l.Values([][]byte{[]byte("true"), []byte(`"y"`)}, dest)
			require.NoError(t, err)
			require.Equal(t, []driver.Value{true, "y"}, dest)
		}
	}
}

// Values of a row share what is allocated for them: eight texts or four numbers an allocation, and a second one where
// there are texts. What has no part in it costs nothing: booleans, null, and JSON texts but for their slice.
func TestValuesAllocations(t *testing.T) {
	for row, most := range map[string]float64{
		`"one" "another" 123456 1.5 true "third"`: 2,
		`"1" "2" "3" "4" "5" "6" "7"`:             2,
		`"1" "2" "3" "4" "5" "6" "7" "8" "9"`:     4,
		`1234567 1.5 7654321 2.5 1111111 3.5`:     1,
		`true null false null`:                    0,
	} {
		texts := strings.Fields(row)
		l := columns.List(texts, texts)
		cells, dest := make([][]byte, len(texts)), make([]driver.Value, len(texts))
		for i, text := range texts {
			cells[i] = []byte(text)
		}
		require.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = l.Values(cells, dest) }), most, row)
	}
}
