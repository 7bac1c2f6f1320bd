package argument

import (
	"database/sql"
	"slices"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
)

// Parameter is cosmos.Parameter.
type Parameter struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// List is what the arguments of a statement say.
type List struct {
	Parameters []Parameter // names with their @, values encoded as [JSON]
	Positional bool        // they were given without names, which are @p1, @p2, …
	Options    []option.Option
}

// Read is [Format.Read] with the zero Format.
func Read(args []any) (*List, error) { return Format{}.Read(args) }

// Read takes arguments apart: options; values with a name, a sql.NamedArg, [Parameter] or []Parameter, with or without
// the @; or values without, by position.
func (f Format) Read(args []any) (*List, error) {
	l := &List{}
	var named, positional int
	for _, arg := range args {
		switch a := arg.(type) {
		case option.Option:
			l.Options = append(l.Options, a)
			continue
		case sql.NamedArg:
			named++
			l.add(a.Name, a.Value)
		case Parameter:
			named++
			l.add(a.Name, a.Value)
		case []Parameter:
			named++
			l.Parameters = slices.Grow(l.Parameters, len(a))
			for _, p := range a {
				l.add(p.Name, p.Value)
			}
		default:
			positional++
			l.add("p"+strconv.Itoa(positional), a)
		}
	}
	if named > 0 && positional > 0 {
		return nil, errtext.Refusef("cosmos: named and positional arguments are mixed: " +
			"give all of them names (sql.Named, Parameter), or none, for @p1, @p2, …")
	}
	l.Positional = positional > 0
	return l, l.encode(f)
}

func (l *List) add(name string, value any) {
	if !strings.HasPrefix(name, "@") {
		name = "@" + name
	}
	l.Parameters = append(l.Parameters, Parameter{name, value})
}

// encode checks the names and encodes the values.
func (l *List) encode(f Format) error {
	for i := range l.Parameters {
		p := &l.Parameters[i]
		if err := checkName(p.Name); err != nil {
			return err
		}
		for _, other := range l.Parameters[:i] {
			if other.Name == p.Name {
				return errtext.Refusef("cosmos: parameter %s is given twice", p.Name)
			}
		}
		if _, encoded := p.Value.(JSON); encoded {
			continue
		}
		value, err := f.Encode(p.Value)
		if err != nil {
			return errtext.Refusef("cosmos: parameter %s: %w", p.Name, errtext.Inner(err))
		}
		p.Value = value
	}
	return nil
}

// checkName accepts @ and a name of letters, digits and underscores.
func checkName(name string) error {
	if len(name) < 2 {
		return errtext.Refusef("cosmos: a parameter has an empty name: it is like name or @name")
	}
	for _, r := range name[1:] {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return errtext.Refusef("cosmos: parameter name %q has a character other than letters, digits and _", name)
		}
	}
	return nil
}
