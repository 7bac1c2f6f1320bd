package value

import (
	"slices"
	"strconv"
	"unicode/utf8"
)

// token is one value or member name of a text.
type token struct {
	start, end uint32
	count      uint32 // children of an array or object
	kind       tokenKind
	flag       tokenFlag
}

type tokenKind uint8

const (
	tokenString tokenKind = iota
	tokenNumber
	tokenTrue
	tokenFalse
	tokenNull
	tokenArray
	tokenObject
)

type tokenFlag uint8

const (
	escaped  tokenFlag = 1 << iota // a string with a backslash in it
	spaced                         // an array or object with white space between its tokens
	inPacked                       // an array that is read already; count is its place in packed
)

// scanner checks a JSON text and lists its tokens in the order in which they begin.
type scanner struct {
	text   string
	pos    int
	depth  int // levels left
	spaces int // runs of white space seen so far
	tokens []token
	names  *nameCache

	members, elems, objects, arrays int
	packed                          []packed
}

// maxText is what token offsets can address.
const maxText = 1<<32 - 1

func (s *scanner) scan(text string, depth int) error {
	if uint64(len(text)) > maxText {
		return &SyntaxError{Reason: "text longer than 4 GiB"}
	}
	if !utf8.ValidString(text) {
		return &SyntaxError{Offset: invalidUTF8(text), Reason: "invalid UTF-8"}
	}
	s.text, s.depth = text, depth
	s.space()
	if err := s.value(); err != nil {
		return err
	}
	s.space()
	if s.pos < len(text) {
		return s.fail("text after the value")
	}
	return nil
}

func (s *scanner) fail(reason string) error { return &SyntaxError{Offset: s.pos, Reason: reason} }

// peek returns the byte at the position; 0, which no token begins with, at the end.
func (s *scanner) peek() byte {
	if s.pos < len(s.text) {
		return s.text[s.pos]
	}
	return 0
}

func (s *scanner) space() {
	if s.peek() > ' ' { // the usual case, and small enough to be inlined
		return
	}
	s.skipSpace()
}

func (s *scanner) skipSpace() {
	start := s.pos
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\t', '\r', '\n':
			s.pos++
			continue
		}
		break
	}
	if s.pos > start {
		s.spaces++
	}
}

func (s *scanner) value() error {
	switch c := s.peek(); {
	case c == '"':
		return s.str()
	case c == '{':
		return s.object()
	case c == '[':
		return s.array()
	case c == '-' || '0' <= c && c <= '9':
		return s.number()
	case c == 't':
		return s.word("true", tokenTrue)
	case c == 'f':
		return s.word("false", tokenFalse)
	case c == 'n':
		return s.word("null", tokenNull)
	case s.pos == len(s.text):
		return s.fail("unexpected end of text")
	default:
		return s.fail("unexpected " + strconv.QuoteRune(s.rune()))
	}
}

func (s *scanner) rune() rune {
	r, _ := utf8.DecodeRuneInString(s.text[s.pos:])
	return r
}

func (s *scanner) word(w string, k tokenKind) error {
	if len(s.text)-s.pos < len(w) || s.text[s.pos:s.pos+len(w)] != w {
		return s.fail("expected " + w)
	}
	s.pos += len(w)
	s.tokens = append(s.tokens, token{kind: k})
	return nil
}

// open begins an array or object and returns the index of its token.
func (s *scanner) open(k tokenKind) (int, error) {
	if s.depth <= 0 {
		return 0, s.fail("nested too deeply")
	}
	s.depth--
	s.tokens = append(s.tokens, token{start: uint32(s.pos), kind: k})
	s.pos++
	return len(s.tokens) - 1, nil
}

func (s *scanner) close(i, count, spaces int) {
	s.pos++
	s.depth++
	t := &s.tokens[i]
	t.end, t.count = uint32(s.pos), uint32(count)
	if s.spaces != spaces {
		t.flag = spaced
	}
}

func (s *scanner) array() error {
	head, err := s.open(tokenArray)
	if err != nil {
		return err
	}
	spaces, count := s.spaces, 0
	s.space()
	for s.peek() != ']' {
		if count > 0 {
			if s.peek() != ',' {
				return s.fail("expected ',' or ']'")
			}
			s.pos++
			s.space()
		}
		if err := s.value(); err != nil {
			return err
		}
		count++
		s.space()
	}
	s.close(head, count, spaces)
	if count >= packing && s.pack(head) {
		return nil
	}
	s.arrays++
	s.elems += count
	return nil
}

func (t token) isOther() bool { return t.kind != tokenNumber }

// pack reads the array whose tokens begin at head, the last ones, if it is one that is held as doubles.
func (s *scanner) pack(head int) bool {
	t, elems := &s.tokens[head], s.tokens[head+1:]
	if t.flag&spaced != 0 || len(elems) != int(t.count) || slices.ContainsFunc(elems, token.isOther) {
		return false
	}
	numbers := make([]float64, len(elems))
	for i := range elems {
		n := number(s.text[elems[i].start:elems[i].end])
		f := n.AsFloat()
		if unpacked(f).flag != n.flag || f >= mostInteger || f <= -mostInteger {
			return false
		}
		numbers[i] = f
	}
	s.packed = append(s.packed, packed{numbers: numbers, raw: s.text[t.start:t.end]})
	t.flag |= inPacked
	t.count = uint32(len(s.packed) - 1)
	s.tokens = s.tokens[:head+1]
	return true
}

func (s *scanner) object() error {
	head, err := s.open(tokenObject)
	if err != nil {
		return err
	}
	spaces, count := s.spaces, 0
	s.space()
	for s.peek() != '}' {
		if count > 0 {
			if s.peek() != ',' {
				return s.fail("expected ',' or '}'")
			}
			s.pos++
			s.space()
		}
		if err := s.member(); err != nil {
			return err
		}
		count++
		s.space()
	}
	s.close(head, count, spaces)
	s.objects++
	s.members += count
	return nil
}

func (s *scanner) member() error {
	if s.peek() != '"' {
		return s.fail("expected a property name")
	}
	if err := s.str(); err != nil {
		return err
	}
	s.space()
	if s.peek() != ':' {
		return s.fail("expected ':'")
	}
	s.pos++
	s.space()
	return s.value()
}

// maxPlainNumber is the length up to which a number without an exponent is certainly a finite double.
const maxPlainNumber = 308

func (s *scanner) number() error {
	start := s.pos
	scaled := false
	if s.peek() == '-' {
		s.pos++
	}
	switch {
	case s.peek() == '0':
		s.pos++
	case !s.digits():
		return s.fail("expected a digit")
	}
	if s.peek() == '.' {
		s.pos++
		if !s.digits() {
			return s.fail("expected a digit")
		}
	}
	if c := s.peek(); c == 'e' || c == 'E' {
		scaled = true
		s.pos++
		if c := s.peek(); c == '+' || c == '-' {
			s.pos++
		}
		if !s.digits() {
			return s.fail("expected a digit")
		}
	}
	if scaled || s.pos-start > maxPlainNumber {
		if _, err := strconv.ParseFloat(s.text[start:s.pos], 64); err != nil {
			return &SyntaxError{Offset: start, Reason: "the number is not a finite double"}
		}
	}
	s.tokens = append(s.tokens, token{start: uint32(start), end: uint32(s.pos), kind: tokenNumber})
	return nil
}

// digits skips a run of digits and reports whether there was one.
func (s *scanner) digits() bool {
	start := s.pos
	for s.pos < len(s.text) && s.text[s.pos]-'0' <= 9 {
		s.pos++
	}
	return s.pos > start
}
