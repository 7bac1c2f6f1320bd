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
and lengths of strings count characters (code points).
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
