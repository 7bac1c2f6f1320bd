package nosql

// levelOf is how tightly x binds, on the scale of the parser; a conditional binds loosest, at 0.
func levelOf(x Expr) int {
	switch x := x.(type) {
	case *Cond:
		return 0
	case *Binary:
		return operatorLevel(x.Op)
	case *Between:
		return levelBetween
	case *In, *Like:
		return levelPredicate
	case *Unary:
		return levelUnary
	}
	return levelUnary + 1
}

func operatorLevel(op string) int {
	switch op {
	case "OR":
		return levelOr
	case "AND":
		return levelAnd
	}
	for _, o := range symOperators {
		if o.op == op {
			return o.level
		}
	}
	return levelCoalesce
}

// isOperation reports whether the gateway parenthesises x.
func isOperation(x Expr) bool { return levelOf(x) <= levelUnary }

// operand writes x where nothing looser than least may stand: in parentheses if x is looser.
func (p *printer) operand(x Expr, least int) { p.guarded(x, levelOf(x) < least) }

// guarded writes x, in parentheses if it needs them; the gateway's own are enough.
func (p *printer) guarded(x Expr, needed bool) {
	if p.gateway || !needed {
		p.expr(x)
		return
	}
	p.put("(")
	p.expr(x)
	p.put(")")
}

// side writes an operand of the operator op: flat where it goes on a chain, or where nobody doubts how the two bind,
// else in parentheses. Of + and -, and of * / %, chains may be mixed.
func (p *printer) side(x Expr, op string, continues bool) {
	inner, outer := commonRank(x), rankOf(op)
	if b, ok := x.(*Binary); ok && continues && (b.Op == op || inner == outer && outer >= rankSum) {
		p.expr(x)
		return
	}
	plain := inner > outer
	if outer == rankNone {
		plain = inner == rankPrimary
	}
	if u, ok := x.(*Unary); ok && u.Op == "NOT" {
		plain = op == "AND" || op == "OR"
	}
	p.guarded(x, !plain)
}

// The ranks of what binds alike in every grammar and to every reader: those of C, of SQL and of the service's older
// clients agree on * / % before + -, both before comparisons, these before AND, and AND before OR.
const (
	rankNone = iota
	rankOr
	rankAnd
	rankCompare
	rankSum
	rankProduct
	rankPrimary
)

// commonRank is the rank of x; what binds differently here and there has none.
func commonRank(x Expr) int {
	switch x := x.(type) {
	case *Cond, *Between:
		return rankNone
	case *In, *Like:
		return rankCompare
	case *Binary:
		return rankOf(x.Op)
	}
	return rankPrimary
}

func rankOf(op string) int {
	switch op {
	case "OR":
		return rankOr
	case "AND":
		return rankAnd
	case "=", "!=", "<", "<=", ">", ">=":
		return rankCompare
	case "+", "-":
		return rankSum
	case "*", "/", "%":
		return rankProduct
	}
	return rankNone
}

// expr writes x, for the gateway in the parentheses it always has around operations.
func (p *printer) expr(x Expr) {
	if p.gateway && isOperation(x) {
		p.put("(")
		p.operation(x)
		p.put(")")
		return
	}
	if isOperation(x) {
		p.operation(x)
		return
	}
	p.primary(x)
}

func (p *printer) operation(x Expr) {
	switch x := x.(type) {
	case *Cond:
		p.operand(x.If, levelOr)
		p.put(" ? ")
		p.expr(x.Then)
		p.put(" : ")
		p.elseBranch(x.Else)
	case *Binary:
		// ?? is right associative, every other operator left; a chain of one operator stays flat.
		p.side(x.L, x.Op, x.Op != "??")
		p.put(" ")
		p.put(x.Op)
		p.put(" ")
		p.side(x.R, x.Op, x.Op == "??")
	case *Unary:
		p.unary(x)
	case *In:
		p.side(x.X, "=", false)
		p.put(either(x.Not, " NOT IN (", " IN ("))
		p.list(x.List)
		p.put(")")
	case *Like:
		p.side(x.X, "=", false)
		p.put(either(x.Not, " NOT LIKE ", " LIKE "))
		p.side(x.Pattern, "=", false)
		if x.Escape != nil {
			p.put(" ESCAPE ")
			p.primary(x.Escape)
		}
	case *Between:
		p.side(x.X, "=", false)
		p.put(either(x.Not, " NOT BETWEEN ", " BETWEEN "))
		p.side(x.Low, "=", false)
		p.put(" AND ")
		p.side(x.High, "=", false)
	}
}

// elseBranch writes the last branch of a conditional, in parentheses if it is a ??, which readers might take to reach
// back.
func (p *printer) elseBranch(x Expr) {
	if _, nested := x.(*Cond); nested {
		p.expr(x)
		return
	}
	p.operand(x, levelOr)
}

func (p *printer) unary(x *Unary) {
	p.put(x.Op)
	if x.Op == "NOT" || p.gateway {
		p.put(" ")
	}
	// The gateway's own parentheses keep signs apart; without them -(-1) must not become a comment.
	p.operand(x.X, levelUnary+1)
}

func either(not bool, yes, no string) string {
	if not {
		return yes
	}
	return no
}

func (p *printer) list(xs []Expr) {
	for i, x := range xs {
		if i > 0 {
			p.put(", ")
		}
		p.expr(x)
	}
}

func (p *printer) primary(x Expr) {
	switch x := x.(type) {
	case *Literal:
		p.literal(x)
	case *Param:
		p.param(x)
	case *Ident:
		if x.Quoted {
			p.buf = AppendString(p.buf, x.Name)
			return
		}
		p.put(x.Name)
	case *Member:
		p.base(x.X)
		if x.Bracket || !IsIdentifier(x.Name) {
			p.put("[")
			p.buf = AppendString(p.buf, x.Name)
			p.put("]")
			return
		}
		p.put(".")
		p.put(x.Name)
	case *Index:
		p.base(x.X)
		p.put("[")
		p.expr(x.I)
		p.put("]")
	case *Array:
		p.put("[")
		p.list(x.Items)
		p.put("]")
	case *Object:
		p.object(x)
	case *IsNull:
		p.isNull(x)
	case *Call:
		p.call(x)
	case *Let:
		p.put("(LET ")
		p.name(x.Name)
		p.put(" = ")
		p.side(x.Value, "=", false)
		p.put(" IN ")
		p.side(x.Body, "=", false)
		p.put(")")
	case *Subquery:
		p.put([...]string{"(", "EXISTS(", "ARRAY(", "ALL(", "FIRST(", "LAST("}[x.Kind])
		p.query(x.Query)
		p.put(")")
	}
}

// base writes what a step leads into. A literal needs parentheses there: 1.x is no token and "a".x an identifier of
// the SQL dialect.
func (p *printer) base(x Expr) {
	if _, ok := x.(*Literal); ok || isOperation(x) && !p.gateway {
		p.put("(")
		p.expr(x)
		p.put(")")
		return
	}
	p.expr(x)
}

func (p *printer) literal(x *Literal) {
	switch x.Kind {
	case Undefined:
		p.put("undefined")
	case Null:
		p.put("null")
	case True:
		p.put("true")
	case False:
		p.put("false")
	case Number:
		p.put(x.Text)
	case String:
		if p.quotes && x.Single {
			p.put(SingleQuoted(x.Text))
			return
		}
		p.buf = AppendString(p.buf, x.Text)
	}
}

func (p *printer) object(x *Object) {
	p.put("{")
	for i, f := range x.Fields {
		if i > 0 {
			p.put(", ")
		}
		p.buf = AppendString(p.buf, f.Name)
		p.put(": ")
		p.expr(f.Value)
	}
	p.put("}")
}

// isNull writes IS [NOT] NULL in Cosmos's words: SQL's NULL is both its null and a property that is not there. These
// name the operand twice: one with a ? in it, which takes the next argument, stays as it is until the ? has a name.
func (p *printer) isNull(x *IsNull) {
	if hasMark(x.X) {
		p.put("(")
		p.base(x.X)
		p.put(either(x.Not, " IS NOT NULL)", " IS NULL)"))
		return
	}
	p.put(either(x.Not, "(IS_DEFINED(", "(NOT IS_DEFINED("))
	p.expr(x.X)
	p.put(either(x.Not, ") AND NOT IS_NULL(", ") OR IS_NULL("))
	p.expr(x.X)
	p.put("))")
}

// hasMark reports whether there is a ? in x.
func hasMark(x Expr) bool {
	found := false
	Walk(x, func(n Node) bool {
		p, ok := n.(*Param)
		found = found || ok && p.Name == ""
		return !found
	})
	return found
}

func (p *printer) call(x *Call) {
	if x.UDF {
		p.put("udf.")
	}
	p.put(x.Name)
	p.put("(")
	if x.Star {
		p.put("1")
	}
	p.list(x.Args)
	p.put(")")
}
