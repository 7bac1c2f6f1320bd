package pipeline

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// document is one that the fake holds: where it lives, what it is sorted by, and the rows it gives.
type document struct {
	number  uint64
	epk     string
	keys    []value.Value
	payload string
	rows    int // 0 means 1; more as a JOIN gives
}

func (d document) rid() string {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[8:], d.number)
	return base64.StdEncoding.EncodeToString(b[:])
}

// fake is a Backend over documents in memory. It answers every text in the same way: with the payloads of the documents
// of a partition, by _rid, or in envelopes by their keys where order is set, or with what answer makes of them.
type fake struct {
	plan    *queryplan.Plan
	order   ordering
	answer  func(query string, docs []document) []string
	latency time.Duration
	before  func(f *fake, request Fetch) error // called before every page, without the lock
	unknown error                              // what the routing map is answered with, if not nil
	muddled bool                               // partitions sort nothing, and say so
	page    int                                // of the server, where the request leaves it open

	mu       sync.Mutex
	docs     []document
	ranges   []partition.Range
	made     int // ranges
	requests []Fetch
	released atomic.Int64
	now      int // requests under way
	most     int
	plans    int
}

// newFake returns a fake with n equal ranges.
func newFake(n int, docs []document) *fake {
	f := &fake{docs: docs, page: 1000}
	bounds := partition.Boundaries(n, definition)
	for i := range n {
		f.ranges = append(f.ranges, partition.Range{ID: strconv.Itoa(i), Min: bounds[i], Max: bounds[i+1]})
	}
	f.made = n
	return f
}

var definition = partition.Definition{Paths: []string{"/pk"}, Kind: "Hash", Version: 2}

// split replaces the range at index i by its halves.
func (f *fake) split(i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.ranges[i%len(f.ranges)]
	mid := partition.Midpoint(r.Min, r.Max, definition)
	halves := []partition.Range{{ID: strconv.Itoa(f.made), Min: r.Min, Max: mid},
		{ID: strconv.Itoa(f.made + 1), Min: mid, Max: r.Max}}
	f.made += 2
	f.ranges = slices.Replace(f.ranges, i%len(f.ranges), i%len(f.ranges)+1, halves...)
}

// merge joins the ranges at index i and i+1.
func (f *fake) merge(i int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.ranges) < 2 {
		return
	}
	i %= len(f.ranges) - 1
	joined := partition.Range{ID: strconv.Itoa(f.made), Min: f.ranges[i].Min, Max: f.ranges[i+1].Max}
	f.made++
	f.ranges = slices.Replace(f.ranges, i, i+2, joined)
}

func (f *fake) Plan(ctx context.Context) (*queryplan.Plan, error) {
	if err := wait(ctx, f.latency); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plans++
	if f.plan == nil {
		return nil, errors.New("no plan")
	}
	return f.plan, nil
}

func (f *fake) Ranges(ctx context.Context, lo, hi string, refresh bool) ([]partition.Range, error) {
	if refresh {
		if err := wait(ctx, f.latency); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.unknown != nil {
		return nil, f.unknown
	}
	m, err := partition.NewRoutingMap(f.ranges)
	if err != nil {
		return nil, err
	}
	return m.Overlapping(lo, hi), nil
}

func (f *fake) Read(ctx context.Context, id string, key partition.Key) (*Page, error) {
	if err := wait(ctx, f.latency); err != nil {
		return nil, err
	}
	for _, d := range f.docs {
		if d.payload == strconv.Quote(id) && d.epk == definition.EPK(key) {
			return &Page{Docs: []json.RawMessage{[]byte(d.payload)}}, nil
		}
	}
	return &Page{}, nil
}

func (f *fake) Fetch(ctx context.Context, request Fetch) (*Page, error) {
	f.mu.Lock()
	asked := request
	asked.Ahead = false // which depends on the moment
	f.requests = append(f.requests, asked)
	f.now++
	f.most = max(f.most, f.now)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.now--
		f.mu.Unlock()
	}()
	if err := wait(ctx, f.latency); err != nil {
		return nil, err
	}
	if f.before != nil {
		if err := f.before(f, request); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	docs, err := f.scope(request)
	if err != nil {
		return nil, err
	}
	page, err := f.read(request, docs)
	if err == nil {
		f.own(page)
	}
	return page, err
}

// own gives a page memory of its own, which is overwritten when it is given back.
func (f *fake) own(page *Page) {
	for i, doc := range page.Docs {
		page.Docs[i] = bytes.Clone(doc)
	}
	docs := slices.Clone(page.Docs)
	released := false
	page.Release = func() {
		if released {
			panic("a page was given back twice")
		}
		released = true
		f.released.Add(1)
		for _, doc := range docs {
			for i := range doc {
				doc[i] = '#'
			}
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sortedPlan is the plan of ORDER BY with the directions.
func sortedPlan(descending ...bool) *queryplan.Plan {
	info := &queryplan.Info{RewrittenQuery: "rewritten"}
	for _, d := range descending {
		direction := queryplan.Ascending
		if d {
			direction = queryplan.Descending
		}
		info.OrderBy = append(info.OrderBy, direction)
	}
	return &queryplan.Plan{Version: 2, Info: info, Ranges: queryplan.FullRange()}
}

// planned makes the fake answer by a plan.
func (f *fake) planned(plan *queryplan.Plan) *fake {
	f.plan = plan
	if plan.Info != nil {
		f.order = newOrdering(plan.Info.OrderBy)
	}
	return f
}

var planned = queryplan.AccessPath{Kind: queryplan.Planned, Ranges: queryplan.FullRange()}

// readAll returns all rows of a query.
func readAll(t testing.TB, f *fake, o Options) []string {
	t.Helper()
	rows := Open(f, o)
	defer rows.Close()
	var out []string
	for {
		batch, err := rows.Next(t.Context())
		if err == io.EOF {
			return out
		}
		require.NoError(t, err)
		require.NotEmpty(t, batch.Docs)
		out = append(out, texts(batch.Docs)...)
		if batch.Release != nil {
			batch.Release()
		}
	}
}

// readPast returns all rows of a query some of whose calls fail by passing, and how many did. After each of them failed
// is called.
func readPast(t testing.TB, rows *Rows, passing error, failed func()) (all []string, failures int) {
	t.Helper()
	for {
		batch, err := rows.Next(t.Context())
		if err == io.EOF {
			return all, failures
		}
		if err != nil {
			require.ErrorIs(t, err, passing)
			failures++
			failed()
			continue
		}
		all = append(all, texts(batch.Docs)...)
	}
}

func texts(docs []json.RawMessage) []string {
	out := make([]string, len(docs))
	for i, doc := range docs {
		out[i] = string(bytes.Clone(doc))
	}
	return out
}

// numbered returns n documents spread over the partitions, whose payload is their number and whose key is n%modulus.
func numbered(n, modulus int) []document {
	docs := make([]document, n)
	for i := range docs {
		key, _ := partition.NewKey(fmt.Sprint("key ", i))
		docs[i] = document{number: uint64(i + 1), epk: definition.EPK(key), payload: strconv.Itoa(i + 1),
			keys: []value.Value{value.Int(int64(i % modulus))}}
	}
	return docs
}
