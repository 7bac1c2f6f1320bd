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
	if d.whole == "" {
		s, ok := d.text(d.data[i+1 : end-1])
		return s, end, ok
	}
	s := d.whole[i+1 : end-1]
	if strings.IndexByte(s, '\\') >= 0 {
		s = rawjson.Unquote(d.data[i+1 : end-1])
	}
	return s, end, utf8.ValidString(s)
}

// text decodes the inside of a string. Short ones share memory: what a caller keeps of a document keeps those of it.
func (d *decoder) text(raw []byte) (string, bool) {
	if len(raw) > 256 || bytes.IndexByte(raw, '\\') >= 0 {
		return rawjson.Unquote(raw), utf8.Valid(raw)
	}
	if d.arena.Cap()-d.arena.Len() < len(raw) {
		d.arena = strings.Builder{}
		d.arena.Grow(len(raw))
	}
	begin := d.arena.Len()
	d.arena.Write(raw)
	d.texts += int64(len(raw))
	return d.arena.String()[begin:], utf8.Valid(raw)
}

func (d *decoder) object(i, depth int) (any, int, bool) {
	first := len(d.members)
	defer func() { d.members = d.members[:first] }()
	for next := byte('{'); next != '}'; next = d.data[i] {
		if i = rawjson.Space(d.data, i+1); i >= len(d.data) {
			return nil, i, false
		}
		if next == '{' && d.data[i] == '}' {
			break
		}
		name, end, ok := d.string(i)
		if i = rawjson.Space(d.data, end); !ok || i >= len(d.data) || d.data[i] != ':' {
			return nil, i, false
		}
		v, end, ok := d.value(rawjson.Space(d.data, i+1), depth)
		if i = rawjson.Space(d.data, end); !ok || i >= len(d.data) || d.data[i] != ',' && d.data[i] != '}' {
			return nil, i, false
		}
		d.members = append(d.members, anyMember{name, v})
	}
	members := d.members[first:]
	object := make(map[string]any, len(members))
	for _, m := range members {
		object[m.name] = m.value
	}
	return object, i + 1, true
}

func (d *decoder) array(i, depth int) (any, int, bool) {
	first := len(d.items)
	defer func() { d.items = d.items[:first] }()
	for next := byte('['); next != ']'; next = d.data[i] {
		if i = rawjson.Space(d.data, i+1); next == '[' && i < len(d.data) && d.data[i] == ']' {
			break
		}
		v, end, ok := d.value(i, depth)
		if i = rawjson.Space(d.data, end); !ok || i >= len(d.data) || d.data[i] != ',' && d.data[i] != ']' {
			return nil, i, false
		}
		d.items = append(d.items, v)
	}
	return append(make([]any, 0, len(d.items)-first), d.items[first:]...), i + 1, true
}
