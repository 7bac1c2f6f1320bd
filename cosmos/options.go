package cosmos

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rest"
)

// Option adjusts one request. The same options are arguments of this package's methods, stand among the arguments of a
// statement through database/sql, ride a context ([WithOptions]) and are defaults of a client ([ClientOptions]) or a
// data source name. They apply in this order, so that the later wins: client, data source name, context, argument.
//
// An option that does not apply to an operation is an error where it is an argument. In a context or a default it is
// skipped, unless it guards or narrows an operation about documents ([IfMatch], [IfNoneMatch], [PatchCondition],
// [PartitionKey], [InFeedRange]): such an operation is refused.
//
// Options are values: reflect.DeepEqual compares them ([OnProgress], a func, is equal to none), and String shows one as
// it is written, such as PartitionKey("ada"). The zero Option says nothing.
type Option = option.Option

// WithOptions returns a context that carries opts for every request made with it, on top of those ctx carries already.
func WithOptions(ctx context.Context, opts ...Option) context.Context { return option.With(ctx, opts) }

// Undefined is the partition key value of documents that lack the property. It differs from nil, which is JSON null.
const Undefined = undefined(0)

type undefined byte

// MarshalJSON refuses to make a value of what JSON does not have: it would be stored as the number 0.
func (undefined) MarshalJSON() ([]byte, error) {
	return nil, errors.New("cosmos: Undefined stands in a partition key only: leave the property out of the document")
}

// PartitionKey names the logical partition: one value per path of the container's partition key. nil is JSON null, an
// absent property is [Undefined]. A query may give the first values of a hierarchical key only. Where document or
// statement name their partition, a different one is an error; only as a default of a client or data source name it
// gives way to theirs.
func PartitionKey(values ...any) Option {
	for i, v := range values {
		if v == Undefined {
			values = slices.Clone(values)
			values[i] = partition.Undefined
		}
	}
	key, err := partition.NewKey(values...)
	if err != nil {
		return option.Bad(option.PartitionKey, nil, err)
	}
	return inPartition(key)
}

func inPartition(key partition.Key) Option { return option.New(option.PartitionKey, key) }

// SessionToken makes a read see at least what the request with the token ([Response.SessionToken]) saw or wrote.
// Without it the client sends its own tokens.
func SessionToken(token string) Option { return option.New(option.SessionToken, token) }

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
	switch level {
	case "", ConsistencyStrong, ConsistencyBoundedStaleness, ConsistencySession, ConsistencyConsistentPrefix,
		ConsistencyEventual:
		return option.New(option.Consistency, string(level))
	}
	return option.Bad(option.Consistency, string(level), fmt.Errorf(
		"cosmos: there is no consistency level %q; there are Strong, BoundedStaleness, Session, ConsistentPrefix and "+
			"Eventual", level))
}

// PageSize asks for pages of at most n documents. With 0 or -1 the service decides, or the client where it merges
// sorted pages of partitions.
func PageSize(n int) Option {
	if n < -1 {
		return option.Bad(option.PageSize, n,
			fmt.Errorf("cosmos: page size %d is negative (-1 means as many as the service likes)", n))
	}
	return option.New(option.PageSize, n)
}

// Continuation resumes a query or feed after the page that carried the token.
func Continuation(token string) Option { return option.New(option.Continuation, token) }

// MaxConcurrency bounds the requests that one operation makes at the same time. 0 leaves it to the client.
func MaxConcurrency(n int) Option {
	if n < 0 {
		return option.Bad(option.MaxConcurrency, n, fmt.Errorf("cosmos: max concurrency %d is negative", n))
	}
	return option.New(option.MaxConcurrency, n)
}

// ReadAhead says whether the pages of a query, or of the documents of a container, are fetched before they are asked
// for: with true at once, with false never. Without it a [Pager] does so from its second Next on, and what reads to the
// end, the iterators and *sql.Rows, at once. What is fetched ahead takes 8 MB at most, over all partitions.
func ReadAhead(ahead bool) Option { return option.New(option.ReadAhead, ahead) }

// ScoreScope says which documents a full-text score compares a document with.
type ScoreScope string

// The scopes. They differ for queries that a partition key or a feed range narrows.
const (
	ScoreGlobal ScoreScope = "Global" // all of the container: the default
	ScoreLocal  ScoreScope = "Local"  // those of the partitions that the query reaches, whose own relevance then counts
)

// FullTextScoreScope says what the statistics behind FullTextScore in ORDER BY RANK are taken of: how many documents
// and words there are, and how many documents have a term. [ScoreLocal] suits containers whose partitions are tenants.
func FullTextScoreScope(scope ScoreScope) Option {
	if scope != ScoreGlobal && scope != ScoreLocal {
		return option.Bad(option.FullTextScoreScope, string(scope),
			fmt.Errorf("cosmos: the scope of full-text scores is %q or %q, not %q", ScoreGlobal, ScoreLocal, scope))
	}
	return option.New(option.FullTextScoreScope, scope == ScoreLocal)
}

// MaxQueryMemory bounds the bytes that a query may hold of what grows with its result: groups, distinct values, the
// rows of a vector order. More of it is an [ErrQueryMemory]. 0 is the default, 256 MB.
func MaxQueryMemory(bytes int64) Option {
	if bytes < 0 {
		return option.Bad(option.MaxQueryMemory, bytes,
			fmt.Errorf("cosmos: the memory of a query cannot be %d bytes", bytes))
	}
	return option.New(option.MaxQueryMemory, bytes)
}

// IfMatch makes a write fail with [ErrPreconditionFailed] unless the document still has this ETag, quotes included. "*"
// means that it must exist, but for an upsert: an upsert under IfMatch creates a document that does not exist, so use
// [Container.ReplaceItem] where that would bring back a deleted one. An empty ETag, which is one that was never read,
// is refused.
func IfMatch(etag string) Option {
	if etag == "" {
		return option.Bad(option.IfMatch, etag,
			errors.New("cosmos: IfMatch has an empty ETag, which would not guard anything: "+
				"pass the ETag of a response or the document's _etag, or leave the option out to write in any case"))
	}
	return option.New(option.IfMatch, etag)
}

// IfNoneMatch makes a read answer 304, without a body, when the document still has this ETag. A query of one document
// by id and partition key has no row then. An empty ETag is not a condition.
func IfNoneMatch(etag string) Option { return option.New(option.IfNoneMatch, etag) }

// IndexingDirective overrides for one write whether the document is indexed.
func IndexingDirective(directive Indexing) Option {
	switch directive {
	case "", IndexingDefault, IndexingInclude, IndexingExclude:
		return option.New(option.IndexingDirective, string(directive))
	}
	return option.Bad(option.IndexingDirective, string(directive),
		fmt.Errorf("cosmos: indexing directive %q is not Default, Include or Exclude", directive))
}

// ContentResponse says whether the answer to a write has the stored document as its body. By default it has, but for
// [Container.Bulk].
func ContentResponse(want bool) Option { return option.New(option.ContentResponse, want) }

// InDatabase names the database of a statement run through database/sql.
func InDatabase(id string) Option { return option.New(option.InDatabase, id) }

// InContainer names the container of a statement run through database/sql.
func InContainer(id string) Option { return option.New(option.InContainer, id) }

// Throughput provisions a database or container with this many request units per second (RU/s).
func Throughput(ru int) Option { return positive(option.Throughput, "throughput", ru) }

// AutoscaleThroughput lets a database or container scale between a tenth of limit and limit, in request units per
// second.
func AutoscaleThroughput(limit int) Option {
	return positive(option.AutoscaleThroughput, "autoscale throughput", limit)
}

// RepeatWrites allows the client to send a write again whose outcome is unknown because the connection broke or the
// service timed out. It is safe where executing the write twice does no harm: an upsert of a document that nobody else
// writes, a create whose conflict means that it succeeded. Without it such a write fails with [ErrUnknownOutcome].
func RepeatWrites(allow bool) Option { return option.New(option.RepeatWrites, allow) }

// Priority tells the service which requests to throttle first: [PriorityLow] before [PriorityHigh], which is the
// default.
func Priority(level PriorityLevel) Option {
	switch level {
	case "", PriorityHigh, PriorityLow:
		return option.New(option.Priority, string(level))
	}
	return option.Bad(option.Priority, string(level), fmt.Errorf("cosmos: priority %q is neither High nor Low", level))
}

// ThroughputBucket counts a request against one of the throughput buckets, 1 to 5, of the container.
func ThroughputBucket(n int) Option {
	if n < 1 || n > 5 {
		return option.Bad(option.ThroughputBucket, n,
			fmt.Errorf("cosmos: throughput bucket %d is not between 1 and 5", n))
	}
	return option.New(option.ThroughputBucket, n)
}

// Distributed makes a transaction of database/sql span partition keys, containers and databases of the account: it
// rides the context of BeginTx, or is the DSN's transactions=distributed. See [Transaction] for what it needs.
func Distributed() Option { return option.New(option.Distributed, nil) }

// ExcludedRegions makes a request leave out regions, on top of those that the client's options exclude. If none is left
// that could serve it, it goes to the first one all the same.
func ExcludedRegions(names ...string) Option {
	names = slices.Clone(names)
	if slices.Contains(names, "") {
		return option.Bad(option.ExcludedRegions, names, errors.New("cosmos: the name of an excluded region is empty"))
	}
	return option.New(option.ExcludedRegions, names)
}

// MaxStaleness lets a dedicated gateway answer a read from its cache if the entry is not older than age, in whole
// milliseconds.
func MaxStaleness(age time.Duration) Option {
	if age < 0 {
		return option.Bad(option.MaxStaleness, age, fmt.Errorf("cosmos: max staleness %v is negative", age))
	}
	return option.New(option.MaxStaleness, age)
}

// BypassCache has a dedicated gateway read from the container, not from its cache.
func BypassCache(bypass bool) Option { return option.New(option.BypassCache, bypass) }

// ContinuationLimit asks the service to keep its part of continuation tokens below so many KB, which costs it some work
// when the query goes on. A token of a query over several partitions has a part for each.
func ContinuationLimit(kb int) Option {
	if kb <= 0 {
		return option.Bad(option.ContinuationLimit, kb,
			fmt.Errorf("cosmos: a continuation limit of %d KB is not above zero", kb))
	}
	return option.New(option.ContinuationLimit, kb)
}

// Header adds a header field to the requests of a call, for what the service knows and this package does not, such as
// x-ms-cosmos-workload-id. One that the client sends itself, or has an option for, is refused. Given twice, the later
// value of a name is sent.
func Header(name, value string) Option {
	field := [2]string{textproto.CanonicalMIMEHeaderKey(name), value}
	return option.Bad(option.Header, field, rest.CheckHeader(field[0], value)) // which may be nil
}

// PreTriggers names the triggers to run before a write.
func PreTriggers(ids ...string) Option { return option.New(option.PreTriggers, strings.Join(ids, ",")) }

// PostTriggers names the triggers to run after a write.
func PostTriggers(ids ...string) Option {
	return option.New(option.PostTriggers, strings.Join(ids, ","))
}

// positive makes an option whose number must be above 0. what names it in the error.
func positive(name option.Name, what string, n int) Option {
	if n <= 0 {
		return option.Bad(name, n, fmt.Errorf("cosmos: %s of %d is not positive", what, n))
	}
	return option.New(name, n)
}
