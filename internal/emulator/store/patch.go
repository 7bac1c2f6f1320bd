package store

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/value"
)

// MaxPatch is how many operations a patch may have.
const MaxPatch = 10

// Patch is a list of operations on one document.
type Patch []patchOperation

type patchOperation struct {
	op         string
	path, from []string
	value      value.Value
}

// ParsePatch reads a patch request: {"operations":[…],"condition":"…"}, or the bare list of operations.
func ParsePatch(body []byte) (p Patch, condition string, err error) {
	in, err := value.Parse(body)
	if err != nil {
		return nil, "", Errorf(400, 0, "The patch is not valid JSON: %v", err)
	}
	list := in
	if in.Kind() == value.KindObject {
		list = in.Get("operations")
		if c := in.Get("condition"); c.IsDefined() && c.Kind() != value.KindNull && c.Kind() != value.KindString {
			return nil, "", Errorf(400, 0, "The condition of a patch must be a string.")
		}
		condition = in.Get("condition").AsString()
	}
	if list.Kind() != value.KindArray || list.Len() == 0 || list.Len() > MaxPatch {
		return nil, "", Errorf(400, 0, "A patch must have 1 to %d operations, not %d.", MaxPatch, list.Len())
	}
	for i := range list.Len() {
		o, err := parseOperation(list.At(i))
		if err != nil {
			return nil, "", err
		}
		p = append(p, o)
	}
	return p, condition, nil
}

func parseOperation(in value.Value) (o patchOperation, err error) {
	o = patchOperation{op: strings.ToLower(in.Get("op").AsString()), value: in.Get("value")}
	if o.path, err = pointer(in.Get("path")); err != nil {
		return o, err
	}
	switch o.op {
	case "add", "set", "replace":
		if !o.value.IsDefined() {
			// A Go client leaves nil out; that is the null the caller meant.
			o.value = value.Null
		}
	case "incr":
		if o.value.Kind() != value.KindNumber {
			return o, Errorf(400, 0, "The patch operation incr needs a number, not %s.", o.value.Kind())
		}
	case "move":
		if o.from, err = pointer(in.Get("from")); err != nil {
			return o, err
		}
		if len(o.path) > len(o.from) && slices.Equal(o.path[:len(o.from)], o.from) {
			return o, Errorf(400, 0, "The patch operation move cannot move %s below itself.", in.Get("from").AsString())
		}
	case "remove":
	default:
		return o, Errorf(400, 0, "The patch operation %q is unknown.", o.op)
	}
	return o, nil
}

// pointer splits a JSON pointer, in whose parts ~0 stands for ~ and ~1 for /.
func pointer(v value.Value) ([]string, error) {
	text := v.AsString()
	if !strings.HasPrefix(text, "/") || text == "/" {
		return nil, Errorf(400, 0, "The patch path %q is invalid: it must begin with / and name a property.", text)
	}
	parts := strings.Split(text[1:], "/")
	for i, p := range parts {
		for rest := p; ; {
			var found bool
			if _, rest, found = strings.Cut(rest, "~"); !found {
				break
			}
			if !strings.HasPrefix(rest, "0") && !strings.HasPrefix(rest, "1") {
				return nil, Errorf(400, 0,
					"The patch path %q is invalid: ~ must be written ~0, and / in a name ~1.", text)
			}
		}
		parts[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(p)
	}
	return parts, nil
}

// apply returns the document with all operations done. The first that fails ends it.
func (p Patch) apply(doc value.Value, def *Definition) (value.Value, error) {
	t := toTree(doc)
	for i, o := range p {
		if err := o.apply(t, def); err != nil {
			err.Message = "Patch operation " + strconv.Itoa(i) + " (" + o.op + " /" + strings.Join(o.path, "/") +
				"): " + err.Message
			return value.Undefined, err
		}
	}
	return fromTree(t), nil
}

func (o patchOperation) apply(t any, def *Definition) *Error {
	for _, path := range [][]string{o.path, o.from} {
		if len(path) > 0 && protected(path, def) {
			return Errorf(400, 0, "system properties, id and partition key cannot be patched.")
		}
	}
	v := o.value
	if o.op == "move" {
		from, err := locate(t, o.from)
		if err != nil {
			return err
		}
		var ok bool
		if v, ok = from.get(); !ok {
			return Errorf(400, 0, "there is nothing at /%s to move.", strings.Join(o.from, "/"))
		}
		from.remove()
	}
	at, err := locate(t, o.path)
	if err != nil {
		return err
	}
	old, exists := at.get()
	switch {
	case o.op == "add", o.op == "move": // uncertain in the service: a move to a member that does not exist creates it
		at.add(v)
	case o.op == "set", o.op == "incr" && !exists:
		at.set(v)
	case !exists: // what is left needs something to be there
		return Errorf(400, 0, "there is nothing at this path.")
	case o.op == "replace":
		at.set(v)
	case o.op == "remove":
		at.remove()
	case old.Kind() != value.KindNumber:
		return Errorf(400, 0, "the value is not a number.")
	default:
		total := sum(old, v)
		if math.IsInf(total.AsFloat(), 0) {
			return Errorf(400, 0, "the sum is not a finite double.")
		}
		at.set(total)
	}
	return nil
}

// protected reports whether path is, is above or is below a property that a patch must leave alone.
func protected(path []string, def *Definition) bool {
	if path[0] == "id" || isSystem(path[0]) {
		return true
	}
	for _, key := range def.keyPaths {
		n := min(len(key), len(path))
		if slices.Equal(key[:n], path[:n]) {
			return true
		}
	}
	return false
}

// sum adds two numbers, exactly if both are integers and the result is one.
func sum(a, b value.Value) value.Value {
	x, xok := a.AsInt()
	y, yok := b.AsInt()
	if s := x + y; xok && yok && (s > x) == (y > 0) {
		return value.Int(s)
	}
	return value.Float(a.AsFloat() + b.AsFloat())
}
