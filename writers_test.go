package cosmossql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// many is ten thousand documents, or fewer where tests are to be quick.
var many = 10_000 / eased

// filled is a shop whose container docs has many documents, open, in 100 logical partitions.
func filled(t *testing.T) *shop {
	t.Helper()
	s := open(t, "")
	s.create(t, "docs", "/pk")
	docs := func(yield func(any) bool) {
		for i := range many {
			if !yield(map[string]any{"id": fmt.Sprint(i), "pk": fmt.Sprint(i % 100), "state": "open", "done": 0,
				"written": 0}) {
				return
			}
		}
	}
	for r := range s.people.Database().Container("docs").CreateMany(t.Context(), docs) {
		require.NoError(t, r.Err)
	}
	return s
}

// history is what a writer did to the documents: how often it changed each, and what done was when it last did.
type history struct{ times, done map[string]int64 }

func (h history) total() (total int64) {
	for _, n := range h.times {
		total += n
	}
	return total
}

// write keeps changing documents by the statement, whose arguments are their id and partition key, until ctx ends.
func (s *shop) write(ctx context.Context, t *testing.T, seed uint64, statement string) history {
	h := history{map[string]int64{}, map[string]int64{}}
	rnd := rand.New(rand.NewPCG(seed, 0))
	for ctx.Err() == nil {
		i := rnd.IntN(many)
		id := fmt.Sprint(i)
		var done int64
		err := s.db.QueryRowContext(t.Context(), statement+" RETURNING done", id, fmt.Sprint(i%100)).Scan(&done)
		if errors.Is(err, sql.ErrNoRows) {
			continue // deleted
		}
		if !assert.NoError(t, err) {
			break
		}
		h.times[id]++
		h.done[id] = done
	}
	return h
}

// beside runs change while writers run statements, and gives how many rows it affected and what each writer did.
func (s *shop) beside(t *testing.T, change string, writers ...string) (affected int64, did []history) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	did = make([]history, len(writers))
	var wg sync.WaitGroup
	for i, statement := range writers {
		wg.Go(func() { did[i] = s.write(ctx, t, uint64(i), statement) })
	}
	affected = s.exec(t, change)
	stop()
	wg.Wait()
	return affected, did
}

// number is the one number that a query gives.
func (s *shop) number(t *testing.T, query string) (n int64) {
	t.Helper()
	require.NoError(t, s.db.QueryRowContext(t.Context(), query).Scan(&n))
	return n
}

// TestManyDocumentsUnderWriters changes, and then deletes, ten thousand documents by a predicate, while others write to
// them and take some of them out of the predicate. What anyone wrote is there afterwards, no document is changed twice,
// none is changed that does not meet the predicate any more, and the counts are exact.
func TestManyDocumentsUnderWriters(t *testing.T) {
	t.Parallel()
	s := filled(t)
	const wrote = "UPDATE docs SET written = written + 1 WHERE id = ? AND pk = ?"

	affected, did := s.beside(t, "UPDATE docs SET done = done + 1 WHERE state = 'open'",
		wrote, wrote, "UPDATE docs SET state = 'closed' WHERE id = ? AND pk = ?")
	closed := did[2].done
	require.Equal(t, did[0].total()+did[1].total(), s.number(t, "SELECT VALUE SUM(d.written) FROM docs d"),
		"writes of others")
	require.Equal(t, affected, s.number(t, "SELECT VALUE COUNT(1) FROM docs d WHERE d.done = 1"), "rows affected")
	require.Zero(t, s.number(t, "SELECT VALUE COUNT(1) FROM docs d WHERE d.done > 1"), "changed twice")
	require.Zero(t, s.number(t, "SELECT VALUE COUNT(1) FROM docs d WHERE d.done = 0 AND d.state = 'open'"),
		"passed over")
	require.Equal(t, closed, s.done(t, "closed"), "no document was changed after it was closed")

	affected, did = s.beside(t, "DELETE FROM docs WHERE state = 'open'", wrote,
		"UPDATE docs SET state = 'kept' WHERE id = ? AND pk = ?")
	require.Equal(t, int64(many)-affected, s.number(t, "SELECT VALUE COUNT(1) FROM docs d"), "rows affected")
	require.Zero(t, s.number(t, "SELECT VALUE COUNT(1) FROM docs d WHERE d.state = 'open'"), "passed over")
	require.Equal(t, did[1].done, s.done(t, "kept"), "no document was deleted after it was taken out of the predicate")
}

// done is what the documents in a state have for done.
func (s *shop) done(t *testing.T, state string) map[string]int64 {
	t.Helper()
	rows, err := s.db.QueryContext(t.Context(), "SELECT d.id, d.done FROM docs d WHERE d.state = @p1", state)
	require.NoError(t, err)
	defer rows.Close()
	all := map[string]int64{}
	for rows.Next() {
		var id string
		var done int64
		require.NoError(t, rows.Scan(&id, &done))
		all[id] = done
	}
	require.NoError(t, rows.Err())
	return all
}

// TestCountersUnderWriters adds to the same counters from many sides, by id and by predicate.
func TestCountersUnderWriters(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	s.create(t, "docs", "/pk")
	const counters, sides, times = 12, 4, 4
	for i := range counters {
		s.exec(t, "INSERT INTO docs (id, pk, n) VALUES (?, ?, 0)", fmt.Sprint(i), fmt.Sprint(i%4))
	}
	tx := func(ctx context.Context, i int) error {
		tx, err := s.db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for range 2 {
			if _, err := tx.ExecContext(ctx, "UPDATE docs SET n = n + 1 WHERE id = ? AND pk = ?", fmt.Sprint(i),
				fmt.Sprint(i%4)); err != nil {
				return err
			}
		}
		return tx.Commit()
	}
	var wg sync.WaitGroup
	for range sides {
		wg.Go(func() {
			for range times {
				r, err := s.db.ExecContext(t.Context(), "UPDATE docs SET n = n + 1 WHERE n >= 0")
				if assert.NoError(t, err) {
					n, _ := r.RowsAffected()
					assert.Equal(t, int64(counters), n)
				}
				assert.NoError(t, tx(t.Context(), 0))
				assert.NoError(t, tx(t.Context(), 5))
			}
		})
	}
	wg.Wait()
	for i := range counters {
		want := sides * times
		if i == 0 || i == 5 {
			want *= 3
		}
		var n int
		err := s.db.QueryRowContext(t.Context(), "SELECT VALUE d.n FROM docs d WHERE d.id = @id",
			sql.Named("id", fmt.Sprint(i)), cosmos.PartitionKey(fmt.Sprint(i%4))).Scan(&n)
		require.NoError(t, err)
		require.Equal(t, want, n, "counter %d", i)
	}
}
