package cosmos

import (
	"context"
	"fmt"
	"strings"
)

// Explanation says how a query is answered: which way it takes, what is asked where, and what becomes of the answers.
type Explanation struct {
	// Road is the way: "point read", "one logical partition", "parallel" (the query goes as it is to every partition that
	// may have something) or "planned" (the service says how to rewrite and merge it).
	Road    string
	Query   string          // what the targets are asked, parameters aside; empty for a point read
	Targets []ExplainTarget // in the order in which they are read
	Stages  []string        // in the order in which rows go through them
}

// ExplainTarget is a place that a query asks: a logical partition by its key, or the effective partition keys [Min, Max)
// of a physical one.
type ExplainTarget struct {
	PartitionKey string // as JSON; empty for a physical partition
	RangeID      string
	Min, Max     string
}

// String describes the target in a few words.
func (t ExplainTarget) String() string {
	if t.PartitionKey != "" {
		return "partition key " + t.PartitionKey
	}
	return fmt.Sprintf("range %s [%s, %s)", t.RangeID, t.Min, t.Max)
}

// String returns the explanation as lines of text.
func (e *Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "road: %s\n", e.Road)
	for _, t := range e.Targets {
		fmt.Fprintf(&b, "target: %s\n", t)
	}
	for i, s := range e.Stages {
		fmt.Fprintf(&b, "stage %d: %s\n", i+1, s)
	}
	if e.Query != "" {
		fmt.Fprintf(&b, "query: %s\n", strings.ReplaceAll(e.Query, "\n", "\n       "))
	}
	return b.String()
}

// Explain returns how query would be answered. It asks the service for its plan where one is needed, and runs nothing.
func (c *Container) Explain(ctx context.Context, query string, params []Parameter, opts ...Option) (*Explanation, error) {
	if c.err != nil {
		return nil, c.err
	}
	p, err := c.client().prepareQuery(query, params)
	if err != nil {
		return nil, err
	}
	rows, _, err := c.open(ctx, p, opts)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	found, err := rows.Explain(ctx)
	if err != nil {
		return nil, err
	}
	e := &Explanation{Road: found.Road.Kind.String(), Query: found.Query, Stages: found.Stages}
	for _, t := range found.Targets {
		e.Targets = append(e.Targets, ExplainTarget{PartitionKey: t.Key, RangeID: t.RangeID, Min: t.Min, Max: t.Max})
	}
	return e, nil
}
