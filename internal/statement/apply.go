package statement

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// Apply binds args and gives document as the UPDATE leaves it. It does what the operations of a patch do, and what a
// patch refuses for the lack of something in the document: a missing object on the way to a property is made, a missing
// array is appended to as if it were empty, and what is not there can be removed. An error names the path.
func (s *Update) Apply(document json.RawMessage, args []Arg) (json.RawMessage, error) {
	bound, err := s.Bind(args)
	if err != nil {
		return nil, err
	}
	for i := range s.sets {
		if document, err = s.sets[i].apply(document, bound); err != nil {
			return nil, errtext.Refusef("cosmos: UPDATE: %w", err)
		}
	}
	return document, nil
}

func (set *assignment) apply(document []byte, bound []Arg) ([]byte, error) {
	if set.op == "add" {
		items := appendedItems(set.x, bound)
		if len(items) == 0 {
			return document, nil
		}
		return edit(document, set.path, 0, func(old []byte) ([]byte, error) { return set.extend(old, items) })
	}
	value, defined := appendConstant(nil, set.x, bound)
	switch {
	case set.op == "incr":
		if err := set.checkIncrement(value, defined); err != nil {
			return nil, err
		}
		if set.down {
			value = negate(value)
		}
		return edit(document, set.path, 0, func(old []byte) ([]byte, error) { return set.increase(old, value) })
	case !defined:
		return edit(document, set.path, 0, func([]byte) ([]byte, error) { return nil, nil })
	}
	return edit(document, set.path, 0, func([]byte) ([]byte, error) { return value, nil })
}

// extend is the array old, nil for none, with items at its end.
func (set *assignment) extend(old []byte, items [][]byte) ([]byte, error) {
	var array []byte
	switch {
	case old == nil:
		array = []byte("[")
	case rawjson.Kind(old) == '[':
		array = []byte("[")
		for element := range rawjson.Elements(old) {
			array = appendElement(array, element)
		}
	default:
		return nil, fmt.Errorf("%s is not an array but %s", set.path, excerpt(old))
	}
	for _, item := range items {
		array = appendElement(array, item)
	}
	return append(array, ']'), nil
}

func appendElement(array, element []byte) []byte {
	if array[len(array)-1] != '[' {
		array = append(array, ',')
	}
	return append(array, element...)
}

// increase is the number old, nil for none, with by added to it: integers exactly, as the service adds them.
func (set *assignment) increase(old, by []byte) ([]byte, error) {
	if old == nil {
		return by, nil
	}
	if !isNumber(old) {
		return nil, fmt.Errorf("%s is not a number but %s", set.path, excerpt(old))
	}
	if a, err := strconv.ParseInt(string(old), 10, 64); err == nil {
		if b, err := strconv.ParseInt(string(by), 10, 64); err == nil && (b > 0) == (a+b > a) {
			return strconv.AppendInt(nil, a+b, 10), nil
		}
	}
	a, err := strconv.ParseFloat(string(old), 64)
	if err != nil {
		return nil, fmt.Errorf("%s is out of range: %s", set.path, excerpt(old))
	}
	b, err := strconv.ParseFloat(string(by), 64)
	if sum := a + b; err == nil && !math.IsInf(sum, 0) {
		return json.Marshal(sum)
	}
	return nil, fmt.Errorf("%s is out of range: %s + %s", set.path, old, by)
}

// edit replaces what way[depth:] leads to in value by what f makes of it. A value that is not there is nil, before and
// after.
func edit(value []byte, way path, depth int, f func(old []byte) ([]byte, error)) ([]byte, error) {
	if depth == len(way) {
		return f(value)
	}
	switch kind := rawjson.Kind(value); {
	case kind == '{':
		return editMember(value, way, depth, f)
	case kind == '[':
		return editElement(value, way, depth, f)
	case value == nil || string(value) == "null":
		made, err := edit(nil, way, depth+1, f)
		if err != nil || made == nil {
			return value, err
		}
		if _, err := strconv.Atoi(way[depth]); err == nil {
			return nil, fmt.Errorf("%s cannot be set: there is no array or object %s", way, way[:depth])
		}
		object := append(nosql.AppendString([]byte("{"), way[depth]), ':')
		return append(append(object, made...), '}'), nil
	}
	return nil, fmt.Errorf("%s cannot be set: %s is neither an object nor an array but %s", way, way[:depth],
		excerpt(value))
}

func editMember(object []byte, way path, depth int, f func(old []byte) ([]byte, error)) ([]byte, error) {
	edited := []byte("{")
	add := func(name, value []byte) {
		if len(edited) > 1 {
			edited = append(edited, ',')
		}
		edited = append(append(append(edited, name...), ':'), value...)
	}
	found := false
	for raw, value := range rawjson.Members(object) {
		if rawjson.NameIs(raw, way[depth]) {
			changed, err := edit(value, way, depth+1, f)
			if err != nil {
				return nil, err
			}
			if found = true; changed == nil {
				continue
			}
			value = changed
		}
		add(quoteRaw(raw), value)
	}
	if !found {
		made, err := edit(nil, way, depth+1, f)
		if err != nil {
			return nil, err
		}
		if made != nil {
			add(nosql.AppendString(nil, way[depth]), made)
		}
	}
	return append(edited, '}'), nil
}

func quoteRaw(name []byte) []byte { return append(append([]byte{'"'}, name...), '"') }

// editElement changes an element that there is, or with an index right behind the last one adds one, as a patch does.
func editElement(array []byte, way path, depth int, f func(old []byte) ([]byte, error)) ([]byte, error) {
	index, err := strconv.Atoi(way[depth])
	if err != nil || index < 0 {
		return nil, fmt.Errorf("%s cannot be set: %s is an array, which has no %s", way, way[:depth], way[depth])
	}
	edited := []byte("[")
	n := 0
	for value := range rawjson.Elements(array) {
		if n == index {
			if value, err = edit(value, way, depth+1, f); err != nil {
				return nil, err
			}
		}
		if n++; value != nil {
			edited = appendElement(edited, value)
		}
	}
	if index >= n {
		made, err := edit(nil, way, depth+1, f)
		switch {
		case err != nil:
			return nil, err
		case made != nil && index > n:
			return nil, fmt.Errorf("%s cannot be set: %s has %s", way, way[:depth], errtext.Count(n, "element"))
		case made != nil:
			edited = appendElement(edited, made)
		}
	}
	return append(edited, ']'), nil
}
