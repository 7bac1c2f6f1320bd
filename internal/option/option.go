// Package option holds the request options that the public packages share: what cosmos.PageSize and its siblings set,
// whether they come as arguments of a call or ride a context.
package option

import "context"

// Set is every option a request can carry. The zero value of a field means "not given".
type Set struct {
	// PartitionKey holds the values of cosmos.PartitionKey; nil when it was not given, empty for a key of no components.
	PartitionKey []any

	SessionToken string
	Consistency  string // one of the five levels, in the service's spelling

	PageSize       int // documents per page
	Continuation   string
	MaxConcurrency int // partitions, or single requests, asked at the same time

	IfMatch, IfNoneMatch string

	IndexingDirective string
	ContentResponse   *bool // whether a write answers with the document

	Database, Container string

	Throughput, AutoscaleThroughput int

	Priority         string
	ThroughputBucket int
	MaxStaleness     int // milliseconds a dedicated gateway's cache may lag; 0 means not given
	PreTriggers      []string
	PostTriggers     []string

	// Err is the first option that had an impossible value; whoever executes the request reports it before sending.
	Err error
}

// Fail notes err unless an earlier option has failed already.
func (s *Set) Fail(err error) {
	if s.Err == nil {
		s.Err = err
	}
}

type key struct{}

// With returns a context that carries s.
func With(ctx context.Context, s Set) context.Context { return context.WithValue(ctx, key{}, &s) }

// From returns the options that ctx carries: none is the zero Set.
func From(ctx context.Context) Set {
	if s, ok := ctx.Value(key{}).(*Set); ok {
		return *s
	}
	return Set{}
}
