package eval

import (
	"fmt"
	"strings"
	"sync"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// body is the code of a function. Its arguments have the types that the function's row names, and their slice is only
// lent.
type body func(e *env, a []value.Value) value.Value

// function is one built-in function: a row of the table that the compiler, the error messages and the documentation
// are made from.
type function struct {
	name    string
	aliases []string
	arity   arity
	args    signature
	doc     string
	example string // an expression that the documentation shows with its value

	// One of these is set. bind is for code that depends on more than values: the path an argument names, constants,
	// the container's policies. It returns nil after reporting an error.
	eval body
	bind func(c *compiler, x *nosql.Call, args []node) body
	// Only aggregates have a fold, and only they.
	fold *fold

	volatile bool   // gives another value each time
	internal bool   // undocumented; rewritten queries use it
	scores   bool   // may be an ORDER BY key
	rank     string // the code of the error outside ORDER BY RANK
}

// arity is how many arguments a function takes. max is -1 without a bound. With either, it is min or max and nothing
// between them.
type arity struct {
	min, max int
	either   bool
}

func exactly(n int) arity         { return arity{min: n, max: n} }
func between(low, high int) arity { return arity{min: low, max: high} }
func oneOf(low, high int) arity   { return arity{min: low, max: high, either: true} }
func atLeast(n int) arity         { return arity{min: n, max: -1} }

func (a arity) admits(n int) bool {
	if a.either {
		return n == a.min || n == a.max
	}
	return n >= a.min && (a.max < 0 || n <= a.max)
}

// String is the number as the service's message has it. "at least 2", "2 to 3": SC2050 has it after "requires"
// (COSMOS_SQL.md 11.2).
func (a arity) String() string {
	switch {
	case a.max < 0:
		return fmt.Sprintf("at least %d", a.min)
	case a.either:
		return fmt.Sprintf("%d or %d", a.min, a.max)
	case a.min == a.max:
		return fmt.Sprint(a.min)
	default:
		return fmt.Sprintf("%d to %d", a.min, a.max)
	}
}

// kinds is a set of argument types. As bits, because an argument may often be of several types and is tested for each
// document.
type kinds uint16

const (
	isUndefined kinds = 1 << value.KindUndefined
	isNull      kinds = 1 << value.KindNull
	isBool      kinds = 1 << value.KindBool
	isNumber    kinds = 1 << value.KindNumber
	isString    kinds = 1 << value.KindString
	isArray     kinds = 1 << value.KindArray
	isObject    kinds = 1 << value.KindObject
	// Beyond the last kind, as it is not one of its own: 3.0 is one, and admit looks at the number.
	isInteger kinds = 1 << (value.KindObject + 1) // a number without fraction, within 64 bits

	isDefined = isNull | isBool | isNumber | isString | isArray | isObject
	isAny     = isDefined | isUndefined
)

// The bit of the kind first, which decides nearly every call.
func (k kinds) admit(v value.Value) bool {
	if k&(1<<v.Kind()) != 0 {
		return true
	}
	if k&isInteger == 0 {
		return false
	}
	_, ok := v.AsInt()
	return ok
}

// String names the types for the documentation.
func (k kinds) String() string {
	switch k {
	case isAny:
		return "any or undefined"
	case isDefined:
		return "any"
	case isInteger:
		return "integer"
	}
	var names []string
	for kind := value.KindUndefined; kind <= value.KindObject; kind++ {
		if k&(1<<kind) != 0 {
			names = append(names, kind.String())
		}
	}
	return strings.Join(names, " or ")
}

// signature is the types of a function's arguments; the last stands for all that follow. A row need not list what a
// variable number of arguments have in common.
type signature []kinds

var (
	anything = signature{isDefined}
	numbers  = signature{isNumber}
	integers = signature{isInteger}
	texts    = signature{isString}
	arrays   = signature{isArray}
)

// forEach returns the types of n arguments.
func (s signature) forEach(n int) []kinds {
	all := make([]kinds, n)
	for i := range all {
		all[i] = s[min(i, len(s)-1)]
	}
	return all
}

// family is a group of functions as the documentation presents them.
type family struct {
	title string
	rows  []function
}

// families lists every function. It and the rows are made by functions, not held in variables, because a row's code may
// come back to the table.
func families() []family {
	return []family{
		{"Aggregate", aggregateFunctions()},
		{"Array", arrayFunctions()},
		{"Conditional", conditionalFunctions()},
		{"Date and time", dateTimeFunctions()},
		{"Full text and ranking", fullTextFunctions()},
		{"Item", itemFunctions()},
		{"Mathematical", mathFunctions()},
		{"Spatial", spatialFunctions()},
		{"String", stringFunctions()},
		{"Regular expressions", regexFunctions()},
		{"Type checking", typeFunctions()},
		{"Vector", vectorFunctions()},
	}
}

// spellings are what the service takes, too: the editor's list of its names, and those of its client libraries. The
// documentation has none of them. Kept apart from the rows' own aliases, so that the documentation made from the rows
// has one name a function.
var spellings = map[string]string{
	"FULLTEXT_CONTAINS":     "FullTextContains",
	"FULLTEXT_CONTAINS_ALL": "FullTextContainsAll",
	"FULLTEXT_CONTAINS_ANY": "FullTextContainsAny",
	"SET_DIFFERENCE":        "SetDifference",
	"SET_EQUAL":             "SetEqual",
	"SET_INTERSECT":         "SetIntersect",
	"SET_UNION":             "SetUnion",
	"STRING_EQUALS":         "STRINGEQUALS",
	"STRING_JOIN":           "StringJoin",
	"STRING_SPLIT":          "StringSplit",
	"STRING_TO_ARRAY":       "StringToArray",
	"STRING_TO_BOOLEAN":     "StringToBoolean",
	"STRING_TO_NULL":        "StringToNull",
	"STRING_TO_NUMBER":      "StringToNumber",
	"STRING_TO_OBJECT":      "StringToObject",
	"TO_STRING":             "ToString",
	"OBJECT_TO_ARRAY":       "ObjectToArray",
	"INTMULTIPLY":           "IntMul",
	"IS_BOOLEAN":            "IS_BOOL",
}

// table is the functions by lower-case name and alias.
var table struct {
	once   sync.Once
	byName map[string]*function
}

// lookup finds a built-in function whatever the case of its name; nil without one. The map is made on first use: rows
// hold code that looks functions up, and a package variable would depend on itself.
func lookup(name string) *function {
	table.once.Do(func() {
		table.byName = make(map[string]*function)
		for _, fam := range families() {
			for i := range fam.rows {
				f := &fam.rows[i]
				table.byName[strings.ToLower(f.name)] = f
				for _, alias := range f.aliases {
					table.byName[strings.ToLower(alias)] = f
				}
			}
		}
		for alias, name := range spellings {
			table.byName[strings.ToLower(alias)] = table.byName[strings.ToLower(name)]
		}
	})
	return table.byName[strings.ToLower(name)]
}
