package option

import (
	"flag"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const optionsPage = "../../docs/options.md"

var update = flag.Bool("update", false, "write docs/options.md from the options")

const optionsHead = `# Options

An option adjusts one request. It stands among the arguments of a method of package ''cosmos'' or of a statement, is
carried by a context (''cosmos.WithOptions''), or is a default of a client (''ClientOptions.Options'') or of a
[DSN](dsn.md). An argument wins over the context, the context over the defaults.

As an argument where it has no effect an option is an error. In a context or a default it is skipped there, except for
those that guard or narrow an operation on documents (''IfMatch'', ''IfNoneMatch'', ''PatchCondition'',
''PartitionKey'', ''InFeedRange''): these are obeyed or refused, never dropped.

This page is written from the code: ''go test ./internal/option -run TestOptionsPage -update''.

| option | what it does | methods that take it | statements that take it |
| --- | --- | --- | --- |
`

// TestOptionsPage keeps docs/options.md in step with the options and with what takes them.
func TestOptionsPage(t *testing.T) {
	var page strings.Builder
	page.WriteString(strings.ReplaceAll(optionsHead, "''", "`"))
	made := makers(t)
	require.Len(t, made, int(names)-1, "each option has one function of package cosmos that makes it")
	for n := none + 1; n < names; n++ {
		m, ok := made[n.String()]
		require.True(t, ok, "package cosmos has no function %s", n)
		fmt.Fprintf(&page, "| `%s(%s)` | %s | %s | %s |\n",
			n, m.parameters, m.does, takers(n, methods), takers(n, statements))
	}
	if *update {
		require.NoError(t, os.WriteFile(optionsPage, []byte(page.String()), 0o644))
	}
	text, err := os.ReadFile(optionsPage)
	require.NoError(t, err)
	require.Equal(t, page.String(), string(text), "run the test with -update")
}

type maker struct{ parameters, does string }

// makers are the functions of package cosmos that return an Option: their parameters, and the first sentence of their
// comments.
func makers(t *testing.T) map[string]maker {
	t.Helper()
	files, err := filepath.Glob("../../cosmos/*.go")
	require.NoError(t, err)
	found := map[string]maker{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || !f.Name.IsExported() || f.Type.Results == nil {
				continue
			}
			if result, ok := f.Type.Results.List[0].Type.(*ast.Ident); !ok || result.Name != "Option" {
				continue
			}
			var parameters []string
			for _, p := range f.Type.Params.List {
				for _, name := range p.Names {
					if _, several := p.Type.(*ast.Ellipsis); several {
						name.Name += "…"
					}
					parameters = append(parameters, name.Name)
				}
			}
			says := strings.TrimPrefix(new(doc.Package).Synopsis(f.Doc.Text()), f.Name.Name+" ")
			says = strings.NewReplacer("[", "", "]", "", "|", `\|`).Replace(says)
			found[f.Name.Name] = maker{strings.Join(parameters, ", "), strings.ToUpper(says[:1]) + says[1:]}
		}
	}
	return found
}

// takers lists what takes an option: everything but BeginTx, which runs no request, or names.
func takers(n Name, by []*Operation) string {
	all := true
	for _, o := range by {
		all = all && (o.Takes(n) || o == Begin)
	}
	switch list := takenBy(n, by); {
	case list == "":
		return "–"
	case all:
		return "all"
	default:
		return list
	}
}
