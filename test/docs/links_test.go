package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLinks: links between the pages lead somewhere, anchors included.
func TestLinks(t *testing.T) {
	t.Parallel()
	var pages []string
	for _, pattern := range []string{
		"*.md", "docs/*.md", ".github/*.md", "cosmos/*/README.md", "examples/*.md", "test/*/README.md",
	} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		pages = append(pages, found...)
	}
	require.Greater(t, len(pages), 25)
	for _, page := range pages {
		text := withoutBlocks(read(t, page))
		for _, link := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(link[1], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			path := page
			if target != "" {
				path = filepath.Join(filepath.Dir(page), target)
			}
			_, err := os.Stat(path)
			require.NoError(t, err, "%s links to %s", page, link[1])
			if anchor != "" {
				require.True(t, strings.HasSuffix(path, ".md"), "%s links to %s", page, link[1])
				require.Contains(t, anchors(read(t, path)), anchor, "%s links to %s", page, link[1])
			}
		}
	}
}

// TestPlaces: files and folders of this repository that a page names in a command or a text are there.
func TestPlaces(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(root + "/docs/*.md")
	require.NoError(t, err)
	places := regexp.MustCompile("(?:^|[ `]|\\./)((?:examples|test|cosmos|internal|docs)/[\\w/.-]*\\w)")
	named := 0
	for _, page := range append(pages, root+"/README.md", root+"/CONTRIBUTING.md") {
		for _, place := range places.FindAllStringSubmatch(read(t, page), -1) {
			_, err := os.Stat(filepath.Join(root, place[1]))
			require.NoError(t, err, "%s names %s", page, place[1])
			named++
		}
	}
	require.Greater(t, named, 30)
}

// anchors are those that a forge gives the headings of a page.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(withoutBlocks(text), -1) {
		anchor := regexp.MustCompile(`[^\p{L}\p{N} _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		found[strings.ReplaceAll(anchor, " ", "-")] = true
	}
	return found
}

// TestIndex: a page that the index does not name is found by nobody, and the README names the index.
func TestIndex(t *testing.T) {
	t.Parallel()
	index := read(t, root+"/docs/README.md")
	pages, err := filepath.Glob(root + "/docs/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, page := range pages {
		if name := filepath.Base(page); name != "README.md" {
			require.Contains(t, index, "]("+name+")", "docs/README.md names every page")
		}
	}
	require.Contains(t, read(t, root+"/README.md"), "](docs/README.md)")
}
