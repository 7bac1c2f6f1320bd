package cosmos

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
)

// A client in a test, the calls of a method with options.
type method struct {
	op   *option.Operation
	call func(ctx context.Context, f *fake, opts ...Option) error
}

func failed[T any](_ T, err error) error { return err }

// drained ranges over a sequence of values to its end, and returns its error.
func drained[T any](seq iter.Seq2[T, error]) error {
	for _, err := range seq {
		if err != nil {
			return err
		}
	}
	return nil
}

func bulkError(seq iter.Seq[BulkResult]) error {
	for r := range seq {
		if r.Err != nil {
			return r.Err
		}
	}
	return nil
}

// everyMethod is every method that takes options, but for those of the parts of a batch.
var everyMethod = func() []method {
	item, key := order{ID: "1", Customer: "a"}, At("1", "a")
	patch := []PatchOperation{PatchSet("/x", 1)}
	keys := slices.Values([]ItemKey{key})
	return []method{
		{option.CreateItem, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().CreateItem(ctx, item, opts...))
		}},
		{option.UpsertItem, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().UpsertItem(ctx, item, opts...))
		}},
		{option.ReplaceItem, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().ReplaceItem(ctx, "1", item, opts...))
		}},
		{option.PatchItem, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().PatchItem(ctx, "1", patch, key.with(opts)...))
		}},
		{option.DeleteItem, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().DeleteItem(ctx, "1", key.with(opts)...))
		}},
		{option.ReadItem, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().ReadItem(ctx, "1", key.with(opts)...))
		}},
		{option.TransactionalBatch, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().TransactionalBatch(ctx, []Operation{OpCreate(item)}, opts...))
		}},
		{option.Bulk, func(ctx context.Context, f *fake, opts ...Option) error {
			return bulkError(f.orders().Bulk(ctx, slices.Values([]Operation{OpCreate(item)}), opts...))
		}},
		{option.CreateMany, func(ctx context.Context, f *fake, opts ...Option) error {
			return bulkError(f.orders().CreateMany(ctx, Each([]order{item}), opts...))
		}},
		{option.UpsertMany, func(ctx context.Context, f *fake, opts ...Option) error {
			return bulkError(f.orders().UpsertMany(ctx, Each([]order{item}), opts...))
		}},
		{option.ReplaceMany, func(ctx context.Context, f *fake, opts ...Option) error {
			return bulkError(f.orders().ReplaceMany(ctx, Each([]order{item}), opts...))
		}},
		{option.DeleteMany, func(ctx context.Context, f *fake, opts ...Option) error {
			return bulkError(f.orders().DeleteMany(ctx, keys, opts...))
		}},
		{option.PatchMany, func(ctx context.Context, f *fake, opts ...Option) error {
			return bulkError(f.orders().PatchMany(ctx, keys, patch, opts...))
		}},
		{option.ReadMany, func(ctx context.Context, f *fake, opts ...Option) error {
			return bulkError(f.orders().ReadMany(ctx, keys, opts...))
		}},
		{option.Query, func(ctx context.Context, f *fake, opts ...Option) error {
			args := make([]any, len(opts))
			for i, o := range opts {
				args[i] = o
			}
			return drained(Query[any](ctx, f.orders(), "SELECT * FROM c", args...))
		}},
		{option.Items, func(ctx context.Context, f *fake, opts ...Option) error {
			return drained(f.orders().Items(ctx, opts...))
		}},
		{option.ChangeFeed, func(ctx context.Context, f *fake, opts ...Option) error {
			return drained(f.orders().ChangeFeed(opts...).Items(ctx))
		}},
		{option.DeletePartition, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().DeletePartition(ctx, key.with(opts)...))
		}},
		{option.ExecuteStoredProcedure, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().ExecuteStoredProcedure(ctx, "p", nil, key.with(opts)...))
		}},
		{option.Databases,
			func(ctx context.Context, f *fake, opts ...Option) error { return drained(f.Databases(ctx, opts...)) }},
		{option.CreateDatabase, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.CreateDatabase(ctx, "d", opts...))
		}},
		{option.ReadDatabase, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.Database("shop").Read(ctx, opts...))
		}},
		{option.DeleteDatabase, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.Database("shop").Delete(ctx, opts...))
		}},
		{option.Containers, func(ctx context.Context, f *fake, opts ...Option) error {
			return drained(f.Database("shop").Containers(ctx, opts...))
		}},
		{option.CreateContainer, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.Database("shop").
				CreateContainer(ctx, ContainerProperties{ID: "c", PartitionKey: PartitionKeyPaths("/a")}, opts...))
		}},
		{option.ReadContainer, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.Database("shop").Container("stock").Read(ctx, opts...))
		}},
		{option.ReadUsage, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.Database("shop").Container("stock").ReadUsage(ctx, opts...))
		}},
		{option.Conflicts, func(ctx context.Context, f *fake, opts ...Option) error {
			return drained(f.orders().Conflicts(ctx, opts...))
		}},
		{option.DeleteConflict, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().DeleteConflict(ctx, "x", key.with(opts)...))
		}},
		{option.ReplaceContainer, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().Replace(ctx, ContainerProperties{ID: "orders"}, opts...))
		}},
		{option.DeleteContainer, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().Delete(ctx, opts...))
		}},
		{option.ListResources, func(ctx context.Context, f *fake, opts ...Option) error {
			return drained(f.orders().Triggers().List(ctx, opts...))
		}},
		{option.CreateResource, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().Triggers().Create(ctx, Trigger{ID: "t"}, opts...))
		}},
		{option.ReadResource, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().Triggers().Read(ctx, "t", opts...))
		}},
		{option.ReplaceResource, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().Triggers().Replace(ctx, Trigger{ID: "t"}, opts...))
		}},
		{option.DeleteResource, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.orders().Triggers().Delete(ctx, "t", opts...))
		}},
		{option.CreatePermission, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.Database("shop").Permissions("u").Create(ctx, Permission{ID: "p"}, opts...))
		}},
		{option.ReadPermission, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.Database("shop").Permissions("u").Read(ctx, "p", opts...))
		}},
		{option.ReplacePermission, func(ctx context.Context, f *fake, opts ...Option) error {
			return failed(f.Database("shop").Permissions("u").Replace(ctx, Permission{ID: "p"}, opts...))
		}},
	}
}()

// with is the option PartitionKey of k before opts.
func (k ItemKey) with(opts []Option) []Option { return append([]Option{k.option()}, opts...) }

var testGroup, _ = NewThroughputControlGroup(ThroughputControlGroupConfig{
	Name: "nightly", TargetThroughput: 500, ThroughputBucket: 3,
})

// everyOption is an example of every option, and what a request that carries it out shows: a header with a value, or a
// part of the body.
var everyOption = []struct {
	name                option.Name
	option              Option
	header, value, body string
}{
	{option.PartitionKey, PartitionKey("a"), "x-ms-documentdb-partitionkey", `["a"]`, ""},
	{option.SessionToken, SessionToken("0:-1#9"), "x-ms-session-token", "0:-1#9", ""},
	{option.Consistency, Consistency(ConsistencyEventual), "x-ms-consistency-level", "Eventual", ""},
	{option.PageSize, PageSize(7), "x-ms-max-item-count", "7", ""},
	{option.Continuation, Continuation("token"), "x-ms-continuation", "token", ""},
	{option.MaxConcurrency, MaxConcurrency(3), "", "", ""},
	{option.IfMatch, IfMatch(`"e"`), "If-Match", `"e"`, ""},
	{option.IfNoneMatch, IfNoneMatch(`"e"`), "If-None-Match", `"e"`, ""},
	{option.PatchCondition, PatchCondition("from c where c.a = 1"), "", "", `"condition":"from c where c.a = 1"`},
	{option.IndexingDirective, IndexingDirective("Include"), "x-ms-indexing-directive", "Include", ""},
	{option.ContentResponse, ContentResponse(true), "Prefer", "return=representation", ""},
	{option.RepeatWrites, RepeatWrites(true), "", "", ""},
	{option.InDatabase, InDatabase("d"), "", "", ""},
	{option.InContainer, InContainer("c"), "", "", ""},
	{option.Throughput, Throughput(400), "x-ms-offer-throughput", "400", ""},
	{option.AutoscaleThroughput, AutoscaleThroughput(4000), "x-ms-cosmos-offer-autopilot-settings",
		`{"maxThroughput":4000}`, ""},
	{option.Priority, Priority("Low"), "x-ms-cosmos-priority-level", "Low", ""},
	{option.ThroughputBucket, ThroughputBucket(5), "x-ms-cosmos-throughput-bucket", "5", ""},
	{option.Header, Header("x-ms-cosmos-workload-id", "7"), "x-ms-cosmos-workload-id", "7", ""},
	{option.MaxStaleness, MaxStaleness(1500 * time.Millisecond), "x-ms-dedicatedgateway-max-age", "1500", ""},
	{option.TokenLife, TokenLife(time.Minute), "x-ms-documentdb-expiry-seconds", "60", ""},
	{option.ScriptLogging, ScriptLogging(true), "x-ms-documentdb-script-enable-logging", "true", ""},
	{option.PreTriggers, PreTriggers("a", "b"), "x-ms-documentdb-pre-trigger-include", "a,b", ""},
	{option.PostTriggers, PostTriggers("c"), "x-ms-documentdb-post-trigger-include", "c", ""},
	{option.FromNow, FromNow(), "If-None-Match", "*", ""},
	{option.Since, Since(time.Unix(0, 0)), "If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT", ""},
	{option.AllVersions, AllVersions(), "", "", ""},              // TestChangeFeedAllVersions
	{option.MaxQueryMemory, MaxQueryMemory(1 << 20), "", "", ""}, // TestQueryMemory
	{option.ReadAhead, ReadAhead(false), "", "", ""},             // TestNothingIsFetchedAhead
	{option.QueryMetrics, QueryMetrics(true), "x-ms-documentdb-populatequerymetrics", "True", ""},
	{option.IndexMetrics, IndexMetrics(true), "x-ms-cosmos-populateindexmetrics", "True", ""},
	{option.QueryAdvice, QueryAdvice(true), "x-ms-cosmos-populatequeryadvice", "True", ""},
	{option.BypassCache, BypassCache(true), "x-ms-dedicatedgateway-bypass-cache", "true", ""},
	{option.ContinuationLimit, ContinuationLimit(2), "x-ms-documentdb-responsecontinuationtokenlimitinkb", "2", ""},
	{option.InFeedRange, InFeedRange(FeedRange{"", "1F"}), "x-ms-end-epk", "1F", ""},
	{option.FullTextScoreScope, FullTextScoreScope(ScoreLocal), "", "", ""}, // the pipeline carries it out
	{option.Distributed, Distributed(), "", "", ""},
	{option.OnProgress, OnProgress(func(Progress) {}), "", "", ""},
	// test/budget
	{option.MaxRUPerSecond, MaxRUPerSecond(2000), "", "", ""},
	// test/budget
	{option.InThroughputControlGroup, InThroughputControlGroup(testGroup), "x-ms-cosmos-throughput-bucket", "3", ""},
	// TestChangeFeedUntilNow
	{option.UntilNow, UntilNow(), "", "", ""},
	// TestExcludedRegions
	{option.ExcludedRegions, ExcludedRegions("West US"), "", "", ""},
}
