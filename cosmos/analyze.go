package cosmos

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/pipeline"
)

// Analysis says how a query was executed and what each part of it did.
type Analysis struct {
	Explanation
	StageRows     []int64      // how many rows came out of each of Stages; -1 where a stage does not count its own
	Work          []TargetWork // in the order in which the targets were first asked
	Rows          int64        // of the result
	RequestCharge float64      // RU, of all requests but those for the plan and the ranges
	Duration      time.Duration
	Indexes       IndexUtilization
}

// TargetWork is what one target of a query did.
type TargetWork struct {
	Target        ExplainTarget
	Requests      int
	Rows          int64   // that it answered, which the stages above may fold or drop
	RequestCharge float64 // RU
	Duration      time.Duration
	Execution     QueryExecution
}

// ExplainAnalyze runs a query to its end, with arguments as for [Query], throws its rows away and tells what was done:
// which targets answered how many requests and rows at which cost, what came out of each stage, which indexes were used
// and which are missing. It costs what the query costs, and something for the metrics.
func (c *Container) ExplainAnalyze(ctx context.Context, query string, args ...any) (*Analysis, error) {
	p, opts, err := c.explained(query, args)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	rows, b, err := c.open(ctx, option.Explain, p, append(opts, QueryMetrics(true), IndexMetrics(true),
		QueryAdvice(true)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	b.analysis = &analysis{at: map[ExplainTarget]int{}}
	found, counts, err := rows.Analyze(ctx)
	if err != nil {
		return nil, continuationError(err)
	}
	a := &b.analysis.Analysis
	told := a.Advice
	a.Explanation = explanation(found)
	a.Advice = advised(told, p.parsedQuery)
	a.StageRows, a.Duration = counts, time.Since(start)
	if n := len(counts); n > 0 {
		a.Rows = counts[n-1]
	}
	return a, nil
}

// analysis collects what the targets do.
type analysis struct {
	mu sync.Mutex // requests run side by side
	Analysis
	at map[ExplainTarget]int // places in Work
}

func targetOf(f pipeline.Fetch) ExplainTarget {
	if f.Key != nil {
		return ExplainTarget{PartitionKey: f.Key.Header()}
	}
	return ExplainTarget{RangeID: f.RangeID, Min: f.Min, Max: f.Max}
}

// add notes an answer; page is nil if it was an error.
func (a *analysis) add(t ExplainTarget, page *pipeline.Page, resp *Response, d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at, known := a.at[t]
	if !known {
		at = len(a.Work)
		a.at[t] = at
		a.Work = append(a.Work, TargetWork{Target: t})
	}
	w := &a.Work[at]
	w.Requests += 1 + resp.Retries
	w.RequestCharge += resp.RequestCharge
	w.Duration += d
	a.RequestCharge += resp.RequestCharge
	if page != nil {
		w.Rows += int64(len(page.Docs))
	}
	if m, told := resp.QueryExecution(); told {
		w.Execution.add(m)
	}
	if u, told := resp.IndexUtilization(); told {
		a.Indexes = u
	}
	if list := resp.Advice(); len(list) > 0 {
		a.Advice = list
	}
}

// String draws the analysis as a tree: the last stage on top, the targets at the bottom.
func (a *Analysis) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "access: %s\n", a.Access)
	fmt.Fprintf(&b, "result: %s, %.2f RU, %v\n", errtext.Count(a.Rows, "row"), a.RequestCharge,
		a.Duration.Round(10*time.Microsecond))
	indent := ""
	for i := len(a.Stages) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "%s└─ %s", indent, a.Stages[i])
		if i < len(a.StageRows) && a.StageRows[i] >= 0 {
			b.WriteString(": " + errtext.Count(a.StageRows[i], "row"))
		}
		b.WriteByte('\n')
		indent += "   "
	}
	for i, w := range a.Work {
		branch := "├─"
		if i == len(a.Work)-1 {
			branch = "└─"
		}
		fmt.Fprintf(&b, "%s%s %s: %s, %s, %.2f RU, %v", indent, branch, w.Target, errtext.Count(w.Requests, "request"),
			errtext.Count(w.Rows, "row"), w.RequestCharge, w.Duration.Round(10*time.Microsecond))
		if w.Execution != (QueryExecution{}) {
			b.WriteString(", looked at " + errtext.Count(w.Execution.RetrievedDocuments, "document"))
		}
		b.WriteByte('\n')
	}
	for _, list := range []struct {
		title, where string // where it goes in the indexing policy
		uses         []IndexUse
	}{
		{"index used", "", a.Indexes.Used}, {"index used", "", a.Indexes.UsedComposite},
		{"index missing", "includedPaths", a.Indexes.Missing},
		{"index missing", "compositeIndexes", a.Indexes.MissingComposite},
	} {
		for _, u := range list.uses {
			fmt.Fprintf(&b, "%s: %s", list.title, strings.Join(u.Paths, ", "))
			if u.Filter != "" {
				fmt.Fprintf(&b, " for %s", u.Filter)
			}
			if u.Impact != "" {
				fmt.Fprintf(&b, " (impact %s)", strings.ToLower(u.Impact))
			}
			if list.where != "" {
				fmt.Fprintf(&b, ": add %s to the %s of the indexing policy", u.Policy(), list.where)
			}
			b.WriteByte('\n')
		}
	}
	for _, x := range a.Advice {
		fmt.Fprintf(&b, "advice: %s\n", x)
	}
	if a.Query != "" {
		fmt.Fprintf(&b, "query: %s\n", strings.ReplaceAll(a.Query, "\n", "\n       "))
	}
	return b.String()
}
