package cosmos

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/stretchr/testify/require"
)

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
