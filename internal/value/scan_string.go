package value

import (
	"unicode/utf8"
)

// ends marks the bytes at which a run of ordinary string content ends.
var ends = func() (t [256]bool) {
	for c := range 0x20 {
		t[c] = true
	}
	t['"'], t['\\'] = true, true
	return t
}()

func (s *scanner) str() error {
	text, i := s.text, s.pos+1
	t := token{start: uint32(s.pos), kind: tokenString}
	for {
		for i < len(text) && !ends[text[i]] {
			i++
		}
		s.pos = i
		switch {
		case i == len(text):
			return s.fail("string without end")
		case text[i] == '"':
			s.pos++
			t.end = uint32(s.pos)
			s.tokens = append(s.tokens, t)
			return nil
		case text[i] != '\\':
			return s.fail("control character in a string")
		}
		t.flag = escaped
		n := escapeLen(text[i:])
		if n == 0 {
			return s.fail("unknown escape in a string")
		}
		i += n
	}
}

// escapeLen returns the length of the escape that s begins with, 0 if it is none.
func escapeLen(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(s) < 6 {
			return 0
		}
		for _, c := range []byte(s[2:6]) {
			if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
				return 0
			}
		}
		return 6
	}
	return 0
}

// invalidUTF8 returns where a text that is not valid UTF-8 ceases to be.
func invalidUTF8(text string) int {
	at := 0
	for {
		r, n := utf8.DecodeRuneInString(text[at:])
		if r == utf8.RuneError && n <= 1 {
			return at
		}
		at += n
	}
}
