package statement

import (
	"encoding/json"
	"fmt"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Insert is INSERT, UPSERT or REPLACE:
//
//	INSERT INTO [db.]container (id, addr.city, "odd name") VALUES (@p1, 'Oslo', {a: [1]}), (…) [RETURNING *]
//	INSERT INTO [db.]container VALUES (@document), (…)
//
// REPLACE is what it is in MySQL and SQLite, the same as UPSERT: the document is written whether or not there was one.
type Insert struct {
	Parameters
	Target
	Verb         string   // INSERT, UPSERT or REPLACE
	PartitionKey []string // of gocosmos's WITH PK=/a,/b; nil without it
	Returning    *Returning

	columns  *column // nil where each row is one whole document
	rows     [][]nosql.Expr
	numbered bool // its placeholders are gocosmos's
}

// parseInsert reads what follows the verb.
func parseInsert(p *nosql.Parser, text, verb string) (*Insert, error) {
	s := &Insert{Verb: verb}
	p.Expect("INTO")
	s.Target = readTarget(p)
	alias := s.Container // of the documents in RETURNING
	if p.Accept("AS") {
		alias = p.Identifier().Name
	}
	var paths []path
	if p.Accept("(") {
		for {
			paths = append(paths, readPath(p, false))
			if !p.Accept(",") {
				break
			}
		}
		p.Expect(")")
	}
	p.Expect("VALUES")
	for {
		row, err := readRow(p, text)
		if err != nil {
			return nil, err
		}
		s.rows = append(s.rows, row)
		if !p.Accept(",") {
			break
		}
	}
	s.Returning = readReturning(p, alias)
	with := readWith(p)
	p.End()
	if err := p.Err(); err != nil {
		return nil, err
	}
	if err := s.setColumns(paths); err != nil {
		return nil, err
	}
	if err := s.setOptions(with); err != nil {
		return nil, err
	}
	return s, s.addParameters()
}

// readRow reads (value, …).
func readRow(p *nosql.Parser, text string) ([]nosql.Expr, error) {
	p.Expect("(")
	var row []nosql.Expr
	for {
		x := readInserted(p)
		if err := p.Err(); err != nil {
			return nil, err
		}
		x, err := quotedValue(x, text)
		if err != nil {
			return nil, err
		}
		if err := checkConstant(x, "VALUES"); err != nil {
			return nil, err
		}
		row = append(row, x)
		if !p.Accept(",") {
			break
		}
	}
	p.Expect(")")
	return row, p.Err()
}

// readInserted reads a value of VALUES. DEFAULT, which generators write for what was not set, leaves the property out.
func readInserted(p *nosql.Parser) nosql.Expr {
	if next := p.Peek(); p.Is("DEFAULT") && (p.Text(next) == "," || p.Text(next) == ")") {
		return &nosql.Literal{Span: p.Advance().Span, Kind: nosql.Undefined}
	}
	return p.Expr()
}

// setColumns checks the rows against the columns.
func (s *Insert) setColumns(paths []path) error {
	if paths != nil {
		s.columns = &column{value: -1}
	}
	for i, way := range paths {
		if err := s.columns.add(way, i); err != nil {
			return err
		}
	}
	for i, row := range s.rows {
		switch {
		case paths == nil && len(row) != 1:
			return fmt.Errorf("row %d of VALUES has %s and no columns: "+
				"name the columns, or give one whole document", i+1, errtext.Count(len(row), "value"))
		case paths != nil && len(row) != len(paths):
			return fmt.Errorf("row %d of VALUES has %s for %s", i+1, errtext.Count(len(row), "value"),
				errtext.Count(len(paths), "column"))
		}
	}
	return nil
}

// setOptions takes gocosmos's options. SINGLE_PK only saved it a request.
func (s *Insert) setOptions(with []option) error {
	for _, o := range with {
		switch o.key {
		case "PK":
			paths, err := o.paths()
			if err != nil {
				return err
			}
			s.PartitionKey = paths
		case "SINGLEPK":
			if err := o.mustBeTrue(); err != nil {
				return err
			}
		default:
			return o.unknown("PK", "SINGLE_PK")
		}
	}
	return nil
}

func (s *Insert) addParameters() error {
	list := &nosql.Array{}
	for _, row := range s.rows {
		list.Items = append(list.Items, row...)
	}
	s.numbered = numbered(list)
	return s.Parameters.add(list)
}

// SplitKey takes off args the value of the partition key that gocosmos gives as one argument more than there are
// placeholders; nil if there is none.
func (s *Insert) SplitKey(args []Arg) (rest []Arg, key json.RawMessage) {
	if !s.numbered {
		return args, nil
	}
	return s.Parameters.splitKey(args)
}

// Documents binds args and gives the documents, in the order of the rows. A whole document that is not a JSON object is
// an error.
func (s *Insert) Documents(args []Arg) ([]json.RawMessage, error) {
	bound, err := s.Bind(args)
	if err != nil {
		return nil, err
	}
	documents := make([]json.RawMessage, len(s.rows))
	size := 0 // of one document, about
	for _, arg := range bound {
		size += len(arg.Value)
	}
	size = s.columns.size() + size/len(s.rows)
	for i, row := range s.rows {
		if s.columns != nil {
			documents[i] = s.columns.appendObject(make([]byte, 0, size), row, bound)
			continue
		}
		documents[i], _ = appendConstant(nil, row[0], bound)
		if len(documents[i]) == 0 || documents[i][0] != '{' {
			return nil, errtext.Refusef("cosmos: %s: row %d of VALUES is one value "+
				"without columns, so it must be a whole document, "+
				"a JSON object; it is %s", s.Verb, i+1, excerpt(documents[i]))
		}
	}
	return documents, nil
}

// excerpt is the front of a JSON text, for an error.
func excerpt(text []byte) string {
	const most = 40
	switch {
	case len(text) == 0:
		return "undefined"
	case len(text) > most:
		return string(text[:most]) + "…"
	}
	return string(text)
}

// column is a member of the documents that an INSERT makes: the value with a number, or the object of its parts.
type column struct {
	name  string
	value int // of the row; -1 for an object
	parts []*column
}

// add puts the i-th column of the list at way.
func (c *column) add(way path, i int) error {
	for depth, name := range way {
		var next *column
		for _, part := range c.parts {
			if part.name == name {
				next = part
			}
		}
		last := depth == len(way)-1
		switch {
		case next == nil:
			next = &column{name: name, value: -1}
			c.parts = append(c.parts, next)
		case last || next.value >= 0:
			return fmt.Errorf("column %s is given twice, or both it and a part of it", way)
		}
		if last {
			next.value = i
		}
		c = next
	}
	return nil
}

// size is about how many bytes the names in an object of c take.
func (c *column) size() int {
	if c == nil {
		return 0
	}
	const punctuation = len(`"":{},`)
	size := len(c.name) + punctuation
	for _, part := range c.parts {
		size += part.size()
	}
	return size
}

// appendObject appends c as an object, without the members whose values are undefined.
func (c *column) appendObject(dst []byte, row []nosql.Expr, args []Arg) []byte {
	dst = append(dst, '{')
	for _, part := range c.parts {
		before := len(dst)
		if dst[before-1] != '{' {
			dst = append(dst, ',')
		}
		dst = append(nosql.AppendString(dst, part.name), ':')
		if part.value < 0 {
			dst = part.appendObject(dst, row, args)
			continue
		}
		var ok bool
		if dst, ok = appendConstant(dst, row[part.value], args); !ok {
			dst = dst[:before]
		}
	}
	return append(dst, '}')
}
