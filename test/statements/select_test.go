package statements

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// cases reads a file of testdata: a text, and what belongs to it in the lines below, which begin with four blanks.
func cases(t *testing.T, file string, visit func(text string, below []string, section string)) {
	t.Helper()
	list, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(list), "\n"), "\n")
	section := ""
	for i := 0; i < len(lines); {
		text := lines[i]
		i++
		switch {
		case strings.HasPrefix(text, "#"):
			continue
		case strings.HasPrefix(text, "-- "):
			section = text[3:]
			continue
		}
		first := i
		for i < len(lines) && strings.HasPrefix(lines[i], "    ") {
			i++
		}
		var below []string
		for _, line := range lines[first:i] {
			below = append(below, line[4:])
		}
		visit(text, below, section)
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	db := open(t)
	texts := 0
	cases(t, "select.txt", func(text string, below []string, section string) {
		texts++
		require.Len(t, below, 1, text)
		got, err := query(t, db, text)
		if want, ok := strings.CutPrefix(below[0], "ERR "); ok {
			require.ErrorContains(t, err, want, text)
			return
		}
		require.NoError(t, err, text)
		if section != "sorted" {
			slices.Sort(got)
		}
		require.Equal(t, below[0], strings.Join(got, " | "), text)
	})
	require.Greater(t, texts, 130)
}
