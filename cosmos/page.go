package cosmos

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// Page is one page of a result.
type Page struct {
	Items []json.RawMessage // the JSON of each row, all parts of one buffer; valid until Release
	// resumes after this page; empty on the last one, and where that cannot be done: see [Pager.More]
	Continuation string
	Response     *Response // without Body, which is in Items

	memory  *pageMemory // of a page of a feed
	release func()      // of a page of a query
}

// Release lets later pages use the memory of this one. Items and all slices of them are invalid afterwards. Calling it
// is optional and saves allocations.
func (p *Page) Release() {
	switch {
	case p.memory != nil:
		p.memory.free(p.Items)
	case p.release != nil:
		p.release()
	default:
		return
	}
	p.memory, p.release, p.Items = nil, nil, nil
}

// pageMemory is the memory of a page, for reuse.
type pageMemory struct {
	buffer []byte
	items  []json.RawMessage
}

// free puts the memory, with the slice of items, into the pool.
func (m *pageMemory) free(items []json.RawMessage) {
	m.items = items[:0]
	if cap(m.buffer) <= maxKept {
		pageMemories.Put(m)
	}
}

// pageStore keeps the memory of a query's pages for its next ones. A pool alone is emptied by every collection of
// garbage, of which a long result sees many.
type pageStore struct {
	mu   sync.Mutex
	kept []*pageMemory
}

// get returns memory for a page.
func (s *pageStore) get() *pageMemory {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.kept); n > 0 {
		m := s.kept[n-1]
		s.kept = s.kept[:n-1]
		return m
	}
	return pageMemories.Get().(*pageMemory)
}

// put takes the memory of a page, with the slice of items, back.
func (s *pageStore) put(m *pageMemory, items []json.RawMessage) {
	m.items = items[:0]
	if cap(m.buffer) > maxKept {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, m)
}

// empty gives everything to the queries that come.
func (s *pageStore) empty() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.kept {
		pageMemories.Put(m)
	}
	s.kept = nil
}

// maxKept is the largest buffer, in bytes, that the pool keeps: the odd giant page should not stay in memory.
const maxKept = 8 << 20

var pageMemories = sync.Pool{New: func() any { return &pageMemory{} }}

// reader decodes pages that may be damaged. The decoder parses a bytes.Buffer in place, without copying or changing it.
type reader struct {
	decoder *jsontext.Decoder
	source  bytes.Buffer
}

var readers = sync.Pool{New: func() any { return &reader{decoder: jsontext.NewDecoder(bytes.NewReader(nil))} }}

var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// decodeFeed appends the elements of the member called array of a page to items, in one pass. They alias body.
func decodeFeed(items []json.RawMessage, body []byte, array string) ([]json.RawMessage, error) {
	items, _, err := decodeQuery(items, body, array)
	return items, err
}

// decodeQuery is decodeFeed for the answers to queries, which may say that the rows are not sorted.
func decodeQuery(items []json.RawMessage, body []byte, array string) (_ []json.RawMessage, unsorted bool, err error) {
	if all, streaming, ok := cutFeed(items, body, array); ok {
		return all, rawjson.Kind(streaming) == 'f', nil
	}
	items, err = explainFeed(items, body, array)
	streaming, _ := rawjson.Get(body, "_streaming")
	return items, rawjson.Kind(streaming) == 'f', err
}

// cutFeed is decodeQuery for pages that are as they should be. It also finds the member "_streaming", if there is one.
func cutFeed(
	items []json.RawMessage, body []byte, array string,
) (_ []json.RawMessage, streaming []byte, ok bool) {
	found := false
	end, ok := rawjson.ScanObject(body, rawjson.Space(body, 0), func(begin, end, i int) (int, bool) {
		name := body[begin:end]
		if rawjson.NameIs(name, array) {
			found = true
			return rawjson.ScanArray(body, i, func(i int) (int, bool) {
				end, ok := rawjson.Scan(body, i)
				if ok {
					items = append(items, body[i:end:end])
				}
				return end, ok
			})
		}
		end, ok := rawjson.Scan(body, i)
		if ok && rawjson.NameIs(name, "_streaming") {
			streaming = body[i:end]
		}
		return end, ok
	})
	return items, streaming, ok && found && rawjson.Space(body, end) == len(body)
}

// explainFeed is decodeFeed for pages that are not as they should be: its errors say where.
func explainFeed(items []json.RawMessage, body []byte, array string) ([]json.RawMessage, error) {
	r := readers.Get().(*reader)
	defer readers.Put(r)
	r.source = *bytes.NewBuffer(body)
	defer func() { r.source = bytes.Buffer{} }()
	d := r.decoder
	d.Reset(&r.source, lenient...)
	if err := expect(d, jsontext.KindBeginObject); err != nil {
		return items, err
	}
	found := false
	for d.PeekKind() == jsontext.KindString {
		name, err := d.ReadToken()
		if err != nil {
			return items, notPage(err)
		}
		if name.String() != array {
			if err := d.SkipValue(); err != nil {
				return items, notPage(err)
			}
			continue
		}
		found = true
		if err := expect(d, jsontext.KindBeginArray); err != nil {
			return items, err
		}
		for d.PeekKind() != jsontext.KindEndArray {
			value, err := d.ReadValue()
			if err != nil {
				return items, notPage(err)
			}
			end := int(d.InputOffset())
			items = append(items, body[end-len(value):end:end])
		}
		if _, err := d.ReadToken(); err != nil {
			return items, notPage(err)
		}
	}
	if err := expect(d, jsontext.KindEndObject); err != nil {
		return items, err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return items, notPage(errors.New("something follows it"))
	}
	if !found {
		return items, notPage(fmt.Errorf("it has no member %q", array))
	}
	return items, nil
}

// expect reads the next token, which must be of a kind.
func expect(d *jsontext.Decoder, kind jsontext.Kind) error {
	token, err := d.ReadToken()
	if err != nil {
		return notPage(err)
	}
	if token.Kind() != kind {
		return notPage(fmt.Errorf("found %s where %s belongs", token.Kind(), kind))
	}
	return nil
}

// notPage is the error of an answer that is not a page.
func notPage(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("cosmos: the answer is not a page of a feed: %w", err)
}
