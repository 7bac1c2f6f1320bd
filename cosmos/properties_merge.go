package cosmos

import (
	"bytes"
	"encoding/json"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// merge applies a change to JSON of which the Go types know only a part. raw is the JSON as it was read, base the known
// part of it, and changed the known part as it shall be. Members only in raw stay; members in base and not in changed
// are removed. Unchanged elements of arrays keep their unknown members, at any new index.
func merge(raw, base, changed json.RawMessage) json.RawMessage {
	switch {
	case bytes.Equal(base, changed):
		return raw
	case isObject(raw) && isObject(base) && isObject(changed):
		return mergeObjects(raw, base, changed)
	case isArray(raw) && isArray(base) && isArray(changed):
		return mergeArrays(raw, base, changed)
	}
	return changed
}

func mergeObjects(raw, base, changed json.RawMessage) json.RawMessage {
	out := []byte{'{'}
	add := func(name, value []byte) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, '"'), name...), '"', ':')
		out = append(out, value...)
	}
	for name, value := range rawjson.Members(raw) {
		plain := rawjson.Unquote(name)
		now, kept := rawjson.Get(changed, plain)
		before, understood := rawjson.Get(base, plain)
		switch {
		case kept:
			add(name, merge(value, before, now))
		case !understood:
			add(name, value)
		}
	}
	for name, value := range rawjson.Members(changed) {
		if _, had := rawjson.Get(raw, rawjson.Unquote(name)); !had {
			add(name, value)
		}
	}
	return append(out, '}')
}

func mergeArrays(raw, base, changed json.RawMessage) json.RawMessage {
	olds, befores, nows := elements(raw), elements(base), elements(changed)
	out := []byte{'['}
	for i, now := range nows {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, mergeElement(i, now, olds, befores, len(nows))...)
	}
	return append(out, ']')
}

func mergeElement(i int, now json.RawMessage, olds, befores []json.RawMessage, count int) json.RawMessage {
	if len(olds) != len(befores) {
		return now
	}
	for j, before := range befores {
		if bytes.Equal(before, now) {
			return olds[j]
		}
	}
	if count == len(olds) {
		// The same number of elements: a new one is the old one of its index, edited.
		return merge(olds[i], befores[i], now)
	}
	return now
}

func elements(array json.RawMessage) []json.RawMessage {
	var list []json.RawMessage
	for e := range rawjson.Elements(array) {
		list = append(list, e)
	}
	return list
}

func isObject(b []byte) bool { return len(bytes.TrimSpace(b)) > 0 && bytes.TrimSpace(b)[0] == '{' }
func isArray(b []byte) bool  { return len(bytes.TrimSpace(b)) > 0 && bytes.TrimSpace(b)[0] == '[' }
