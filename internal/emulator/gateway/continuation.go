package gateway

import (
	"encoding/base64"
	"encoding/json"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// continuation is what a token says: where the next page begins. It names documents by number and rows by value, not
// partitions, so it stays good when partitions split or merge.
type continuation struct {
	Segments []segment `json:"s,omitempty"` // of a stream: what is left to read
	Last     *place    `json:"l,omitempty"` // of a sorted result: the last row given
	Skip     int       `json:"k,omitempty"` // of metadata: how many were given
}

// segment is a stretch of effective keys and where a reader stands in it.
type segment struct {
	Min  string `json:"m,omitempty"`
	Max  string `json:"x"`
	From uint64 `json:"f,omitempty"` // number of the document to go on with
	Skip int    `json:"r,omitempty"` // rows of that document that were given
}

// everything is the one segment of a stream that has not begun.
func everything() []segment { return []segment{{Min: partition.Min, Max: partition.Max}} }

// place is the place of a row in a sorted result.
type place struct {
	Keys   []json.RawMessage `json:"k,omitempty"` // each a list of one value, or of none for undefined
	Number uint64            `json:"n,omitempty"` // of the row's document
	Group  []byte            `json:"g,omitempty"` // of a row without document: what identifies it
	Index  int               `json:"i"`           // among the rows of the same document or group
	Count  int               `json:"c"`           // rows up to here
}

// encode writes the token.
func (t continuation) encode() string {
	text, _ := json.Marshal(t) // plain data
	return base64.RawURLEncoding.EncodeToString(text)
}

// continuation reads the request's token; nil without one.
func (c *call) continuation() (*continuation, error) {
	text := c.header(headerContinuation)
	if text == "" {
		return nil, nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	var t continuation
	if err != nil || json.Unmarshal(plain, &t) != nil || t.Skip < 0 || t.Last != nil && t.Last.Count < 0 {
		return nil, invalidToken()
	}
	return &t, nil
}

// segments is what the token of a stream leaves to read; without a token, everything.
func (t *continuation) segments() ([]segment, error) {
	switch {
	case t == nil:
		return everything(), nil
	case len(t.Segments) == 0:
		return nil, invalidToken()
	}
	return t.Segments, nil
}

func invalidToken() error { return refuse(400, 0, "Invalid Continuation Token") }

// keysOf writes ORDER BY keys into a place. Keys too large for a header stay away: the row is then found by its document,
// and only if that is gone by its count.
func keysOf(keys []value.Value) []json.RawMessage {
	const most = 4 << 10
	out, size := make([]json.RawMessage, len(keys)), 0
	for i, k := range keys {
		out[i] = []byte("[]")
		if k.IsDefined() {
			out[i] = append(value.AppendJSON([]byte("["), k), ']')
		}
		if size += len(out[i]); size > most {
			return nil
		}
	}
	return out
}

// keys reads them back.
func (p *place) keys() []value.Value {
	out := make([]value.Value, len(p.Keys))
	for i, text := range p.Keys {
		if list, err := value.Parse(text); err == nil {
			out[i] = list.At(0) // undefined from an empty list
		}
	}
	return out
}
