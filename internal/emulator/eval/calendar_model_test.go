package eval

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

// randomMoment lies between the years 1 and 9999, half of the time near the turn of a day, month or year.
func randomMoment(r *rand.Rand) time.Time {
	at := time.Date(1+r.IntN(9998), time.Month(1+r.IntN(12)), 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60),
		100*r.IntN(1e7), time.UTC)
	if r.IntN(2) == 0 {
		at = time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(5)-2) * 100)
	}
	return at
}

func written(at time.Time) string { return at.Format("2006-01-02T15:04:05.0000000Z") }

func text(s string) value.Value { return value.String(s) }

// TestPartsAgainstTheCalendar compares the parts of moments with those of package time.
func TestPartsAgainstTheCalendar(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(19, 20))
	for range 600 {
		at := randomMoment(r)
		s := written(at)
		for part, want := range map[string]int{
			"yyyy": at.Year(), "month": int(at.Month()), "dd": at.Day(), "hour": at.Hour(), "mi": at.Minute(),
			"ss": at.Second(),
			"ms": at.Nanosecond() / 1e6, "mcs": at.Nanosecond() / 1e3, "ns": at.Nanosecond(),
		} {
			require.Equal(t, fmt.Sprint(want),
				string(value.AppendJSON(nil, callWith(t, "DateTimePart", text(part), text(s)))),
				"%s of %s", part, s)
		}
		require.Equal(t, at.Year(), int(callWith(t, "Year", text(s)).AsFloat()))
		require.Equal(t, int(at.Month()), int(callWith(t, "Month", text(s)).AsFloat()))
		require.Equal(t, at.Day(), int(callWith(t, "Day", text(s)).AsFloat()))

		ticks := callWith(t, "DateTimeToTicks", text(s))
		n, exact := ticks.AsInt()
		require.True(t, exact)
		require.Equal(t, at.Unix()*1e7+int64(at.Nanosecond())/100, n)
		require.Equal(t, s, callWith(t, "TicksToDateTime", ticks).AsString(), "there and back")
		ms := callWith(t, "DateTimeToTimestamp", text(s))
		require.Equal(t, at.UnixMilli(), int64(ms.AsFloat()), "rounded down, before 1970 too")
		require.Equal(t, written(at.Truncate(time.Millisecond)), callWith(t, "TimestampToDateTime", ms).AsString())

		require.Equal(t, s, callWith(t, "DateTimeFromParts", value.Int(int64(at.Year())), value.Int(int64(at.Month())),
			value.Int(int64(at.Day())), value.Int(int64(at.Hour())), value.Int(int64(at.Minute())),
			value.Int(int64(at.Second())), value.Int(int64(at.Nanosecond()/100))).AsString())
	}
}

// TestDifferencesCountBoundaries: a difference is how often the clock's part has turned over, by brute force.
func TestDifferencesCountBoundaries(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(21, 22))
	floor := map[string]func(time.Time) time.Time{
		"dd": func(a time.Time) time.Time { return time.Date(a.Year(), a.Month(), a.Day(), 0, 0, 0, 0, time.UTC) },
		"hh": func(a time.Time) time.Time { return a.Truncate(time.Hour) },
		"mi": func(a time.Time) time.Time { return a.Truncate(time.Minute) },
		"ss": func(a time.Time) time.Time { return a.Truncate(time.Second) },
		"ms": func(a time.Time) time.Time { return a.Truncate(time.Millisecond) },
	}
	size := map[string]time.Duration{"dd": 24 * time.Hour, "hh": time.Hour, "mi": time.Minute, "ss": time.Second,
		"ms": time.Millisecond}
	for range 400 {
		a := randomMoment(r)
		b := a.Add(time.Duration(r.Int64N(int64(4000*time.Hour))) - 2000*time.Hour)
		if b.Year() < 1 || b.Year() > 9999 {
			continue
		}
		diff := func(part string) int64 {
			return int64(callWith(t, "DateTimeDiff", text(part), text(written(a)), text(written(b))).AsFloat())
		}
		require.Equal(t, int64(b.Year()-a.Year()), diff("yyyy"))
		require.Equal(t, int64(b.Year()-a.Year())*12+int64(b.Month()-a.Month()), diff("mm"))
		for part, f := range floor {
			require.Equal(t, int64(f(b).Sub(f(a))/size[part]), diff(part), "%s from %s to %s", part,
				written(a), written(b))
		}
	}
}

// TestBinsAgainstTheClock: bins of a part that divides the next larger one begin where that one does.
func TestBinsAgainstTheClock(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(23, 24))
	for range 400 {
		at := randomMoment(r)
		for _, tt := range []struct {
			part  string
			n     int64
			every time.Duration
		}{
			{"hh", 1, time.Hour}, {"hh", 6, 6 * time.Hour}, {"mi", 15, 15 * time.Minute}, {"ss", 30, 30 * time.Second},
			{"ms", 250, 250 * time.Millisecond}, {"mcs", 1, time.Microsecond},
		} {
			day := time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
			want := day.Add(at.Sub(day) / tt.every * tt.every)
			got := callWith(t, "DateTimeBin", text(written(at)), text(tt.part), value.Int(tt.n))
			require.Equal(t, written(want), got.AsString(), "%d %s of %s", tt.n, tt.part, written(at))
		}
		week := callWith(t, "DateTimeBin", text(written(at)), text("dd"), value.Int(7), text("2024-01-01")).AsString()
		if week == "" {
			continue // before year 1
		}
		begin, err := time.Parse(time.RFC3339Nano, week)
		require.NoError(t, err)
		require.Equal(t, time.Monday, begin.Weekday(), "weeks from a Monday on begin on Mondays: %s", week)
		require.False(t, begin.After(at))
		require.True(t, at.Before(begin.AddDate(0, 0, 7)))
	}
}

// TestNotAMoment: forms that the documentation excludes, and days that no calendar has; each in every function.
func TestNotAMoment(t *testing.T) {
	t.Parallel()
	bad := []string{
		"", "2024", "2024-1-01", "2024-01-1", "24-01-01", "2024-01-01T", "2024-01-01 ", "2024-01-01T10",
		"2024-01-01T10:00", "2024-01-01T10:00Z", "2024-01-01T10:00:00+01:00", "2024-01-01T10:00:00.",
		"2024-01-01T10:00:00.12345678", "2024-01-01t10:00:00Z", "2024-01-01T10:00:00z", "2024/01/01", "01.01.2024",
		"2024-01-01T10.00.00", "2024-01-01T10:00:00 Z", " 2024-01-01", "2024-01-01ZZ", "+2024-01-01", "２０２４-01-01",
		"2024-00-10", "2024-13-01", "2024-01-00", "2024-01-32", "2023-02-29", "1900-02-29", "2024-04-31", "0000-01-01",
		"2024-01-01T24:00:00", "2024-01-01T10:60:00", "2024-01-01T10:00:60", "2024-01-01T-1:00:00",
	}
	good := []string{"2024-02-29", "2000-02-29Z", "2024-01-01 10:00:00", "2024-01-01T10:00:00",
		"2024-01-01T10:00:00.1Z",
		"2024-01-01T10:00:00.1234567", "0001-01-01", "9999-12-31T23:59:59.9999999Z"}
	calls := []string{
		"DateTimeAdd('dd', 0, @t)", "DateTimeBin(@t, 'dd')", "DateTimeBin('2024-01-01', 'dd', 1, @t)",
		"DateTimeDiff('dd', @t, '2024-01-01')", "DateTimeDiff('dd', '2024-01-01', @t)", "DateTimeFormat(@t, 'yyyy')",
		"DateTimePart('dd', @t)", "DateTimeToTicks(@t)", "DateTimeToTimestamp(@t)", "Day(@t)", "Month(@t)", "Year(@t)",
	}
	at := func(s string) Options { return Options{Params: map[string]value.Value{"@t": text(s)}} }
	for _, s := range bad {
		require.Equal(t, "false", evaluateExpr(t, "IS_DATETIME(@t)", at(s)), "%q", s)
		for _, call := range calls {
			require.Empty(t, evaluateExpr(t, call, at(s)), "%s of %q", call, s)
		}
	}
	for _, s := range good {
		require.Equal(t, "true", evaluateExpr(t, "IS_DATETIME(@t)", at(s)), "%q", s)
		for _, call := range calls {
			if strings.Contains(call, ", 1, @t") && s < "1601" {
				continue // too early for an origin
			}
			require.NotEmpty(t, evaluateExpr(t, call, at(s)), "%s of %q", call, s)
		}
	}
	for _, part := range []string{"", "week", "quarter", "years", "yyy", "m m", "min", "sec", "µs"} {
		for _, call := range []string{"DateTimeAdd(@t, 1, '2024-01-01')", "DateTimeBin('2024-01-01', @t)",
			"DateTimeDiff(@t, '2024-01-01', '2024-01-02')", "DateTimePart(@t, '2024-01-01')", "Ago(@t, 1)",
			"Now(@t, 1)"} {
			require.Empty(t, evaluateExpr(t, call, at(part)), "%s of %q", call, part)
		}
	}
}

// TestFormats: each sign of a format, alone, doubled and where it is none.
func TestFormats(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ at, format, want string }{
		{"2024-03-06T04:05:09.0120000Z", "yyyy yy MM M dd d", "2024 24 03 3 06 6"},
		{"2024-03-06T04:05:09.0120000Z", "HH H hh h mm m ss s tt", "04 4 04 4 05 5 09 9 AM"},
		{"2024-03-06T16:05:09Z", "HH H hh h tt", "16 16 04 4 PM"},
		{"2024-03-06T00:00:00Z", "HH H hh h tt", "00 0 12 12 AM"},
		{"2024-03-06T12:00:00Z", "HH H hh h tt", "12 12 12 12 PM"},
		{"2024-03-06T04:05:09.0120000Z", "f ff fff ffff fffffff", "0 01 012 0120 0120000"},
		{"2024-03-06T04:05:09.0120000Z", "F FF FFF FFFF FFFFFFF", " 01 012 012 012"},
		{"2024-10-10 14:40:20", ".fff", ".000"},
		{"2024-10-10 14:40:20", ".FFF", "."},
		{"2024-10-10 14:40:20", "yyyy-MM-dd [HH:mm:ss]", "2024-10-10 [14:40:20]"},
		{"2024-10-10", `\y\y\y\y yyyy \\ \d`, `yyyy 2024 \ d`},
		{"2024-10-10", `yyyyMMdd'T'`, `20241010'T'`},
		{"2024-10-10", "", ""},
		{"2024-10-10", "yyyyy y MMM ddd HHH ffffffff", "yyyyy y MMM ddd HHH ffffffff"},
		{"2024-10-10", "日 dd é", "日 10 é"},
		{"2024-10-10", `dd\`, `10\`},
	} {
		got := callWith(t, "DateTimeFormat", text(tt.at), text(tt.format))
		require.Equal(t, tt.want, got.AsString(), "%q", tt.format)
	}
}
