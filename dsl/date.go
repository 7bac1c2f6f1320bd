package dsl

import (
	"fmt"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Unit is a part of a date and time, for [DatePart] and its siblings.
type Unit string

// The units that Cosmos SQL knows.
const (
	Year        Unit = "yyyy"
	Month       Unit = "mm"
	Day         Unit = "dd"
	Hour        Unit = "hh"
	Minute      Unit = "mi"
	Second      Unit = "ss"
	Millisecond Unit = "ms"
	Microsecond Unit = "mcs"
	Nanosecond  Unit = "ns"
)

// literal writes the unit as a string; it is a name, not a value.
func (u Unit) literal() string {
	return nosql.SingleQuoted(string(u))
}

// In the functions below t is the text of an expression, or a [Sqlizer]: dates are strings in ISO 8601.

// DatePart is one unit of t as a number: the 3 of a March.
func DatePart(u Unit, t any) Sqlizer { return Call("DateTimePart", u.literal(), t) }

// DateAdd is t moved by n units.
func DateAdd(u Unit, n int, t any) Sqlizer {
	return Call("DateTimeAdd", u.literal(), Value(n), t)
}

// DateDiff is the number of boundaries of the unit between start and end: a year between New Year's Eve and New Year.
func DateDiff(u Unit, start, end any) Sqlizer { return Call("DateTimeDiff", u.literal(), start, end) }

// DateBin is t rounded down to a multiple of n units since 1970, of a day at most.
func DateBin(u Unit, n int, t any) Sqlizer {
	if u == Year || u == Month {
		return failed{fmt.Errorf("cosmos: dsl: DateBin knows no bins of unit %q", u)}
	}
	return Call("DateTimeBin", t, u.literal(), Value(n))
}
