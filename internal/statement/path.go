package statement

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// path is the way to a value inside a document: names, and numbers for elements of arrays.
type path []string

// readPath reads name.name["name"], each name bare, even a reserved word, or quoted; and [0], where elements of arrays
// may stand.
func readPath(p *nosql.Parser, elements bool) path {
	way := path{columnName(p)}
	for p.Err() == nil {
		switch {
		case p.Accept("."):
			way = append(way, columnName(p))
		case p.Accept("["):
			t := p.Advance()
			switch {
			case t.Kind == nosql.Text:
				way = append(way, nosql.Unquote(p.Text(t)))
			case t.Kind == nosql.Digits && elements:
				n, err := strconv.Atoi(p.Text(t))
				if err != nil {
					p.FailAt(t.Span, "An element of an array is named by a whole number, as in a[0].")
				}
				way = append(way, strconv.Itoa(n))
			case elements:
				p.FailAt(t.Span, "A step of a path is a name or a number.")
			default:
				p.FailAt(t.Span, "A step of a path is a name here; give the whole array as a value.")
			}
			p.Expect("]")
		default:
			return way
		}
	}
	return way
}

// columnName reads a bare name, reserved or with dashes in it, or a quoted one, which for a property may be empty.
func columnName(p *nosql.Parser) string {
	switch t := p.Token(); {
	case t.Kind == nosql.Name:
		return p.Word()
	case t.Kind == nosql.Text && p.Text(t) == `""`:
		p.Advance()
		return ""
	}
	return p.Identifier().Name
}

// pathOf is the way that x leads from the document called alias, and whether x is such a path at all.
func pathOf(x nosql.Expr, alias string) (path, bool) {
	var way path
	for {
		switch y := x.(type) {
		case *nosql.Ident:
			if y.Name != alias || len(way) == 0 {
				return nil, false
			}
			return way, true
		case *nosql.Member:
			way = append(path{y.Name}, way...)
			x = y.X
		case *nosql.Index:
			lit, ok := y.I.(*nosql.Literal)
			if !ok || lit.Kind != nosql.Number {
				return nil, false
			}
			n, err := strconv.Atoi(lit.Text)
			if err != nil {
				return nil, false
			}
			way = append(path{strconv.Itoa(n)}, way...)
			x = y.X
		default:
			return nil, false
		}
	}
}

// splitPath reads a path as partition keys have it: /a/b, and /"a/b" for a name with a slash.
func splitPath(text string) (path, error) {
	return partition.Definition{Paths: []string{text}}.PathSegments(0)
}

// pointer is the path as a JSON pointer, which is what patch operations take.
func (way path) pointer() string {
	var b strings.Builder
	for _, name := range way {
		b.WriteByte('/')
		b.WriteString(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
	}
	return b.String()
}

// String is the path as a person writes it.
func (way path) String() string { return strings.Join(way, ".") }

// within reports whether way is other or leads to a part of it.
func (way path) within(other path) bool {
	return len(way) >= len(other) && slices.Equal(way[:len(other)], other)
}

// compare orders paths by their steps, elements of arrays by their numbers.
func (way path) compare(other path) int {
	return slices.CompareFunc(way, other, func(a, b string) int {
		n, err := strconv.Atoi(a)
		m, other := strconv.Atoi(b)
		if err == nil && other == nil {
			return cmp.Compare(n, m)
		}
		return cmp.Compare(a, b)
	})
}

// get is the value that way leads to in a document.
func (way path) get(value []byte) ([]byte, bool) {
	for _, name := range way {
		if value[0] == '{' {
			var ok bool
			if value, ok = rawjson.Get(value, name); !ok {
				return nil, false
			}
			continue
		}
		n, err := strconv.Atoi(name)
		if err != nil || value[0] != '[' {
			return nil, false
		}
		var found []byte
		for element := range rawjson.Elements(value) {
			if n == 0 {
				found = element
				break
			}
			n--
		}
		if found == nil {
			return nil, false
		}
		value = found
	}
	return value, true
}
