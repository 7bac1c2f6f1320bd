package gateway

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"iter"
	"slices"
	"sort"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// result is one row of a result that had to be made as a whole. The keys are kept beside the value, as the select
// list may not have them and a place needs them.
type result struct {
	value value.Value
	keys  []value.Value
	doc   value.Value // undefined without one
	group []byte      // what identifies a row without document
	index int         // among the rows of the same document or group
}

// number is that of the row's document, 0 without one. Few rows are asked for it.
func (r result) number() uint64 {
	n, _ := store.DocumentNumber(r.doc.Get("_rid").AsString())
	return n
}

// evaluate makes the whole result. Rows of no single document, as grouping makes them, come in the order of what
// identifies them: then a token can say where to go on even if a partition was split in between. What the rows take
// counts against the share. A partition that is split between two pages moves groups: the order in which they were
// met would be another one then.
func evaluate(q *nosql.Query, rows iter.Seq2[eval.Row, error], share *eval.Share) ([]result, error) {
	// The first is about what a result takes itself; the second is the evaluator's own bound of a value.
	const rowBytes, mostBytes = 128, 16 << 20
	var out []result
	grouped, joined := false, joins(q)
	seen := map[uint64]int{}
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		size := rowBytes
		if !q.Select.Star { // else it is the document itself
			size += value.Size(row.Value, mostBytes)
		}
		if err := share.Add(size); err != nil {
			return nil, err
		}
		r := result{value: row.Value, keys: row.Keys, doc: row.Doc}
		if row.Doc.IsDefined() {
			if joined {
				number := r.number()
				r.index = seen[number]
				seen[number]++
			}
		} else {
			grouped = true
			r.group = identity(row.Value)
		}
		out = append(out, r)
	}
	if grouped && ordered(q) {
		slices.SortStableFunc(out, func(a, b result) int {
			if c := compareKeys(q, a.keys, b.keys); c != 0 {
				return c
			}
			return bytes.Compare(a.group, b.group)
		})
		for i := 1; i < len(out); i++ {
			if bytes.Equal(out[i].group, out[i-1].group) {
				out[i].index = out[i-1].index + 1
			}
		}
	}
	return out, nil
}

// joins reports whether a document can give several rows.
func joins(q *nosql.Query) bool { return len(q.From) > 1 || len(q.From) == 1 && q.From[0].In }

// identity is what a grouped row keeps when a part of its documents moves to another partition: the keys of its
// group, or, where the query does not say them, all of it. Rewritten queries name the keys in groupByItems, which a
// count that changes between pages does not touch.
func identity(row value.Value) []byte {
	// Tokens carry it, and must fit a header. A longer one keeps its beginning, so that the order stays, and a hash
	// that tells it from others.
	const most = 512
	if keys := row.Get("groupByItems"); keys.IsDefined() {
		row = keys
	}
	id := value.AppendKey(nil, row)
	if len(id) > most {
		sum := sha256.Sum256(id)
		id = append(id[:most-len(sum):most-len(sum)], sum[:]...)
	}
	return id
}

// ordered reports whether every row of a query has a place that its keys, its document and its group tell: not where
// a score sorts, which other documents change. BM25 counts words over all documents: one that is added moves every
// score.
func ordered(q *nosql.Query) bool {
	byScore := func(s nosql.Sort) bool { _, call := s.X.(*nosql.Call); return call }
	return !q.Rank && !slices.ContainsFunc(q.OrderBy, byScore)
}

// after returns how many rows are up to and with the place. The row that was given last does not matter: it may have
// been moved, deleted, or belong to another partition now. The search halves the rows each time; going through them
// is for results without an order of their own.
func after(q *nosql.Query, rows []result, p *place) int {
	keys := p.keys()
	otherKeys := func(r result) bool { return len(r.keys) != len(keys) }
	if ordered(q) && len(keys) == len(q.OrderBy) && !slices.ContainsFunc(rows, otherKeys) {
		return sort.Search(len(rows), func(i int) bool { return compareRow(q, rows[i], keys, p) > 0 })
	}
	for i, r := range rows {
		if r.number() == p.Number && r.index == p.Index && bytes.Equal(r.group, p.Group) {
			return i + 1
		}
	}
	// Neither the row nor a place for it: so many were given, and the rest cannot be told any better.
	return min(p.Count, len(rows))
}

// compareRow compares a row with a place in the order of the result: by the keys, then by document, backwards if the
// first key descends. It must be the very order in which the evaluator sorts, or a page would repeat or lose rows.
func compareRow(q *nosql.Query, r result, keys []value.Value, p *place) int {
	if c := compareKeys(q, r.keys, keys); c != 0 {
		return c
	}
	if r.number() != p.Number {
		if len(q.OrderBy) > 0 && q.OrderBy[0].Desc {
			return cmp.Compare(p.Number, r.number())
		}
		return cmp.Compare(r.number(), p.Number)
	}
	if c := bytes.Compare(r.group, p.Group); c != 0 {
		return c
	}
	return cmp.Compare(r.index, p.Index)
}

// compareKeys compares the keys of two rows in the order that ORDER BY asks for; rows without them are equal.
func compareKeys(q *nosql.Query, a, b []value.Value) int {
	for i, s := range q.OrderBy {
		if i >= len(a) || i >= len(b) {
			return 0
		}
		if c := value.Compare(a[i], b[i]); c != 0 {
			if s.Desc {
				return -c
			}
			return c
		}
	}
	return 0
}

// paginate makes the page that begins with row from, when so many were given before. Unlike a stream it knows whether
// anything follows, so a full last page has no token.
func paginate(rows []result, from, given, size int) *page {
	p := &page{}
	for i := from; i < len(rows); i++ {
		if p.full(size) {
			r := rows[i-1]
			p.next = &continuation{Last: &place{keysOf(r.keys), r.number(), r.group, r.index, given + len(p.rows)}}
			return p
		}
		p.print(rows[i].value)
	}
	return p
}
