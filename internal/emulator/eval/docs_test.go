package eval

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const functionsPage = "../../../docs/functions.md"

var update = flag.Bool("update", false, "write docs/functions.md from the function table")

const pageHead = `# Functions

The built-in functions that queries can call on the in-process server. This page is written from the table that the
server itself uses: ` + "`go test ./internal/emulator/eval -run TestFunctionsPage -update`" + `.

Names are case-insensitive. A missing or undefined argument, and one of another type than the page says, makes the
result undefined; it is never an error. An unknown name is error SC2005, a wrong number of arguments SC2050. Positions
and lengths of strings count characters (code points). Spellings that the service also takes are known, too:
SET_UNION, STRING_TO_NUMBER, FULLTEXT_CONTAINS, IS_BOOLEAN, INTMULTIPLY, IntBitwiseAnd and the like; not HASH, whose
values are not published.

- Numbers: integers of 64 bits are exact, and so are their sums, differences and products within 64 bits; everything
  else is a double. NaN and the infinities are numbers inside a query; in a result they are error 400/4001.
- Dates: parts are those of the documentation, in any case. DateTimeBin takes days and smaller parts: for years and
  months, which one page lists without an example and another leaves out, it is undefined.
- Full text: English drops the service's published stop words (single digits are words), the other languages drop
  none. Words are letters and digits, reduced to their stems; parentheses count in the length of a text. Both are read
  off the orders that the service publishes; its stemmers are not published. BM25 has k1 1.2 and b 0.75.
- Geometry: edges are great circles, distances the service's great ellipses: one published distance of 1,907 km is met
  to 0.04 mm, one of 3.3 km to 0.08 mm.
`

// TestFunctionsPage keeps the page of documentation in step with the table.
func TestFunctionsPage(t *testing.T) {
	var page strings.Builder
	page.WriteString(pageHead)
	for _, fam := range families() {
		fmt.Fprintf(&page, "\n## %s\n\n| Function | Result | Example |\n| --- | --- | --- |\n", fam.title)
		for _, f := range fam.rows {
			if f.internal {
				continue
			}
			example := ""
			if f.example != "" {
				got := evaluateExpr(t, f.example, Options{})
				require.NotEmpty(t, got, "the example of %s should have a value", f.name)
				example = code(f.example) + " → " + code(got)
			}
			fmt.Fprintf(&page, "| %s | %s | %s |\n", code(f.name+"("+arguments(f)+")"), f.doc, example)
		}
	}
	if *update {
		require.NoError(t, os.WriteFile(functionsPage, []byte(page.String()), 0o644))
	}
	text, err := os.ReadFile(functionsPage)
	require.NoError(t, err)
	require.Equal(t, page.String(), string(text), "run the test with -update")
}

func code(text string) string { return "`" + strings.ReplaceAll(text, "|", "\\|") + "`" }

// arguments writes the types that f takes: those that may be left out in brackets.
func arguments(f function) string {
	n := max(f.arity.min, f.arity.max)
	var text strings.Builder
	for i, takes := range f.args.forEach(n) {
		name := takes.String()
		if takes&isUndefined != 0 && takes != isAny {
			name = (takes &^ isUndefined).String()
		}
		if takes == isAny {
			name = "any"
		}
		switch {
		case f.arity.either && i == f.arity.min:
			name = "[" + name
		case f.arity.either:
			name = ", " + name
		case i >= f.arity.min && i > 0:
			name = " [, " + name
		case i >= f.arity.min:
			name = "[" + name
		case i > 0:
			name = ", " + name
		}
		text.WriteString(name)
	}
	if f.arity.max < 0 {
		text.WriteString(", …")
	}
	if f.arity.either {
		return text.String() + "]"
	}
	return text.String() + strings.Repeat("]", max(0, n-f.arity.min))
}

func TestEveryFunctionIsDocumented(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for _, fam := range families() {
		for _, f := range fam.rows {
			require.NotEmpty(t, f.doc, f.name)
			require.True(t, strings.HasSuffix(f.doc, "."), f.name)
			set := 0
			for _, is := range []bool{f.eval != nil, f.bind != nil, f.fold != nil, f.rank != ""} {
				if is {
					set++
				}
			}
			require.Equal(t, 1, set, "%s needs one kind of code", f.name)
			for _, name := range append([]string{f.name}, f.aliases...) {
				require.False(t, seen[strings.ToLower(name)], "%s is there twice", name)
				seen[strings.ToLower(name)] = true
			}
		}
	}
}
