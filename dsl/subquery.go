package dsl

import (
	"errors"

	sq "github.com/Masterminds/squirrel"
)

// subquery writes b in parentheses after keyword.
func subquery(keyword string, b SelectBuilder) (expression, error) {
	full, err := b.nested()
	if err != nil {
		return expression{}, err
	}
	text, args, err := full.PlaceholderFormat(sq.Question).ToSql()
	if err != nil {
		return expression{}, err
	}
	return parse(keyword+"("+text+")", args)
}

// nested is the query as it stands inside another.
func (b SelectBuilder) nested() (sq.SelectBuilder, error) {
	if len(b.options) > 0 {
		return b.sq, errors.New("cosmos: dsl: With belongs to the outermost query")
	}
	return b.build()
}

// Exists is true where the subquery has rows.
//
//	Exists(Select("*").From("t IN c.tags").Where("t = ?", "new")) // EXISTS(SELECT * FROM t IN c.tags WHERE t = @p1)
func Exists(b SelectBuilder) Sqlizer { return orFailed(subquery("EXISTS", b)) }

// NotExists is true where the subquery has no rows.
func NotExists(b SelectBuilder) Sqlizer { return orFailed(subquery("NOT EXISTS", b)) }

// ArrayOf is the array of the subquery's rows: ARRAY(SELECT …).
func ArrayOf(b SelectBuilder) Sqlizer { return orFailed(subquery("ARRAY", b)) }
