package nosql

// Walk visits n, a [*Query] or an [Expr], and everything under it in the order of the text: queries and expressions.
// What is under a node is left out when visit gives false for it.
func Walk(n Node, visit func(Node) bool) {
	switch n := n.(type) {
	case *Query:
		if n != nil && visit(n) {
			walkQuery(n, visit)
		}
	case Expr:
		if visit(n) {
			walkExpr(n, visit)
		}
	}
}

func walkQuery(q *Query, visit func(Node) bool) {
	walkIf(q.Top, visit)
	for i := range q.Select.Items {
		walkIf(q.Select.Items[i].X, visit)
	}
	for i := range q.From {
		walkIf(q.From[i].Path, visit)
		Walk(q.From[i].Query, visit)
	}
	walkIf(q.Where, visit)
	walkAll(q.GroupBy, visit)
	for i := range q.OrderBy {
		walkIf(q.OrderBy[i].X, visit)
	}
	first, second := q.Offset, q.Limit
	if q.limitFirst() {
		first, second = second, first
	}
	walkIf(first, visit)
	walkIf(second, visit)
}

func walkExpr(x Expr, visit func(Node) bool) {
	switch x := x.(type) {
	case *Member:
		Walk(x.X, visit)
	case *Index:
		Walk(x.X, visit)
		Walk(x.I, visit)
	case *Array:
		walkAll(x.Items, visit)
	case *Object:
		for i := range x.Fields {
			Walk(x.Fields[i].Value, visit)
		}
	case *Unary:
		Walk(x.X, visit)
	case *Binary:
		Walk(x.L, visit)
		Walk(x.R, visit)
	case *Cond:
		Walk(x.If, visit)
		Walk(x.Then, visit)
		Walk(x.Else, visit)
	case *In:
		Walk(x.X, visit)
		walkAll(x.List, visit)
	case *Like:
		Walk(x.X, visit)
		Walk(x.Pattern, visit)
		if x.Escape != nil {
			Walk(x.Escape, visit)
		}
	case *Between:
		Walk(x.X, visit)
		Walk(x.Low, visit)
		Walk(x.High, visit)
	case *IsNull:
		Walk(x.X, visit)
	case *Call:
		walkAll(x.Args, visit)
	case *Let:
		Walk(x.Value, visit)
		Walk(x.Body, visit)
	case *Subquery:
		Walk(x.Query, visit)
	}
}

func walkAll(xs []Expr, visit func(Node) bool) {
	for _, x := range xs {
		Walk(x, visit)
	}
}

func walkIf(x Expr, visit func(Node) bool) {
	if x != nil {
		Walk(x, visit)
	}
}
