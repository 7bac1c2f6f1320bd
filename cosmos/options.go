package cosmos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
)

// Option adjusts one request. The same options are arguments of this package's methods, stand among the arguments of a
// query through database/sql, and ride a context: see [WithOptions]. An argument wins over the context, the context over
// the client's options.
type Option func(*option.Set)

// WithOptions returns a context that carries opts for every request made with it, on top of those ctx carries already.
func WithOptions(ctx context.Context, opts ...Option) context.Context { return option.With(ctx, opts) }

// Undefined is the partition key value of documents that lack the property. It differs from nil, which is JSON null.
const Undefined = undefined(0)

type undefined byte

// PartitionKey names the logical partition: one value per path of the container's partition key. nil is JSON null, an
// absent property is [Undefined]. A query may give the first values of a hierarchical key only.
func PartitionKey(values ...any) Option {
	for i, v := range values {
		if v == Undefined {
			values = slices.Clone(values)
			values[i] = partition.Undefined
		}
	}
	key, err := partition.NewKey(values...)
	return func(s *option.Set) {
		if err != nil {
			s.Fail(err)
			return
		}
		s.PartitionKey = key
	}
}

// SessionToken makes a read see at least what the request with the token ([Response.SessionToken]) saw or wrote.
// Without it the client sends its own tokens.
func SessionToken(token string) Option {
	return func(s *option.Set) { s.SessionToken = token }
}

// ConsistencyLevel is how up to date a read has to be.
type ConsistencyLevel string

// The consistency levels, strongest first. A request cannot ask for a stronger one than the account has.
const (
	ConsistencyStrong           ConsistencyLevel = "Strong"
	ConsistencyBoundedStaleness ConsistencyLevel = "BoundedStaleness"
	ConsistencySession          ConsistencyLevel = "Session"
	ConsistencyConsistentPrefix ConsistencyLevel = "ConsistentPrefix"
	ConsistencyEventual         ConsistencyLevel = "Eventual"
)

// Consistency makes a read use a weaker consistency level than the account's default.
func Consistency(level ConsistencyLevel) Option {
	return func(s *option.Set) {
		switch level {
		case "", ConsistencyStrong, ConsistencyBoundedStaleness, ConsistencySession, ConsistencyConsistentPrefix, ConsistencyEventual:
			s.Consistency = string(level)
		default:
			s.Fail(fmt.Errorf("cosmos: there is no consistency level %q", string(level)))
		}
	}
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

// IfMatch makes a write fail with [ErrPreconditionFailed] unless the document still has this ETag. "*" means it must
// exist.
func IfMatch(etag string) Option { return func(s *option.Set) { s.IfMatch = etag } }

// IfNoneMatch makes a read answer 304, without a body, when the document still has this ETag.
func IfNoneMatch(etag string) Option { return func(s *option.Set) { s.IfNoneMatch = etag } }

// IndexingDirective overrides for one write whether the document is indexed: "Default", "Include" or "Exclude".
func IndexingDirective(directive string) Option {
	return func(s *option.Set) {
		switch directive {
		case "", "Default", "Include", "Exclude":
			s.IndexingDirective = directive
		default:
			s.Fail(fmt.Errorf("cosmos: indexing directive %q is none of Default, Include, Exclude", directive))
		}
	}
}

// ContentResponse says whether the answer to a write has the stored document as its body. By default it has, but for
// [Container.Bulk].
func ContentResponse(want bool) Option { return func(s *option.Set) { s.ContentResponse = &want } }

// InDatabase names the database of a statement run through database/sql.
func InDatabase(id string) Option { return func(s *option.Set) { s.Database = id } }

// InContainer names the container of a statement run through database/sql.
func InContainer(id string) Option { return func(s *option.Set) { s.Container = id } }

// Throughput provisions a database or container with this many request units per second (RU/s).
func Throughput(ru int) Option {
	return func(s *option.Set) { setPositive(s, "throughput", ru, &s.Throughput) }
}

// AutoscaleThroughput lets a database or container scale between a tenth of limit and limit, in request units per
// second.
func AutoscaleThroughput(limit int) Option {
	return func(s *option.Set) { setPositive(s, "autoscale throughput", limit, &s.AutoscaleThroughput) }
}

// RepeatWrites allows the client to send a write again whose outcome is unknown because the connection broke or the
// service timed out. It is safe where executing the write twice does no harm: an upsert of a document that nobody else
// writes, a create whose conflict means that it succeeded. Without it such a write fails with [ErrUnknownOutcome].
func RepeatWrites(allow bool) Option { return func(s *option.Set) { s.RepeatWrites = allow } }

// Priority tells the service which requests to throttle first: "Low" before "High", which is the default.
func Priority(level string) Option {
	return func(s *option.Set) {
		switch level {
		case "", "High", "Low":
			s.Priority = level
		default:
			s.Fail(fmt.Errorf("cosmos: priority %q is neither High nor Low", level))
		}
	}
}

// ThroughputBucket counts a request against one of the throughput buckets, 1 to 5, of the container.
func ThroughputBucket(n int) Option {
	return func(s *option.Set) {
		if n < 1 || n > 5 {
			s.Fail(fmt.Errorf("cosmos: throughput bucket %d is not between 1 and 5", n))
			return
		}
		s.ThroughputBucket = n
	}
}

// MaxStaleness lets a dedicated gateway answer a read from its cache if the entry is not older than age, in whole
// milliseconds.
func MaxStaleness(age time.Duration) Option {
	return func(s *option.Set) {
		if age < 0 {
			s.Fail(fmt.Errorf("cosmos: max staleness %v is negative", age))
			return
		}
		ms := int(age.Milliseconds())
		s.MaxStaleness = &ms
	}
}

// PreTriggers names the triggers to run before a write.
func PreTriggers(ids ...string) Option {
	return func(s *option.Set) { s.PreTriggers = strings.Join(ids, ",") }
}

// PostTriggers names the triggers to run after a write.
func PostTriggers(ids ...string) Option {
	return func(s *option.Set) { s.PostTriggers = strings.Join(ids, ",") }
}

// setPositive sets a field that must be above 0. what names the option in the error.
func setPositive(s *option.Set, what string, n int, field *int) {
	if n <= 0 {
		s.Fail(fmt.Errorf("cosmos: %s of %d is not positive", what, n))
		return
	}
	*field = n
}
