package argument

import (
	"database/sql/driver"
	"encoding/json"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// Read takes apart the arguments that database/sql hands over: options are taken out, values encoded and numbered. What
// [Encode] has seen already stays as it is: wrappers of drivers do not all ask for it.
func Read(args []driver.NamedValue) (values []statement.Arg, opts []option.Option, err error) {
	for _, nv := range args {
		if o, ok := nv.Value.(option.Option); ok {
			opts = append(opts, o)
			continue
		}
		v, err := Encode(nv.Value)
		if err != nil {
			return nil, nil, err
		}
		values = append(values, statement.Arg{Name: nv.Name, Ordinal: len(values) + 1, Value: json.RawMessage(v)})
	}
	return values, opts, nil
}
