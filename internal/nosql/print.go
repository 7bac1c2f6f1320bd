package nosql

// Print is n, a [*Query] or an [Expr], as canonical Cosmos SQL on one line. Parsing the text gives the same tree
// again, and the same in both dialects: where they bind differently, or where the service's own binding is in doubt,
// the printer parenthesises.
//
// Of the SQL dialect, IS NULL, COUNT(*), LIMIT without OFFSET, and names that may not follow a dot are printed in
// Cosmos's words; ? and "quoted" identifiers stay what they are, and so do ? IS NULL, whose ? must not become two, and
// LIMIT ? OFFSET ?, whose ? take arguments in this order.
func Print(n Node) string { return printed(n, printer{}) }

// PrintKeepingQuotes is [Print] for texts that are read as standard SQL again: strings keep the quotes that the text
// had, where Print writes them all as "text", which is a name there.
func PrintKeepingQuotes(n Node) string { return printed(n, printer{quotes: true}) }

func printed(n Node, p printer) string {
	switch n := n.(type) {
	case *Query:
		p.query(n)
	case Expr:
		p.expr(n)
	}
	return string(p.buf)
}

// PrintCanonical is q as the gateway's query planner writes it: a line for each clause, every operation in
// parentheses, WHERE too. An [Ident] is printed as it is named, so the planner's {marks} can stand in the tree as one.
func PrintCanonical(q *Query) string { return printed(q, printer{gateway: true}) }

// PrintCanonicalExpr is x as [PrintCanonical] writes it.
func PrintCanonicalExpr(x Expr) string { return printed(x, printer{gateway: true}) }

// printer writes a tree. With gateway it writes as the query planner does, with quotes it keeps those of strings.
type printer struct {
	buf             []byte
	gateway, quotes bool
}

func (p *printer) put(s string) { p.buf = append(p.buf, s...) }

// clause starts a clause: on a line of its own for the gateway.
func (p *printer) clause(word string) {
	if p.gateway {
		p.put("\n")
	} else {
		p.put(" ")
	}
	p.put(word)
}

func (p *printer) query(q *Query) {
	condition := !q.Select.Star && len(q.Select.Items) == 0 // as [ParseCondition] gives it
	if !condition {
		p.selection(q)
	}
	for i := range q.From {
		switch {
		case i > 0:
			p.clause("JOIN ")
		case condition:
			p.put("FROM ")
		default:
			p.clause("FROM ")
		}
		p.source(&q.From[i])
	}
	if q.Where != nil {
		p.clause("WHERE ")
		p.where(q.Where)
	}
	for i, x := range q.GroupBy {
		if i == 0 {
			p.clause("GROUP BY ")
		} else {
			p.put(", ")
		}
		p.expr(x)
	}
	p.orderBy(q)
	p.offsetLimit(q)
}

func (p *printer) selection(q *Query) {
	p.put("SELECT ")
	if q.Distinct {
		p.put("DISTINCT ")
	}
	if q.Top != nil {
		p.put("TOP ")
		p.expr(q.Top)
		p.put(" ")
	}
	if q.Select.Star {
		p.put("*")
	}
	if q.Select.Value {
		p.put("VALUE ")
	}
	for i := range q.Select.Items {
		if i > 0 {
			p.put(", ")
		}
		p.expr(q.Select.Items[i].X)
		p.alias(q.Select.Items[i].Alias)
	}
}

func (p *printer) alias(name string) {
	if name != "" {
		p.put(" AS ")
		p.name(name)
	}
}

// name writes a bare name, in quotes if it cannot be bare: only the SQL dialect reads that.
func (p *printer) name(name string) {
	if IsIdentifier(name) {
		p.put(name)
		return
	}
	p.buf = AppendString(p.buf, name)
}

func (p *printer) source(s *Source) {
	if s.In {
		p.name(s.Alias)
		p.put(" IN ")
	}
	if s.Query != nil {
		p.put("(")
		p.query(s.Query)
		p.put(")")
	} else {
		p.expr(s.Path)
	}
	if !s.In {
		p.alias(s.Alias)
	}
}

// where writes the filter, which the gateway always parenthesises, but never twice.
func (p *printer) where(x Expr) {
	if !p.gateway || isOperation(x) {
		p.expr(x)
		return
	}
	p.put("(")
	p.expr(x)
	p.put(")")
}

func (p *printer) orderBy(q *Query) {
	for i := range q.OrderBy {
		switch {
		case i > 0:
			p.put(", ")
		case q.Rank:
			p.clause("ORDER BY RANK ")
		default:
			p.clause("ORDER BY ")
		}
		p.expr(q.OrderBy[i].X)
		if dir := q.OrderBy[i].Dir; dir != "" {
			p.put(" ")
			p.put(dir)
		}
	}
}

func (p *printer) offsetLimit(q *Query) {
	if q.Limit == nil {
		return
	}
	if q.limitFirst() && hasMark(q.Limit) && hasMark(q.Offset) {
		p.clause("LIMIT ? OFFSET ?")
		return
	}
	p.clause("OFFSET ")
	if q.Offset != nil {
		p.expr(q.Offset)
	} else {
		p.put("0")
	}
	p.put(" LIMIT ")
	p.expr(q.Limit)
}

// param writes a parameter; one without a name is a ? of the SQL dialect.
func (p *printer) param(x *Param) {
	if x.Name == "" {
		p.put("?")
		return
	}
	p.put(x.Name)
}
