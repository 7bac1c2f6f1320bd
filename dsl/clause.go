package dsl

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// clause is the text of one clause. It is parsed at the end of start, the shortest query that the clause completes.
type clause struct {
	start string
	text  string
	args  []any
}

const (
	selectList = "SELECT "
	fromClause = "SELECT * FROM "
	orderBy    = "SELECT * FROM c ORDER BY "
)

// read parses the clause and returns it in Cosmos SQL.
func (c clause) read() (expression, error) {
	node, args, err := bind(c.start, c.text, c.args)
	if err != nil {
		return expression{}, err
	}
	q := node.(*nosql.Query)
	if !c.only(q) {
		return expression{}, fmt.Errorf("cosmos: dsl: %q says more than its place in the query allows", c.text)
	}
	return expression{text: strings.TrimPrefix(nosql.PrintKeepingQuotes(q), c.start), args: args}, nil
}

// only reports whether q has no clause beyond the one that was asked for.
func (c clause) only(q *nosql.Query) bool {
	return !q.Distinct && q.Top == nil && !q.Select.Value &&
		(len(q.From) > 0) == (c.start != selectList) &&
		q.Where == nil && len(q.GroupBy) == 0 && q.Offset == nil && q.Limit == nil &&
		(len(q.OrderBy) > 0) == (c.start == orderBy)
}

// bare is what may be the name of a container that is not an identifier, perhaps after its database, and what follows
// it.
var bare = regexp.MustCompile(`^([^\s"'()\[\]{},;]+)(\s.*)?$`)

// from reads what stands after FROM, quoting the names of containers that need it: my-orders o becomes "my-orders" o.
func from(text string) (expression, error) {
	e, err := clause{fromClause, text, nil}.read()
	if err == nil {
		return e, nil
	}
	m := bare.FindStringSubmatch(text)
	if m == nil {
		return e, err
	}
	names := strings.Split(m[1], ".")
	for i, name := range names {
		names[i] = nosql.Print(named(name))
	}
	return clause{fromClause, strings.Join(names, ".") + m[2], nil}.read()
}
