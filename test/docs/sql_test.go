package docs

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSQL runs every statement of docs/sql.md, in order.
func TestSQL(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	ran := 0
	for _, b := range blocksOf(read(t, root+"/docs/sql.md")) {
		if b.language != "sql" {
			continue
		}
		for statement := range strings.SplitSeq(b.text, ";\n") {
			if strings.TrimSpace(statement) == "" {
				continue
			}
			require.NoError(t, readRows(w.db, statement, func(*sql.Rows) {}), statement)
			ran++
		}
	}
	require.Greater(t, ran, 25)
}
