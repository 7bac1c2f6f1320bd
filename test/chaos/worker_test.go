package chaos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/require"
)

// state is what a document may be. The zero state is that there is none.
type state struct {
	there bool
	v     string
	n     int
}

func (s state) String() string {
	if !s.there {
		return "absent"
	}
	return fmt.Sprintf("%s n=%d", s.v, s.n)
}

// document is one that a single worker writes. may are the states that are consistent with all reports. As soon as
// there is more than one, the document is left alone: what was given up may be executed late.
type document struct {
	id, pk  string
	may     []state
	etag    string
	journal []string
}

func (d *document) sure() bool { return len(d.may) == 1 }
func (d *document) now() state { return d.may[0] }

// worker writes documents of its own.
type worker struct {
	w      *world
	name   string
	random *rand.Rand
	docs   []*document
	serial int

	group               [6]string // documents that only UPDATE of many changes
	groupLow, groupHigh int       // the sum of their n
	groupCalls          int
}

func newWorker(w *world, i int, seed uint64) *worker {
	return &worker{w: w, name: fmt.Sprintf("w%d", i), random: rand.New(rand.NewPCG(seed, uint64(i)))}
}

func (k *worker) groupKey() string { return k.name + "-group" }

func (k *worker) fillGroup(t *testing.T) {
	for i := range k.group {
		k.group[i] = fmt.Sprintf("%s-g%d", k.name, i)
		_, err := k.w.books.CreateItem(t.Context(),
			map[string]any{"id": k.group[i], "pk": k.groupKey(), "v": "g", "n": 0})
		require.NoError(t, err)
	}
}

// content is the document in a state.
func content(d *document, s state, owner string) map[string]any {
	return map[string]any{"id": d.id, "pk": d.pk, "w": owner, "v": s.v, "n": s.n}
}

// fresh makes a document that is not there yet.
func (k *worker) fresh(pk string) *document {
	k.serial++
	d := &document{id: fmt.Sprintf("%s-%d", k.name, k.serial), pk: pk, may: []state{{}}}
	k.docs = append(k.docs, d)
	return d
}

func (k *worker) value() string {
	k.serial++
	return "v" + strconv.Itoa(k.serial)
}

// pick chooses a document whose state is sure and there, or nil.
func (k *worker) pick() *document {
	var list []*document
	for _, d := range k.docs {
		if d.sure() && d.now().there {
			list = append(list, d)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list[k.random.IntN(len(list))]
}

func (k *worker) anyKey() string { return fmt.Sprintf("%s-%d", k.name, k.random.IntN(3)) }

// settle notes what a write that leads to a state has reported. impossible is an error that cannot be.
func (k *worker) settle(what string, d *document, to state, resp *cosmos.Response, err, impossible error) {
	d.journal = append(d.journal, fmt.Sprintf("%s to %v: %v", what, to, err))
	switch {
	case err == nil:
		d.may = []state{to}
		d.etag = ""
		if resp != nil {
			d.etag = resp.ETag
		}
	case errors.Is(err, cosmos.ErrUnknownOutcome):
		d.may = append(d.may, to)
	case impossible != nil && errors.Is(err, impossible):
		k.w.violation("%s of %s (%v) cannot end so: %v", what, d.id, d.now(), err)
	}
}

// step does one operation, rarely with hardly any time for it.
func (k *worker) step(ctx context.Context) {
	limit := 20 * time.Second
	if k.random.IntN(25) == 0 {
		limit = time.Duration(1+k.random.IntN(15)) * time.Millisecond
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	steps := []func(context.Context) error{
		k.create, k.create, k.insert, k.upsert, k.replace, k.patch, k.delete, k.read, k.update, k.remove, k.batch,
		k.transaction, k.bulk, k.updateMany, k.count, k.sorted, k.increment,
	}
	k.w.note(steps[k.random.IntN(len(steps))](ctx))
}

func (k *worker) create(ctx context.Context) error {
	d := k.fresh(k.anyKey())
	to := state{true, k.value(), 0}
	resp, err := k.w.books.CreateItem(ctx, content(d, to, k.name))
	k.settle("create", d, to, resp, err, cosmos.ErrConflict)
	return err
}

func (k *worker) insert(ctx context.Context) error {
	d := k.fresh(k.anyKey())
	to := state{true, k.value(), 0}
	_, err := k.w.db.ExecContext(ctx, "INSERT INTO "+k.w.table()+" (id, pk, w, v, n) VALUES (?, ?, ?, ?, ?)", d.id,
		d.pk, k.name, to.v, to.n)
	k.settle("INSERT", d, to, nil, err, cosmos.ErrConflict)
	return err
}

func (k *worker) upsert(ctx context.Context) error {
	d := k.pick()
	if d == nil || k.random.IntN(3) == 0 {
		d = k.fresh(k.anyKey())
	}
	to := state{true, k.value(), k.random.IntN(100)}
	resp, err := k.w.books.UpsertItem(ctx, content(d, to, k.name), cosmos.RepeatWrites(k.random.IntN(2) == 0))
	k.settle("upsert", d, to, resp, err, cosmos.ErrConflict)
	return err
}

func (k *worker) replace(ctx context.Context) error {
	d := k.pick()
	if d == nil {
		return nil
	}
	var opts []cosmos.Option
	if d.etag != "" {
		opts = append(opts, cosmos.IfMatch(d.etag))
	}
	to := state{true, k.value(), d.now().n}
	resp, err := k.w.books.ReplaceItem(ctx, d.id, content(d, to, k.name), opts...)
	if errors.Is(err, cosmos.ErrPreconditionFailed) && !errors.Is(err, cosmos.ErrUnknownOutcome) {
		k.w.violation("replace of %s: nobody else writes it: %v", d.id, err)
	}
	k.settle("replace", d, to, resp, err, cosmos.ErrNotFound)
	return err
}

func (k *worker) patch(ctx context.Context) error {
	d := k.pick()
	if d == nil {
		return nil
	}
	to := d.now()
	to.n++
	resp, err := k.w.books.PatchItem(ctx, d.id, []cosmos.PatchOperation{cosmos.PatchIncrement("/n", 1)},
		cosmos.PartitionKey(d.pk))
	k.settle("patch", d, to, resp, err, cosmos.ErrNotFound)
	return err
}

func (k *worker) delete(ctx context.Context) error {
	d := k.pick()
	if d == nil {
		return nil
	}
	_, err := k.w.books.DeleteItem(ctx, d.id, cosmos.PartitionKey(d.pk), cosmos.RepeatWrites(k.random.IntN(2) == 0))
	k.settle("delete", d, state{}, nil, err, cosmos.ErrNotFound)
	return err
}

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

// batch changes three documents of one partition, all or none.
func (k *worker) batch(ctx context.Context) error {
	pk := k.anyKey()
	a, b := k.fresh(pk), k.fresh(pk)
	toA, toB := state{true, k.value(), 0}, state{true, k.value(), 7}
	ops := []cosmos.Operation{cosmos.OpCreate(content(a, toA, k.name)), cosmos.OpUpsert(content(b, toB, k.name))}
	docs, to := []*document{a, b}, []state{toA, toB}
	for _, d := range k.docs {
		if d.pk == pk && d.sure() && d.now().there {
			s := d.now()
			s.n++
			ops = append(ops, cosmos.OpPatch(d.id, []cosmos.PatchOperation{cosmos.PatchIncrement("/n", 1)}))
			docs, to = append(docs, d), append(to, s)
			break
		}
	}
	_, err := k.w.books.TransactionalBatch(ctx, ops, cosmos.PartitionKey(pk))
	if errors.Is(err, cosmos.ErrConflict) && !errors.Is(err, cosmos.ErrUnknownOutcome) {
		k.w.violation("batch on %s: %v", a.id, err)
	}
	for i, d := range docs {
		k.settle("batch", d, to[i], nil, err, nil)
	}
	return err
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

// bulk mixes operations on different documents.
func (k *worker) bulk(ctx context.Context) error {
	var ops []cosmos.Operation
	var docs []*document
	var to []state
	for range 4 + k.random.IntN(12) {
		d := k.pick()
		if d == nil || slices.Contains(docs, d) {
			d = k.fresh(k.anyKey())
		}
		s := state{true, k.value(), k.random.IntN(9)}
		key := cosmos.PartitionKey(d.pk)
		switch there := d.now().there; {
		case !there && k.random.IntN(2) == 0:
			ops = append(ops, cosmos.OpCreate(content(d, s, k.name)))
		case !there:
			ops = append(ops, cosmos.OpUpsert(content(d, s, k.name)))
		default:
			switch k.random.IntN(4) {
			case 0:
				s = d.now()
				s.n++
				ops = append(ops, cosmos.OpPatch(d.id, []cosmos.PatchOperation{cosmos.PatchIncrement("/n", 1)}, key))
			case 1:
				s = state{}
				ops = append(ops, cosmos.OpDelete(d.id, key))
			case 2:
				ops = append(ops, cosmos.OpReplace(d.id, content(d, s, k.name)))
			default:
				ops = append(ops, cosmos.OpUpsert(content(d, s, k.name)))
			}
		}
		docs, to = append(docs, d), append(to, s)
	}
	var last error
	results := 0
	for r := range k.w.books.Bulk(ctx, slices.Values(ops)) {
		results++
		impossible := cosmos.ErrNotFound
		if ops[r.Index].Kind() == cosmos.KindCreate {
			impossible = cosmos.ErrConflict
		}
		k.settle("bulk "+ops[r.Index].String(), docs[r.Index], to[r.Index], nil, r.Err, impossible)
		if r.Err != nil {
			last = r.Err
		}
	}
	if results != len(ops) && ctx.Err() == nil { // else a last one stands for all that were not taken
		k.w.violation("a bulk of %d operations has %d results", len(ops), results)
	}
	return last
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

// increment changes a document that all workers write.
func (k *worker) increment(ctx context.Context) error {
	i := k.random.IntN(counters)
	_, err := k.w.books.PatchItem(ctx, counterID(i), []cosmos.PatchOperation{cosmos.PatchIncrement("/n", 1)},
		cosmos.PartitionKey(counterID(i)))
	switch {
	case err == nil:
		k.w.acknowledged[i].Add(1)
	case errors.Is(err, cosmos.ErrUnknownOutcome):
		k.w.unsure[i].Add(1)
	}
	return err
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
