package cosmos

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxPatchOperations is the service's limit on the operations of one patch.
const MaxPatchOperations = 10

// PatchOperation is one change of [Container.PatchItem]. [PatchSet] and its siblings make one. Paths are JSON pointers
// such as /address/city or /lines/0; the parents of a path must exist.
type PatchOperation struct {
	Op    PatchOp // add, set, replace, remove, incr or move
	Path  string  // what is changed
	From  string  // of move: where the value is taken from
	Value any     // of add, set, replace and incr; as [Parameter].Value
}

// PatchSet sets a property, whether it exists or not, or an element of an array.
func PatchSet(path string, value any) PatchOperation {
	return PatchOperation{Op: PatchOpSet, Path: path, Value: value}
}

// PatchAdd is PatchSet, except that it inserts into arrays: before an index, or at the end with the index "-".
func PatchAdd(path string, value any) PatchOperation {
	return PatchOperation{Op: PatchOpAdd, Path: path, Value: value}
}

// PatchReplace replaces a property or element that exists.
func PatchReplace(path string, value any) PatchOperation {
	return PatchOperation{Op: PatchOpReplace, Path: path, Value: value}
}

// PatchRemove removes a property or element that exists.
func PatchRemove(path string) PatchOperation { return PatchOperation{Op: PatchOpRemove, Path: path} }

// PatchIncrement adds a number, which may be negative, to a number; a missing property counts as 0.
func PatchIncrement(path string, by any) PatchOperation {
	return PatchOperation{Op: PatchOpIncrement, Path: path, Value: by}
}

// PatchMove moves what is at from to path.
func PatchMove(from, path string) PatchOperation {
	return PatchOperation{Op: PatchOpMove, From: from, Path: path}
}

// PatchCondition makes a patch fail with [ErrPreconditionFailed] unless the document satisfies a condition such as
// "from c where c.status = 'open'". An empty condition is refused.
func PatchCondition(condition string) Option {
	if condition == "" {
		return option.Bad(option.PatchCondition, condition,
			errtext.Refusef("cosmos: PatchCondition is empty, which would not guard anything: "+
				"leave the option out to patch in any case"))
	}
	return option.New(option.PatchCondition, condition)
}

// patchBody is the JSON array of the operations of a patch.
func patchBody(operations []PatchOperation) (json.RawMessage, error) {
	switch n := len(operations); {
	case n == 0:
		return nil, errtext.Refusef("cosmos: the patch has no operations")
	case n > MaxPatchOperations:
		return nil, errtext.Refusef("cosmos: the patch has %d operations, more than %d; a transactional batch takes "+
			"several patches of a document", n, MaxPatchOperations)
	}
	b := []byte{'['}
	for i, o := range operations {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = o.append(b); err != nil {
			return nil, errtext.Refuse(within(fmt.Sprintf("patch operation %d (%s %s)", i, o.Op, o.Path), err))
		}
	}
	return append(b, ']'), nil
}

func (o PatchOperation) append(b []byte) ([]byte, error) {
	var err error
	if err = checkPointer(o.Path); err != nil {
		return nil, err
	}
	b = append(append(append(b, `{"op":"`...), o.Op...), `","path":`...)
	if b, err = jsontext.AppendQuote(b, o.Path); err != nil {
		return nil, errors.New("the path is not valid UTF-8")
	}
	switch o.Op {
	case PatchOpAdd, PatchOpSet, PatchOpReplace, PatchOpIncrement:
		value, err := argument.Encode(o.Value)
		if err != nil {
			return nil, err
		}
		if o.Op == PatchOpIncrement && jsontext.Value(value).Kind() != jsontext.KindNumber {
			return nil, fmt.Errorf("%s is not a number to add", shorten(value))
		}
		b = append(append(b, `,"value":`...), value...)
	case PatchOpMove:
		if err := checkPointer(o.From); err != nil {
			return nil, err
		}
		if b, err = jsontext.AppendQuote(append(b, `,"from":`...), o.From); err != nil {
			return nil, errors.New("the path is not valid UTF-8")
		}
	case PatchOpRemove:
	default:
		return nil, fmt.Errorf("%q is none of add, set, replace, remove, incr, move", o.Op)
	}
	return append(b, '}'), nil
}

func checkPointer(path string) error {
	if !strings.HasPrefix(path, "/") {
		return fmt.Errorf("the path %q does not begin with /", path)
	}
	if rest := strings.NewReplacer("~0", "", "~1", "").Replace(path); strings.Contains(rest, "~") {
		return fmt.Errorf("the path %q has a ~ that is not one of ~0, which stands for ~, and ~1, which stands for /",
			path)
	}
	return nil
}
