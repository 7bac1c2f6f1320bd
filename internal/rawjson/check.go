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
	i := space(text, 0)
	if i == len(text) || text[i] != '{' || !utf8.Valid(text) {
		return nil, false
	}
	if i = space(text, i+1); i < len(text) && text[i] == '}' {
		return nil, space(text, i+1) == len(text)
	}
	for {
		if i >= len(text) || text[i] != '"' {
			return nil, false
		}
		end, ok := ScanString(text, i)
		if !ok {
			return nil, false
		}
		member := text[i+1 : end-1]
		if i = space(text, end); i >= len(text) || text[i] != ':' {
			return nil, false
		}
		i = space(text, i+1)
		if end, ok = scan(text, i, maxDepth-1); !ok {
			return nil, false
		}
		if NameIs(member, name) {
			value = text[i:end]
		}
		if i = space(text, end); i >= len(text) {
			return nil, false
		}
		switch text[i] {
		case '}':
			return value, space(text, i+1) == len(text) && pairs(text)
		case ',':
			i = space(text, i+1)
		default:
			return nil, false
		}
	}
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
