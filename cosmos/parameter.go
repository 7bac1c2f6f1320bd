package cosmos

import (
	"fmt"

	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/go-json-experiment/json/jsontext"
)

// Parameter is a value that a query refers to by @name, which is Name with or without the @: letters, digits and
// underscores. Value is anything that encoding/json encodes; raw JSON ([]byte, json.RawMessage) is sent as it is.
// Parameters and slices of them are arguments of the methods of this package and of statements through database/sql.
type Parameter = argument.Parameter

// queryBody is the JSON of a query with its parameters.
func queryBody(query string, params []Parameter) ([]byte, error) {
	body, err := jsontext.AppendQuote([]byte(`{"query":`), query)
	if err != nil {
		return nil, errNotUTF8
	}
	if len(params) == 0 {
		return append(body, '}'), nil
	}
	body = append(body, `,"parameters":`...)
	if body, err = appendParameters(body, params); err != nil {
		return nil, err
	}
	return append(body, '}'), nil
}

// appendParameters appends the JSON array of the parameters.
func appendParameters(b []byte, params []Parameter) ([]byte, error) {
	b = append(b, '[')
	for i, p := range params {
		value, err := argument.Encode(p.Value)
		if err != nil {
			return nil, within(fmt.Sprintf("parameter %s", p.Name), err)
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, `{"name":"`...), p.Name...), `","value":`...)
		b = append(append(b, value...), '}')
	}
	return append(b, ']'), nil
}

// TimeFormat is how a time.Time among the arguments is written. Either way it is in UTC.
type TimeFormat string

// TimeFixed is 2006-01-02T15:04:05.0000000Z, as Cosmos DB's own functions write times: texts of that width sort as the
// times do, and one without a fraction compares with one that has it. Without it a time is written as encoding/json
// does.
const TimeFixed TimeFormat = "fixed"
