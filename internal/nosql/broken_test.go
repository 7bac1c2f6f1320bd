package nosql

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// Texts that break off, or lack a word, or have one twice or in the wrong place, are either another query or an error
// that says where: never a panic, and never a tree that prints as something else.
func TestBrokenTexts(t *testing.T) {
	t.Parallel()
	for i, c := range conformanceCases(t) {
		for cut := range c.Query {
			requireQueryOrPlace(t, c.Query[:cut])
		}
		tokens := tokensOf(c.Query)
		for j := range tokens {
			requireQueryOrPlace(t, strings.Join(slices.Delete(slices.Clone(tokens), j, j+1), " "))
			requireQueryOrPlace(t, strings.Join(slices.Insert(slices.Clone(tokens), j, tokens[j]), " "))
			other := tokens[(i*7+j*3)%len(tokens)]
			requireQueryOrPlace(t, strings.Join(slices.Replace(slices.Clone(tokens), j, j+1, other), " "))
		}
	}
}

func tokensOf(text string) (tokens []string) {
	l := NewLexer(text, Cosmos)
	for {
		t := l.Next()
		if t.Kind == EOF {
			return tokens
		}
		tokens = append(tokens, text[t.Start:t.End])
	}
}

func requireQueryOrPlace(t *testing.T, text string) {
	for _, d := range []Dialect{Cosmos, SQL} {
		q, err := Parse(text, d)
		if err == nil {
			if d == Cosmos {
				requireRoundTrip(t, text, d)
			}
			_ = Resolve(q)
			continue
		}
		var e *Error
		require.ErrorAs(t, err, &e, text)
		require.True(t, IsSyntax(e.Code), text)
		require.True(t, 0 <= e.Start && e.Start <= e.End && e.End <= len(text), "%s: %+v", text, e)
		before := text[:e.Start]
		require.Equal(t, 1+strings.Count(before, "\n"), e.Line, text)
		require.Equal(t, 1+utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]), e.Column, text)
	}
}

// Walk and Rewrite visit the same expressions, whatever the tree; a Rewrite that changes nothing changes nothing.
func TestWalkAndRewriteAgree(t *testing.T) {
	t.Parallel()
	for _, c := range conformanceCases(t) {
		q, err := Parse(c.Query, Cosmos)
		if err != nil {
			continue
		}
		before := Print(q)
		walked := map[Expr]int{}
		Walk(q, func(n Node) bool {
			if x, ok := n.(Expr); ok {
				walked[x]++
			}
			return true
		})
		rewritten := map[Expr]int{}
		Rewrite(q, func(x Expr) Expr {
			rewritten[x]++
			return x
		})
		for x, n := range walked {
			require.Equal(t, 1, n, "%s: %s", c.Query, Print(x))
			if lit, ok := x.(*Literal); ok && lit.Kind == String && rewritten[x] == 0 {
				continue // ESCAPE takes a literal and nothing else, so it is not rewritten
			}
			require.Equal(t, 1, rewritten[x], "%s: %s", c.Query, Print(x))
		}
		require.LessOrEqual(t, len(rewritten), len(walked))
		require.Equal(t, before, Print(q))
	}
}
