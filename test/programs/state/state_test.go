package state_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/test/programs/state"
)

func open(t *testing.T) (state.Store, *cosmostest.Server) {
	t.Helper()
	srv := cosmostest.RunT(t)
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	_, err = client.CreateDatabase(t.Context(), "runtime")
	require.NoError(t, err)
	s, err := state.Open(t.Context(), client.Database("runtime"), "state")
	require.NoError(t, err)
	return s, srv
}

var cart = state.Key{App: "shop", Name: "shop||cart"}

func value(t *testing.T, s state.Store, key state.Key) string {
	t.Helper()
	got, err := s.Get(t.Context(), key)
	require.NoError(t, err)
	return string(got.Value)
}

func TestSet(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	require.Empty(t, value(t, s, cart))

	first, err := s.Set(ctx, state.Set{Key: cart, Value: 1, FirstWrite: true})
	require.NoError(t, err)
	_, err = s.Set(ctx, state.Set{Key: cart, Value: "x", FirstWrite: true})
	require.ErrorIs(t, err, state.ErrETagMismatch, "there is one already")

	second, err := s.Set(ctx, state.Set{Key: cart, Value: 2, ETag: first, FirstWrite: true})
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	_, err = s.Set(ctx, state.Set{Key: cart, Value: "x", ETag: first})
	require.ErrorIs(t, err, state.ErrETagMismatch)
	require.Equal(t, "2", value(t, s, cart))

	_, err = s.Set(ctx, state.Set{Key: cart, Value: map[string]any{"n": 3}})
	require.NoError(t, err, "the last write wins")
	require.JSONEq(t, `{"n": 3}`, value(t, s, cart))

	require.ErrorIs(t, s.Delete(ctx, state.Delete{Key: cart, ETag: second}), state.ErrETagMismatch)
	got, err := s.Get(ctx, cart)
	require.NoError(t, err)
	require.NoError(t, s.Delete(ctx, state.Delete{Key: cart, ETag: got.ETag}))
	require.NoError(t, s.Delete(ctx, state.Delete{Key: cart}), "deleting what is not there changes nothing")
	_, err = s.Set(ctx, state.Set{Key: cart, Value: "x", ETag: got.ETag})
	require.ErrorIs(t, err, state.ErrETagMismatch, "a deleted key does not come back")
}

func TestTimeToLive(t *testing.T) {
	s, srv := open(t)
	for name, ttl := range map[string]time.Duration{"short": 1500 * time.Millisecond, "long": time.Hour, "ever": 0} {
		_, err := s.Set(t.Context(), state.Set{Key: state.Key{App: "shop", Name: name}, Value: name, TTL: ttl})
		require.NoError(t, err)
	}
	short, err := s.Get(t.Context(), state.Key{App: "shop", Name: "short"})
	require.NoError(t, err)
	require.WithinDuration(t, time.Now().Add(2*time.Second), short.Expires, 5*time.Second)

	srv.Advance(time.Minute)
	page, err := s.Query(t.Context(), state.Query{})
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"long", "ever"}, names(page.Items))

	// A write without a time to live lifts it.
	_, err = s.Set(t.Context(), state.Set{Key: state.Key{App: "shop", Name: "long"}, Value: "longer"})
	require.NoError(t, err)
	srv.Advance(2 * time.Hour)
	require.Equal(t, `"longer"`, value(t, s, state.Key{App: "shop", Name: "long"}))
}

func TestTransact(t *testing.T) {
	s, _ := open(t)
	ctx := t.Context()
	a, b, c := state.Key{App: "shop", Name: "a"}, state.Key{App: "shop", Name: "b"}, state.Key{App: "shop", Name: "c"}
	etag, err := s.Set(ctx, state.Set{Key: a, Value: 1})
	require.NoError(t, err)

	require.NoError(t, s.Transact(ctx, "shop",
		state.Set{Key: a, Value: 2, ETag: etag}, state.Set{Key: b, Value: 1, FirstWrite: true},
		state.Set{Key: c, Value: 1}, state.Delete{Key: c}))
	require.Equal(t, []string{"2", "1", ""}, []string{value(t, s, a), value(t, s, b), value(t, s, c)})

	err = s.Transact(ctx, "shop", state.Set{Key: b, Value: 9}, state.Set{Key: a, Value: 9, ETag: etag})
	require.ErrorIs(t, err, state.ErrETagMismatch)
	var failed *cosmos.BatchError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 1, failed.Index)
	require.Equal(t, "1", value(t, s, b), "nothing of it was done")

	err = s.Transact(ctx, "shop", state.Set{Key: b, Value: 9},
		state.Set{Key: state.Key{App: "bank", Name: "x"}, Value: 9})
	require.ErrorContains(t, err, "bank")
	require.NotErrorIs(t, err, state.ErrETagMismatch)
	require.ErrorContains(t, s.Transact(ctx, "shop", "set"), "change 0")
}

func TestBulkGet(t *testing.T) {
	s, _ := open(t)
	var keys []state.Key
	for i := range 300 {
		key := state.Key{App: fmt.Sprint("app", i%7), Name: fmt.Sprint("key", i)}
		keys = append(keys, key)
		if i%3 > 0 {
			_, err := s.Set(t.Context(), state.Set{Key: key, Value: i})
			require.NoError(t, err)
		}
	}
	items := s.BulkGet(t.Context(), keys)
	require.Len(t, items, 300)
	for i, item := range items {
		require.NoError(t, item.Err)
		require.Equal(t, keys[i], item.Key)
		require.Equal(t, i%3 > 0, item.ETag != "")
		if i%3 > 0 {
			require.Equal(t, fmt.Sprint(i), string(item.Value))
		}
	}
	require.Empty(t, s.BulkGet(t.Context(), nil))
}

func TestQuery(t *testing.T) {
	s, srv := open(t)
	for i := range 100 {
		_, err := s.Set(t.Context(), state.Set{
			Key: state.Key{App: fmt.Sprint("app", i%5), Name: fmt.Sprintf("key%02d", i)},
			Value: map[string]any{
				"n": 99 - i, "person": map[string]any{"org": string(rune('A' + i%4)), `o"d]d`: i%2 == 1},
				"order": i / 50,
			},
		})
		require.NoError(t, err)
	}
	org := func(v any) state.Filter { return state.EQ{Path: "person.org", Value: v} }
	tests := []struct {
		name        string
		q           state.Query
		n           int
		first, last string // with a sort
	}{
		{"all", state.Query{}, 100, "", ""},
		{"one application", state.Query{App: "app3"}, 20, "", ""},
		{"equal", state.Query{Filter: org("B")}, 25, "", ""},
		{"in", state.Query{Filter: state.IN{Path: "person.org", Values: []any{"A", "D", 1}}}, 50, "", ""},
		{"in nothing", state.Query{Filter: state.IN{Path: "person.org"}}, 0, "", ""},
		{"and, or", state.Query{Filter: state.AND{state.OR{org("A"), org("B")}, state.EQ{Path: "order", Value: 1}}},
			24, "", ""},
		{"or of nothing", state.Query{Filter: state.OR{}}, 0, "", ""},
		{"a name with quotes", state.Query{Filter: state.EQ{Path: `person.o"d]d`, Value: true}}, 50, "", ""},
		{"a value with quotes", state.Query{Filter: org(`' OR true OR '`)}, 0, "", ""},
		{"sorted", state.Query{Sort: "n"}, 100, "key99", "key00"},
		{"sorted down", state.Query{Sort: "n", Desc: true, Filter: org("C")}, 25, "key02", "key98"},
		{"sorted, one application", state.Query{App: "app1", Sort: "n"}, 20, "key96", "key01"},
	}
	for _, tt := range tests {
		for _, limit := range []int{0, 1, 7, 100} {
			t.Run(fmt.Sprint(tt.name, " by ", limit), func(t *testing.T) {
				q := tt.q
				q.Limit = limit
				var got []string
				for {
					page, err := s.Query(t.Context(), q)
					require.NoError(t, err)
					require.True(t, limit == 0 || len(page.Items) <= limit)
					got = append(got, names(page.Items)...)
					if q.Token = page.Token; q.Token == "" {
						break
					}
				}
				require.Len(t, got, tt.n)
				if tt.first != "" {
					require.Equal(t, []string{tt.first, tt.last}, []string{got[0], got[len(got)-1]})
				}
				seen := map[string]bool{}
				for _, name := range got {
					require.False(t, seen[name], "%s came twice", name)
					seen[name] = true
				}
			})
		}
	}

	// Ten pages for a client on the web, each with a pager of its own: about one request a page.
	before, q := srv.Count(cosmostest.Query), state.Query{Limit: 10}
	for range 10 {
		page, err := s.Query(t.Context(), q)
		require.NoError(t, err)
		require.Len(t, page.Items, 10)
		q.Token = page.Token
	}
	require.LessOrEqual(t, srv.Count(cosmostest.Query)-before, 15)
}

func TestBadTokens(t *testing.T) {
	s, _ := open(t)
	for i := range 20 {
		_, err := s.Set(t.Context(),
			state.Set{Key: state.Key{App: fmt.Sprint(i), Name: "k"}, Value: map[string]any{"n": i}})
		require.NoError(t, err)
	}
	page, err := s.Query(t.Context(), state.Query{Sort: "n", Limit: 5})
	require.NoError(t, err)
	for _, q := range []state.Query{
		{Sort: "n", Token: "made up"},
		{Sort: "n", Token: page.Token[:len(page.Token)/2]},
		{Sort: "m", Token: page.Token},
		{Token: page.Token},
	} {
		_, err := s.Query(t.Context(), q)
		require.ErrorIs(t, err, state.ErrBadToken)
	}
	require.False(t, strings.ContainsAny(page.Token, "\r\n"), "it fits into a header")
}

func names(items []state.Item) (names []string) {
	for _, i := range items {
		names = append(names, i.Key.Name)
	}
	return names
}
