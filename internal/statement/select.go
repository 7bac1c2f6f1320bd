package statement

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Select is a query.
type Select struct {
	Parameters
	Query *nosql.Query // the tree of Text; not to be changed
	Text  string       // what is sent

	// Database and Container are what FROM names; "" where [Options] knew them, or where there is no FROM.
	Database, Container string

	Step string // the step that FROM takes from the container's name: orders in FROM shop.orders; "" for none

	Columns []string // what the rows of an explicit list call their members, see [nosql.Query.Columns]
	// what the text calls them: the same but for names in quotes, AS "addr.city", which Cosmos has none of
	Names []string
	Star  bool // SELECT *
	Value bool // SELECT VALUE

	lists lists
}

// Bind is [Parameters.Bind]. It refuses IN over one array, which finds nothing.
func (s *Select) Bind(args []Arg) ([]Arg, error) {
	bound, err := s.Parameters.Bind(args)
	if err == nil {
		err = s.lists.check(bound)
	}
	return bound, err
}

// parseSelect reads text as Cosmos SQL, and if it is none, as SQL to be rewritten.
func parseSelect(text string, o Options) (*Select, error) {
	if q, err := nosql.Parse(text, nosql.Cosmos); err == nil && nosql.Resolve(q) == nil && !sortsByText(q) {
		if err := onlyConstants(q, text); err != nil {
			return nil, err
		}
		return newSelect(text, q, true, o)
	}
	text, crossed := blankCrossPartition(text)
	p := nosql.NewParser(text, nosql.SQL)
	q := p.Query()
	end := p.EndOfLast()
	with := readWith(p)
	p.End()
	if err := p.Err(); err != nil {
		return nil, err
	}
	if !crossed && with == nil {
		if err := checkPrefixes(q, text); err != nil {
			return nil, err
		}
		if err := checkNot(q, text); err != nil {
			return nil, err
		}
		if err := quotedNames(q, text); err != nil {
			return nil, err
		}
		return newSelect(text, q, false, o)
	}
	s, err := selectWith(text[:end], with, o)
	if err != nil {
		return nil, err
	}
	s.Text = s.Text[:len("SELECT ")] + strings.TrimLeft(s.Text[len("SELECT "):], " ")
	return s, nil
}

// sortsByText reports whether a key of ORDER BY is a string, which the service refuses and SQL takes for a name.
func sortsByText(q *nosql.Query) bool {
	return slices.ContainsFunc(q.OrderBy, func(key nosql.Sort) bool {
		x, ok := key.X.(*nosql.Literal)
		return ok && x.Kind == nosql.String
	})
}

// parseExplain reads the SELECT that begins at start.
func parseExplain(text string, start int, analyze bool, o Options) (*Explain, error) {
	// Blanks keep the places of errors what they are in the whole text.
	blank := []byte(text)
	for i := range start {
		if blank[i] != '\n' {
			blank[i] = ' '
		}
	}
	s, err := parseSelect(string(blank), o)
	if err != nil {
		return nil, err
	}
	if s.Text == string(blank) {
		s.Text = text[start:]
	}
	return &Explain{analyze, s}, nil
}

// newSelect makes the statement of q, whose text is sent as it is written or printed anew.
func newSelect(text string, q *nosql.Query, asWritten bool, o Options) (*Select, error) {
	s := &Select{Query: q, Text: text, Star: q.Select.Star, Value: q.Select.Value}
	if err := s.Parameters.add(q); err != nil {
		return nil, err
	}
	s.lists = listsOf(q)
	qualified, err := s.address(o)
	if err != nil {
		return nil, err
	}
	s.Names, _ = q.Columns()
	s.Columns = s.Names
	if qualified || !asWritten {
		if err := standardise(q); err != nil {
			return nil, err
		}
		s.Text = nosql.Print(q)
		s.Columns, _ = q.Columns()
	}
	return s, nil
}

// address reads from the front of FROM what o does not know. It reports whether it took a database out of the tree.
func (s *Select) address(o Options) (qualified bool, err error) {
	if o.Container {
		return false, nil
	}
	for i, root := range nosql.Containers(s.Query) {
		database, container := "", root.Name
		if !o.Database {
			if m := step(s.Query, root); m != nil {
				database, container = root.Name, m.Name
				unqualify(s.Query, m)
				qualified = true
			}
		}
		if i > 0 && (database != s.Database || container != s.Container) {
			return false, &nosql.Error{
				Message: fmt.Sprintf("The query names two containers, %s and %s; Cosmos DB queries one at a time.",
					qualifiedName(s.Database, s.Container), qualifiedName(database, container)),
				Start: root.Start,
				End:   root.End,
			}
		}
		s.Database, s.Container = database, container
		if m := step(s.Query, root); m != nil && i == 0 && inFrom(s.Query, m) {
			s.Step = m.Name
		}
	}
	return qualified, nil
}

// qualifiedName is a container as the text names it.
func qualifiedName(database, container string) string {
	if database == "" {
		return container
	}
	return database + "." + container
}

// step is the first step that a path of q takes from root, or nil.
func step(q *nosql.Query, root *nosql.Ident) *nosql.Member {
	var first *nosql.Member
	nosql.Walk(q, func(n nosql.Node) bool {
		if m, ok := n.(*nosql.Member); ok && m.X == nosql.Expr(root) {
			first = m
		}
		return first == nil
	})
	return first
}

// inFrom reports whether m is in a path of FROM.
func inFrom(q *nosql.Query, m *nosql.Member) bool {
	found := false
	for i := range q.From {
		if q.From[i].Path != nil {
			nosql.Walk(q.From[i].Path, func(n nosql.Node) bool {
				found = found || n == nosql.Node(m)
				return !found
			})
		}
	}
	return found
}

// unqualify makes a name of the step m, which stands for database.container.
func unqualify(q *nosql.Query, m *nosql.Member) {
	nosql.Rewrite(q, func(x nosql.Expr) nosql.Expr {
		if x == nosql.Expr(m) {
			return &nosql.Ident{Span: m.Span, Name: m.Name}
		}
		return x
	})
}
