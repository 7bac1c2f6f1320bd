package store_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/examples/ai/store"
)

func history(t *testing.T) (*store.History, *cosmos.Container) {
	c, _ := container(t, store.HistoryContainer("chats", 0))
	h, err := store.OpenHistory(t.Context(), c, "ann")
	require.NoError(t, err)
	return h, c
}

func contents(t *testing.T, h *store.History) []string {
	list := []string{}
	for m, err := range h.Messages(t.Context()) {
		require.NoError(t, err)
		list = append(list, m.Content)
	}
	return list
}

func TestHistory(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h, c := history(t)
	require.Empty(t, contents(t, h))
	at := time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)
	stored, err := h.Append(
		ctx,
		store.Message{Role: "human", Content: "hi", At: at},
		store.Message{Role: "ai", Content: "hello", Extra: json.RawMessage(`{"a":1}`)},
	)
	require.NoError(t, err)
	require.Equal(t, int64(2), stored[1].Seq)
	for m, err := range h.Messages(ctx) {
		require.NoError(t, err)
		if m.Seq == 1 {
			require.Equal(t, store.Message{Seq: 1, Role: "human", Content: "hi", At: at}, m)
		} else {
			require.JSONEq(t, `{"a":1}`, string(m.Extra))
			require.False(t, m.At.IsZero())
		}
	}

	// Another session does not see them.
	bob, err := store.OpenHistory(ctx, c, "bob")
	require.NoError(t, err)
	require.Empty(t, contents(t, bob))
	_, err = bob.Append(ctx, store.Message{Content: "who's there?"})
	require.NoError(t, err)

	require.NoError(t,
		h.Set(ctx, store.Message{Content: "a"}, store.Message{Content: "b"}, store.Message{Content: "c"}))
	require.Equal(t, []string{"a", "b", "c"}, contents(t, h))
	require.NoError(t, h.Keep(ctx, 2))
	require.Equal(t, []string{"b", "c"}, contents(t, h))
	require.NoError(t, h.Clear(ctx))
	require.Empty(t, contents(t, h))
	require.NoError(t, h.Clear(ctx))
	require.Equal(t, []string{"who's there?"}, contents(t, bob))

	_, err = h.Append(ctx)
	require.NoError(t, err)
	_, err = h.Append(ctx, make([]store.Message, 101)...)
	require.ErrorContains(t, err, "101 messages in one Append, which is one transaction: 100 at most")
	require.NoError(t, h.Set(ctx, make([]store.Message, 250)...))
	require.Len(t, contents(t, h), 250)
	_, err = store.OpenHistory(ctx, c, "")
	require.ErrorContains(t, err, "name of its session")
	_, _, err = h.Page(ctx, 0, 0)
	require.ErrorContains(t, err, "1 to 1000")
}

// A reader that scrolls back sees each message once, whatever is written meanwhile.
func TestHistoryPages(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	h, _ := history(t)
	for i := range 25 {
		_, err := h.Append(ctx, store.Message{Content: fmt.Sprint(i + 1)})
		require.NoError(t, err)
	}
	var seen []string
	var before int64
	for more := true; more; {
		var page []store.Message
		var err error
		page, more, err = h.Page(ctx, before, 10)
		require.NoError(t, err)
		var part []string
		for _, m := range page {
			part = append(part, m.Content)
		}
		seen, before = append(part, seen...), page[0].Seq
		_, err = h.Append(ctx, store.Message{Content: "written meanwhile"})
		require.NoError(t, err)
	}
	require.Len(t, seen, 25)
	for i, content := range seen {
		require.Equal(t, fmt.Sprint(i+1), content)
	}
	page, more, err := h.Page(ctx, 1, 10)
	require.NoError(t, err)
	require.Empty(t, page)
	require.False(t, more)
}

// Writers at once lose nothing, and what one of them appends together stays together.
func TestHistoryRace(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	_, c := history(t)
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Go(func() {
			h, err := store.OpenHistory(ctx, c, "ann")
			if err == nil {
				for i := 0; i < 5 && err == nil; i++ {
					name := fmt.Sprint(w, " ", i)
					_, err = h.Append(ctx, store.Message{Role: "human", Content: name},
						store.Message{Role: "ai", Content: name})
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	h, err := store.OpenHistory(ctx, c, "ann")
	require.NoError(t, err)
	list := contents(t, h)
	require.Len(t, list, 60)
	next := map[byte]int{}
	for i := 0; i < len(list); i += 2 {
		require.Equal(t, list[i], list[i+1])
		require.Equal(t, fmt.Sprint(next[list[i][0]]), list[i][2:])
		next[list[i][0]]++
	}
}

// A lost answer is not taken for another writer's message: appending it once more would double it.
func TestHistoryLostAnswer(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, srv := container(t, store.HistoryContainer("chats", 0))
	h, err := store.OpenHistory(ctx, c, "ann")
	require.NoError(t, err)
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Batch), Times: 1, Cut: cosmostest.CutAfter})
	_, err = h.Append(ctx, store.Message{Content: "once"})
	require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
	require.Equal(t, []string{"once"}, contents(t, h))
}

func TestHistoryTTL(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	c, srv := container(t, store.HistoryContainer("chats", time.Hour))
	h, err := store.OpenHistory(ctx, c, "ann")
	require.NoError(t, err)
	_, err = h.Append(ctx, store.Message{Content: "old"})
	require.NoError(t, err)
	srv.Advance(40 * time.Minute)
	_, err = h.Append(ctx, store.Message{Content: "new"})
	require.NoError(t, err)
	srv.Advance(40 * time.Minute)
	require.Equal(t, []string{"new"}, contents(t, h))
	_, err = h.Append(ctx, store.Message{Content: "newer"})
	require.NoError(t, err)
	require.Equal(t, []string{"new", "newer"}, contents(t, h))
}
