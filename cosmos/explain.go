package cosmos

import (
	"context"
	"fmt"
	"strings"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/pipeline"
)

// Explanation says how a query is executed: which partitions are asked what, and how their answers are merged.
type Explanation struct {
	// Access is the access path: "point read", "one partition", "fan-out" (the query is sent unchanged to
	// every partition that may have rows) or "planned" (by the service's query plan the query is rewritten and the
	// answers are merged).
	Access  string
	Query   string          // text sent to the targets, without parameters; empty for a point read
	Targets []ExplainTarget // in the order in which they are read
	Stages  []string        // in the order in which rows go through them
	// Advice says what could be written better, by the ten rules of the service. Explain finds it in the text, without
	// asking anybody; ExplainAnalyze asks the service, too.
	Advice []Advice
}

// ExplainTarget is what one request of a query goes to: a logical partition, or the effective partition keys [Min, Max)
// of a physical one.
type ExplainTarget struct {
	PartitionKey string // as JSON; empty for a physical partition
	RangeID      string // of the physical partition; Min and Max are effective partition keys in it
	Min, Max     string
}

// String describes the target in a few words.
func (t ExplainTarget) String() string {
	if t.PartitionKey != "" {
		return "partition key " + t.PartitionKey
	}
	if t.Min == "" && t.Max == "" {
		return "range " + t.RangeID
	}
	return fmt.Sprintf("range %s [%s, %s)", t.RangeID, t.Min, t.Max)
}

// String returns the explanation as lines of text.
func (e *Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "access: %s\n", e.Access)
	for _, t := range e.Targets {
		fmt.Fprintf(&b, "target: %s\n", t)
	}
	for i, s := range e.Stages {
		fmt.Fprintf(&b, "stage %d: %s\n", i+1, s)
	}
	for _, a := range e.Advice {
		fmt.Fprintf(&b, "advice: %s\n", a)
	}
	if e.Query != "" {
		fmt.Fprintf(&b, "query: %s\n", strings.ReplaceAll(e.Query, "\n", "\n       "))
	}
	return b.String()
}

// Explain returns how query would be executed, with arguments as for [Query], without executing it. It requests the
// service's query plan if one is needed.
func (c *Container) Explain(ctx context.Context, query string, args ...any) (*Explanation, error) {
	p, opts, err := c.explained(query, args)
	if err != nil {
		return nil, err
	}
	rows, _, err := c.open(ctx, option.Explain, p, opts)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found, err := rows.Explain(ctx)
	if err != nil {
		return nil, err
	}
	e := explanation(found)
	e.Advice = advised(nil, p.parsedQuery)
	return &e, nil
}

func explanation(found *pipeline.Explanation) Explanation {
	e := Explanation{Access: found.Access.Kind.String(), Query: found.Query, Stages: found.Stages}
	for _, t := range found.Targets {
		e.Targets = append(e.Targets, ExplainTarget{PartitionKey: t.Key, RangeID: t.RangeID, Min: t.Min, Max: t.Max})
	}
	return e
}

// explained reads a query that is to be explained, and the options among its arguments.
func (c *Container) explained(query string, args []any) (*prepared, []Option, error) {
	if err := c.check(); err != nil {
		return nil, nil, err
	}
	list, err := c.client().format.Read(args)
	if err != nil {
		return nil, nil, err
	}
	p, err := c.client().prepareQuery(query, list)
	return p, list.Options, err
}
