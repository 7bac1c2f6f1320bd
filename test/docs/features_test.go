package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFeatures: every feature that docs/features.md says is here names tests that exist, and every other one says what
// is missing.
func TestFeatures(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/features.md")
	require.NoError(t, err)
	rows := 0
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 9 || strings.HasPrefix(line, "| feature") || strings.HasPrefix(line, "| ---") {
			continue
		}
		rows++
		state, last := strings.TrimSpace(cells[7]), strings.TrimSpace(cells[8])
		links := regexp.MustCompile(`\[(Test\w+)\]\(([^)]+)\)`).FindAllStringSubmatch(last, -1)
		switch state {
		case "yes", "partly":
			require.NotEmpty(t, links, line)
		case "no":
		default:
			require.Fail(t, "neither yes, partly nor no", line)
		}
		if state != "yes" {
			require.Regexp(t, `\w+ \w+`, regexp.MustCompile(`\[[^)]*\)`).ReplaceAllString(last, ""), line)
		}
		for _, l := range links {
			source, err := os.ReadFile(filepath.Join("../../docs", l[2]))
			require.NoError(t, err, line)
			require.True(t, strings.Contains(string(source), "func "+l[1]+"("), "%s does not have %s", l[2], l[1])
		}
	}
	require.Greater(t, rows, 70)
}
