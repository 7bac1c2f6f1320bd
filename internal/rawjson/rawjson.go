// Package rawjson reads JSON text that is already known to be valid, without decoding it and without allocating.
//
// Everything it hands out is a piece of the text it was given. Text that is not valid JSON never makes it panic; what
// it then finds is unspecified.
package rawjson

import (
	"encoding/binary"
	"iter"
	"math/bits"
)

// Members yields the members of a JSON object in the order of the text: the name as the text writes it, without its
// quotes (see [Unquote]), and the text of the value. It yields nothing for text that is not an object.
func Members(obj []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		i := space(obj, 0)
		if i == len(obj) || obj[i] != '{' {
			return
		}
		for {
			i = space(obj, i+1)
			if i == len(obj) || obj[i] != '"' {
				return
			}
			end := skipString(obj, i)
			name := obj[i+1 : max(i+1, end-1)]
			i = space(obj, end)
			if i == len(obj) || obj[i] != ':' {
				return
			}
			i = space(obj, i+1)
			end = skip(obj, i)
			if end == i || !yield(name, obj[i:end]) {
				return
			}
			i = space(obj, end)
			if i == len(obj) || obj[i] != ',' {
				return
			}
		}
	}
}

// Elements yields the texts of the elements of a JSON array, and nothing for text that is not an array.
func Elements(arr []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		i := space(arr, 0)
		if i == len(arr) || arr[i] != '[' {
			return
		}
		for {
			i = space(arr, i+1)
			end := skip(arr, i)
			if end == i || !yield(arr[i:end]) {
				return
			}
			i = space(arr, end)
			if i == len(arr) || arr[i] != ',' {
				return
			}
		}
	}
}

// Get returns the text of the value that path, a list of decoded member names, leads to from obj. Where a name occurs
// twice the last one counts, as it does for every decoder. An empty path leads to obj itself.
func Get(obj []byte, path ...string) ([]byte, bool) {
	for _, want := range path {
		found := false
		var next []byte
		for name, value := range Members(obj) {
			if NameIs(name, want) {
				next, found = value, true
			}
		}
		if !found {
			return nil, false
		}
		obj = next
	}
	return obj, true
}

// Kind tells what kind of value the text is: '{', '[', '"', 't', 'f', 'n', or '0' for every number; 0 if there is none.
func Kind(value []byte) byte {
	i := space(value, 0)
	if i == len(value) {
		return 0
	}
	switch c := value[i]; c {
	case '{', '[', '"', 't', 'f', 'n':
		return c
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return '0'
	}
	return 0
}

// space returns the index of the first byte at or after i that is not white space.
func space(b []byte, i int) int {
	for i < len(b) && b[i] <= ' ' && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

// skip returns the index behind the value that starts at i, or i if no value starts there.
func skip(b []byte, i int) int {
	if i >= len(b) {
		return i
	}
	switch b[i] {
	case '"':
		return skipString(b, i)
	case '{', '[':
		return skipNested(b, i)
	}
	for i < len(b) {
		switch b[i] {
		case ',', ']', '}', ':', ' ', '\n', '\r', '\t':
			return i
		}
		i++
	}
	return i
}

// skipNested returns the index behind the object or array that starts at i.
func skipNested(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch structural[b[i]] {
		case 0:
			i++
		case quote:
			i = skipString(b, i)
		case opening:
			depth++
			i++
		case closing:
			i++
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// What a byte between values means to skipNested.
const (
	quote = 1 + iota
	opening
	closing
)

var structural = [256]byte{'"': quote, '{': opening, '[': opening, '}': closing, ']': closing}

// skipString returns the index behind the string literal whose opening quote is at i.
func skipString(b []byte, i int) int {
	for i++; ; i += 2 {
		if i = special(b, i); i >= len(b) {
			return len(b)
		}
		if b[i] == '"' {
			return i + 1
		}
	}
}

// special returns the index of the first quote or backslash at or after i, or len(b) or more. Most strings are short:
// that is when it is faster than [bytes.IndexByte].
func special(b []byte, i int) int {
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		quotes, slashes := x^(ones*'"'), x^(ones*'\\')
		if found := ((quotes-ones)&^quotes | (slashes-ones)&^slashes) & high; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(b) && b[i] != '"' && b[i] != '\\' {
		i++
	}
	return i
}

// Every byte of a word is 1, or has its highest bit alone.
const ones, high = 0x0101010101010101, 0x8080808080808080
