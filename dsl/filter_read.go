package dsl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	sq "github.com/Masterminds/squirrel"
)

// numeral is a number as a caller wrote it.
type numeral string

// maxFilterText bounds the text of a filter before it is read.
const maxFilterText = 64 << 10

// JSON reads a condition of this form; the members of an object hold all together:
//
//	{"city": "Oslo", "total": {"gte": 10, "lt": 20},
//	 "or": [{"vip": true}, {"tag": ["new", "old"]}], "not": {"status": "closed"}}
//
// A bare value is eq, a bare list in. An empty object lets every document through. What is not allowed is a
// [*FilterError].
func (f *Filter) JSON(text []byte) (Sqlizer, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	if len(text) > maxFilterText {
		return nil, &FilterError{Text: fmt.Sprintf("more than %d bytes", maxFilterText)}
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	x, err := readJSON(dec, bound(f.MaxDepth, 4)*2+4)
	if err == nil {
		if _, more := dec.Token(); more != io.EOF {
			err = errors.New("more than one value")
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("unexpected end of JSON input") // as encoding/json says itself where it can
	}
	if err != nil {
		return nil, &FilterError{Text: "not a JSON condition: " + err.Error()}
	}
	reading := &filtering{Filter: f}
	return reading.object(x, 0)
}

// member is a member of an object, which keep their order.
type member struct {
	name  string
	value any
}

// readJSON reads a value: []member, []any, string, numeral, bool or nil. Names must not repeat: the reader of a log and
// the one of the filter could take different ones.
func readJSON(dec *json.Decoder, depth int) (any, error) {
	t, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Number:
		return numeral(t), nil
	case json.Delim:
		if depth == 0 {
			return nil, errors.New("it is nested too deep")
		}
		if t == '[' {
			list := []any{}
			for dec.More() {
				x, err := readJSON(dec, depth-1)
				if err != nil {
					return nil, err
				}
				list = append(list, x)
			}
			_, err := dec.Token()
			return list, err
		}
		var object []member
		known := map[string]bool{}
		for dec.More() {
			name, err := dec.Token()
			if err != nil {
				return nil, err
			}
			x, err := readJSON(dec, depth-1)
			if err != nil {
				return nil, err
			}
			m := member{name.(string), x}
			if known[m.name] {
				return nil, fmt.Errorf("%.60q stands twice in one object", m.name)
			}
			known[m.name] = true
			object = append(object, m)
		}
		_, err := dec.Token()
		return object, err
	}
	return t, nil
}

// object is the condition that all members of an object make.
func (f *filtering) object(x any, depth int) (Sqlizer, error) {
	members, ok := x.([]member)
	if !ok {
		return nil, &FilterError{Text: `a condition is an object, such as {"name": "value"}`}
	}
	if depth > bound(f.MaxDepth, 4) {
		return nil, &FilterError{Text: fmt.Sprintf("and, or, not more than %d deep", bound(f.MaxDepth, 4))}
	}
	var all sq.And
	for _, m := range members {
		var cond Sqlizer
		var err error
		switch m.name {
		case "and", "or":
			cond, err = f.list(m.name, m.value, depth)
		case "not":
			if cond, err = f.object(m.value, depth+1); err == nil {
				cond = Not(cond)
			}
		default:
			cond, err = f.field(m.name, m.value)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, cond)
	}
	return conjunction(all), nil
}

// conjunction is the condition that all of some make.
func conjunction(all sq.And) Sqlizer {
	if len(all) == 1 {
		return all[0]
	}
	return all
}

// list is the condition of and, or or.
func (f *filtering) list(word string, x any, depth int) (Sqlizer, error) {
	list, ok := x.([]any)
	if !ok || len(list) == 0 {
		return nil, &FilterError{Text: word + " takes a list of conditions"}
	}
	if len(list) > bound(f.MaxConditions, 20) {
		return nil, &FilterError{Text: fmt.Sprintf("more than %d conditions", bound(f.MaxConditions, 20))}
	}
	var conds []Sqlizer
	for _, x := range list {
		cond, err := f.object(x, depth+1)
		if err != nil {
			return nil, err
		}
		conds = append(conds, cond)
	}
	if word == "or" {
		return sq.Or(conds), nil
	}
	return sq.And(conds), nil
}

// field is the condition of a field: a value, a list, or an object of operators.
func (f *filtering) field(name string, x any) (Sqlizer, error) {
	switch x := x.(type) {
	case []any:
		return f.comparison(name, IsIn, x)
	case []member:
		if len(x) == 0 {
			return nil, &FilterError{name, "no operator"}
		}
		var all sq.And
		for _, m := range x {
			cond, err := f.comparison(name, Operator(m.name), m.value)
			if err != nil {
				return nil, err
			}
			all = append(all, cond)
		}
		return conjunction(all), nil
	}
	return f.comparison(name, Equals, x)
}

// Query reads the query of a URL, whose parameters hold all together:
//
//	?city=Oslo&total[gte]=10&total[lt]=20&tag=new&tag=old
//
// A parameter that stands several times is in; so is tag[in]=new,old, a text with commas between the values. What is
// not allowed is a [*FilterError].
func (f *Filter) Query(values url.Values) (Sqlizer, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(values))
	size := 0
	for name, list := range values {
		if slices.Contains(f.Ignore, name) {
			continue
		}
		names = append(names, name)
		for _, text := range list {
			size += len(name) + len(text)
		}
	}
	if size > maxFilterText {
		return nil, &FilterError{Text: fmt.Sprintf("more than %d bytes", maxFilterText)}
	}
	slices.Sort(names)
	reading := &filtering{Filter: f}
	var all sq.And
	for _, name := range names {
		cond, err := reading.parameter(name, values[name])
		if err != nil {
			return nil, err
		}
		all = append(all, cond)
	}
	return conjunction(all), nil
}

// parameter is the condition of a parameter of a URL query.
func (f *filtering) parameter(text string, values []string) (Sqlizer, error) {
	name, op := text, Equals
	if before, inside, ok := strings.Cut(text, "["); ok && strings.HasSuffix(inside, "]") {
		name, op = before, Operator(strings.TrimSuffix(inside, "]"))
	}
	t := f.Fields[name].Type
	if op == IsIn || op == IsNotIn {
		if len(values) == 1 {
			values = strings.Split(values[0], ",")
		}
	} else if len(values) == 1 {
		v, err := parameterValue(name, t, values[0])
		if err != nil {
			return nil, err
		}
		return f.comparison(name, op, v)
	} else if op == Equals {
		op = IsIn
	}
	list := make([]any, len(values))
	for i, text := range values {
		v, err := parameterValue(name, t, text)
		if err != nil {
			return nil, err
		}
		list[i] = v
	}
	return f.comparison(name, op, list)
}

// parameterValue reads a text as a value of the type of a field.
func parameterValue(name string, t FieldType, text string) (any, error) {
	switch t {
	case NumberField:
		return numeral(text), nil
	case BooleanField:
		switch text {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, &FilterError{name, "neither true nor false"}
	}
	return text, nil
}
