package planner

import (
	"strconv"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// The helpers here build pieces of rewritten queries.

func number(n int64) nosql.Expr {
	return &nosql.Literal{Kind: nosql.Number, Text: strconv.FormatInt(n, 10)}
}

// mark stands for what the client fills in; the printer writes it as it is.
func mark(text string) nosql.Expr { return &nosql.Ident{Name: text} }

func call(name string, args ...nosql.Expr) *nosql.Call { return &nosql.Call{Name: name, Args: args} }

func object(fields ...nosql.Field) *nosql.Object { return &nosql.Object{Fields: fields} }

func array(items ...nosql.Expr) *nosql.Array { return &nosql.Array{Items: items} }

func field(name string, x nosql.Expr) nosql.Field { return nosql.Field{Name: name, Value: x} }

// itemObject is {"item": x}, the envelope of every value that the client compares or folds.
func itemObject(x nosql.Expr) *nosql.Object { return object(field("item", x)) }

func itemList(xs []nosql.Expr) *nosql.Array {
	list := make([]nosql.Expr, len(xs))
	for i, x := range xs {
		list[i] = itemObject(x)
	}
	return array(list...)
}

// payload is the row of q as one expression.
func payload(q *nosql.Query) nosql.Expr {
	switch {
	case q.Select.Star:
		return document(q)
	case q.Select.Value:
		return q.Select.Items[0].X
	}
	names, _ := q.Columns()
	row := object()
	for i, item := range q.Select.Items {
		row.Fields = append(row.Fields, field(names[i], item.X))
	}
	return row
}

// document is what q calls its source.
func document(q *nosql.Query) nosql.Expr {
	name := "c"
	if len(q.From) > 0 && q.From[0].Name() != "" {
		name = q.From[0].Name()
	}
	return &nosql.Ident{Name: name}
}

func rid(q *nosql.Query) nosql.Item {
	return nosql.Item{X: &nosql.Member{X: document(q), Name: "_rid"}}
}

// and joins conditions; the client's filter is one of them, in the parentheses that the gateway puts around it.
func and(l, r nosql.Expr) nosql.Expr { return &nosql.Binary{Op: "AND", L: l, R: r} }
