package store

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
)

// Filter is a condition on the metadata of documents, which has to hold for all of its fields:
//
//	store.Filter{
//		"lang": "en",                                   // equal
//		"kind": []string{"note", "page"},               // one of these
//		"year": map[string]any{"$gte": 2020, "$lt": 2024},
//		"tags": map[string]any{"$contains": "go"},      // an array that has it
//	}
//
// The operators are $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $contains and $exists. A document without the field
// meets none of them but {"$exists": false}. "$or" and "$and" take a []Filter. A filter may also come as JSON: an
// object decoded into map[string]any is one.
type Filter map[string]any

// operators are those that compare a field with one value.
var operators = map[string]string{
	"$eq": "%s = %s", "$ne": "%s != %s", "$gt": "%s > %s", "$gte": "%s >= %s", "$lt": "%s < %s", "$lte": "%s <= %s",
	"$contains": "ARRAY_CONTAINS(%s, %s)",
	"$in":       "ARRAY_CONTAINS(%[2]s, %[1]s)", "$nin": "(IS_DEFINED(%[1]s) AND NOT ARRAY_CONTAINS(%[2]s, %[1]s))",
}

// condition writes filters as Cosmos SQL. Values become parameters; names of fields are quoted, and have to be indexed.
type condition struct {
	in   definition
	args []any
}

func (c *condition) filter(f Filter) (string, error) {
	parts := []string{}
	for _, field := range slices.Sorted(maps.Keys(f)) {
		var part string
		var err error
		if field == "$or" || field == "$and" {
			part, err = c.group(field, f[field])
		} else {
			part, err = c.field(field, f[field])
		}
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return "true", nil
	}
	return strings.Join(parts, " AND "), nil
}

func (c *condition) group(op string, list any) (string, error) {
	v := reflect.ValueOf(list)
	if v.Kind() != reflect.Slice || v.Len() == 0 {
		return "", fmt.Errorf("store: %s in a filter takes a list of filters, not %T", op, list)
	}
	var parts []string
	for i := range v.Len() {
		f, ok := asFilter(v.Index(i).Interface())
		if !ok {
			return "", fmt.Errorf("store: %s in a filter takes a list of filters, not of %T", op,
				v.Index(i).Interface())
		}
		part, err := c.filter(f)
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	return "((" + strings.Join(parts, ") "+strings.ToUpper(op[1:])+" (") + "))", nil
}

func (c *condition) field(field string, want any) (string, error) {
	if path := indexPath(field); !indexed(c.in.indexing, path) {
		return "", fmt.Errorf("store: the filter names %q, which container %q does not index; it has: %s. "+
			"To filter by it, add %s to the included paths of its indexing policy (Container.Replace), "+
			"or to VectorContainer.Fields of a new one",
			field, c.in.id, c.in.fields(), path)
	}
	at := `c["metadata"]`
	for name := range strings.SplitSeq(field, ".") {
		quoted, _ := json.Marshal(name) // a string always has JSON
		at += "[" + string(quoted) + "]"
	}
	ops, ok := asFilter(want)
	if !ok {
		ops = Filter{"$eq": want}
		if v := reflect.ValueOf(want); v.IsValid() && v.Kind() == reflect.Slice {
			ops = Filter{"$in": want}
		}
	}
	if len(ops) == 0 {
		return "", fmt.Errorf("store: the filter says nothing about %q: give a value, or an operator such as $gte",
			field)
	}
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(ops)) {
		if op == "$exists" {
			exists, ok := ops[op].(bool)
			if !ok {
				return "", fmt.Errorf("store: $exists of %q takes true or false, not %v", field, ops[op])
			}
			parts = append(parts, fmt.Sprintf("IS_DEFINED(%s) = %t", at, exists))
			continue
		}
		form, known := operators[op]
		if !known {
			return "", fmt.Errorf("store: the filter on %q has the unknown operator %q; there are $exists, %s",
				field, op, strings.Join(slices.Sorted(maps.Keys(operators)), ", "))
		}
		if v := reflect.ValueOf(ops[op]); strings.HasSuffix(op, "in") && (!v.IsValid() || v.Kind() != reflect.Slice) {
			return "", fmt.Errorf("store: %s of %q takes a list, not %v", op, field, ops[op])
		}
		parts = append(parts, fmt.Sprintf(form, at, c.parameter(ops[op])))
	}
	return strings.Join(parts, " AND "), nil
}

// parameter makes a value the query's next parameter.
func (c *condition) parameter(v any) string {
	name := fmt.Sprintf("@f%d", len(c.args))
	c.args = append(c.args, cosmos.Parameter{Name: name, Value: v})
	return name
}

func asFilter(v any) (Filter, bool) {
	switch v := v.(type) {
	case Filter:
		return v, true
	case map[string]any:
		return v, true
	}
	return nil, false
}
