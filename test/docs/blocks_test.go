package docs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

// block is a fenced block of a page.
type block struct{ language, text string }

var fenced = regexp.MustCompile("(?ms)^```([^\n]*)\n(.*?)^```$")

func blocksOf(page string) []block {
	var list []block
	for _, b := range fenced.FindAllStringSubmatch(page, -1) {
		list = append(list, block{b[1], b[2]})
	}
	return list
}

func withoutBlocks(page string) string { return fenced.ReplaceAllString(page, "") }

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// plain is source text without indentation and empty lines, which a page may set otherwise.
func plain(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return "\n" + strings.Join(lines, "\n") + "\n"
}

// TestBlocks: every block of Go on a page stands, line by line, in a test here or in an example, which run.
func TestBlocks(t *testing.T) {
	t.Parallel()
	var sources []string
	for _, dir := range []string{"test/docs", "examples", "test/compat"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && filepath.Base(path) != "blocks_test.go" {
				sources = append(sources, plain(read(t, path)))
			}
			return err
		})
		require.NoError(t, err)
	}
	pages, err := filepath.Glob(root + "/docs/*.md")
	require.NoError(t, err)
	checked := 0
	for _, page := range append(pages, root+"/README.md") {
		text := read(t, page)
		require.NotRegexp(t, "(?m)^    \\S", withoutBlocks(text), "%s: code stands between ```", page)
		for i, b := range blocksOf(text) {
			if language, _, _ := strings.Cut(b.language, " "); language != "go" {
				continue
			}
			found := false
			for _, source := range sources {
				found = found || strings.Contains(source, plain(b.text))
			}
			require.True(t, found, "%s: block %d is in no test: put it into one of test/docs\n%s",
				filepath.Base(page), i+1, b.text)
			checked++
		}
	}
	require.Greater(t, checked, 30, fmt.Sprint(checked, " blocks"))
}
