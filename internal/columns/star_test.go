package columns_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/internal/columns"
	"github.com/stretchr/testify/require"
)

// Hundreds of columns are told apart, also where their names are alike, and so are names that are not among them.
func TestStarOfManyColumns(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"n%d", "%d", "a%03db", "x%[1]d_%[1]d", "é%d"} {
		const n = 300
		members := make([]string, n)
		for i := range n {
			members[i] = fmt.Sprintf(`"%s":%d`, fmt.Sprintf(format, i), i)
		}
		row := "{" + strings.Join(members, ",") + "}"
		l := star(t, "", false, row)
		require.Len(t, l.Names, n)
		for i, cell := range split(t, l, row) {
			require.Equal(t, fmt.Sprint(i), cell)
			require.Equal(t, fmt.Sprintf(format, i), l.Names[i])
		}
		for i, member := range members {
			cells := split(t, l, "{"+member+"}")
			require.Equal(t, fmt.Sprint(i), cells[i])
		}
		for i := n; i < n+100; i++ {
			name := fmt.Sprintf(format, i)
			unknown, ok := l.Split(fmt.Appendf(nil, `{"%s":1}`, name), make([][]byte, n))
			require.False(t, ok, name)
			require.Equal(t, name, unknown)
		}
	}
}

// A property that the service adds is hidden however its name is spelled, and one that only looks like it is not.
func TestStarHidesByName(t *testing.T) {
	t.Parallel()
	const row = `{"\u005frid":"r","_\u0074s":1,"_Rid":2,"_rid_":3,"":4,"_etag":"e"}`
	l := star(t, "", false, row)
	require.Equal(t, []string{"_Rid", "_rid_", ""}, l.Names)
	require.Equal(t, []string{"2", "3", "4"}, split(t, l, row))
	l = star(t, "more", false)
	require.Equal(t, []string{`{"_Rid":2,"_rid_":3,"":4}`}, split(t, l, row))
}

// A row that is not an object has no columns of a SELECT * over objects, wherever among them it comes.
func TestStarOfOtherRows(t *testing.T) {
	t.Parallel()
	for _, other := range []string{`1`, `"a"`, `null`, `[{"id":1}]`, ``} {
		for _, rows := range [][]string{{other, `{"a":1}`}, {`{"a":1}`, other}, {`{}`, other}} {
			s := columns.NewStar("more", false)
			for _, row := range rows {
				s.Add([]byte(row))
			}
			_, err := s.Layout()
			require.ErrorContains(t, err, "use SELECT VALUE", "%q", rows)
		}
		_, ok := star(t, "more", false, `{"a":1}`).Split([]byte(other), make([][]byte, 2))
		require.False(t, ok, "%q", other)
	}
}
