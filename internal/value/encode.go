package value

import (
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
		return appendArray(dst, v)
	case KindObject:
		return appendObject(dst, (*object)(v.ptr))
	default:
		return dst
	}
}

func appendArray(dst []byte, v Value) []byte {
	if raw := v.text(); raw != "" {
		return append(dst, raw...)
	}
	dst = append(dst, '[')
	first := true
	for _, e := range v.elems() {
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
