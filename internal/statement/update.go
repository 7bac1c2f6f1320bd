package statement

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// Update is
//
//	UPDATE [db.]container [[AS] alias] SET path = value, … WHERE condition [RETURNING …]
//
// A value is made of literals and parameters; undefined removes the property. `n = n + value` and `n = n - value` add
// to a number on the server, `a = ARRAY_CONCAT(a, [value, …])` appends to an array.
type Update struct {
	matching
	sets []assignment
}

// assignment is one path = value of an UPDATE.
type assignment struct {
	path path
	op   string // set, incr or add
	x    nosql.Expr
	down bool // incr by minus x
}

// Operation is one operation of a patch.
type Operation struct {
	Op    string          `json:"op"` // set, incr, add (to the end of an array) or remove
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value,omitempty"` // none for remove
}

// parseUpdate reads what follows UPDATE.
func parseUpdate(p *nosql.Parser, text string) (*Update, error) {
	s := &Update{matching{Target: readTarget(p), verb: "UPDATE"}, nil}
	s.alias = readAlias(p, s.Container, "SET")
	p.Expect("SET")
	for {
		set, err := readAssignment(p, text, s.alias)
		if err != nil {
			return nil, err
		}
		for _, other := range s.sets {
			if set.path.within(other.path) || other.path.within(set.path) {
				return nil, fmt.Errorf("UPDATE sets %s and %s: one is the other or a part of it", other.path, set.path)
			}
		}
		s.sets = append(s.sets, set)
		if !p.Accept(",") {
			break
		}
	}
	slices.SortStableFunc(s.sets, elementsLast)
	if err := s.readWhere(p, text); err != nil {
		return nil, err
	}
	values := make([]nosql.Expr, len(s.sets))
	for i, set := range s.sets {
		values[i] = set.x
	}
	return s, s.parameters(values)
}

// elementsLast orders assignments so that elements are taken out of arrays last, from the end of the array on: a patch
// does one operation after the other, and those behind the element that is gone would have moved.
func elementsLast(a, b assignment) int {
	switch x, y := a.takesElement(), b.takesElement(); {
	case x && y:
		return b.path.compare(a.path)
	case x:
		return 1
	case y:
		return -1
	}
	return 0
}

// takesElement reports whether set takes an element out of an array.
func (set *assignment) takesElement() bool {
	lit, ok := set.x.(*nosql.Literal)
	_, err := strconv.Atoi(set.path[len(set.path)-1])
	return ok && lit.Kind == nosql.Undefined && set.op == "set" && err == nil
}

// readAssignment reads path = value.
func readAssignment(p *nosql.Parser, text, alias string) (assignment, error) {
	start := p.Token().Start
	set := assignment{op: "set", path: unalias(readPath(p, true), alias)}
	at := nosql.Span{Start: start, End: p.EndOfLast()}
	p.Expect("=")
	x := p.Expr()
	if err := p.Err(); err != nil {
		return set, err
	}
	if err := settable(set.path, at); err != nil {
		return set, err
	}
	x, err := quotedValue(x, text)
	if err != nil {
		return set, err
	}
	if set.increment(x, alias) || set.appending(x, alias) {
		return set, checkConstant(set.x, "SET")
	}
	set.x = x
	return set, checkConstant(x, "SET")
}

// increment takes x for `path + value` or `path - value`, if it is that. COALESCE(path, 0) is the path, too: a property
// that is missing counts as 0 anyway.
func (set *assignment) increment(x nosql.Expr, alias string) bool {
	b, ok := x.(*nosql.Binary)
	switch {
	case !ok || b.Op != "+" && b.Op != "-":
		return false
	case set.leadsTo(orZero(b.L), alias):
		set.op, set.x, set.down = "incr", b.R, b.Op == "-"
	case set.leadsTo(orZero(b.R), alias) && b.Op == "+":
		set.op, set.x = "incr", b.L
	default:
		return false
	}
	return true
}

// orZero is the first argument of COALESCE(x, 0) or IFNULL(x, 0), else x.
func orZero(x nosql.Expr) nosql.Expr {
	call, ok := x.(*nosql.Call)
	if !ok || call.UDF || len(call.Args) != 2 || !strings.EqualFold(call.Name, "COALESCE") &&
		!strings.EqualFold(call.Name, "IFNULL") {
		return x
	}
	if zero, ok := call.Args[1].(*nosql.Literal); !ok || zero.Kind != nosql.Number || zero.Text != "0" {
		return x
	}
	return call.Args[0]
}

// appending takes x for `ARRAY_CONCAT(path, [value, …])`, if it is that.
func (set *assignment) appending(x nosql.Expr, alias string) bool {
	call, ok := x.(*nosql.Call)
	if !ok || call.UDF || !strings.EqualFold(call.Name, "ARRAY_CONCAT") || len(call.Args) != 2 {
		return false
	}
	items, ok := call.Args[1].(*nosql.Array)
	if !ok || !set.leadsTo(call.Args[0], alias) {
		return false
	}
	set.op, set.x = "add", items
	return true
}

// leadsTo reports whether x is the path that is set.
func (set *assignment) leadsTo(x nosql.Expr, alias string) bool {
	way, ok := bareOrQualified(x, alias)
	return ok && slices.Equal(way, set.path)
}

// bareOrQualified is the way that x leads, with or without the alias in front.
func bareOrQualified(x nosql.Expr, alias string) (path, bool) {
	if root := nosql.Root(x); root != nil && root.Name != alias {
		way, ok := pathOf(x, root.Name)
		if !ok && x == nosql.Expr(root) {
			return path{root.Name}, true
		}
		return append(path{root.Name}, way...), ok
	}
	return pathOf(x, alias)
}

// settable refuses the properties that the service alone writes.
func settable(way path, at nosql.Span) error {
	if !rawjson.IsSystemProperty(way[0]) {
		return nil
	}
	return &nosql.Error{
		Message: fmt.Sprintf("The property %s cannot be set: the service writes it.", way[0]),
		Start:   at.Start, End: at.End,
	}
}

// Operations binds args and gives the operations of the patch, in the order of the text but for elements that are taken
// out of arrays.
func (s *Update) Operations(args []Arg) ([]Operation, error) {
	bound, err := s.Bind(args)
	if err != nil {
		return nil, err
	}
	operations := make([]Operation, 0, len(s.sets))
	for _, set := range s.sets {
		if operations, err = set.appendTo(operations, bound); err != nil {
			return nil, err
		}
	}
	return operations, nil
}

// appendTo appends the operations that set comes to.
func (set *assignment) appendTo(operations []Operation, bound []Arg) ([]Operation, error) {
	pointer := set.path.pointer()
	if set.op == "add" {
		for _, item := range appendedItems(set.x, bound) {
			operations = append(operations, Operation{Op: "add", Path: pointer + "/-", Value: item})
		}
		return operations, nil
	}
	value, defined := appendConstant(nil, set.x, bound)
	switch {
	case set.op == "incr":
		if err := set.checkIncrement(value, defined); err != nil {
			return nil, errtext.Refusef("cosmos: UPDATE: %w", err)
		}
		if set.down {
			value = negate(value)
		}
	case !defined:
		// A patch refuses to remove what is not there, and takes operations one after the other.
		return append(operations, Operation{Op: "set", Path: pointer, Value: json.RawMessage("null")},
			Operation{Op: "remove", Path: pointer}), nil
	}
	return append(operations, Operation{Op: set.op, Path: pointer, Value: value}), nil
}

// appendedItems is the values of the array x, without those that are undefined.
func appendedItems(x nosql.Expr, bound []Arg) [][]byte {
	var items [][]byte
	for _, item := range x.(*nosql.Array).Items {
		if value, defined := appendConstant(nil, item, bound); defined {
			items = append(items, value)
		}
	}
	return items
}

func (set *assignment) checkIncrement(by []byte, defined bool) error {
	if !defined || !isNumber(by) {
		return fmt.Errorf("%s can only be increased by a number, not by %s", set.path, excerpt(by))
	}
	return nil
}

func isNumber(value []byte) bool { return value[0] == '-' || '0' <= value[0] && value[0] <= '9' }

func negate(number []byte) []byte {
	if number[0] == '-' {
		return number[1:]
	}
	return append([]byte("-"), number...)
}
