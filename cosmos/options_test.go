package cosmos

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/stretchr/testify/require"
)

// Each option and the header it becomes; where it does not belong, it must not be sent.
func TestOptionHeaders(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		option      Option
		header      string
		read, write string // on a read, on a write
	}{
		{"session token", SessionToken("0:-1#9"), "x-ms-session-token", "0:-1#9", "0:-1#9"},
		{"consistency", Consistency(ConsistencyEventual), "x-ms-consistency-level", "Eventual", ""},
		{"if match", IfMatch(`"e"`), "If-Match", `"e"`, `"e"`},
		{"if none match", IfNoneMatch(`"e"`), "If-None-Match", `"e"`, `"e"`},
		{"indexing", IndexingDirective("Include"), "x-ms-indexing-directive", "", "Include"},
		{"no content", ContentResponse(false), "Prefer", "", "return=minimal"},
		{"content", ContentResponse(true), "Prefer", "", "return=representation"},
		{"priority", Priority("High"), "x-ms-cosmos-priority-level", "High", "High"},
		{"bucket", ThroughputBucket(5), "x-ms-cosmos-throughput-bucket", "5", "5"},
		{"staleness", MaxStaleness(1500 * time.Millisecond), "x-ms-dedicatedgateway-max-age", "1500", ""},
		{"no staleness", MaxStaleness(0), "x-ms-dedicatedgateway-max-age", "0", ""},
		{"pre triggers", PreTriggers("a", "b"), "x-ms-documentdb-pre-trigger-include", "", "a,b"},
		{"post triggers", PostTriggers("c"), "x-ms-documentdb-post-trigger-include", "", "c"},
		{"nothing", nil, "x-ms-session-token", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, okay)
			_, err := f.orders().ReadItem(t.Context(), "1", PartitionKey("a"), tt.option)
			require.NoError(t, err)
			require.Equal(t, tt.read, f.last(t).header.Get(tt.header))
			_, err = f.orders().CreateItem(t.Context(), order{ID: "1", Customer: "a"}, tt.option)
			require.NoError(t, err)
			require.Equal(t, tt.write, f.last(t).header.Get(tt.header))
			_, err = f.orders().DeleteItem(t.Context(), "1", PartitionKey("a"), tt.option)
			require.NoError(t, err)
			require.Equal(t, tt.write, f.last(t).header.Get(tt.header))
		})
	}
}

// Options that no header carries, as the driver reads them.
func TestOptionSet(t *testing.T) {
	t.Parallel()
	ctx := WithOptions(t.Context(), InDatabase("shop"), InContainer("orders"), PageSize(5))
	set := option.Resolve(ctx, []Option{PageSize(1), MaxConcurrency(3)}, []Option{InContainer("other"), nil, Continuation("c"), RepeatWrites(true)})
	require.NoError(t, set.Err)
	require.Equal(t, "shop", set.Database)
	require.Equal(t, "other", set.Container)
	require.Equal(t, 5, set.PageSize)
	require.Equal(t, 3, set.MaxConcurrency)
	require.Equal(t, "c", set.Continuation)
	require.True(t, set.RepeatWrites)
	require.Nil(t, set.PartitionKey)

	inner := WithOptions(ctx, InDatabase("inner"))
	require.Equal(t, "inner", option.Resolve[Option](inner, nil, nil).Database)
	require.Equal(t, "shop", option.Resolve[Option](ctx, nil, nil).Database, "the outer context stays as it was")

	set = option.Resolve(t.Context(), nil, []Option{PageSize(-1), MaxConcurrency(-1)})
	require.ErrorContains(t, set.Err, "page size", "the first mistake is the one reported")
	set = option.Resolve(t.Context(), nil, []Option{Throughput(-5)})
	require.ErrorContains(t, set.Err, "throughput of -5 is not positive")
	set = option.Resolve(t.Context(), nil, []Option{AutoscaleThroughput(0)})
	require.ErrorContains(t, set.Err, "autoscale throughput of 0 is not positive")
}

func TestPartitionKeyOption(t *testing.T) {
	t.Parallel()
	key := func(values ...any) (string, error) {
		set := option.Resolve(t.Context(), nil, []Option{PartitionKey(values...)})
		return set.PartitionKey.Header(), set.Err
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
	require.Equal(t, `["a",{}]`, option.Resolve(t.Context(), nil, []Option{o}).PartitionKey.Header())
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
