package statement

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tableRows is the rows of a table in a page of docs, cell by cell and without the marks around code.
func tableRows(t *testing.T, name, heading string) [][]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/" + name)
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "\n## "+heading+"\n")
	require.True(t, found, heading)
	section, _, _ = strings.Cut(section, "\n## ")
	var rows [][]string
	for line := range strings.Lines(section) {
		line = strings.ReplaceAll(strings.TrimSpace(line), `\|`, "\x00")
		if !strings.HasPrefix(line, "| `") {
			continue
		}
		var row []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			cell = strings.Trim(strings.TrimSpace(cell), "`")
			row = append(row, strings.ReplaceAll(cell, "\x00", "|"))
		}
		rows = append(rows, row)
	}
	require.NotEmpty(t, rows)
	return rows
}

func TestStandardSQL(t *testing.T) {
	t.Parallel()
	for _, heading := range []string{"What is rewritten", "What is sent as it is"} {
		for _, row := range tableRows(t, "standard-sql.md", heading) {
			t.Run(row[0], func(t *testing.T) {
				t.Parallel()
				s, err := Parse(row[0], Options{Database: true})
				require.NoError(t, err)
				require.Equal(t, row[1], s.(*Select).Text)
				require.Equal(t, heading == "What is sent as it is", row[0] == row[1])

				again, err := Parse(s.(*Select).Text, Options{Database: true, Container: true})
				require.NoError(t, err)
				require.Equal(t, row[1], again.(*Select).Text, "what was rewritten is valid")
			})
		}
	}
}

func TestStandardSQLRefused(t *testing.T) {
	t.Parallel()
	for _, row := range tableRows(t, "standard-sql.md", "What is refused") {
		t.Run(row[0], func(t *testing.T) {
			t.Parallel()
			_, err := Parse(row[0], Options{Database: true})
			require.ErrorContains(t, err, row[1])
			require.ErrorContains(t, err, "cosmos: ")
		})
	}
}

// Both columns mean the same.
func TestComingFromGocosmos(t *testing.T) {
	t.Parallel()
	for _, row := range tableRows(t, "gocosmos.md", "Statements") {
		t.Run(row[0], func(t *testing.T) {
			t.Parallel()
			theirs, err := Parse(row[0], Options{})
			require.NoError(t, err)
			ours, err := Parse(row[1], Options{})
			require.NoError(t, err)
			require.Equal(t, effect(t, ours), effect(t, theirs))
		})
	}
}

// effect is what a statement comes to, without the places in its text.
func effect(t *testing.T, parsed Statement) any {
	args := positional(`"1"`, `"2"`, `"3"`)
	switch s := parsed.(type) {
	case *Insert:
		documents, err := s.Documents(args[:len(s.Parameters)])
		require.NoError(t, err)
		return []any{s.Target, documents}
	case *Update:
		operations, err := s.Operations(args)
		require.NoError(t, err)
		condition, err := s.Condition(args)
		require.NoError(t, err)
		return []any{s.Target, operations, condition}
	case *Delete:
		condition, err := s.Condition(args[:2])
		require.NoError(t, err)
		return []any{s.Target, condition}
	}
	return parsed
}
