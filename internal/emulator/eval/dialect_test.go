package eval

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// TestStandardSQL evaluates what only the SQL dialect can say. The driver rewrites it before it sends a query; the
// evaluator understands the tree all the same.
func TestStandardSQL(t *testing.T) {
	t.Parallel()
	docs := documents(t, shop)
	for _, tc := range []struct{ query, want string }{
		{"SELECT VALUE c.id FROM c WHERE c.who IS NULL", `"3" "4" "6"`},
		{"SELECT VALUE c.id FROM c WHERE c.who IS NOT NULL", `"1" "2" "5"`},
		{"SELECT VALUE c.id FROM c WHERE (c.n + 1) IS NULL", `"3" "4"`},
		{"SELECT COUNT(*) AS n FROM c", `{"n":6}`},
	} {
		q, err := nosql.Parse(tc.query, nosql.SQL)
		require.NoError(t, err, tc.query)
		require.Equal(t, tc.want, strings.Join(evaluateQuery(t, q, docs, Options{}), " "), tc.query)
	}
	q, err := nosql.Parse("SELECT VALUE LENGTH(*) FROM c", nosql.SQL)
	if err == nil {
		_, err = Compile(q, Options{})
	}
	require.Error(t, err)
}
