package statement

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAdvisedFunctionsExist: a function that advice says to write is one of docs/functions.md, which is held to what
// the emulator knows; that advice would lead from one error to the next.
func TestAdvisedFunctionsExist(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/functions.md")
	require.NoError(t, err)
	known := map[string]bool{"IN": true, "VALUES": true, "KEY": true, "WITH": true, "EXISTS": true, "FROM": true,
		"INTO": true, "NOT": true, "OR": true, "AND": true}
	for _, m := range regexp.MustCompile("(?m)^\\| `([A-Za-z_]+)\\(").FindAllStringSubmatch(string(page), -1) {
		known[strings.ToUpper(m[1])] = true
	}
	require.Greater(t, len(known), 100)

	advice := map[string]string{}
	for _, b := range beginnings {
		advice[strings.Join(b.words, " ")] = b.advice
	}
	for _, c := range constructs {
		advice[c.verb+" "+c.clause+" "+strings.Join(c.words, " ")] = c.advice
	}
	for name, way := range syntaxOfCalls {
		advice[name+"("] = way
	}
	for name, way := range foreignFunctions {
		advice[name+"()"] = way
	}
	for name, way := range pseudoColumns {
		advice["bare "+name] = way
	}
	for _, r := range refusals {
		advice[r.text] = r.way
	}
	call := regexp.MustCompile(`(?:^|[^.\w])([A-Za-z_]\w*)\(`) // cosmos.IfMatch(etag) is Go's
	named := 0
	for row, way := range advice {
		for _, m := range call.FindAllStringSubmatch(way, -1) {
			require.True(t, known[strings.ToUpper(m[1])], "the advice for %s names %s: %s", row, m[1], way)
			named++
		}
	}
	require.Greater(t, named, 60)
}

// TestAdviceInsteadOfItself: a function is not advised against while the service has it, nor in favour of itself.
func TestAdviceInsteadOfItself(t *testing.T) {
	t.Parallel()
	for name, way := range foreignFunctions {
		require.Equal(t, strings.ToUpper(name), name, "it is looked up in upper case")
		require.NotRegexp(t, `(?i)(^|\W)`+name+`\(`, way, name)
		got := Way("'"+strings.ToLower(name)+"' is not a recognized built-in function name.", nil)
		require.Equal(t, "instead of "+name+" write "+way, got)
	}
}
