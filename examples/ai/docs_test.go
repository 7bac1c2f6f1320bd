package ai_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What docs/ai.md shows is what the examples here run.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/ai.md")
	require.NoError(t, err)
	examples, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	plain := func(text string) string {
		var lines []string
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, "\n")
	}
	blocks := regexp.MustCompile("(?ms)^```go .*?\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 6)
	for _, block := range blocks {
		require.Contains(t, plain(string(examples)), plain(block[1]))
	}
}
