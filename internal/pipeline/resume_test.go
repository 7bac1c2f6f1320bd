package pipeline

import (
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/value"
)

func TestResume(t *testing.T) {
	t.Parallel()
	for seed := range uint64(80) {
		rng := rand.New(rand.NewPCG(seed, 3))
		f := newFake(1+rng.IntN(6), mixed(rng, 80, 1+rng.IntN(2)))
		directions := make([]bool, len(f.docs[0].keys))
		directions[0] = rng.IntN(2) == 0
		f.planned(sortedPlan(directions...))
		f.page = 1 + rng.IntN(20)
		o := Options{Access: planned, PageSize: 1 + rng.IntN(9), Identity: "c"}
		want := merged(f)
		still := seed%2 == 0
		var got []string
		for {
			if !still {
				f.split(rng.IntN(100))
				if rng.IntN(2) == 0 {
					f.merge(rng.IntN(100))
				}
			}
			rows := Open(f, o)
			for range 1 + rng.IntN(3) {
				batch, err := rows.Next(t.Context())
				if err == io.EOF {
					o.Continuation = ""
					break
				}
				require.NoError(t, err)
				got = append(got, texts(batch.Docs)...)
				if o.Continuation = batch.Continuation; o.Continuation == "" {
					break
				}
			}
			require.NoError(t, rows.Close())
			if o.Continuation == "" {
				break
			}
			o.PageSize = rng.IntN(10)
		}
		if still {
			require.Equal(t, want, got, "seed %d", seed)
		} else {
			inOrder(t, f, got)
		}
	}
}

// readResumed reads a page at a time, each by rows of their own, which go on behind the page before.
func readResumed(t testing.TB, f *fake, o Options) (all []string) {
	t.Helper()
	for range 60 {
		rows := Open(f, o)
		batch, err := rows.Next(t.Context())
		require.NoError(t, rows.Close())
		if err == io.EOF {
			return all
		}
		require.NoError(t, err)
		all = append(all, texts(batch.Docs)...)
		if o.Continuation = batch.Continuation; o.Continuation == "" {
			return all
		}
	}
	require.Fail(t, "there are ever more pages")
	return nil
}

// TestResumeAmongWrites deletes what was handed out last and adds rows on both sides of it.
func TestResumeAmongWrites(t *testing.T) {
	t.Parallel()
	f := newFake(3, numbered(60, 60)).planned(sortedPlan(false))
	f.page = 10
	o := Options{Access: planned, PageSize: 7}
	rows := Open(f, o)
	batch, err := rows.Next(t.Context())
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	require.Equal(t, []string{"1", "2", "3", "4", "5", "6", "7"}, texts(batch.Docs))

	f.docs = slices.DeleteFunc(f.docs, func(d document) bool { return d.payload == "7" || d.payload == "9" })
	early, late := numbered(2, 1)[0], numbered(2, 1)[1]
	early.number, early.payload, early.keys = 900, "900", []value.Value{value.Float(3.5)}
	late.number, late.payload, late.keys = 901, "901", []value.Value{value.Float(7.5)}
	f.docs = append(f.docs, early, late)

	o.Continuation = batch.Continuation
	got := readAll(t, f, o)
	require.Equal(t, []string{"8", "901", "10", "11"}, got[:4])
	require.Len(t, got, 60-7-1+1)
}

func TestPassingErrorLosesNothing(t *testing.T) {
	t.Parallel()
	passing := errors.New("passing")
	f := newFake(4, mixed(rand.New(rand.NewPCG(5, 5)), 100, 1)).planned(sortedPlan(true))
	f.page = 7
	calls := 0
	f.before = func(f *fake, _ Fetch) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if calls++; calls%3 == 0 {
			return passing
		}
		return nil
	}
	rows := Open(f, Options{Access: planned, PageSize: 5})
	defer rows.Close()
	got, failed := readPast(t, rows, passing, func() {})
	require.Positive(t, failed)
	require.Equal(t, merged(f), got)
}

// TestResumedPagesStayBounded: a query that is resumed asks for the page it stood in, with the rows that were handed
// out at its head; a token that says there were very many of them does not make the request grow with them.
func TestResumedPagesStayBounded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ taken, want int }{{0, 10}, {7, 17}, {200, 210}, {201, 202}, {5000, 5001}} {
		f := newFake(1, numbered(20, 20)).planned(sortedPlan(false))
		o := Options{Access: planned, PageSize: 10}
		from := &token{Query: fingerprint(o)}
		from.addRange(&cursor{max: "FF"}, "", tt.taken)
		from.addPosition(&position{keys: []value.Value{value.Int(-1)}, max: "FF"}, 0)
		var err error
		o.Continuation, err = from.encode()
		require.NoError(t, err)
		require.Len(t, readAll(t, f, o), 20)
		require.Equal(t, tt.want, f.requests[0].PageSize, "%d rows were handed out", tt.taken)
	}
}

// Who reads to the end sees no continuation, and may begin behind one.
func TestNoContinuation(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 3))
	f := newFake(5, mixed(rng, 80, 1))
	f.planned(sortedPlan(true))
	f.page = 7
	o := Options{Access: planned, PageSize: 9, Identity: "c"}
	rows := Open(f, o)
	batch, err := rows.Next(t.Context())
	require.NoError(t, err)
	require.NoError(t, rows.Close())
	got := texts(batch.Docs)
	o.Continuation, o.NoContinuation = batch.Continuation, true
	rows = Open(f, o)
	defer rows.Close()
	for rows.More() {
		batch, err := rows.Next(t.Context())
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		require.Empty(t, batch.Continuation)
		got = append(got, texts(batch.Docs)...)
	}
	require.Equal(t, merged(f), got)
}
