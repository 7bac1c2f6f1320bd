// Package statement says what a SQL text asks the driver to do. [Parse] reads the text into one of the statement
// types; nothing here talks to a server.
//
// # Select
//
// A text that is valid Cosmos SQL is sent byte for byte. What Cosmos would reject but SQL means clearly is rewritten:
//
//	SELECT id, age FROM users WHERE age > ? AND city IS NULL LIMIT 10
//
// becomes
//
//	SELECT users.id, users.age FROM users
//	WHERE users.age > @p1 AND (NOT IS_DEFINED(users.city) OR IS_NULL(users.city)) OFFSET 0 LIMIT 10
//
// docs/standard-sql.md lists every rule.
//
// # Which container
//
// What the connection or the call already names ([Options]) is not read from the text; what is missing is read from
// the front of the first path of FROM:
//
//	container known:  FROM orders o         an alias, as in Cosmos
//	                  FROM orders.items i   the items of each document
//	database known:   FROM orders o         the container orders
//	                  FROM orders.items i   the items of each document in the container orders
//	                  FROM "my-orders" o    the container my-orders
//	neither known:    FROM shop.orders o    the container orders of the database shop
//
// So a text keeps one meaning as long as the DSN does, and FROM a.b is a path wherever Cosmos could mean one.
// Statements other than SELECT have no paths there: they take container and database.container at any time.
//
// # Parameters
//
// A text has @name, or @p1, @p2, … for arguments by position; ?, and gocosmos's @1, $1 and :1, are rewritten to those.
// [Parameters.Bind] pairs arguments with parameters and refuses what does not fit.
package statement
