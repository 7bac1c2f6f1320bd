package cosmos

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/naming"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/go-json-experiment/json/jsontext"
)

const maxItemSize = 2 << 20 // bytes, by the service's limits

// encodeItem encodes a document and finds its id. What the service would refuse by its form is refused here, before
// anything is sent. JSON text is checked and used as it is.
func encodeItem(item any) (doc json.RawMessage, id string, err error) {
	text := true
	switch v := item.(type) {
	case []byte:
		doc = v
	case json.RawMessage:
		doc = v
	default:
		text = false
		if doc, err = encodeValue(item); err != nil {
			return nil, "", err
		}
	}
	if len(doc) > maxItemSize {
		return nil, "", fmt.Errorf("cosmos: the document has %d bytes, more than the %d (2 MB) of an item: %w",
			len(doc), maxItemSize, errtext.Inner(ErrTooLarge))
	}
	var raw []byte
	valid := true
	if text {
		raw, valid = rawjson.CheckObject(doc, "id")
	} else if valid = isObject(doc); valid {
		raw, _ = rawjson.Get(doc, "id")
	}
	switch {
	case !valid && text && !jsontext.Value(doc).IsValid(jsontext.AllowDuplicateNames(true)):
		return nil, "", errtext.Refusef("cosmos: the document is not valid JSON: %s", shorten(doc))
	case !valid && item == nil:
		return nil, "", errtext.Refusef(
			"cosmos: nil is not a document: a document is a JSON object, made of a struct or a map")
	case !valid:
		return nil, "", errtext.Refusef("cosmos: a document is a JSON object; %T encodes as %s", item, shorten(doc))
	case raw == nil:
		return nil, "", errtext.Refusef(`cosmos: the document has no "id": every document needs one, a string`)
	}
	id, ok := rawjson.String(raw)
	if !ok {
		return nil, "", errtext.Refusef(`cosmos: the document's "id" is %s: it must be a string`, shorten(raw))
	}
	if err := naming.CheckItemID(id); err != nil {
		return nil, "", err
	}
	return doc, id, nil
}

// encodeValue encodes a Go value as encoding/json does, without escapes for HTML: what goes in is what is stored.
func encodeValue(item any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(item); err != nil {
		return nil, errtext.Refusef("cosmos: a document of type %T cannot be encoded: %w", item, err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte{'\n'}), nil
}

// shorten quotes the beginning of a text in an error.
func shorten(b []byte) string {
	const limit = 60
	b = bytes.TrimSpace(b)
	if len(b) > limit {
		return string(bytes.ToValidUTF8(b[:limit], nil)) + "…"
	}
	return string(b)
}
