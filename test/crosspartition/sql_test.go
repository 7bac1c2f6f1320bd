package crosspartition_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	_ "github.com/cosmossql/cosmossql/driver"
	"github.com/cosmossql/cosmossql/dsl"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// TestThroughDatabaseSQL asks through db.QueryContext what the evaluator answers, in five partitions.
func TestThroughDatabaseSQL(t *testing.T) {
	t.Parallel()
	g := newGenerator(77)
	docs := make([]string, 60)
	for i := range docs {
		docs[i] = g.document(i)
	}
	w := plainWorld(t, 5, docs)
	db, err := sql.Open("cosmos", w.server.DSN("db")+";Container=flat")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	for _, text := range []string{
		"SELECT c.id, c.n FROM c WHERE IS_NUMBER(c.n) ORDER BY c.n DESC, c.id",
		"SELECT TOP 7 c.id, c.s FROM c WHERE IS_STRING(c.s) ORDER BY c.id DESC",
		"SELECT c.id, c.u FROM c ORDER BY c.id OFFSET 10 LIMIT 15",
		"SELECT COUNT(1) AS n, SUM(c.u) AS s, MAX(c.id) AS m FROM c",
		"SELECT VALUE COUNT(1) FROM c WHERE c.t = 't1'",
		"SELECT DISTINCT VALUE c.u FROM c WHERE IS_DEFINED(c.u) ORDER BY c.u",
		"SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.m FROM c)",
		"SELECT c.id FROM c WHERE c.pk = 7 ORDER BY c.id",
	} {
		rows, err := db.QueryContext(t.Context(), text, cosmos.PageSize(4))
		require.NoError(t, err, text)
		require.Equal(t, flattened(t, text, w.should(t, text, "")), scanned(t, rows), text)
	}
}

// TestThroughTheBuilder lets the builder write the query.
func TestThroughTheBuilder(t *testing.T) {
	t.Parallel()
	w := plainWorld(t, 5, []string{`{"id":"1","pk":"a","n":3}`, `{"id":"2","pk":"b","n":2}`,
		`{"id":"3","pk":"c","n":1}`, `{"id":"4","pk":"d","n":9}`})
	db, err := sql.Open("cosmos", w.server.DSN("db")+";Container=flat")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	rows, err := dsl.Select("c.id", "c.n").From("c").Where("c.n < ?", 5).OrderBy("c.n").RunWith(db).
		QueryContext(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"3 1", "2 2", "1 3"}, scanned(t, rows))
}

// scanned reads all rows as text, the columns separated by blanks.
func scanned(t *testing.T, rows *sql.Rows) []string {
	t.Helper()
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	var out []string
	for rows.Next() {
		values, pointers := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			pointers[i] = &values[i]
		}
		require.NoError(t, rows.Scan(pointers...))
		out = append(out, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	require.NoError(t, rows.Err())
	return out
}

// flattened is how rows of the evaluator look when they are scanned.
func flattened(t *testing.T, text string, rows []string) []string {
	t.Helper()
	tree, err := nosql.Parse(text, nosql.Cosmos)
	require.NoError(t, err)
	names, list := tree.Columns()
	var out []string
	for _, row := range rows {
		v, err := value.ParseString(row, value.MaxDepth)
		require.NoError(t, err)
		values := []any{scalar(v)}
		if list {
			values = values[:0]
			for _, name := range names {
				values = append(values, scalar(v.Get(name)))
			}
		}
		out = append(out, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	return out
}

func scalar(v value.Value) any {
	switch v.Kind() {
	case value.KindUndefined, value.KindNull:
		return nil
	case value.KindString:
		return v.AsString()
	case value.KindBool:
		return v.IsTrue()
	}
	if n, exact := v.AsInt(); exact {
		return n
	}
	return v.AsFloat()
}
