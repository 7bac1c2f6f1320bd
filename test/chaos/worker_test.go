package chaos

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
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
