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
	"strings"
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

// scope returns the documents that a request is about, in the order of the answer.
func (f *fake) scope(request Fetch) ([]document, error) {
	lo, hi := request.Min, request.Max
	if request.Key == nil {
		i := slices.IndexFunc(f.ranges, func(r partition.Range) bool { return r.ID == request.RangeID })
		if i < 0 {
			return nil, fmt.Errorf("410/1002: %w", ErrGone)
		}
		if lo == "" && hi == "" {
			lo, hi = f.ranges[i].Min, f.ranges[i].Max
		}
	}
	var docs []document
	for _, d := range f.docs {
		if request.Key != nil && d.epk == definition.EPK(request.Key) ||
			request.Key == nil && (partition.Range{Min: lo, Max: hi}).Contains(d.epk) {
			docs = append(docs, d)
		}
	}
	if f.muddled {
		slices.SortFunc(docs, func(a, b document) int { return strings.Compare(a.epk, b.epk) })
		return docs, nil
	}
	slices.SortFunc(docs, f.compare)
	return docs, nil
}

func (f *fake) compare(a, b document) int {
	if c := f.order.compare(a.keys, b.keys); c != 0 {
		return c
	}
	c := int(a.number) - int(b.number)
	if len(f.order) > 0 && f.order[0] {
		return -c
	}
	return c
}

// read cuts a page. Its continuation is the document it ends in and how many rows of that it has, or how many rows of
// a made up answer it has.
func (f *fake) read(request Fetch, docs []document) (*Page, error) {
	size := request.PageSize
	if size <= 0 {
		size = f.page
	}
	if f.answer != nil {
		rows := f.answer(request.Query, docs)
		from, _ := strconv.Atoi(request.Continuation)
		page := &Page{Unsorted: f.muddled}
		for _, row := range rows[from:min(from+size, len(rows))] {
			page.Docs = append(page.Docs, []byte(row))
		}
		if from+size < len(rows) {
			page.Continuation = strconv.Itoa(from + size)
		}
		return page, nil
	}
	var last document
	given := 0
	if request.Continuation != "" {
		number, count, _ := strings.Cut(request.Continuation, "+")
		n, _ := strconv.ParseUint(number, 10, 64)
		given, _ = strconv.Atoi(count)
		i := slices.IndexFunc(f.docs, func(d document) bool { return d.number == n })
		last = f.docs[i]
	}
	page := &Page{Unsorted: f.muddled}
	for i, d := range docs {
		from := 0
		if request.Continuation != "" {
			c := f.compare(d, last)
			if f.muddled {
				c = strings.Compare(d.epk, last.epk)
			}
			if c < 0 {
				continue
			} else if c == 0 {
				from = given
			}
		}
		for k := from; k < max(d.rows, 1); k++ {
			page.Docs = append(page.Docs, f.row(d))
			if len(page.Docs) == size {
				if i < len(docs)-1 || k < max(d.rows, 1)-1 {
					page.Continuation = fmt.Sprintf("%d+%d", d.number, k+1)
				}
				return page, nil
			}
		}
	}
	return page, nil
}

func (f *fake) row(d document) []byte {
	if len(f.order) == 0 {
		return []byte(d.payload)
	}
	var items []string
	for _, key := range d.keys {
		items = append(items, "{}")
		if key.IsDefined() {
			items[len(items)-1] = `{"item":` + string(value.AppendJSON(nil, key)) + `}`
		}
	}
	payload := ""
	if d.payload != "" {
		payload = `,"payload":` + d.payload
	}
	return fmt.Appendf(nil, `{"_rid":%q,"orderByItems":[%s]%s}`, d.rid(), strings.Join(items, ","), payload)
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

// answers makes the fake give each partition's documents to a function that marshals what it returns.
func (f *fake) answers(make func(docs []document) []any) *fake {
	f.answer = func(_ string, docs []document) []string {
		var rows []string
		for _, row := range make(docs) {
			text, err := json.Marshal(row)
			if err != nil {
				panic(err)
			}
			rows = append(rows, string(text))
		}
		return rows
	}
	return f
}
