package cosmos

import (
	"context"
	"fmt"

	"github.com/cosmossql/cosmossql/internal/option"
)

// Option adjusts one request. The same options are arguments of this package's methods, stand among the arguments of a
// query through database/sql, and ride a context: see [WithOptions]. An argument wins over the context, the context over
// the client's options.
type Option func(*option.Set)

// WithOptions returns a context that carries opts for every request made with it, on top of those ctx carries already.
func WithOptions(ctx context.Context, opts ...Option) context.Context {
	s := option.From(ctx)
	for _, o := range opts {
		if o != nil {
			o(&s)
		}
	}
	return option.With(ctx, s)
}

// PartitionKey names the logical partition: one value per path of the container's partition key. nil is JSON null, an
// absent property is [Undefined].
func PartitionKey(values ...any) Option {
	key := append([]any{}, values...)
	return func(s *option.Set) { s.PartitionKey = key }
}

// SessionToken makes a read see at least what the token's request saw. Without it the client's own tokens are sent.
func SessionToken(token string) Option {
	return func(s *option.Set) { s.SessionToken = token }
}

// ConsistencyLevel is how up to date a read has to be.
type ConsistencyLevel string

// The consistency levels, strongest first. A request cannot ask for a stronger one than the account has.
const (
	Strong           ConsistencyLevel = "Strong"
	BoundedStaleness ConsistencyLevel = "BoundedStaleness"
	Session          ConsistencyLevel = "Session"
	ConsistentPrefix ConsistencyLevel = "ConsistentPrefix"
	Eventual         ConsistencyLevel = "Eventual"
)

// Consistency asks for a consistency level other than the account's.
func Consistency(level ConsistencyLevel) Option {
	return func(s *option.Set) { s.Consistency = string(level) }
}

// PageSize asks for pages of at most n documents. 0 leaves it to the service.
func PageSize(n int) Option {
	return func(s *option.Set) {
		if n < 0 {
			s.Fail(fmt.Errorf("cosmos: page size %d is negative", n))
			return
		}
		s.PageSize = n
	}
}

// Continuation resumes a query or feed after the page that carried the token.
func Continuation(token string) Option {
	return func(s *option.Set) { s.Continuation = token }
}

// MaxConcurrency bounds the requests that one operation makes at the same time. 0 leaves it to the client.
func MaxConcurrency(n int) Option {
	return func(s *option.Set) {
		if n < 0 {
			s.Fail(fmt.Errorf("cosmos: max concurrency %d is negative", n))
			return
		}
		s.MaxConcurrency = n
	}
}

// IfMatch makes a write fail with [ErrPreconditionFailed] unless the document still has this ETag. "*" means it must exist.
func IfMatch(etag string) Option { return func(s *option.Set) { s.IfMatch = etag } }

// IfNoneMatch makes a read answer 304, without a body, when the document still has this ETag.
func IfNoneMatch(etag string) Option { return func(s *option.Set) { s.IfNoneMatch = etag } }

// IndexingDirective overrides for one write whether the document is indexed: "Default", "Include" or "Exclude".
func IndexingDirective(directive string) Option {
	return func(s *option.Set) { s.IndexingDirective = directive }
}

// ContentResponse says whether a write answers with the document as stored. Without it the answer is the service's: yes.
func ContentResponse(want bool) Option { return func(s *option.Set) { s.ContentResponse = &want } }

// InDatabase names the database of a statement run through database/sql.
func InDatabase(id string) Option { return func(s *option.Set) { s.Database = id } }

// InContainer names the container of a statement run through database/sql.
func InContainer(id string) Option { return func(s *option.Set) { s.Container = id } }

// Throughput provisions a new database or container with this many request units per second.
func Throughput(ru int) Option { return func(s *option.Set) { s.Throughput = ru } }

// AutoscaleThroughput lets a new database or container scale up to this many request units per second.
func AutoscaleThroughput(limit int) Option {
	return func(s *option.Set) { s.AutoscaleThroughput = limit }
}

type undefined struct{}

// Undefined is the partition key value of documents that lack the property. It differs from nil, which is JSON null.
var Undefined any = undefined{}
