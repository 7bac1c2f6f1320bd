package eval

import (
	"strings"
	"time"
)

// A ticks is a moment as the service counts it: units of 100 ns since 1970, negative before. A double would not do:
// dates after 1998 exceed 2^53 ticks.
type ticks int64

const (
	perMicrosecond = 10
	perMillisecond = 1_000 * perMicrosecond
	perSecond      = 1_000 * perMillisecond
	perMinute      = 60 * perSecond
	perHour        = 60 * perMinute
	perDay         = 24 * perHour
)

// The years 0001 to 9999 are all there are.
var (
	// A year has four digits in every text of the service; .NET's DateTime has the same range.
	firstTick = ticksOf(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC))
	lastTick  = ticksOf(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)) - 1
)

func ticksOf(t time.Time) ticks {
	return ticks(t.Unix()*perSecond + int64(t.Nanosecond())/100)
}

func (t ticks) time() time.Time {
	seconds := floorDiv(int64(t), perSecond)
	return time.Unix(seconds, (int64(t)-seconds*perSecond)*100).UTC()
}

func (t ticks) valid() bool { return t >= firstTick && t <= lastTick }

// Always seven digits and Z, however few were read: the documentation's form of every result, and the one in which
// texts order as moments do.
func (t ticks) String() string { return t.time().Format("2006-01-02T15:04:05.0000000Z") }

// floorDiv divides rounding down; b is positive. Go rounds toward zero, which would make the parts before 1970 run
// backwards.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - b*floorDiv(a, b) }

// parseDateTime reads a date, a date followed by Z, or a date and a time to the second with up to seven digits of
// fraction and with or without Z. Offsets, times without seconds and eighth digits are not read: the documentation
// has them undefined. Without Z it is UTC all the same (published examples).
func parseDateTime(s string) (ticks, bool) {
	p := digits{s: s}
	year, month, day := p.take(4), p.skip('-').take(2), p.skip('-').take(2)
	var hour, minute, second, fraction int
	if p.s != "" && p.s != "Z" {
		if p.s[0] != 'T' && p.s[0] != ' ' {
			return 0, false
		}
		hour, minute, second = p.skip(p.s[0]).take(2), p.skip(':').take(2), p.skip(':').take(2)
		if strings.HasPrefix(p.s, ".") {
			fraction = p.skip('.').fraction()
		}
	}
	if p.bad || p.s != "" && p.s != "Z" {
		return 0, false
	}
	return fromParts(year, month, day, hour, minute, second, fraction)
}

// fromParts makes a moment of calendar parts, the fraction in ticks; false if there is no such moment. time.Date
// would turn February 30 into March 1; the service has it undefined.
func fromParts(year, month, day, hour, minute, second, fraction int) (ticks, bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, time.Month(month)) ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
		fraction < 0 || fraction >= perSecond {
		return 0, false
	}
	return ticksOf(time.Date(year, time.Month(month), day, hour, minute, second, fraction*100, time.UTC)), true
}

// Day 0 of the next month is the last of this one.
func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// digits reads fixed runs of digits; bad is set once something else stands there.
type digits struct {
	s   string
	bad bool
}

func (p *digits) take(n int) int {
	if len(p.s) < n {
		p.bad = true
		return 0
	}
	value := 0
	for _, c := range []byte(p.s[:n]) {
		if c < '0' || c > '9' {
			p.bad = true
			return 0
		}
		value = value*10 + int(c-'0')
	}
	p.s = p.s[n:]
	return value
}

func (p *digits) skip(c byte) *digits {
	if p.s == "" || p.s[0] != c {
		p.bad = true
		return p
	}
	p.s = p.s[1:]
	return p
}

// fraction reads one to seven digits as ticks.
func (p *digits) fraction() int {
	n := 0
	for n < len(p.s) && p.s[n] >= '0' && p.s[n] <= '9' {
		n++
	}
	if n == 0 || n > 7 {
		p.bad = true
		return 0
	}
	value := p.take(n)
	for ; n < 7; n++ {
		value *= 10
	}
	return value
}
