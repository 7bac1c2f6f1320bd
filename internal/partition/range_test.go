package partition

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
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
	_, err := NewRoutingMap(append(ranges("", "0F"), Range{ID: "9", Min: "1F", Max: "FF"}))
	require.EqualError(t, err, "cosmos: the partition key ranges are incomplete: "+
		`"0F" is followed by range 9, which begins at "1F"`)
	_, err = NewRoutingMap(ranges("", "0F"))
	require.EqualError(t, err, `cosmos: the partition key ranges are incomplete: they end at "0F"`)
	_, err = NewRoutingMap(nil)
	require.EqualError(t, err, "cosmos: the container has no partition key ranges")
}

// A feed may still list parents, of splits, of splits of their children, and of merges; only the last ones live.
func TestRoutingMapOfSplitsAndMerges(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		feed []Range
		want []string
	}{
		"split of a split": {append(ranges("", "FF"), Range{ID: "1", Max: "7F", Parents: []string{"0"}},
			Range{ID: "2", Min: "7F", Max: "FF", Parents: []string{"0"}},
			Range{ID: "3", Max: "3F", Parents: []string{"0", "1"}},
			Range{ID: "4", Min: "3F", Max: "7F", Parents: []string{"0", "1"}}), []string{"3", "4", "2"}},
		"merge": {append(ranges("", "3F", "7F", "FF"), Range{ID: "3", Min: "", Max: "7F", Parents: []string{"0", "1"}}),
			[]string{"3", "2"}},
		"merge of what was split": {append(ranges("", "FF"), Range{ID: "1", Max: "7F", Parents: []string{"0"}},
			Range{ID: "2", Min: "7F", Max: "FF", Parents: []string{"0"}},
			Range{ID: "3", Max: "FF", Parents: []string{"1", "2"}}), []string{"3"}},
		"parents that are listed no more": {[]Range{{ID: "7", Max: "FF", Parents: []string{"0", "3"}}}, []string{"7"}},
	} {
		m, err := NewRoutingMap(tt.feed)
		require.NoError(t, err, name)
		require.Equal(t, tt.want, ids(m.Ranges()), name)
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

// A prefix of a hierarchical key has a range within that of each shorter one, down to the key alone; a key that is not
// hierarchical has one of its own.
func TestPrefixRangesNest(t *testing.T) {
	t.Parallel()
	three := Definition{Paths: []string{"/a", "/b", "/c"}, Kind: "MultiHash", Version: 2}
	whole := key(t, "tenant", 42, nil)
	outer := Range{Min: Min, Max: Max}
	for n := 1; n <= 3; n++ {
		lo, hi := three.PrefixRange(whole[:n])
		inner := Range{Min: lo, Max: hi}
		require.True(t, inner.Contains(three.EPK(whole)), "%d levels", n)
		require.True(t, outer.Contains(inner.Min))
		require.LessOrEqual(t, Compare(inner.Max, outer.Max), 0)
		other := append(whole[:n-1:n-1], String("other"))
		require.False(t, inner.Contains(three.EPK(other)))
		require.Equal(t, n > 1, outer.Min != Min)
		outer = inner
	}
	for _, d := range []Definition{v1, v2} {
		lo, hi := d.PrefixRange(key(t, "tenant"))
		require.True(t, Range{Min: lo, Max: hi}.Contains(d.EPK(key(t, "tenant"))))
		for i := range 200 {
			require.False(t, Range{Min: lo, Max: hi}.Contains(d.EPK(key(t, fmt.Sprint("tenant", i)))))
		}
	}
}
