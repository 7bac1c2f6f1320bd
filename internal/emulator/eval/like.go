package eval

import (
	"strings"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// NOT LIKE is the negation of a boolean, so a property that is missing is excluded by both (COSMOS_SQL.md 4.7). A
// pattern that is constant is read once.
func (c *compiler) like(s *scope, x *nosql.Like) node {
	text, with := c.expr(s, x.X), c.expr(s, x.Pattern)
	escape := utf8.RuneError
	if x.Escape != nil {
		var n int
		// Uncertain in the service: an ESCAPE of another length than one character.
		if escape, n = utf8.DecodeRuneInString(x.Escape.Text); n == 0 || n != len(x.Escape.Text) {
			return c.fail("", x.Escape.Span, "The ESCAPE clause of LIKE must be a string of one character.")
		}
	}
	find := func(e *env, v value.Value) *pattern { return e.pattern(v.AsString(), escape) }
	if with.known && with.val.Kind() == value.KindString {
		p := newPattern(with.val.AsString(), escape)
		find = func(*env, value.Value) *pattern { return p }
	}
	return c.pure(func(e *env) value.Value {
		v, w := text.eval(e), with.eval(e)
		if v.Kind() != value.KindString || w.Kind() != value.KindString {
			return value.Undefined
		}
		return value.Bool(find(e, w).matches(v.AsString()) != x.Not)
	}, text, with)
}

// pattern is a LIKE pattern: pieces that must follow each other, with any text at the gaps between them. A pattern
// without % is a single piece. A translation to a regular expression would be shorter, and slower where it matters:
// 'text%' and '%text%' are what most users write.
type pattern struct {
	pieces []piece
}

// piece is a run of the pattern between two %. Nearly all pieces are plain text, which package strings finds faster
// than any loop over sets.
type piece struct {
	text  string // what it matches, if it has no wildcard
	chars []charSet
}

// charSet matches one character: those of ranges, or all others if not is set. Without ranges _ has not set.
type charSet struct {
	not    bool
	ranges []rune // low, high, low, high, …
}

func (s charSet) has(r rune) bool {
	for i := 0; i < len(s.ranges); i += 2 {
		if s.ranges[i] <= r && r <= s.ranges[i+1] {
			return !s.not
		}
	}
	return s.not
}

// maxPatterns bounds the patterns that one run remembers, where a document supplies them. When it is full all are
// forgotten: patterns of documents hardly repeat then.
const maxPatterns = 256

// The escape is part of the key, as the same text means something else with another.
func (e *env) pattern(text string, escape rune) *pattern {
	key := text + string(escape)
	if p := e.patterns[key]; p != nil {
		return p
	}
	if e.patterns == nil || len(e.patterns) >= maxPatterns {
		e.patterns = make(map[string]*pattern)
	}
	p := newPattern(text, escape)
	e.patterns[key] = p
	return p
}

func newPattern(text string, escape rune) *pattern {
	p := &pattern{}
	var chars []charSet
	// Looking for it at every [ would take time that grows with the square of the pattern's length.
	end := len(text) - strings.LastIndexByte(text, ']') // a [ with at most so much text left has no ] behind it
	for len(text) > 0 {
		r, n := utf8.DecodeRuneInString(text)
		switch {
		// The character after it stands for itself, whatever it is: the planner makes an equality of 'a!%' ESCAPE
		// '!'. At the very end it escapes nothing and is itself. A pattern without ESCAPE has RuneError here, which
		// an invalid byte of the text must not be taken for.
		case r == escape && escape != utf8.RuneError && len(text) > n:
			text = text[n:]
			r, n = utf8.DecodeRuneInString(text)
			chars = append(chars, charSet{ranges: []rune{r, r}})
		case r == '%':
			p.pieces = append(p.pieces, newPiece(chars))
			chars = nil
		case r == '_':
			chars = append(chars, charSet{not: true})
		// A wildcard in brackets is literal, [%] (documentation); a lone ] is too.
		case r == '[' && len(text) > end:
			if set, m := bracket(text); m > 0 {
				chars, n = append(chars, set), m
				break
			}
			fallthrough
		default:
			chars = append(chars, charSet{ranges: []rune{r, r}})
		}
		text = text[n:]
	}
	p.pieces = append(p.pieces, newPiece(chars))
	return p
}

// bracket reads the [set] that text begins with and returns its length; 0 when no ] ends it, and the [ is a character
// like any other. Ranges are by code point; one whose ends are in the wrong order matches nothing.
func bracket(text string) (set charSet, n int) {
	start := 1
	if strings.HasPrefix(text[start:], "^") {
		set.not = true
		start++
	}
	if start == len(text) {
		return charSet{}, 0
	}
	// A ] that comes first is a member, as in []abc].
	end := strings.IndexByte(text[start+1:], ']')
	if end < 0 {
		return charSet{}, 0
	}
	end += start + 1
	members := []rune(text[start:end])
	for i := 0; i < len(members); i++ {
		low, high := members[i], members[i]
		if i+2 < len(members) && members[i+1] == '-' {
			high = members[i+2]
			i += 2
		}
		set.ranges = append(set.ranges, low, high)
	}
	return set, end + 1
}

// [%] is plain text as well.
func newPiece(chars []charSet) piece {
	var text strings.Builder
	for _, c := range chars {
		if c.not || len(c.ranges) != 2 || c.ranges[0] != c.ranges[1] {
			return piece{chars: chars}
		}
		text.WriteRune(c.ranges[0])
	}
	return piece{text: text.String()}
}

// matches reports whether the whole of s matches. The first piece must match at the beginning and the last at the end.
// Each piece between is taken where it first occurs: that leaves the most text for the others, so no backtracking is
// needed, and every piece is compared at every place at most once.
func (p *pattern) matches(s string) bool {
	first, last := &p.pieces[0], &p.pieces[len(p.pieces)-1]
	n := first.prefix(s)
	if n < 0 {
		return false
	}
	if len(p.pieces) == 1 {
		return n == len(s)
	}
	s = s[n:]
	for i := range p.pieces[1 : len(p.pieces)-1] {
		if s, n = p.pieces[i+1].after(s); n < 0 {
			return false
		}
	}
	return last.suffix(s)
}

// prefix returns the length of what the piece matches at the beginning of s, -1 if it does not.
func (p *piece) prefix(s string) int {
	if p.chars == nil {
		if strings.HasPrefix(s, p.text) {
			return len(p.text)
		}
		return -1
	}
	at := 0
	for i := range p.chars {
		if at == len(s) {
			return -1
		}
		r, n := utf8.DecodeRuneInString(s[at:])
		if !p.chars[i].has(r) {
			return -1
		}
		at += n
	}
	return at
}

// after returns what follows the first occurrence of the piece in s; n is -1 if there is none.
func (p *piece) after(s string) (rest string, n int) {
	if p.chars == nil {
		_, rest, found := strings.Cut(s, p.text)
		if !found {
			return "", -1
		}
		return rest, 0
	}
	for {
		if n := p.prefix(s); n >= 0 {
			return s[n:], 0
		}
		if s == "" {
			return "", -1
		}
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
	}
}

func (p *piece) suffix(s string) bool {
	if p.chars == nil {
		return strings.HasSuffix(s, p.text)
	}
	at := len(s)
	for range p.chars {
		if at == 0 {
			return false
		}
		_, n := utf8.DecodeLastRuneInString(s[:at])
		at -= n
	}
	return p.prefix(s[at:]) == len(s)-at
}
