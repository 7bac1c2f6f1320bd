package dsl

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	sq "github.com/Masterminds/squirrel"
)

// SelectBuilder builds a query. Squirrel keeps the clauses that Cosmos SQL shares with SQL and puts them together.
type SelectBuilder struct {
	sq       sq.SelectBuilder
	columns  int
	value    bool
	distinct bool
	top      string // the numbers as text, "" where there is none
	offset   string
	limit    string
	options  []any // arguments without a place in the text
	err      error // the first thing wrong with the statement
}

// Select starts a query of the given columns: expressions, each perhaps with an alias.
//
//	Select("c.id", "c.address.city AS town", "COUNT(1) AS n") // SELECT c.id, c.address.city AS town, COUNT(1) AS n
func Select(columns ...string) SelectBuilder {
	return SelectBuilder{sq: sq.Select()}.Columns(columns...)
}

// SelectValue starts a query whose rows are the values of x themselves, SELECT VALUE x, where x is text with its
// arguments or a [Sqlizer].
func SelectValue(x any, args ...any) SelectBuilder {
	b := SelectBuilder{sq: sq.Select(), value: true}
	return b.column(scalar(x, args...))
}

// Columns adds columns.
func (b SelectBuilder) Columns(columns ...string) SelectBuilder {
	for _, text := range columns {
		b = b.Column(text)
	}
	return b
}

// Column adds a column: text with its arguments, or a [Sqlizer] such as a subquery, a function of this package, or
// either of them under a name given by [As].
func (b SelectBuilder) Column(column any, args ...any) SelectBuilder {
	switch column := column.(type) {
	case string:
		return b.column(clause{selectList, column, args}.read())
	case alias:
		e, err := column.read()
		return b.column(e, errors.Join(err, noArguments(column, args)))
	default:
		return b.column(scalar(column, args...))
	}
}

func (b SelectBuilder) column(e expression, err error) SelectBuilder {
	b.columns++
	if err != nil {
		return b.fail(err)
	}
	b.sq = b.sq.Column(e.text, e.args...)
	return b
}

// Distinct drops rows that are equal to one before.
func (b SelectBuilder) Distinct() SelectBuilder {
	b.distinct = true
	return b
}

// Top keeps the first n rows. It does not combine with Limit and Offset.
func (b SelectBuilder) Top(n uint64) SelectBuilder {
	b.top = strconv.FormatUint(n, 10)
	return b
}

// From names the container or the alias that stands for it, as Cosmos SQL does: "orders o", "c", "t IN c.tags". The
// name of a container is quoted where it has to be: "my-orders o".
func (b SelectBuilder) From(text string) SelectBuilder {
	e, err := from(text)
	if err != nil {
		return b.fail(err)
	}
	b.sq = b.sq.From(e.text)
	return b
}

// FromSelect makes a subquery the source: FROM (SELECT …) AS alias.
func (b SelectBuilder) FromSelect(sub SelectBuilder, alias string) SelectBuilder {
	inner, err := sub.nested()
	if err := errors.Join(err, checkAlias(alias)); err != nil {
		return b.fail(err)
	}
	b.sq = b.sq.FromSelect(inner, alias)
	return b
}

// Join adds a source that each row so far is combined with. Within a document that is an array, as in "t IN c.tags":
// Cosmos DB joins no two documents.
func (b SelectBuilder) Join(text string, args ...any) SelectBuilder {
	e, err := clause{fromClause, text, args}.read()
	if err != nil {
		return b.fail(err)
	}
	b.sq = b.sq.Join(e.text, e.args...)
	return b
}

// JoinSelect adds the rows of a subquery as a source: JOIN (SELECT …) AS alias.
func (b SelectBuilder) JoinSelect(sub SelectBuilder, alias string) SelectBuilder {
	e, err := subquery("", sub)
	if err := errors.Join(err, checkAlias(alias)); err != nil {
		return b.fail(err)
	}
	b.sq = b.sq.Join(e.text+" AS "+alias, e.args...)
	return b
}

// Where adds a condition, text with its arguments or a [Sqlizer]; a row has to meet all of them.
func (b SelectBuilder) Where(cond any, args ...any) SelectBuilder {
	if (cond == nil || cond == "") && len(args) == 0 {
		return b
	}
	e, err := conjunct(cond, args...)
	if err != nil {
		return b.fail(err)
	}
	b.sq = b.sq.Where(e.text, e.args...)
	return b
}

// GroupBy adds expressions whose equal values make a group.
func (b SelectBuilder) GroupBy(keys ...string) SelectBuilder {
	for _, key := range keys {
		e, err := scalar(key)
		if err != nil {
			return b.fail(err)
		}
		b.sq = b.sq.GroupBy(e.text)
	}
	return b
}

// OrderBy adds sort keys: "c.age", "c.name DESC". A query with several keys needs a composite index of these paths.
func (b SelectBuilder) OrderBy(keys ...string) SelectBuilder {
	for _, key := range keys {
		b = b.OrderByClause(key)
	}
	return b
}

// OrderByClause adds one sort key that has arguments or is a [Sqlizer], such as [VectorDistance].
func (b SelectBuilder) OrderByClause(key any, args ...any) SelectBuilder {
	text, ok := key.(string)
	e, err := clause{orderBy, text, args}.read()
	if !ok {
		e, err = scalar(key, args...)
	}
	if err != nil {
		return b.fail(err)
	}
	b.sq = b.sq.OrderByClause(e.text, e.args...)
	return b
}

// Limit keeps n rows, after those that Offset leaves out.
func (b SelectBuilder) Limit(n uint64) SelectBuilder {
	b.limit = strconv.FormatUint(n, 10)
	return b
}

// Offset leaves out the first n rows.
func (b SelectBuilder) Offset(n uint64) SelectBuilder {
	b.offset = strconv.FormatUint(n, 10)
	return b
}

// With adds arguments that have no place in the text: request options of the driver, such as cosmos.PartitionKey, and
// the values of named parameters, by sql.Named.
func (b SelectBuilder) With(args ...any) SelectBuilder {
	b.options = append(slices.Clip(b.options), args...)
	return b
}

// fail keeps the first error; methods have no error result, so that they can be chained.
func (b SelectBuilder) fail(err error) SelectBuilder {
	if b.err == nil {
		b.err = err
	}
	return b
}

// ToSql returns the query and its arguments. It implements [Sqlizer].
func (b SelectBuilder) ToSql() (string, []any, error) {
	full, err := b.build()
	if err != nil {
		return "", nil, err
	}
	text, args, err := full.ToSql()
	if err != nil {
		return "", nil, err
	}
	return text, append(args, b.options...), nil
}

// maxLimit is the largest count that the service's own clients accept.
const maxLimit = "2147483647"

// build completes the squirrel builder with what only Cosmos SQL has.
func (b SelectBuilder) build() (sq.SelectBuilder, error) {
	switch {
	case b.err != nil:
		return b.sq, b.err
	case b.columns == 0:
		return b.sq, errors.New("cosmos: dsl: a query without columns; SELECT * is Select(\"*\")")
	case b.value && b.columns > 1:
		return b.sq, errors.New("cosmos: dsl: SELECT VALUE takes one expression; Object makes one of several")
	case b.top != "" && b.limit+b.offset != "":
		return b.sq, errors.New("cosmos: dsl: Top does not combine with Limit and Offset")
	}
	full := b.sq.PlaceholderFormat(numbered{})
	if b.distinct {
		full = full.Options("DISTINCT")
	}
	if b.top != "" {
		full = full.Options("TOP " + b.top)
	}
	if b.value {
		full = full.Options("VALUE")
	}
	if b.limit+b.offset != "" {
		// Cosmos SQL has the two only together, in this order.
		full = full.Suffix(fmt.Sprintf("OFFSET %s LIMIT %s", or(b.offset, "0"), or(b.limit, maxLimit)))
	}
	return full, nil
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
