package statement

import (
	"errors"
	"strings"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// foreign is SQL that Cosmos DB has nothing like, and what to write instead. It stands in a text where its words do, one
// after the other.
type foreign struct {
	words  []string
	advice string
}

const ownArrays = "Cosmos DB joins a document with its own arrays only: FROM c JOIN t IN c.tags."

var foreignSQL = []foreign{
	{[]string{"INNER", "JOIN"}, ownArrays},
	{[]string{"LEFT", "JOIN"}, ownArrays},
	{[]string{"LEFT", "OUTER"}, ownArrays},
	{[]string{"RIGHT", "JOIN"}, ownArrays},
	{[]string{"RIGHT", "OUTER"}, ownArrays},
	{[]string{"FULL", "JOIN"}, ownArrays},
	{[]string{"FULL", "OUTER"}, ownArrays},
	{[]string{"CROSS", "JOIN"}, ownArrays},
	{[]string{"NATURAL", "JOIN"}, ownArrays},
	{[]string{"ON"}, ownArrays},
	{[]string{"UNION"}, "Cosmos DB has no UNION: run the queries one after the other."},
	{[]string{"INTERSECT"}, "Cosmos DB has no INTERSECT: run the queries one after the other."},
	{[]string{"EXCEPT"}, "Cosmos DB has no EXCEPT: run the queries one after the other."},
	{[]string{"HAVING"}, "Cosmos DB has no HAVING: leave the groups out when reading the rows."},
	{[]string{"CASE", "WHEN"}, "Write IIF(condition, a, b), or condition ? a : b."},
	{[]string{"OVER", "("}, "Cosmos DB has no window functions."},
	{[]string{"IN", "(", "SELECT"}, "Write EXISTS(SELECT …) over an array of the document, or give the values: IN (@p1, @p2)."},
	{[]string{"(", "DISTINCT"}, "Write SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.x FROM c)."},
	{[]string{".", "*"}, "Write SELECT *, or SELECT VALUE c for the whole document."},
	{[]string{"ILIKE"}, "Write CONTAINS(c.x, 'text', true), which ignores case."},
	{[]string{"PARTITION", "KEY", "/"}, "Write PARTITION KEY (/path)."},
}

// advise adds to a syntax error what to write instead of the SQL that stands at it, or last before it.
func advise(text string, err error) error {
	var e *nosql.Error
	if !errors.As(err, &e) || !nosql.IsSyntax(e.Code) {
		return err
	}
	var words []string // up to the error, and the two behind it
	behind := 0
	for l := nosql.NewLexer(text, nosql.SQL); behind < 3; {
		t := l.Next()
		if t.Kind == nosql.EOF {
			break
		}
		if t.Start >= e.Start {
			behind++
		}
		words = append(words, text[t.Start:t.End])
	}
	for i := len(words) - 1; i >= 0; i-- {
		for _, f := range foreignSQL {
			if f.at(words[i:]) {
				e.Message += " " + f.advice
				return err
			}
		}
	}
	return err
}

func (f foreign) at(words []string) bool {
	if len(words) < len(f.words) {
		return false
	}
	for i, w := range f.words {
		if !strings.EqualFold(w, words[i]) {
			return false
		}
	}
	return true
}
