// Package hashing makes vectors of texts without a model: words and their parts of four letters are hashed into the
// dimensions of a vector (feature hashing). Texts that share words are close, texts that only mean the same are not. It
// needs no network and always gives the same, which is what tests and examples want.
package hashing

import (
	"context"
	"hash/fnv"
	"math"
	"strings"
	"unicode"
)

// between tells what stands between words.
func between(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// Embedder makes vectors of so many dimensions. It is langchaingo's embeddings.Embedder.
type Embedder int

// EmbedDocuments makes a vector of each text.
func (e Embedder) EmbedDocuments(_ context.Context, texts []string) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		vectors[i] = e.vector(text)
	}
	return vectors, nil
}

// EmbedQuery makes a vector of a text.
func (e Embedder) EmbedQuery(_ context.Context, text string) ([]float32, error) {
	return e.vector(text), nil
}

// vector has length 1, also that of a text without words.
func (e Embedder) vector(text string) []float32 {
	sums := make([]float64, e)
	add := func(feature string, weight float64) {
		h := fnv.New64a()
		_, _ = h.Write([]byte(feature)) // never fails
		bits := h.Sum64()
		if bits>>63 == 1 {
			weight = -weight // features that meet in a dimension shall cancel out, not add up
		}
		sums[bits%uint64(e)] += weight
	}
	add("", 0.01)
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), between) {
		if len(word) < 3 {
			continue // articles and the like
		}
		add(word, 1)
		for i := 0; i+4 <= len(word); i++ {
			add("~"+word[i:i+4], 0.4)
		}
	}
	length := 0.0
	for _, s := range sums {
		length += s * s
	}
	length = math.Sqrt(length)
	vector := make([]float32, e)
	for i, s := range sums {
		vector[i] = float32(s / length)
	}
	return vector
}
