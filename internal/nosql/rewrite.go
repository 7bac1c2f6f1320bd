package nosql

// Rewrite replaces, in place and from the leaves up, every expression under n by what f makes of it, those of nested
// queries and the paths of FROM included. For an [Expr] it gives what f makes of n itself; otherwise n.
func Rewrite(n Node, f func(Expr) Expr) Node {
	switch n := n.(type) {
	case *Query:
		if n != nil {
			rewriteQuery(n, f)
		}
	case Expr:
		return rewrite(n, f)
	}
	return n
}

func rewriteQuery(q *Query, f func(Expr) Expr) {
	for i := range q.Select.Items {
		q.Select.Items[i].X = rewrite(q.Select.Items[i].X, f)
	}
	for i := range q.From {
		q.From[i].Path = rewrite(q.From[i].Path, f)
		Rewrite(q.From[i].Query, f)
	}
	q.Where = rewrite(q.Where, f)
	rewriteAll(q.GroupBy, f)
	for i := range q.OrderBy {
		q.OrderBy[i].X = rewrite(q.OrderBy[i].X, f)
	}
	q.Top, q.Offset, q.Limit = rewrite(q.Top, f), rewrite(q.Offset, f), rewrite(q.Limit, f)
}

// rewrite is f of x, whose parts were rewritten before; nil stays nil.
func rewrite(x Expr, f func(Expr) Expr) Expr {
	switch x := x.(type) {
	case nil:
		return nil
	case *Member:
		x.X = rewrite(x.X, f)
	case *Index:
		x.X, x.I = rewrite(x.X, f), rewrite(x.I, f)
	case *Array:
		rewriteAll(x.Items, f)
	case *Object:
		for i := range x.Fields {
			x.Fields[i].Value = rewrite(x.Fields[i].Value, f)
		}
	case *Unary:
		x.X = rewrite(x.X, f)
	case *Binary:
		x.L, x.R = rewrite(x.L, f), rewrite(x.R, f)
	case *Cond:
		x.If, x.Then, x.Else = rewrite(x.If, f), rewrite(x.Then, f), rewrite(x.Else, f)
	case *In:
		x.X = rewrite(x.X, f)
		rewriteAll(x.List, f)
	case *Like:
		x.X, x.Pattern = rewrite(x.X, f), rewrite(x.Pattern, f)
	case *Between:
		x.X, x.Low, x.High = rewrite(x.X, f), rewrite(x.Low, f), rewrite(x.High, f)
	case *IsNull:
		x.X = rewrite(x.X, f)
	case *Call:
		rewriteAll(x.Args, f)
	case *Let:
		x.Value, x.Body = rewrite(x.Value, f), rewrite(x.Body, f)
	case *Subquery:
		rewriteQuery(x.Query, f)
	}
	return f(x)
}

func rewriteAll(xs []Expr, f func(Expr) Expr) {
	for i := range xs {
		xs[i] = rewrite(xs[i], f)
	}
}
