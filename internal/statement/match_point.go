package statement

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// equality is one `path = constant` of a condition.
type equality struct {
	path  path
	value nosql.Expr
}

// equalities takes cond apart: an AND, in whatever order and parentheses, of `path = constant`. It is false if there is
// anything else in it.
func (m *matching) equalities(cond nosql.Expr, into []equality) ([]equality, bool) {
	b, ok := cond.(*nosql.Binary)
	if !ok {
		return into, false
	}
	switch b.Op {
	case "AND":
		if into, ok = m.equalities(b.L, into); !ok {
			return into, false
		}
		return m.equalities(b.R, into)
	case "=":
		for _, side := range [2][2]nosql.Expr{{b.L, b.R}, {b.R, b.L}} {
			way, ok := pathOf(side[0], m.alias)
			if ok && checkConstant(side[1], "") == nil {
				return append(into, equality{way, side[1]}), true
			}
		}
	}
	return into, false
}

// Point binds args and says which document the statement is about, if its WHERE is an AND of exactly `id = …` and one
// equality for each of keyPaths, the paths of the partition key, in any order. Otherwise ok is false, and documents
// must be searched for.
func (m *matching) Point(args []Arg, keyPaths []string) (id string, key []json.RawMessage, ok bool, err error) {
	bound, err := m.Bind(args)
	if err != nil {
		return "", nil, false, err
	}
	values, ok := m.constants(bound)
	if !ok {
		return "", nil, false, nil
	}
	used := 1
	for _, text := range keyPaths {
		way, err := splitPath(text)
		if err != nil {
			return "", nil, false, err
		}
		pointer := way.pointer()
		value := values[pointer]
		if value == nil || !isKeyValue(value) {
			return "", nil, false, nil
		}
		if pointer != "/id" {
			used++
		}
		key = append(key, value)
	}
	rawID := values["/id"]
	if rawID == nil || used != len(values) {
		return "", nil, false, nil
	}
	return rawjson.Unquote(rawID[1 : len(rawID)-1]), key, true, nil
}

// isKeyValue reports whether the documents whose key is value are those whose property equals it. Objects and arrays
// are not keys. A number is a double in the key, but documents hold integers of up to 64 bits, of which from 2^53 on
// several have one key; larger numbers are doubles everywhere.
func isKeyValue(value json.RawMessage) bool {
	switch {
	case value[0] == '{' || value[0] == '[':
		return false
	case isNumber(value):
		f, err := strconv.ParseFloat(string(value), 64)
		return err == nil && (math.Abs(f) < 1<<53 || math.Abs(f) > 1<<64)
	}
	return true
}

// constants is the condition as values by JSON pointer, if it is nothing but an AND of `path = constant`, each path
// once.
func (m *matching) constants(bound []Arg) (map[string]json.RawMessage, bool) {
	found, ok := m.equalities(m.cond, nil)
	values := make(map[string]json.RawMessage, len(found))
	for _, e := range found {
		value, defined := appendConstant(nil, e.value, bound)
		if !defined || values[e.path.pointer()] != nil {
			return nil, false
		}
		values[e.path.pointer()] = value
	}
	return values, ok
}
