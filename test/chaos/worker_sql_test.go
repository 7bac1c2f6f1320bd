package chaos

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strconv"

	"github.com/cosmossql/cosmossql/cosmos"
)

// rows runs a statement on one document that is there: it changes one row, or says why not.
func (k *worker) rows(ctx context.Context, d *document, to state, text string, args ...any) error {
	result, err := k.w.db.ExecContext(ctx, text, args...)
	if err == nil {
		if n, _ := result.RowsAffected(); n != 1 {
			k.w.violation("%s of %s (%v): %d rows", text, d.id, d.now(), n)
			return nil
		}
	}
	k.settle(text, d, to, nil, err, cosmos.ErrNotFound)
	return err
}

func (k *worker) update(ctx context.Context) error {
	d := k.pick()
	if d == nil {
		return nil
	}
	to := d.now()
	to.n++
	return k.rows(ctx, d, to, "UPDATE "+k.w.table()+" SET n = n + 1 WHERE id = ? AND pk = ?", d.id, d.pk)
}

func (k *worker) remove(ctx context.Context) error {
	d := k.pick()
	if d == nil {
		return nil
	}
	return k.rows(ctx, d, state{}, "DELETE FROM "+k.w.table()+" WHERE id = ? AND pk = ?", d.id, d.pk)
}

func (k *worker) transaction(ctx context.Context) error {
	tx, err := k.w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	pk := k.anyKey()
	docs, to := []*document{k.fresh(pk), k.fresh(pk)}, make([]state, 2)
	for i, d := range docs {
		to[i] = state{true, k.value(), i}
		if _, err := tx.ExecContext(ctx, "INSERT INTO "+k.w.table()+" (id, pk, w, v, n) VALUES (?, ?, ?, ?, ?)", d.id,
			pk, k.name, to[i].v, to[i].n); err != nil {
			_ = tx.Rollback()
			return err
		}
	}
	err = tx.Commit()
	for i, d := range docs {
		// A context that ends before Commit rolls back by itself.
		k.settle("transaction", d, to[i], nil, err, cosmos.ErrConflict)
	}
	if errors.Is(err, sql.ErrTxDone) {
		return ctx.Err()
	}
	return err
}

var stopped = regexp.MustCompile(`stopped after (at least )?(\d+) of (\d+) documents`)

// updateMany changes documents that are found by a search.
func (k *worker) updateMany(ctx context.Context) error {
	k.groupCalls++
	result, err := k.w.db.ExecContext(ctx, "UPDATE "+k.w.table()+" SET n = n + 1 WHERE pk = ?", k.groupKey())
	if err == nil {
		n, _ := result.RowsAffected()
		if n != int64(len(k.group)) {
			k.w.violation("UPDATE of %s changed %d of %d documents, it says", k.groupKey(), n, len(k.group))
		}
		k.groupLow += int(n)
		k.groupHigh += int(n)
		return nil
	}
	low, high := 0, 0
	m := stopped.FindStringSubmatch(err.Error())
	if m != nil {
		low, _ = strconv.Atoi(m[2])
	}
	if high = low; errors.Is(err, cosmos.ErrUnknownOutcome) {
		high = len(k.group)
	}
	k.groupLow += low
	k.groupHigh += high
	return err
}
