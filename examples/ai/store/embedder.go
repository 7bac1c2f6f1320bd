package store

import (
	"context"
	"fmt"
)

// Embedder turns texts into vectors. langchaingo's embeddings.Embedder is one as it is; genkit.Embedder makes one of
// Genkit's.
type Embedder interface {
	EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error)
	EmbedQuery(ctx context.Context, text string) ([]float32, error)
}

// embedAll gives each document that has no vector the one of its text.
func embedAll(ctx context.Context, embedder Embedder, docs []Document) error {
	var texts []string
	for _, d := range docs {
		if d.Vector == nil {
			texts = append(texts, d.Text)
		}
	}
	if len(texts) == 0 {
		return nil
	}
	if embedder == nil {
		return fmt.Errorf("store: %d documents have no vector, and the store has no embedder to make them", len(texts))
	}
	vectors, err := embedder.EmbedDocuments(ctx, texts)
	if err != nil {
		return fmt.Errorf("store: embedding %d texts: %w", len(texts), err)
	}
	if len(vectors) != len(texts) {
		return fmt.Errorf("store: the embedder made %d vectors of %d texts", len(vectors), len(texts))
	}
	for i := range docs {
		if docs[i].Vector == nil {
			docs[i].Vector, vectors = vectors[0], vectors[1:]
		}
	}
	return nil
}
