// Package dsl builds statements for Azure Cosmos DB for NoSQL on top of squirrel, whose conditions and expressions it
// takes as they are:
//
//	rows, err := dsl.Select("c.name", "c.population").
//		From("c").
//		Where(dsl.Eq{"c.continent": "Africa"}).
//		Where(dsl.Gt{"c.population": 50_000_000}).
//		OrderBy("c.population DESC").
//		Limit(10).
//		RunWith(db).
//		QueryContext(ctx)
//
// # Text and values
//
// A string that names a column, a container, a sort key or a condition is Cosmos SQL, in which each ? stands for one of
// the arguments beside it. It is parsed when the statement is built: text that is not what its place asks for is an
// error, and can never reach into the rest of the statement. Values never become text; they are the parameters @p1,
// @p2, … in the order of the text, through subqueries too.
//
// A reserved word after a dot is quoted (c.order becomes c["order"]). A name with other characters is written by
// [Path]:
//
//	dsl.Path("c", "shipping address", "zip") // c["shipping address"]["zip"]
//
// A nil in [Eq] means what NULL means in SQL: the property is null or missing. [IsNull], [IsDefined] and [HasValue]
// tell the two apart.
//
// # Builders
//
// [Select] and [SelectValue] start a query, [Insert], [Upsert], [Update] and [Delete] what writes documents. Builders
// are values: every method returns a changed copy, so that a common start can be shared, also between goroutines. What
// is wrong with a statement is told by ToSql and by the methods of [Runnable], which ends the chain: RunWith takes
// whatever squirrel takes, *sql.DB, *sql.Tx, and libraries' types with the same methods.
package dsl
