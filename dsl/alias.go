package dsl

import (
	"fmt"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// alias is an expression under a name.
type alias struct {
	x    any
	name string
}

// As names a column: x AS name, where x is the text of an expression or a [Sqlizer]. Cosmos SQL takes only plain names;
// [Object] makes results whose properties have any name.
func As(x any, name string) Sqlizer { return alias{x, name} }

func (a alias) read() (expression, error) {
	if err := checkAlias(a.name); err != nil {
		return expression{}, err
	}
	e, err := scalar(a.x)
	e.text += " AS " + a.name
	return e, err
}

// ToSql implements [Sqlizer].
func (a alias) ToSql() (string, []any, error) {
	e, err := a.read()
	return e.text, e.args, err
}

func checkAlias(name string) error {
	if !nosql.IsIdentifier(name) {
		return fmt.Errorf("cosmos: dsl: alias %q is not a plain name", name)
	}
	return nil
}
