package nosql

import (
	"fmt"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/errtext"
)

func (p *Parser) primary() Expr {
	t := p.tok
	switch t.Kind {
	case Digits:
		p.Advance()
		return &Literal{Span: t.Span, Kind: Number, Text: p.Text(t)}
	case Text:
		if p.isQuotedName() && p.Peek().sym == sDot {
			return p.Identifier()
		}
		return p.stringLiteral()
	case Name:
		return p.word()
	}
	switch t.sym {
	case sOpen:
		return p.parenthesis()
	case sOpenBracket:
		return p.array()
	case sOpenBrace:
		return p.object()
	}
	if x := p.param(); x != nil {
		return x
	}
	p.Fail()
	return nil
}

// stringLiteral reads a string, or nothing and gives nil.
func (p *Parser) stringLiteral() *Literal {
	if p.tok.Kind != Text {
		return nil
	}
	t := p.Advance()
	text := p.Text(t)
	return &Literal{Span: t.Span, Kind: String, Text: Unquote(text), Single: text[0] == '\''}
}

// param reads a parameter, or nothing and gives nil. Besides @name the SQL dialect has ? and the numbered @1, $1 and
// :1, which name the parameter @p1. They are told from operators by standing where an operand must.
func (p *Parser) param() Expr {
	t := p.tok
	text := p.Text(t)
	switch {
	case t.Kind == At && !isDigit(text[1]):
		p.Advance()
		return &Param{Span: t.Span, Name: text}
	case t.Kind == At:
		p.Advance()
		return p.numbered(t.Span, text[1:])
	case p.lex.dialect != SQL:
		return nil
	case t.sym == sQuestion:
		p.Advance()
		p.marks++
		return &Param{Span: t.Span, Ordinal: p.marks}
	case t.sym == sDollar || t.sym == sColon:
		n := p.Peek()
		if n.Kind == Digits && n.Start == t.End && allDigits(p.Text(n)) {
			p.Advance()
			p.Advance()
			return p.numbered(Span{t.Start, n.End}, p.Text(n))
		}
	}
	return nil
}

func (p *Parser) numbered(at Span, digits string) Expr {
	n, err := strconv.Atoi(digits)
	if err != nil || n == 0 {
		p.FailAt(at, "Placeholders are numbered from 1.")
		return nil
	}
	return &Param{Span: at, Name: "@p" + strconv.Itoa(n), Ordinal: n}
}

// word reads an expression that begins with a name: a literal word, a subquery with its keyword, a call or an
// identifier.
func (p *Parser) word() Expr {
	t := p.tok
	if p.isColumnWord() || p.lex.dialect == SQL && (t.word == wValue || t.word == wTop) {
		p.Advance()
		return &Ident{Span: t.Span, Name: p.Text(t), Quoted: true}
	}
	switch t.word {
	case wExists:
		return p.subquery(ExistsQuery)
	case wArray:
		return p.subquery(ArrayQuery)
	case noWord:
	default:
		p.Fail()
		return nil
	}
	text := p.Text(t)
	if kind, ok := p.literalWord(text); ok {
		p.Advance()
		return &Literal{Span: t.Span, Kind: kind, Text: text}
	}
	if p.Peek().sym != sOpen {
		p.Advance()
		return &Ident{Span: t.Span, Name: text}
	}
	if kind, ok := quantifier(text); ok && p.opensQuery() {
		return p.subquery(kind)
	}
	p.Advance()
	return p.call(&Call{Span: t.Span, Name: text, NameSpan: t.Span})
}

// literalWord says which literal text is, if any. Uncertain in the service: TRUE and NULL in upper case; the published
// grammar has lower case only, so they are identifiers in the Cosmos dialect.
func (p *Parser) literalWord(text string) (LiteralKind, bool) {
	switch text {
	case "true":
		return True, true
	case "false":
		return False, true
	case "null":
		return Null, true
	case "undefined":
		return Undefined, true
	case "NaN", "Infinity":
		return Number, true
	}
	if p.lex.dialect == SQL && p.Peek().sym != sOpen {
		switch {
		case equalFold(text, "TRUE"):
			return True, true
		case equalFold(text, "FALSE"):
			return False, true
		case equalFold(text, "NULL"):
			return Null, true
		}
	}
	return 0, false
}

// quantifier says which kind of subquery text begins. The words are not keywords elsewhere.
func quantifier(text string) (SubqueryKind, bool) {
	switch {
	case equalFold(text, "ALL"):
		return AllQuery, true
	case equalFold(text, "FIRST"):
		return FirstQuery, true
	case equalFold(text, "LAST"):
		return LastQuery, true
	}
	return 0, false
}

// opensQuery reports whether `( SELECT` follows the next token.
func (p *Parser) opensQuery() bool {
	ahead := p.lex
	return ahead.Next().sym == sOpen && ahead.Next().word == wSelect
}

// subquery reads KEYWORD (SELECT …).
func (p *Parser) subquery(kind SubqueryKind) Expr {
	start := p.Advance().Start
	p.expectSym(sOpen)
	s := &Subquery{Kind: kind, Query: p.Query()}
	p.expectSym(sClose)
	s.Span = p.span(start)
	return s
}

// parenthesis reads (SELECT …), (LET name = value IN body) or (scalar). Parentheses around a scalar do not count as
// nesting: the texts of query plans have a pair around each operation, however long the chain.
func (p *Parser) parenthesis() Expr {
	start := p.Advance().Start
	if p.tok.word == wSelect {
		s := &Subquery{Kind: ScalarQuery, Query: p.Query()}
		p.expectSym(sClose)
		s.Span = p.span(start)
		return s
	}
	if p.parens++; p.parens > maxParens {
		p.FailAt(p.tok.Span, fmt.Sprintf("The query has more than %d parentheses within each other.", maxParens))
		return nil
	}
	defer func() { p.parens-- }()
	if next := p.Peek(); p.Is("LET") && next.Kind == Name && next.word == noWord {
		return p.let(start)
	}
	x := p.scalar()
	if p.tok.sym == sComma && p.lex.dialect == SQL {
		return p.rows(x, start)
	}
	p.expectSym(sClose)
	return x
}

// rows reads SQL's comparison of rows behind their first value: (a, b) = (1, 2), (a, b) [NOT] IN ((1, 2), (3, 4)). It
// is that of their values, joined by AND, and of the rows by OR.
func (p *Parser) rows(first Expr, start int) Expr {
	comma := p.tok
	p.Advance()
	left := p.list([]Expr{first})
	p.expectSym(sClose)
	operand := p.span(start)
	not := p.tok.word == wNot && p.Peek().word == wIn
	if not {
		p.Advance()
	}
	var any Expr
	rows := 1
	switch {
	case p.acceptWord(wIn):
		p.expectSym(sOpen)
		for any = p.row(left, start); p.acceptSym(sComma); rows++ {
			any = &Binary{Span: p.span(start), Op: "OR", L: any, R: p.row(left, start)}
		}
		p.expectSym(sClose)
	case p.acceptSym(sEq):
		any = p.row(left, start)
	default:
		p.FailAt(comma.Span, "Syntax error, incorrect syntax near ','.")
	}
	p.repeated(operand, rows)
	if not {
		any = &Unary{Span: p.span(start), Op: "NOT", X: any}
	}
	return any
}

// row reads (1, 2), as many values as left has, and compares them.
func (p *Parser) row(left []Expr, start int) Expr {
	at := p.tok.Start
	p.expectSym(sOpen)
	right := p.list(nil)
	p.expectSym(sClose)
	if p.err != nil {
		return nil
	}
	if len(right) != len(left) {
		p.FailAt(p.span(at), fmt.Sprintf("The row has %s, not the %d that it is compared with.",
			errtext.Count(len(right), "value"), len(left)))
		return nil
	}
	var all Expr
	for i, x := range left {
		p.link()
		var b Expr = &Binary{Span: p.span(start), Op: "=", L: x, R: right[i]}
		if all != nil {
			b = &Binary{Span: p.span(start), Op: "AND", L: all, R: b}
		}
		all = b
	}
	return all
}

// let reads LET name = value IN body) after its parenthesis. Value and body are comparisons.
func (p *Parser) let(start int) Expr {
	p.Advance()
	x := &Let{Name: p.Identifier().Name}
	p.expectSym(sEq)
	x.Value = p.binary(levelCompare)
	p.expectWord(wIn)
	x.Body = p.binary(levelCompare)
	p.expectSym(sClose)
	x.Span = p.span(start)
	return x
}

// call reads the arguments of c, whose name was read.
func (p *Parser) call(c *Call) Expr {
	p.expectSym(sOpen)
	if p.lex.dialect == SQL && equalFold(c.Name, "COUNT") && !c.UDF && p.acceptSym(sStar) {
		c.Star = true
	} else if p.tok.sym != sClose {
		c.Args = p.list(nil)
	}
	p.expectSym(sClose)
	c.Span.End = p.end
	return c
}

func (p *Parser) array() Expr {
	a := &Array{Span: Span{Start: p.Advance().Start}}
	if p.tok.sym != sCloseBracket {
		a.Items = p.list(nil)
	}
	p.expectSym(sCloseBracket)
	a.Span.End = p.end
	return a
}

func (p *Parser) object() Expr {
	o := &Object{Span: Span{Start: p.Advance().Start}}
	for p.tok.sym != sCloseBrace {
		var f Field
		if s := p.stringLiteral(); s != nil {
			f.Name = s.Text
		} else {
			f.Name = p.memberName()
		}
		p.expectSym(sColon)
		f.Value = p.Expr()
		o.Fields = append(o.Fields, f)
		if !p.acceptSym(sComma) {
			break
		}
		if p.tok.sym == sCloseBrace {
			p.Fail()
		}
	}
	p.expectSym(sCloseBrace)
	o.Span.End = p.end
	return o
}
