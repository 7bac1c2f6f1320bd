package eval

import (
	"strings"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/value"
)

// search is for tests of one string against another that can ignore case.
func search(test func(s, t string) bool) body {
	return func(_ *env, a []value.Value) value.Value {
		s, t := a[0].AsString(), a[1].AsString()
		if len(a) == 3 && a[2].IsTrue() {
			s, t = foldCase(s), foldCase(t)
		}
		return value.Bool(test(s, t))
	}
}

// containsMany is OR of CONTAINS when true decides, AND when false does. Three-valued, as ARRAY_CONTAINS_ANY and
// ARRAY_CONTAINS_ALL are.
func containsMany(decides, ignoreCase bool) body {
	return func(_ *env, a []value.Value) value.Value {
		s := a[0].AsString()
		if ignoreCase {
			s = foldCase(s)
		}
		result := value.Bool(!decides)
		for _, v := range a[1:] {
			t := v.AsString()
			if ignoreCase {
				t = foldCase(t)
			}
			switch {
			case !v.IsDefined():
				result = value.Undefined
			case strings.Contains(s, t) == decides:
				return value.Bool(decides)
			}
		}
		return result
	}
}

// offset returns the byte offset of character n of s, at most len(s). A character has at least a byte, so a number
// beyond the bytes is beyond the characters and needs no counting.
func offset(s string, n int64) int {
	if n >= int64(len(s)) {
		return len(s)
	}
	at := 0
	for ; n > 0 && at < len(s); n-- {
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at
}

// characterPosition turns the byte offset that an index function found into a character position.
func characterPosition(s string, at int) value.Value {
	if at < 0 {
		return value.Int(-1)
	}
	return value.Int(int64(utf8.RuneCountInString(s[:at])))
}

// indexOf takes a negative start for 0, and finds nothing from a start beyond the end. Uncertain in the service.
func indexOf(_ *env, a []value.Value) value.Value {
	s, from := a[0].AsString(), 0
	if len(a) == 3 {
		start, _ := a[2].AsInt()
		if from = offset(s, start); start > int64(utf8.RuneCountInString(s)) {
			return value.Int(-1)
		}
	}
	at := strings.Index(s[from:], a[1].AsString())
	if at >= 0 {
		at += from
	}
	return characterPosition(s, at)
}

// lastIndexOf takes a start as the last position that a match may cover. .NET's rule: LASTINDEXOF("abcdeabc", "abc",
// 6) is 0 and with 7 it is 5 (published sample).
func lastIndexOf(_ *env, a []value.Value) value.Value {
	s := a[0].AsString()
	within := s
	if len(a) == 3 {
		last, _ := a[2].AsInt()
		if last < 0 {
			return value.Int(-1)
		}
		if last < int64(len(s)) { // so that adding 1 cannot overflow
			within = s[:offset(s, last+1)]
		}
	}
	return characterPosition(s, strings.LastIndex(within, a[1].AsString()))
}
