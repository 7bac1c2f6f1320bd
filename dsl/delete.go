package dsl

import "slices"

// DeleteBuilder builds a statement that deletes documents.
type DeleteBuilder struct{ statement }

// Delete starts a statement that deletes documents of a container, which may have an alias: "orders o".
func Delete(container string) DeleteBuilder { return DeleteBuilder{on(container)} }

// Where adds a condition; a document has to meet all of them. One that fixes the id and the partition key is a single
// request, any other a search first. An empty map or [And] is not a condition: without any the statement is refused.
func (b DeleteBuilder) Where(cond any, args ...any) DeleteBuilder {
	b.statement = b.filter(cond, args)
	return b
}

// Returning makes the statement a query of the documents as they were: "*", or properties.
func (b DeleteBuilder) Returning(columns ...string) DeleteBuilder {
	b.statement = b.returns(columns)
	return b
}

// With adds arguments that have no place in the text, such as request options of the driver.
func (b DeleteBuilder) With(args ...any) DeleteBuilder {
	b.options = append(slices.Clip(b.options), args...)
	return b
}

// ToSql returns the statement and its arguments. It implements [Sqlizer].
func (b DeleteBuilder) ToSql() (string, []any, error) {
	if b.err == nil && len(b.where) == 0 {
		b.err = errNoWhere
	}
	t := &text{}
	t.WriteString("DELETE FROM " + b.container)
	return b.finish(t)
}
