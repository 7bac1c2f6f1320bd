package rawjson

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// Unquote decodes the inside of a string literal, that is, the literal without its quotes. Half a surrogate pair
// becomes U+FFFD, as encoding/json does it.
func Unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	out := appendUnquoted(make([]byte, 0, len(raw)), raw)
	return unsafe.String(unsafe.SliceData(out), len(out)) // nobody writes to it any more: a copy would be one too many
}

// appendUnquoted appends what [Unquote] makes of raw.
func appendUnquoted(out, raw []byte) []byte {
	for len(raw) > 0 {
		run := bytes.IndexByte(raw, '\\')
		if run < 0 {
			return append(out, raw...)
		}
		out, raw = append(out, raw[:run]...), raw[run:]
		var piece [utf8.UTFMax]byte
		n, width := next(raw, &piece)
		out, raw = append(out, piece[:n]...), raw[width:]
	}
	return out
}

// AppendString appends what [String] makes of a string literal, and nothing of any other value.
func AppendString(out, value []byte) []byte {
	raw, _ := inside(value)
	return appendUnquoted(out, raw)
}

// String decodes a string literal, quotes included. It reports false for any other value.
func String(value []byte) (string, bool) {
	raw, ok := inside(value)
	return Unquote(raw), ok
}

// inside is what stands between the quotes of a string literal; false for any other value.
func inside(value []byte) ([]byte, bool) {
	i := space(value, 0)
	if i == len(value) || value[i] != '"' {
		return nil, false
	}
	return value[i+1 : max(i+1, skipString(value, i)-1)], true
}

// NameIs reports whether raw, the inside of a string literal, decodes to name.
func NameIs(raw []byte, name string) bool {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw) == name
	}
	for len(raw) > 0 {
		var piece [utf8.UTFMax]byte
		n, width := next(raw, &piece)
		if len(name) < n || string(piece[:n]) != name[:n] {
			return false
		}
		name = name[n:]
		raw = raw[width:]
	}
	return name == ""
}

// next decodes the first byte or escape of raw, which is not empty, into piece. It returns how many bytes it wrote
// and how many of raw it read.
func next(raw []byte, piece *[utf8.UTFMax]byte) (n, width int) {
	if raw[0] != '\\' || len(raw) == 1 {
		piece[0] = raw[0]
		return 1, 1
	}
	switch c := raw[1]; c {
	case 'b':
		piece[0] = '\b'
	case 'f':
		piece[0] = '\f'
	case 'n':
		piece[0] = '\n'
	case 'r':
		piece[0] = '\r'
	case 't':
		piece[0] = '\t'
	case 'u':
		r, ok := hex4(raw[2:])
		if !ok {
			return 0, len(raw)
		}
		width = 6
		if utf16.IsSurrogate(r) {
			low := rune(-1)
			if len(raw) > 7 && raw[6] == '\\' && raw[7] == 'u' {
				low, _ = hex4(raw[8:])
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				width = 12
			}
		}
		return utf8.EncodeRune(piece[:], r), width
	default: // " \ /
		piece[0] = c
	}
	return 1, 2
}

// hex4 reads four hexadecimal digits.
func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return -1, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return -1, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
