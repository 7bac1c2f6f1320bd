package eval

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseDateTime(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text string
		want string // "" if it is not a date and time
	}{
		{"2024-03-06", "2024-03-06T00:00:00.0000000Z"},
		{"2024-03-06Z", "2024-03-06T00:00:00.0000000Z"},
		{"2024-03-06T10:52:07", "2024-03-06T10:52:07.0000000Z"},
		{"2024-03-06 10:52:07Z", "2024-03-06T10:52:07.0000000Z"},
		{"2024-03-06T10:52:07.1", "2024-03-06T10:52:07.1000000Z"},
		{"2024-03-06T10:52:07.1234567Z", "2024-03-06T10:52:07.1234567Z"},
		{"2000-02-29", "2000-02-29T00:00:00.0000000Z"},
		{"1900-02-29", ""},
		{"2024-02-30", ""},
		{"2024-04-31", ""},
		{"2024-00-10", ""},
		{"2024-01-00", ""},
		{"2024-03-06T", ""},
		{"2024-03-06T10", ""},
		{"2024-03-06T10:52", ""},
		{"2024-03-06T10:52:60", ""},
		{"2024-03-06T10:60:00", ""},
		{"2024-03-06T10:52:07.", ""},
		{"2024-03-06T10:52:07.12345678", ""},
		{"2024-03-06T10:52:07+01:00", ""},
		{"2024-03-06t10:52:07", ""},
		{"2024-03-06x", ""},
		{"2024/03/06", ""},
		{"20240306", ""},
		{"-024-03-06", ""},
		{"2024-3-6", ""},
		{"２０24-03-06", ""},
		{"now", ""},
	} {
		at, ok := parseDateTime(tc.text)
		require.Equal(t, tc.want != "", ok, tc.text)
		if ok {
			require.Equal(t, tc.want, at.String(), tc.text)
		}
	}
}

func TestFloorDiv(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ a, b, want int64 }{
		{7, 2, 3}, {-7, 2, -4}, {-8, 2, -4}, {0, 5, 0}, {-1, 5, -1}, {math.MinInt64, 1, math.MinInt64},
		{math.MaxInt64, 10, math.MaxInt64 / 10},
	} {
		require.Equal(t, tc.want, floorDiv(tc.a, tc.b), "%d / %d", tc.a, tc.b)
	}
}

func TestTicksAgreeWithTime(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999_999_900, time.UTC),
		time.Date(1970, 1, 1, 0, 0, 0, 100, time.UTC),
		time.Date(2024, 2, 29, 12, 30, 45, 123_456_700, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999_999_900, time.UTC),
	} {
		require.Equal(t, at, ticksOf(at).time())
		require.True(t, ticksOf(at).valid())
	}
	require.False(t, (firstTick - 1).valid())
	require.False(t, (lastTick + 1).valid())
}

func TestUnitNames(t *testing.T) {
	t.Parallel()
	for unitName, spellings := range map[string][]string{
		"year": {"yyyy", "yy", "YEAR"}, "month": {"mm", "m", "Month"}, "day": {"dd", "d"}, "hour": {"hh", "HH"},
		"minute": {"mi", "n"},
		"second": {"ss", "s"}, "millisecond": {"ms"}, "microsecond": {"mcs"}, "nanosecond": {"ns"},
	} {
		want, ok := unitOf(unitName)
		require.True(t, ok)
		for _, s := range spellings {
			got, ok := unitOf(s)
			require.True(t, ok, s)
			require.Equal(t, want, got, s)
		}
	}
	for _, none := range []string{"", "week", "quarter", "h", "ye ar"} {
		_, ok := unitOf(none)
		require.False(t, ok, none)
	}
}

// TestAddAndDiffAgree moves a moment by units and counts them back.
func TestAddAndDiffAgree(t *testing.T) {
	t.Parallel()
	start, _ := parseDateTime("2024-01-31T10:11:12.1234567Z")
	for name, u := range units {
		for _, n := range []int64{0, 1, -1, 7, -13, 100, 1000} {
			if u.perTick > 0 {
				n *= u.perTick
			}
			moved, ok := u.add(start, n)
			require.True(t, ok, name)
			require.Equal(t, n, u.diff(start, moved), "%d %s", n, name)
			require.Equal(t, -n, u.diff(moved, start), "%d %s", n, name)
		}
	}
}

func TestBinsHoldTheirMoment(t *testing.T) {
	t.Parallel()
	origin, _ := parseDateTime("1601-01-01")
	for _, text := range []string{"1601-01-01", "1969-12-31T23:59:59.9999999Z", "2024-02-29T12:30:45.1234567Z"} {
		at, _ := parseDateTime(text)
		for name, u := range units {
			if u.size == 0 {
				continue
			}
			n := int64(7) * max(1, u.perTick)
			bin, ok := u.bin(at, origin, n)
			require.True(t, ok, name)
			size, _ := u.span(n)
			require.True(t, bin <= at && at < bin+size, "%s in bins of 7 %s", text, name)
			require.Zero(t, int64(bin-origin)%int64(size), name)
		}
	}
	_, ok := units["day"].bin(origin, origin, math.MaxInt64)
	require.False(t, ok, "longer than all of time")
}

func TestAddAtTheEndsOfTime(t *testing.T) {
	t.Parallel()
	for name, u := range units {
		n := max(1, u.perTick)
		_, ok := u.add(lastTick, n)
		require.False(t, ok, "after the last %s", name)
		_, ok = u.add(firstTick, -n)
		require.False(t, ok, "before the first %s", name)
		for _, far := range []int64{math.MaxInt64, math.MinInt64, math.MinInt64 + 1} {
			_, ok = u.add(0, far)
			require.False(t, ok && u.perTick == 0, name)
		}
	}
}
