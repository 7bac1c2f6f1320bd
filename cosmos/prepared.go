package cosmos

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/cache"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
	"github.com/go-json-experiment/json/jsontext"
)

// prepared is a query with its parameters, checked and encoded.
type prepared struct {
	text string
	*parsedQuery
	encoded []byte // the parameters as a JSON array; nil without any
	values  map[string]value.Value
}

// parsedQuery is a parsed text. It is never changed: all queries with the text share it.
type parsedQuery struct {
	tree   *nosql.Query // nil if the text does not parse; the service decides then
	params []string     // names of the parameters that the text uses
}

// parseQuery parses a text, unless it is in the cache.
func (c *Client) parseQuery(text string) *parsedQuery {
	if r, known := c.parsedQueries.Get(text); known {
		return r
	}
	r := &parsedQuery{}
	if tree, err := nosql.Parse(text, nosql.Cosmos); err == nil {
		r.tree = tree
		nosql.Walk(tree, func(n nosql.Node) bool {
			if param, ok := n.(*nosql.Param); ok && !slices.Contains(r.params, param.Name) {
				r.params = append(r.params, param.Name)
			}
			return true
		})
	}
	if len(text) <= cache.MaxText {
		c.parsedQueries.Put(text, r)
	}
	return r
}

var errNotUTF8 = errtext.Refusef("cosmos: the query is not valid UTF-8")

// prepareQuery encodes the parameters and checks that there is one for each that text uses. A value by position must be
// used; one with a name may be left over, as the service lets it: programs share one list among several texts.
func (c *Client) prepareQuery(text string, args *argument.List) (*prepared, error) {
	params := args.Parameters
	p := &prepared{text: text, parsedQuery: c.parseQuery(text)}
	if !utf8.ValidString(text) {
		return nil, errNotUTF8
	}
	if len(params) > 0 {
		var err error
		size := 2
		p.values = make(map[string]value.Value, len(params))
		for _, param := range params {
			raw, err := argument.Encode(param.Value)
			if err != nil {
				return nil, within("parameter "+param.Name, err)
			}
			size += len(param.Name) + len(raw) + len(`{"name":"","value":},`)
			if p.values[param.Name], err = value.Parse(raw); err != nil {
				return nil, errtext.Refusef("cosmos: parameter %q: %w", param.Name, err)
			}
		}
		if p.encoded, err = appendParameters(make([]byte, 0, size), params); err != nil {
			return nil, err
		}
	}
	if p.tree == nil {
		return p, nil // the service says what is wrong with it
	}
	return p, p.check(args.Positional)
}

// explained adds to the service's refusal of a text that is not Cosmos SQL who would have understood it.
func (p *prepared) explained(err error) error {
	if p.tree != nil || !isStatus(err, http.StatusBadRequest) {
		return err
	}
	return fmt.Errorf("%w; a text is sent as it stands: only database/sql rewrites standard SQL, such as ? and LIMIT "+
		"n, and runs INSERT, UPDATE and DELETE", err)
}

// check compares the parameters that the query uses with those that were given.
func (p *prepared) check(positional bool) error {
	for _, name := range p.params {
		if _, given := p.values[name]; !given {
			way := fmt.Sprintf("pass sql.Named(%q, value)", strings.TrimPrefix(name, "@"))
			if _, err := strconv.Atoi(strings.TrimPrefix(name, "@p")); err == nil {
				way = "arguments without a name are @p1, @p2, …"
			}
			return errtext.Refusef("cosmos: the query uses parameter %s, for which no value is given: %s", name, way)
		}
	}
	for name := range p.values {
		if positional && !slices.Contains(p.params, name) {
			return errtext.Refusef("cosmos: a value is given for parameter %s, which the query does not use", name)
		}
	}
	return nil
}

// body is the JSON that asks for text, the query's own or a rewritten one, with the query's parameters.
func (p *prepared) body(text string) ([]byte, error) {
	body, err := jsontext.AppendQuote(append(make([]byte, 0, len(text)+len(p.encoded)+40), `{"query":`...), text)
	if err != nil {
		return nil, errNotUTF8
	}
	if p.encoded != nil {
		body = append(append(body, `,"parameters":`...), p.encoded...)
	}
	return append(body, '}'), nil
}

// planKey is the cache key of the query's plan: the text, and those parameters that the plan depends on.
func (p *prepared) planKey() string {
	if p.tree == nil {
		return p.text + "\x00" + string(p.encoded)
	}
	key := []byte(p.text)
	for _, name := range queryplan.PlanParams(p.tree) {
		key = append(append(key, 0), name...)
		key = value.AppendJSON(append(key, '='), p.values[name])
	}
	return string(key)
}

// partition is the partition key that the options limit the query to; nil if they do not. Where WHERE names the
// partitions itself, a default gives way, and a key that is none of them is refused.
func (p *prepared) partition(d *definition, set *option.Set) (partition.Key, error) {
	key := set.PartitionKey
	if key == nil || p.tree == nil || d.rid == "" {
		return key, nil
	}
	named, narrowed := queryplan.Keys(p.tree, p.values, d.key)
	if !narrowed || len(named) == 0 {
		return key, nil
	}
	if set.DefaultKey {
		return nil, nil
	}
	for _, k := range named {
		if n := min(len(k), len(key)); slices.Equal(k[:n], key[:n]) {
			return key, nil
		}
	}
	return nil, errtext.Refusef("cosmos: the query's WHERE names partition key %s, but the option PartitionKey says %s",
		named[0], key)
}
