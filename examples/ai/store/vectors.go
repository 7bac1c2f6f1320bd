package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

// Document is a text with its vector.
type Document struct {
	ID       string         // made of text and metadata if empty, so that what is added twice is there once
	Text     string         // what is embedded, and what full-text scores are made of
	Metadata map[string]any // any JSON; filters name its fields
	Vector   []float32      // made by the embedder if nil
	TTL      time.Duration  // after which the service deletes it, in whole seconds; 0: never
	Score    float64        // of what a search finds: similarity, or with euclidean vectors the distance
}

// Vectors is a vector store in a container. Its documents live in namespaces, of a tenant, a language or a collection:
// each is a logical partition, which holds 20 GB at most and is searched by one request to one partition.
type Vectors struct {
	container *cosmos.Container
	embedder  Embedder
	namespace string
	in        definition
}

// OpenVectors opens the vector store in a container. embedder may be nil where every document and search has a vector.
func OpenVectors(ctx context.Context, container *cosmos.Container, embedder Embedder) (*Vectors, error) {
	p, err := container.Read(ctx)
	if errors.Is(err, cosmos.ErrNotFound) {
		return nil, fmt.Errorf(
			"store: there is no container %q; create it by Database.CreateContainer"+
				"(ctx, store.VectorContainer{ID: %[1]q, Dimensions: …}.Properties()): %w",
			container.ID(),
			err,
		)
	}
	if err != nil {
		return nil, err
	}
	in, err := define(p)
	if err != nil {
		return nil, err
	}
	return &Vectors{container: container, embedder: embedder, namespace: "default", in: in}, nil
}

// Namespace is the same store in another namespace; without one it is "default".
func (v *Vectors) Namespace(name string) *Vectors {
	other := *v
	other.namespace = name
	return &other
}

// WithEmbedder is the same store with another embedder.
func (v *Vectors) WithEmbedder(e Embedder) *Vectors {
	other := *v
	other.embedder = e
	return &other
}

// Embedding is what the container's policy says about vectors: their dimensions and how they are compared.
func (v *Vectors) Embedding() cosmos.VectorEmbedding { return v.in.embedding }

// record is a document as the container has it.
type record struct {
	ID        string         `json:"id"`
	Namespace string         `json:"namespace"`
	Text      string         `json:"text"`
	Metadata  map[string]any `json:"metadata,omitempty"`
	Embedding []float32      `json:"embedding"`
	TTL       int            `json:"ttl,omitempty"`
}

// Add stores documents and returns their ids, in their order. A document whose id is taken is replaced. Nothing is
// written if one of them is not fit; where the service refuses some, the error names them, and the others are stored.
func (v *Vectors) Add(ctx context.Context, docs ...Document) ([]string, error) {
	docs = slices.Clone(docs)
	if err := embedAll(ctx, v.embedder, docs); err != nil {
		return nil, err
	}
	records, ids := make([]record, len(docs)), make([]string, len(docs))
	for i, d := range docs {
		if d.ID == "" {
			id, err := contentID(d)
			if err != nil {
				return nil, err
			}
			d.ID = id
		}
		what := fmt.Sprintf("document %q", d.ID)
		if err := v.check(what, d.Vector); err != nil {
			return nil, err
		}
		if d.TTL != 0 {
			if err := checkTTL(d.TTL, v.in); err != nil {
				return nil, err
			}
		}
		records[i] = record{
			ID:        d.ID,
			Namespace: v.namespace,
			Text:      d.Text,
			Metadata:  d.Metadata,
			Embedding: d.Vector,
			TTL:       int(d.TTL / time.Second),
		}
		ids[i] = d.ID
	}
	return ids, failures(cosmos.UpsertMany(ctx, v.container, slices.Values(records)), 0)
}

// contentID names a document by what is in it.
func contentID(d Document) (string, error) {
	data, err := json.Marshal([]any{d.Text, d.Metadata})
	if err != nil {
		return "", fmt.Errorf("store: the metadata of %q has no JSON: %w", d.Text, err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16]), nil
}

func checkTTL(ttl time.Duration, in definition) error {
	if ttl < time.Second || ttl > math.MaxInt32*time.Second {
		return fmt.Errorf("store: a time to live of %s: the service counts whole seconds, from 1 to %d", ttl,
			math.MaxInt32)
	}
	if !in.expiry {
		return fmt.Errorf(
			"store: documents of container %q do not expire: set its DefaultTTL to -1 (Container.Replace), "+
				"or create it with VectorContainer.Expiry",
			in.id,
		)
	}
	return nil
}

// check tells what keeps a vector from being stored or searched for: the service would take the document and never
// find it.
func (v *Vectors) check(what string, vector []float32) error {
	if n, want := len(vector), v.in.embedding.Dimensions; n != want {
		return fmt.Errorf("store: %s has a vector of %d numbers, and container %q is for %d: "+
			"take the embedder that it was made for, or create a container with VectorContainer.Dimensions: %[2]d",
			what, n, v.in.id, want)
	}
	zero := true
	for i, x := range vector {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("store: %s has a vector with %v at %d, which JSON has no word for", what, x, i)
		}
		zero = zero && x == 0
	}
	if zero && v.in.embedding.DistanceFunction == cosmos.DistanceCosine {
		return fmt.Errorf("store: %s has a vector of zeros, which has no direction: the cosine to it is undefined",
			what)
	}
	return nil
}

// Delete deletes documents by id. One that is not there is no error.
func (v *Vectors) Delete(ctx context.Context, ids ...string) error {
	return failures(v.container.DeleteMany(ctx, v.keys(ids)), 404)
}

func (v *Vectors) keys(ids []string) iter.Seq[cosmos.ItemKey] {
	return func(yield func(cosmos.ItemKey) bool) {
		for _, id := range ids {
			if !yield(cosmos.At(id, v.namespace)) {
				return
			}
		}
	}
}

// DeleteWhere deletes the documents of the namespace that meet a filter, all of them if it is empty, and returns how
// many. What is added meanwhile may stay.
func (v *Vectors) DeleteWhere(ctx context.Context, f Filter) (int, error) {
	cond := condition{in: v.in}
	where, err := cond.filter(f)
	if err != nil {
		return 0, err
	}
	var ids []string
	args := append(cond.args, cosmos.PartitionKey(v.namespace))
	for id, err := range cosmos.Query[string](ctx, v.container, "SELECT VALUE c.id FROM c WHERE "+where, args...) {
		if err != nil {
			return 0, err
		}
		ids = append(ids, id)
	}
	return len(ids), v.Delete(ctx, ids...)
}

// failures joins the errors of a bulk, but for those of a status that is as good as done.
func failures(results iter.Seq[cosmos.BulkResult], fine int) error {
	var errs []error
	for r := range results {
		if r.Err != nil && (fine == 0 || r.StatusCode != fine) {
			errs = append(errs, fmt.Errorf("store: document %q: %w", r.ID, r.Err))
		}
	}
	return errors.Join(errs...)
}
