package examples

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

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
