package value

import (
	"bytes"
	"strings"
)

// AppendDocument appends v as the service stores it: like [AppendJSON], but numbers and strings in the parts whose text
// is at hand are written anew, so that 1.0 becomes 1 wherever it stands.
func AppendDocument(dst []byte, v Value) []byte {
	switch v.kind {
	case KindArray:
		if raw := v.text(); raw != "" {
			return appendCanonical(dst, raw)
		}
		dst = append(dst, '[')
		for i, e := range v.elems() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendDocument(dst, e)
		}
		return append(dst, ']')
	case KindObject:
		if o := (*object)(v.ptr); o.raw != "" {
			return appendCanonical(dst, o.raw)
		}
		dst = append(dst, '{')
		for i, m := range v.members() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, m.Name), ':')
			dst = AppendDocument(dst, m.Value)
		}
		return append(dst, '}')
	}
	return AppendJSON(dst, v)
}

// appendCanonical copies a compact text of valid JSON, but for what would be written in another way.
func appendCanonical(dst []byte, text string) []byte {
	done := 0
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '"':
			end, escaped := i+1, false
			for text[end] != '"' {
				if text[end] == '\\' {
					escaped = true
					end++
				}
				end++
			}
			if escaped {
				dst = append(dst, text[done:i]...)
				dst = appendString(dst, unescape(text[i+1:end]))
				done = end + 1
			}
			i = end + 1
		case c == '-' || '0' <= c && c <= '9':
			end := i + 1
			for end < len(text) && strings.IndexByte("0123456789.eE+-", text[end]) >= 0 {
				end++
			}
			if !canonical(text[i:end]) {
				dst = append(dst, text[done:i]...)
				dst = appendNumber(dst, number(text[i:end]))
				done = end
			}
			i = end
		default:
			i++
		}
	}
	return append(dst, text[done:]...)
}

// canonical reports whether a number is certainly written as [AppendFloat] or an integer would be. It spares reading
// most numbers.
func canonical(text string) bool {
	digits := strings.TrimPrefix(text, "-")
	if len(digits) > fewDigits || text == "-0" {
		return false
	}
	point := strings.IndexByte(digits, '.')
	if strings.IndexByte(digits, 'e') >= 0 || strings.IndexByte(digits, 'E') >= 0 {
		return false
	}
	return point < 0 || digits[len(digits)-1] != '0' && !strings.HasPrefix(digits, "0.000")
}

// AppendWide appends the text of a stored document as reads and writes of one answer it: their exponents have at least
// three digits, 1e+019, where queries have two. It reports whether there were any; if not, dst is given back as it was.
func AppendWide(dst []byte, text []byte) (wide []byte, any bool) {
	if !bytes.Contains(text, []byte("e+")) && !bytes.Contains(text, []byte("e-")) {
		return dst, false // as nearly every document
	}
	done, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			inString = !inString
		case inString && c == '\\':
			i++
		// no letter of true, false and null
		case !inString && c == 'e' && i+1 < len(text) && (text[i+1] == '+' || text[i+1] == '-'):
			digits := i + 2
			end := digits
			for end < len(text) && '0' <= text[end] && text[end] <= '9' {
				end++
			}
			if end-digits < 3 {
				dst = append(dst, text[done:digits]...)
				dst = append(dst, '0')
				done = digits
			}
			i = end - 1
		}
	}
	if done == 0 {
		return dst, false
	}
	return append(dst, text[done:]...), true
}
