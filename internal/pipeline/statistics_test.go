package pipeline

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// TestPlaceholdersAndStatistics: each component that has a placeholder takes the next statistics; where a service sent
// fewer than the query asks for, its words stay and the partition refuses them, and nothing panics.
func TestPlaceholdersAndStatistics(t *testing.T) {
	t.Parallel()
	words, hits := queryplan.TotalWordCount, queryplan.HitCounts
	for _, tt := range []struct{ name, statistics, text, want string }{
		{"none wanted", `{"documentCount":3}`, "search", "search"},
		{"documents", `{"documentCount":3}`, "of " + queryplan.TotalDocumentCount, "of 3"},
		{"one", `{"fullTextStatistics":[{"totalWordCount":7,"hitCounts":[1,2]}]}`, words(0) + " " + hits(0),
			"7 [1, 2]"},
		{"of another component", `{"fullTextStatistics":[{"totalWordCount":7,"hitCounts":[]}]}`, words(2) + hits(2),
			"7[]"},
		{"hits alone", `{"fullTextStatistics":[{"totalWordCount":7,"hitCounts":[5]}]}`, hits(1), "[5]"},
		{"two", `{"fullTextStatistics":[{"totalWordCount":7,"hitCounts":[1]},{"totalWordCount":8,"hitCounts":[2]}]}`,
			words(0) + hits(0) + words(2) + hits(2), "7[1]8[2]"},
		{"fewer than wanted", `{"fullTextStatistics":[{"totalWordCount":7,"hitCounts":[1]}]}`,
			words(0) + " " + words(1) + " " + hits(1), "7 " + words(1) + " " + hits(1)},
		{"none sent", `{}`, words(0) + hits(1), words(0) + hits(1)},
	} {
		var s statistics
		require.NoError(t, json.Unmarshal([]byte(tt.statistics), &s), tt.name)
		require.Equal(t, tt.want, s.fill(tt.text, 3), tt.name)
	}
}

// TestJoinedPagesAreGivenBackTogether: a batch of several pages gives back each of them, whichever have something to
// give back, and joining writes into none of them.
func TestJoinedPagesAreGivenBackTogether(t *testing.T) {
	t.Parallel()
	for mask := range 8 {
		var got, want []int
		var joined rows
		var kept [][]json.RawMessage
		for i := range 3 {
			docs := []json.RawMessage{{byte('a' + i)}, {byte('x')}}
			kept = append(kept, docs)
			page := &Page{Docs: docs[:1]} // with room behind it that is another's
			if mask&(1<<i) != 0 {
				want = append(want, i)
				page.Release = func() { got = append(got, i) }
			}
			joined.join(page)
		}
		require.Equal(t, []string{"a", "b", "c"}, texts(joined.docs))
		for _, docs := range kept {
			require.Equal(t, "x", string(docs[1]))
		}
		joined.free()
		require.Equal(t, want, got, "pages %03b", mask)
	}
}
