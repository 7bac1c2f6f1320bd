package pipeline

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

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
