package nosql

// levelOf is how tightly x binds, on the scale of the parser; a conditional binds loosest, at 0.
func levelOf(x Expr) int {
	switch x := x.(type) {
	case *Cond:
		return 0
	case *Binary:
		return operatorLevel(x.Op)
	case *In, *Like, *Between:
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

// operand writes x next to an operator of the level parent, where nothing looser than least may stand: in parentheses
// if x is looser, or if readers may differ on how the two bind.
func (p *printer) operand(x Expr, parent, least int) {
	if !p.gateway && (levelOf(x) < least || inDoubt(x, parent)) {
		p.put("(")
		p.expr(x)
		p.put(")")
		return
	}
	p.expr(x)
}

// inDoubt reports whether readers may disagree on how x binds under an operator of the level parent: NOT and || bind
// differently in the two dialects, shifts are missing from the published grammar, and the service may not tell the AND
// of a BETWEEN from the operator.
func inDoubt(x Expr, parent int) bool {
	switch x := x.(type) {
	case *Unary:
		return x.Op == "NOT" && parent > levelAnd
	case *Between:
		return true
	case *Binary:
		return operatorLevel(x.Op) == levelShift || parent == levelConcat || parent == levelShift
	}
	return false
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
		p.operand(x.If, 0, levelOr)
		p.put(" ? ")
		p.expr(x.Then)
		p.put(" : ")
		p.elseBranch(x.Else)
	case *Binary:
		level := operatorLevel(x.Op)
		p.operand(x.L, level, level)
		p.put(" ")
		p.put(x.Op)
		p.put(" ")
		p.operand(x.R, level, level+1)
	case *Unary:
		p.unary(x)
	case *In:
		p.operand(x.X, levelPredicate, levelConcat)
		p.put(either(x.Not, " NOT IN (", " IN ("))
		p.list(x.List)
		p.put(")")
	case *Like:
		p.operand(x.X, levelPredicate, levelConcat)
		p.put(either(x.Not, " NOT LIKE ", " LIKE "))
		p.operand(x.Pattern, levelPredicate, levelConcat)
		if x.Escape != nil {
			p.put(" ESCAPE ")
			p.primary(x.Escape)
		}
	case *Between:
		p.operand(x.X, levelPredicate, levelConcat)
		p.put(either(x.Not, " NOT BETWEEN ", " BETWEEN "))
		p.operand(x.Low, levelPredicate, levelConcat)
		p.put(" AND ")
		p.operand(x.High, levelPredicate, levelConcat)
	}
}

// elseBranch writes the last branch of a conditional, in parentheses if it is a ??: see the levels of binding.
func (p *printer) elseBranch(x Expr) {
	if _, nested := x.(*Cond); nested {
		p.expr(x)
		return
	}
	p.operand(x, 0, levelOr)
}

func (p *printer) unary(x *Unary) {
	p.put(x.Op)
	if x.Op == "NOT" || p.gateway {
		p.put(" ")
	}
	// The gateway's own parentheses keep signs apart; without them -(-1) must not become a comment.
	p.operand(x.X, levelUnary, levelUnary+1)
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

// isNull writes IS [NOT] NULL in Cosmos's words: SQL's NULL is both its null and a property that is not there.
func (p *printer) isNull(x *IsNull) {
	p.put(either(x.Not, "(IS_DEFINED(", "(NOT IS_DEFINED("))
	p.expr(x.X)
	p.put(either(x.Not, ") AND NOT IS_NULL(", ") OR IS_NULL("))
	p.expr(x.X)
	p.put("))")
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
