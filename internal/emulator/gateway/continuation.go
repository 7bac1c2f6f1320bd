package gateway

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/value"
)

// continuation is what a token says: where the next page begins. It names documents by number and rows by value, not
// partitions, so it stays good when partitions split or merge.
type continuation struct {
	Segments []segment // of a stream: what is left to read
	Last     *place    // of a sorted result: the last row given
	Skip     int       // of metadata: how many were given
	// RT and TRC of the service's tokens. No client reads them; but tokens that look like the service's find clients
	// that wrongly parse them.
	Pages int // given so far
	Rows  int // given so far
}

// segment is a stretch of effective keys and where a reader stands in it.
type segment struct {
	Min, Max string
	// Numbers grow with every document of a container and are never used again, so what was written behind the place
	// is met and what was read is not met again.
	From uint64 // number of the document to go on with
	Skip int    // rows of that document that were given
}

// everything is the one segment of a stream that has not begun.
func everything() []segment { return []segment{{Min: partition.Min, Max: partition.Max}} }

// place is the place of a row in a sorted result.
type place struct {
	Keys   []json.RawMessage // each a list of one value, or of none for undefined
	Number uint64            // of the row's document
	Group  []byte            // of a row without document: what identifies it
	// Of rows with equal keys and the same document only this tells them apart.
	Index int // among the rows of the same document or group
	// The last resort where the place cannot be found, as for scores, and what TOP has left.
	Count int // rows up to here
}

// spot is where a reader stands in one partition, in the form that the service's tokens have:
//
//	-RID:~RID#RT:1#TRC:10#RTD:…#ISV:2#IEO:65567#QCF:8
//
// RID is the last document's, RT the pages and TRC the rows given so far. RTD is there where more must be known.
type spot struct {
	number      uint64
	pages, rows int
	more        more
}

// more is what a spot says beside the document: the place of a sorted or grouped row, or the rows given of the
// document. Short names, for a token must fit a header.
type more struct {
	Keys  []json.RawMessage `json:"k,omitempty"`
	Group []byte            `json:"g,omitempty"`
	Index int               `json:"i,omitempty"`
	Given *int              `json:"r,omitempty"`
}

// The tail is that of the recordings until 2023 (IEO:65567).
func (s spot) encode(rid func(uint64) string) string {
	text := fmt.Sprintf("-RID:~%s#RT:%d#TRC:%d", rid(s.number), s.pages, s.rows)
	if m := s.more; m.Keys != nil || m.Group != nil || m.Index != 0 || m.Given != nil {
		state, _ := json.Marshal(m) // plain data
		text += "#RTD:" + base64.StdEncoding.EncodeToString(state)
	}
	return text + "#ISV:2#IEO:65567#QCF:8"
}

// parseSpot reads a spot, also one that the service has made. Unknown parts are passed over, as the service adds some
// from time to time (IEO, QCF).
func parseSpot(text string) (s spot, ok bool) {
	text, ok = strings.CutPrefix(strings.TrimLeft(text, "+-"), "RID:")
	if !ok {
		return s, false
	}
	rid, rest, _ := strings.Cut(strings.TrimPrefix(text, "~"), "#")
	if s.number, ok = store.DocumentNumber(rid); !ok {
		return s, false
	}
	for part := range strings.SplitSeq(rest, "#") {
		name, v, _ := strings.Cut(part, ":")
		var err error
		switch name {
		case "RT":
			s.pages, err = strconv.Atoi(v)
		case "TRC":
			s.rows, err = strconv.Atoi(v)
		case "RTD":
			if state, e := base64.StdEncoding.DecodeString(v); e == nil {
				json.Unmarshal(state, &s.more) // what the service writes there is not known
			}
		}
		if err != nil || s.pages < 0 || s.rows < 0 {
			return s, false
		}
	}
	return s, true
}

// ranged is a spot with the effective keys that it is for; a token of null has not begun. A pointer, for clients of
// .NET write null for ranges that they have not begun.
type ranged struct {
	Token *string `json:"token"`
	Range struct {
		Min string `json:"min"`
		Max string `json:"max"`
	} `json:"range"`
}

// encode writes the token: for one partition its spot, else an object of spot and range, from the second page on a
// list. Recorded exchanges 96 and 97, the bare form o95 to o97.
func (t continuation) encode(rid func(uint64) string, bare bool) string {
	s := spot{pages: t.Pages, rows: t.Rows}
	segments := t.Segments
	if p := t.Last; p != nil {
		s.number, s.more = p.Number, more{Keys: p.Keys, Group: p.Group, Index: p.Index}
		segments = everything()
	}
	var list []ranged
	for _, seg := range segments {
		if t.Last == nil {
			if s.number, s.more.Given = seg.From, nil; seg.Skip != 1 {
				s.more.Given = &seg.Skip
			}
		}
		text := s.encode(rid)
		if bare {
			return text
		}
		r := ranged{Token: &text}
		// Documents count from 1, so 0 has read nothing.
		if t.Last == nil && seg.From == 0 {
			r.Token = nil
		}
		r.Range.Min, r.Range.Max = seg.Min, seg.Max
		list = append(list, r)
	}
	var out any = list
	if len(list) == 1 && t.Pages == 1 {
		out = list[0]
	}
	text, _ := json.Marshal(out) // plain data
	return string(text)
}

// encodeSkip writes the token of a list of metadata.
func (t continuation) encodeSkip() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(t.Skip)))
}

// skip reads it back: how many of a list of metadata were given.
func (c *call) skip() (int, error) {
	text := c.header(headerContinuation)
	if text == "" {
		return 0, nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return 0, invalidToken()
	}
	n, err := strconv.Atoi(string(plain))
	if err != nil || n < 0 {
		return 0, invalidToken()
	}
	return n, nil
}

// continuation reads the request's token; nil without one. What a client changed or made up is refused and never read
// as another place: bounds must be hexadecimal, numbers must be numbers.
func (c *call) continuation() (*continuation, error) {
	text := c.header(headerContinuation)
	if text == "" {
		return nil, nil
	}
	list := []ranged{{Token: &text}}
	list[0].Range.Max = partition.Max
	switch text[0] {
	case '{':
		list = make([]ranged, 1)
		if json.Unmarshal([]byte(text), &list[0]) != nil {
			return nil, invalidToken()
		}
	case '[':
		if json.Unmarshal([]byte(text), &list) != nil || len(list) == 0 {
			return nil, invalidToken()
		}
	}
	var t continuation
	for i, r := range list {
		seg := segment{Min: r.Range.Min, Max: r.Range.Max}
		if strings.Trim(seg.Min+seg.Max, "0123456789ABCDEF") != "" {
			return nil, invalidToken()
		}
		if r.Token != nil {
			s, ok := parseSpot(*r.Token)
			if !ok {
				return nil, invalidToken()
			}
			// A token of the service's own names the last document, one row of which was given.
			seg.From, seg.Skip = s.number, 1
			if s.more.Given != nil {
				seg.Skip = *s.more.Given
			}
			if i == 0 {
				t.Last = &place{s.more.Keys, s.number, s.more.Group, s.more.Index, s.rows}
			}
			t.Pages, t.Rows = max(t.Pages, s.pages), max(t.Rows, s.rows)
		} else if seg.Max == "" {
			return nil, invalidToken()
		}
		t.Segments = append(t.Segments, seg)
	}
	return &t, nil
}

// turn counts the page and its rows in the token that follows it.
func (t *continuation) turn(before *continuation, rows int) {
	t.Pages, t.Rows = 1, rows
	if before != nil {
		t.Pages, t.Rows = before.Pages+1, before.Rows+rows
	}
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

// Recorded exchange 181.
func invalidToken() error { return refuse(400, 0, "Invalid Continuation Token") }

// keysOf writes ORDER BY keys into a place. Keys too large for a header stay away: the row is then found by its
// document, and only if that is gone by its count. A list and not the value alone, because JSON has no undefined.
func keysOf(keys []value.Value) []json.RawMessage {
	// Proxies commonly allow 8 KB for a header.
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
