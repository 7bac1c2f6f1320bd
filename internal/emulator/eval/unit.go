package eval

import (
	"strings"
	"time"
)

// unit is a part of a date or time. size is its length in ticks, 0 for months and years, which have none. Months are
// kept apart since they differ in length: moving by one is arithmetic of the calendar, not of ticks.
type unit struct {
	months  int64
	size    int64
	perTick int64 // how many make a tick; 0 but for nanoseconds, the only unit finer than one
}

var units = map[string]unit{
	"year": {months: 12}, "yyyy": {months: 12}, "yy": {months: 12},
	// mm is always the month, mi or n the minute (documentation).
	"month": {months: 1}, "mm": {months: 1}, "m": {months: 1},
	"day": {size: perDay}, "dd": {size: perDay}, "d": {size: perDay},
	"hour": {size: perHour}, "hh": {size: perHour},
	"minute": {size: perMinute}, "mi": {size: perMinute}, "n": {size: perMinute},
	"second": {size: perSecond}, "ss": {size: perSecond}, "s": {size: perSecond},
	"millisecond": {size: perMillisecond}, "ms": {size: perMillisecond},
	"microsecond": {size: perMicrosecond}, "mcs": {size: perMicrosecond},
	"nanosecond": {size: 1, perTick: 100}, "ns": {size: 1, perTick: 100},
}

// unitOf finds a unit by its name. Uncertain in the service: names in upper case, which are accepted here.
func unitOf(part string) (unit, bool) {
	u, ok := units[strings.ToLower(part)]
	return u, ok
}

// span is n units in ticks; false if that is longer than from the first tick to the last. Bounding n first keeps the
// product from wrapping into a valid span.
func (u unit) span(n int64) (ticks, bool) {
	// Below a tick time is cut off, toward zero; inferred.
	if u.perTick > 0 {
		n /= u.perTick
	}
	limit := int64(lastTick-firstTick) / u.size
	return ticks(n * u.size), n >= -limit && n <= limit
}

// add moves t by n units. Months and years keep the day, or take the last one of a shorter month. January 31 and a
// month is the last of February, as .NET's AddMonths has it; inferred for the service.
func (u unit) add(t ticks, n int64) (ticks, bool) {
	if u.size > 0 {
		d, ok := u.span(n)
		return t + d, ok && (t + d).valid()
	}
	// More months than there are in all years; and the sum cannot overflow.
	if n < -12*9999 || n > 12*9999 {
		return 0, false
	}
	at := t.time()
	months := int64(at.Year())*12 + int64(at.Month()) - 1 + n*u.months
	year, month := int(floorDiv(months, 12)), time.Month(months-floorDiv(months, 12)*12+1)
	if year < 1 || year > 9999 {
		return 0, false
	}
	moved := time.Date(year, month, min(at.Day(), daysIn(year, month)), at.Hour(), at.Minute(), at.Second(),
		at.Nanosecond(), time.UTC)
	return ticksOf(moved), true
}

// diff counts the boundaries of the unit between start and end. The sample of the documentation, 2019-02-04T16:00 to
// 2018-03-05T05:00, is -1 years, -11 months and -8075 hours: boundaries, not lengths.
func (u unit) diff(start, end ticks) int64 {
	if u.size == 0 {
		a, b := start.time(), end.time()
		if u.months == 12 {
			return int64(b.Year() - a.Year())
		}
		return int64(b.Year()-a.Year())*12 + int64(b.Month()-a.Month())
	}
	n := floorDiv(int64(end), u.size) - floorDiv(int64(start), u.size)
	return n * max(1, u.perTick)
}

// part returns the unit's number within t; fractions of a second are counted from its beginning. Of .1301617 seconds
// ms is 130, mcs 130161 and ns 130161700, each of the whole fraction (published example).
func (u unit) part(t ticks) int64 {
	at := t.time()
	switch {
	case u.months == 12:
		return int64(at.Year())
	case u.months == 1:
		return int64(at.Month())
	}
	switch u.size {
	case perDay:
		return int64(at.Day())
	case perHour:
		return int64(at.Hour())
	case perMinute:
		return int64(at.Minute())
	case perSecond:
		return int64(at.Second())
	default:
		return int64(at.Nanosecond()) / 100 / u.size * max(1, u.perTick)
	}
}

// bin rounds t down to a whole number of bins of n units since origin. Bins of nanoseconds may begin between two
// ticks: the result is then the tick before. Before the origin bins go on downwards, which rounding toward zero would
// turn round.
func (u unit) bin(t, origin ticks, n int64) (ticks, bool) {
	if u.perTick > 0 && n > 0 && n < perDay {
		over := floorMod(floorMod(int64(t-origin), n)*u.perTick, n) // the part of a bin that lies before t
		moved := t - ticks((over+u.perTick-1)/u.perTick)
		return moved, moved.valid()
	}
	size, ok := u.span(n)
	if !ok || size <= 0 {
		return 0, false
	}
	moved := origin + ticks(floorDiv(int64(t-origin), int64(size)))*size
	return moved, moved.valid()
}
