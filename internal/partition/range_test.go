package partition

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompare(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "FF", -1}, {"FF", "FF", 0}, {"AB", "AB00", 0}, {"AB", "AB01", -1}, {"AB0001", "AB", 1},
		{"", "00", 0}, {"", "01", -1}, {"3FFF", "FF", -1}, {"FFFF", "FF", -1}, {"3F", "1FFFFF", 1},
		{"05C1", "05C1DF", -1}, {"22E3FF", "22E3" + "3F00", 1},
	} {
		require.Equal(t, tt.want, Compare(tt.a, tt.b), "%s %s", tt.a, tt.b)
		require.Equal(t, -tt.want, Compare(tt.b, tt.a), "%s %s", tt.b, tt.a)
	}
}

func ranges(bounds ...string) []Range {
	var out []Range
	for i := range len(bounds) - 1 {
		out = append(out, Range{ID: fmt.Sprint(i), Min: bounds[i], Max: bounds[i+1]})
	}
	return out
}

func ids(rs []Range) (out []string) {
	for _, r := range rs {
		out = append(out, r.ID)
	}
	return out
}

func TestRoutingMap(t *testing.T) {
	t.Parallel()
	feed := append(ranges("", "0F", "1F", "2F", "FF"),
		Range{ID: "4", Min: "1F", Max: "27", Parents: []string{"2"}},
		Range{ID: "5", Min: "27", Max: "2F", Parents: []string{"2"}})
	rand.Shuffle(len(feed), func(i, j int) { feed[i], feed[j] = feed[j], feed[i] })
	m, err := NewRoutingMap(feed)
	require.NoError(t, err)
	require.Equal(t, []string{"0", "1", "4", "5", "3"}, ids(m.Ranges()))

	for epk, want := range map[string]string{
		"": "0", "0E": "0", "0F": "1", "0F00": "1", "1F": "4", "26FF": "4", "27": "5", "3F": "3", "FEFF": "3",
	} {
		r, ok := m.Find(epk)
		require.True(t, ok)
		require.Equal(t, want, r.ID, epk)
	}
	_, ok := m.Find("FF")
	require.False(t, ok)

	for _, tt := range []struct {
		lo, hi string
		want   []string
	}{
		{"", "FF", []string{"0", "1", "4", "5", "3"}},
		{"", "0F", []string{"0"}},
		{"0F", "1F", []string{"1"}},
		{"0E", "1F01", []string{"0", "1", "4"}},
		{"20", "20", []string{"4"}},
		{"1F", "1F", []string{"4"}},
		{"20", "20FF", []string{"4"}},
		{"3F", "FF", []string{"3"}},
		{"FF", "FF", nil},
	} {
		require.Equal(t, tt.want, ids(m.Overlapping(tt.lo, tt.hi)), "%s %s", tt.lo, tt.hi)
	}

	r, ok := m.ByID("5")
	require.True(t, ok)
	require.Equal(t, "27", r.Min)
	_, ok = m.ByID("2")
	require.False(t, ok)
}

func TestRoutingMapIncomplete(t *testing.T) {
	t.Parallel()
	for name, feed := range map[string][]Range{
		"nothing":       nil,
		"no beginning":  ranges("0F", "FF"),
		"no end":        ranges("", "0F"),
		"gap":           append(ranges("", "0F"), Range{ID: "9", Min: "1F", Max: "FF"}),
		"overlap":       append(ranges("", "2F"), Range{ID: "9", Min: "1F", Max: "FF"}),
		"empty range":   ranges("", "0F", "0F", "FF"),
		"child missing": append(ranges("", "1F", "FF"), Range{ID: "9", Min: "1F", Max: "2F", Parents: []string{"1"}}),
	} {
		_, err := NewRoutingMap(feed)
		require.ErrorContains(t, err, "cosmos: ", name)
	}
}

func TestRangeJSON(t *testing.T) {
	t.Parallel()
	var r Range
	require.NoError(t, json.Unmarshal(
		[]byte(`{"_rid":"x","id":"4","minInclusive":"1F","maxExclusive":"27","parents":["2"],"status":"online"}`), &r))
	require.Equal(t, Range{ID: "4", Min: "1F", Max: "27", RID: "x", Parents: []string{"2"}}, r)
	var other Range
	require.NoError(t, json.Unmarshal([]byte(`{"id":0,"minInclusive":"","maxExclusive":"FF"}`), &other))
	require.Equal(t, Range{ID: "0", Max: "FF"}, other)
	require.Error(t, json.Unmarshal([]byte(`{"id":"0","minInclusive":7}`), &other))
}

func TestBoundaries(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"", "FF"}, Boundaries(1, v2))
	require.Equal(t, []string{"", "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "FF"}, Boundaries(2, v2))
	require.Equal(t, []string{"", "05C1DFFFFFFFFC", "FF"}, Boundaries(2, v1))
	whole := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 126), big.NewInt(1))
	for _, n := range []int{3, 5, 32, 1000} {
		share := new(big.Int).Div(whole, big.NewInt(int64(n)))
		for i, b := range Boundaries(n, multi)[1:n] {
			require.Equal(t, fmt.Sprintf("%032X", new(big.Int).Mul(share, big.NewInt(int64(i+1)))), b)
		}
		for _, d := range []Definition{v1, v2} {
			bounds := Boundaries(n, d)
			require.Len(t, bounds, n+1)
			require.True(t,
				sort.SliceIsSorted(bounds, func(i, j int) bool { return Compare(bounds[i], bounds[j]) < 0 }))
			_, err := NewRoutingMap(ranges(bounds...))
			require.NoError(t, err)
		}
	}
}

func TestBoundariesShareTheKeys(t *testing.T) {
	t.Parallel()
	for _, d := range []Definition{v1, v2, multi} {
		m, err := NewRoutingMap(ranges(Boundaries(8, d)...))
		require.NoError(t, err)
		counts := map[string]int{}
		for i := range 8000 {
			r, ok := m.Find(d.EPK(key(t, fmt.Sprint("key", i), i)[:len(d.Paths)]))
			require.True(t, ok)
			counts[r.ID]++
		}
		for id, n := range counts {
			require.InDelta(t, 1000, n, 150, "range %s of %+v", id, d)
		}
	}
}

func TestMidpoint(t *testing.T) {
	t.Parallel()
	for _, d := range []Definition{v1, v2, multi} {
		bounds := Boundaries(16, d)
		for i := range 16 {
			mid := Midpoint(bounds[i], bounds[i+1], d)
			for range 20 {
				require.Negative(t, Compare(bounds[i], mid), "%s", mid)
				require.Negative(t, Compare(mid, bounds[i+1]), "%s", mid)
				mid = Midpoint(bounds[i], mid, d)
			}
		}
	}
	require.Equal(t, "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", Midpoint("", "FF", v2))
	require.Equal(t, Boundaries(4, v1)[1], Midpoint("", Boundaries(2, v1)[1], v1))
}

func TestMidpointEnds(t *testing.T) {
	t.Parallel()
	const at, next = "22E342F38A486A088463DFF7838A5963", "22E342F38A486A088463DFF7838A5964"
	require.Empty(t, Midpoint(at, next, v2))
	require.Empty(t, Midpoint(at, at, multi))
	require.Equal(t, at+"1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", Midpoint(at, next, multi),
		"one value of the first level, halved on the second")
	lower := at + "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
	require.Equal(t, at+"0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", Midpoint(at, lower, multi))
	require.Empty(t, Midpoint("05C1DFFFFFFFFC", "05C1DFFFFFFFFC", v1))
	for _, d := range []Definition{v1, v2, multi} {
		require.NotPanics(t, func() { Midpoint("zz", "05", d) })
	}
}

func TestPrefixRange(t *testing.T) {
	t.Parallel()
	lo, hi := multi.PrefixRange(key(t, "redmond"))
	for i := range 100 {
		require.True(t, Range{Min: lo, Max: hi}.Contains(multi.EPK(key(t, "redmond", i))))
		require.False(t, Range{Min: lo, Max: hi}.Contains(multi.EPK(key(t, fmt.Sprint("bothell", i), i))))
	}
	lo, hi = multi.PrefixRange(nil)
	require.Equal(t, [2]string{Min, Max}, [2]string{lo, hi})
}
