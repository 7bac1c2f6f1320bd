// Package layout holds the module to what docs/architecture.md draws.
package layout

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/cosmossql/cosmossql"

// name is a package as docs/architecture.md calls it.
func name(path string) string {
	if path == module {
		return "root"
	}
	return strings.TrimPrefix(strings.TrimPrefix(path, module+"/"), "internal/")
}

// drawn reads the arrows of docs/architecture.md.
func drawn(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/architecture.md")
	require.NoError(t, err)
	_, block, found := strings.Cut(string(text), "```arrows\n")
	require.True(t, found)
	block, _, _ = strings.Cut(block, "```")
	arrows := map[string][]string{}
	for line := range strings.Lines(block) {
		from, to, ok := strings.Cut(strings.TrimSpace(line), " → ")
		require.True(t, ok, line)
		arrows[from] = strings.Split(to, ", ")
	}
	return arrows
}

// TestArrows: no package imports another one of this module unless docs/architecture.md says so.
func TestArrows(t *testing.T) {
	t.Parallel()
	arrows := drawn(t)
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...")
	list.Dir = "../.."
	out, err := list.Output()
	require.NoError(t, err)
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else {
			require.NoError(t, err)
		}
		from := name(p.ImportPath)
		if strings.HasPrefix(from, "test/") || from == "examples" || strings.HasPrefix(from, "examples/") {
			continue // these may import anything
		}
		require.Contains(t, arrows, from, "docs/architecture.md does not know the package")
		for _, to := range p.Imports {
			if to == module || strings.HasPrefix(to, module+"/") {
				require.Contains(t, arrows[from], name(to), "docs/architecture.md does not draw the arrow %s → %s",
					from, name(to))
			}
		}
	}
}

// TestRootIsSmall: what would be a fifth concept of the root package belongs in internal or cosmos.
func TestRootIsSmall(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../*.go")
	require.NoError(t, err)
	var source []string
	for _, file := range files {
		if base := filepath.Base(file); !strings.HasSuffix(base, "_test.go") {
			source = append(source, base)
		}
	}
	slices.Sort(source)
	require.Equal(t, []string{"conn.go", "doc.go", "rows.go", "rows_go1.27.go", "tx.go"}, source)
}

// TestMap: docs/architecture.md says what is in every package.
func TestMap(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/architecture.md")
	require.NoError(t, err)
	list := exec.CommandContext(t.Context(), "go", "list", "./driver", "./dsl", "./cosmos/...", "./internal/...")
	list.Dir = "../.."
	out, err := list.Output()
	require.NoError(t, err)
	for path := range strings.Lines(string(out)) {
		place := strings.TrimPrefix(strings.TrimSpace(path), module+"/")
		require.Contains(t, string(text), "`"+place+"/`", "docs/architecture.md does not say what is in %s", place)
	}
}
