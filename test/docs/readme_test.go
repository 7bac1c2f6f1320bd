package docs

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFirstProgram: the first program of the README is all of a file, needs nothing, and prints what the README says.
func TestFirstProgram(t *testing.T) {
	t.Parallel()
	blocks := blocksOf(read(t, root+"/README.md"))
	require.Equal(t, "go", blocks[0].language)
	require.Equal(t, read(t, "first/main.go"), blocks[0].text)
	binary := filepath.Join(t.TempDir(), "first.exe")
	command(t, "go", "build", "-o", binary, "./first")
	require.Equal(t, blocks[1].text, command(t, binary))
}

// TestShop: the test that the README shows is all of a file; its package runs it.
func TestShop(t *testing.T) {
	t.Parallel()
	require.Contains(t, read(t, root+"/README.md"), "```go\n"+read(t, "shop/shop_test.go")+"```\n")
}

// command runs a program that has to succeed and returns what it printed.
func command(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	return strings.ReplaceAll(string(out), "\r\n", "\n")
}
