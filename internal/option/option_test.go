package option

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/budget"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/stretchr/testify/require"
)

func size(n int) Option    { return New(PageSize, n) }
func into(c string) Option { return New(InContainer, c) }
func in(p string) Option   { return New(PartitionKey, partition.Key{partition.String(p)}) }

func resolve(t *testing.T, ctx context.Context, op *Operation, defaults, args []Option) *Set {
	t.Helper()
	s, err := Resolve(ctx, op, defaults, args)
	require.NoError(t, err)
	return s
}

func TestResolveOrder(t *testing.T) {
	t.Parallel()
	connection := WithDefaults(t.Context(), []Option{size(5), into("connection")})
	ctx := With(t.Context(), []Option{size(2), into("context"), {}})
	for _, tt := range []struct {
		name           string
		ctx            context.Context
		defaults, args []Option
		size           int
		container      string
	}{
		{"nothing", t.Context(), nil, nil, 0, ""},
		{"client", t.Context(), []Option{size(1), into("client")}, nil, 1, "client"},
		{"connection over client", connection, []Option{size(1), into("client")}, nil, 5, "connection"},
		{"context over connection", With(connection, []Option{size(2)}), []Option{size(1)}, nil, 2, "connection"},
		{"connection below a context that came first", WithDefaults(ctx, []Option{size(5)}), []Option{size(1)}, nil,
			2, "context"},
		{"arguments over all", ctx, []Option{size(1)}, []Option{{}, size(3)}, 3, "context"},
		{"the last argument wins", ctx, nil, []Option{size(3), size(4)}, 4, "context"},
		{"zero is a value too", ctx, nil, []Option{size(0)}, 0, "context"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := resolve(t, tt.ctx, Select, tt.defaults, tt.args)
			require.Equal(t, tt.size, s.PageSize)
			require.Equal(t, tt.container, s.Container)
		})
	}
}

func TestContextsStack(t *testing.T) {
	t.Parallel()
	outer := With(t.Context(), []Option{size(1), into("a")})
	inner := With(outer, []Option{size(2)})
	sibling := With(outer, []Option{into("b")})
	require.Equal(t, 2, resolve(t, inner, Select, nil, nil).PageSize)
	require.Equal(t, "a", resolve(t, inner, Select, nil, nil).Container)
	require.Equal(t, 1, resolve(t, sibling, Select, nil, nil).PageSize, "siblings do not see each other")
	require.Equal(t, "b", resolve(t, sibling, Select, nil, nil).Container)
	require.Equal(t, 1, resolve(t, outer, Select, nil, nil).PageSize)
}

func TestNobodySaysAnything(t *testing.T) {
	t.Parallel()
	none := t.Context()
	require.Equal(t, none, With(none, nil))
	require.Equal(t, none, Unguarded(none, nil))
	require.True(t, None(none, nil))
	for who, said := range map[string]bool{
		"a call": None(none, []Option{size(1)}), "a context": None(With(none, []Option{size(1)}), nil),
		"a connection": None(WithDefaults(none, []Option{size(1)}), nil),
	} {
		require.False(t, said, who)
	}
	require.True(t, None(Bare(With(none, []Option{size(1)})), nil))
}

func TestDefaultKeyGivesWay(t *testing.T) {
	t.Parallel()
	require.True(t, resolve(t, t.Context(), Query, []Option{in("a")}, nil).DefaultKey)
	require.True(t, resolve(t, WithDefaults(t.Context(), []Option{in("a")}), Query, nil, nil).DefaultKey)
	require.False(t, resolve(t, WithDefaults(t.Context(), nil), Query, nil, nil).DefaultKey)
	require.False(t, resolve(t, With(t.Context(), []Option{in("a")}), Query, []Option{in("b")}, nil).DefaultKey)
	require.False(t, resolve(t, t.Context(), Query, []Option{in("b")}, []Option{in("a")}).DefaultKey)
}

func TestFirstFailureStays(t *testing.T) {
	t.Parallel()
	first, second := errors.New("first"), errors.New("second")
	_, err := Resolve(t.Context(), Query, []Option{Bad(PageSize, -5, first)}, []Option{Bad(PageSize, -6, second)})
	require.ErrorIs(t, err, first)
	_, err = Resolve(t.Context(), Query, nil, []Option{size(1), Bad(PageSize, -6, second)})
	require.ErrorIs(t, err, second, "an argument is looked at, too")
	require.ErrorIs(t, Check([]Option{size(1), Bad(PageSize, -5, first)}), first)
	require.NoError(t, Check([]Option{size(1), {}}))
}

func TestUnguarded(t *testing.T) {
	t.Parallel()
	ctx := With(WithDefaults(t.Context(), []Option{in("default"), size(1)}),
		[]Option{New(IfMatch, "e"), New(Priority, "Low")})
	ctx = Unguarded(ctx, []Option{in("a"), New(PatchCondition, "c"), size(2)})
	s := resolve(t, ctx, Query, nil, nil)
	require.Equal(t, "Low", s.Priority)
	require.Equal(t, 2, s.PageSize)
	require.Equal(t, `["default"]`, s.PartitionKey.Header())
	require.True(t, s.DefaultKey)
	require.Empty(t, resolve(t, ctx, PatchItem, nil, nil).IfMatch)
}

func TestOptionsCompareAndPrint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		o    Option
		want string
	}{
		{Option{}, "no option"},
		{New(PartitionKey, partition.Key{partition.String("ada"), partition.Number(5), partition.Undefined}),
			`PartitionKey("ada", 5, {})`},
		{New(IfMatch, `"e"`), `IfMatch("\"e\"")`},
		{size(7), "PageSize(7)"},
		{New(ContentResponse, true), "ContentResponse(true)"},
		{New(MaxStaleness, time.Second), "MaxStaleness(1s)"},
		{New(FromNow, nil), "FromNow()"},
		{New(Since, time.Unix(0, 0).UTC()), "Since(1970-01-01T00:00:00Z)"},
		{New(InFeedRange, [2]string{"", "FF"}), "InFeedRange([, FF))"},
		{New(OnProgress, func(Progress) {}), "OnProgress(func)"},
		{New(Header, [2]string{"X-A", "b"}), `Header("X-A", "b")`},
		{New(ExcludedRegions, []string{"West US", "East US"}), `ExcludedRegions("West US", "East US")`},
		{New(InThroughputControlGroup, &budget.Group{Name: "nightly"}), "InThroughputControlGroup(nightly)"},
		{New(MaxRUPerSecond, budget.NewLimiter("a", 1)), "MaxRUPerSecond(shared)"},
	} {
		require.Equal(t, tt.want, tt.o.String())
		require.Equal(t, "cosmos."+tt.want, tt.o.GoString())
	}
	require.True(t, reflect.DeepEqual(in("a"), in("a")))
	require.False(t, reflect.DeepEqual(in("a"), in("b")))
	require.Equal(t, "PageSize", size(1).Name())
	for n := none + 1; n < names; n++ {
		require.NotEmpty(t, n.String())
	}
}

// examples has a value for every option.
var examples = map[Name]any{
	PartitionKey:             partition.Key{},
	SessionToken:             "t",
	Consistency:              "Strong",
	PageSize:                 1,
	Continuation:             "c",
	MaxConcurrency:           1,
	IfMatch:                  "e",
	IfNoneMatch:              "e",
	PatchCondition:           "c",
	IndexingDirective:        "Include",
	ContentResponse:          true,
	RepeatWrites:             true,
	InDatabase:               "d",
	InContainer:              "c",
	Throughput:               400,
	AutoscaleThroughput:      4000,
	Priority:                 "Low",
	ThroughputBucket:         1,
	MaxStaleness:             time.Second,
	TokenLife:                time.Minute,
	ScriptLogging:            true,
	PreTriggers:              "a",
	PostTriggers:             "b",
	FromNow:                  nil,
	Since:                    time.Unix(1, 0),
	AllVersions:              nil,
	InFeedRange:              [2]string{"", "FF"},
	OnProgress:               func(Progress) {},
	MaxQueryMemory:           int64(1 << 20),
	ReadAhead:                true,
	QueryMetrics:             true,
	IndexMetrics:             true,
	QueryAdvice:              true,
	BypassCache:              true,
	ContinuationLimit:        1,
	FullTextScoreScope:       true,
	ExcludedRegions:          []string{"West US"},
	Distributed:              nil,
	MaxRUPerSecond:           5,
	InThroughputControlGroup: &budget.Group{Name: "nightly", Target: 100, Priority: "Low", Bucket: 2},
	UntilNow:                 nil,
	Header:                   [2]string{"X-A", "b"},
}

// Every option leaves something in the set, and every operation says of each that it does not take what to do instead.
func TestEveryOption(t *testing.T) {
	t.Parallel()
	require.Len(t, examples, int(names-none-1))
	require.Len(t, Names(), len(examples))
	operations := append([]*Operation{OpCreate, OpUpsert, OpReplace, OpPatch, OpDelete, OpRead, CreateMany, txInsert,
		Transactional(t)}, append(methods, statements...)...)
	for n, v := range examples {
		s, err := Resolve(t.Context(), AnyStatement, nil, []Option{New(n, v)})
		require.NoError(t, err)
		require.NotEqual(t, &Set{}, s, n)
		require.True(t, AnyStatement.Takes(n))
		for _, op := range operations {
			if op.Takes(n) {
				continue
			}
			_, err := Resolve(t.Context(), op, nil, []Option{New(n, v)})
			require.ErrorContains(t, err, "does not apply to "+op.Name+": ")
			_, err = Resolve(With(t.Context(), []Option{New(n, v)}), op, nil, nil)
			if op.Documents() && guards.has(n) && !op.part {
				require.ErrorContains(t, err, "which "+op.Name+" cannot carry out: ")
			} else {
				require.NoError(t, err, "skipped")
			}
		}
	}
}

// The requests of one statement share its budget; a control group says priority and bucket.
func TestBudgets(t *testing.T) {
	t.Parallel()
	s := resolve(t, t.Context(), Update, nil, []Option{New(MaxRUPerSecond, 5)})
	require.NotNil(t, s.Budget)
	require.Same(t, s.Budget, resolve(t, Sharing(t.Context(), s), PatchItem, nil, nil).Budget)
	require.Nil(t, resolve(t, Sharing(t.Context(), &Set{}), PatchItem, nil, nil).Budget)
	require.Same(t, s.Budget, resolve(t, t.Context(), PatchItem, nil, Shared(s)).Budget)
	require.Empty(t, Shared(&Set{}), "who has no budget has none to share")
	none := []Option{New(MaxRUPerSecond, 0)}
	require.Nil(t, resolve(t, With(t.Context(), []Option{New(MaxRUPerSecond, 5)}), PatchItem, nil, none).Budget,
		"0 takes it back")
	require.Nil(t, resolve(t, Bare(Sharing(t.Context(), s)), PatchItem, nil, nil).Budget)

	group := New(InThroughputControlGroup, &budget.Group{Name: "nightly", Priority: "Low", Bucket: 2})
	s = resolve(t, t.Context(), Query, nil, []Option{group})
	require.Equal(t, "Low", s.Priority)
	require.Equal(t, 2, s.ThroughputBucket)
}

// A query is read ahead of as its caller says; that rows are read on to the end is told beside that.
func TestReadAhead(t *testing.T) {
	t.Parallel()
	require.True(t, resolve(t, t.Context(), AnyStatement, nil, []Option{New(ReadAhead, nil)}).ReadsOn)
	s := resolve(t, t.Context(), AnyStatement, nil, []Option{New(ReadAhead, false)})
	require.False(t, *s.ReadAhead)
	require.False(t, s.ReadsOn)
}

// Transactional is an operation of a transaction.
func Transactional(t *testing.T) *Operation {
	t.Helper()
	for _, op := range []*Operation{Insert, Upsert, Update, Delete} {
		require.NotSame(t, op, op.InTransaction())
		require.True(t, op.InTransaction().Documents())
	}
	require.Same(t, Select, Select.InTransaction())
	return Update.InTransaction()
}
