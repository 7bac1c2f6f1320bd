package queryplan

import "strconv"

// The placeholders that stand in rewritten queries and that the client replaces before it sends them; [TotalWordCount]
// and [HitCounts] give the numbered ones.
const (
	FilterPlaceholder  = "{documentdb-formattableorderbyquery-filter}"
	TotalDocumentCount = "{documentdb-formattablehybridsearchquery-totaldocumentcount}"
	totalWordCount     = "{documentdb-formattablehybridsearchquery-totalwordcount-"
	hitCounts          = "{documentdb-formattablehybridsearchquery-hitcountsarray-"
)

// TotalWordCount is the placeholder for the number of words that the i-th component's property has in all documents.
func TotalWordCount(i int) string { return totalWordCount + strconv.Itoa(i) + "}" }

// HitCounts is the placeholder for the array of the numbers of documents that hold the i-th component's words.
func HitCounts(i int) string { return hitCounts + strconv.Itoa(i) + "}" }
