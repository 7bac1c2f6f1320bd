// Package console runs what somebody types: any statement, on any database/sql database of this driver.
package console

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

// Column is a column of a result, with the type that its values have.
type Column struct{ Name, Type string }

// Result is what a statement gave. A statement that returns no rows has no columns.
type Result struct {
	Columns  []Column
	Rows     [][]any
	More     bool  // there are more rows than were asked for
	Affected int64 // documents, or 1 for a database or container
	Err      error
	Charge   float64 // RU
	Requests int
	Elapsed  time.Duration
}

// Runner is what a front end talks to.
type Runner interface {
	Run(ctx context.Context, statement string, parameters ...any) *Result
}

type runner struct {
	db   *sql.DB
	most int
}

// New returns a Runner that shows so many rows of a result at most.
func New(db *sql.DB, most int) Runner { return &runner{db: db, most: most} }

var (
	comments = regexp.MustCompile(`^(\s+|--[^\n]*|/\*(?s:.*?)\*/)+`)
	queries  = regexp.MustCompile(`(?i)^(SELECT|LIST|SHOW|DESCRIBE|EXPLAIN)\b`)
	literals = regexp.MustCompile(`'(\\.|''|[^'\\])*'|"(\\.|""|[^"\\])*"`)
	clause   = regexp.MustCompile(`(?i)\bRETURNING\b`)
)

// isQuery reports whether a statement returns rows, which database/sql wants to know beforehand.
func isQuery(statement string) bool {
	statement = comments.ReplaceAllString(statement, "")
	return queries.MatchString(statement) || clause.MatchString(literals.ReplaceAllString(statement, ""))
}

func (r *runner) Run(ctx context.Context, statement string, parameters ...any) *Result {
	var stats cosmos.Stats
	ctx = cosmos.WithStats(ctx, &stats)
	result, begin := &Result{}, time.Now()
	if isQuery(statement) {
		result.Err = r.query(ctx, result, statement, parameters)
	} else if done, err := r.db.ExecContext(ctx, statement, parameters...); err != nil {
		result.Err = err
	} else {
		result.Affected, result.Err = done.RowsAffected()
	}
	usage := stats.Snapshot()
	result.Charge, result.Requests, result.Elapsed = usage.RequestCharge, usage.Requests, time.Since(begin)
	return result
}

func (r *runner) query(ctx context.Context, result *Result, statement string, parameters []any) error {
	rows, err := r.db.QueryContext(ctx, statement, parameters...)
	if err != nil {
		return err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	for _, t := range types {
		result.Columns = append(result.Columns, Column{t.Name(), t.DatabaseTypeName()})
	}
	for rows.Next() {
		if result.More = len(result.Rows) == r.most; result.More {
			break
		}
		row, into := make([]any, len(types)), make([]any, len(types))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		result.Rows = append(result.Rows, row)
	}
	return rows.Err()
}

// Print writes a result as a table, or what went wrong, and what it cost.
func (r *Result) Print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if len(r.Columns) > 0 {
		var names, types []string
		for _, c := range r.Columns {
			names, types = append(names, c.Name), append(types, strings.ToLower(c.Type))
		}
		fmt.Fprintln(table, strings.Join(names, "\t"))
		fmt.Fprintln(table, strings.Join(types, "\t"))
		for _, row := range r.Rows {
			var cells []string
			for _, v := range row {
				cells = append(cells, cell(v))
			}
			fmt.Fprintln(table, strings.Join(cells, "\t"))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	var said string
	switch more := map[bool]string{true: " and more"}[r.More]; {
	case r.Err != nil:
		said = "error: " + r.Err.Error()
	case len(r.Columns) > 0:
		said = fmt.Sprintf("%d rows%s", len(r.Rows), more)
	default:
		said = fmt.Sprintf("%d affected", r.Affected)
	}
	_, err := fmt.Fprintf(w, "%s (%.2f RU, %d requests)\n", said, r.Charge, r.Requests)
	return err
}

// cell is a value on one line: texts as they are, unless they would break the table.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case []byte: // an object or array
		return string(v)
	case string:
		if !strings.ContainsAny(v, "\t\n\r") {
			return v
		}
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(text)
}
