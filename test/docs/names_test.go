package docs

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNames: what a page calls by a package's name is exported there.
func TestNames(t *testing.T) {
	t.Parallel()
	known := map[string]map[string]bool{}
	for _, p := range publicPackages {
		known[p.name] = map[string]bool{}
		for _, name := range exported(t, p) {
			known[p.name][name] = true
		}
	}
	pages, err := filepath.Glob(root + "/docs/*.md")
	require.NoError(t, err)
	pages = append(pages, root+"/README.md", root+"/CONTRIBUTING.md", root+"/examples/README.md")
	ofPackages := regexp.MustCompile(`\b([a-z]+)\.([A-Z]\w*(?:\.[A-Z]\w*)?)`)
	// Methods and fields are named without their package.
	ofTypes := regexp.MustCompile("`((?:Client|Database|Container|Pager|Page|Response|Stats|Usage|ChangeFeed|" +
		"ClientOptions|ProcessorOptions|Config|Transaction)\\.[A-Z]\\w*)")
	checked := 0
	for _, page := range pages {
		text := read(t, page)
		for _, name := range ofPackages.FindAllStringSubmatch(text, -1) {
			names, public := known[name[1]]
			if !public || name[0] == "driver.Valuer" { // of database/sql
				continue
			}
			require.True(t, names[name[2]], "%s names %s.%s", filepath.Base(page), name[1], name[2])
			checked++
		}
		for _, name := range ofTypes.FindAllStringSubmatch(text, -1) {
			member := name[1]
			require.True(t, known["cosmos"][member] || known["driver"][member] || known["cosmostest"][member],
				"%s names %s", filepath.Base(page), member)
		}
	}
	require.Greater(t, checked, 200)
}

// TestOptionsOfTheServer: docs/testing.md has every option of cosmostest, and docs/server.md every flag of the program.
func TestOptionsOfTheServer(t *testing.T) {
	t.Parallel()
	var options []string
	files, err := filepath.Glob(root + "/cosmos/cosmostest/*.go")
	require.NoError(t, err)
	for _, path := range files {
		makers := regexp.MustCompile(`(?m)^func ([A-Z]\w*)\(.*\) Option\b`)
		for _, f := range makers.FindAllStringSubmatch(read(t, path), -1) {
			options = append(options, f[1])
		}
	}
	var listed []string
	for _, name := range firstCells(t, read(t, root+"/docs/testing.md"), "Options") {
		name, _, _ = strings.Cut(name, "(")
		listed = append(listed, name)
	}
	require.ElementsMatch(t, options, listed)

	var flags []string
	defined := regexp.MustCompile(`flags\.\w+\((?:&s\.\w+, )?"([a-z-]+)"`)
	for _, f := range defined.FindAllStringSubmatch(read(t, root+"/examples/server/settings.go"), -1) {
		flags = append(flags, f[1])
	}
	require.NotEmpty(t, flags)
	listed = nil
	for _, row := range tableUnder(t, read(t, root+"/docs/server.md"), "Flags and environment") {
		for _, f := range regexp.MustCompile("(?:^|[ `])-([a-z-]+)").FindAllStringSubmatch(row[0], -1) {
			listed = append(listed, f[1])
		}
	}
	slices.Sort(listed)
	require.ElementsMatch(t, flags, slices.Compact(listed))
}

// TestLimits: docs/regions-retries-timeouts.md tells every limit of ClientOptions that has a number.
func TestLimits(t *testing.T) {
	t.Parallel()
	var limits []string
	for _, name := range exported(t, publicPackages[1]) {
		field, ok := strings.CutPrefix(name, "ClientOptions.")
		if ok && regexp.MustCompile(`^(Max|Hedge)|Timeout$`).MatchString(field) {
			limits = append(limits, field)
		}
	}
	require.NotEmpty(t, limits)
	require.ElementsMatch(t, limits, firstCells(t, read(t, root+"/docs/regions-retries-timeouts.md"), "Limits"))
}
