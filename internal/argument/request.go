package argument

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// Request is what a statement is called with: its options, of type O, and its values.
type Request[O ~func(*option.Set)] struct {
	Set     *option.Set // what the defaults, the context and the arguments say; the later wins
	Options []O         // to be passed on with the requests
	Values  []statement.Arg
}

// Read takes apart the arguments that database/sql hands over: options are taken out, values encoded and numbered. What
// [Encode] has seen already stays as it is: wrappers of drivers do not all ask for it. An option with an impossible
// value is an error.
func Read[O ~func(*option.Set)](ctx context.Context, defaults []O, args []driver.NamedValue) (*Request[O], error) {
	r := &Request[O]{}
	for _, nv := range args {
		if o, ok := nv.Value.(O); ok {
			r.Options = append(r.Options, o)
			continue
		}
		v, err := Encode(nv.Value)
		if err != nil {
			return nil, err
		}
		r.Values = append(r.Values, statement.Arg{Name: nv.Name, Ordinal: len(r.Values) + 1, Value: json.RawMessage(v)})
	}
	r.Set = option.Resolve(ctx, defaults, r.Options)
	if len(defaults) > 0 {
		r.Options = append(r.Options, over(r.Set))
	}
	return r, r.Set.Err
}

// over puts what the defaults may say over what the client's own options say: s has the word of context and arguments on
// it already.
func over(s *option.Set) func(*option.Set) {
	return func(t *option.Set) {
		t.PageSize = cmp.Or(s.PageSize, t.PageSize)
		t.MaxConcurrency = cmp.Or(s.MaxConcurrency, t.MaxConcurrency)
		t.Consistency = cmp.Or(s.Consistency, t.Consistency)
		if s.PartitionKey != nil {
			t.PartitionKey = s.PartitionKey
		}
	}
}
