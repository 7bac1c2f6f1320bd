package statement

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A double-quoted operand is a name in whatever is not Cosmos SQL as it stands: that is how SQL generators write.
func TestQuotedNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, sent string }{
		{`SELECT "id", "name" FROM "products" WHERE "id" = 'p1'`,
			`SELECT products.id, products.name FROM products WHERE products.id = "p1"`},
		{`SELECT MAX("price") AS "m" FROM "products"`, `SELECT MAX(products.price) AS m FROM products`},
		{`SELECT COUNT(*) AS "count" FROM "people" WHERE ("pk" = 'p1')`,
			`SELECT COUNT(1) AS count FROM people WHERE people.pk = "p1"`},
		{`SELECT "p"."id", "p"."first name" FROM "people" AS "p" WHERE "p"."status" = "active"`,
			`SELECT p.id, p["first name"] FROM people AS p WHERE p.status = p.active`},
		{`SELECT id FROM t WHERE "deleted_at" IS NOT NULL`,
			`SELECT t.id FROM t WHERE IS_DEFINED(t.deleted_at) AND NOT IS_NULL(t.deleted_at)`},
		{`SELECT id FROM t WHERE "a" = "b"`, `SELECT t.id FROM t WHERE t.a = t.b`},
		{`SELECT id FROM t WHERE a = ? ORDER BY "b" DESC`, `SELECT t.id FROM t WHERE t.a = @p1 ORDER BY t.b DESC`},
		{`SELECT "city", COUNT(*) FROM t GROUP BY "city"`, `SELECT t.city, COUNT(1) FROM t GROUP BY t.city`},
		{`SELECT id FROM t WHERE CONTAINS("name", 'x')`, `SELECT t.id FROM t WHERE CONTAINS(t.name, "x")`},
		{`SELECT id FROM t WHERE "name" LIKE 'x!%' ESCAPE "!"`,
			`SELECT t.id FROM t WHERE t.name LIKE "x!%" ESCAPE "!"`},
		{`SELECT id FROM t WHERE "n" IN (1, "m") AND "k" BETWEEN "low" AND "high"`,
			`SELECT t.id FROM t WHERE t.n IN (1, t.m) AND (t.k BETWEEN t.low AND t.high)`},
		{`SELECT id FROM t WHERE ARRAY_CONTAINS(["a", 'b'], "kind") AND {"k": "v"} = o`,
			`SELECT t.id FROM t WHERE ARRAY_CONTAINS(["a", "b"], t.kind) AND {"k": "v"} = t.o`},
		{`SELECT id FROM t WHERE name = "\"Ada\""`, `SELECT t.id FROM t WHERE t.name = "Ada"`},
		{`SELECT id FROM "t" WHERE EXISTS(SELECT VALUE "x" FROM x IN "tags" WHERE x = 'a')`,
			`SELECT t.id FROM t WHERE EXISTS(SELECT VALUE x FROM x IN t.tags WHERE x = "a")`},
		{`SELECT "t"."a" AS "x" FROM "t" WHERE NOT "t"."a" = "t"."b" LIMIT 1`,
			`SELECT t.a AS x FROM t WHERE NOT (t.a = t.b) OFFSET 0 LIMIT 1`},

		// What is valid stays what Cosmos makes of it.
		{`SELECT c.id FROM c WHERE c.status = "active"`, `SELECT c.id FROM c WHERE c.status = "active"`},
		{`SELECT c.id, "name" FROM c`, `SELECT c.id, "name" FROM c`},
		{`SELECT "a" < "b"`, `SELECT "a" < "b"`},
		{`SELECT c.id FROM c WHERE c.status = "active";`, `SELECT c.id FROM c WHERE c.status = "active"`},
	} {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			s, err := Parse(c.text, database)
			require.NoError(t, err)
			require.Equal(t, c.sent, s.(*Select).Text)
		})
	}
}

// In UPDATE and DELETE it is the same name, whatever stands around it.
func TestQuotedNamesInWhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ where, condition string }{
		{`"status" <> 'active'`, `q.status != "active"`},
		{`"deleted_at" IS NOT NULL`, `IS_DEFINED(q.deleted_at) AND NOT IS_NULL(q.deleted_at)`},
		{`NOT ("status" = 'active')`, `NOT (q.status = "active")`},
		{`NOT "status" = 'active'`, `NOT (q.status = "active")`},
		{`NOT q.n = 1`, `NOT (q.n = 1)`},
		{`"q"."id" = '1' AND "pk" = 'a'`, `q.id = "1" AND q.pk = "a"`},
		{`"a" = "b"`, `q.a = q.b`},
		{`id = "\"1\""`, `q.id = "1"`},
		{`tags = "[1]" OR o = "{\"a\": 1}"`, `q.tags = [1] OR q.o = {"a": 1}`},
		{`(("n" > 1) AND ("n" < 5))`, `q.n > 1 AND q.n < 5`},
	} {
		for _, verb := range []string{`DELETE FROM "q" WHERE `, `UPDATE "q" SET "flag" = 1 WHERE `} {
			parsed, err := Parse(verb+c.where, database)
			require.NoError(t, err, c.where)
			m, ok := parsed.(interface{ Condition([]Arg) (string, error) })
			require.True(t, ok)
			condition, err := m.Condition(nil)
			require.NoError(t, err)
			require.Equal(t, "FROM root AS q WHERE "+c.condition, condition, verb)
		}
		selected, err := Parse(`SELECT "id" FROM "q" WHERE `+c.where, database)
		if c.where == `NOT q.n = 1` {
			require.ErrorContains(t, err, "write NOT (q.n = 1)")
			continue
		}
		require.NoError(t, err, c.where)
		require.Equal(t, "SELECT q.id FROM q WHERE "+c.condition, selected.(*Select).Text, "WHERE has one meaning")
	}
}

// TestNotOfAPath: NOT of a path, a call or a subquery means one thing to Cosmos and to SQL, so it may stand in a SELECT
// that is rewritten.
func TestNotOfAPath(t *testing.T) {
	t.Parallel()
	for text, sent := range map[string]string{
		"SELECT c.id FROM c WHERE NOT c.done LIMIT 5": "SELECT c.id FROM c WHERE NOT c.done OFFSET 0 LIMIT 5",
		"SELECT c.id FROM c WHERE NOT IS_DEFINED(c.a) LIMIT 5": "SELECT c.id FROM c " +
			"WHERE NOT IS_DEFINED(c.a) OFFSET 0 LIMIT 5",
		"SELECT c.id FROM c WHERE NOT (c.a = 1) LIMIT 5": "SELECT c.id FROM c WHERE NOT (c.a = 1) OFFSET 0 LIMIT 5",
		"SELECT c.id FROM c WHERE NOT @p1 IN (1) AND -c.n = 1 LIMIT 5": "SELECT c.id FROM c " +
			"WHERE NOT (@p1 IN (1)) AND -c.n = 1 OFFSET 0 LIMIT 5",
		"SELECT c.id FROM c WHERE NOT @p1 IN (ARRAY(SELECT VALUE t FROM t IN c.tags)) LIMIT 5": "SELECT c.id FROM c " +
			"WHERE NOT (@p1 IN (ARRAY(SELECT VALUE t FROM t IN c.tags))) OFFSET 0 LIMIT 5",
	} {
		s, err := Parse(text, database)
		require.NoError(t, err, text)
		require.Equal(t, sent, s.(*Select).Text)
	}
}

func TestQuotedRefused(t *testing.T) {
	t.Parallel()
	const both = `write 'active' for the text, c.active for the property`
	for text, message := range map[string]string{
		// valid, but of constants alone
		`SELECT c.id FROM c WHERE "active" = 'x'`:                        both,
		`SELECT c.id FROM c WHERE c.a = 1 AND @p1 != "active"`:           both,
		`SELECT c.id FROM c WHERE "active" IN ('a', 'b')`:                both,
		`SELECT c.id FROM c WHERE "active" LIKE 'a%'`:                    both,
		`SELECT c.id FROM c WHERE LOWER("active") = 'x'`:                 both,
		`SELECT c.id FROM c WHERE "active" BETWEEN 1 AND 2`:              both,
		`SELECT c.id FROM c WHERE EXISTS(SELECT 1 WHERE 'x' = "active")`: both,
		// rewritten for another reason
		`SELECT c.id FROM c WHERE c.status = "active" LIMIT 10`:           both,
		`SELECT COUNT(*) FROM c WHERE "active" = c.status`:                both,
		`SELECT c.id FROM c WHERE c.a IS NULL AND c.status IN ("active")`: both,
		`SELECT c.id FROM c WHERE CONTAINS(c.a, "active") LIMIT 1`:        both,
		`SELECT c.a = 1 ? "active" : 'b' FROM c LIMIT 1`:                  both,
		`SELECT c.id FROM c WHERE c["status"] = "active" LIMIT 1`:         both,
		`SELECT c.id FROM c WHERE NOT c.a = 1 LIMIT 5`:                    `write NOT (c.a = 1)`,
		`SELECT COUNT(*) FROM c WHERE NOT c.a IN (1, 2)`:                  `write NOT (c.a IN (1, 2))`,
		// never valid
		`UPDATE c SET a = 1 WHERE c.status = "active"`:         both,
		`DELETE FROM c WHERE c.status = "active"`:              both,
		`DELETE FROM c WHERE c.a = 1 AND "active" != c.status`: both,
		`DELETE FROM c WHERE c.name = "\"abc\""`: `write '"abc"' for the text, ` +
			`c["\"abc\""] for the property`,
		`DELETE FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.tags ` +
			`WHERE t = "active")`: `write 'active' for the text, t.active for the property`,
		`DELETE FROM c WHERE n = "1"`:    `write '1' for the text, 1 for the other`,
		`DELETE FROM c WHERE n = "null"`: `write 'null' for the text, null for the other`,
		`DELETE FROM c WHERE n = ""`:     `write '' for the text`,
		`INSERT INTO c (a) VALUES ("active")`: `"active" must be computed before and given as a parameter, or ` +
			`written 'active' for a text`,
		`UPDATE c SET a = "it's" WHERE true`:  `or written 'it\'s' for a text`,
		`UPDATE c SET n = n + "1" WHERE true`: `write '1' for the text, 1 for the other`,
	} {
		_, err := Parse(text, database)
		require.ErrorContains(t, err, message, text)
	}
}
