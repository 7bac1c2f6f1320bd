package store

import (
	"slices"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/value"
)

// object and array are the containers of a document that is being patched; all else stays a value.Value.
type object struct {
	names  []string
	values map[string]any
}

type array struct{ items []any }

func toTree(v value.Value) any {
	switch v.Kind() {
	case value.KindObject:
		o := &object{values: map[string]any{}}
		for m := range v.Members() {
			o.names = append(o.names, m.Name)
			o.values[m.Name] = toTree(m.Value)
		}
		return o
	case value.KindArray:
		l := &array{}
		for e := range v.Elems() {
			l.items = append(l.items, toTree(e))
		}
		return l
	}
	return v
}

func fromTree(t any) value.Value {
	switch t := t.(type) {
	case *object:
		members := make([]value.Member, len(t.names))
		for i, name := range t.names {
			members[i] = value.Member{Name: name, Value: fromTree(t.values[name])}
		}
		return value.Object(members)
	case *array:
		items := make([]value.Value, len(t.items))
		for i, x := range t.items {
			items[i] = fromTree(x)
		}
		return value.Array(items)
	}
	return t.(value.Value)
}

// place is where a path ends: a member of an object or an index of an array, there or not yet.
type place struct {
	object *object
	list   *array
	name   string
	index  int
}

// locate walks to the place that path names; everything above it must exist.
func locate(t any, path []string) (place, *Error) {
	for i, name := range path {
		p := place{name: name}
		switch x := t.(type) {
		case *object:
			p.object = x
		case *array:
			p.list = x
			if n, err := strconv.Atoi(name); name == "-" {
				p.index = len(x.items)
			} else if err != nil || n < 0 || n > len(x.items) || strconv.Itoa(n) != name {
				return p, Errorf(400, 0, "%q is not an index of the array at this path.", name)
			} else {
				p.index = n
			}
		default:
			return p, Errorf(400, 0, "the path goes through a value that is neither an object nor an array.")
		}
		if i == len(path)-1 {
			return p, nil
		}
		child, ok := p.child()
		if !ok {
			return p, Errorf(400, 0, "the parent of this path does not exist.")
		}
		t = child
	}
	return place{}, Errorf(400, 0, "the path is empty.")
}

func (p place) child() (any, bool) {
	if p.object != nil {
		x, ok := p.object.values[p.name]
		return x, ok
	}
	if p.index < len(p.list.items) {
		return p.list.items[p.index], true
	}
	return nil, false
}

func (p place) get() (value.Value, bool) {
	x, ok := p.child()
	if !ok {
		return value.Undefined, false
	}
	return fromTree(x), true
}

// add puts v in: a member is set, an element is inserted before the index.
func (p place) add(v value.Value) {
	if p.list != nil {
		p.list.items = slices.Insert(p.list.items, p.index, toTree(v))
		return
	}
	p.set(v)
}

// set puts v in the place of what is there, or after the last element.
func (p place) set(v value.Value) {
	switch {
	case p.object == nil && p.index == len(p.list.items):
		p.list.items = append(p.list.items, toTree(v))
	case p.object == nil:
		p.list.items[p.index] = toTree(v)
	default:
		if _, ok := p.object.values[p.name]; !ok {
			p.object.names = append(p.object.names, p.name)
		}
		p.object.values[p.name] = toTree(v)
	}
}

func (p place) remove() {
	if p.list != nil {
		p.list.items = slices.Delete(p.list.items, p.index, p.index+1)
		return
	}
	delete(p.object.values, p.name)
	p.object.names = slices.DeleteFunc(p.object.names, func(n string) bool { return n == p.name })
}
