package statement

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestWholeErrors: the whole text of what is refused, with the place of the fault, for each clause of each statement.
func TestWholeErrors(t *testing.T) {
	t.Parallel()
	const constants = " takes literals and parameters; "
	const computed = " must be computed before and given as a parameter"
	for _, tt := range []struct{ text, message string }{
		// INSERT
		{"INSERT INTO t (id, n) VALUES ('1', 2), ('2')", "row 2 of VALUES has 1 value for 2 columns"},
		{"INSERT INTO t (id,\n  a.b, a) VALUES ('1', 2, 3)", "column a is given twice, or both it and a part of it"},
		{
			"INSERT INTO t (id) VALUES\n (\"true\")",
			`"true" may mean a text or the JSON in it: write 'true' for the text, true for the other. ` +
				`(line 2, column 3)`,
		},
		{"INSERT INTO t (id) VALUES\n('1', 1 + 1)", "VALUES" + constants + "1 + 1" + computed + ". (line 2, column 7)"},
		{
			"INSERT INTO t (id) VALUES (UPPER('a'))",
			"VALUES" + constants + `UPPER("a")` + computed + ". (line 1, column 28)",
		},
		{"INSERT INTO t (id) VALUES ([1, -@a])", "VALUES" + constants + "-@a" + computed + ". (line 1, column 32)"},
		{
			"INSERT INTO t (id) VALUES ({a: Infinity})",
			"VALUES" + constants + "Infinity" + computed + ". (line 1, column 32)",
		},
		{
			"INSERT INTO t (id) VALUES ({a: [b]})",
			"VALUES" + constants + "b" + computed + ", or written 'b' for a text. (line 1, column 33)",
		},
		{
			"INSERT INTO t (a[0]) VALUES (1)",
			"A step of a path is a name here; give the whole array as a value. (SC1001, line 1, column 18)",
		},
		{
			"INSERT INTO t (id) VALUES ('1') RETURNING id + 1",
			"Syntax error, incorrect syntax near '+'. (SC1001, line 1, column 46)",
		},
		{
			"INSERT INTO t (id) VALUES ('1') RETURNING id,",
			"Syntax error, unexpected end-of-file. (SC1002, line 1, column 46)",
		},
		{"INSERT INTO t (id) VALUES (?, @b)", "row 1 of VALUES has 2 values for 1 column"},
		{
			"INSERT INTO t (id, b) VALUES (?, @b)",
			"The placeholder ? stands beside @b: write either ? for all parameters or a name for each. " +
				"(SC1001, line 1, column 34)",
		},
		{
			"INSERT INTO t VALUES (1, 2)",
			"row 1 of VALUES has 2 values and no columns: name the columns, or give one whole document",
		},

		// UPDATE
		{
			"UPDATE t SET a = 1,\n  _etag = 'x' WHERE true",
			"The property _etag cannot be set: the service writes it. (line 2, column 3)",
		},
		{
			"UPDATE t SET t._ts = 1 WHERE true",
			"The property _ts cannot be set: the service writes it. (line 1, column 14)",
		},
		{"UPDATE t SET a = 1, a.b = 2 WHERE true", "UPDATE sets a and a.b: one is the other or a part of it"},
		{"UPDATE t SET a[0] = 1, a = [] WHERE true", "UPDATE sets a.0 and a: one is the other or a part of it"},
		{"UPDATE t SET n = n * 2 WHERE true", "SET" + constants + "n * 2" + computed + ". (line 1, column 18)"},
		{"UPDATE t SET m = 1 - m WHERE true", "SET" + constants + "1 - m" + computed + ". (line 1, column 18)"},
		{
			"UPDATE t SET n = NVL(n, 0) + 1 WHERE true",
			"SET" + constants + "NVL(n, 0) + 1" + computed + ". (line 1, column 18)",
		},
		{
			"UPDATE t SET n = COALESCE(n, 0, 0) + 1 WHERE true",
			"SET" + constants + "COALESCE(n, 0, 0) + 1" + computed + ". (line 1, column 18)",
		},
		{
			"UPDATE t SET n = COALESCE(n, '0') + 1 WHERE true",
			"SET" + constants + `COALESCE(n, "0") + 1` + computed + ". (line 1, column 18)",
		},
		{
			"UPDATE t SET n = udf.COALESCE(n, 0) + 1 WHERE true",
			"SET" + constants + "udf.COALESCE(n, 0) + 1" + computed + ". (line 1, column 18)",
		},
		{
			"UPDATE t SET l = ARRAY_CONCAT(l, [1], [2]) WHERE true",
			"SET" + constants + "ARRAY_CONCAT(l, [1], [2])" + computed + ". (line 1, column 18)",
		},
		{
			"UPDATE t SET l = ARRAY_CONCAT(m, [1]) WHERE true",
			"SET" + constants + "ARRAY_CONCAT(m, [1])" + computed + ". (line 1, column 18)",
		},
		{
			"INSERT INTO t (at) VALUES (CURRENT_TIMESTAMP)",
			"VALUES" + constants + "CURRENT_TIMESTAMP" + computed + ". (line 1, column 28)",
		},
		{"UPDATE t SET at = sysdate WHERE true", "SET" + constants + "sysdate" + computed + ". (line 1, column 19)"},
		{
			"UPDATE t SET a = b WHERE true",
			"SET" + constants + "b" + computed + ", or written 'b' for a text. (line 1, column 18)",
		},
		{
			"UPDATE t\nSET a = 1",
			"UPDATE needs a WHERE clause; write WHERE true for every document. (SC1001, line 2, column 10)",
		},
		{
			"UPDATE t SET a WHERE true",
			"Syntax error, incorrect syntax near 'WHERE'. Write UPDATE c SET a = @p1 WHERE …. " +
				"(SC1001, line 1, column 16)",
		},
		{
			"UPDATE t SET a = 1 WHERE x.id = '1'",
			"Identifier 'x' could not be resolved. For a property of the documents write t.x. " +
				"(SC2001, line 1, column 26)",
		},
		{
			"UPDATE t SET a = 1 WHERE t.b = \"c\"",
			`"c" may mean a text or a property: write 'c' for the text, t.c for the property. (line 1, column 32)`,
		},
		{
			"UPDATE t SET a = 1 WHERE true RETURNING",
			"Syntax error, unexpected end-of-file. (SC1002, line 1, column 40)",
		},

		// DELETE
		{
			"DELETE FROM t",
			"DELETE needs a WHERE clause; write WHERE true for every document. (SC1001, line 1, column 14)",
		},
		{
			"DELETE FROM t AS d\nWHERE t.id = '1'",
			"Identifier 't' could not be resolved. For a property of the documents write d.t. " +
				"(SC2001, line 2, column 7)",
		},
		{"DELETE FROM t WHERE id = '1' AND", "Syntax error, unexpected end-of-file. (SC1002, line 1, column 33)"},
		{"DELETE FROM t WHERE a = \"\"", `"" is not a name: write '' for the text. (line 1, column 25)`},
		{
			"DELETE FROM t WHERE id = ? OR b = @b",
			"The placeholder ? stands beside @b: write either ? for all parameters or a name for each. " +
				"(SC1001, line 1, column 35)",
		},
		{
			"DELETE FROM t WHERE EXISTS(SELECT VALUE x FROM x IN tags WHERE y = 1)",
			"Identifier 'y' could not be resolved. In a subquery with a FROM of its own write the alias too, as in " +
				"t.y. (SC2001, line 1, column 64)",
		},

		// SELECT
		{
			"SELECT u.id FROM users u JOIN orders",
			"Identifier 'orders' could not be resolved. Cosmos DB joins a document with its own arrays only, as in x " +
				"IN u.orders. (SC2001, line 1, column 31)",
		},
		{
			"SELECT id FROM c WHERE (a, b) IN ((1, 2), (3))",
			"The row has 1 value, not the 2 that it is compared with. (SC1001, line 1, column 43)",
		},
		{
			"SELECT c.id FROM c\nWHERE NOT c.a = 1 LIMIT 1",
			"NOT c.a = 1 negates its first operand in Cosmos SQL and the whole in SQL: write NOT " +
				"(c.a = 1), or parentheses around NOT and its operand. (line 2, column 7)",
		},
		{
			"SELECT DATE '2026-01-02' FROM c",
			"Syntax error, incorrect syntax near ''2026-01-02''. A time is a text, '2006-01-02T15:04:05Z': pass a " +
				"time.Time; DateTimeAdd('day', 1, c.at) adds to one. (SC1001, line 1, column 13)",
		},
		{
			"SELECT DATE '2026-01-02', E'a' FROM c LIMIT 1",
			"Syntax error, incorrect syntax near ''2026-01-02''. A time is a text, '2006-01-02T15:04:05Z': pass a " +
				"time.Time; DateTimeAdd('day', 1, c.at) adds to one. (SC1001, line 1, column 13)",
		},
		{
			"SELECT a FROM d WHERE EXISTS(SELECT VALUE e FROM e)",
			"Identifier 'e' could not be resolved. Cosmos DB joins a document with its own arrays only, as in x IN " +
				"d.e. (SC2001, line 1, column 50)",
		},

		// EXPLAIN, and what is not a statement
		{"EXPLAIN ANALYZE\nSELECT c.id FRON c", "Syntax error, incorrect syntax near 'c'. (SC1001, line 2, column 18)"},
		{
			"EXPLAIN DELETE FROM t WHERE true",
			"Syntax error, incorrect syntax near 'DELETE'. EXPLAIN is about a SELECT. (SC1001, line 1, column 9)",
		},
		{
			"SELECT 1; SELECT 2",
			"Syntax error, incorrect syntax near 'SELECT'. A text holds one statement: run them one after the other. " +
				"(SC1001, line 1, column 11)",
		},
		{
			"DESCRIBE t SAMPLE\n-1",
			"SAMPLE takes the number of documents to look at, from 1 to 100000. (SC1001, line 2, column 1)",
		},
	} {
		_, err := Parse(tt.text, database)
		require.EqualError(t, err, "cosmos: "+tt.message, tt.text)
	}
}

// TestCounterForms: what counts up or down, however it is written, is one operation of a patch.
func TestCounterForms(t *testing.T) {
	t.Parallel()
	for set, by := range map[string]string{
		"n = n + 2":              "2",
		"n = 2 + n":              "2",
		"n = n - 2":              "-2",
		"n = n - -2":             "2",
		"n = t.n + 2":            "2",
		"t.n = n + 2":            "2",
		`"n" = "n" + 2`:          "2",
		"n = COALESCE(n, 0) + 2": "2",
		"n = coalesce(t.n,0)+2":  "2",
		"n = IFNULL(n, 0) - 2":   "-2",
		"n = 2 + IfNull(n, 0)":   "2",
		"n = (n + 2)":            "2",
	} {
		s, err := Parse("UPDATE t SET "+set+" WHERE true", database)
		require.NoError(t, err, set)
		operations, err := s.(*Update).Operations(nil)
		require.NoError(t, err, set)
		require.Equal(t, []Operation{{Op: "incr", Path: "/n", Value: []byte(by)}}, operations, set)
	}
}
