package nosql

// The levels of binding, from the loosest. A conditional is looser than all of them. All are left associative, but for
// ??, which is right associative, and the predicates, which are neither.
const (
	levelCoalesce = 1 + iota
	levelBetween  // stands beside OR: a BETWEEN is an operand of AND, OR and NOT only in parentheses
	levelOr
	levelAnd
	levelNot       // of the SQL dialect, which also has BETWEEN among the predicates
	levelPredicate // IN, LIKE, IS NULL
	levelCompare   // comparisons and shifts
	levelConcat
	levelSum // with the bitwise operators
	levelProduct
	levelUnary
)

type operator struct {
	op    string
	level int
}

var symOperators = [...]operator{
	sConcat: {"||", levelConcat},
	sEq:     {"=", levelCompare}, sNe: {"!=", levelCompare},
	sLess: {"<", levelCompare}, sLessEq: {"<=", levelCompare}, sGreater: {">", levelCompare},
	sGreaterEq: {">=", levelCompare},
	sShiftLeft: {"<<", levelCompare}, sShiftRight: {">>", levelCompare}, sShiftZero: {">>>", levelCompare},
	sPipe: {"|", levelSum}, sCaret: {"^", levelSum}, sAmp: {"&", levelSum}, sPlus: {"+", levelSum},
	sMinus: {"-", levelSum},
	sStar:  {"*", levelProduct}, sSlash: {"/", levelProduct}, sPercent: {"%", levelProduct},
	sDollar: {}, // the last symbol, so that every symbol is an index of the table
}

// binaryOperator is the left associative operator that the next token is; its level is 0 for none.
func (p *Parser) binaryOperator() operator {
	switch p.tok.word {
	case noWord:
		return symOperators[p.tok.sym]
	case wOr:
		return operator{"OR", levelOr}
	case wAnd:
		return operator{"AND", levelAnd}
	}
	return operator{}
}

// Expr reads one scalar expression.
func (p *Parser) Expr() Expr {
	if !p.enter() {
		return nil
	}
	defer p.leave()
	return p.scalar()
}

// scalar reads one scalar expression that the caller counts as nested.
func (p *Parser) scalar() Expr {
	start := p.tok.Start
	x := p.coalesce()
	if !p.acceptSym(sQuestion) {
		return x
	}
	c := &Cond{If: x, Then: p.Expr()}
	p.expectSym(sColon)
	c.Else = p.Expr()
	c.Span = p.span(start)
	return c
}

// coalesce reads a ?? b ?? c, which is a ?? (b ?? c).
func (p *Parser) coalesce() Expr {
	first := p.binary(levelBetween)
	if p.tok.sym != sCoalesce {
		return first
	}
	operands := []Expr{first}
	starts := []int{first.Pos().Start}
	for p.acceptSym(sCoalesce) {
		p.link()
		starts = append(starts, p.tok.Start)
		operands = append(operands, p.binary(levelBetween))
	}
	x := operands[len(operands)-1]
	for i := len(operands) - 2; i >= 0; i-- {
		x = &Binary{Span: p.span(starts[i]), Op: "??", L: operands[i], R: x}
	}
	return x
}

// list appends one or more scalar expressions, separated by commas.
func (p *Parser) list(xs []Expr) []Expr {
	for {
		xs = append(xs, p.Expr())
		if !p.acceptSym(sComma) {
			return xs
		}
	}
}

// binary reads operands joined by operators of at least the given level.
func (p *Parser) binary(level int) Expr {
	start := p.tok.Start
	highest := levelProduct
	var x Expr
	if p.lex.dialect == SQL && level <= levelNot && p.tok.word == wNot {
		x = p.not()
		highest = levelNot
	} else {
		x = p.unary()
	}
	for p.err == nil {
		if level <= levelPredicate && highest > levelPredicate {
			if y := p.predicate(x, start, level); y != nil {
				if _, between := y.(*Between); between && p.lex.dialect == Cosmos {
					return y
				}
				x, highest = y, levelNot
				continue
			}
		}
		op := p.binaryOperator()
		if op.level == 0 || op.level < level || op.level > highest {
			return x
		}
		p.Advance()
		p.link()
		b := &Binary{Op: op.op, L: x, R: p.binary(op.level + 1)}
		b.Span = p.span(start)
		x, highest = b, op.level
	}
	return x
}

// not reads NOT as the SQL dialect binds it: looser than comparisons, tighter than AND.
func (p *Parser) not() Expr {
	u := &Unary{Op: "NOT", Span: Span{Start: p.tok.Start}}
	if p.enter() {
		p.Advance()
		u.X = p.binary(levelNot)
	}
	p.leave()
	u.Span.End = p.end
	return u
}

// predicate reads what makes x a predicate, or nothing and gives nil. Bounds and patterns are comparisons: in
// a LIKE b = c the pattern is b = c.
func (p *Parser) predicate(x Expr, start, level int) Expr {
	if p.lex.dialect == SQL && p.Is("IS") {
		return p.isNull(x, start)
	}
	not := p.tok.word == wNot
	if not {
		p.Advance()
	}
	switch {
	case p.acceptWord(wIn):
		p.expectSym(sOpen)
		in := &In{X: x, Not: not, List: p.list(nil)}
		p.expectSym(sClose)
		in.Span = p.span(start)
		return in
	case p.acceptWord(wLike):
		like := &Like{X: x, Not: not, Pattern: p.binary(levelCompare)}
		if p.acceptWord(wEscape) {
			if like.Escape = p.stringLiteral(); like.Escape == nil {
				p.Fail()
			}
		}
		like.Span = p.span(start)
		return like
	case (level <= levelBetween || p.lex.dialect == SQL) && p.acceptWord(wBetween):
		b := &Between{X: x, Not: not, Low: p.binary(levelCompare)}
		p.expectWord(wAnd)
		b.High = p.binary(levelCompare)
		b.Span = p.span(start)
		return b
	case not:
		p.Fail()
	}
	return nil
}

// isNull reads IS [NOT] NULL. IS alone may be the alias of an item.
func (p *Parser) isNull(x Expr, start int) Expr {
	n := &IsNull{X: x}
	operand := p.span(start)
	switch {
	case p.Accept("IS", "NULL"):
	case p.Accept("IS", "NOT", "NULL"):
		n.Not = true
	default:
		return nil
	}
	p.repeated(operand, 2)
	n.Span = p.span(start)
	return n
}

func (p *Parser) unary() Expr {
	op := ""
	switch {
	case p.tok.word == wNot:
		op = "NOT"
	case p.tok.sym == sMinus:
		op = "-"
	case p.tok.sym == sPlus:
		op = "+"
	case p.tok.sym == sTilde:
		op = "~"
	default:
		return p.postfix()
	}
	u := &Unary{Op: op, Span: Span{Start: p.tok.Start}}
	if p.enter() {
		p.Advance()
		u.X = p.unary()
	}
	p.leave()
	u.Span.End = p.end
	return u
}

// postfix reads a primary and the steps into it.
func (p *Parser) postfix() Expr {
	start := p.tok.Start
	x := p.primary()
	for p.err == nil {
		switch {
		case p.acceptSym(sDot):
			x = &Member{X: x, Name: p.memberName(), Span: p.span(start)}
		case p.acceptSym(sOpenBracket):
			x = p.bracket(x, start)
		case p.tok.sym == sOpen:
			m, ok := x.(*Member)
			if !ok || !isUDF(m.X) || m.Pos().End != p.end {
				return x
			}
			x = p.call(&Call{Span: Span{Start: start}, UDF: true, Name: m.Name, NameSpan: m.Span})
		default:
			return x
		}
		p.link()
	}
	return x
}

// isUDF reports whether x is the word that user-defined functions are called by; it is lower case only.
func isUDF(x Expr) bool {
	id, ok := x.(*Ident)
	return ok && id.Name == "udf" && !id.Quoted
}

// bracket reads what follows [ after x.
func (p *Parser) bracket(x Expr, start int) Expr {
	i := p.Expr()
	p.expectSym(sCloseBracket)
	if s, ok := i.(*Literal); ok && s.Kind == String {
		return &Member{Span: p.span(start), X: x, Name: s.Text, Bracket: true}
	}
	return &Index{Span: p.span(start), X: x, I: i}
}
