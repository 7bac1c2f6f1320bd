package statement

// beginning is a statement that Cosmos DB does not have, known by its first words. With whole the advice is right
// wherever the fault is, else only where it is among those words or right behind them.
type beginning struct {
	words  []string
	whole  bool
	advice string
}

const (
	oneValue      = "Cosmos DB compares one value at a time: write a = @p1 AND b = @p2."
	upsertInstead = "Write UPSERT INTO, which creates the document or replaces it; " +
		"INSERT gives ErrConflict for one that exists."
	ownArrays    = "Cosmos DB joins a document with its own arrays only: FROM c JOIN t IN c.tags."
	noColumns    = "Documents have no fixed columns."
	useBeginTx   = "A transaction is begun with db.BeginTx and ended with Commit or Rollback."
	oneStatement = "A text holds one statement: run them one after the other."
	pageInstead  = "Write LIMIT n, or OFFSET m LIMIT n: Cosmos DB has no OFFSET without LIMIT."
	nameInstead  = "Write names in double quotes, texts in single ones."
	noWindows    = "Cosmos DB has no window functions."
	timeInstead  = "A time is a text, '2006-01-02T15:04:05Z': " +
		"pass a time.Time; DateTimeAdd('day', 1, c.at) adds to one."
	noCasts = "Cosmos DB has no casts: write StringToNumber(x), StringToBoolean(x) or ToString(x)."
	noLocks = "Cosmos DB has no locks: write under an ETag, with cosmos.IfMatch(etag) or … AND _etag = @etag."
	noViews = "Cosmos DB has databases and containers only; functions, " +
		"procedures and triggers are made with package cosmos."
	containsArray  = "Write ARRAY_CONTAINS(@p1, c.x) for one array, or IN with a placeholder for each value."
	alterContainer = "Documents have no fixed columns, so there is nothing to add, " +
		"drop or rename: ALTER CONTAINER c WITH (ttl = 3600) " +
		"changes settings, UPDATE documents."
)

var beginnings = []beginning{
	{[]string{"WITH"}, true, "Cosmos DB has no common table expressions: write a subquery, FROM (SELECT …) AS t."},
	{[]string{"MERGE"}, true, upsertInstead},
	{[]string{"TRUNCATE"}, true, "Write DELETE FROM c WHERE true, or drop the container and create it anew."},
	{[]string{"BEGIN"}, true, useBeginTx},
	{[]string{"START"}, true, useBeginTx},
	{[]string{"COMMIT"}, true, useBeginTx},
	{[]string{"ROLLBACK"}, true, useBeginTx},
	{[]string{"SAVEPOINT"}, true, "A transaction has no savepoints: it is one batch, sent by Commit."},
	{[]string{"RELEASE"}, true, "A transaction has no savepoints: it is one batch, sent by Commit."},
	{[]string{"USE"}, true,
		"The database stands in the DSN; another one is named by cosmos.InDatabase, or as database.container."},
	{[]string{"SET"}, true, "Settings stand in the DSN, or are given as options of package cosmos."},
	{[]string{"PRAGMA"}, true, "Settings stand in the DSN, or are given as options of package cosmos."},
	{[]string{"DECLARE"}, true, "Cosmos DB has no variables: pass parameters."},
	{[]string{"CALL"}, true, "Write container.ExecuteStoredProcedure of package cosmos."},
	{[]string{"EXEC"}, true, "Write container.ExecuteStoredProcedure of package cosmos."},
	{[]string{"EXECUTE"}, true, "Write container.ExecuteStoredProcedure of package cosmos."},
	{[]string{"GRANT"}, true, "Access is granted by Entra ID roles, or by users and permissions of package cosmos."},
	{[]string{"REVOKE"}, true, "Access is granted by Entra ID roles, or by users and permissions of package cosmos."},
	{[]string{"LOCK"}, true, noLocks},
	{[]string{"UNLOCK"}, true, noLocks},
	{[]string{"COPY"}, true, "Load documents with CreateMany or UpsertMany of package cosmos."},
	{[]string{"LOAD"}, true, "Load documents with CreateMany or UpsertMany of package cosmos."},
	{[]string{"ANALYZE"}, true, "Cosmos DB keeps its indexes by itself; EXPLAIN shows how a query is run."},
	{[]string{"OPTIMIZE"}, true, "Cosmos DB keeps its storage by itself."},
	{[]string{"REINDEX"}, true, "Indexes follow the indexing policy: ALTER CONTAINER c WITH (indexing = {…})."},
	{[]string{"VALUES"}, true, "Write SELECT … without FROM."},
	{[]string{"TABLE"}, true, "Write SELECT * FROM c."},
	{[]string{"EXPLAIN", "QUERY"}, true, "Write EXPLAIN SELECT …."},
	{[]string{"EXPLAIN"}, false, "EXPLAIN is about a SELECT."},
	{[]string{"SHOW", "COLUMNS"}, true, noColumns + " DESCRIBE c shows the container's definition."},
	{[]string{"SHOW", "~INDEX"}, true, "DESCRIBE c shows the container's definition, its indexing policy among it."},
	{[]string{"SHOW", "CREATE"}, true, "DESCRIBE c shows the container's definition."},
	{[]string{"SHOW"}, false, "SHOW knows DATABASES and CONTAINERS [FROM database]."},
	{[]string{"LIST"}, false, "LIST knows DATABASES and CONTAINERS [FROM database]."},
	{[]string{"CREATE", "~INDEX"}, true, "Indexes follow the indexing policy: " +
		"ALTER CONTAINER c WITH (indexing = {…})."},
	{[]string{"CREATE", "UNIQUE"}, true,
		"A unique key is given when the container is created: CREATE CONTAINER c PARTITION KEY (/a) UNIQUE KEY (/b)."},
	{[]string{"CREATE", "TABLE", "NAME", "("}, true, noColumns + " Write CREATE CONTAINER c PARTITION KEY (/path)."},
	{[]string{"CREATE", "TABLE", "QUOTED", "("}, true, noColumns + " Write CREATE CONTAINER c PARTITION KEY (/path)."},
	{[]string{"CREATE", "TABLE", "IF", "NOT", "EXISTS", "NAME", "("}, true, noColumns +
		" Write CREATE CONTAINER IF NOT EXISTS c PARTITION KEY (/path)."},
	{[]string{"CREATE", "TABLE", "IF", "NOT", "EXISTS", "QUOTED", "("}, true, noColumns +
		" Write CREATE CONTAINER IF NOT EXISTS c PARTITION KEY (/path)."},
	{[]string{"CREATE", "TABLE", "NAME", ".", "NAME", "("}, true, noColumns +
		" Write CREATE CONTAINER d.c PARTITION KEY (/path)."},
	{[]string{"CREATE", "SCHEMA"}, true, "Write CREATE DATABASE."},
	{[]string{"CREATE", "OR"}, true, noViews},
	{[]string{"CREATE"}, false, noViews},
	{[]string{"ALTER", "~INDEX"}, true, "Indexes follow the indexing policy: ALTER CONTAINER c WITH (indexing = {…})."},
	{[]string{"ALTER"}, false, noViews},
	{[]string{"DROP", "~INDEX"}, true, "Indexes follow the indexing policy: ALTER CONTAINER c WITH (indexing = {…})."},
	{[]string{"DROP"}, false, noViews},
	{[]string{"INSERT", "OR"}, true, upsertInstead},
	{[]string{"INSERT", "IGNORE"}, true, "Write INSERT INTO, and go on after an error that is ErrConflict."},
	{[]string{"INSERT", "OVERWRITE"}, true, upsertInstead},
	{[]string{"INSERT"}, false, "Write INSERT INTO c (a, b) VALUES (@p1, @p2)."},
	{[]string{"DELETE", "*"}, true, "Write DELETE FROM c WHERE …."},
	{[]string{"DELETE"}, false, "Write DELETE FROM c WHERE …."},
	{[]string{"UPDATE", "OR"}, true, "Write UPDATE c SET … WHERE …."},
	{[]string{"UPDATE", "ONLY"}, true, "Write UPDATE c SET … WHERE …."},
	{[]string{"SELECT", "DISTINCT", "ON"}, true,
		"Cosmos DB has no DISTINCT ON: group, or leave the rows out when reading."},
	{[]string{"SELECT", "INTO"}, true, "Cosmos DB has no SELECT INTO: query the documents and write them."},
}

// syntaxOfCalls is calls with a syntax of their own, by their names.
var syntaxOfCalls = map[string]string{
	"CAST":         noCasts,
	"TRY_CAST":     noCasts,
	"CONVERT":      noCasts,
	"EXTRACT":      "Write DateTimePart('year', c.at).",
	"POSITION":     "Write INDEX_OF(c.x, 'text'), which counts from 0.",
	"SUBSTRING":    "Write SUBSTRING(c.x, start, length), which counts from 0.",
	"TRIM":         "Write TRIM(c.x, ' '), LTRIM or RTRIM.",
	"OVERLAY":      "Write REPLACE(c.x, 'old', 'new'), or CONCAT of parts.",
	"GROUP_CONCAT": "Cosmos DB does not join texts of a group: collect them when reading.",
	"STRING_AGG":   "Cosmos DB does not join texts of a group: collect them when reading.",
	"ARRAY_AGG":    "Cosmos DB does not collect the values of a group: collect them when reading.",
	"DATE_ADD":     timeInstead,
	"DATE_SUB":     timeInstead,
	"MATCH":        "Write FullTextContains(c.x, 'word').",
	"WHERE":        oneValue,
	"AND":          oneValue,
	"OR":           oneValue,
	"NOT":          oneValue,
}
