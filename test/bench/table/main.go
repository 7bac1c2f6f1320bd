// Command table turns the output of the benchmarks, on its standard input, into the tables of README.md: one for each
// group of benchmarks that differ in their last name only, the median of repeated runs, and how much more processor
// time each took than the client named cosmos.
//
//	go test -run '^$' -bench . -count 5 -cpu 1 . | go run ./table
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

func main() {
	groups, err := parse(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
	for _, g := range groups {
		g.print(os.Stdout)
	}
}

// group is a table: benchmarks that differ in their last name only.
type group struct {
	name  string
	units []string // columns, in the order in which they appear
	rows  []*row
}

type row struct {
	name   string
	values map[string][]float64 // by unit, one for each run
}

// parse reads the lines that are results and passes over the others.
func parse(r io.Reader) ([]*group, error) {
	var groups []*group
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		path, name, _ := cutLast(strings.TrimPrefix(fields[0], "Benchmark"))
		g := find(&groups, func(g *group) bool { return g.name == path }, &group{name: path})
		w := find(&g.rows, func(w *row) bool { return w.name == name },
			&row{name: name, values: map[string][]float64{}})
		for pair := range slices.Chunk(fields[2:], 2) {
			v, err := strconv.ParseFloat(pair[0], 64)
			if err != nil || len(pair) < 2 {
				return nil, fmt.Errorf("%q is not a benchmark result", lines.Text())
			}
			if !slices.Contains(g.units, pair[1]) {
				g.units = append(g.units, pair[1])
			}
			w.values[pair[1]] = append(w.values[pair[1]], v)
		}
	}
	return groups, lines.Err()
}

func cutLast(s string) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// find returns the element that is wanted, adding other if there is none.
func find[T any](all *[]T, wanted func(T) bool, other T) T {
	if i := slices.IndexFunc(*all, wanted); i >= 0 {
		return (*all)[i]
	}
	*all = append(*all, other)
	return other
}

// print writes the group as Markdown.
func (g *group) print(w io.Writer) {
	// Processor time first: on a shared machine it is what can be compared.
	slices.SortStableFunc(g.units, func(a, b string) int { return rank(a) - rank(b) })
	var base float64
	for _, r := range g.rows {
		if r.name == "cosmos" {
			base = median(r.values[g.units[0]])
		}
	}
	ratio := base > 0 && rank(g.units[0]) == 0
	fmt.Fprintf(w, "\n### %s\n\n| |", g.name)
	for i, unit := range g.units {
		fmt.Fprintf(w, " %s |", unit)
		if i == 0 && ratio {
			fmt.Fprint(w, " × cosmos |")
		}
	}
	fmt.Fprintf(w, "\n|%s\n", strings.Repeat(" --- |", 1+len(g.units)+btoi(ratio)))
	for _, r := range g.rows {
		fmt.Fprintf(w, "| %s |", r.name)
		for i, unit := range g.units {
			v := median(r.values[unit])
			fmt.Fprintf(w, " %s |", number(v))
			if i == 0 && ratio {
				fmt.Fprintf(w, " %.2f |", v/base)
			}
		}
		fmt.Fprintln(w)
	}
}

func rank(unit string) int {
	switch {
	case strings.HasPrefix(unit, "cpu-ns"):
		return 0
	case strings.HasPrefix(unit, "ns"):
		return 1
	default:
		return 2
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// number writes three digits or the whole number, with separators.
func number(v float64) string {
	if v < 100 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	s := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
