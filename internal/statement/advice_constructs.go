package statement

// construct is a part of a statement that Cosmos DB does not have, known by the words at the fault. verb and clause
// limit it to some statements and clauses.
type construct struct {
	words        []string
	verb, clause string
	advice       string
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

	// definitions
	{words: []string{"PRIMARY", "KEY"}, verb: "CREATE",
		advice: "Write PARTITION KEY (/path): within one value of it the id is unique."},

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
