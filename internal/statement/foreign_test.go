package statement

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What people write who come from other databases ends in an error that says what to write here.
func TestForeign(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("testdata/foreign.txt")
	require.NoError(t, err)
	texts := 0
	lines := strings.Split(strings.TrimSpace(string(list)), "\n")
	for i, text := range lines {
		if text == "" || text[0] == '#' || text[0] == ' ' {
			continue
		}
		texts++
		_, err := Parse(text, Options{Database: true})
		require.ErrorContains(t, err, "cosmos: ", text)
		if i+1 < len(lines) && strings.HasPrefix(lines[i+1], "    ") {
			require.ErrorContains(t, err, strings.TrimSpace(lines[i+1]), text)
			continue
		}
		require.Regexp(t,
			`^cosmos: Syntax error, (unexpected end-of-file|.*near '.*')\. \(SC10\d\d, line 1, column \d+\)$`,
			err.Error(), text)
	}
	require.Greater(t, texts, 260)
}
