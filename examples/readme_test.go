package examples

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The Go blocks of the README compile, and its test passes. An overlay shows them to the go command as packages of this
// module, so that they are built against the code beside them.
func TestReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?ms)^```go\n(.*?)^```$").FindAllSubmatch(readme, -1)
	require.NotEmpty(t, blocks)
	root, err := filepath.Abs("..")
	require.NoError(t, err)

	for i, block := range blocks {
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			t.Parallel()
			isTest := strings.Contains(string(block[1]), `"testing"`)
			name := "readme.go"
			if isTest {
				name = "readme_test.go"
			}
			dir, pkg := t.TempDir(), fmt.Sprintf("examples/readme%d", i+1)
			file, overlay, binary := filepath.Join(dir, name), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "readme.exe")
			require.NoError(t, os.WriteFile(file, block[1], 0o600))
			data, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, pkg, name): file}})
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(overlay, data, 0o600))

			if !isTest {
				command(t, root, "go", "build", "-overlay", overlay, "-o", binary, "./"+pkg)
				return
			}
			// The go command would run the test in the directory of the package, which is not there.
			command(t, root, "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", binary, "./"+pkg)
			require.Contains(t, command(t, dir, binary, "-test.v"), "--- PASS: TestNoOrders")
		})
	}
}

// The map of the code has a place for every package.
func TestArchitecture(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../docs/architecture.md")
	require.NoError(t, err)
	for dir := range strings.Lines(command(t, "..", "go", "list", "-f", "{{.Dir}}", "./driver", "./dsl", "./cosmos/...", "./internal/...")) {
		root, err := filepath.Abs("..")
		require.NoError(t, err)
		place, err := filepath.Rel(root, strings.TrimSpace(dir))
		require.NoError(t, err)
		require.Contains(t, string(text), "`"+filepath.ToSlash(place)+"/`", "docs/architecture.md does not say what is in %s", place)
	}
}

// command runs a program that has to succeed and returns what it printed.
func command(t *testing.T, dir, name string, args ...string) string {
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}
