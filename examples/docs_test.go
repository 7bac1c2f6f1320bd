package examples

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// around is what the Go blocks of the documentation may use without saying where it comes from. Names that a block
// declares anew are its own.
const around = `package docs

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest/script"
)

type order struct{ ID, Customer string }

func block(
	ctx context.Context, t *testing.T, db *sql.DB, client *cosmos.Client, orders, leases *cosmos.Container, count int,
	endpoint, customer, token, saved, etag string, credential cosmos.Credential, handle func(...any) error,
) (err error) {
	{
%s
	}
	return nil
}
`

// The Go blocks of the pages under docs compile.
func TestDocs(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	fset := token.NewFileSet()
	exports := map[string]string{}
	for line := range strings.Lines(command(t, "..", "go", "list", "-export", "-deps", "-f",
		"{{.ImportPath}} {{.Export}}", "./cosmos/...", "./driver", "./dsl", "net/http", "testing", "log/slog")) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[path] = file
	}
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	checked := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for i, block := range regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllSubmatch(text, -1) {
			name := fmt.Sprintf("%s, block %d", filepath.Base(page), i+1)
			source := string(block[1])
			if !strings.HasPrefix(source, "package ") {
				source = fmt.Sprintf(around, source)
			}
			file, err := parser.ParseFile(fset, name, source, 0)
			require.NoError(t, err, "%s", source)
			var failed []error
			config := types.Config{Importer: imports, Error: func(err error) {
				// A variable or an import that a fragment does not use is none of its faults.
				if e := err.(types.Error); !e.Soft {
					failed = append(failed, err)
				}
			}}
			_, _ = config.Check("docs", fset, []*ast.File{file}, nil)
			require.Empty(t, failed, name)
			checked++
		}
	}
	require.Greater(t, checked, 5)
}

// Links between the pages lead somewhere, anchors included.
func TestLinks(t *testing.T) {
	t.Parallel()
	var pages []string
	for _, pattern := range []string{"../*.md", "../docs/*.md", "*.md", "../cosmos/*/README.md", "../test/*/README.md"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		pages = append(pages, found...)
	}
	anchors := func(path string) map[string]bool {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		found := map[string]bool{}
		for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(string(text), -1) {
			anchor := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
			found[strings.ReplaceAll(anchor, " ", "-")] = true
		}
		return found
	}
	for _, page := range pages {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, link := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(string(text), -1) {
			target, anchor, _ := strings.Cut(link[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			path := page
			if target != "" {
				path = filepath.Join(filepath.Dir(page), target)
			}
			_, err := os.Stat(path)
			require.NoError(t, err, "%s links to %s", page, link[1])
			if anchor != "" && strings.HasSuffix(path, ".md") {
				require.Contains(t, anchors(path), anchor, "%s links to %s", page, link[1])
			}
		}
	}
}
