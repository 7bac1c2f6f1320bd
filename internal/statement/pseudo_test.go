package statement

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPseudoColumns: what other databases compute from a bare word is not taken for the property of that name, which
// no document has: the condition would silently meet none.
func TestPseudoColumns(t *testing.T) {
	t.Parallel()
	const (
		page = "Write LIMIT n, or OFFSET m LIMIT n: Cosmos DB has no OFFSET without LIMIT."
		now  = "Pass a time.Time, or write GetCurrentDateTime()."
		user = "Cosmos DB does not know who asks: pass the name as a parameter."
	)
	for _, tt := range []struct{ text, name, way, property, place string }{
		{"SELECT id FROM c WHERE ROWNUM <= 10", "ROWNUM", page, "c.ROWNUM", "line 1, column 24"},
		{"SELECT *\nFROM people p\nWHERE p.a = 1 AND rownum = 1", "rownum", page, "p.rownum", "line 3, column 19"},
		{"SELECT c.id, ROWNUM FROM c", "ROWNUM", page, "c.ROWNUM", "line 1, column 14"},
		{"DELETE FROM c WHERE expires < CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP", now, "c.CURRENT_TIMESTAMP",
			"line 1, column 31"},
		{"UPDATE jobs AS j SET done = true WHERE j.at <= sysdate", "sysdate", now, "j.sysdate", "line 1, column 48"},
		{"SELECT id FROM c WHERE at > LOCALTIMESTAMP - 1", "LOCALTIMESTAMP", now, "c.LOCALTIMESTAMP",
			"line 1, column 29"},
		{"SELECT c.id FROM c WHERE c.day = CURRENT_DATE LIMIT 5", "CURRENT_DATE", now, "c.CURRENT_DATE",
			"line 1, column 34"},
		{"SELECT id FROM c WHERE owner = CURRENT_USER", "CURRENT_USER", user, "c.CURRENT_USER", "line 1, column 32"},
		{"SELECT id FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.tags WHERE t.at < UTC_TIMESTAMP)",
			"UTC_TIMESTAMP", now, "c.UTC_TIMESTAMP", "line 1, column 76"},
		{"SELECT COUNT(1) FROM (SELECT d.id FROM d WHERE d.at < CURRENT_TIME) x", "CURRENT_TIME", now,
			"d.CURRENT_TIME", "line 1, column 55"},
		{"SELECT id FROM c ORDER BY ROWNUM", "ROWNUM", page, "c.ROWNUM", "line 1, column 27"},
		{"SELECT city, COUNT(*) FROM c GROUP BY city, ROWNUM", "ROWNUM", page, "c.ROWNUM", "line 1, column 45"},
	} {
		_, err := Parse(tt.text, database)
		require.EqualError(t, err, "cosmos: Identifier '"+tt.name+"' could not be resolved. "+tt.way+
			" For a property of that name write "+tt.property+". (SC2001, "+tt.place+")", tt.text)
	}
	_, err := Parse("SELECT CURRENT_TIMESTAMP", nothing)
	require.EqualError(t, err, "cosmos: Identifier 'CURRENT_TIMESTAMP' could not be resolved. "+now+
		" (SC2001, line 1, column 8)", "without documents there is no property")
}

// TestPropertiesOfPseudoColumns: with the alias in front, in quotes, as a step, an alias or an array it is a property.
func TestPropertiesOfPseudoColumns(t *testing.T) {
	t.Parallel()
	for text, sent := range map[string]string{
		`SELECT c.id FROM c WHERE c.ROWNUM <= 10`:         `SELECT c.id FROM c WHERE c.ROWNUM <= 10`,
		`SELECT id FROM c WHERE "ROWNUM" <= 10`:           `SELECT c.id FROM c WHERE c.ROWNUM <= 10`,
		`SELECT id FROM c WHERE c.page.rownum = 1`:        `SELECT c.id FROM c WHERE c.page.rownum = 1`,
		`SELECT n AS rownum FROM c ORDER BY rownum`:       `SELECT c.n AS rownum FROM c ORDER BY c.n`,
		`SELECT VALUE t FROM c JOIN t IN rownum`:          `SELECT VALUE t FROM c JOIN t IN c.rownum`,
		`SELECT rownum.id FROM rownum LIMIT 1`:            `SELECT rownum.id FROM rownum OFFSET 0 LIMIT 1`,
		`SELECT VALUE {rownum: c.n} FROM c LIMIT 1`:       `SELECT VALUE {"rownum": c.n} FROM c OFFSET 0 LIMIT 1`,
		`SELECT id FROM c WHERE current_date_of_x = 1`:    `SELECT c.id FROM c WHERE c.current_date_of_x = 1`,
		`SELECT id FROM c WHERE user = 'a' AND level = 2`: `SELECT c.id FROM c WHERE c.user = "a" AND c.level = 2`,
	} {
		s, err := Parse(text, database)
		require.NoError(t, err, text)
		require.Equal(t, sent, s.(*Select).Text)
	}
	s, err := Parse("UPDATE t SET rownum = rownum + 1, current_date = 'x' WHERE t.rownum = 1", database)
	require.NoError(t, err, "SET names properties only")
	operations, err := s.(*Update).Operations(nil)
	require.NoError(t, err)
	require.Equal(t, []string{"/rownum", "/current_date"}, []string{operations[0].Path, operations[1].Path})
}

// TestPseudoColumnsHaveAWay: each word is upper case, as it is looked up, and its advice a sentence.
func TestPseudoColumnsHaveAWay(t *testing.T) {
	t.Parallel()
	for word, way := range pseudoColumns {
		require.Equal(t, strings.ToUpper(word), word)
		require.Regexp(t, `^[A-Z].*\.$`, way, word)
		_, err := Parse("DELETE FROM t WHERE x = "+strings.ToLower(word), database)
		require.ErrorContains(t, err, way, word)
		if word != "ROWNUM" {
			require.Contains(t, foreignFunctions, word, "written with parentheses")
		}
	}
}
