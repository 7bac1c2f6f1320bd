package rawjson

import (
	"bytes"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// CheckObject checks in one pass that text is a JSON object and nothing else, and finds its member called name: the
// last one, if there are several; value is nil if there is none. What is valid is what package jsontext takes with
// duplicate names allowed, whose check followed by a search takes twice as long (BenchmarkCheckObject).
func CheckObject(text []byte, name string) (value []byte, valid bool) {
	if !utf8.Valid(text) {
		return nil, false
	}
	end, ok := ScanObject(text, space(text, 0), func(begin, end, i int) (int, bool) {
		behind, ok := scan(text, i, maxDepth-1)
		if ok && NameIs(text[begin:end], name) {
			value = text[i:behind]
		}
		return behind, ok
	})
	if !ok || space(text, end) != len(text) || !pairs(text) {
		return nil, false
	}
	return value, true
}

// pairs reports whether the escaped surrogates of a text, which is valid otherwise, come in pairs. Few texts have any.
func pairs(text []byte) bool {
	for rest := text; ; rest = rest[2:] {
		at := bytes.IndexByte(rest, '\\')
		if at < 0 || at+2 >= len(rest) {
			return true
		}
		if rest = rest[at:]; rest[1] == 'u' && rest[2]|0x20 == 'd' {
			return jsontext.Value(text).IsValid(jsontext.AllowDuplicateNames(true))
		}
	}
}
