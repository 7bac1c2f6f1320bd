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

// TestAPageCostsAPage: a web page with a "more" button makes a pager for every page. Each costs what it shows.
func TestAPageCostsAPage(t *testing.T) {
	t.Parallel()
	srv, all, one := shelf(t, 4, 1000)
	for _, tt := range []struct {
		name   string
		pager  func(opts ...cosmos.Option) *cosmos.Pager
		page   int // requests
		spared int // beside: a page that goes on in the next partition
	}{
		{"a query", func(opts ...cosmos.Option) *cosmos.Pager { return pager(all, "SELECT * FROM c", opts...) }, 1, 2},
		{"sorted",
			func(opts ...cosmos.Option) *cosmos.Pager { return pager(all, "SELECT * FROM c ORDER BY c.n", opts...) }, 4,
			4},
		{"documents", all.NewItemsPager, 1, 2},
		{"one partition", func(opts ...cosmos.Option) *cosmos.Pager {
			return pager(one, "SELECT * FROM c", append(opts, cosmos.PartitionKey("p"))...)
		}, 1, 0},
		{"one partition, sorted", func(opts ...cosmos.Option) *cosmos.Pager {
			return pager(one, "SELECT * FROM c WHERE c.pk = 'p' ORDER BY c.n", opts...)
		}, 1, 0},
		{"documents of one partition", func(opts ...cosmos.Option) *cosmos.Pager {
			return one.NewItemsPager(append(opts, cosmos.PartitionKey("p"))...)
		}, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const pages, size = 10, 20
			rowsOf(t, tt.pager()) // plan and ranges are known
			before := asked(srv)
			var stats cosmos.Stats
			ctx, token, rows, told := cosmos.WithStats(t.Context(), &stats), "", 0, 0.0
			for range pages {
				p := tt.pager(cosmos.PageSize(size), cosmos.Continuation(token))
				page, err := p.Next(ctx)
				require.NoError(t, err)
				require.LessOrEqual(t, len(page.Items), size)
				rows, told = rows+len(page.Items), told+page.Response.RequestCharge
				token, err = p.Token()
				require.NoError(t, err)
				require.Equal(t, page.Continuation, token)
				require.NoError(t, p.Close())
			}
			require.Equal(t, pages*size, rows)
			require.LessOrEqual(t, asked(srv)-before, pages*tt.page+tt.spared)
			require.InDelta(t, stats.Snapshot().RequestCharge, told, 0.01, "the pages tell what was paid")
		})
	}
}

// TestNothingIsFetchedAhead of the second Next, and never where that is switched off; what reads on fetches ahead at
// once.
func TestNothingIsFetchedAhead(t *testing.T) {
	t.Parallel()
	srv, all, _ := shelf(t, 4, 400)
	for _, tt := range []struct {
		query string
		first int // requests for the first page
	}{
		{"SELECT * FROM c", 1},
		{"SELECT * FROM c ORDER BY c.n", 4},
	} {
		rowsOf(t, pager(all, tt.query))
		ask := func(pages int, opts ...cosmos.Option) int {
			before := asked(srv)
			p := pager(all, tt.query, append(opts, cosmos.PageSize(10))...)
			for range pages {
				_, err := p.Next(t.Context())
				require.NoError(t, err)
			}
			require.NoError(t, p.Close()) // waits for what is under way
			return asked(srv) - before
		}
		require.Equal(t, tt.first, ask(1), tt.query)
		require.Equal(t, tt.first, ask(1, cosmos.ReadAhead(false)), tt.query)
		require.LessOrEqual(t, ask(5, cosmos.ReadAhead(false)), 5*tt.first, tt.query)
	}
}

// TestWholeResultsCostLittle: who reads to the end does not pay for small first pages, and TOP asks for what is likely.
func TestWholeResultsCostLittle(t *testing.T) {
	t.Parallel()
	srv, all, _ := shelf(t, 4, 300)
	for _, tt := range []struct {
		query string
		args  []any
		rows  int
		most  int // requests
	}{
		{"SELECT * FROM c ORDER BY c.n", nil, 300, 4},
		{"SELECT * FROM c ORDER BY c.n", []any{cosmos.PageSize(100)}, 300, 4},
		{"SELECT * FROM c", nil, 300, 4},
		{"SELECT TOP 40 * FROM c ORDER BY c.n", nil, 40, 5},
		{"SELECT TOP 10 * FROM c", nil, 10, 1},
		{"SELECT * FROM c OFFSET 5 LIMIT 5", nil, 5, 1},
		{"SELECT VALUE COUNT(1) FROM c", nil, 1, 4},
	} {
		for range cosmos.Query[any](t.Context(), all, tt.query, tt.args...) { // the plan is known afterwards
		}
		before, n := asked(srv), 0
		for _, err := range cosmos.Query[any](t.Context(), all, tt.query, tt.args...) {
			require.NoError(t, err)
			n++
		}
		require.Equal(t, tt.rows, n, tt.query)
		require.LessOrEqual(t, asked(srv)-before, tt.most, tt.query)
	}
}

// TestLastPageIsTold: More is false only when nothing is left, also where there are no tokens; Token says why there is
// none.
func TestLastPageIsTold(t *testing.T) {
	t.Parallel()
	_, all, _ := shelf(t, 4, 70)
	for query, resumable := range map[string]bool{
		"SELECT * FROM c":                                     true,
		"SELECT * FROM c ORDER BY c.n":                        true,
		"SELECT TOP 70 * FROM c":                              true,
		"SELECT DISTINCT VALUE c.n FROM c ORDER BY c.n":       true,
		"SELECT DISTINCT VALUE c.n FROM c":                    false,
		"SELECT c.n, COUNT(1) AS k FROM c GROUP BY c.n":       false,
		"SELECT * FROM c WHERE c.pk = 'key 1' AND c.id = '1'": true,
	} {
		for _, ahead := range []bool{false, true} {
			p := pager(all, query, cosmos.PageSize(10), cosmos.ReadAhead(ahead))
			rows := 0
			token, err := p.Token()
			require.NoError(t, err)
			require.Empty(t, token)
			for p.More() {
				page, err := p.Next(t.Context())
				if err == io.EOF {
					break
				}
				require.NoError(t, err)
				rows += len(page.Items)
				token, err := p.Token()
				switch {
				case resumable:
					require.NoError(t, err, query)
					require.Equal(t, page.Continuation, token)
				case p.More():
					require.ErrorIs(t, err, cosmos.ErrBadContinuation, query)
					require.ErrorContains(t, err, "SELECT DISTINCT VALUE c.name FROM c ORDER BY c.name")
				default:
					require.NoError(t, err, query)
				}
			}
			require.NoError(t, p.Close())
			require.False(t, p.More())
			require.Contains(t, []int{70, 1}, rows, query)
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

func TestQueryMemory(t *testing.T) {
	t.Parallel()
	_, all, _ := shelf(t, 2, 200)
	for _, err := range cosmos.Query[any](t.Context(), all, "SELECT DISTINCT VALUE c.n FROM c",
		cosmos.MaxQueryMemory(1000)) {
		if err != nil {
			require.ErrorIs(t, err, cosmos.ErrQueryMemory)
			return
		}
	}
	t.Fatal("no error")
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

// TestPartitionsWithoutRowsDoNotSlowAQuery: that most of a hundred partitions have nothing is no reason to pause.
func TestPartitionsWithoutRowsDoNotSlowAQuery(t *testing.T) {
	t.Parallel()
	_, all, _ := shelf(t, 100, 5)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for _, query := range []string{"SELECT * FROM c WHERE c.n = 3", "SELECT * FROM c WHERE c.n = 3 ORDER BY c.n",
		"SELECT TOP 5 * FROM c"} {
		for range 3 {
			for _, err := range cosmos.Query[any](ctx, all, query) {
				require.NoError(t, err, query) // pauses would take a minute
			}
		}
	}
}
