// Package langchain puts the stores of package store behind the interfaces of langchaingo
// (github.com/tmc/langchaingo): vectorstores.VectorStore, schema.ChatMessageHistory, and a semantic cache in front of
// an llms.Model.
package langchain

import (
	"context"
	"errors"
	"fmt"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/examples/ai/store"
	"github.com/tmc/langchaingo/schema"
	"github.com/tmc/langchaingo/vectorstores"
)

// VectorStore is a [store.Vectors] for langchaingo. The options of a call mean: WithNameSpace the namespace,
// WithFilters a [store.Filter] or a map[string]any of that form, WithScoreThreshold the least score, from 0 to 1,
// WithEmbedder another embedder, WithDeduplicater what not to add.
//
// Scores are larger for what is more similar. Those of euclidean vectors are 1 / (1 + distance).
type VectorStore struct {
	Vectors *store.Vectors
	Hybrid  *store.Hybrid // if not nil, searches rank by the words of the query too
}

var _ vectorstores.VectorStore = VectorStore{}

// AddDocuments stores documents and returns their ids. A document that is there already, with the same text and
// metadata, is the same document.
func (s VectorStore) AddDocuments(
	ctx context.Context,
	docs []schema.Document,
	options ...vectorstores.Option,
) ([]string, error) {
	opts, vectors := s.apply(options)
	if opts.ScoreThreshold != 0 || opts.Filters != nil {
		return nil, errors.New("langchain: AddDocuments takes neither a score threshold nor filters")
	}
	var add []store.Document
	for _, d := range docs {
		if opts.Deduplicater == nil || !opts.Deduplicater(ctx, d) {
			add = append(add, store.Document{Text: d.PageContent, Metadata: d.Metadata})
		}
	}
	return vectors.Add(ctx, add...)
}

// SimilaritySearch returns the documents that are the most similar to a text, the best one first.
func (s VectorStore) SimilaritySearch(
	ctx context.Context,
	query string,
	numDocuments int,
	options ...vectorstores.Option,
) ([]schema.Document, error) {
	opts, vectors := s.apply(options)
	if opts.Deduplicater != nil {
		return nil, errors.New("langchain: SimilaritySearch takes no deduplicater")
	}
	if numDocuments < 1 {
		return nil, fmt.Errorf("langchain: a search for %d documents", numDocuments)
	}
	search := store.Search{Text: query, Top: numDocuments, Hybrid: s.Hybrid}
	switch f := opts.Filters.(type) {
	case nil:
	case store.Filter:
		search.Filter = f
	case map[string]any:
		search.Filter = f
	default:
		return nil, fmt.Errorf("langchain: a filter is a store.Filter or a map[string]any, not %T", f)
	}
	euclidean := vectors.Embedding().DistanceFunction == cosmos.DistanceEuclidean
	if t := float64(opts.ScoreThreshold); t != 0 {
		if !(t > 0 && t <= 1) {
			return nil, fmt.Errorf("langchain: a score threshold of %v; it is from 0 to 1", t)
		}
		if euclidean {
			t = 1/t - 1
		}
		search.Threshold = &t
	}
	found, err := vectors.Find(ctx, search)
	if err != nil {
		return nil, err
	}
	docs := make([]schema.Document, len(found))
	for i, d := range found {
		if euclidean {
			d.Score = 1 / (1 + d.Score)
		}
		docs[i] = schema.Document{PageContent: d.Text, Metadata: d.Metadata, Score: float32(d.Score)}
	}
	return docs, nil
}

func (s VectorStore) apply(options []vectorstores.Option) (vectorstores.Options, *store.Vectors) {
	var opts vectorstores.Options
	for _, o := range options {
		o(&opts)
	}
	vectors := s.Vectors
	if opts.NameSpace != "" {
		vectors = vectors.Namespace(opts.NameSpace)
	}
	if opts.Embedder != nil {
		vectors = vectors.WithEmbedder(opts.Embedder)
	}
	return opts, vectors
}
