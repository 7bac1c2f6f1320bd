package cosmos_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// Tests of what pages cost and say, by the requests that the server counts.

// shelf starts a server with a container of n numbered documents over partitions, which have their own keys, and
// another one whose documents are all of the key "p".
func shelf(t testing.TB, partitions, n int) (srv *cosmostest.Server, all, one *cosmos.Container) {
	t.Helper()
	srv = cosmostest.RunT(t, cosmostest.Partitions(partitions))
	client := connect(t, srv, nil)
	_, err := client.CreateDatabase(t.Context(), "db")
	require.NoError(t, err)
	type document struct {
		ID string `json:"id"`
		PK string `json:"pk"`
		N  int    `json:"n"`
	}
	fill := func(name string, key func(i int) string) *cosmos.Container {
		_, err := client.Database("db").CreateContainer(t.Context(),
			cosmos.ContainerProperties{ID: name, PartitionKey: cosmos.PartitionKeyPaths("/pk")})
		require.NoError(t, err)
		c := client.Database("db").Container(name)
		docs := []document{}
		for i := range n {
			docs = append(docs, document{fmt.Sprint(i), key(i), i})
		}
		for r := range c.CreateMany(t.Context(), cosmos.Each(docs)) {
			require.NoError(t, r.Err)
		}
		return c
	}
	return srv, fill("all", func(i int) string { return fmt.Sprint("key ", i) }),
		fill("one", func(int) string { return "p" })
}

func pager(c *cosmos.Container, query string, opts ...cosmos.Option) *cosmos.Pager {
	args := make([]any, len(opts))
	for i, o := range opts {
		args[i] = o
	}
	return c.NewPager(query, args...)
}

// asked is how many requests for rows or documents the server has answered.
func asked(srv *cosmostest.Server) int {
	return srv.Count(cosmostest.Query) + srv.Count(cosmostest.List)
}

// rowsOf reads the rows of a pager as text.
func rowsOf(t testing.TB, p *cosmos.Pager) (rows []string) {
	t.Helper()
	defer p.Close()
	for {
		page, err := p.Next(t.Context())
		if err == io.EOF {
			return rows
		}
		require.NoError(t, err)
		for _, item := range page.Items {
			rows = append(rows, string(item))
		}
	}
}

// TestBadContinuationIsABadRequest, whichever access path the query takes.
func TestBadContinuationIsABadRequest(t *testing.T) {
	t.Parallel()
	_, all, _ := shelf(t, 2, 10)
	for name, p := range map[string]*cosmos.Pager{
		"fan-out":       pager(all, "SELECT * FROM c", cosmos.Continuation("x")),
		"planned":       pager(all, "SELECT * FROM c ORDER BY c.n", cosmos.Continuation("x")),
		"one partition": pager(all, "SELECT * FROM c WHERE c.pk = 'a'", cosmos.Continuation("x")),
		"point read":    pager(all, "SELECT * FROM c WHERE c.pk = 'a' AND c.id = 'a'", cosmos.Continuation("x")),
		"documents":     all.NewItemsPager(cosmos.Continuation("x")),
	} {
		_, err := p.Next(t.Context())
		require.ErrorIs(t, err, cosmos.ErrBadContinuation, name)
		require.ErrorIs(t, err, cosmos.ErrBadRequest, name)
		require.NoError(t, p.Close())
	}
	p := pager(all, "SELECT c.n, COUNT(1) AS k FROM c GROUP BY c.n", cosmos.PageSize(2))
	_, err := p.Next(t.Context())
	require.NoError(t, err)
	_, err = p.Token()
	require.ErrorIs(t, err, cosmos.ErrBadRequest)
	require.NoError(t, p.Close())
}

// TestQueryOfAFeedRange: the parts of a container, of any size, have its rows, each once, on every access path.
func TestQueryOfAFeedRange(t *testing.T) {
	t.Parallel()
	srv, all, _ := shelf(t, 3, 120)
	whole, err := all.FeedRanges(t.Context())
	require.NoError(t, err)
	require.Len(t, whole, 3)
	mid := "15555555555555555555555555555555"
	parts := []cosmos.FeedRange{{Min: "", Max: "0A"}, {Min: "0A", Max: mid}, {Min: mid, Max: whole[2].Min},
		{Min: whole[2].Min, Max: "FF"}}
	ranges, err := srv.Ranges("db", "all")
	require.NoError(t, err)
	for round := range 2 {
		for _, query := range []string{
			"SELECT VALUE c.n FROM c",
			"SELECT VALUE c.n FROM c ORDER BY c.n",
			"SELECT VALUE c.n FROM c WHERE c.pk = 'key 7'",
			"SELECT VALUE c.n FROM c WHERE c.pk IN ('key 7', 'key 8', 'key 9')",
			"SELECT VALUE c FROM c WHERE c.pk = 'key 7' AND c.id = '7'",
			"SELECT DISTINCT VALUE c.n FROM c",
			"SELECT VALUE c.n FROM c GROUP BY c.n",
		} {
			var got []string
			for _, part := range parts {
				got = append(got, rowsOf(t, pager(all, query, cosmos.InFeedRange(part)))...)
			}
			want := rowsOf(t, pager(all, query))
			require.NotEmpty(t, want)
			require.ElementsMatch(t, want, got, query)
		}
		var items, counts []string
		for _, part := range parts {
			for item, err := range all.Items(t.Context(), cosmos.InFeedRange(part)) {
				require.NoError(t, err)
				items = append(items, string(item))
			}
			for n, err := range cosmos.Query[int](t.Context(), all, "SELECT VALUE COUNT(1) FROM c WHERE c.pk = 'key 7'",
				cosmos.InFeedRange(part)) {
				require.NoError(t, err)
				counts = append(counts, fmt.Sprint(n))
			}
		}
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(items))), 120)
		require.Len(t, items, 120)
		require.ElementsMatch(t, []string{"1", "0", "0", "0"}, counts)
		if round == 0 {
			_, err := srv.Split("db", "all", ranges[0].ID)
			require.NoError(t, err)
		}
	}
	e, err := all.Explain(t.Context(), "SELECT * FROM c", cosmos.InFeedRange(parts[0]))
	require.NoError(t, err)
	require.Equal(t, "0A", e.Targets[len(e.Targets)-1].Max)
	_, err = pager(all, "SELECT * FROM c", cosmos.InFeedRange(parts[0]), cosmos.PartitionKey("a")).Next(t.Context())
	require.ErrorContains(t, err, "by PartitionKey or InFeedRange, not both")
	_, err = pager(all, "SELECT * FROM c", cosmos.InFeedRange(cosmos.FeedRange{Min: "1F", Max: "1F"})).Next(t.Context())
	require.ErrorContains(t, err, `the feed range from "1F" to "1F" is empty`)
}

// TestDocumentsInPages: the feed of documents resumes like a query, across splits.
func TestDocumentsInPages(t *testing.T) {
	t.Parallel()
	srv, all, _ := shelf(t, 3, 100)
	var got []string
	token := ""
	for i := 0; ; i++ {
		p := all.NewItemsPager(cosmos.PageSize(7), cosmos.Continuation(token))
		page, err := p.Next(t.Context())
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		for _, item := range page.Items {
			got = append(got, string(item))
		}
		token = page.Continuation
		require.Equal(t, token != "", p.More())
		require.NoError(t, p.Close())
		if token == "" {
			break
		}
		if i == 3 {
			ranges, err := srv.Ranges("db", "all")
			require.NoError(t, err)
			_, err = srv.Split("db", "all", ranges[1].ID)
			require.NoError(t, err)
		}
	}
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(got))), 100)
	require.Len(t, got, 100)
}

// TestIteratorLeftEarly leaves neither goroutine nor request; goleak looks for them.
func TestIteratorLeftEarly(t *testing.T) {
	t.Parallel()
	srv, all, _ := shelf(t, 8, 400)
	end := srv.Delay(5 * time.Millisecond)
	defer end()
	for range all.Items(t.Context(), cosmos.PageSize(5)) {
		break
	}
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Millisecond)
	defer cancel()
	for _, err := range cosmos.Query[any](ctx, all, "SELECT * FROM c", cosmos.PageSize(2)) {
		if err != nil {
			require.True(t, errors.Is(err, context.DeadlineExceeded), "%v", err)
		}
	}
}

func TestFeedRangesAsValues(t *testing.T) {
	t.Parallel()
	_, all, _ := shelf(t, 3, 60)
	ctx := t.Context()
	ranges, err := all.FeedRanges(ctx)
	require.NoError(t, err)
	of, err := all.FeedRangeOf(ctx, "key 7")
	require.NoError(t, err)
	require.Len(t, rowsOf(t, pager(all, "SELECT * FROM c", cosmos.InFeedRange(of))), 1,
		"the range of a key has its documents")
	holding := 0
	for _, r := range ranges {
		back, err := cosmos.ParseFeedRange(r.String())
		require.NoError(t, err)
		require.Equal(t, r, back)
		require.Equal(t, r.Contains(of), r.Overlaps(of), "a key does not lie in two partitions")
		if r.Contains(of) {
			holding++
		}
	}
	require.Equal(t, 1, holding)
	require.True(t, ranges[0].Overlaps(cosmos.FeedRange{Min: "", Max: "FF"}))
	require.False(t, ranges[0].Overlaps(ranges[1]))
	require.False(t, ranges[0].Contains(cosmos.FeedRange{Min: "", Max: "FF"}))

	for _, n := range []int{1, 2, 3, 7, 10} {
		parts, err := all.SplitFeedRange(ctx, cosmos.FeedRange{Min: "", Max: "FF"}, n)
		require.NoError(t, err)
		require.Len(t, parts, n)
		rows := 0
		for i, part := range parts {
			if i > 0 {
				require.Equal(t, parts[i-1].Max, part.Min)
			}
			rows += len(rowsOf(t, all.NewItemsPager(cosmos.InFeedRange(part))))
		}
		require.Equal(t, 60, rows)
	}
	for _, bad := range []string{"", "[]", "[1F, 0A)", "[x, FF)", "1F, FF", "[, )"} {
		_, err := cosmos.ParseFeedRange(bad)
		require.ErrorContains(t, err, "is not a feed range", bad)
	}
	_, err = all.SplitFeedRange(ctx, ranges[0], 0)
	require.ErrorContains(t, err, "cannot be divided into 0 parts")
	_, err = all.FeedRangeOf(ctx, "a", "b")
	require.Error(t, err)
	_, err = all.FeedRangeOf(ctx)
	require.Error(t, err)
}
