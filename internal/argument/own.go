package argument

import (
	"reflect"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
)

const cosmosPackage = "github.com/cosmossql/cosmossql/cosmos"

// meaning says what to do with the types of our own API that mean something: as JSON they would go out as a value that
// equals nothing.
var meaning = map[string]string{
	"Operation":      "run it with Container.Do, TransactionalBatch or Bulk",
	"PatchOperation": "it belongs to PatchItem, OpPatch or PatchMany",
	"ItemKey":        "pass its ID and the values of its PartitionKey one by one",
	"Page":           "pass what you need of its Items",
	"Response":       "pass its Body or what you need of it",
	"BatchResponse":  "pass what you need of its Results",
	"BulkResult":     "pass its Body or what you need of it",
}

var (
	parameterType = reflect.TypeFor[Parameter]()
	optionType    = reflect.TypeFor[option.Option]()
)

// refuse returns an error if t is, points to or is a list of one of our own types that mean something.
func refuse(t reflect.Type) error {
	inner := t
	for range maxPointers { // a type may be a pointer to itself
		if k := inner.Kind(); k != reflect.Pointer && k != reflect.Slice && k != reflect.Array {
			break
		}
		inner = inner.Elem()
	}
	advice := ""
	switch {
	case inner == parameterType:
		advice = "pass a Parameter or []Parameter as an argument of its own"
	case inner == optionType:
		advice = "pass an Option as an argument of its own"
	case inner.PkgPath() == cosmosPackage:
		advice = meaning[inner.Name()]
	}
	if advice == "" {
		return nil
	}
	return errtext.Refusef("cosmos: a value of type %s cannot be sent: %s", t, advice)
}
