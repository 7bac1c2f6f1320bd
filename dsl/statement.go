package dsl

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// statement is what the statements that write have in common.
type statement struct {
	container string
	where     []Sqlizer
	returning []string
	options   []any
	err       error // the first thing wrong with the statement
}

// on starts a statement about a container, perhaps after its database and with an alias: "shop.orders o".
func on(container string) statement {
	e, err := from(container)
	if err != nil {
		return statement{err: err}
	}
	q, err := nosql.Parse(fromClause+e.text, nosql.SQL)
	if err != nil {
		return statement{err: textError(container, err)}
	}
	var text string
	if len(q.From) == 1 && !q.From[0].In {
		switch x := q.From[0].Path.(type) {
		case *nosql.Ident:
			text = nosql.Print(x)
		case *nosql.Member:
			if database, ok := x.X.(*nosql.Ident); ok {
				text = nosql.Print(database) + "." + nosql.Print(named(x.Name))
			}
		}
	}
	if text == "" {
		return statement{err: fmt.Errorf("cosmos: dsl: %q is not the name of a container", container)}
	}
	if alias := q.From[0].Alias; alias != "" {
		text += " AS " + alias
	}
	return statement{container: text}
}

func (s statement) fail(err error) statement {
	if s.err == nil {
		s.err = err
	}
	return s
}

func (s statement) filter(cond any, args []any) statement {
	if saysNothing(cond) && len(args) == 0 {
		return s
	}
	e, err := conjunct(cond, args...)
	if err != nil {
		return s.fail(err)
	}
	s.where = append(slices.Clip(s.where), e)
	return s
}

func (s statement) returns(columns []string) statement {
	s.returning = slices.Clip(s.returning)
	for _, column := range columns {
		if column == "*" {
			s.returning = append(s.returning, column)
			continue
		}
		path, err := property(column)
		if err != nil {
			return s.fail(err)
		}
		s.returning = append(s.returning, path)
	}
	return s
}

// finish writes the clauses that end a statement and gives its text and arguments.
func (s statement) finish(t *text) (string, []any, error) {
	if len(s.where) > 0 {
		t.WriteString(" WHERE ")
		t.value(And(s.where))
	}
	if len(s.returning) > 0 {
		t.WriteString(" RETURNING " + strings.Join(s.returning, ", "))
	}
	if s.err == nil && s.container == "" {
		s.err = errors.New("cosmos: dsl: a statement without a container; Insert, Upsert, Update and Delete begin one")
	}
	if err := errors.Join(s.err, t.err); err != nil {
		return "", nil, err
	}
	return t.String(), append(t.args, s.options...), nil
}

// text puts a statement together and numbers the parameters of its expressions.
type text struct {
	strings.Builder
	args     []any
	numbered int // parameters without a name of their own so far
	err      error
}

// value writes an expression, or a parameter for any other value. The expression is parsed anew, since copies of a
// builder share it.
func (t *text) value(v any) {
	e, err := scalar(valueOf(v))
	var node nosql.Expr
	if err == nil {
		node, err = nosql.ParseExpr(e.text, nosql.SQL)
	}
	if err == nil {
		t.numbered, err = number(node, t.numbered)
	}
	if err != nil {
		t.err = errors.Join(t.err, err)
		return
	}
	t.args = append(t.args, e.args...)
	t.WriteString(nosql.PrintKeepingQuotes(node))
}

// property writes the path of a property: address.city, o.lines[0]["unit price"], or ["address"]["city"] as [Path]
// gives it without a root. A text that is none of these is one name, if it could not have been meant as a path.
func property(text string) (string, error) {
	whole := "x." + text
	if strings.HasPrefix(text, "[") {
		whole = "x" + text
	}
	x, err := nosql.ParseExpr(whole, nosql.SQL)
	if err == nil {
		if path := below(x); path != nil {
			return nosql.Print(path), nil
		}
	}
	if text == "" || strings.ContainsAny(text, ".[]") {
		return "", fmt.Errorf("cosmos: dsl: %q is not the path of a property; Path(\"\", names…) takes any names", text)
	}
	return nosql.Print(named(text)), nil
}

// below takes the root off a path; it is nil for any other expression.
func below(x nosql.Expr) nosql.Expr {
	switch x := x.(type) {
	case *nosql.Member:
		if _, ok := x.X.(*nosql.Ident); ok {
			return named(x.Name)
		}
		if rest := below(x.X); rest != nil {
			return &nosql.Member{X: rest, Name: x.Name}
		}
	case *nosql.Index:
		at, ok := x.I.(*nosql.Literal)
		if rest := below(x.X); rest != nil && ok && at.Kind == nosql.Number {
			return &nosql.Index{X: rest, I: at}
		}
	}
	return nil
}

func named(name string) *nosql.Ident {
	return &nosql.Ident{Name: name, Quoted: !nosql.IsIdentifier(name)}
}
