package docs

import (
	"database/sql"
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// docs/costs.md
func TestCosts(t *testing.T) {
	t.Parallel()
	var list []order
	for n := range 40 {
		list = append(list, order{fmt.Sprint(n), fmt.Sprint("c", n%5), float64(n)})
	}
	w := newWorld(t, "", list...)
	ctx, db := w.ctx, w.db
	var spent float64
	cost := func() error {
		var stats cosmos.Stats
		ctx := cosmos.WithStats(ctx, &stats)
		rows, err := db.QueryContext(ctx, "SELECT o.id FROM orders o WHERE o.total > ?", 30)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			// … scan
		}
		if err := rows.Err(); err != nil {
			return err
		}
		spent = stats.Snapshot().RequestCharge // RU; beside it Requests, Pages, Retries, Regions, SessionToken …
		return nil
	}
	require.NoError(t, cost())
	require.Positive(t, spent)

	page := read(t, root+"/docs/costs.md")
	shown := 0
	for _, b := range blocksOf(page) {
		text, ok := strings.CutPrefix(b.text, "EXPLAIN ")
		if !ok {
			continue
		}
		statement, want, found := strings.Cut("EXPLAIN "+text, "\n\n")
		require.True(t, found, "a block has a statement, an empty line and what it prints: %s", b.text)
		var printed []string
		require.NoError(t, readRows(db, statement, func(rows *sql.Rows) {
			var line string
			require.NoError(t, rows.Scan(&line))
			printed = append(printed, line)
		}), statement)
		require.Equal(t, steady(strings.TrimSpace(want)), steady(strings.Join(printed, "\n")), statement)
		shown++
	}
	require.GreaterOrEqual(t, shown, 4)
}

// steady takes out of an analysis what differs from run to run: times, and the order in which partitions answered.
func steady(text string) string {
	text = regexp.MustCompile(`(, )[0-9.]+(ns|µs|ms|s)\b`).ReplaceAllString(text, "${1}TIME")
	return regexp.MustCompile(`(?m)^( *)[├└]─ (range|partition key) .*$`).ReplaceAllString(text, "${1}$2")
}

// TestExplainLines: docs/costs.md tells every line that EXPLAIN and EXPLAIN ANALYZE can print, and no other.
func TestExplainLines(t *testing.T) {
	t.Parallel()
	page := read(t, root+"/docs/costs.md")
	require.ElementsMatch(t, labels(t), firstCells(t, page, "The lines"))
	require.ElementsMatch(t, stages(t), firstCells(t, page, "The stages"))
	require.ElementsMatch(t, advice(t), firstCells(t, page, "The advice"))
}

// labels are the words before a colon that begin a line: in texts of String of Explanation and Analysis.
func labels(t *testing.T) []string {
	found := map[string]bool{}
	for _, file := range []string{"explain.go", "analyze.go"} {
		for _, text := range literals(t, root+"/cosmos/"+file) {
			if label := regexp.MustCompile(`^([a-z]+( %d)?): %`).FindStringSubmatch(text); label != nil {
				found[strings.ReplaceAll(label[1], "%d", "N")+":"] = true
			}
			if strings.HasPrefix(text, "index ") {
				found[text+":"] = true
			}
			if strings.HasPrefix(text, "%s%s %s: %s, %s, %.2f RU") {
				found["├─"] = true
			}
		}
	}
	return keys(found)
}

// stages are what the stages of the pipeline say of themselves.
func stages(t *testing.T) []string {
	found := map[string]bool{}
	for _, file := range sourcesOf(t, "internal/pipeline") {
		for _, call := range regexp.MustCompile(`\be\.add\("([^"]+)"`).FindAllStringSubmatch(read(t, file), -1) {
			text := regexp.MustCompile(`( %[a-z])+|, %s$`).ReplaceAllString(call[1], " …")
			found[strings.ReplaceAll(text, " …:", " …:")] = true
		}
	}
	return keys(found)
}

// advice are the ids of the rules of which EXPLAIN has a sentence.
func advice(t *testing.T) []string {
	found := map[string]bool{}
	for _, text := range literals(t, root+"/internal/queryplan/advice.go") {
		if regexp.MustCompile(`^QA\d+$`).MatchString(text) {
			found[text] = true
		}
	}
	return keys(found)
}

// literals are the texts in quotes of a Go file.
func literals(t *testing.T, path string) []string {
	t.Helper()
	var list []string
	ast.Inspect(parsed(t, path), func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			text, err := strconv.Unquote(l.Value)
			require.NoError(t, err)
			list = append(list, text)
		}
		return true
	})
	return list
}
