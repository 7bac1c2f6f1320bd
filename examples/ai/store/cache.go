package store

import (
	"context"
	"fmt"
	"time"
)

// CacheOptions say when an answer fits, and how long it does.
type CacheOptions struct {
	Threshold float64       // the least cosine similarity of two questions with one answer; 0.95 if 0
	TTL       time.Duration // an hour if 0
}

// Cache is a semantic cache: it gives the answer to a question that is similar enough to one that was answered before.
// Answers live in scopes. Two questions that could have different answers belong in different ones: another user,
// another model, another conversation so far.
type Cache struct {
	vectors *Vectors
	opts    CacheOptions
}

// NewCache makes a cache in a vector store, whose container has to be made with VectorContainer.Expiry.
func NewCache(v *Vectors, opts CacheOptions) (*Cache, error) {
	if opts.Threshold == 0 {
		opts.Threshold = 0.95
	}
	if opts.TTL == 0 {
		opts.TTL = time.Hour
	}
	if opts.Threshold < 0 || opts.Threshold > 1 {
		return nil, fmt.Errorf("store: a cache's threshold of %v; a similarity is from 0 to 1", opts.Threshold)
	}
	if f := v.in.embedding.DistanceFunction; f != "cosine" {
		return nil, fmt.Errorf(
			"store: a cache compares by cosine, and container %q by %s; create one with VectorContainer.Distance "+
				"cosine",
			v.in.id,
			f,
		)
	}
	if err := checkTTL(opts.TTL, v.in); err != nil {
		return nil, err
	}
	return &Cache{vectors: v, opts: opts}, nil
}

// answerField is the metadata that holds the answer.
const answerField = "answer"

// Get looks for the answer to a question that is as good as this one.
func (c *Cache) Get(ctx context.Context, scope, question string) (answer string, found bool, err error) {
	docs, err := c.vectors.Namespace(scope).Find(ctx, Search{Text: question, Top: 1, Threshold: &c.opts.Threshold})
	if err != nil || len(docs) == 0 {
		return "", false, err
	}
	answer, found = docs[0].Metadata[answerField].(string)
	return answer, found, nil
}

// Put keeps an answer. The same question's earlier one is replaced.
func (c *Cache) Put(ctx context.Context, scope, question, answer string) error {
	id, err := contentID(Document{Text: question})
	if err != nil {
		return err
	}
	_, err = c.vectors.Namespace(scope).
		Add(ctx, Document{ID: id, Text: question, Metadata: map[string]any{answerField: answer}, TTL: c.opts.TTL})
	return err
}

// Clear forgets the answers of a scope.
func (c *Cache) Clear(ctx context.Context, scope string) error {
	_, err := c.vectors.Namespace(scope).DeleteWhere(ctx, nil)
	return err
}
