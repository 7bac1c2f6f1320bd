package cosmos

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// Page is one page of a result. Items are the rows' JSON, cut from one buffer.
type Page struct {
	Items        []json.RawMessage
	Continuation string    // resumes after this page; empty on the last one
	Response     *Response // without Body, which is in Items

	memory  *pageMemory // or
	release func()
}

// Release gives the page's memory back for the next page. Items and everything cut from them are invalid afterwards.
// Calling it is optional.
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

// memory is what a page is made of.
type pageMemory struct {
	buffer []byte
	items  []json.RawMessage
}

// free gives the memory of a page with these items back.
func (m *pageMemory) free(items []json.RawMessage) {
	m.items = items[:0]
	if cap(m.buffer) <= maxKept {
		pageMemories.Put(m)
	}
}

// maxKept keeps the buffer of an odd giant page from staying around.
const maxKept = 8 << 20

var pageMemories = sync.Pool{New: func() any { return &pageMemory{} }}

// reader decodes pages. The decoder parses a bytes.Buffer in place, without copying or changing it.
type reader struct {
	decoder *jsontext.Decoder
	source  bytes.Buffer
}

var readers = sync.Pool{New: func() any { return &reader{decoder: jsontext.NewDecoder(bytes.NewReader(nil))} }}

var lenient = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// decodeFeed cuts the elements of the member array out of a page, in one pass, and appends them to items. They alias body.
func decodeFeed(items []json.RawMessage, body []byte, array string) ([]json.RawMessage, error) {
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

func notPage(err error) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("cosmos: the answer is not a page of a feed: %w", err)
}
