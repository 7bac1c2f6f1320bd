package nosql

// Query reads one SELECT.
func (p *Parser) Query() *Query {
	q := &Query{Span: Span{Start: p.tok.Start}}
	if !p.enter() {
		return q
	}
	defer p.leave()
	p.expectWord(wSelect)
	q.Distinct = p.acceptWord(wDistinct)
	if at := p.tok.Start; !p.isColumnWord() && p.acceptWord(wTop) {
		q.Top = p.count(true)
		q.TopSpan = p.span(at)
	}
	p.selection(&q.Select)
	if p.tok.word == wFrom {
		p.from(q)
	}
	if p.acceptWord(wWhere) {
		q.Where = p.Expr()
	}
	if p.acceptWord(wGroup) {
		p.expectWord(wBy)
		q.GroupBy = p.list(nil)
	}
	if at := p.tok.Start; p.acceptWord(wOrder) {
		p.orderBy(q)
		q.OrderBySpan = p.span(at)
	}
	p.offsetLimit(q)
	q.Span.End = p.end
	return q
}

// count reads the number of TOP, OFFSET or LIMIT. The service lets TOP have a fraction, only to refuse it by another
// error.
func (p *Parser) count(fraction bool) Expr {
	t := p.tok
	if t.Kind == Digits && (fraction || allDigits(p.Text(t))) {
		p.Advance()
		return &Literal{Span: t.Span, Kind: Number, Text: p.Text(t)}
	}
	if x := p.param(); x != nil {
		return x
	}
	p.Fail()
	return nil
}

// selection reads what stands between SELECT and FROM.
func (p *Parser) selection(s *Select) {
	start := p.tok.Start
	switch {
	case p.acceptSym(sStar):
		s.Star = true
	case !p.isColumnWord() && p.acceptWord(wValue):
		s.Value = true
		s.Items = []Item{p.item(false)}
	default:
		for {
			s.Items = append(s.Items, p.item(true))
			if !p.acceptSym(sComma) {
				break
			}
		}
	}
	s.Span = p.span(start)
}

// item reads one expression with its alias, which may be a string in a list.
func (p *Parser) item(list bool) Item {
	start := p.tok.Start
	it := Item{X: p.Expr()}
	at := p.tok
	switch as := p.acceptWord(wAs); {
	case p.tok.Kind == Text && (list || p.lex.dialect == SQL && as):
		at = p.tok
		if it.Alias = p.stringLiteral().Text; it.Alias == "" {
			p.FailAt(at.Span, "A name is not empty.")
		}
	case as && p.isAliasWord():
		at = p.tok
		it.Alias = p.Text(p.Advance())
	case as || p.isName() && !p.endsQuery():
		at = p.tok
		it.Alias = p.Identifier().Name
	default:
		at.Span = Span{}
	}
	it.AliasSpan = at.Span
	it.Span = p.span(start)
	return it
}

// isAliasWord reports whether the token behind AS is a reserved word that the SQL dialect takes for a name.
func (p *Parser) isAliasWord() bool {
	return p.tok.word != noWord && p.lex.dialect == SQL && endsOperand(p.Peek())
}

// isColumnWord reports whether the next token is a reserved word that the SQL dialect takes for the name of a column,
// as in SELECT value FROM t and WHERE group = 1: one that cannot begin what it is reserved for.
func (p *Parser) isColumnWord() bool {
	if p.tok.word == noWord || p.lex.dialect != SQL {
		return false
	}
	next := p.Peek()
	switch p.tok.word {
	case wOrder, wGroup:
		return next.word != wBy
	case wLimit, wOffset:
		return next.Kind != Digits && next.Kind != At && next.sym != sQuestion && next.sym != sDollar &&
			next.sym != sColon
	case wArray, wExists:
		return next.sym != sOpen && next.sym != sOpenBracket && next.word != wSelect
	case wAsc, wDesc, wBy, wEscape, wLeft, wRight:
		return true
	case wFrom, wValue, wTop:
		return endsOperand(next)
	}
	return false
}

// endsOperand reports whether t can only stand behind an operand.
func endsOperand(t Token) bool {
	switch t.Kind {
	case EOF:
		return true
	case Symbol:
		switch t.sym {
		case sOpen, sOpenBracket, sOpenBrace, sMinus, sPlus, sTilde, sQuestion, sDollar, sColon:
			return false
		}
		return true
	case Name:
		switch t.word {
		case wFrom, wAs, wIn, wLike, wBetween, wAnd, wOr, wAsc, wDesc, wJoin, wWhere, wGroup, wOrder, wLimit, wOffset:
			return true
		}
	}
	return false
}

// endsQuery reports whether the next word, though not reserved, belongs to a statement around the query.
func (p *Parser) endsQuery() bool { return p.lex.dialect == SQL && p.Is("WITH") }

// alias reads AS name, or name alone if bare says that one comes, or nothing.
func (p *Parser) alias(bare bool) string {
	if as := p.acceptWord(wAs); as || bare {
		if as && p.isAliasWord() {
			return p.Text(p.Advance())
		}
		return p.Identifier().Name
	}
	return ""
}

// from reads FROM and its sources.
func (p *Parser) from(q *Query) {
	p.expectWord(wFrom)
	q.From = append(q.From, p.source())
	for p.acceptWord(wJoin) {
		q.From = append(q.From, p.source())
	}
}

func (p *Parser) source() Source {
	s := Source{Span: Span{Start: p.tok.Start}}
	if s.Query = p.sourceQuery(); s.Query == nil {
		s.Path = p.path()
		if id, ok := s.Path.(*Ident); ok && p.acceptWord(wIn) {
			s.In, s.Alias = true, id.Name
			if s.Query = p.sourceQuery(); s.Query != nil {
				s.Path = nil
			} else {
				s.Path = p.path()
			}
		}
	}
	if !s.In {
		s.Alias = p.alias(p.isName() && !p.endsQuery() || p.isQuotedName())
	}
	s.Span.End = p.end
	return s
}

// sourceQuery reads (SELECT …), or nothing and gives nil.
func (p *Parser) sourceQuery() *Query {
	if !p.acceptSym(sOpen) {
		return nil
	}
	q := p.Query()
	p.expectSym(sClose)
	return q
}

// path reads a path of FROM: a name, then names, one integer or one string in each step.
func (p *Parser) path() Expr {
	var x Expr = p.Identifier()
	start := x.Pos().Start
	for p.err == nil {
		switch {
		case p.acceptSym(sDot):
			name := p.memberName()
			x = &Member{Span: p.span(start), X: x, Name: name}
		case p.acceptSym(sOpenBracket):
			t := p.tok
			switch {
			case t.Kind == Text:
				p.Advance()
				p.expectSym(sCloseBracket)
				x = &Member{Span: p.span(start), X: x, Name: Unquote(p.Text(t)), Bracket: true}
			case t.Kind == Digits && allDigits(p.Text(t)):
				p.Advance()
				p.expectSym(sCloseBracket)
				x = &Index{Span: p.span(start), X: x, I: &Literal{Span: t.Span, Kind: Number, Text: p.Text(t)}}
			default:
				p.Fail()
			}
		default:
			return x
		}
		p.link()
	}
	return x
}

// memberName reads what follows a dot, or the bare name of a field.
func (p *Parser) memberName() string {
	if p.lex.dialect == SQL && p.tok.word != noWord {
		return p.Text(p.Advance())
	}
	return p.Identifier().Name
}

// orderBy reads what follows ORDER. RANK is a keyword only where a call follows it, so that c.rank and an alias of that
// name keep working. Uncertain in the service: the published grammar would reject them.
func (p *Parser) orderBy(q *Query) {
	p.expectWord(wBy)
	if next := p.Peek(); p.Is("RANK") && next.Kind == Name && next.word == noWord {
		p.Advance()
		q.Rank = true
	}
	for {
		s := Sort{Span: Span{Start: p.tok.Start}}
		if q.Rank {
			s.X = p.postfix()
		} else {
			s.X = p.Expr()
		}
		switch {
		case p.acceptWord(wAsc):
			s.Dir = "ASC"
		case p.acceptWord(wDesc):
			s.Dir, s.Desc = "DESC", true
		}
		s.Span.End = p.end
		q.OrderBy = append(q.OrderBy, s)
		if !p.acceptSym(sComma) {
			return
		}
	}
}

// offsetLimit reads OFFSET m LIMIT n; in the SQL dialect also LIMIT n [OFFSET m].
func (p *Parser) offsetLimit(q *Query) {
	start := p.tok.Start
	switch {
	case p.acceptWord(wOffset):
		q.Offset = p.count(false)
		p.expectWord(wLimit)
		q.Limit = p.count(false)
	case p.lex.dialect == SQL && p.acceptWord(wLimit):
		q.Limit = p.count(false)
		if p.acceptWord(wOffset) {
			q.Offset = p.count(false)
		}
	default:
		return
	}
	q.PageSpan = p.span(start)
}
