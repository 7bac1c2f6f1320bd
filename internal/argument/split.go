package argument

import (
	"database/sql/driver"
	"encoding/json"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// Split takes the request options, which are of type O, out of the arguments that database/sql hands over, and encodes
// and numbers the values that are left. Values that [Encode] has seen already are as they were: wrappers of drivers do
// not all ask for it.
func Split[O ~func(*option.Set)](args []driver.NamedValue) (options []O, values []statement.Arg, err error) {
	for _, nv := range args {
		if o, ok := nv.Value.(O); ok {
			options = append(options, o)
			continue
		}
		v, err := Encode(nv.Value)
		if err != nil {
			return nil, nil, err
		}
		values = append(values, statement.Arg{Name: nv.Name, Ordinal: len(values) + 1, Value: json.RawMessage(v)})
	}
	return options, values, nil
}
