package nosql

// Kind is what a [Token] is.
type Kind uint8

// The kinds of token.
const (
	EOF    Kind = iota
	Bad         // text no token begins with: an unclosed string, a control character, 12a
	Name        // an identifier, or a word that is reserved; see [Reserved]
	Digits      // a number
	Text        // a string, quoted with ' or "
	At          // @name, or @1 in the SQL dialect
	Symbol      // an operator or punctuation
)

// Token is one word of a query text; Start and End are byte offsets, End exclusive.
type Token struct {
	Span
	Kind Kind
	word word // of a Name that is reserved
	sym  sym  // of a Symbol
}

// word is a reserved word, in small numbers so that the parser compares no text.
type word uint8

const (
	noWord word = iota
	wAnd
	wArray
	wAs
	wAsc
	wBetween
	wBy
	wDesc
	wDistinct
	wEscape
	wExists
	wFrom
	wGroup
	wIn
	wJoin
	wLeft
	wLike
	wLimit
	wNot
	wOffset
	wOr
	wOrder
	wRight
	wSelect
	wTop
	wValue
	wWhere
)

// words are the reserved words by their length, which is what sorts out most names at once.
var words = [9][]struct {
	text string
	word word
}{
	2: {{"AS", wAs}, {"BY", wBy}, {"IN", wIn}, {"OR", wOr}},
	3: {{"AND", wAnd}, {"ASC", wAsc}, {"NOT", wNot}, {"TOP", wTop}},
	4: {{"DESC", wDesc}, {"FROM", wFrom}, {"JOIN", wJoin}, {"LEFT", wLeft}, {"LIKE", wLike}},
	5: {{"ARRAY", wArray}, {"GROUP", wGroup}, {"LIMIT", wLimit}, {"ORDER", wOrder}, {"RIGHT", wRight},
		{"VALUE", wValue},
		{"WHERE", wWhere}},
	6: {{"ESCAPE", wEscape}, {"EXISTS", wExists}, {"OFFSET", wOffset}, {"SELECT", wSelect}},
	7: {{"BETWEEN", wBetween}},
	8: {{"DISTINCT", wDistinct}},
}

// wordOf is the reserved word that s is, in any case, or noWord.
func wordOf(s string) word {
	if len(s) < len(words) {
		for i := range words[len(s)] {
			if equalFold(s, words[len(s)][i].text) {
				return words[len(s)][i].word
			}
		}
	}
	return noWord
}

// equalFold compares s with upper, which is upper case ASCII letters, ignoring the case of s.
func equalFold(s, upper string) bool {
	if len(s) != len(upper) {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != upper[i] {
			return false
		}
	}
	return true
}

// Reserved reports whether name cannot be a bare identifier, an alias or what follows a dot, because the grammar uses
// it. Case does not matter.
func Reserved(name string) bool { return wordOf(name) != noWord }

// IsIdentifier reports whether name can be written bare: letters, digits and underscores of ASCII, no digit first, and
// not [Reserved].
func IsIdentifier(name string) bool {
	if name == "" || !isNameStart(name[0]) {
		return false
	}
	for i := 1; i < len(name); i++ {
		if !isNamePart(name[i]) {
			return false
		}
	}
	return !Reserved(name)
}

// sym is an operator or a punctuation mark.
type sym uint8

const (
	noSym sym = iota
	sStar
	sDot
	sComma
	sQuestion
	sCoalesce
	sColon
	sOpen
	sClose
	sOpenBracket
	sCloseBracket
	sOpenBrace
	sCloseBrace
	sEq
	sNe
	sLess
	sLessEq
	sGreater
	sGreaterEq
	sShiftLeft
	sShiftRight
	sShiftZero
	sPlus
	sMinus
	sSlash
	sPercent
	sAmp
	sPipe
	sConcat
	sCaret
	sTilde
	sSemicolon
	sDollar
)
