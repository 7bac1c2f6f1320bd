package docs

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func keys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// firstCells are the names in the first column of the tables under a heading, without their marks.
func firstCells(t *testing.T, page, heading string) []string {
	t.Helper()
	var list []string
	for _, row := range tableUnder(t, page, heading) {
		for name := range strings.SplitSeq(row[0], "`, `") {
			list = append(list, strings.Trim(name, "`"))
		}
	}
	return list
}

// tableUnder has the rows of the tables under a heading, without the head.
func tableUnder(t *testing.T, page, heading string) [][]string {
	t.Helper()
	_, section, found := strings.Cut(withoutBlocks(page), "# "+heading+"\n")
	require.True(t, found, "no heading %q", heading)
	section, _, _ = strings.Cut(section, "\n#")
	var rows [][]string
	head := true
	for line := range strings.Lines(section) {
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			head = true
		case strings.HasPrefix(line, "| ---"):
			head = false
		case !head:
			var row []string
			for cell := range strings.SplitSeq(strings.ReplaceAll(strings.Trim(line, "|"), `\|`, "\x00"), "|") {
				row = append(row, strings.ReplaceAll(strings.TrimSpace(cell), "\x00", "|"))
			}
			rows = append(rows, row)
		}
	}
	require.NotEmpty(t, rows, heading)
	return rows
}
