package promises

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryPromiseHasItsTest: the tests that README.md names exist in the packages that it names.
func TestEveryPromiseHasItsTest(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	sources := map[string]string{} // the tests of a package
	named := regexp.MustCompile("`([a-z/]+)`|\\b(root)\\b|\\b(Test\\w+)")
	rows := 0
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if !strings.HasPrefix(line, "| ") || len(cells) != 2 || cells[1] == "Held by " ||
			strings.HasPrefix(cells[0], " ---") {
			continue
		}
		rows++
		pkg, tests := "", 0
		for _, m := range named.FindAllStringSubmatch(cells[1], -1) {
			switch {
			case m[1] != "":
				pkg = m[1]
			case m[2] != "":
				pkg = "."
			default:
				tests++
				if _, read := sources[pkg]; !read {
					sources[pkg] = testsOf(t, filepath.Join("..", "..", pkg))
				}
				require.Contains(t, sources[pkg], "func "+m[3]+"(", "%s: %s", pkg, cells[0])
			}
		}
		require.Positive(t, tests, cells[0])
	}
	require.Greater(t, rows, 30)
}

// testsOf is the text of all test files of a folder.
func testsOf(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	require.NoError(t, err)
	require.NotEmpty(t, files, folder)
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		all.Write(text)
	}
	return all.String()
}
