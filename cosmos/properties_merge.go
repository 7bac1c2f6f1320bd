package cosmos

import (
	"bytes"
	"encoding/json"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// merge carries a change over to a document of which only a part is understood. raw is the document as it was read,
// base what was understood of it, and changed that part as it is to be. What is only in raw stays; what is in base and
// no longer in changed goes. Unchanged elements of arrays keep all they had, wherever they moved to.
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
		// As many as before, and this one is new: it is the old one of its place, edited.
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
