package cosmossql_test

import (
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/require"
)

// described is what DESCRIBE says of a container.
func (s *shop) described(t *testing.T, container string) map[string]string {
	t.Helper()
	rows, err := s.db.QueryContext(t.Context(), "DESCRIBE "+container)
	require.NoError(t, err)
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var name, value string
		require.NoError(t, rows.Scan(&name, &value))
		all[name] = value
	}
	require.NoError(t, rows.Err())
	return all
}

// TestPoliciesOfAContainer makes a container with everything that one can have, and sees each part of it in force.
func TestPoliciesOfAContainer(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	require.Equal(t, int64(1), s.exec(t, `CREATE CONTAINER IF NOT EXISTS shop.books
		PARTITION KEY (/tenant, /shelf)
		UNIQUE KEY (/isbn) UNIQUE KEY (/title, /author/name)
		WITH (max_throughput = 4000, ttl = on,
			indexing = {
				indexingMode: 'consistent', automatic: true,
				includedPaths: [{path: '/*'}], excludedPaths: [{path: '/vector/*'}],
				compositeIndexes: [[{path: '/shelf', order: 'ascending'}, {path: '/pages', order: 'descending'}]],
				vectorIndexes: [{path: '/vector', type: 'flat'}],
				fullTextIndexes: [{path: '/text'}]
			},
			vectors = {vectorEmbeddings: [
				{path: '/vector', dataType: 'float32', distanceFunction: 'euclidean', dimensions: 2}]},
			full_text = {defaultLanguage: 'en-US', fullTextPaths: [{path: '/text', language: 'en-US'}]},
			computed = [{name: 'lower', query: 'SELECT VALUE LOWER(c.title) FROM c'}],
			geospatial = {type: 'Geography'},
			conflicts = {mode: 'LastWriterWins', conflictResolutionPath: '/_ts'})`))

	p, err := s.people.Database().Container("books").Read(t.Context())
	require.NoError(t, err)
	require.Equal(t, cosmos.PartitionKeyPaths("/tenant", "/shelf"), p.PartitionKey)
	require.Equal(t, []cosmos.UniqueKey{{Paths: []string{"/isbn"}}, {Paths: []string{"/title", "/author/name"}}},
		p.UniqueKeyPolicy.UniqueKeys)
	d := s.described(t, "books")
	require.Equal(t, "books", d["id"])
	require.Equal(t, "-1", d["defaultTtl"])
	require.Equal(t, "4000", d["max_throughput"])
	require.Contains(t, d["indexingPolicy"], `"compositeIndexes"`)
	require.Contains(t, d["vectorEmbeddingPolicy"], `"euclidean"`)
	require.Contains(t, d["fullTextPolicy"], `"/text"`)
	require.Contains(t, d["computedProperties"], "LOWER(c.title)")
	require.Contains(t, d["geospatialConfig"], "Geography")
	require.Contains(t, d["conflictResolutionPolicy"], "LastWriterWins")

	const insert = "INSERT INTO books (id, tenant, shelf, isbn, title, vector, text) VALUES (?, 't', ?, ?, ?, ?, ?)"
	s.exec(t, insert, "1", "A", "111", "Moby-Dick", []float64{0, 1}, "call me a whale hunter")
	s.exec(t, insert, "2", "A", "222", "Emma", []float64{3, 1}, "a clever and rich woman")
	require.ErrorIs(t, s.execError(t, insert, "3", "A", "222", "Again", nil, ""), cosmos.ErrConflict, "the unique key")
	s.exec(t, insert, "3", "B", "222", "Again", []float64{9, 9}, "the same number on another shelf")

	require.Equal(t, []string{"2 0", "1 3"}, s.query(t,
		"SELECT TOP 2 b.id, VectorDistance(b.vector, @p1) AS d FROM books b ORDER BY VectorDistance(b.vector, @p1)",
		[]int{3, 1}))
	require.Equal(t, []string{"1"},
		s.query(t, "SELECT VALUE b.id FROM books b WHERE FullTextContains(b.text, ?)", "whale"))
	require.Equal(t, []string{"2"}, s.query(t, "SELECT VALUE b.id FROM books b WHERE b.lower = 'emma'"))
	require.Equal(t, []string{"1"},
		s.query(t, "SELECT TOP 1 VALUE b.id FROM books b ORDER BY RANK FullTextScore(b.text, 'whale', 'hunter')"))

	require.Equal(t, int64(1), s.exec(t, `ALTER CONTAINER books WITH (ttl = 3600, computed = [{name: 'upper', query: `+
		`'SELECT VALUE UPPER(c.title) FROM c'}], max_throughput = 5000)`))
	d = s.described(t, "books")
	require.Equal(t, "3600", d["defaultTtl"])
	require.Equal(t, "5000", d["max_throughput"])
	require.Contains(t, d["vectorEmbeddingPolicy"], `"euclidean"`, "what ALTER does not name stays")
	require.Equal(t, []string{"1"}, s.query(t, "SELECT VALUE b.id FROM books b WHERE b.upper = 'MOBY-DICK'"))
}
