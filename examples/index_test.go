package examples

import (
	"os"
	"path/filepath"
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
