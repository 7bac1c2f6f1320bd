package option

import (
	"slices"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/budget"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/stretchr/testify/require"
)

// TestWhatEachOptionSays: an option says its own thing, and nothing else. What a request does with it is the request's.
func TestWhatEachOptionSays(t *testing.T) {
	t.Parallel()
	yes, second := true, 1000
	group := examples[InThroughputControlGroup].(*budget.Group)
	for n, want := range map[Name]Set{
		PartitionKey:             {PartitionKey: partition.Key{}},
		SessionToken:             {SessionToken: "t"},
		Consistency:              {Consistency: "Strong"},
		PageSize:                 {PageSize: 1},
		Continuation:             {Continuation: "c"},
		MaxConcurrency:           {MaxConcurrency: 1},
		MaxQueryMemory:           {MaxQueryMemory: 1 << 20},
		ReadAhead:                {ReadAhead: &yes},
		IfMatch:                  {IfMatch: "e"},
		IfNoneMatch:              {IfNoneMatch: "e"},
		PatchCondition:           {Condition: "c"},
		IndexingDirective:        {IndexingDirective: "Include"},
		ContentResponse:          {ContentResponse: &yes},
		RepeatWrites:             {RepeatWrites: true},
		InDatabase:               {Database: "d"},
		InContainer:              {Container: "c"},
		Throughput:               {Throughput: 400},
		AutoscaleThroughput:      {AutoscaleThroughput: 4000},
		Priority:                 {Priority: "Low", ownPriority: "Low"},
		ThroughputBucket:         {ThroughputBucket: 1, ownBucket: 1},
		MaxStaleness:             {MaxStaleness: &second},
		TokenLife:                {TokenLife: 60},
		ScriptLogging:            {ScriptLogging: true},
		PreTriggers:              {PreTriggers: "a"},
		PostTriggers:             {PostTriggers: "b"},
		FromNow:                  {ChangesFromNow: true},
		Since:                    {ChangesSince: time.Unix(1, 0)},
		UntilNow:                 {UntilNow: true},
		AllVersions:              {AllVersions: true},
		InFeedRange:              {FeedRange: &[2]string{"", "FF"}},
		QueryMetrics:             {QueryMetrics: true},
		IndexMetrics:             {IndexMetrics: true},
		QueryAdvice:              {QueryAdvice: true},
		BypassCache:              {BypassCache: true},
		ContinuationLimit:        {ContinuationLimit: 1},
		FullTextScoreScope:       {LocalScores: true},
		ExcludedRegions:          {ExcludedRegions: []string{"West US"}},
		Distributed:              {Distributed: true},
		MaxRUPerSecond:           {Budget: budget.NewLimiter("MaxRUPerSecond(5)", 5)},
		InThroughputControlGroup: {Group: group, Priority: "Low", ThroughputBucket: 2},
		Header:                   {Headers: [][2]string{{"X-A", "b"}}},
	} {
		got := resolve(t, t.Context(), AnyStatement, nil, []Option{New(n, examples[n])})
		if n == MaxRUPerSecond {
			require.Equal(t, want.Budget.String(), got.Budget.String())
			want.Budget = got.Budget // has channels
		}
		require.Equal(t, &want, got, n)
	}
}

// Fields of headers come together from everywhere, in the order in which the later value of a name wins.
func TestHeadersGather(t *testing.T) {
	t.Parallel()
	header := func(value string) []Option { return []Option{New(Header, [2]string{"X-A", value})} }
	ctx := With(WithDefaults(t.Context(), header("connection")), header("context"))
	s := resolve(t, ctx, Query, header("client"), header("argument"))
	require.Equal(t, [][2]string{{"X-A", "client"}, {"X-A", "connection"}, {"X-A", "context"}, {"X-A", "argument"}},
		s.Headers)
	require.Len(t, resolve(t, ctx, Query, header("client"), nil).Headers, 3, "the one call keeps nothing for the other")
}

// Of a group and of an option that says the same the later wins, as everywhere; a group that says nothing of them
// leaves what options say, not what a group says that it takes the place of.
func TestGroupAmongOthers(t *testing.T) {
	t.Parallel()
	urgent := []Option{New(Priority, "High"), New(ThroughputBucket, 5)}
	says := []Option{New(InThroughputControlGroup, &budget.Group{Name: "nightly", Priority: "Low", Bucket: 2})}
	silent := []Option{New(InThroughputControlGroup, &budget.Group{Name: "daily"})}
	for _, tt := range []struct {
		name           string
		defaults, args []Option
		priority       string
		bucket         int
	}{
		{"the group last", urgent, says, "Low", 2},
		{"the group first", says, urgent, "High", 5},
		{"a group that says nothing", urgent, silent, "High", 5},
		{"another group", says, silent, "", 0},
		{"another group, and options", slices.Concat(urgent, says), silent, "High", 5},
		{"another group that says it", silent, says, "Low", 2},
	} {
		s := resolve(t, t.Context(), Query, tt.defaults, tt.args)
		require.Equal(t, tt.priority, s.Priority, tt.name)
		require.Equal(t, tt.bucket, s.ThroughputBucket, tt.name)
	}
}
