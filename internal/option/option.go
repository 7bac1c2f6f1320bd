// Package option holds the request options that the public packages share: what cosmos.PageSize and its siblings set,
// whether they come as arguments of a call or ride a context.
package option

import (
	"context"
	"time"

	"github.com/cosmossql/cosmossql/internal/partition"
)

// Set is every option a request can carry. The zero value of a field means "not given".
type Set struct {
	PartitionKey partition.Key // nil when not given; may be a prefix of a hierarchical key

	SessionToken string
	Consistency  string // one of the five levels, in the service's spelling

	PageSize       int // documents per page
	Continuation   string
	MaxConcurrency int // requests in flight at the same time

	IfMatch, IfNoneMatch string
	Condition            string // of a patch

	IndexingDirective string
	ContentResponse   *bool // whether a write answers with the document
	RepeatWrites      bool  // a write of unknown outcome may be sent again

	Database, Container string

	Throughput, AutoscaleThroughput int

	Priority         string
	ThroughputBucket int
	MaxStaleness     *int // milliseconds a dedicated gateway's cache may lag
	TokenLife        int  // seconds for which a permission's token is valid
	ScriptLogging    bool
	PreTriggers      string
	PostTriggers     string

	ChangesFromNow bool
	ChangesSince   time.Time
	AllVersions    bool
	FeedRange      *[2]string // bounds of effective partition keys

	Progress func(Progress) // told how a bulk operation gets on

	// Err is the first option that had an impossible value; whoever executes the request reports it before sending.
	Err error
}

// Progress is how far a bulk operation has got. Its fields are those of cosmos.Progress.
type Progress struct {
	Done, Failed      int
	Requests, Retries int
	RequestCharge     float64
	Elapsed           time.Duration
	Rate              float64
	SingleOperations  int
}

// Fail notes err unless an earlier option has failed already.
func (s *Set) Fail(err error) {
	if s.Err == nil {
		s.Err = err
	}
}

type key struct{}

// With returns a context that carries opts after those it carries already.
func With[O ~func(*Set)](ctx context.Context, opts []O) context.Context {
	older, _ := ctx.Value(key{}).([]func(*Set))
	all := make([]func(*Set), len(older), len(older)+len(opts))
	copy(all, older)
	for _, o := range opts {
		if o != nil {
			all = append(all, o)
		}
	}
	return context.WithValue(ctx, key{}, all)
}

// Resolve applies the defaults, then what ctx carries, then the arguments of a call: the later wins.
func Resolve[O ~func(*Set)](ctx context.Context, defaults, args []O) *Set {
	s := &Set{}
	for _, o := range defaults {
		if o != nil {
			o(s)
		}
	}
	carried, _ := ctx.Value(key{}).([]func(*Set))
	for _, o := range carried {
		o(s)
	}
	for _, o := range args {
		if o != nil {
			o(s)
		}
	}
	return s
}
