package value

import (
	"math"
	"strconv"
	"unsafe"
)

// number reads a valid JSON number. Integers of 64 bits stay exact; those beyond int64 are doubles to everything but
// [AppendJSON], which writes what was read.
func number(s string) Value {
	digits, negative := s, false
	if s[0] == '-' {
		digits, negative = s[1:], true
	}
	if len(digits) <= 18 {
		n := int64(0)
		for i := 0; i < len(digits); i++ {
			c := digits[i] - '0'
			if c > 9 {
				return float(s)
			}
			n = n*10 + int64(c)
		}
		switch {
		case !negative:
			return Int(n)
		case n != 0: // -0 is a float
			return Int(-n)
		}
		return float(s)
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return Int(n)
	}
	v := float(s)
	if n, err := strconv.ParseUint(s, 10, 64); err == nil {
		v.ptr = unsafe.Pointer(&n)
	}
	return v
}

func float(s string) Value {
	f, _ := strconv.ParseFloat(s, 64) // the scanner has refused what is out of range
	return Float(f)
}

// Rounded returns v as a query's projection gives it: an integer beyond int64 as the double that it is in every
// computation. Other values stay what they are.
func (v Value) Rounded() Value {
	if v.kind == KindNumber {
		v.ptr = nil
	}
	return v
}

// Finite reports whether JSON can say every number in v: none is NaN or infinite.
func Finite(v Value) bool {
	switch v.kind {
	case KindNumber:
		return v.flag&isInt != 0 || !math.IsNaN(math.Float64frombits(v.num)) &&
			!math.IsInf(math.Float64frombits(v.num), 0)
	case KindArray:
		if v.text() != "" {
			return true
		}
		for _, e := range v.elems() {
			if !Finite(e) {
				return false
			}
		}
	case KindObject:
		o := (*object)(v.ptr)
		for i := 0; o.raw == "" && i < len(o.members); i++ {
			if !Finite(o.members[i].Value) {
				return false
			}
		}
	}
	return true
}

func appendNumber(dst []byte, v Value) []byte {
	switch {
	case v.flag&isInt != 0:
		return strconv.AppendInt(dst, int64(v.num), 10)
	case v.ptr != nil:
		return strconv.AppendUint(dst, *(*uint64)(v.ptr), 10)
	}
	f := math.Float64frombits(v.num)
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	return AppendFloat(dst, f)
}

const (
	fewDigits    = 15 // any decimal of so many digits survives being a double
	manyDigits   = 17 // any double survives being so many digits
	leastPlain   = 1e-4
	mostPlain    = 1e15
	leastNormal  = 0x1p-1022
	mostInteger  = 1 << 53
	exponentSize = len("e-05")
)

// AppendFloat appends the finite number f as the service writes it: with 15 digits where they read back as f, else with
// 17, and with an exponent of at least two digits where C's %g has one. Whole numbers below 2^53 have none, so that
// they can be read as integers.
func AppendFloat(dst []byte, f float64) []byte {
	abs := math.Abs(f)
	start := len(dst)
	switch {
	case f == 0: // of either sign
		return append(dst, '0')
	case abs < mostInteger && f == math.Trunc(f):
		return strconv.AppendInt(dst, int64(f), 10)
	case abs < leastNormal:
		dst = strconv.AppendFloat(dst, f, 'g', fewDigits, 64)
		if back, err := strconv.ParseFloat(string(dst[start:]), 64); err == nil && back == f {
			return dst
		}
	case leastPlain <= abs && abs < mostPlain:
		if dst = strconv.AppendFloat(dst, f, 'f', -1, 64); significant(dst[start:]) <= fewDigits {
			return dst
		}
	default:
		if dst = strconv.AppendFloat(dst, f, 'e', -1, 64); significant(dst[start:len(dst)-exponentSize]) <= fewDigits {
			return dst
		}
	}
	return strconv.AppendFloat(dst[:start], f, 'g', manyDigits, 64)
}

// significant counts the digits of a number from the first that is not 0.
func significant(text []byte) int {
	n := 0
	for _, c := range text {
		if '1' <= c && c <= '9' || n > 0 && c == '0' {
			n++
		}
	}
	return n
}
