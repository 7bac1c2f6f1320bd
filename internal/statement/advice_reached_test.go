package statement

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

// row names a row of the advice tables that a fault leads to.
func (f fault) row() (row, advice string) {
	for _, begin := range beginnings {
		if f.begins(begin.words) && (begin.whole || f.at < len(begin.words)+1) {
			return strings.Join(begin.words, " "), begin.advice
		}
	}
	if way, ok := syntaxOfCalls[f.call()]; ok && (way != oneValue || f.word(0) == ",") {
		return f.call() + "()", way
	}
	for _, c := range constructs {
		if (c.clause == "" || slices.Contains(strings.Fields(c.clause), f.clause())) &&
			(c.verb == "" || slices.Contains(strings.Fields(c.verb), strings.ToUpper(f.words[0]))) &&
			f.touches(c.words) {
			return strings.Join(slices.Concat([]string{c.verb, c.clause}, c.words), " "), c.advice
		}
	}
	return "", ""
}

// TestAllAdviceIsReached: every row of the tables is what some text of another database leads to; one that none leads
// to would be wrong without anybody noticing, or hidden by a row above it.
func TestAllAdviceIsReached(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("testdata/foreign.txt")
	require.NoError(t, err)
	reached := map[string]bool{}
	for text := range strings.SplitSeq(string(list), "\n") {
		if text == "" || text[0] == '#' || text[0] == ' ' {
			continue
		}
		_, err := Parse(text, Options{Database: true})
		var e *nosql.Error
		if errors.As(err, &e) && nosql.IsSyntax(e.Code) {
			if row, advice := readFault(text, e.Start).row(); strings.HasSuffix(e.Message, " "+advice) {
				reached[row] = true
			}
		}
	}
	var missing []string
	for _, b := range beginnings {
		if row := strings.Join(b.words, " "); !reached[row] {
			missing = append(missing, row)
		}
	}
	for name := range syntaxOfCalls {
		if !reached[name+"()"] {
			missing = append(missing, name+"()")
		}
	}
	for _, c := range constructs {
		if row := strings.Join(slices.Concat([]string{c.verb, c.clause}, c.words), " "); !reached[row] {
			missing = append(missing, row)
		}
	}
	slices.Sort(missing)
	require.Empty(t, missing)
}
