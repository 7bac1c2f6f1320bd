package cosmos

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/cosmossql/cosmossql/internal/budget"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
)

// MaxRUPerSecond holds the requests of one operation back so that they cost about ru request units a second, and leaves
// the rest of the throughput to others: of a query, a read of all documents, a change feed, a bulk, or a statement of
// database/sql with all the requests it takes. As an option of a context, a client or a data source name it gives each
// operation a budget of its own; for one that several share see [NewThroughputControlGroup]. 0 is no budget.
//
// What a request costs is known when it is answered. One that costs more than a second's units makes the next one wait
// for as long as that takes; waiting fails at once where the deadline of the context is earlier.
func MaxRUPerSecond(ru int) Option {
	if ru < 0 {
		return option.Bad(option.MaxRUPerSecond, ru,
			fmt.Errorf("cosmos: a budget of %d RU/s is negative (0 means none)", ru))
	}
	return option.New(option.MaxRUPerSecond, ru)
}

// ThroughputControlGroupConfig says what a [ThroughputControlGroup] is allowed. One of TargetThroughput and
// TargetThroughputThreshold is given.
type ThroughputControlGroupConfig struct {
	// Name is for errors.
	Name string
	// TargetThroughput is the number of request units a second that all requests of the group may cost together.
	TargetThroughput int
	// TargetThroughputThreshold is the share, above 0 and up to 1, of the throughput of a container that the requests
	// of the group may use of it, for each container by itself. Of autoscale it is that of the maximum. It is read anew
	// every 15 minutes. A serverless account has no throughput to take a share of.
	TargetThroughputThreshold float64
	// Priority is that of the group's requests; empty for the account's default.
	Priority PriorityLevel
	// ThroughputBucket, 1 to 5, is the one that the group's requests count against; 0 for none.
	ThroughputBucket int
}

// ThroughputControlGroup bounds what the requests of several operations of this process cost together, such as those of
// a nightly job. It is safe for concurrent use.
type ThroughputControlGroup struct{ group *budget.Group }

// NewThroughputControlGroup makes a group. Requests join it by [InThroughputControlGroup]: as an argument, in a
// context, or as one of [ClientOptions] for all of a client.
func NewThroughputControlGroup(c ThroughputControlGroupConfig) (*ThroughputControlGroup, error) {
	name := fmt.Sprintf("cosmos: throughput control group %q: ", c.Name)
	switch {
	case c.TargetThroughput != 0 && c.TargetThroughputThreshold != 0:
		return nil, errors.New(name + "TargetThroughput and TargetThroughputThreshold exclude each other")
	case c.TargetThroughput == 0 && c.TargetThroughputThreshold == 0:
		return nil, errors.New(name + "give it a TargetThroughput, in RU/s, or a TargetThroughputThreshold, " +
			"a share of the container's throughput")
	case c.TargetThroughput < 0:
		return nil, fmt.Errorf("%sa TargetThroughput of %d RU/s is negative", name, c.TargetThroughput)
	case math.IsNaN(c.TargetThroughputThreshold), c.TargetThroughputThreshold < 0, c.TargetThroughputThreshold > 1:
		return nil, fmt.Errorf("%sa TargetThroughputThreshold of %v is not a share between 0 and 1",
			name, c.TargetThroughputThreshold)
	}
	opts := []Option{Priority(c.Priority)}
	if c.ThroughputBucket != 0 {
		opts = append(opts, ThroughputBucket(c.ThroughputBucket))
	}
	if err := option.Check(opts); err != nil {
		return nil, fmt.Errorf("%s%w", name, errtext.Inner(err))
	}
	return &ThroughputControlGroup{&budget.Group{
		Name: c.Name, Target: float64(c.TargetThroughput), Share: c.TargetThroughputThreshold,
		Priority: string(c.Priority), Bucket: c.ThroughputBucket,
	}}, nil
}

// InThroughputControlGroup makes the requests of an operation about documents count against a group, and gives them its
// priority and its bucket. Of two groups the later counts alone. A request may have a [MaxRUPerSecond] of its own
// besides. The commit of a distributed [Transaction] concerns several containers and does not count.
func InThroughputControlGroup(g *ThroughputControlGroup) Option {
	if g == nil || g.group == nil {
		return option.Bad(option.InThroughputControlGroup, nil,
			errors.New("cosmos: the throughput control group is nil: make one with NewThroughputControlGroup"))
	}
	return option.New(option.InThroughputControlGroup, g.group)
}

// provisioned is the throughput that a container has, or shares with others of its database, in RU/s.
func (c *Client) provisioned(ctx context.Context, link string) (int, error) {
	ctx = option.Bare(ctx)
	ids := strings.Split(link, "/")
	d := c.Database(ids[1])
	t, err := d.Container(ids[3]).ReadThroughput(ctx)
	if errors.Is(err, ErrNotFound) {
		t, err = d.ReadThroughput(ctx)
	}
	switch {
	case errors.Is(err, ErrNotFound):
		return 0, fmt.Errorf("it has none of its own, as on a serverless account: "+
			"give the group a TargetThroughput (%w)", errtext.Inner(err))
	case err != nil:
		return 0, errtext.Inner(err)
	}
	return max(t.Manual, t.Autoscale), nil
}
