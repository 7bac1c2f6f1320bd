// Package cosmossql lets Go programs use Azure Cosmos DB for NoSQL through database/sql.
//
// Importing package driver registers the driver "cosmos":
//
//	import _ "github.com/cosmossql/cosmossql/driver"
//
//	db, err := sql.Open("cosmos", "AccountEndpoint=https://…;AccountKey=…;Database=shop")
//	…
//	rows, err := db.QueryContext(ctx, "SELECT o.id, o.total FROM orders o WHERE o.customer = @p1", "C-7")
//
// This package holds what database/sql then works with, and this page says how it behaves. A program imports the
// package for its error types, or to reach the [cosmos.Client] beneath a connection. The options of the DSN are
// described with the Config of package driver.
//
// # Which container
//
// Where the DSN names a container, every query goes there, and the name in FROM is an alias, as in Cosmos DB. Where it
// names only a database, the name in FROM is the container: FROM orders o, FROM "my-orders" o, and what follows a dot
// is a path into its documents: FROM orders.lines l. Where it names neither, FROM is database.container. Statements
// other than SELECT always say container or database.container. [cosmos.InDatabase] and [cosmos.InContainer] stand in
// for the DSN.
//
// # Parameters
//
// Arguments by position are @p1, @p2, … or ? in the text, those of [database/sql.Named] are @name. Values are sent as
// parameters and never become part of the text. Everything encoding/json can encode is a value: numbers, strings,
// slices, maps, structs, time.Time, uuid.UUID, any driver.Valuer. A []byte or json.RawMessage is JSON text; binary data
// goes as a base64 string. A time.Time is sent in UTC, as RFC 3339, so that it compares with other times in UTC as an
// instant. Their texts are compared and sorted, in which 12:00:00Z comes after 12:00:00.5Z: time_format=fixed in the
// DSN gives all of them seven digits behind the second. A parameter without an argument, an argument by position
// without a parameter, a name given twice, and named arguments among positional ones are errors, before anything is
// sent. Named arguments that the text does not use are let through.
//
// # SQL
//
// A text that is valid Cosmos SQL is sent as it is, byte for byte. What Cosmos DB would reject but SQL means clearly is
// rewritten: columns without an alias, IS NULL, COUNT(*), LIMIT and OFFSET, quoted names, ? placeholders. Comments /*
// */ and a semicolon at the end are taken out. docs/standard-sql.md in the repository lists the rules.
//
// A text goes in single quotes. In double quotes stands a text where the SELECT is valid Cosmos SQL as it is, and a
// name in everything else, UPDATE and DELETE among it; where either may be meant the statement is refused.
//
// # Statements
//
//	INSERT INTO [db.]container (path, …) VALUES (value, …), … [RETURNING * | path [AS name], …]
//	INSERT INTO [db.]container VALUES (document), … [RETURNING …]        also UPSERT and REPLACE
//	UPDATE [db.]container [[AS] alias] SET path = value, … WHERE condition [RETURNING …]
//	DELETE FROM [db.]container [[AS] alias] WHERE condition [RETURNING …]
//	CREATE DATABASE [IF NOT EXISTS] name [WITH (throughput = n)]         or max_throughput, which scales
//	CREATE CONTAINER [IF NOT EXISTS] [db.]name PARTITION KEY (/path, …)
//		[UNIQUE KEY (/path, …)] … [WITH (option = value, …)]
//	ALTER DATABASE name WITH (…), ALTER CONTAINER [db.]name WITH (…)
//	DROP DATABASE [IF EXISTS] name, DROP CONTAINER [IF EXISTS] [db.]name
//	LIST DATABASES, LIST CONTAINERS [FROM db], DESCRIBE [db.]container, DESCRIBE DATABASE name
//	DESCRIBE [db.]container SAMPLE n                                     what is in its documents
//	EXPLAIN SELECT …
//
// A document that is inserted without an id gets a UUID, unless auto_id is off. Several rows are written all or none,
// so they must share a partition key; [cosmos.Container.CreateMany] is for the rest. UPSERT and REPLACE write the
// document whether or not there was one.
//
// Where WHERE fixes the id and every path of the partition key, UPDATE and DELETE are one request. Otherwise the
// documents are searched for and then changed side by side, each under the ETag it was found with: no write of another
// client is lost, the count is exact, and the whole is not atomic: an error says how many documents were changed before
// it. SET takes values, undefined to remove a field, n = n + value and a = ARRAY_CONCAT(a, […]). It means the same
// whatever a document holds: what is not there can be removed, a missing parent of a path is made, as an object, and a
// missing number or array counts as 0 or empty. (In a transaction, which reads nothing, a missing parent fails the
// Commit.) It cannot move a document to another partition key, and can give another id to one that WHERE names by id
// and key. WHERE true is every document.
//
// To change a document only if it is as it was read: … WHERE id = ? AND pk = ? AND _etag = ? changes no row otherwise,
// and the option [cosmos.IfMatch] among the arguments fails with [cosmos.ErrPreconditionFailed]. RETURNING _etag tells
// the new one.
//
// With RETURNING a statement is a query: db.QueryRow("INSERT INTO orders (customer) VALUES (?) RETURNING id", …).
//
// The options of a container are throughput, max_throughput, ttl, analytical_ttl, and, as JSON, indexing, vectors,
// full_text, computed, conflicts, change_feed and geospatial. TABLE and COLLECTION are other words for CONTAINER, SHOW
// for LIST. The statements of gocosmos are understood; docs/standard-sql.md tells the differences.
//
// A prepared statement is one that was parsed; preparing sends nothing.
//
// # Transactions
//
// A [database/sql.Tx] is a transactional batch: INSERT, UPSERT, UPDATE and DELETE of documents of one logical partition
// are kept, at most 100 operations and 2 MB, and sent together at Commit, all or none. A statement that leaves the
// partition, or does not name the document it means, is refused when it is executed; one that fails at Commit is named
// by its error, which holds a [*cosmos.BatchError]. RowsAffected is what the statement asks for: a document that is not
// there fails the Commit. A query would not see what is only kept, so it is refused with [ErrTxQuery]. The isolation
// levels are LevelDefault and LevelSnapshot. A Commit whose answer was lost is [cosmos.ErrUnknownOutcome], and not
// repeated.
//
// With transactions=distributed in the DSN, or [cosmos.Distributed] on the context of BeginTx, a transaction spans
// keys, containers and databases of the account. That is a preview of the service; docs/transactions.md tells what it
// promises.
//
// # Columns
//
// The columns of SELECT a, b are those of its list: the alias, else the last name of the path, else $1, $2, …. SELECT
// VALUE has one column, "value". A name in quotes may be anything: AS "address.city".
//
// The columns of SELECT * are the fields that the documents have. To know them, the driver reads on until the end of
// the result, or until it has seen scan_ahead bytes (1 MiB); their order is that of first sight. A later document with
// a field of its own is a [*ColumnsChangedError], never a loss. With extra=name in the DSN such fields arrive in a last
// column of that name, as a JSON object. The fields that the service adds (_rid, _self, _etag, _attachments, _ts) are
// hidden unless asked for by name, by SELECT VALUE c, or with system_columns=true.
//
// # Values
//
//	string             string
//	true, false        bool
//	integer            int64, or uint64 where only that holds it
//	other number       float64
//	object, array      []byte, the JSON text
//	null, absent       nil
//
// The driver passes integers on exactly, but Cosmos DB counts in float64: an id above 2^53 is better a string.
//
// So an object scans into []byte, string, json.RawMessage, or [cosmos.JSON], which decodes it. On Go 1.27 and later
// structs, maps, slices, time.Time, sql.NullTime, sql.Null of those, and json.RawMessage are destinations too, and a
// field that is absent, rather than null, sets its destination to the zero value. Before Go 1.27 parse_time=true in the
// DSN hands times out as time.Time.
//
// # Options and costs
//
// A [cosmos.Option] may stand anywhere among the arguments, or ride the context where a library leaves no room for
// arguments. An argument wins over the context, the context over the DSN:
//
//	rows, err := db.QueryContext(ctx, query, cosmos.PartitionKey("C-7"), "C-7")
//	ctx = cosmos.WithOptions(ctx, cosmos.PageSize(1000))
//
// [cosmos.WithStats] collects what the requests of a context cost and did: request units, activity ids, retries.
//
// # Documents
//
// The client beneath a *sql.DB is found with [cosmos.FromDB]; a client made first is shared with driver.NewConnector.
// Either way statements and documents use the same connections and see the same sessions.
//
// # Connections and errors
//
// A connection is a light handle; all share the client's sockets. Limits of the pool bound the statements in flight,
// open rows among them. Errors of the service are a [*cosmos.Error]; errors.Is knows them as [cosmos.ErrNotFound],
// [cosmos.ErrConflict] and so on. driver.ErrBadConn never occurs: what may be repeated, the client has repeated.
package cosmossql
