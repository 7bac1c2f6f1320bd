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
// This package holds what database/sql then works with, and this page says how it behaves. A program imports the package
// for its error types, or to reach the [cosmos.Client] beneath a connection. The options of the DSN are described with
// the Config of package driver.
//
// # Which container
//
// Where the DSN names a container, every query goes there, and the name in FROM is an alias, as in Cosmos DB. Where
// it names only a database, the name in FROM is the container: FROM orders o, FROM "my-orders" o. Where it names
// neither, FROM is database.container. Statements other than SELECT always say container or database.container.
// [cosmos.InDatabase] and [cosmos.InContainer] stand in for the DSN.
//
// # Parameters
//
// Arguments by position are @p1, @p2, … or ? in the text, those of [database/sql.Named] are @name. Values are sent as
// parameters and never become part of the text. Everything encoding/json can encode is a value: numbers, strings, slices,
// maps, structs, time.Time (RFC 3339), uuid.UUID, any driver.Valuer. A []byte or json.RawMessage is JSON text; binary
// data goes as a base64 string. A parameter without an argument, an argument without a parameter, a name given twice,
// and named arguments among positional ones are errors, before anything is sent.
//
// # SQL
//
// A text that is valid Cosmos SQL is sent as it is, byte for byte. What Cosmos DB would reject but SQL means clearly is
// rewritten: columns without an alias, IS NULL, COUNT(*), LIMIT and OFFSET, quoted names, ? placeholders.
// docs/standard-sql.md in the repository lists the rules.
//
// # Columns
//
// The columns of SELECT a, b are those of its list: the alias, else the last name of the path, else $1, $2, …. SELECT
// VALUE has one column, "value".
//
// The columns of SELECT * are the fields that the documents have. To know them, the driver reads on until the end of the
// result, or until it has seen scan_ahead bytes (1 MiB); their order is that of first sight. A later document with a
// field of its own is a [*ColumnsChangedError], never a loss. With extra=name in the DSN such fields arrive in a last
// column of that name, as a JSON object. The fields that the service adds (_rid, _self, _etag, _attachments, _ts) are
// hidden unless asked for by name, by SELECT VALUE c, or with system_columns=true.
//
// # Values
//
//	string             string
//	true, false        bool
//	integer            int64
//	other number       float64; also integers beyond int64
//	object, array      []byte, the JSON text
//	null, absent       nil
//
// So an object scans into []byte, string, json.RawMessage, or [cosmos.JSON], which decodes it. On Go 1.27 and later
// structs, maps, slices, time.Time and json.RawMessage are destinations too, and a field that is absent, rather than
// null, sets its destination to the zero value.
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
// A connection is a light handle; all share the client's sockets. Limits of the pool bound the statements in flight, open
// rows among them. Errors of the service are a [*cosmos.Error]; errors.Is knows them as [cosmos.ErrNotFound],
// [cosmos.ErrConflict] and so on. driver.ErrBadConn never occurs: what may be repeated, the client has repeated.
package cosmossql
