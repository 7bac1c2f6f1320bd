package cosmos

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// maxDecodeDepth is how deep values may be that are not left to encoding/json.
const maxDecodeDepth = 1000

// decodeAny decodes data as encoding/json decodes into an any. It reports false for what is not valid JSON, and for
// what it leaves to encoding/json. The strings of the result are parts of one, so that each does not take an
// allocation: what a caller keeps of a document keeps all of it.
func decodeAny(data []byte) (any, bool) {
	d := decoder{data: data, whole: string(data)}
	i := rawjson.Space(data, 0)
	v, i, ok := d.value(i, maxDecodeDepth)
	return v, ok && rawjson.Space(data, i) == len(data)
}

// decoder decodes one document.
type decoder struct {
	data    []byte
	whole   string          // the same, which strings are parts of; "" where they are made one by one
	arena   strings.Builder // of short ones among those
	texts   int64           // their bytes
	members []anyMember
	items   []any
}

type anyMember struct {
	name  string
	value any
}

// value decodes what stands at i and returns the index behind it.
func (d *decoder) value(i, depth int) (any, int, bool) {
	if i >= len(d.data) || depth == 0 {
		return nil, i, false
	}
	switch d.data[i] {
	case '"':
		return d.boxed(i)
	case '{':
		return d.object(i, depth-1)
	case '[':
		return d.array(i, depth-1)
	case 't', 'f', 'n':
		end, ok := rawjson.Scan(d.data, i)
		switch d.data[i] {
		case 't':
			return true, end, ok
		case 'f':
			return false, end, ok
		}
		return nil, end, ok
	}
	end, ok := rawjson.ScanNumber(d.data, i)
	if !ok {
		return nil, end, false
	}
	f, err := strconv.ParseFloat(string(d.data[i:end]), 64)
	return f, end, err == nil
}

func (d *decoder) boxed(i int) (any, int, bool) {
	s, end, ok := d.string(i)
	return s, end, ok
}

// string decodes the string at i. One that is not valid UTF-8 is left to encoding/json.
func (d *decoder) string(i int) (string, int, bool) {
	if d.data[i] != '"' {
		return "", i, false
	}
	end, ok := rawjson.ScanString(d.data, i)
	if !ok {
		return "", end, false
	}
	s, ok := d.text(i+1, end-1)
	return s, end, ok
}

// text decodes the inside of a string. Short ones that are not parts of whole share memory: what a caller keeps of a
// document keeps those of it.
func (d *decoder) text(begin, end int) (string, bool) {
	raw := d.data[begin:end]
	switch {
	case bytes.IndexByte(raw, '\\') >= 0, d.whole == "" && len(raw) > 256:
		return rawjson.Unquote(raw), utf8.Valid(raw)
	case d.whole != "":
		return d.whole[begin:end], utf8.Valid(raw)
	}
	if d.arena.Cap()-d.arena.Len() < len(raw) {
		d.arena = strings.Builder{}
		d.arena.Grow(len(raw))
	}
	at := d.arena.Len()
	d.arena.Write(raw)
	d.texts += int64(len(raw))
	return d.arena.String()[at:], utf8.Valid(raw)
}

func (d *decoder) object(i, depth int) (any, int, bool) {
	first := len(d.members)
	defer func() { d.members = d.members[:first] }()
	end, ok := rawjson.ScanObject(d.data, i, func(begin, end, i int) (int, bool) {
		name, ok := d.text(begin, end)
		if !ok {
			return i, false
		}
		v, i, ok := d.value(i, depth)
		d.members = append(d.members, anyMember{name, v})
		return i, ok
	})
	if !ok {
		return nil, end, false
	}
	members := d.members[first:]
	object := make(map[string]any, len(members))
	for _, m := range members {
		object[m.name] = m.value
	}
	return object, end, ok
}

func (d *decoder) array(i, depth int) (any, int, bool) {
	first := len(d.items)
	defer func() { d.items = d.items[:first] }()
	end, ok := rawjson.ScanArray(d.data, i, func(i int) (int, bool) {
		v, i, ok := d.value(i, depth)
		d.items = append(d.items, v)
		return i, ok
	})
	if !ok {
		return nil, end, false
	}
	return append(make([]any, 0, len(d.items)-first), d.items[first:]...), end, true
}
