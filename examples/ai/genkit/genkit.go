// Package genkit puts the stores of package store behind the interfaces of Genkit for Go
// (github.com/firebase/genkit/go): an ai.Retriever, an ai.Embedder, and the session.Store of its sessions. Genkit has
// no interface for indexers any more; [Index] is what its own plugins have in their place.
package genkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cosmossql/cosmossql/examples/ai/store"
	"github.com/firebase/genkit/go/ai"
	"github.com/firebase/genkit/go/core"
	"github.com/firebase/genkit/go/genkit"
)

// Embedder lets a store use an embedder of Genkit.
func Embedder(e ai.Embedder) store.Embedder { return embedder{e} }

type embedder struct{ e ai.Embedder }

func (e embedder) EmbedDocuments(ctx context.Context, texts []string) ([][]float32, error) {
	req := &ai.EmbedRequest{}
	for _, text := range texts {
		req.Input = append(req.Input, ai.DocumentFromText(text, nil))
	}
	resp, err := e.e.Embed(ctx, req)
	if err != nil {
		return nil, err
	}
	vectors := make([][]float32, len(resp.Embeddings))
	for i, v := range resp.Embeddings {
		vectors[i] = v.Embedding
	}
	return vectors, nil
}

func (e embedder) EmbedQuery(ctx context.Context, text string) ([]float32, error) {
	vectors, err := e.EmbedDocuments(ctx, []string{text})
	if err != nil {
		return nil, err
	}
	if len(vectors) != 1 {
		return nil, fmt.Errorf("genkit: embedder %s made %d vectors of one text", e.e.Name(), len(vectors))
	}
	return vectors[0], nil
}

// DefineEmbedder makes an embedder of a store one of Genkit's, such as the hashing one of these examples.
func DefineEmbedder(g *genkit.Genkit, name string, dimensions int, e store.Embedder) ai.Embedder {
	opts := &ai.EmbedderOptions{
		Label:      name,
		Dimensions: dimensions,
		Supports:   &ai.EmbedderSupports{Input: []string{"text"}},
	}
	return genkit.DefineEmbedder(
		g,
		name,
		opts,
		func(ctx context.Context, req *ai.EmbedRequest) (*ai.EmbedResponse, error) {
			texts := make([]string, len(req.Input))
			for i, d := range req.Input {
				texts[i] = text(d)
			}
			vectors, err := e.EmbedDocuments(ctx, texts)
			if err != nil {
				return nil, err
			}
			resp := &ai.EmbedResponse{}
			for _, v := range vectors {
				resp.Embeddings = append(resp.Embeddings, &ai.Embedding{Embedding: v})
			}
			return resp, nil
		},
	)
}

// RetrieverOptions are the options of a retrieval: ai.WithConfig takes them, and so does the developer UI, as JSON.
type RetrieverOptions struct {
	K         int           `json:"k,omitempty"` // documents to return; 4 if 0
	Namespace string        `json:"namespace,omitempty"`
	Filter    store.Filter  `json:"filter,omitempty"`
	Threshold *float64      `json:"threshold,omitempty"`
	Hybrid    *store.Hybrid `json:"hybrid,omitempty"`
}

// ScoreKey is the metadata of a retrieved document that holds its score.
const ScoreKey = "_score"

// DefineRetriever defines a retriever over a vector store.
func DefineRetriever(g *genkit.Genkit, name string, vectors *store.Vectors) ai.Retriever {
	opts := &ai.RetrieverOptions{Label: name, ConfigSchema: core.InferSchemaMap(RetrieverOptions{})}
	return genkit.DefineRetriever(
		g,
		name,
		opts,
		func(ctx context.Context, req *ai.RetrieverRequest) (*ai.RetrieverResponse, error) {
			o, err := options(req.Options)
			if err != nil {
				return nil, err
			}
			v := vectors
			if o.Namespace != "" {
				v = v.Namespace(o.Namespace)
			}
			found, err := v.Find(
				ctx,
				store.Search{Text: text(req.Query), Top: o.K, Filter: o.Filter, Threshold: o.Threshold,
					Hybrid: o.Hybrid},
			)
			if err != nil {
				return nil, err
			}
			resp := &ai.RetrieverResponse{Documents: []*ai.Document{}}
			for _, d := range found {
				if d.Metadata == nil {
					d.Metadata = map[string]any{}
				}
				d.Metadata[ScoreKey] = d.Score
				resp.Documents = append(resp.Documents, ai.DocumentFromText(d.Text, d.Metadata))
			}
			return resp, nil
		},
	)
}

// options reads the options of a request, which are what a program gives, or JSON from elsewhere.
func options(given any) (RetrieverOptions, error) {
	switch o := given.(type) {
	case nil:
		return RetrieverOptions{}, nil
	case RetrieverOptions:
		return o, nil
	case *RetrieverOptions:
		if o == nil {
			return RetrieverOptions{}, nil
		}
		return *o, nil
	case map[string]any:
		var read RetrieverOptions
		data, err := json.Marshal(o)
		if err != nil {
			return read, err
		}
		dec := json.NewDecoder(strings.NewReader(string(data)))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&read); err != nil {
			return read, fmt.Errorf("genkit: options of the retriever: %w", err)
		}
		return read, nil
	}
	return RetrieverOptions{}, fmt.Errorf("genkit: options of the retriever are *RetrieverOptions, not %T", given)
}

// Index stores documents and returns their ids. What is indexed twice is there once.
func Index(ctx context.Context, vectors *store.Vectors, docs ...*ai.Document) ([]string, error) {
	add := make([]store.Document, len(docs))
	for i, d := range docs {
		if d == nil || text(d) == "" {
			return nil, errors.New("genkit: a document without text")
		}
		add[i] = store.Document{Text: text(d), Metadata: d.Metadata}
	}
	return vectors.Add(ctx, add...)
}

// text is what a document says, all of its text parts.
func text(d *ai.Document) string {
	if d == nil {
		return ""
	}
	var parts []string
	for _, p := range d.Content {
		if p.IsText() {
			parts = append(parts, p.Text)
		}
	}
	return strings.Join(parts, "\n")
}
