package nosql

import (
	"unicode"
	"unicode/utf8"
)

// Lexer cuts a text into tokens, from the front. The zero Lexer reads the empty text.
type Lexer struct {
	text    string
	pos     int
	dialect Dialect
}

// NewLexer is a lexer of text.
func NewLexer(text string, d Dialect) Lexer { return Lexer{text: text, dialect: d} }

// opens reports whether a parenthesis comes next.
func (l *Lexer) opens() bool {
	ahead := *l
	ahead.skip()
	return ahead.pos < len(ahead.text) && ahead.text[ahead.pos] == '('
}

// Next is the next token; at the end of the text it is [EOF], again and again.
func (l *Lexer) Next() Token {
	l.skip()
	start := l.pos
	if start == len(l.text) {
		return Token{Span: Span{start, start}}
	}
	t := Token{Span: Span{Start: start}}
	switch c := l.text[start]; {
	case isNameStart(c):
		l.name()
		t.Kind, t.word = Name, wordOf(l.text[start:l.pos])
		if (t.word == wLeft || t.word == wRight) && l.opens() {
			t.word = noWord // a function of that name
		}
	case isDigit(c), c == '.' && start+1 < len(l.text) && isDigit(l.text[start+1]):
		t.Kind = l.number()
	case c == '\'' || c == '"':
		t.Kind = l.quoted(c)
	case c == '@':
		l.pos++
		t.Kind = l.parameter()
	default:
		t.Kind = Symbol
		if t.sym = l.symbol(); t.sym == noSym {
			_, n := utf8.DecodeRuneInString(l.text[start:])
			t.Kind, l.pos = Bad, start+n
		}
	}
	t.End = l.pos
	return t
}

// skip passes over white space, of Unicode too, and comments, which run from -- to the end of the line.
func (l *Lexer) skip() {
	for ; l.pos < len(l.text); l.pos++ {
		switch c := l.text[l.pos]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f':
		case c >= utf8.RuneSelf:
			r, n := utf8.DecodeRuneInString(l.text[l.pos:])
			if !unicode.IsSpace(r) && r != '\uFEFF' {
				return
			}
			l.pos += n - 1
		case c == '-' && l.pos+1 < len(l.text) && l.text[l.pos+1] == '-':
			for l.pos < len(l.text) && l.text[l.pos] != '\n' {
				l.pos++
			}
			if l.pos == len(l.text) {
				return
			}
		default:
			return
		}
	}
}

// name passes over letters, digits and underscores.
func (l *Lexer) name() {
	for l.pos < len(l.text) && isNamePart(l.text[l.pos]) {
		l.pos++
	}
}

// number passes over 12, 12., 12.5, .5, 1e3 or 0x1F. What runs on into a name, such as 12a, is not a token.
func (l *Lexer) number() Kind {
	rest := l.text[l.pos:]
	if len(rest) > 2 && rest[0] == '0' && (rest[1] == 'x' || rest[1] == 'X') && isHex(rest[2]) {
		for l.pos += 2; l.pos < len(l.text) && isHex(l.text[l.pos]); {
			l.pos++
		}
	} else {
		l.digits()
		if l.pos < len(l.text) && l.text[l.pos] == '.' {
			l.pos++
			l.digits()
		}
		l.exponent()
	}
	if l.pos < len(l.text) && isNamePart(l.text[l.pos]) {
		l.name()
		return Bad
	}
	return Digits
}

// exponent passes over e3, E-3 and the like, if that is what comes.
func (l *Lexer) exponent() {
	if l.pos == len(l.text) || l.text[l.pos]|0x20 != 'e' {
		return
	}
	p := l.pos + 1
	if p < len(l.text) && (l.text[p] == '+' || l.text[p] == '-') {
		p++
	}
	if p < len(l.text) && isDigit(l.text[p]) {
		l.pos = p
		l.digits()
	}
}

func (l *Lexer) digits() {
	for l.pos < len(l.text) && isDigit(l.text[l.pos]) {
		l.pos++
	}
}

// quoted passes over a string, in which the SQL dialect lets a doubled quote stand for one. A control character or a
// byte that is not UTF-8 makes it a [Bad] token.
func (l *Lexer) quoted(quote byte) Kind {
	for l.pos++; l.pos < len(l.text); {
		switch c := l.text[l.pos]; {
		case c == quote:
			l.pos++
			if l.dialect != SQL || l.pos == len(l.text) || l.text[l.pos] != quote {
				return Text
			}
			l.pos++
		case c == '\\':
			n := escapeLen(l.text[l.pos:])
			if n == 0 {
				return Bad
			}
			l.pos += n
		case c < 0x20:
			return Bad
		case c < utf8.RuneSelf:
			l.pos++
		default:
			r, n := utf8.DecodeRuneInString(l.text[l.pos:])
			if r == utf8.RuneError && n == 1 {
				return Bad
			}
			l.pos += n
		}
	}
	return Bad
}

// parameter passes over the name after @; the SQL dialect also takes a number there.
func (l *Lexer) parameter() Kind {
	start := l.pos
	l.name()
	switch {
	case l.pos == start:
		return Bad
	case !isDigit(l.text[start]):
		return At
	case l.dialect == SQL && allDigits(l.text[start:l.pos]):
		return At
	}
	return Bad
}

// symbol passes over the longest operator or punctuation mark and says which it is.
func (l *Lexer) symbol() sym {
	rest := l.text[l.pos:]
	at := func(i int) byte {
		if i < len(rest) {
			return rest[i]
		}
		return 0
	}
	take := func(n int, s sym) sym { l.pos += n; return s }
	switch rest[0] {
	case '*':
		return take(1, sStar)
	case '.':
		return take(1, sDot)
	case ',':
		return take(1, sComma)
	case '?':
		if at(1) == '?' {
			return take(2, sCoalesce)
		}
		return take(1, sQuestion)
	case ':':
		return take(1, sColon)
	case '(':
		return take(1, sOpen)
	case ')':
		return take(1, sClose)
	case '[':
		return take(1, sOpenBracket)
	case ']':
		return take(1, sCloseBracket)
	case '{':
		return take(1, sOpenBrace)
	case '}':
		return take(1, sCloseBrace)
	case '=':
		return take(1, sEq)
	case '!':
		if at(1) == '=' {
			return take(2, sNe)
		}
	case '<':
		switch at(1) {
		case '=':
			return take(2, sLessEq)
		case '>':
			return take(2, sNe)
		case '<':
			return take(2, sShiftLeft)
		}
		return take(1, sLess)
	case '>':
		switch {
		case at(1) == '=':
			return take(2, sGreaterEq)
		case at(1) == '>' && at(2) == '>':
			return take(3, sShiftZero)
		case at(1) == '>':
			return take(2, sShiftRight)
		}
		return take(1, sGreater)
	case '+':
		return take(1, sPlus)
	case '-':
		return take(1, sMinus)
	case '/':
		return take(1, sSlash)
	case '%':
		return take(1, sPercent)
	case '&':
		return take(1, sAmp)
	case '|':
		if at(1) == '|' {
			return take(2, sConcat)
		}
		return take(1, sPipe)
	case '^':
		return take(1, sCaret)
	case '~':
		return take(1, sTilde)
	case ';':
		return take(1, sSemicolon)
	case '$':
		return take(1, sDollar)
	}
	return noSym
}

func isNameStart(c byte) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }
func isNamePart(c byte) bool  { return isNameStart(c) || isDigit(c) }
func isDigit(c byte) bool     { return '0' <= c && c <= '9' }
func isHex(c byte) bool       { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func allDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}
