package eval

import (
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

func dateTimeFunctions() []function {
	// Day, Month and Year are DateTimePart with the part fixed, and share its code so that they cannot differ.
	part := func(name, unitName, doc string) function {
		u, _ := unitOf(unitName)
		return function{name: name, arity: exactly(1), args: texts, eval: partOfDate(u), doc: doc,
			example: name + `("2024-03-06")`}
	}
	return append(clockFunctions(),
		function{
			name:    "DateTimeAdd",
			arity:   exactly(3),
			args:    signature{isString, isInteger, isString},
			eval:    dateTimeAdd,
			example: `DateTimeAdd("mm", 1, "2024-01-31")`,
			doc:     "The moment moved by a number of parts; months and years keep the day where the month has it.",
		},
		// Years and months make no bins: the function's own page has them undefined, a later list of all parts names
		// them without an example.
		function{name: "DateTimeBin", arity: between(2, 4), args: signature{isString, isString, isInteger, isString},
			eval: dateTimeBin, example: `DateTimeBin("2024-03-06T10:52:00Z", "mi", 15)`,
			doc: "The moment rounded down to a multiple of days or smaller parts since an origin, 1970 unless given."},
		function{name: "DateTimeDiff", arity: exactly(3), args: texts, eval: dateTimeDiff,
			example: `DateTimeDiff("yyyy", "2019-12-31", "2020-01-01")`,
			doc:     "How many boundaries of the part lie between the first moment and the second."},
		function{name: "DateTimeFormat", arity: exactly(2), args: texts, eval: dateTimeFormat,
			example: `DateTimeFormat("2024-10-10 14:40:20", "dd.MM.yyyy HH:mm")`,
			doc: "The moment as text. In the format stand yyyy, yy, MM, M, dd, d, HH, H, hh, h, mm, m, ss, s, tt," +
				" f, F; a backslash quotes."},
		function{name: "DateTimeFromParts", arity: between(3, 7), args: integers, eval: dateTimeFromParts,
			example: "DateTimeFromParts(2024, 2, 29)",
			doc: "The moment with this year, month, day, hour, minute, second and fraction in 100 ns; undefined " +
				"if there is none."},
		function{name: "DateTimePart", arity: exactly(2), args: texts, eval: dateTimePart,
			example: `DateTimePart("mm", "2024-03-06")`, doc: "The number of a part of the moment."},
		function{name: "DateTimeToTicks", arity: exactly(1), args: texts, eval: dateTimeToTicks,
			example: `DateTimeToTicks("1970-01-01T00:00:01Z")`, doc: "Units of 100 ns since 1970."},
		function{name: "DateTimeToTimestamp", arity: exactly(1), args: texts, eval: dateTimeToTimestamp,
			example: `DateTimeToTimestamp("1970-01-01T00:00:01Z")`, doc: "Milliseconds since 1970."},
		part("Day", "day", "Day of the month."),
		part("Month", "month", "Month, from 1."),
		function{name: "TicksToDateTime", arity: exactly(1), args: integers, eval: ticksToDateTime,
			example: "TicksToDateTime(0)", doc: "The moment so many units of 100 ns after 1970."},
		function{name: "TimestampToDateTime", arity: exactly(1), args: integers, eval: timestampToDateTime,
			example: "TimestampToDateTime(1000)", doc: "The moment so many milliseconds after 1970."},
		part("Year", "year", "Year."),
	)
}

// clockFunctions read the clock: once per call, or, by the names that end in Static, once per query.
func clockFunctions() []function {
	clocks := []struct {
		name, doc string
		read      func(t ticks) value.Value
	}{
		// Each clock has its reading in one place, used by both of its names.
		{"GetCurrentDateTime", "Now, as text", func(t ticks) value.Value { return value.String(t.String()) }},
		{"GetCurrentTicks", "Now, in units of 100 ns since 1970",
			func(t ticks) value.Value { return value.Int(int64(t)) }},
		{"GetCurrentTimestamp", "Now, in milliseconds since 1970", timestamp},
	}
	all := []function{
		// Of Ago and Now the service does not say whether they are read once a query; here they are once a call, as
		// GetCurrentDateTime is.
		{name: "Ago", arity: exactly(2), args: signature{isString, isInteger}, eval: ago, volatile: true,
			doc: "The moment so many parts before now."},
		{name: "Now", arity: oneOf(0, 2), args: signature{isString, isInteger}, eval: now, volatile: true,
			doc: "Now, as text; with arguments, the moment so many parts from now."},
	}
	for _, c := range clocks {
		all = append(all,
			function{name: c.name, arity: exactly(0), volatile: true, doc: c.doc + ".", eval: clock(c.read)},
			function{name: c.name + "Static", arity: exactly(0), volatile: true,
				doc: c.doc + ", the same for all of a query.",
				bind: func(comp *compiler, _ *nosql.Call, _ []node) body {
					now := c.read(ticksOf(comp.bindTime()))
					return func(*env, []value.Value) value.Value { return now }
				}})
	}
	return all
}

// bindTime is the moment at which the query was compiled. Read when first asked for, and then the same for every
// Static function of the query, on every page that the program gives.
func (c *compiler) bindTime() time.Time {
	if c.bound.IsZero() {
		c.bound = c.scratch.now()
	}
	return c.bound
}

func clock(read func(t ticks) value.Value) body {
	return func(e *env, _ []value.Value) value.Value { return read(ticksOf(e.now())) }
}

// Rounded down, before 1970 too, so that a millisecond is the same length on both sides of it.
func timestamp(t ticks) value.Value { return value.Int(floorDiv(int64(t), perMillisecond)) }

// moment is t as a value; undefined if it is none. Beyond the years 0001 to 9999 the text would not have four digits,
// and no function could read it back.
func moment(t ticks, ok bool) value.Value {
	if !ok || !t.valid() {
		return value.Undefined
	}
	return value.String(t.String())
}

// Without arguments the current moment, with a part and a number that moment moved, as DateTimeAdd would.
func now(e *env, a []value.Value) value.Value {
	t := ticksOf(e.now())
	if len(a) == 0 {
		return moment(t, true)
	}
	u, ok := unitOf(a[0].AsString())
	if !ok {
		return value.Undefined
	}
	n, _ := a[1].AsInt()
	return moment(u.add(t, n))
}

func ago(e *env, a []value.Value) value.Value {
	u, ok := unitOf(a[0].AsString())
	n, _ := a[1].AsInt()
	if !ok || n == -n && n != 0 { // the smallest integer has no opposite
		return value.Undefined
	}
	return moment(u.add(ticksOf(e.now()), -n))
}

func dateTimeAdd(_ *env, a []value.Value) value.Value {
	u, ok := unitOf(a[0].AsString())
	n, _ := a[1].AsInt()
	t, valid := parseDateTime(a[2].AsString())
	if !ok || !valid {
		return value.Undefined
	}
	return moment(u.add(t, n))
}

// firstOrigin is the earliest origin of bins. The documentation excludes origins before the Gregorian epoch of
// Windows, 1601-01-01.
var firstOrigin = ticksOf(time.Date(1601, 1, 1, 0, 0, 0, 0, time.UTC))

// Its argument order differs from that of the others: the moment comes first, then the part.
func dateTimeBin(_ *env, a []value.Value) value.Value {
	t, valid := parseDateTime(a[0].AsString())
	u, ok := unitOf(a[1].AsString())
	if !valid || !ok || u.size == 0 {
		return value.Undefined
	}
	// The documented defaults: bins of one, from 1970-01-01. The examples of seven days begin on a Thursday for that
	// reason.
	n, origin := int64(1), ticks(0)
	if len(a) > 2 {
		n, _ = a[2].AsInt()
	}
	if len(a) > 3 {
		if origin, ok = parseDateTime(a[3].AsString()); !ok || origin < firstOrigin {
			return value.Undefined
		}
	}
	return moment(u.bin(t, origin, n))
}

// It counts boundaries that were crossed, not time that has passed: from 2019-12-31 to 2020-01-01 is a year
// (published examples).
func dateTimeDiff(_ *env, a []value.Value) value.Value {
	u, ok := unitOf(a[0].AsString())
	start, okStart := parseDateTime(a[1].AsString())
	end, okEnd := parseDateTime(a[2].AsString())
	if !ok || !okStart || !okEnd {
		return value.Undefined
	}
	return value.Int(u.diff(start, end))
}

// Parts that are left out are zero; the seventh is in ticks, not milliseconds (published example: 3456789 is
// .3456789).
func dateTimeFromParts(_ *env, a []value.Value) value.Value {
	parts := [7]int{}
	for i, v := range a {
		n, _ := v.AsInt()
		// Whatever is out of range stays so when it is cut to an int.
		parts[i] = int(max(-1, min(n, perSecond)))
	}
	return moment(fromParts(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6]))
}

func partOfDate(u unit) body {
	return func(_ *env, a []value.Value) value.Value {
		t, ok := parseDateTime(a[0].AsString())
		if !ok {
			return value.Undefined
		}
		return value.Int(u.part(t))
	}
}

func dateTimePart(e *env, a []value.Value) value.Value {
	u, ok := unitOf(a[0].AsString())
	if !ok {
		return value.Undefined
	}
	return partOfDate(u)(e, a[1:])
}

// An integer, never a double: ticks of today exceed 2^53.
func dateTimeToTicks(_ *env, a []value.Value) value.Value {
	if t, ok := parseDateTime(a[0].AsString()); ok {
		return value.Int(int64(t))
	}
	return value.Undefined
}

func dateTimeToTimestamp(_ *env, a []value.Value) value.Value {
	if t, ok := parseDateTime(a[0].AsString()); ok {
		return timestamp(t)
	}
	return value.Undefined
}

func ticksToDateTime(_ *env, a []value.Value) value.Value {
	n, _ := a[0].AsInt()
	return moment(ticks(n), true)
}

// Through span, which sees to it that the multiplication cannot overflow.
func timestampToDateTime(_ *env, a []value.Value) value.Value {
	n, _ := a[0].AsInt()
	return moment(unit{size: perMillisecond}.span(n))
}

func dateTimeFormat(e *env, a []value.Value) value.Value {
	t, ok := parseDateTime(a[0].AsString())
	if !ok {
		return value.Undefined
	}
	return e.str(formatDateTime(t, a[1].AsString()))
}

// formats are the runs of one letter that stand for a part of a moment, as a layout of package time. H alone is
// missing: package time has no hour of a day without a leading zero.
var formats = map[string]string{
	"yyyy": "2006", "yy": "06", "MM": "01", "M": "1", "dd": "02", "d": "2",
	"HH": "15", "hh": "03", "h": "3", "mm": "04", "m": "4", "ss": "05", "s": "5", "tt": "PM",
}

// formatDateTime writes t by a format like .NET's custom ones. Everything it does not know is copied. Uncertain in
// the service, which documents its format language by samples only. Here mm is the minute, while as a part name it is
// the month (COSMOS_SQL.md 8.4).
func formatDateTime(t ticks, format string) string {
	at := t.time()
	fraction := at.Format(".0000000")[1:]
	var out strings.Builder
	for format != "" {
		run := leadingRun(format)
		layout, known := formats[run]
		switch {
		case format[0] == '\\' && len(format) > 1:
			run = format[:2]
			out.WriteByte(format[1])
		case known:
			out.WriteString(at.Format(layout))
		case run == "H":
			out.WriteString(strings.TrimPrefix(at.Format("15"), "0"))
		// f keeps zeros, F drops those at the end: for a whole second .fff is .000 and .FFF a lone point (published
		// samples).
		case run[0] == 'f' && len(run) <= len(fraction):
			out.WriteString(fraction[:len(run)])
		case run[0] == 'F' && len(run) <= len(fraction):
			out.WriteString(strings.TrimRight(fraction[:len(run)], "0"))
		default:
			out.WriteString(run)
		}
		format = format[len(run):]
	}
	return out.String()
}

// leadingRun returns the longest run of one byte that s begins with.
func leadingRun(s string) string {
	n := 1
	for n < len(s) && s[n] == s[0] {
		n++
	}
	return s[:n]
}
