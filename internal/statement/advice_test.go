package statement

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

func TestAdvice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, advice string }{
		{"inner join", "SELECT o.id FROM orders o INNER JOIN people p ON p.id = o.person", "its own arrays"},
		{"left join", "SELECT o.id FROM orders o LEFT JOIN people p ON p.id = o.person", "its own arrays"},
		{"outer join", "SELECT o.id FROM orders o FULL OUTER JOIN people p ON p.id = o.person", "its own arrays"},
		{"join on", "SELECT o.id FROM orders o JOIN people p ON p.id = o.person", "its own arrays"},
		{"union", "SELECT a.id FROM a UNION ALL SELECT b.id FROM b", "no UNION"},
		{"having", "SELECT c.k, COUNT(1) FROM c GROUP BY c.k HAVING COUNT(1) > 1", "no HAVING"},
		{"case", "SELECT CASE WHEN c.a = 1 THEN 'x' ELSE 'y' END FROM c", "IIF("},
		{"window", "SELECT ROW_NUMBER() OVER (ORDER BY c.a) FROM c", "window functions"},
		{"in select", "SELECT c.id FROM c WHERE c.id IN (SELECT VALUE d.id FROM d)", "EXISTS("},
		{"count distinct", "SELECT COUNT(DISTINCT c.a) FROM c", "SELECT DISTINCT VALUE"},
		{"all of an alias", "SELECT c.* FROM c", "SELECT VALUE c"},
		{"ilike", "SELECT c.id FROM c WHERE c.a ILIKE 'x%'", "CONTAINS("},
		{"bare partition key", "CREATE CONTAINER orders PARTITION KEY /customer", "PARTITION KEY (/path)"},
		{"in lower case", "select c.id from c left join d on 1=1", "its own arrays"},
		{"a function of the name is none", "SELECT LEFT(c.a, 2) FROM c GROUP BY", ""},
		{"a parenthesis first is none", "(SELECT c.id FROM c) UNION", "A statement begins with SELECT"},
		{"a text is none", "SELECT 'UNION' FROM c GROUP BY", ""},
		{"behind a call", "SELECT * FROM c WHERE ABS(c.a) > 1, c.b = 2", "Put AND or OR between conditions"},
		{"behind a subquery", "SELECT * FROM c WHERE EXISTS(SELECT VALUE t FROM t IN c.ts), c.b", "Put AND or OR"},
		{"a comma within a subquery", "SELECT * FROM c WHERE EXISTS(SELECT VALUE t FROM t, u)", "its own arrays"},
		{"a name that begins with A", "SELECT * FROM archive-orders", "a name with a dash in double quotes"},
		{"a property of the name is none", "SELECT * FROM c WHERE c.ilike 'x'", ""},
		{"typographic quotes", "SELECT * FROM c WHERE c.a = ‘x’", "Write plain quotes"},
		{"typographic double quotes", "SELECT * FROM c WHERE c.a = “x”", "Write plain quotes"},
		{"a closing quote alone", "SELECT * FROM c WHERE c.a = x”", "Write plain quotes"},
		{"low quotes", "SELECT * FROM c WHERE c.a = „x“", "Write plain quotes"},
		{"angular quotes", "SELECT * FROM c WHERE c.a = «x»", "Write plain quotes"},
		{"behind the mistake is none", "SELECT FROM c WHERE c.a = 1 UNION SELECT 2", "Name the columns"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(tt.text, Options{})
			var e *nosql.Error
			require.True(t, errors.As(err, &e), "%v", err)
			require.True(t, nosql.IsSyntax(e.Code), e.Code)
			if tt.advice == "" {
				require.Regexp(t, `^Syntax error, [^.]*\.$`, e.Message)
				return
			}
			require.Contains(t, e.Message, tt.advice)
			require.Contains(t, e.Message, "yntax error", "the service's words come first")
		})
	}
}
