package eval

import (
	"math"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// The default is the word undefined, which is a literal of the language.
func literal(x *nosql.Literal) value.Value {
	switch x.Kind {
	case nosql.Null:
		return value.Null
	case nosql.True:
		return value.True
	case nosql.False:
		return value.False
	case nosql.Number:
		return number(x.Text)
	case nosql.String:
		return value.String(x.Text)
	default:
		return value.Undefined
	}
}

// number reads a number as the query text has it: decimal, hexadecimal, NaN or Infinity. Integers that fit 64 bits
// stay exact.
func number(text string) value.Value {
	switch text {
	// The documentation uses NaN and Infinity as constants, and the client libraries print them so.
	case "NaN":
		return value.Float(math.NaN())
	case "Infinity":
		return value.Float(math.Inf(1))
	case "-Infinity":
		return value.Float(math.Inf(-1))
	}
	if hex, ok := cutHex(text); ok {
		if n, err := strconv.ParseInt(hex, 16, 64); err == nil {
			return value.Int(n)
		}
		// A p0 exponent makes ParseFloat take it; too many digits give infinity.
		f, _ := strconv.ParseFloat("0x"+hex+"p0", 64)
		return value.Float(f)
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return value.Int(n)
	}
	// The lexer has checked the form; what is left is a number too large, for which ParseFloat gives infinity beside
	// its error; a result cannot have that.
	f, _ := strconv.ParseFloat(text, 64)
	return value.Float(f)
}

// The documentation allows hexadecimal, the published grammar does not have it (COSMOS_SQL.md, U24).
func cutHex(text string) (string, bool) {
	if hex, ok := strings.CutPrefix(text, "0x"); ok {
		return hex, true
	}
	return strings.CutPrefix(text, "0X")
}
