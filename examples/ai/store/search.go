package store

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/cosmossql/cosmossql/cosmos"
)

// Search is what to look for, and how. Text or Vector has to be given.
type Search struct {
	Text      string    // embedded, and in a hybrid search the source of the keywords
	Vector    []float32 // instead of the text's
	Top       int       // how many documents at most; 4 if 0, 1000 at most
	Filter    Filter
	Threshold *float64 // the least similarity, or with euclidean vectors the greatest distance
	Hybrid    *Hybrid  // ranks by words too
	Exact     bool     // compares with every vector, without the index: for judging its recall
	All       bool     // in all namespaces
}

// Hybrid fuses the ranks of the vectors with those of full-text search (BM25), by reciprocal rank fusion.
type Hybrid struct {
	Keywords []string `json:"keywords,omitempty"` // the words of the text if nil
	Vector   float64  `json:"vector,omitempty"`   // weight of the vectors' ranks; both weights are 1 if both are 0
	Text     float64  `json:"text,omitempty"`     // weight of the words' ranks
}

// mostKeywords bounds what one search scores: each of a long question's words costs request units in every partition.
const mostKeywords = 30

// Find returns the documents that are the most similar, the best one first. With Hybrid the order is that of the fused
// ranks, and the score still that of the vector.
func (v *Vectors) Find(ctx context.Context, s Search) ([]Document, error) {
	if s.Top == 0 {
		s.Top = 4
	}
	if s.Top < 0 || s.Top > 1000 {
		return nil, fmt.Errorf("store: a search for %d documents; it is for 1 to 1000", s.Top)
	}
	vector := s.Vector
	if vector == nil {
		if s.Text == "" || v.embedder == nil {
			return nil, fmt.Errorf("store: a search needs a vector, or a text and an embedder")
		}
		var err error
		if vector, err = v.embedder.EmbedQuery(ctx, s.Text); err != nil {
			return nil, fmt.Errorf("store: embedding the search: %w", err)
		}
	}
	if err := v.check("the search", vector); err != nil {
		return nil, err
	}
	query, args, err := v.query(s, vector)
	if err != nil {
		return nil, err
	}
	docs := []Document{}
	for row, err := range cosmos.Query[struct {
		record
		Score float64 `json:"score"`
	}](ctx, v.container, query, args...) {
		if err != nil {
			return nil, err
		}
		docs = append(docs, Document{ID: row.ID, Text: row.Text, Metadata: row.Metadata, Score: row.Score})
	}
	return docs, nil
}

// query writes the search as Cosmos SQL. The vector is one parameter, however often the text names it.
func (v *Vectors) query(s Search, vector []float32) (string, []any, error) {
	cond := condition{in: v.in, args: []any{cosmos.Parameter{Name: "@vector", Value: vector}}}
	distance := "VectorDistance(c.embedding, @vector)"
	if s.Exact {
		distance = "VectorDistance(c.embedding, @vector, true)"
	}
	where, err := cond.filter(s.Filter)
	if err != nil {
		return "", nil, err
	}
	if s.Threshold != nil {
		if math.IsNaN(*s.Threshold) {
			return "", nil, fmt.Errorf("store: the threshold is not a number")
		}
		than := ">="
		if v.in.embedding.DistanceFunction == cosmos.DistanceEuclidean {
			than = "<="
		}
		where += fmt.Sprintf(" AND %s %s %s", distance, than, cond.parameter(*s.Threshold))
	}
	order := distance
	if s.Hybrid != nil {
		if order, err = cond.rank(*s.Hybrid, s.Text, distance); err != nil {
			return "", nil, err
		}
	}
	if !s.All {
		cond.args = append(cond.args, cosmos.PartitionKey(v.namespace))
	}
	return fmt.Sprintf(
		"SELECT TOP %d c.id, c.text, c.metadata, %s AS score FROM c WHERE %s ORDER BY %s",
		s.Top,
		distance,
		where,
		order,
	), cond.args, nil
}

// rank is the order of a hybrid search. Weights are written as numbers: the service takes no parameters for them.
func (c *condition) rank(h Hybrid, text, distance string) (string, error) {
	if !c.in.fullText {
		return "",
			fmt.Errorf("store: container %q has no full-text policy and index for %s, which hybrid search needs: "+
				"create one with VectorContainer.Language, such as en-US", c.in.id, textPath)
	}
	keywords := h.Keywords
	if keywords == nil {
		keywords = words(text)
	}
	if len(keywords) == 0 {
		return "", fmt.Errorf("store: a hybrid search needs a text, or Hybrid.Keywords")
	}
	if len(keywords) > mostKeywords {
		keywords = keywords[:mostKeywords]
	}
	var terms []string
	for _, k := range keywords {
		terms = append(terms, c.parameter(k))
	}
	score := "FullTextScore(c.text, " + strings.Join(terms, ", ") + ")"
	if h.Vector == 0 && h.Text == 0 {
		return fmt.Sprintf("RANK RRF(%s, %s)", distance, score), nil
	}
	for _, w := range []float64{h.Vector, h.Text} {
		if w < 0 || math.IsNaN(w) || math.IsInf(w, 0) {
			return "", fmt.Errorf("store: a weight of %v in a hybrid search; weights are from 0 up", w)
		}
	}
	number := func(w float64) string { return strconv.FormatFloat(w, 'f', -1, 64) }
	return fmt.Sprintf("RANK RRF(%s, %s, [%s, %s])", distance, score, number(h.Vector), number(h.Text)), nil
}

// between tells what stands between words.
func between(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// words are the different words of a text, in its order.
func words(text string) []string {
	var list []string
	seen := map[string]bool{}
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), between) {
		if !seen[word] {
			seen[word] = true
			list = append(list, word)
		}
	}
	return list
}
