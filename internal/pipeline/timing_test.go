package pipeline

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

func TestConcurrencyIsBounded(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 3, 0} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(40, numbered(400, 9))
			f.latency, f.page = time.Second, 3
			require.Len(t, readAll(t, f, Options{Access: fanOut, MaxConcurrency: limit, ReadAhead: AheadAtOnce}), 400)
			want := limit
			if limit == 0 {
				want = DefaultConcurrency
			}
			require.Equal(t, want, f.most)
			f.planned(sortedPlan(false)).most = 0
			require.Len(t, readAll(t, f, Options{Access: planned, MaxConcurrency: limit}), 400)
			require.LessOrEqual(t, f.most, want)
		})
	}
}

// TestReadsAheadOnePage: a partition is never more than one page ahead of what was handed out.
func TestReadsAheadOnePage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(4, numbered(400, 9))
		f.page = 10
		rows := Open(f, Options{Access: fanOut, ReadAhead: AheadAtOnce})
		defer rows.Close()
		for i := range 12 {
			_, err := rows.Next(t.Context())
			require.NoError(t, err)
			synctest.Wait()
			asked := map[string]int{}
			for _, request := range f.requests {
				asked[request.RangeID]++
			}
			for id, n := range asked {
				require.LessOrEqual(t, n, i/4+2, "range %s", id)
			}
		}
	})
}

func TestTimeOfAFullFanOut(t *testing.T) {
	t.Parallel()
	const latency = 20 * time.Millisecond
	took := func(o Options, f *fake) (d time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			f.latency = latency
			start := time.Now()
			readAll(t, f, o)
			d = time.Since(start)
		})
		return d
	}
	for _, pages := range []int{1, 8} {
		docs := numbered(32*100, 1)
		f, g := newFake(32, docs), newFake(32, docs)
		f.page, g.page = 200/pages, 200/pages
		sequential := took(Options{Access: fanOut, MaxConcurrency: 1, ReadAhead: AheadAtOnce}, f)
		parallel := took(Options{Access: fanOut, ReadAhead: AheadAtOnce}, g)
		require.GreaterOrEqual(t, sequential, 10*parallel, "%d pages: %v and %v", pages, sequential, parallel)
	}
}

// TestEveryPartitionIsAskedAtOnce where the answers are small: by their page size, or as parts of an aggregate.
func TestEveryPartitionIsAskedAtOnce(t *testing.T) {
	t.Parallel()
	count := "Count"
	for _, tt := range []struct {
		name string
		o    Options
		plan *queryplan.Plan
	}{
		{"small pages", Options{Access: fanOut, PageSize: 100, ReadAhead: AheadAtOnce}, nil},
		{"an aggregate", Options{Access: planned}, &queryplan.Plan{Version: 2, Ranges: queryplan.FullRange(),
			Info: &queryplan.Info{Aggregates: []string{"Count"}, AliasToAggregate: map[string]*string{"n": &count},
				GroupByAliases: []string{"n"}}}},
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFake(32, numbered(320, 1))
			if tt.plan != nil {
				f.planned(tt.plan).answers(func([]document) []any {
					return []any{map[string]any{"payload": map[string]any{"n": map[string]any{"item": 1}}}}
				})
			}
			f.latency = 20 * time.Millisecond
			start := time.Now()
			readAll(t, f, tt.o)
			trips := time.Since(start) / f.latency
			require.LessOrEqual(t, int(trips), 1+f.plans, tt.name)
		})
	}
}

func TestTimeToTheFirstRow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(32, numbered(32*300, 5000)).planned(sortedPlan(false))
		f.latency = 20 * time.Millisecond
		rows := Open(f, Options{Access: planned})
		defer rows.Close()
		start := time.Now()
		_, err := rows.Next(t.Context())
		require.NoError(t, err)
		require.Equal(t, 40*time.Millisecond, time.Since(start), "one round trip for the plan, one for the pages")
	})
}

func TestPassingErrors(t *testing.T) {
	t.Parallel()
	passing := errors.New("passing")
	calls := 0
	f := newFake(3, numbered(60, 1))
	f.page = 5
	f.before = func(f *fake, _ Fetch) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if calls++; calls%2 == 0 {
			return passing
		}
		return nil
	}
	rows := Open(f, Options{Access: fanOut, ReadAhead: AheadAtOnce})
	defer rows.Close()
	var got []int
	for {
		batch, err := rows.Next(t.Context())
		if err == io.EOF {
			break
		}
		if err != nil {
			require.ErrorIs(t, err, passing)
			continue
		}
		for _, doc := range batch.Docs {
			n, err := strconv.Atoi(string(doc))
			require.NoError(t, err)
			got = append(got, n)
		}
	}
	slices.Sort(got)
	require.Len(t, slices.Compact(got), 60)
}

func TestNextAfterItsContextEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFake(8, numbered(160, 1))
		f.latency, f.page = time.Second, 10
		rows := Open(f, Options{Access: fanOut, ReadAhead: AheadAtOnce})
		defer rows.Close()
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		for range 8 {
			batch, err := rows.Next(ctx)
			require.NoError(t, err)
			n += len(batch.Docs)
		}
		cancel() // and with it the requests made ahead
		_, err := rows.Next(ctx)
		require.ErrorIs(t, err, context.Canceled)

		short, stop := context.WithTimeout(t.Context(), time.Millisecond)
		_, err = rows.Next(short)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		stop()

		for {
			batch, err := rows.Next(t.Context())
			if err == io.EOF {
				break
			}
			require.NoError(t, err)
			n += len(batch.Docs)
		}
		require.Equal(t, 160, n)
	})
}

// TestCloseAtAnyMoment leaves it to goleak and the bubble to find what is left over.
func TestCloseAtAnyMoment(t *testing.T) {
	t.Parallel()
	for _, access := range []queryplan.AccessPath{fanOut, planned} {
		for ms := range 12 {
			synctest.Test(t, func(t *testing.T) {
				f := newFake(16, numbered(800, 70)).planned(sortedPlan(true))
				f.latency, f.page = 3*time.Millisecond, 10
				if access.Kind == queryplan.FanOut {
					f.order = nil
				}
				rows := Open(f, Options{Access: access, MaxConcurrency: 4})
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(ms)*time.Millisecond)
				defer cancel()
				for {
					if _, err := rows.Next(ctx); err != nil {
						require.ErrorIs(t, err, context.DeadlineExceeded)
						break
					}
				}
				require.NoError(t, rows.Close())
				require.Zero(t, f.now)
				_, err := rows.Next(t.Context())
				require.ErrorIs(t, err, io.EOF)
				require.NoError(t, rows.Close())
			})
		}
	}
}
