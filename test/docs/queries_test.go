package docs

import (
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// TestAccessPaths: the queries that docs/queries.md names as examples go the way that it says, and what it says is
// refused is, while what it says to write instead runs.
func TestAccessPaths(t *testing.T) {
	t.Parallel()
	page := read(t, root+"/docs/queries.md")
	w := newWorld(t, "", three...)
	ways := firstCellsAt(t, page, "The access path of a query", 1)
	for query, access := range map[string]string{
		"SELECT * FROM c WHERE c.id = '1' AND c.customer = 'ada'":                  "point read",
		"SELECT c.id, c.address.city FROM c WHERE c.id = '1' AND c.customer = 'a'": "point read",
		"SELECT c.id FROM c WHERE c.customer = 'ada' ORDER BY c.total":             "one partition",
		"SELECT c.id FROM c WHERE c.total > 3":                                     "fan-out",
		"SELECT c.id FROM c ORDER BY c.total":                                      "planned",
		"SELECT DISTINCT c.customer FROM c":                                        "planned",
	} {
		e, err := w.orders.Explain(w.ctx, query)
		require.NoError(t, err, query)
		require.Equal(t, access, e.Access, query)
		require.Contains(t, ways, access)
	}

	db, err := sql.Open("cosmos", w.server.DSN("shop")+";Container=orders")
	require.NoError(t, err)
	defer db.Close()
	run := func(query string) error { return readRows(db, query, func(*sql.Rows) {}) }
	refused := 0
	for _, row := range tableUnder(t, page, "What is refused") {
		query, instead := wholeQuery(row[0]), wholeQuery(row[2])
		if query == "" {
			continue
		}
		require.Error(t, run(query), query)
		refused++
		if instead != "" {
			require.NoError(t, run(instead), instead)
		}
	}
	require.GreaterOrEqual(t, refused, 3)
	require.NoError(t, run("SELECT COUNT(1) FROM (SELECT DISTINCT VALUE c.k FROM c)"))
	require.ErrorIs(t, run("SELECT c.id FROM c ORDER BY c.customer, c.total"), cosmos.ErrBadRequest)
}

// wholeQuery is the first code of a cell if it is a query without a gap.
func wholeQuery(cell string) string {
	code := regexp.MustCompile("`([^`]+)`").FindStringSubmatch(cell)
	if code == nil || !strings.HasPrefix(code[1], "SELECT ") || strings.Contains(code[1], "…") {
		return ""
	}
	return code[1]
}

func firstCellsAt(t *testing.T, page, heading string, column int) string {
	var list []string
	for _, row := range tableUnder(t, page, heading) {
		list = append(list, row[column])
	}
	return fmt.Sprint(list)
}
