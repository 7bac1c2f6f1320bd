package value

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// AppendJSON appends v to dst as compact JSON. Arrays and objects that still have their text are copied from it.
// Numbers that JSON cannot say, see [Finite], become the strings "NaN", "Infinity" and "-Infinity".
// Undefined appends nothing.
func AppendJSON(dst []byte, v Value) []byte {
	switch v.kind {
	case KindNull:
		return append(dst, "null"...)
	case KindBool:
		return strconv.AppendBool(dst, v.num != 0)
	case KindNumber:
		return appendNumber(dst, v)
	case KindString:
		if v.flag&plain != 0 {
			dst = append(dst, '"')
			dst = append(dst, v.AsString()...)
			return append(dst, '"')
		}
		return appendString(dst, v.AsString())
	case KindArray:
		return appendArray(dst, (*array)(v.ptr))
	case KindObject:
		return appendObject(dst, (*object)(v.ptr))
	default:
		return dst
	}
}

// Finite reports whether JSON can say every number in v: none is NaN or infinite.
func Finite(v Value) bool {
	switch v.kind {
	case KindNumber:
		return v.flag&isInt != 0 || !math.IsNaN(math.Float64frombits(v.num)) && !math.IsInf(math.Float64frombits(v.num), 0)
	case KindArray:
		a := (*array)(v.ptr)
		for i := 0; a.raw == "" && i < len(a.elems); i++ {
			if !Finite(a.elems[i]) {
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

func appendArray(dst []byte, a *array) []byte {
	if a.raw != "" {
		return append(dst, a.raw...)
	}
	dst = append(dst, '[')
	first := true
	for _, e := range a.elems {
		if !e.IsDefined() {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = AppendJSON(dst, e)
	}
	return append(dst, ']')
}

func appendObject(dst []byte, o *object) []byte {
	if o.raw != "" {
		return append(dst, o.raw...)
	}
	dst = append(dst, '{')
	first := true
	for i := range o.members {
		m := &o.members[i]
		if !m.Value.IsDefined() {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendString(dst, m.Name)
		dst = append(dst, ':')
		dst = AppendJSON(dst, m.Value)
	}
	return append(dst, '}')
}

func appendNumber(dst []byte, v Value) []byte {
	if v.flag&isInt != 0 {
		return strconv.AppendInt(dst, int64(v.num), 10)
	}
	f := math.Float64frombits(v.num)
	switch {
	case math.IsNaN(f):
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	case f == 0: // of either sign, as JavaScript writes it
		return append(dst, '0')
	}
	return appendFloat(dst, f)
}

// appendFloat appends the shortest text that reads back as the finite number f, in the form JavaScript and
// encoding/json use: an exponent only below 1e-6 and from 1e21 on.
func appendFloat(dst []byte, f float64) []byte {
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	if n := len(dst); format == 'e' && n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 is e-9
		dst = dst[:n-1]
	}
	return dst
}

const hexDigits = "0123456789abcdef"

// appendString appends s quoted. Only what JSON requires is escaped; invalid UTF-8 becomes U+FFFD.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = append(dst, s[done:i]...)
				dst = append(dst, "\ufffd"...)
				done = i + 1
			}
			i += n
			continue
		}
		i++
		if !ends[c] {
			continue
		}
		dst = append(dst, s[done:i-1]...)
		done = i
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, `\u00`...)
			dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
		}
	}
	dst = append(dst, s[done:]...)
	return append(dst, '"')
}
