package statement

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Arg is an argument of a statement, its value encoded. By position it has no Name, and its Ordinal counts from 1.
// [Parameters.Bind] gives Names back as they go on the wire, with the @.
type Arg struct {
	Name    string
	Ordinal int
	Value   json.RawMessage
}

// Parameters is the names of a statement's parameters, each once and with its @, in the order of the text.
type Parameters []string

// Bind pairs args with the parameters: by name, or by position with @p1, @p2, …. The result has one Arg for each
// parameter, in the order of the text. A parameter without an argument, an argument by position without a parameter, a
// name given twice, and named arguments among positional ones are errors that name the culprit. A named argument may
// be left over, as the service lets it: programs share one list among several texts.
func (ps Parameters) Bind(args []Arg) ([]Arg, error) {
	if err := checkStyle(args); err != nil {
		return nil, err
	}
	if ps.inOrder(args) {
		bound := slices.Clone(args)
		for i := range bound {
			bound[i].Name = ps[i]
		}
		return bound, nil
	}
	given := make(map[string]*Arg, len(args))
	for i := range args {
		name := argName(&args[i])
		if given[name] != nil {
			return nil, errtext.Refusef("cosmos: an argument for parameter %s is given twice", name)
		}
		given[name] = &args[i]
	}
	bound := make([]Arg, 0, len(ps))
	for _, name := range ps {
		a := given[name]
		if a == nil {
			return nil, ps.missing(name, args)
		}
		bound = append(bound, Arg{Name: name, Ordinal: a.Ordinal, Value: a.Value})
	}
	for i := range args {
		if name := argName(&args[i]); args[i].Name == "" && !slices.Contains(ps, name) {
			return nil, ps.unused(name, &args[i])
		}
	}
	return bound, nil
}

// inOrder reports whether args are the values of @p1, @p2, … and the text has these in that order, as most do.
func (ps Parameters) inOrder(args []Arg) bool {
	if len(args) != len(ps) {
		return false
	}
	for i := range args {
		var name [24]byte
		if args[i].Name != "" ||
			ps[i] != string(strconv.AppendInt(append(name[:0], "@p"...), int64(args[i].Ordinal), 10)) {
			return false
		}
	}
	return true
}

// argName is the parameter that a is for.
func argName(a *Arg) string {
	if a.Name == "" {
		return "@p" + strconv.Itoa(a.Ordinal)
	}
	return "@" + strings.TrimPrefix(a.Name, "@")
}

func checkStyle(args []Arg) error {
	for i := range args {
		if (args[i].Name == "") != (args[0].Name == "") {
			return errtext.Refusef("cosmos: named and positional arguments are mixed (argument %d): "+
				"give all of them by sql.Named or all of them by position", args[i].Ordinal)
		}
	}
	return nil
}

func (ps Parameters) missing(name string, args []Arg) error {
	byPosition := len(args) == 0 || args[0].Name == ""
	n, numbered := ordinal(name)
	switch {
	case !numbered && byPosition && len(args) > 0:
		return errtext.Refusef("cosmos: parameter %s has no argument: the arguments are given by position, "+
			"which reaches only @p1, @p2, …; pass sql.Named(%q, value)", name, name[1:])
	case numbered && byPosition:
		return errtext.Refusef(
			"cosmos: parameter %s has no argument: argument %d is missing, %s", name, n, count(len(args)))
	}
	return errtext.Refusef("cosmos: parameter %s has no argument: pass sql.Named(%q, value)", name, name[1:])
}

func (ps Parameters) unused(name string, a *Arg) error {
	if len(ps) == 0 {
		return errtext.Refusef(
			"cosmos: argument %d is not used: the statement has no parameters; ? and @p1 are some, but "+
				"not in quotes", a.Ordinal)
	}
	return errtext.Refusef(
		"cosmos: argument %d is not used: the statement has no parameter %s, only %s", a.Ordinal, name,
		strings.Join(ps, ", "))
}

func count(args int) string {
	switch args {
	case 0:
		return "none was given"
	case 1:
		return "only 1 was given"
	}
	return fmt.Sprintf("only %d were given", args)
}

// ordinal is the N of @pN.
func ordinal(name string) (int, bool) {
	if !strings.HasPrefix(name, "@p") {
		return 0, false
	}
	n, err := strconv.Atoi(name[2:])
	return n, err == nil && n > 0 && strconv.Itoa(n) == name[2:]
}

// add records the parameters under n, in the order of the text, and gives every ? its name.
func (ps *Parameters) add(n nosql.Node) error {
	var found []*nosql.Param
	nosql.Walk(n, func(n nosql.Node) bool {
		if p, ok := n.(*nosql.Param); ok {
			found = append(found, p)
		}
		return true
	})
	slices.SortStableFunc(found, func(a, b *nosql.Param) int { return a.Start - b.Start })
	return ps.name(slices.Compact(found)) // x IS NULL has become a tree with x in it twice
}

// name records params and gives a name to those that are ?. Where there is a ?, all must be.
func (ps *Parameters) name(params []*nosql.Param) error {
	var mark, named *nosql.Param
	for _, p := range params {
		if p.Name == "" {
			mark = p
			p.Name = "@p" + strconv.Itoa(p.Ordinal)
		} else {
			named = p
		}
		if mark != nil && named != nil {
			return &nosql.Error{
				Code: nosql.CodeSyntax,
				Message: "The placeholder ? stands beside " +
					named.Name + ": write either ? for all parameters or a name for each.",
				Start: p.Start,
				End:   p.End,
			}
		}
		if !slices.Contains(*ps, p.Name) {
			*ps = append(*ps, p.Name)
		}
	}
	return nil
}
