package crosspartition_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

var searchable = map[string]cosmos.ContainerProperties{"search": {
	PartitionKey: cosmos.PartitionKeyPaths("/pk"),
	VectorEmbeddingPolicy: &cosmos.VectorEmbeddingPolicy{VectorEmbeddings: []cosmos.VectorEmbedding{
		{Path: "/near", DataType: "float32", DistanceFunction: "euclidean", Dimensions: 2},
		{Path: "/alike", DataType: "float32", DistanceFunction: "cosine", Dimensions: 2},
	}},
	FullTextPolicy: &cosmos.FullTextPolicy{DefaultLanguage: "en-US",
		FullTextPaths: []cosmos.FullTextPath{{Path: "/text", Language: "en-US"}}},
}}

// articles have two vectors and a text, each missing now and then. All vectors differ, and so do the lengths of the
// texts, so that no two that match score the same.
func articles(n int) []string {
	g := newGenerator(99)
	words := []string{"swim", "run", "river", "mountain", "boat", "lake", "trail", "sun"}
	docs := make([]string, n)
	for i := range docs {
		doc := fmt.Sprintf(`{"id":"a%03d","pk":"p%d"`, i, g.IntN(40))
		if g.chance(90) {
			doc += fmt.Sprintf(`,"near":[%g,%g]`, float64(g.IntN(1000))+float64(i)/1000, g.Float64())
		}
		if g.chance(90) {
			doc += fmt.Sprintf(`,"alike":[%g,%g]`, 1+g.Float64(), g.Float64()*float64(i+1))
		}
		if g.chance(90) {
			var text []string
			for range 1 + g.IntN(12) {
				text = append(text, g.one(words...))
			}
			text = append(text, strings.Repeat("stone ", 13*(i+1)))
			doc += fmt.Sprintf(`,"text":%q`, strings.Join(text, " "))
		}
		docs[i] = doc + "}"
	}
	return docs
}

// TestSearchOverAnyPartitions compares vector and hybrid searches over several partitions with the same over one.
func TestSearchOverAnyPartitions(t *testing.T) {
	t.Parallel()
	docs := articles(60)
	one := newWorld(t, 1, docs, searchable).containers["search"]
	many := map[int]*cosmos.Container{}
	for _, n := range []int{2, 5, 32} {
		many[n] = newWorld(t, n, docs, searchable).containers["search"]
	}
	for _, text := range []string{
		"SELECT TOP 10 c.id, VectorDistance(c.near, [500, 0]) AS d FROM c WHERE IS_DEFINED(c.near) " +
			"ORDER BY VectorDistance(c.near, [500, 0])",
		"SELECT VALUE c.id FROM c WHERE IS_DEFINED(c.alike) ORDER BY VectorDistance(c.alike, [1, 1]) OFFSET 5 LIMIT 20",
		"SELECT TOP 10 c.id FROM c ORDER BY RANK FullTextScore(c.text, 'swim')",
		"SELECT TOP 20 c.id FROM c WHERE c.pk != 'p1' ORDER BY RANK FullTextScore(c.text, 'river', 'boat')",
		"SELECT TOP 10 c.id FROM c " +
			"ORDER BY RANK RRF(FullTextScore(c.text, 'swim', 'run'), VectorDistance(c.alike, [1, 2]))",
		"SELECT c.id FROM c ORDER BY RANK RRF(VectorDistance(c.near, [100, 0]), VectorDistance(c.alike, [1, 2])) " +
			"OFFSET 3 LIMIT 9",
		"SELECT TOP 15 VALUE c.id FROM c " +
			"ORDER BY RANK RRF(FullTextScore(c.text, 'lake'), VectorDistance(c.near, [100, 0]), [2, 1])",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			want, err := drained(t.Context(), one, text)
			require.NoError(t, err)
			require.NotEmpty(t, want)
			for n, c := range many {
				got, err := drained(t.Context(), c, text)
				require.NoError(t, err)
				require.Equal(t, want, got, "%d partitions", n)
			}
		})
	}
}

// TestTiesOverAnyPartitions shows that rows of the same rank come in the order of their documents, wherever they are.
func TestTiesOverAnyPartitions(t *testing.T) {
	t.Parallel()
	var docs []string
	for i := range 40 {
		text := []string{"swim here", "run there", "a swim, a run", "none of it"}[i*7%4]
		docs = append(docs, fmt.Sprintf(`{"id":"t%02d","pk":"p%d","title":%q,"text":%q}`, i, i*5%13,
			[]string{"swim", "run"}[i%2], text))
	}
	one := newWorld(t, 1, docs, searchable).containers["search"]
	for _, n := range []int{2, 5} {
		many := newWorld(t, n, docs, searchable).containers["search"]
		for _, text := range []string{
			"SELECT VALUE c.id FROM c ORDER BY RANK FullTextScore(c.text, 'swim')",
			"SELECT VALUE c.id FROM c ORDER BY RANK RRF(FullTextScore(c.text, 'swim'), FullTextScore(c.title, 'run'))",
			"SELECT VALUE c.id FROM c " +
				"ORDER BY RANK RRF(FullTextScore(c.text, 'swim'), FullTextScore(c.title, 'run'), [-1, -1])",
			"SELECT VALUE c.id FROM c ORDER BY RANK RRF(FullTextScore(c.text, 'run'), FullTextScore(c.title, 'run')) " +
				"OFFSET 7 LIMIT 2147483647",
		} {
			want, err := drained(t.Context(), one, text)
			require.NoError(t, err, text)
			got, err := drained(t.Context(), many, text)
			require.NoError(t, err, text)
			require.Equal(t, want, got, "%d partitions: %s", n, text)
		}
	}
}

// TestScopeOfScores narrows a ranked query to one partition key, whose documents are few of all. Among all documents
// "sun" is the rare word and weighs more; in that key it is in every document but one.
func TestScopeOfScores(t *testing.T) {
	t.Parallel()
	docs := []string{
		`{"id":"both","pk":"mine","text":"sun"}`, `{"id":"rare","pk":"mine","text":"river"}`,
		`{"id":"x1","pk":"mine","text":"sun and boat"}`, `{"id":"x2","pk":"mine","text":"sun and lake"}`,
	}
	for i := range 40 {
		docs = append(docs, fmt.Sprintf(`{"id":"o%d","pk":"p%d","text":"river"}`, i, i%7))
	}
	for _, n := range []int{1, 4} {
		c := newWorld(t, n, docs, searchable).containers["search"]
		const text = "SELECT TOP 2 VALUE c.id FROM c ORDER BY RANK FullTextScore(c.text, 'sun', 'river')"
		got, err := drained(t.Context(), c, text, cosmos.PartitionKey("mine"))
		require.NoError(t, err)
		require.Equal(t, []string{`"both"`, `"x1"`}, got, "%d partitions", n)
		got, err = drained(t.Context(), c, text, cosmos.PartitionKey("mine"),
			cosmos.FullTextScoreScope(cosmos.ScoreLocal))
		require.NoError(t, err)
		require.Equal(t, `"rare"`, got[0], "%d partitions", n)
	}
	_, err := drained(t.Context(), newWorld(t, 1, docs[:1], searchable).containers["search"], "SELECT VALUE 1",
		cosmos.FullTextScoreScope("Nearby"))
	require.ErrorContains(t, err, `"Global" or "Local", not "Nearby"`)
}
