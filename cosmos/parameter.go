package cosmos

import (
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/go-json-experiment/json/jsontext"
)

// Parameter is a value that a query refers to by @name. Value is anything that encoding/json encodes; raw JSON ([]byte,
// json.RawMessage) is sent as it is.
type Parameter struct {
	Name  string `json:"name"` // with the @: letters, digits and underscores
	Value any    `json:"value"`
}

// arguments divides the arguments of a query into parameters and options.
func arguments(args []any) (params []Parameter, opts []Option, err error) {
	named, positional := 0, 0
	for _, arg := range args {
		switch a := arg.(type) {
		case Option:
			opts = append(opts, a)
		case sql.NamedArg:
			named++
			params = append(params, Parameter{"@" + a.Name, a.Value})
		case Parameter:
			named++
			params = append(params, a)
		default:
			positional++
			params = append(params, Parameter{"@p" + strconv.Itoa(positional), a})
		}
	}
	if named > 0 && positional > 0 {
		return nil, nil, errors.New("cosmos: some arguments have names and some have not: use sql.Named for all, or @p1, @p2, … for all")
	}
	return params, opts, nil
}

// queryBody is the JSON of a query with its parameters.
func queryBody(query string, params []Parameter) ([]byte, error) {
	body, err := jsontext.AppendQuote([]byte(`{"query":`), query)
	if err != nil {
		return nil, errors.New("cosmos: the query is not valid UTF-8")
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
		if err := checkName(p.Name); err != nil {
			return nil, err
		}
		for _, other := range params[:i] {
			if other.Name == p.Name {
				return nil, fmt.Errorf("cosmos: parameter %s is given twice", p.Name)
			}
		}
		value, err := argument.Encode(p.Value)
		if err != nil {
			return nil, within("parameter "+p.Name, err)
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, `{"name":"`...), p.Name...), `","value":`...)
		b = append(append(b, value...), '}')
	}
	return append(b, ']'), nil
}

// checkName accepts @ and a name of letters, digits and underscores.
func checkName(name string) error {
	if len(name) < 2 || name[0] != '@' {
		return fmt.Errorf("cosmos: a parameter's name is like @name, not %q", name)
	}
	for _, r := range name[1:] {
		if r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return fmt.Errorf("cosmos: parameter name %q has a character other than letters, digits and _", name)
		}
	}
	return nil
}
