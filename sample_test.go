package cosmossql_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// described is the rows of DESCRIBE … SAMPLE as lines.
func described(t *testing.T, db *sql.DB, text string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text, args...)
	require.NoError(t, err)
	defer rows.Close()
	names, err := rows.Columns()
	require.NoError(t, err)
	require.Equal(t, []string{"path", "types", "documents", "percent", "nulls", "example"}, names)
	types, err := rows.ColumnTypes()
	require.NoError(t, err)
	for i, want := range []string{"STRING", "STRING", "NUMBER", "NUMBER", "NUMBER"} {
		require.Equal(t, want, types[i].DatabaseTypeName())
	}
	var lines []string
	for rows.Next() {
		var path, types string
		var documents, nulls int
		var percent float64
		var example sql.NullString
		require.NoError(t, rows.Scan(&path, &types, &documents, &percent, &nulls, &example))
		lines = append(lines,
			fmt.Sprintf("%s | %s | %d | %v | %d | %s", path, types, documents, percent, nulls, example.String))
	}
	require.NoError(t, rows.Err())
	return lines
}

func TestDescribeSample(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t, cosmostest.Partitions(1)).Container("/pk")
	db, err := sql.Open("cosmos", c.DSN())
	require.NoError(t, err)
	defer db.Close()
	client, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	items := client.Database(c.Database).Container(c.ID)
	for _, doc := range []string{
		`{"id":"1","pk":"a","n":1,"tags":["x","y"],"addr":{"city":"Oslo","zip":null},"order":true}`,
		`{"id":"2","pk":"a","n":"one","tags":[],"addr":null}`,
		`{"id":"3","pk":"b","n":2,"tags":[{"k":1}],"first name":"Ada","text":"` + strings.Repeat("é", 50) + `"}`,
		`{"id":"4","pk":"c","n":2.5,"order":false}`,
	} {
		_, err := items.CreateItem(t.Context(), []byte(doc))
		require.NoError(t, err)
	}
	want := []string{
		`c.id | string | 4 | 100 | 0 | "1"`,
		`c.pk | string | 4 | 100 | 0 | "a"`,
		`c.n | number, string | 4 | 100 | 0 | 1`,
		`c.tags | array | 3 | 75 | 0 | ["x","y"]`,
		`c.tags[] | string, object | 2 | 50 | 0 | "x"`,
		`c.tags[].k | number | 1 | 25 | 0 | 1`,
		`c.addr | object | 2 | 50 | 1 | {"city":"Oslo","zip":null}`,
		`c.addr.city | string | 1 | 25 | 0 | "Oslo"`,
		`c.addr.zip | null | 1 | 25 | 1 | `,
		`c["order"] | boolean | 2 | 50 | 0 | true`,
		`c["first name"] | string | 1 | 25 | 0 | "Ada"`,
		`c.text | string | 1 | 25 | 0 | "` + strings.Repeat("é", 29) + "…",
	}
	require.Equal(t, want, described(t, db, "DESCRIBE CONTAINER "+c.ID+" SAMPLE 1000"))
	require.Equal(t, want, described(t, db, "describe "+c.ID+" sample 4;"))
	require.Len(t, described(t, db, "DESCRIBE "+c.ID+" SAMPLE 1"), 9, "one document")
	for _, o := range []cosmos.Option{cosmos.PageSize(1), cosmos.MaxConcurrency(1)} { // the sample decides itself
		_, err := db.Query("DESCRIBE "+c.ID+" SAMPLE 10", o)
		require.ErrorContains(t, err, "DESCRIBE … SAMPLE")
	}
	require.Equal(t, `c.id | string | 2 | 100 | 0 | "1"`,
		described(t, db, "DESCRIBE "+c.ID+" SAMPLE 10", cosmos.PartitionKey("a"), cosmos.MaxRUPerSecond(100))[0])
	for text, want := range map[string]string{
		"DESCRIBE " + c.ID +
			" SAMPLE": "SAMPLE takes the number of documents to look at, from 1 to 100000.",
		"DESCRIBE " + c.ID + " SAMPLE 0":           "SAMPLE takes the number",
		"DESCRIBE " + c.ID + " SAMPLE 1000000":     "SAMPLE takes the number",
		"DESCRIBE " + c.ID + " SAMPLE 1.5":         "SAMPLE takes the number",
		"DESCRIBE " + c.ID + " SAMPLE 1 ROWS":      "incorrect syntax near 'ROWS'",
		"DESCRIBE DATABASE " + c.ID + " SAMPLE 10": "incorrect syntax near 'SAMPLE'",
		"DESCRIBE nothing SAMPLE 10":               `reading the partitions of container "nothing"`,
	} {
		_, err := db.QueryContext(t.Context(), text)
		require.ErrorContains(t, err, want, text)
	}
}

// A sample has documents of every range, and an empty container no rows.
func TestDescribeSampleOfAllRanges(t *testing.T) {
	t.Parallel()
	c := cosmostest.RunT(t, cosmostest.Partitions(4)).Container("/pk")
	db, err := sql.Open("cosmos", c.DSN())
	require.NoError(t, err)
	defer db.Close()
	rows, err := db.QueryContext(t.Context(), "DESCRIBE "+c.ID+" SAMPLE 10")
	require.NoError(t, err)
	names, err := rows.Columns()
	require.NoError(t, err)
	require.Equal(t, "path", names[0])
	require.False(t, rows.Next())
	require.NoError(t, rows.Close())
	client, err := cosmos.FromDB(t.Context(), db)
	require.NoError(t, err)
	items := client.Database(c.Database).Container(c.ID)
	var docs []map[string]any
	for i := range 400 {
		docs = append(docs, map[string]any{"id": fmt.Sprint(i), "pk": fmt.Sprint(i)})
	}
	ranges, err := items.FeedRanges(t.Context())
	require.NoError(t, err)
	for _, doc := range docs {
		r, err := items.FeedRangeOf(t.Context(), doc["pk"])
		require.NoError(t, err)
		for i, at := range ranges {
			if at.Overlaps(r) {
				doc[fmt.Sprint("range ", i)] = true
			}
		}
	}
	cosmos.Collect(items.CreateMany(t.Context(), cosmos.Each(docs)))
	lines := described(t, db, "DESCRIBE "+c.ID+" SAMPLE 20")
	require.Equal(t, 6, len(lines), lines)
	for i := range 4 {
		require.Contains(t, strings.Join(lines, "\n"), fmt.Sprintf(`c["range %d"] | boolean | 5 | 25 |`, i))
	}
}
