package rawjson

import (
	"encoding/binary"
	"math/bits"
)

// maxDepth is how deeply values may be nested: as deeply as encoding/json allows.
const maxDepth = 10000

// Scan returns the index behind the value that begins at i, and whether it is valid JSON. It checks what encoding/json
// checks, all but UTF-8, in about half the time that jsontext takes (BenchmarkScan).
func Scan(b []byte, i int) (end int, ok bool) { return scan(b, i, maxDepth) }

// Valid reports whether b is one value and nothing but white space around it, by the rules of [Scan].
func Valid(b []byte) bool {
	end, ok := Scan(b, space(b, 0))
	return ok && space(b, end) == len(b)
}

// Space returns the index of the first byte at or after i that is not white space.
func Space(b []byte, i int) int { return space(b, i) }

func scan(b []byte, i, depth int) (int, bool) {
	if i >= len(b) || depth == 0 && (b[i] == '{' || b[i] == '[') {
		return i, false
	}
	switch b[i] {
	case '"':
		return ScanString(b, i)
	case '{':
		return scanObject(b, i, depth-1)
	case '[':
		return scanArray(b, i, depth-1)
	case 't':
		return literal(b, i, "true")
	case 'f':
		return literal(b, i, "false")
	case 'n':
		return literal(b, i, "null")
	}
	return ScanNumber(b, i)
}

func literal(b []byte, i int, word string) (int, bool) {
	end := i + len(word)
	return end, end <= len(b) && string(b[i:end]) == word
}

func scanObject(b []byte, i, depth int) (int, bool) {
	return ScanObject(b, i, func(_, _, i int) (int, bool) { return scan(b, i, depth) })
}

func scanArray(b []byte, i, depth int) (int, bool) {
	return ScanArray(b, i, func(i int) (int, bool) { return scan(b, i, depth) })
}

// ScanObject is [Scan] of an object whose values member scans: it is called for each of them, with where the inside of
// the name begins and ends and where the value begins, and returns the index behind it.
func ScanObject(b []byte, i int, member func(begin, end, i int) (int, bool)) (int, bool) {
	if i >= len(b) || b[i] != '{' {
		return i, false
	}
	if i = space(b, i+1); i < len(b) && b[i] == '}' {
		return i + 1, true
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return i, false
		}
		begin := i + 1
		end, ok := ScanString(b, i)
		if !ok {
			return end, false
		}
		if i = space(b, end); i >= len(b) || b[i] != ':' {
			return i, false
		}
		if i, ok = member(begin, end-1, space(b, i+1)); !ok {
			return i, false
		}
		if i = space(b, i); i >= len(b) {
			return i, false
		}
		switch b[i] {
		case '}':
			return i + 1, true
		case ',':
			i = space(b, i+1)
		default:
			return i, false
		}
	}
}

// ScanArray is [Scan] of an array whose elements element scans: it is called with where each begins, and returns the
// index behind it.
func ScanArray(b []byte, i int, element func(i int) (int, bool)) (int, bool) {
	if i >= len(b) || b[i] != '[' {
		return i, false
	}
	if i = space(b, i+1); i < len(b) && b[i] == ']' {
		return i + 1, true
	}
	for {
		var ok bool
		if i, ok = element(i); !ok {
			return i, false
		}
		if i = space(b, i); i >= len(b) {
			return i, false
		}
		switch b[i] {
		case ']':
			return i + 1, true
		case ',':
			i = space(b, i+1)
		default:
			return i, false
		}
	}
}

// ScanNumber is [Scan] of a number.
func ScanNumber(b []byte, i int) (int, bool) {
	if i < len(b) && b[i] == '-' {
		i++
	}
	switch {
	case i >= len(b):
		return i, false
	case b[i] == '0':
		i++
	case '1' <= b[i] && b[i] <= '9':
		i = digits(b, i)
	default:
		return i, false
	}
	if i < len(b) && b[i] == '.' {
		end := digits(b, i+1)
		if end == i+1 {
			return end, false
		}
		i = end
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		end := digits(b, i)
		return end, end > i
	}
	return i, true
}

func digits(b []byte, i int) int {
	for i < len(b) && '0' <= b[i] && b[i] <= '9' {
		i++
	}
	return i
}

// ScanString is [Scan] of the string whose opening quote stands at i.
func ScanString(b []byte, i int) (int, bool) {
	for i++; ; {
		if i = notable(b, i); i >= len(b) {
			return i, false
		}
		switch b[i] {
		case '"':
			return i + 1, true
		case '\\':
			var ok bool
			if i, ok = escape(b, i+1); !ok {
				return i, false
			}
		default:
			return i, false
		}
	}
}

// notable returns the index of the first byte at or after i that is a quote, a backslash or below the blank; len(b) if
// there is none.
func notable(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		// With its second bit turned a byte is below '!' where it was below the blank, or the quote.
		low, slashes := x^(ones*2), x^(ones*'\\')
		if found := ((low-ones*'!')&^low | (slashes-ones)&^slashes) & high; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' && b[i] >= ' ' {
		i++
	}
	return i
}

// escape returns the index behind the escape whose backslash stands before i.
func escape(b []byte, i int) (int, bool) {
	if i >= len(b) {
		return i, false
	}
	switch b[i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 1, true
	case 'u':
		_, ok := hex4(b[i+1:])
		return i + 5, ok
	}
	return i, false
}
