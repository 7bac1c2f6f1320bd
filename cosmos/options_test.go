package cosmos

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/stretchr/testify/require"
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

var testGroup, _ = NewThroughputControlGroup(ThroughputControlGroupConfig{Name: "nightly", TargetThroughput: 500,
	ThroughputBucket: 3})

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

// An option is carried out, or refused with both names and the way out before anything is sent. In a context it is
// skipped instead, but for one that guards or narrows an operation about documents.
func TestEveryOptionOnEveryOperation(t *testing.T) {
	t.Parallel()
	guards := []option.Name{option.PartitionKey, option.IfMatch, option.IfNoneMatch, option.PatchCondition,
		option.InFeedRange}
	for _, m := range everyMethod {
		for _, o := range everyOption {
			t.Run(m.op.Name+" "+o.option.Name(), func(t *testing.T) {
				t.Parallel()
				f := newFake(t, func(w http.ResponseWriter, c call) {
					if c.header.Get("x-ms-cosmos-is-batch-request") != "" {
						reply(w, http.StatusOK, `[{"statusCode":200,"resourceBody":{}}]`)
						return
					}
					if c.header.Get("A-IM") != "" {
						reply(w, http.StatusNotModified, "", "etag", `"1"`)
						return
					}
					reply(w, http.StatusOK, `{"id":"x","Documents":[],"Databases":[],"DocumentCollections":[],`+
						`"Triggers":[],"Conflicts":[]}`, "etag", `"1"`)
				})
				carried := m.call(WithOptions(t.Context(), o.option), f)
				if !m.op.Takes(o.name) {
					if m.op.Documents() && slices.Contains(guards, o.name) {
						require.ErrorContains(t, carried, "the context carries the option "+o.option.String()+
							", which "+m.op.Name+" cannot carry out: ")
						require.Zero(t, f.sent())
					} else {
						require.NoError(t, carried)
						if o.header != "" && !(o.name == option.FromNow && m.op == option.ChangeFeed) {
							require.NotEqual(t, o.value, f.last(t).header.Get(o.header), "skipped")
						}
					}
					before := f.sent()
					err := m.call(t.Context(), f, o.option)
					require.ErrorContains(t, err,
						"cosmos: the option "+o.option.String()+" does not apply to "+m.op.Name+": ")
					require.Equal(t, before, f.sent(), "nothing was sent")
					return
				}
				if o.name == option.Continuation &&
					(m.op == option.Query || m.op == option.Items || m.op == option.ChangeFeed) {
					require.ErrorContains(t, carried, "continuation", "these have tokens of their own")
					return
				}
				if o.name == option.AllVersions {
					require.ErrorContains(t, carried, "starts FromNow", "carried out in TestChangeFeedAllVersions")
					return
				}
				if o.name == option.IfNoneMatch && m.op == option.Query {
					require.ErrorContains(t, carried, "one whole document", "carried out in TestIfNoneMatchOfAQuery")
					return
				}
				require.NoError(t, carried)
				require.NoError(t, m.call(t.Context(), f, o.option))
				last := f.last(t)
				switch {
				case o.name == option.PartitionKey && last.header.Get("x-ms-cosmos-batch-atomic") == "False":
					require.Contains(t, last.body, `"partitionKey":"[\"a\"]"`, "of each operation")
				case o.header != "":
					require.Equal(t, o.value, last.header.Get(o.header))
				}
				require.Contains(t, strings.ReplaceAll(last.body, `\"`, `"`), o.body)
			})
		}
	}
}

func TestEveryOptionIsWalked(t *testing.T) {
	t.Parallel()
	walked := map[string]bool{}
	for _, o := range everyOption {
		require.Equal(t, o.name.String(), o.option.Name())
		walked[o.option.Name()] = true
	}
	for _, name := range option.Names() {
		require.True(t, walked[name], name)
	}
}

func TestEveryOptionOnEveryPart(t *testing.T) {
	t.Parallel()
	item := order{ID: "1", Customer: "a"}
	for op, part := range map[*option.Operation]func(opts ...Option) Operation{
		option.OpCreate:  func(opts ...Option) Operation { return OpCreate(item, opts...) },
		option.OpUpsert:  func(opts ...Option) Operation { return OpUpsert(item, opts...) },
		option.OpReplace: func(opts ...Option) Operation { return OpReplace("1", item, opts...) },
		option.OpPatch: func(opts ...Option) Operation {
			return OpPatch("1", []PatchOperation{PatchSet("/x", 1)}, opts...)
		},
		option.OpDelete: func(opts ...Option) Operation { return OpDelete("1", opts...) },
		option.OpRead:   func(opts ...Option) Operation { return OpRead("1", opts...) },
	} {
		for _, o := range everyOption {
			got := part(o.option)
			if !op.Takes(o.name) {
				require.ErrorContains(t, got.Err(),
					"cosmos: the option "+o.option.String()+" does not apply to "+op.Name+": ")
				continue
			}
			require.NoError(t, got.Err())
			require.NotEqual(t, part(), got, "the operation tells its %s", o.option)
		}
	}
}

// A guard that holds nothing, such as the ETag of a document that was never read, would let every write through.
func TestEmptyGuardsAreRefused(t *testing.T) {
	t.Parallel()
	for _, m := range everyMethod {
		for _, o := range []Option{IfMatch(""), PatchCondition("")} {
			f := newFake(t, okay)
			require.ErrorContains(t, m.call(t.Context(), f, o), "would not guard anything", "%s %s", m.op.Name, o)
			require.ErrorContains(t, m.call(WithOptions(t.Context(), o), f), "would not guard anything",
				"%s %s", m.op.Name, o)
			require.Zero(t, f.sent())
		}
	}
	require.ErrorContains(t, OpReplace("1", order{ID: "1"}, IfMatch("")).Err(), "would not guard anything")
	require.ErrorContains(t, OpPatch("1", nil, PatchCondition("")).Err(), "would not guard anything")
	f := newFake(t, okay)
	_, err := f.orders().ReadItem(t.Context(), "1", PartitionKey("a"), IfNoneMatch(""))
	require.NoError(t, err, "a read of what is not cached has no condition")
	require.Empty(t, f.last(t).header.Get("If-None-Match"))
}

func TestOperationTellsWhatItDoes(t *testing.T) {
	t.Parallel()
	o := OpPatch("1", []PatchOperation{PatchSet("/x", 1)}, PartitionKey("a", 5, nil, true, Undefined), IfMatch("e"),
		PatchCondition("from c"))
	require.Equal(t, KindPatch, o.Kind())
	require.Equal(t, "1", o.ID())
	require.Equal(t, []any{"a", 5.0, nil, true, Undefined}, o.PartitionKey())
	require.JSONEq(t, `{"condition":"from c","operations":[{"op":"set","path":"/x","value":1}]}`, string(o.Body()))
	require.Equal(t, "e", o.IfMatch())
	require.Equal(t, "from c", o.Condition())
	require.Equal(t, "Patch 1", o.String())
	require.Nil(t, OpCreate(order{ID: "1"}).PartitionKey())
	require.Equal(t, `e`, OpRead("1", IfNoneMatch("e")).IfNoneMatch())
	require.JSONEq(t, `{"id":"2","customer":"a","total":0}`,
		string(OpReplace("1", order{ID: "2", Customer: "a"}).Body()))
	require.Equal(t, OpDelete("1", PartitionKey("a")), OpDelete("1", PartitionKey("a")), "operations can be compared")
	require.ErrorContains(t, Operation{}.Err(), "the Operation is empty")
}

func TestConditionsThatContradict(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	_, err := f.orders().Do(t.Context(), OpDelete("1", PartitionKey("a"), IfMatch("x")), IfMatch("y"))
	require.EqualError(t, err,
		"cosmos: Delete 1: its IfMatch is x, but the one of the call or its context is y: give one of them")
	_, err = f.orders().Do(t.Context(), OpDelete("1", PartitionKey("a")), PartitionKey("b"))
	require.EqualError(t, err,
		`cosmos: Delete 1: its partition key is ["a"], but the option PartitionKey of the call says ["b"]`)
	require.Zero(t, f.sent())
	_, err = f.orders().Do(WithOptions(t.Context(), IfMatch("x")), OpDelete("1", PartitionKey("a"), IfMatch("x")))
	require.NoError(t, err)
	require.Equal(t, "x", f.last(t).header.Get("If-Match"))
}

func TestPartitionKeyOption(t *testing.T) {
	t.Parallel()
	key := func(values ...any) (string, error) {
		set, err := option.Resolve(t.Context(), option.Query, nil, []Option{PartitionKey(values...)})
		if err != nil {
			return "", err
		}
		return set.PartitionKey.Header(), nil
	}
	for _, tt := range []struct {
		values []any
		want   string
	}{
		{[]any{"p"}, `["p"]`},
		{[]any{"é\U0001F600\x01\""}, `["\u00e9\ud83d\ude00\u0001\""]`},
		{[]any{5}, `[5]`},
		{[]any{-1.5}, `[-1.5]`},
		{[]any{true}, `[true]`},
		{[]any{nil}, `[null]`},
		{[]any{Undefined}, `[{}]`},
		{[]any{"a", Undefined, nil}, `["a",{},null]`},
		{nil, `[]`},
	} {
		got, err := key(tt.values...)
		require.NoError(t, err)
		require.Equal(t, tt.want, got)
	}
	_, err := key(make(chan int))
	require.ErrorContains(t, err, "chan int")
	// The option keeps what it was given, whatever becomes of the slice.
	values := []any{"a", Undefined}
	o := PartitionKey(values...)
	require.Equal(t, Undefined, values[1], "the caller's slice is not touched")
	values[0] = "b"
	require.Equal(t, PartitionKey("a", Undefined), o)
}

func TestSystemKey(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	f.key = `{"paths":["/_partitionKey"],"systemKey":true}`
	_, err := f.orders().CreateItem(t.Context(), map[string]any{"id": "1"})
	require.NoError(t, err)
	require.Equal(t, `[]`, f.last(t).header.Get("x-ms-documentdb-partitionkey"))
	_, err = f.orders().ReadItem(t.Context(), "1", PartitionKey())
	require.NoError(t, err)
	require.Equal(t, `[]`, f.last(t).header.Get("x-ms-documentdb-partitionkey"))
}

func TestRepeatWritesOption(t *testing.T) {
	t.Parallel()
	for _, allow := range []bool{false, true} {
		var failures atomic.Int32
		f := newFake(t, nil)
		f.raw = func(w http.ResponseWriter, r *http.Request) {
			if failures.Add(1) < 3 {
				panic(http.ErrAbortHandler)
			}
			reply(w, 201, `{}`)
		}
		_, err := f.orders().UpsertItem(t.Context(), order{ID: "1", Customer: "a"}, RepeatWrites(allow))
		if allow {
			require.NoError(t, err)
			require.EqualValues(t, 3, failures.Load())
		} else {
			require.ErrorIs(t, err, ErrUnknownOutcome)
			require.EqualValues(t, 1, failures.Load())
		}
	}
}
