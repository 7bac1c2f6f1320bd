package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// showQuery runs a query and prints its rows as they arrive.
func showQuery(ctx context.Context, p page, db *sql.DB, query string, args ...any) error {
	before := p.stats.Snapshot()
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	fmt.Fprintf(p.out, "\n   %s\n\n", query)
	n, err := printRows(p.out, rows)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "\n   %s: %s\n", counted(n, "row"), p.cost(before))
	return nil
}

// Widths are found from the first rows; later ones are printed as they come, so that memory is bounded.
const sample = 500

// printRows prints rows as a table, whatever their columns are, and says how many there were.
func printRows(out io.Writer, rows *sql.Rows) (int, error) {
	columns, err := rows.Columns()
	if err != nil {
		return 0, err
	}
	t := table{columns: columns}
	values := make([]any, len(columns))
	dest := make([]any, len(columns))
	for i := range values {
		dest[i] = &values[i]
	}
	n := 0
	for ; rows.Next(); n++ {
		if err := rows.Scan(dest...); err != nil {
			return n, err
		}
		cells := make([]string, len(values))
		for i, v := range values {
			cells[i] = cell(v)
		}
		if t.rows = append(t.rows, cells); len(t.rows) == sample {
			t.flush(out)
		}
	}
	if err := rows.Err(); err != nil {
		return n, err
	}
	t.flush(out)
	return n, nil
}

// cell writes one value for the table.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []byte: // an array or object: its JSON
		return string(v)
	case string:
		return strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// table prints rows in columns, the numbers to the right.
type table struct {
	columns []string
	rows    [][]string
	widths  []int
	right   []bool
}

// widest is the width that a cell may take of the line.
const widest = 48

// flush prints the rows that have gathered, the first time under a heading.
func (t *table) flush(out io.Writer) {
	if t.widths == nil {
		t.measure()
		t.line(out, t.columns)
		rule := make([]string, len(t.columns))
		for i, w := range t.widths {
			rule[i] = strings.Repeat("─", w)
		}
		t.line(out, rule)
	}
	for _, row := range t.rows {
		t.line(out, row)
	}
	t.rows = nil
}

func (t *table) measure() {
	t.widths = make([]int, len(t.columns))
	t.right = make([]bool, len(t.columns))
	for i, name := range t.columns {
		t.widths[i] = utf8.RuneCountInString(name)
		t.right[i] = len(t.rows) > 0
		for _, row := range t.rows {
			t.widths[i] = min(max(t.widths[i], utf8.RuneCountInString(row[i])), widest)
			_, err := strconv.ParseFloat(strings.ReplaceAll(row[i], ",", ""), 64)
			t.right[i] = t.right[i] && (err == nil || row[i] == "")
		}
	}
}

func (t *table) line(out io.Writer, cells []string) {
	var b strings.Builder
	for i, text := range cells {
		if runes := []rune(text); len(runes) > widest {
			text = string(runes[:widest-1]) + "…"
		}
		pad := strings.Repeat(" ", max(0, t.widths[i]-utf8.RuneCountInString(text)))
		if t.right[i] {
			text = pad + text
		} else {
			text += pad
		}
		b.WriteString("   " + text)
	}
	fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
}

// grouped writes n with its thousands apart.
func grouped[T int | int64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted writes n things.
func counted(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return grouped(n) + " " + thing
}
