package cosmos_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

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
