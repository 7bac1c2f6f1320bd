package dsl

import (
	"maps"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// Object makes an object of expressions, each the text of one or a [Sqlizer], under names that may be any string. With
// [SelectValue] it gives result rows any shape:
//
//	SelectValue(Object{"full name": "c.name"}) // SELECT VALUE {"full name": c.name}
type Object map[string]any

// ToSql implements [Sqlizer].
func (o Object) ToSql() (string, []any, error) {
	var fields []string
	var args []any
	for _, name := range slices.Sorted(maps.Keys(o)) {
		e, err := scalar(o[name])
		if err != nil {
			return "", nil, err
		}
		key := string(nosql.AppendString(nil, name))
		fields = append(fields, key+": "+e.text)
		args = append(args, e.args...)
	}
	return "{" + strings.Join(fields, ", ") + "}", args, nil
}
