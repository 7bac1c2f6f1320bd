package dsl

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	sq "github.com/Masterminds/squirrel"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// bind parses text, at the end of start, and holds its placeholders against its arguments: one each. A [Sqlizer] among
// the arguments is put in the place of its placeholder. Without a start the text is an expression.
func bind(start, text string, args []any) (nosql.Node, []any, error) {
	whole := start + text
	node, err := parseText(start, whole)
	if err != nil {
		return nil, nil, textError(text, err)
	}
	params := positionals(node)
	for i, p := range params {
		if i > 0 && p.Start <= params[i-1].Start { // (?, x) = (?, y) has become ? = ? AND x = y
			return nil, nil, fmt.Errorf(
				"cosmos: dsl: %q compares rows with a placeholder on the left; write a comparison for each value", text)
		}
	}
	var spliced strings.Builder
	var flat []any
	end, used := 0, 0
	for _, arg := range args {
		if _, ok := arg.(sql.NamedArg); ok {
			flat = append(flat, arg)
			continue
		}
		if used++; used > len(params) {
			continue
		}
		p := params[used-1]
		inner, ok := arg.(sq.Sqlizer)
		if !ok {
			flat = append(flat, arg)
			continue
		}
		e, err := operand(inner)
		if err != nil {
			return nil, nil, err
		}
		spliced.WriteString(whole[end:p.Start] + e.text)
		flat = append(flat, e.args...)
		end = p.End
	}
	if used != len(params) {
		return nil, nil, fmt.Errorf("cosmos: dsl: %q has %s and %s", text,
			errtext.Count(len(params), "placeholder"), errtext.Count(used, "argument"))
	}
	if end > 0 {
		node, err = parseText(start, spliced.String()+whole[end:])
	}
	return node, flat, err
}

func parseText(start, whole string) (nosql.Node, error) {
	if start == "" {
		return nosql.ParseExpr(whole, nosql.SQL)
	}
	return nosql.Parse(whole, nosql.SQL)
}

func textError(text string, err error) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("cosmos: dsl: an empty text")
	}
	return fmt.Errorf("cosmos: dsl: %q: %w", text, err)
}

// numbered is the squirrel.PlaceholderFormat of this package: @p1, @p2, … as squirrel's AtP, but it tells a placeholder
// from the ? of a conditional expression, the ?? of a coalesce and what stands in a string.
type numbered struct{}

// ReplacePlaceholders implements squirrel.PlaceholderFormat.
func (numbered) ReplacePlaceholders(text string) (string, error) {
	q, err := nosql.Parse(text, nosql.SQL)
	if err != nil {
		return "", textError(text, err)
	}
	if _, err := number(q, 0); err != nil {
		return "", err
	}
	return nosql.PrintKeepingQuotes(q), nil
}

// number names the positional parameters below n in the order of the text, behind so many before it, and returns how
// many there are then. A nested statement whose text was finished before it came here brings @p1, @p2, … of its own:
// its arguments stand in the same order, so that they are numbered anew. Numbers in any other order were written by
// hand and would bind the wrong values.
func number(n nosql.Node, before int) (int, error) {
	last := 0
	for _, p := range positionals(n) {
		if p.Name != "" {
			own, _ := strconv.Atoi(p.Name[len("@p"):])
			if own != 1 && own != last+1 {
				return 0, fmt.Errorf(
					"cosmos: dsl: %s is out of order; write ? for each value and leave the numbers to the builder",
					p.Name)
			}
			last = own
		}
		before++
		p.Name = "@p" + strconv.Itoa(before)
	}
	return before, nil
}

// positionals returns the parameters below n that take the next argument, in the order of the text: each ?, and the
// numbers that a builder gave.
func positionals(n nosql.Node) []*nosql.Param {
	var params []*nosql.Param
	nosql.Walk(n, func(n nosql.Node) bool {
		if p, ok := n.(*nosql.Param); ok && positional(p) {
			params = append(params, p)
		}
		return true
	})
	return params
}

func positional(p *nosql.Param) bool {
	digits, ok := strings.CutPrefix(p.Name, "@p")
	return p.Name == "" || ok && digits != "" && strings.Trim(digits, "0123456789") == ""
}
