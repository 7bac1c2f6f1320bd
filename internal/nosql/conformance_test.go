package nosql

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// conformanceCase is what this package needs of a line of test/conformance/cases.jsonl.
type conformanceCase struct {
	N     int    `json:"n"`
	Query string `json:"q"`
	Code  string `json:"e"`
}

func conformanceCases(t testing.TB) []conformanceCase {
	f, err := os.Open("../../test/conformance/cases.jsonl")
	require.NoError(t, err)
	defer f.Close()
	var all []conformanceCase
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c conformanceCase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		all = append(all, c)
	}
	require.Len(t, all, 260)
	return all
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, c := range conformanceCases(t) {
		q, err := Parse(c.Query, Cosmos)
		if IsSyntax(c.Code) {
			var e *Error
			require.ErrorAs(t, err, &e, "%d: %s", c.N, c.Query)
			require.Equal(t, c.Code, e.Code, "%d: %s", c.N, c.Query)
			continue
		}
		require.NoError(t, err, "%d: %s", c.N, c.Query)
		if c.Code == CodeUnresolved {
			var e *Error
			require.ErrorAs(t, Resolve(q), &e, "%d: %s", c.N, c.Query)
			require.Equal(t, CodeUnresolved, e.Code)
			continue
		}
		if c.N == 107 { // the one case whose fault is a name: an alias given twice
			require.Error(t, Resolve(q))
			continue
		}
		require.NoError(t, Resolve(q), "%d: %s", c.N, c.Query)
		requireRoundTrip(t, c.Query, Cosmos)
		requireRoundTrip(t, c.Query, SQL)
	}
}

// requireRoundTrip checks that printing the tree of text and reading it again gives the same tree, in both dialects.
func requireRoundTrip(t testing.TB, text string, d Dialect) {
	t.Helper()
	q, err := Parse(text, d)
	if err != nil {
		return
	}
	want := shape(q)
	printed := Print(q)
	again, err := Parse(printed, d)
	require.NoError(t, err, "%s\nprinted as\n%s", text, printed)
	if d == Cosmos {
		require.Equal(t, want, shape(again), "%s\nprinted as\n%s", text, printed)
		if !namedLikeLiteral(q) {
			other, err := Parse(printed, SQL)
			require.NoError(t, err, printed)
			require.Equal(t, want, shape(other), "in the SQL dialect: %s", printed)
		}
	}
	if d == SQL { // IS NULL is printed in parentheses, which its Cosmos SQL need not have
		printed = Print(again)
		again, err = Parse(printed, d)
		require.NoError(t, err, "%s\nprinted as\n%s", text, printed)
	}
	require.Equal(t, printed, Print(again), text)
	if d == Cosmos {
		kept := PrintKeepingQuotes(q)
		again, err = Parse(kept, d)
		require.NoError(t, err, "%s\nprinted as\n%s", text, kept)
		require.Equal(t, want, shape(again), "%s\nprinted as\n%s", text, kept)
		require.Equal(t, singles(q), singles(again), "%s\nprinted as\n%s", text, kept)
		canonical := PrintCanonical(q)
		again, err := Parse(canonical, d)
		require.NoError(t, err, "%s\nprinted as\n%s", text, canonical)
		require.Equal(t, want, shape(again), "%s\nprinted as\n%s", text, canonical)
	}
}

// singles is the strings of q that stand in single quotes.
func singles(q *Query) []string {
	var texts []string
	Walk(q, func(n Node) bool {
		if x, ok := n.(*Literal); ok && x.Single {
			texts = append(texts, x.Text)
		}
		return true
	})
	return texts
}

// namedLikeLiteral reports whether q uses a name that only case tells from a literal word: the SQL dialect reads that
// as the literal.
func namedLikeLiteral(q *Query) bool {
	found := false
	Walk(q, func(n Node) bool {
		if id, ok := n.(*Ident); ok {
			found = found || slices.Contains([]string{"true", "false", "null"}, strings.ToLower(id.Name))
		}
		return true
	})
	return found
}
