package statement

import (
	"encoding/json"
	"slices"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// matching is what UPDATE and DELETE have in common: the container, which of its documents, and what is given back of
// them.
type matching struct {
	Parameters
	Target
	Returning *Returning

	verb  string
	alias string // of the documents in cond
	cond  nosql.Expr
	used  Parameters // those of cond

	lists    lists
	ids      []nosql.Expr // constants that cond compares the id with
	numbered bool         // the placeholders are gocosmos's
}

// readAlias reads the name that the rest of the statement calls the documents by: [AS] alias, else the container's
// name, else, where that is not an identifier, c. The words of next begin what follows and are not an alias.
func readAlias(p *nosql.Parser, container string, next ...string) string {
	if p.Accept("AS") {
		return p.Identifier().Name
	}
	if t := p.Token(); t.Kind == nosql.Name && !slices.ContainsFunc(next, p.Is) && !nosql.Reserved(p.Text(t)) {
		return p.Identifier().Name
	}
	if nosql.IsIdentifier(container) {
		return container
	}
	return "c"
}

// readWhere reads WHERE condition, which must be there, and rewrites it as a SELECT's; then RETURNING and the end.
func (m *matching) readWhere(p *nosql.Parser, text string) error {
	if p.Token().Kind == nosql.EOF && p.Err() == nil {
		p.FailAt(p.Token().Span, m.verb+" needs a WHERE clause; write WHERE true for every document.")
	}
	p.Expect("WHERE")
	m.cond = p.Expr()
	m.Returning = readReturning(p, m.alias)
	with := readWith(p)
	p.End()
	if err := p.Err(); err != nil {
		return err
	}
	if err := onlySinglePK(with); err != nil {
		return err
	}
	q := m.query(m.cond)
	if err := quotedNames(q, text); err != nil {
		return err
	}
	if err := standardise(q); err != nil {
		return err
	}
	m.cond = q.Where
	return nil
}

// parameters records those of the condition and of what stands before it.
func (m *matching) parameters(before []nosql.Expr) error {
	all := &nosql.Array{Items: append(before, m.cond)}
	m.numbered = numbered(all)
	if err := m.Parameters.add(all); err != nil {
		return err
	}
	m.lists = listsOf(m.cond)
	m.ids = m.comparedWithID()
	return m.used.add(m.cond)
}

// SplitKey is [Insert.SplitKey].
func (m *matching) SplitKey(args []Arg) (rest []Arg, key json.RawMessage) {
	if !m.numbered {
		return args, nil
	}
	return m.Parameters.splitKey(args)
}

// Bind is [Parameters.Bind]. It refuses conditions that no document can meet and that nobody means: an id that is not a
// string, and IN over one array.
func (m *matching) Bind(args []Arg) ([]Arg, error) {
	bound, err := m.Parameters.Bind(args)
	if err != nil {
		return nil, err
	}
	if err := m.lists.check(bound); err != nil {
		return nil, err
	}
	for _, x := range m.ids {
		if err := m.checkID(x, bound); err != nil {
			return nil, err
		}
	}
	return bound, nil
}

// comparedWithID is the constants with which the condition compares the id, by = or IN.
func (m *matching) comparedWithID() []nosql.Expr {
	var all []nosql.Expr
	add := func(x, with nosql.Expr) {
		if way, ok := pathOf(x, m.alias); ok && len(way) == 1 && way[0] == "id" && checkConstant(with, "") == nil {
			all = append(all, with)
		}
	}
	nosql.Walk(m.cond, func(n nosql.Node) bool {
		switch n := n.(type) {
		case *nosql.Subquery:
			return false
		case *nosql.Binary:
			if n.Op == "=" {
				add(n.L, n.R)
				add(n.R, n.L)
			}
		case *nosql.In:
			for _, item := range n.List {
				add(n.X, item)
			}
		}
		return true
	})
	return all
}

// checkID refuses x as an id.
func (m *matching) checkID(x nosql.Expr, bound []Arg) error {
	value, defined := appendConstant(nil, x, bound)
	if !defined || value[0] == '"' {
		return nil
	}
	hint := ""
	if isNumber(value) {
		hint = "; write '" + excerpt(value) + "'"
	}
	return errtext.Refusef("cosmos: %s: an id is a string; WHERE compares it with %s%s", m.verb, excerpt(value), hint)
}

// onlySinglePK refuses every option but the one of gocosmos that has no effect.
func onlySinglePK(with []option) error {
	for _, o := range with {
		if o.key != "SINGLEPK" {
			return o.unknown("SINGLE_PK")
		}
		if err := o.mustBeTrue(); err != nil {
			return err
		}
	}
	return nil
}

// query is `SELECT * FROM root alias WHERE cond`.
func (m *matching) query(cond nosql.Expr) *nosql.Query {
	return &nosql.Query{
		Select: nosql.Select{Star: true},
		From:   []nosql.Source{{Path: &nosql.Ident{Name: "root"}, Alias: m.alias}},
		Where:  cond,
	}
}

// Everywhere reports whether the condition is WHERE true.
func (m *matching) Everywhere() bool {
	lit, ok := m.cond.(*nosql.Literal)
	return ok && lit.Kind == nosql.True
}

// Search binds args and gives a query for what is needed of each document that meets the condition:
//
//	{"id": …, "etag": …, "key": {"k0": …, "k1": …}, "doc": …}
//
// The key has a member for each of keyPaths, the paths of the partition key, that the document has. There is a doc only
// if asked for. With an id the query is about the documents of that id alone.
func (m *matching) Search(args []Arg, keyPaths []string, id string, doc bool) (text string, params []Arg, err error) {
	bound, err := m.Bind(args)
	if err != nil {
		return "", nil, err
	}
	bound = slices.DeleteFunc(bound, func(a Arg) bool { return !slices.Contains(m.used, a.Name) })
	cond := m.cond
	if id != "" {
		name := "@id"
		for slices.Contains(m.used, name) {
			name += "_"
		}
		bound = append(bound, Arg{Name: name, Value: nosql.AppendString(nil, id)})
		cond = &nosql.Binary{Op: "AND", L: cond, R: &nosql.Binary{Op: "=", L: m.member("id"),
			R: &nosql.Param{Name: name}}}
	}
	row, err := m.row(keyPaths, doc)
	if err != nil {
		return "", nil, err
	}
	q := m.query(cond)
	q.Select = nosql.Select{Value: true, Items: []nosql.Item{{X: row}}}
	return nosql.Print(q), bound, nil
}

// row is what Search selects.
func (m *matching) row(keyPaths []string, doc bool) (*nosql.Object, error) {
	key := &nosql.Object{}
	for i, text := range keyPaths {
		way, err := splitPath(text)
		if err != nil {
			return nil, err
		}
		key.Fields = append(key.Fields, nosql.Field{Name: "k" + strconv.Itoa(i), Value: m.member(way...)})
	}
	row := &nosql.Object{Fields: []nosql.Field{
		{Name: "id", Value: m.member("id")},
		{Name: "etag", Value: m.member("_etag")},
		{Name: "key", Value: key},
	}}
	if doc {
		row.Fields = append(row.Fields, nosql.Field{Name: "doc", Value: m.member()})
	}
	return row, nil
}

// member is the path of names from the document.
func (m *matching) member(names ...string) nosql.Expr {
	var x nosql.Expr = &nosql.Ident{Name: m.alias}
	for _, name := range names {
		x = &nosql.Member{X: x, Name: name}
	}
	return x
}

// Condition binds args and gives WHERE as a patch takes it, `FROM c WHERE …`, with the arguments written out.
func (m *matching) Condition(args []Arg) (string, error) {
	bound, err := m.Bind(args)
	if err != nil {
		return "", err
	}
	// The tree is shared by every execution, so the arguments go into another one.
	cond, err := nosql.ParseExpr(nosql.Print(m.cond), nosql.Cosmos)
	if err != nil {
		return "", err
	}
	values := make(map[string]nosql.Expr, len(bound))
	for _, a := range bound {
		if values[a.Name], err = nosql.ParseExpr(string(a.Value), nosql.Cosmos); err != nil {
			return "", errtext.Refusef(
				"cosmos: %s: the argument for %s cannot be written out in a condition: %w", m.verb,
				a.Name, err)
		}
	}
	inlined, _ := nosql.Rewrite(cond, func(x nosql.Expr) nosql.Expr {
		if param, ok := x.(*nosql.Param); ok {
			return values[param.Name]
		}
		return x
	}).(nosql.Expr)
	q := m.query(inlined)
	q.Select = nosql.Select{}
	return nosql.Print(q), nil
}
