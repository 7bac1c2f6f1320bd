package nosql

import (
	"fmt"
	"strings"
)

// Dialect says which grammar a text is read with.
type Dialect int

const (
	// Cosmos is the service's grammar and nothing else.
	Cosmos Dialect = iota

	// SQL is Cosmos and what users of other databases write: IS [NOT] NULL, COUNT(*), LIMIT n [OFFSET m], "quoted"
	// identifiers where a name must stand, reserved words after a dot and in front of a colon, doubled quotes in
	// strings, TRUE, FALSE and NULL in any case, the placeholders ? @1 $1 :1, and a closing semicolon. As in SQL, NOT
	// binds looser than comparisons, and a BETWEEN may stand beside AND without parentheses.
	SQL
)

// What a text may hold: the service's own limit of length, and bounds on nesting that keep every walk over the tree
// far from the end of the stack.
const (
	MaxLength = 512 << 10
	maxDepth  = 256
	maxParens = 1 << 13 // parentheses around scalars
	maxLinks  = 1 << 16 // operators and path steps, which lengthen the tree without nesting in the text
)

// Parse reads one SELECT. The error is an [*Error], whose code [IsSyntax] knows.
func Parse(text string, d Dialect) (*Query, error) {
	p := NewParser(text, d)
	q := p.Query()
	p.End()
	if err := p.Err(); err != nil {
		return nil, err
	}
	return q, nil
}

// ParseExpr reads one scalar expression.
func ParseExpr(text string, d Dialect) (Expr, error) {
	p := NewParser(text, d)
	x := p.Expr()
	p.End()
	if err := p.Err(); err != nil {
		return nil, err
	}
	return x, nil
}

// ParseCondition reads the condition of a patch, `FROM c WHERE …`: a query without its SELECT, whose Select is zero.
func ParseCondition(text string) (*Query, error) {
	p := NewParser(text, Cosmos)
	q := &Query{Span: Span{Start: p.tok.Start}}
	p.from(q)
	if !p.acceptWord(wWhere) {
		p.Fail()
	}
	q.Where = p.Expr()
	q.End = p.end
	p.End()
	if err := p.Err(); err != nil {
		return nil, err
	}
	return q, nil
}

// Parser reads a text piece by piece; internal/statement reads with it what surrounds expressions and queries. After
// the first error, which [Parser.Err] keeps, it stands at the end of the text, and further calls change nothing.
type Parser struct {
	lex          Lexer
	tok          Token // the one not yet read
	end          int   // of the token read last
	err          *Error
	depth, links int
	parens       int
	marks        int // how many ? were read
	repeats      []repeat
	grown        int64 // bytes, of all of these
}

// repeat is a part of the text that takes more bytes in Cosmos's words.
type repeat struct {
	start int
	more  int64
}

// NewParser is a parser at the front of text.
func NewParser(text string, d Dialect) *Parser {
	p := &Parser{lex: NewLexer(text, d)}
	if len(text) > MaxLength {
		p.FailAt(Span{MaxLength, len(text)}, fmt.Sprintf("The query text is longer than %d KB.", MaxLength>>10))
		return p
	}
	p.tok = p.lex.Next()
	return p
}

// Err is the first error met, an [*Error] with its line and column, or nil.
func (p *Parser) Err() error {
	if p.err == nil {
		return nil
	}
	return p.err
}

// Token is the token that comes next.
func (p *Parser) Token() Token { return p.tok }

// Peek is the token after [Parser.Token].
func (p *Parser) Peek() Token {
	ahead := p.lex
	return ahead.Next()
}

// Text is what the token t is in the text.
func (p *Parser) Text(t Token) string { return p.lex.text[t.Start:t.End] }

// EndOfLast is the offset right after the token read last.
func (p *Parser) EndOfLast() int { return p.end }

// Advance reads one token and gives it back.
func (p *Parser) Advance() Token {
	t := p.tok
	if p.err == nil {
		p.end = t.End
		p.tok = p.lex.Next()
	}
	return t
}

// Is reports whether the next token is word: an upper case word, which matches in any case, or a symbol.
func (p *Parser) Is(word string) bool {
	switch p.tok.Kind {
	case Name:
		return equalFold(p.Text(p.tok), word)
	case Symbol:
		return p.Text(p.tok) == word
	}
	return false
}

// Accept reads the words, each as in [Parser.Is], if all of them come next in this order, and says so.
func (p *Parser) Accept(words ...string) bool {
	before := *p
	for _, w := range words {
		if !p.Is(w) {
			*p = before
			return false
		}
		p.Advance()
	}
	return true
}

// Expect reads the words or fails.
func (p *Parser) Expect(words ...string) {
	for _, w := range words {
		if !p.Accept(w) {
			p.Fail()
		}
	}
}

// End reads the end of the text, before which the SQL dialect allows a semicolon.
func (p *Parser) End() {
	if p.lex.dialect == SQL {
		p.acceptSym(sSemicolon)
	}
	if p.tok.Kind != EOF {
		p.Fail()
	}
}

// Fail records a syntax error at the next token.
func (p *Parser) Fail() {
	near := p.tok.Span
	text := strings.ToValidUTF8(p.Text(p.tok), "\uFFFD")
	switch {
	case p.tok.Kind == EOF:
		p.fail(CodeEnd, near, "Syntax error, unexpected end-of-file.")
	case p.tok.sym == sSemicolon:
		p.fail(CodeToken, near, "Syntax error, invalid token '"+text+"'.")
	default:
		p.FailAt(near, "Syntax error, incorrect syntax near '"+text+"'.")
	}
}

// FailAt records an error with a message of the caller's about a part of the text. Only the first error is kept.
func (p *Parser) FailAt(at Span, message string) { p.fail(CodeSyntax, at, message) }

func (p *Parser) fail(code string, at Span, message string) {
	if p.err != nil {
		return
	}
	p.err = &Error{Code: code, Message: message, Start: at.Start, End: at.End}
	_ = Locate(p.lex.text, p.err)
	p.lex.pos = len(p.lex.text)
	p.tok = Token{Span: Span{len(p.lex.text), len(p.lex.text)}}
}

// enter counts one level of nesting; the caller leaves it with leave.
func (p *Parser) enter() bool {
	if p.depth++; p.depth > maxDepth {
		p.FailAt(p.tok.Span, fmt.Sprintf("The query is nested more than %d levels deep.", maxDepth))
	}
	return p.err == nil
}

func (p *Parser) leave() { p.depth-- }

// link counts one operator or path step.
func (p *Parser) link() {
	if p.links++; p.links > maxLinks {
		p.FailAt(p.tok.Span, fmt.Sprintf("The query has more than %d operators and path steps.", maxLinks))
	}
}

// repeated counts an operand that Cosmos's words have so many times: within others of its kind it would make of a short
// text one without end.
func (p *Parser) repeated(operand Span, times int) {
	own := int64(operand.End - operand.Start)
	inner, behind := int64(0), int64(0)
	for n := len(p.repeats) - 1; n >= 0 && p.repeats[n].start >= operand.Start; n-- {
		if p.repeats[n].start < operand.End {
			inner += p.repeats[n].more
		} else {
			behind += p.repeats[n].more
		}
		p.repeats = p.repeats[:n]
	}
	more := (own+inner)*int64(times) - own
	p.repeats = append(p.repeats, repeat{operand.Start, more + behind})
	if p.grown += more - inner; int64(len(p.lex.text))+p.grown > MaxLength {
		p.FailAt(operand, fmt.Sprintf("The query is longer than %d KB in the service's words, which name the operand "+
			"of IS NULL twice, and a row once for each that it is compared with.", MaxLength>>10))
	}
}

func (p *Parser) acceptWord(w word) bool {
	if p.tok.word != w {
		return false
	}
	p.Advance()
	return true
}

func (p *Parser) acceptSym(s sym) bool {
	if p.tok.sym != s {
		return false
	}
	p.Advance()
	return true
}

func (p *Parser) expectWord(w word) {
	if !p.acceptWord(w) {
		p.Fail()
	}
}

func (p *Parser) expectSym(s sym) {
	if !p.acceptSym(s) {
		p.Fail()
	}
}

// span is from start to the end of the token read last.
func (p *Parser) span(start int) Span { return Span{start, p.end} }

// isName reports whether the next token is a name that is not reserved.
func (p *Parser) isName() bool { return p.tok.Kind == Name && p.tok.word == noWord }

// isQuotedName reports whether the next token is "name" where the dialect takes that for an identifier.
func (p *Parser) isQuotedName() bool {
	return p.lex.dialect == SQL && p.tok.Kind == Text && p.lex.text[p.tok.Start] == '"'
}

// Identifier reads a name, quoted ones too in the SQL dialect, or fails.
func (p *Parser) Identifier() *Ident {
	x := &Ident{Span: p.tok.Span}
	switch {
	case p.isName():
		x.Name = p.Text(p.tok)
	case p.isQuotedName():
		if x.Name, x.Quoted = Unquote(p.Text(p.tok)), true; x.Name == "" {
			p.FailAt(x.Span, "A name is not empty.")
		}
	default:
		p.Fail()
	}
	p.Advance()
	return x
}

// Word reads a name as containers and databases have it: "quoted", or bare with dashes in it, whatever the grammar
// would make of those; reserved words too. It fails where none comes.
func (p *Parser) Word() string {
	if p.isQuotedName() {
		return p.Identifier().Name
	}
	end := p.tok.Start
	for text := p.lex.text; end < len(text) && (isNamePart(text[end]) || text[end] == '-') &&
		!strings.HasPrefix(text[end:], "--"); {
		end++
	}
	return p.Raw(end)
}

// Raw reads the text from the next token up to end as one word, and goes on behind it. It fails where that is nothing.
func (p *Parser) Raw(end int) string {
	start := p.tok.Start
	if p.err != nil || end <= start {
		p.Fail()
		return ""
	}
	p.end, p.lex.pos = end, end
	p.tok = p.lex.Next()
	return p.lex.text[start:end]
}

// Rest is the text from the next token on.
func (p *Parser) Rest() string { return p.lex.text[p.tok.Start:] }
