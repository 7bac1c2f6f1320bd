package examples

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// A page that the index does not name is found by nobody.
func TestLinksOfTheIndex(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile("../docs/README.md")
	require.NoError(t, err)
	pages, err := filepath.Glob("../docs/*.md")
	require.NoError(t, err)
	for _, page := range pages {
		if name := filepath.Base(page); name != "README.md" {
			require.Contains(t, string(index), "]("+name+")", "docs/README.md names every page")
		}
	}
}

// An example that the list does not name is found by nobody, and one that is named is there.
func TestListOfExamples(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("README.md")
	require.NoError(t, err)
	var there, named []string
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, entry := range entries {
		if entry.IsDir() {
			there = append(there, entry.Name())
		}
	}
	for _, row := range regexp.MustCompile(`(?m)^\| \[(\w+)\]\((\w+)\)`).FindAllStringSubmatch(string(list), -1) {
		require.Equal(t, row[1], row[2])
		named = append(named, row[2])
	}
	require.ElementsMatch(t, there, named)
}
