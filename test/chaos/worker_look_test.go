package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cosmossql/cosmossql/cosmos"
)

func (k *worker) read(ctx context.Context) error {
	d := k.pick()
	if d == nil {
		return nil
	}
	var s stored
	resp, err := k.w.books.ReadItem(ctx, d.id, cosmos.PartitionKey(d.pk))
	if err == nil {
		err = resp.Decode(&s)
	}
	switch {
	case errors.Is(err, cosmos.ErrNotFound):
		k.w.violation("read of %s: %v, but it is %v", d.id, err, d.now())
	case err == nil && (state{true, s.V, s.N}) != d.now():
		k.w.violation("read of %s: %v, but it is %v", d.id, s, d.now())
	}
	return err
}

// count asks how many documents there are.
func (k *worker) count(ctx context.Context) error {
	low, high := 0, 0
	for _, d := range k.docs {
		if d.sure() && d.now().there {
			low++
		}
		if slices.ContainsFunc(d.may, func(s state) bool { return s.there }) {
			high++
		}
	}
	var n int
	err := k.w.db.QueryRowContext(ctx, "SELECT VALUE COUNT(1) FROM c WHERE c.w = ?", k.name).Scan(&n)
	if err == nil && (n < low || n > high) {
		k.w.violation("%s counts %d documents, there are %d to %d", k.name, n, low, high)
	}
	return err
}

// sorted reads all documents in an order, each once.
func (k *worker) sorted(ctx context.Context) error {
	sure := map[string]bool{}
	for _, d := range k.docs {
		sure[d.id] = d.sure()
	}
	seen, last := map[string]int{}, -1
	moves, order := k.w.moves.Load(), []string(nil)
	rows := cosmos.Query[stored](ctx, k.w.books, "SELECT c.id, c.n FROM c WHERE c.w = @w ORDER BY c.n",
		cosmos.Parameter{Name: "@w", Value: k.name}, cosmos.PageSize(7))
	for s, err := range rows {
		if err != nil {
			return err
		}
		before, twice := seen[s.ID]
		// A write that was given up may be executed now, and move its document to a place that the query has yet to
		// read.
		moved := !sure[s.ID] && before < s.N
		if s.N < last || twice && !moved {
			k.w.violation(
				"%s: %s n=%d after n=%d, seen before: %t, sure: %t; %d splits and merges meanwhile; so far %v",
				k.name, s.ID, s.N, last, twice, sure[s.ID], k.w.moves.Load()-moves, order)
		}
		order = append(order, fmt.Sprintf("%s=%d", s.ID, s.N))
		last, seen[s.ID] = s.N, s.N
	}
	for _, d := range k.docs {
		if _, found := seen[d.id]; d.sure() && d.now().there && !found {
			k.w.violation("%s: a query does not find %s", k.name, d.id)
		}
	}
	return nil
}

// verify takes the worker's documents out of docs and holds them against its reports.
func (k *worker) verify(docs map[string]stored) {
	for _, d := range k.docs {
		s, there := docs[d.id]
		delete(docs, d.id)
		is := state{there, s.V, s.N}
		if !slices.Contains(d.may, is) {
			k.w.violation("%s is %v, but must be one of %v: %q", d.id, is, d.may, d.journal)
		}
	}
	sum := 0
	for _, id := range k.group {
		sum += docs[id].N
		if docs[id].N > k.groupCalls {
			k.w.violation("%s was incremented %d times in %d calls", id, docs[id].N, k.groupCalls)
		}
		delete(docs, id)
	}
	if sum < k.groupLow || sum > k.groupHigh {
		k.w.violation("%s: %d changes, but %d to %d were reported", k.groupKey(), sum, k.groupLow, k.groupHigh)
	}
}
