package eval

import (
	"math"
)

// corpus is what BM25 knows of all documents together. Doubles because partial statistics come from clients as JSON
// numbers and only enter into quotients.
type corpus struct {
	documents, words float64
	hits             []float64 // documents that contain each term
}

func newCorpora(parts []component) []corpus {
	all := make([]corpus, len(parts))
	for i := range parts {
		all[i].hits = make([]float64, len(parts[i].terms))
	}
	return all
}

// The usual constants of BM25; the service's own are not published.
const (
	// With these the orders that the service publishes for a hundred documents come out (shared/data/fulltext);
	// scores are not compared with it.
	bm25K1 = 1.2
	bm25B  = 0.75
)

// score is the BM25 score of a document of so many words, in which each term occurs so often. Without documents or
// words there is no average length to divide by.
func (c *corpus) score(occurs []float64, words float64) float64 {
	if c.documents == 0 || c.words == 0 {
		return 0
	}
	length := bm25K1 * (1 - bm25B + bm25B*words*c.documents/c.words)
	total := 0.0
	for i, tf := range occurs {
		n := 0.0
		// A client may send fewer hit counts than terms: it counts as a term that no document has, not as an error.
		if i < len(c.hits) {
			n = c.hits[i]
		}
		// The 1 keeps a term that more than half of the documents have from counting against them; max guards against
		// statistics of a client that contradict each other.
		idf := math.Log(1 + max(0, c.documents-n+0.5)/(n+0.5))
		total += idf * tf * (bm25K1 + 1) / (tf + length)
	}
	return total
}
