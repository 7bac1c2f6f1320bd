package langchain_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/examples/ai/hashing"
	"github.com/cosmossql/cosmossql/examples/ai/langchain"
	"github.com/cosmossql/cosmossql/examples/ai/store"
)

const embedder = hashing.Embedder(64)

var _ embeddings.Embedder = embedder

func container(t *testing.T, p cosmos.ContainerProperties) (*cosmos.Container, *cosmostest.Server) {
	srv := cosmostest.RunT(t)
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	_, err = client.CreateDatabase(t.Context(), "ai")
	require.NoError(t, err)
	_, err = client.Database("ai").CreateContainer(t.Context(), p)
	require.NoError(t, err)
	return client.Database("ai").Container(p.ID), srv
}

func vectors(t *testing.T, d store.VectorContainer) (*store.Vectors, *cosmostest.Server) {
	d.ID, d.Dimensions, d.Fields = "docs", int(embedder), []string{"country", "population"}
	c, srv := container(t, d.Properties())
	v, err := store.OpenVectors(t.Context(), c, embedder)
	require.NoError(t, err)
	return v, srv
}

func cities() []schema.Document {
	return []schema.Document{
		{PageContent: "Tokyo, a city by the sea", Metadata: map[string]any{"country": "Japan", "population": 38}},
		{PageContent: "Kyoto, a city of temples", Metadata: map[string]any{"country": "Japan", "population": 2}},
		{PageContent: "Oslo, a city by a fjord", Metadata: map[string]any{"country": "Norway", "population": 1}},
		{PageContent: "potatoes are a vegetable"},
	}
}

func pages(docs []schema.Document) []string {
	list := []string{}
	for _, d := range docs {
		list = append(list, d.PageContent)
	}
	return list
}

func TestVectorStore(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	v, _ := vectors(t, store.VectorContainer{})
	s := langchain.VectorStore{Vectors: v}
	ids, err := s.AddDocuments(ctx, cities())
	require.NoError(t, err)
	require.Len(t, ids, 4)
	again, err := s.AddDocuments(ctx, cities())
	require.NoError(t, err)
	require.Equal(t, ids, again)

	docs, err := s.SimilaritySearch(ctx, "temples of Kyoto", 2)
	require.NoError(t, err)
	require.Len(t, docs, 2)
	require.Equal(t, "Kyoto, a city of temples", docs[0].PageContent)
	require.Equal(t, map[string]any{"country": "Japan", "population": 2.0}, docs[0].Metadata)
	require.Greater(t, docs[0].Score, docs[1].Score)

	// Score thresholds.
	docs, err = s.SimilaritySearch(ctx, "Oslo, a city by a fjord", 10, vectorstores.WithScoreThreshold(0.99))
	require.NoError(t, err)
	require.Equal(t, []string{"Oslo, a city by a fjord"}, pages(docs))
	require.InDelta(t, 1, docs[0].Score, 1e-3)
	for _, bad := range []float32{-0.8, 1.8} {
		_, err = s.SimilaritySearch(ctx, "Oslo", 1, vectorstores.WithScoreThreshold(bad))
		require.ErrorContains(t, err, "from 0 to 1")
	}

	// Filters on metadata.
	docs, err = s.SimilaritySearch(ctx, "a city", 10, vectorstores.WithFilters(map[string]any{"country": "Japan"}))
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"Tokyo, a city by the sea", "Kyoto, a city of temples"}, pages(docs))
	docs, err = s.SimilaritySearch(
		ctx,
		"a city",
		10,
		vectorstores.WithFilters(store.Filter{"population": map[string]any{"$gt": 2}}),
	)
	require.NoError(t, err)
	require.Equal(t, []string{"Tokyo, a city by the sea"}, pages(docs))
	_, err = s.SimilaritySearch(ctx, "a city", 10, vectorstores.WithFilters("country = 'Japan'"))
	require.ErrorContains(t, err, "a filter is a store.Filter or a map[string]any, not string")
	_, err = s.SimilaritySearch(ctx, "a city", 10, vectorstores.WithFilters(map[string]any{"mayor": "x"}))
	require.ErrorContains(t, err, "it has: country, population")

	// Namespaces.
	_, err = s.AddDocuments(ctx, []schema.Document{{PageContent: "elsewhere"}}, vectorstores.WithNameSpace("other"))
	require.NoError(t, err)
	docs, err = s.SimilaritySearch(ctx, "elsewhere", 10, vectorstores.WithNameSpace("other"))
	require.NoError(t, err)
	require.Equal(t, []string{"elsewhere"}, pages(docs))

	// A deduplicater keeps documents away, and their embedding from being made.
	ids, err = s.AddDocuments(
		ctx,
		cities(),
		vectorstores.WithDeduplicater(func(_ context.Context, d schema.Document) bool { return d.Metadata != nil }),
	)
	require.NoError(t, err)
	require.Len(t, ids, 1)

	// Another embedder, whose vectors do not fit.
	_, err = s.SimilaritySearch(ctx, "Oslo", 1, vectorstores.WithEmbedder(hashing.Embedder(8)))
	require.ErrorContains(t, err, `the search has a vector of 8 numbers, and container "docs" is for 64`)
	_, err = s.AddDocuments(ctx, cities(), vectorstores.WithEmbedder(hashing.Embedder(8)))
	require.ErrorContains(t, err, "VectorContainer.Dimensions: 8")

	// Options that mean nothing are told.
	_, err = s.AddDocuments(ctx, cities(), vectorstores.WithScoreThreshold(0.5))
	require.ErrorContains(t, err, "takes neither")
	_, err = s.SimilaritySearch(
		ctx,
		"Oslo",
		1,
		vectorstores.WithDeduplicater(func(context.Context, schema.Document) bool { return false }),
	)
	require.ErrorContains(t, err, "no deduplicater")
	_, err = s.SimilaritySearch(ctx, "Oslo", 0)
	require.ErrorContains(t, err, "a search for 0 documents")

	docs, err = vectorstores.ToRetriever(s, 1, vectorstores.WithFilters(map[string]any{"country": "Norway"})).
		GetRelevantDocuments(ctx, "a city")
	require.NoError(t, err)
	require.Equal(t, []string{"Oslo, a city by a fjord"}, pages(docs))
}

// With euclidean distances, too, a score is larger for what is closer, and a threshold is a least score.
func TestEuclideanScores(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	v, _ := vectors(t, store.VectorContainer{Distance: cosmos.DistanceEuclidean})
	s := langchain.VectorStore{Vectors: v}
	_, err := s.AddDocuments(ctx, cities())
	require.NoError(t, err)
	all, err := s.SimilaritySearch(ctx, "Kyoto, a city of temples", 10)
	require.NoError(t, err)
	require.Len(t, all, 4)
	require.InDelta(t, 1, all[0].Score, 1e-3)
	for i := range 3 {
		require.GreaterOrEqual(t, all[i].Score, all[i+1].Score)
	}
	some, err := s.SimilaritySearch(
		ctx,
		"Kyoto, a city of temples",
		10,
		vectorstores.WithScoreThreshold((all[1].Score+all[2].Score)/2),
	)
	require.NoError(t, err)
	require.Equal(t, pages(all[:2]), pages(some))
}

func TestHybrid(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	v, _ := vectors(t, store.VectorContainer{Language: "en-US"})
	s := langchain.VectorStore{Vectors: v, Hybrid: &store.Hybrid{Vector: 1, Text: 3}}
	_, err := s.AddDocuments(ctx, cities())
	require.NoError(t, err)
	docs, err := s.SimilaritySearch(ctx, "which temple", 1)
	require.NoError(t, err)
	require.Equal(t, []string{"Kyoto, a city of temples"}, pages(docs))
}

// model counts what it is asked, and answers with the number.
type model struct {
	calls int
	err   error
}

func (m *model) GenerateContent(
	context.Context,
	[]llms.MessageContent,
	...llms.CallOption,
) (*llms.ContentResponse, error) {
	m.calls++
	return &llms.ContentResponse{Choices: []*llms.ContentChoice{{Content: fmt.Sprint("answer ", m.calls)}}}, m.err
}

func (m *model) Call(ctx context.Context, prompt string, options ...llms.CallOption) (string, error) {
	return llms.GenerateFromSinglePrompt(ctx, m, prompt, options...)
}

func TestCached(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	v, srv := vectors(t, store.VectorContainer{Expiry: true})
	cache, err := store.NewCache(v, store.CacheOptions{Threshold: 0.8, TTL: time.Minute})
	require.NoError(t, err)
	m := &model{}
	c := langchain.Cached{Model: m, Cache: cache}
	ask := func(c langchain.Cached, question string, options ...llms.CallOption) string {
		answer, err := c.Call(ctx, question, options...)
		require.NoError(t, err)
		return answer
	}
	require.Equal(t, "answer 1", ask(c, "How do I choose a partition key?"))
	require.Equal(t, "answer 1", ask(c, "how do I choose the partition key"))
	require.Equal(t, "answer 2", ask(c, "What is a request unit?"))
	require.Equal(t, "answer 3", ask(c, "How do I choose a partition key?", llms.WithTemperature(0.7)), "other options")
	require.Equal(
		t,
		"answer 4",
		ask(langchain.Cached{Model: m, Cache: cache, Scope: "bob"}, "How do I choose a partition key?"),
	)

	// What was said before counts, word by word.
	resp, err := c.GenerateContent(ctx, []llms.MessageContent{
		llms.TextParts(
			llms.ChatMessageTypeSystem,
			"answer in Norwegian",
		), llms.TextParts(llms.ChatMessageTypeHuman, "How do I choose a partition key?")})
	require.NoError(t, err)
	require.Equal(t, "answer 5", resp.Choices[0].Content)

	// Tools and several candidates are not for the cache.
	require.Equal(
		t,
		"answer 6",
		ask(c, "How do I choose a partition key?", llms.WithTools([]llms.Tool{{Type: "function"}})),
	)
	require.Equal(t, "answer 7", ask(c, "How do I choose a partition key?", llms.WithN(2)))

	var chunk string
	require.Equal(
		t,
		"answer 1",
		ask(c, "How do I choose a partition key?", llms.WithStreamingFunc(func(_ context.Context, b []byte) error {
			chunk = string(b)
			return nil
		})),
	)
	require.Equal(t, "answer 1", chunk)

	srv.Advance(2 * time.Minute)
	require.Equal(t, "answer 8", ask(c, "How do I choose a partition key?"))
	m.err = errors.New("no answer")
	_, err = c.Call(ctx, "What else?")
	require.ErrorIs(t, err, m.err)
}
