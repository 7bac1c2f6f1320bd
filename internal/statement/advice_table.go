package statement

// beginning is a statement that Cosmos DB does not have, known by its first words. With whole the advice is right
// wherever the fault is, else only where it is among those words or right behind them.
type beginning struct {
	words  []string
	whole  bool
	advice string
}

// construct is a part of a statement that Cosmos DB does not have, known by the words at the fault. verb and clause
// limit it to some statements and clauses.
type construct struct {
	words        []string
	verb, clause string
	advice       string
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

var constructs = []construct{
	// between statements
	{words: []string{";"}, advice: oneStatement},

	// joins and other sources
	{words: []string{"INNER", "JOIN"}, advice: ownArrays},
	{words: []string{"LEFT", "JOIN"}, advice: ownArrays},
	{words: []string{"LEFT", "OUTER"}, advice: ownArrays},
	{words: []string{"RIGHT", "JOIN"}, advice: ownArrays},
	{words: []string{"RIGHT", "OUTER"}, advice: ownArrays},
	{words: []string{"FULL", "JOIN"}, advice: ownArrays},
	{words: []string{"FULL", "OUTER"}, advice: ownArrays},
	{words: []string{"CROSS", "JOIN"}, advice: ownArrays},
	{words: []string{"CROSS", "APPLY"}, advice: ownArrays},
	{words: []string{"OUTER", "APPLY"}, advice: ownArrays},
	{words: []string{"NATURAL", "JOIN"}, advice: ownArrays},
	{words: []string{"LATERAL"}, clause: "FROM JOIN", advice: ownArrays},
	{words: []string{"UNNEST", "("}, advice: ownArrays},
	{words: []string{"ON"}, clause: "JOIN", advice: ownArrays},
	{words: []string{"USING"}, clause: "JOIN", advice: ownArrays},
	{words: []string{","}, clause: "FROM", advice: ownArrays},
	{words: []string{"TABLESAMPLE"}, advice: "Cosmos DB takes no samples: write TOP n."},
	{words: []string{"INDEX", "("}, clause: "FROM",
		advice: "Cosmos DB chooses indexes by itself; " +
			"EXPLAIN shows how a query is run."},
	{words: []string{"FORCE", "INDEX"}, advice: "Cosmos DB chooses indexes by itself; " +
		"EXPLAIN shows how a query is run."},
	{words: []string{"USE", "INDEX"}, advice: "Cosmos DB chooses indexes by itself; EXPLAIN shows how a query is run."},
	{words: []string{"FROM", "TEXT"}, advice: nameInstead},
	{words: []string{"INTO", "TEXT"}, advice: nameInstead},
	{words: []string{"UPDATE", "TEXT"}, advice: nameInstead},
	{words: []string{"FROM", "?"}, advice: "A container is not a parameter: write its name into the text, or give " +
		"cosmos.InContainer(name) as an argument."},
	{words: []string{"FROM", "~@"}, advice: "A container is not a parameter: write its name into the text, or give " +
		"cosmos.InContainer(name) as an argument."},
	{words: []string{"NAME", "-"}, clause: "FROM",
		advice: "Write a name with a dash in double quotes: " +
			"FROM \"my-orders\" o."},
	{words: []string{"`"}, advice: nameInstead},
	{words: []string{"ARRAY", "["}, advice: "Write an array as [1, 2]."},
	{words: []string{"["}, clause: "FROM SELECT INTO", advice: nameInstead},
	{words: []string{"UPDATE", "["}, advice: nameInstead},

	// the select list
	{words: []string{"*", ","}, advice: "SELECT * stands alone: name the columns, or write SELECT VALUE c for " +
		"the whole document."},
	{words: []string{",", "*"}, clause: "SELECT",
		advice: "SELECT * stands alone: name the columns, or write SELECT VALUE c for " +
			"the whole document."},
	{words: []string{".", "*"}, advice: "Write SELECT *, or SELECT VALUE c for the whole document."},
	{words: []string{"(", "DISTINCT"}, advice: "Write SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.x FROM c)."},
	{words: []string{"(", "ALL"}, advice: "Leave ALL out."},
	{words: []string{"CASE", "WHEN"}, advice: "Write IIF(condition, a, b), or condition ? a : b."},
	{words: []string{"CASE", "NAME"}, advice: "Write IIF(condition, a, b), or condition ? a : b."},
	{words: []string{"WHEN"}, advice: "Write IIF(condition, a, b), or condition ? a : b."},
	{words: []string{"THEN"}, advice: "Write IIF(condition, a, b), or condition ? a : b."},
	{words: []string{"PERCENT"}, advice: "TOP takes a number of rows."},
	{words: []string{"PERCENT", "NAME", "."}, advice: "TOP takes a number of rows."},
	{words: []string{"PERCENT", "*"}, advice: "TOP takes a number of rows."},
	{words: []string{"TIES"}, advice: "TOP takes a number of rows."},
	{words: []string{"TOP", "("}, advice: "Write TOP n without parentheses."},
	{words: []string{"INTO", "NAME"}, verb: "SELECT", advice: "Cosmos DB has " +
		"no SELECT INTO: query the documents and write them."},

	// conditions
	{words: []string{"IN", "(", ")"}, advice: "An empty list has nothing: leave the condition out, or write false."},
	{words: []string{"IN", "(", "SELECT"},
		advice: "Write EXISTS(SELECT …) over an array of the document, or give the " +
			"values: IN (@p1, @p2)."},
	{words: []string{"IN", "?"}, advice: containsArray},
	{words: []string{"IN", "~@"}, advice: containsArray},
	{words: []string{"IN", "$"}, advice: containsArray},
	{words: []string{"IN", "["}, advice: "Write the values in parentheses: IN (1, 2)."},
	{words: []string{"ANY", "("}, advice: containsArray},
	{words: []string{"SOME", "("}, advice: containsArray},
	{words: []string{"EXISTS", "SELECT"}, advice: "Write EXISTS(SELECT …)."},
	{words: []string{"ILIKE"}, advice: "Write CONTAINS(c.x, 'text', true), which ignores case."},
	{words: []string{"AGAINST"}, advice: "Write FullTextContains(c.x, 'word')."},
	{words: []string{"SIMILAR"}, advice: "Write RegexMatch(c.x, 'pattern')."},
	{words: []string{"REGEXP"}, advice: "Write RegexMatch(c.x, 'pattern')."},
	{words: []string{"RLIKE"}, advice: "Write RegexMatch(c.x, 'pattern')."},
	{words: []string{"GLOB"}, advice: "Write c.x LIKE 'a%', or RegexMatch(c.x, 'pattern')."},
	{words: []string{"~", "*"}, advice: "Write RegexMatch(c.x, 'pattern', 'i')."},
	{words: []string{"!", "~"}, advice: "Write NOT RegexMatch(c.x, 'pattern')."},
	{words: []string{"~"}, advice: "Write RegexMatch(c.x, 'pattern')."},
	{words: []string{"COLLATE"}, advice: "Cosmos DB compares texts by their characters; StringEquals(a, b, " +
		"true) ignores case."},
	{words: []string{"IS", "TRUE"}, advice: "Write c.x = true."},
	{words: []string{"IS", "FALSE"}, advice: "Write c.x = false."},
	{words: []string{"IS", "UNKNOWN"}, advice: "Write c.x IS NULL."},
	{words: []string{"IS", "DEFINED"}, advice: "Write IS_DEFINED(c.x)."},
	{words: []string{"IS", "NOT", "NAME"}, advice: "IS [NOT] NULL is all there is of IS: " +
		"write c.x != true, or IS_DEFINED(c.x)."},
	{words: []string{"IS", "NAME"}, advice: "IS [NOT] NULL is all there is of IS; " +
		"a comparison is written with = or !=."},
	{words: []string{"IS", "TEXT"}, advice: "IS [NOT] NULL is all there is of IS; " +
		"a comparison is written with = or !=."},
	{words: []string{"ISNULL"}, advice: "Write c.x IS NULL."},
	{words: []string{"NOTNULL"}, advice: "Write c.x IS NOT NULL."},
	{words: []string{","}, clause: "WHERE", advice: "Put AND or OR between conditions; it is x BETWEEN a AND b."},
	{words: []string{"SYMMETRIC"}, advice: "Write BETWEEN with the lower bound first."},
	{words: []string{"OVERLAPS"}, advice: "Write a.start < b.end AND b.start < a.end."},
	{words: []string{"=", "="}, advice: "Write = for equality."},
	{words: []string{"<=", ">"}, advice: "Write =; null equals null in Cosmos DB."},
	{words: []string{"=", ">"}, advice: "Write >= for greater or equal."},
	{words: []string{"=", "<"}, advice: "Write <= for less or equal."},
	{words: []string{"&", "&"}, advice: "Write AND."},
	{words: []string{"!"}, advice: "Write NOT."},
	{words: []string{"XOR"}, advice: "Write a != b for two conditions."},
	{words: []string{"DIV"}, advice: "Write FLOOR(a / b)."},
	{words: []string{"MOD"}, advice: "Write a % b."},
	{words: []string{"*", "*"}, advice: "Write POWER(a, b)."},
	{words: []string{"-", ">"}, advice: "Write a path: c.a.b."},
	{words: []string{"-", ">>"}, advice: "Write a path: c.a.b."},
	{words: []string{"~#"}, advice: "Write a path: c.a.b; a comment begins with --."},
	{words: []string{"/", "/"}, advice: "A comment begins with --, or stands in /* */."},
	{words: []string{"@"}, advice: "Write @name for a parameter; ARRAY_CONTAINS(c.tags, 'x') looks into an array."},

	// values
	{words: []string{":", ":"}, advice: noCasts},
	{words: []string{"INTERVAL"}, advice: timeInstead},
	{words: []string{"INTERVAL", "TEXT"}, advice: timeInstead},
	{words: []string{"DATE", "TEXT"}, advice: timeInstead},
	{words: []string{"TIME", "TEXT"}, advice: timeInstead},
	{words: []string{"TIMESTAMP", "TEXT"}, advice: timeInstead},
	{words: []string{"TIMESTAMPTZ", "TEXT"}, advice: timeInstead},
	{words: []string{"TIME", "ZONE"}, advice: timeInstead},
	{words: []string{"E", "TEXT"}, advice: `Write a text without a letter in front: 'it''s', or 'a\n'.`},
	{words: []string{"N", "TEXT"}, advice: `Write a text without a letter in front: 'it''s'.`},
	{words: []string{"X", "TEXT"}, advice: "Binary data is sent as base64 text."},
	{words: []string{"B", "TEXT"}, advice: "Write a number: 5, or 0x1F."},
	{words: []string{"$", "$"}, advice: "Write a text in single quotes."},
	{words: []string{":", "NAME"}, advice: "Write @name for a parameter, with sql.Named(\"name\", value)."},
	{words: []string{"$", "NAME"}, advice: "Write @name for a parameter, with sql.Named(\"name\", value)."},
	{words: []string{"$", "{"}, advice: "Write @name for a parameter, with sql.Named(\"name\", value)."},
	{words: []string{"%", "NAME"}, advice: "Write @p1 or ? for a parameter."},
	{words: []string{"{", "NUMBER", "}"}, advice: "Write @p1 or ? for a parameter."},
	{words: []string{"{", "}"}, clause: "WHERE", advice: "Write @p1 or ? for a parameter."},
	{words: []string{"DEFAULT", "VALUES"}, advice: "Name the values: INSERT INTO c (id) VALUES (@p1)."},

	// grouping and order
	{words: []string{"GROUP", "NAME"}, advice: "Write GROUP BY."},
	{words: []string{"ORDER", "BY"}, clause: "LIMIT OFFSET", advice: "LIMIT and OFFSET stand behind ORDER BY."},
	{words: []string{"ORDER", "NAME"}, advice: "Write ORDER BY."},
	{words: []string{"HAVING"}, advice: "Cosmos DB has no HAVING: leave the groups out when reading the rows."},
	{words: []string{"ROLLUP"}, advice: "Cosmos DB groups once: run a query for each grouping."},
	{words: []string{"CUBE"}, advice: "Cosmos DB groups once: run a query for each grouping."},
	{words: []string{"GROUPING", "SETS"}, advice: "Cosmos DB groups once: run a query for each grouping."},
	{words: []string{"FILTER", "("}, advice: "Write SUM(condition ? 1 : 0)."},
	{words: []string{"WITHIN", "GROUP"}, advice: "Cosmos DB has no ordered aggregates."},
	{words: []string{"OVER"}, advice: noWindows},
	{words: []string{"WINDOW"}, advice: noWindows},
	{words: []string{"QUALIFY"}, advice: noWindows},
	{words: []string{"NULLS"}, advice: "Cosmos DB sorts what is missing and null first, in descending order last."},
	{words: []string{"UNION"}, advice: "Cosmos DB has no UNION: run the queries one after the other."},
	{words: []string{"INTERSECT"}, advice: "Cosmos DB has no INTERSECT: run the queries one after the other."},
	{words: []string{"EXCEPT"}, advice: "Cosmos DB has no EXCEPT: run the queries one after the other."},
	{words: []string{"MINUS"}, advice: "Cosmos DB has no MINUS: run the queries one after the other."},

	// pages
	{words: []string{"FETCH"}, advice: pageInstead},
	{words: []string{"ROWS"}, advice: pageInstead},
	{words: []string{"ROW"}, clause: "OFFSET LIMIT", advice: pageInstead},
	{words: []string{"OFFSET", "NUMBER"}, advice: pageInstead},
	{words: []string{"OFFSET", "?"}, advice: pageInstead},
	{words: []string{"OFFSET", "~@"}, advice: pageInstead},
	{words: []string{"LIMIT", "TEXT"}, advice: "LIMIT takes a whole number, or a parameter."},
	{words: []string{"LIMIT", "-"}, advice: "LIMIT takes a whole number, or a parameter."},
	{words: []string{"LIMIT", "ALL"}, advice: "Leave LIMIT out for all rows."},
	{words: []string{","}, clause: "LIMIT", advice: "Write LIMIT n OFFSET m."},
	{words: []string{"ROWNUM"}, advice: pageInstead},
	{words: []string{"FOR", "UPDATE"}, advice: noLocks},
	{words: []string{"FOR", "SHARE"}, advice: noLocks},
	{words: []string{"FOR", "JSON"}, advice: "Rows are JSON: SELECT VALUE c gives each as one column."},
	{words: []string{"OPTION", "("}, advice: "Options of a query are given as arguments: cosmos.MaxConcurrency(4)."},

	// writes
	{words: []string{"ON", "CONFLICT"}, advice: upsertInstead},
	{words: []string{"ON", "DUPLICATE"}, advice: upsertInstead},
	{words: []string{"SELECT"}, verb: "INSERT UPSERT REPLACE",
		advice: "Cosmos DB has no INSERT … SELECT: query the documents and write them " +
			"with VALUES, or with CreateMany of package cosmos."},
	{words: []string{"SET"}, verb: "INSERT UPSERT REPLACE", advice: "Write INSERT INTO c (a, b) VALUES (@p1, @p2)."},
	{words: []string{"VALUE"}, verb: "INSERT UPSERT REPLACE", advice: "Write VALUES."},
	{words: []string{"OUTPUT"}, advice: "Write RETURNING * at the end."},
	{words: []string{"FROM"}, verb: "UPDATE",
		advice: "An UPDATE is about one container: compute the values before and give " +
			"them as parameters."},
	{words: []string{"JOIN"}, verb: "UPDATE DELETE",
		advice: "An UPDATE or DELETE is about one container; its arrays are looked " +
			"into with EXISTS(SELECT …)."},
	{words: []string{"USING"}, verb: "DELETE", advice: "A DELETE is about one container; " +
		"its arrays are looked into with EXISTS(SELECT …)."},
	{words: []string{"ORDER"}, verb: "UPDATE DELETE",
		advice: "UPDATE and DELETE are about all documents that WHERE selects: query " +
			"their ids first, with ORDER BY and LIMIT."},
	{words: []string{"LIMIT"}, verb: "UPDATE DELETE",
		advice: "UPDATE and DELETE are about all documents that WHERE selects: query " +
			"their ids first, with ORDER BY and LIMIT."},
	{words: []string{"WHERE"}, verb: "UPDATE", advice: "Write UPDATE c SET a = @p1 WHERE …."},
	{words: []string{"SET", "("}, verb: "UPDATE", advice: "Write SET a = @p1, b = @p2."},
	{words: []string{"+", "="}, clause: "SET", advice: "Write SET n = n + 1."},
	{words: []string{"-", "="}, clause: "SET", advice: "Write SET n = n - 1."},
	{words: []string{"+", "+"}, clause: "SET", advice: "Write SET n = n + 1."},
	{words: []string{"|", "="}, clause: "SET", advice: "Compute the value before and give it as a parameter."},

	// definitions
	{words: []string{"PARTITION", "KEY"}, advice: "Write PARTITION KEY (/path)."},
	{words: []string{"UNIQUE", "KEY", "(", ")"}, advice: "Write UNIQUE KEY (/path)."},
	{words: []string{"PARTITIONED"}, advice: "Write PARTITION KEY (/path)."},
	{words: []string{"PARTITION", "BY"}, verb: "CREATE", advice: "Write PARTITION KEY (/path)."},
	{words: []string{"CASCADE"}, advice: "Leave CASCADE out."},
	{words: []string{"RESTRICT"}, advice: "Leave RESTRICT out."},
	{words: []string{"ADD"}, verb: "ALTER", advice: alterContainer},
	{words: []string{"DROP"}, verb: "ALTER", advice: alterContainer},
	{words: []string{"RENAME"}, verb: "ALTER", advice: alterContainer},
	{words: []string{"ALTER"}, verb: "ALTER", advice: alterContainer},
	{words: []string{"MODIFY"}, verb: "ALTER", advice: alterContainer},
	{words: []string{"SET"}, verb: "ALTER", advice: "Write ALTER CONTAINER c WITH (option = value)."},
	{words: []string{","}, verb: "DROP", advice: "Drop one at a time."},
}
