package eval

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

var regexCases = []exprCase{
	{"RegexMatch('abcd', 'B.', 'i')", "true"},
	{"RegexMatch('abcd', 'B.')", "false"},
	{"RegexMatch('abcd', '')", "true"},
	{"RegexMatch('a\\nb', '^b$', 'm')", "true"},
	{"RegexMatch('a\\nb', '^b$', '')", "false"},
	{"RegexMatch('a\\nb', 'a.b', 's')", "true"},
	{"RegexMatch('abcd', 'ab cd', 'x')", "true"},
	{"RegexMatch('ABCD', 'ab cd', 'xi')", "true"},
	{"RegexMatch('foobar', 'foo(?=bar)')", "true"},
	{"RegexMatch('foobaz', 'foo(?!baz)')", "false"},
	{"RegexMatch('abab', '(ab)\\\\1')", "true"},
	{"RegexMatch('ab', '[[:alpha:]](?=b)')", "true"},
	{"RegexMatch('éb', '^\\\\w(?=b)')", "false"}, // as without the look-ahead: \w is ASCII
	{"RegexMatch('éb', '^\\\\wb')", "false"},
	{"RegexMatch('a', '(')", ""},
	{"RegexMatch('a', 'a', 'q')", ""},
	{"RegexMatch('a', 1)", ""},
	{"RegexMatch(null, 'a')", ""},
	{"RegexMatch('a', undefined)", ""},
	{"RegexExtract('A12-B34', '[0-9]+')", `"12"`},
	{"RegexExtract('A12-B34', '([A-Z])([0-9]+)', '', 2)", `"12"`},
	{"RegexExtract('A12-B34', '([A-Z])([0-9]+)', '', 0)", `"A12"`},
	{"RegexExtract('A12-B34', 'b([0-9]+)', 'i', 1)", `"34"`},
	{"RegexExtract('A12', '[0-9]+', '', 5)", ""},
	{"RegexExtract('A12', '[0-9]+', '', -1)", ""},
	{"RegexExtract('abc', '[0-9]+')", ""},
	{"RegexExtract('foobar', '(?<=foo)b.')", `"ba"`},
	{"RegexExtract('a', '[')", ""},
	{"RegexExtract('a', null)", ""},
	{"RegexExtract(undefined, 'a')", ""},
	{"RegexExtractAll('A12-B34', '[0-9]+')", `["12","34"]`},
	{"RegexExtractAll('A12-B34-C56', '([A-Z])[0-9]+', '', 1)", `["A","B","C"]`},
	{"RegexExtractAll('abc', '[0-9]+')", "[]"},
	{"RegexExtractAll('aXbX', '.(?=X)')", `["a","b"]`},
	{"RegexExtractAll('a', '[')", ""},
	{"RegexExtractAll(1, '1')", ""},
	{"RegexExtractAll(null, 'a')", ""},
	{"RegexExtractAll('a', undefined)", ""},
	{"RegexReplace('A12-B34-C56', '[0-9]+', '#')", `"A#-B34-C56"`},
	{"RegexReplace('A12-B34', '([A-Z])([0-9]+)', '$2x$1')", `"12xA-B34"`},
	{"RegexReplace('aXbX', '(.)(?=X)', '$1$1')", `"aaXbX"`},
	{"RegexReplace('abc', 'B', '-', 'i')", `"a-c"`},
	{"RegexReplace('abc', 'x', '-')", `"abc"`},
	{"RegexReplace('abc', '', '-')", `"-abc"`},
	{"RegexReplace('abc', '[', '')", ""},
	{"RegexReplace('abc', 'b', null)", ""},
	{"RegexReplace('abc', 'b', undefined)", ""},
	{"RegexReplace(7, 'b', 'c')", ""},
	{"RegexReplaceAll('A12-B34', '[0-9]+', '#')", `"A#-B#"`},
	{"RegexReplaceAll('A12', '([A-Z])([0-9]+)', '$2x$1')", `"12xA"`},
	{"RegexReplaceAll('aXbX', '.(?=X)', '#')", `"#X#X"`},
	{"RegexReplaceAll('aXbX', '(.)(?=X)', '$1$1')", `"aaXbbX"`},
	{"RegexReplaceAll('abc', 'B', '-', 'i')", `"a-c"`},
	{"RegexReplaceAll('abc', '[', '')", ""},
	{"RegexReplaceAll('abc', 'b', null)", ""},
	{"RegexReplaceAll('abc', 'b', undefined)", ""},
	{"RegexReplaceAll(7, 'b', 'c')", ""},
}

func TestRegexFunctions(t *testing.T) {
	t.Parallel()
	checkExprs(t, regexCases)
}

func TestRegexExtractAllOverRuns(t *testing.T) {
	t.Parallel()
	// The engine is asked for one match first and for all of them only then; none may come twice.
	text := strings.Repeat("a1b22", 50)
	require.Equal(t, "100", evaluateExpr(t, "ARRAY_LENGTH(RegexExtractAll('"+text+"', '[0-9]+'))", Options{}))
}

func TestCatastrophicRegexEnds(t *testing.T) {
	t.Parallel()
	// RE2 takes the first in its stride; the second needs back-references and runs into the clock.
	require.Equal(t, "false", evaluateExpr(t, "RegexMatch('"+strings.Repeat("a", 5000)+"b', '^(a+)+$')", Options{}))
	_, err := evaluate(t, "SELECT VALUE RegexMatch('"+strings.Repeat("a", 5000)+"b', '^(a+)+\\\\1$')", nil, Options{})
	require.ErrorContains(t, err, "takes too long")
}

// TestPatternsOfDocuments has every document bring a pattern of its own, more than a run remembers.
func TestPatternsOfDocuments(t *testing.T) {
	t.Parallel()
	docs := make([]value.Value, 3*maxPatterns)
	for i := range docs {
		docs[i] = parse(t,
			fmt.Sprintf(`{"s":"item %d","pat":"%%%d","re":"^item %d$","back":"(i)tem %d(?!\\1)"}`, i, i, i, i))
	}
	for _, query := range []string{
		"SELECT VALUE COUNT(1) FROM c WHERE c.s LIKE c.pat",
		"SELECT VALUE COUNT(1) FROM c WHERE RegexMatch(c.s, c.re)",
		"SELECT VALUE COUNT(1) FROM c WHERE RegexMatch(c.s, c.back)",
	} {
		p, err := compile(query, Options{})
		require.NoError(t, err)
		e := p.env(t.Context())
		var count float64
		e.docs, e.yield = seq(docs), func(r Row, err error) bool {
			count = r.Value.AsFloat()
			return err == nil
		}
		p.root.run(e)
		require.NoError(t, e.err)
		require.Equal(t, float64(len(docs)), count, query)
		require.LessOrEqual(t, len(e.patterns), maxPatterns)
		require.LessOrEqual(t, len(e.regexps), maxRegexps)
	}
}

// TestRegexEngines sends expressions to the engine that can do them.
func TestRegexEngines(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, mods string
		engine     string
	}{
		{"a+b", "", "linear"},
		{"a+b", "msi", "linear"},
		{"a b", "x", "backtracking"},
		{"a(?=b)", "", "backtracking"},
		{`(a)\1`, "i", "backtracking"},
		{"(?>a+)b", "", "backtracking"},
		{"(", "", "none"},
		{"a", "g", "none"},
		{"a", "ii", "linear"},
		{strings.Repeat("a", maxRegexLen+1), "", "none"},
	} {
		engine := "none"
		if r := compileRegex(tc.text, tc.mods); r != nil {
			engine = "backtracking"
			if r.linear != nil {
				engine = "linear"
			}
		}
		require.Equal(t, tc.engine, engine, "%.40s %s", tc.text, tc.mods)
	}
}

func TestRegexBudgetOfARun(t *testing.T) {
	t.Parallel()
	e := &env{ctx: t.Context(), opts: &Options{}, regexTime: regexBudget}
	r := compileRegex("a(?=b)", "")
	require.False(t, e.timed(r, func() error {
		t.Error("there is no time left for it")
		return nil
	}))
	require.ErrorContains(t, e.err, "too long")

	linear := compileRegex("a", "")
	require.True(t, e.timed(linear, func() error { return nil }), "what is linear needs no clock")
}
