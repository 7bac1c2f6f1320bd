package pipeline

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/value"
)

// sorted is a row of a sorted answer: {"_rid": …, "orderByItems": [{"item": …}, …], "payload": …}.
type sorted struct {
	doc     json.RawMessage
	rid     []byte // inside of the string literal; rids need no escapes
	keys    []value.Value
	payload []byte // nil if undefined
}

var payloadLast = []byte(`,"payload":`)

// read takes the row apart. It reuses the keys' memory. The service writes the three members in this order, and the
// shortcut relies on it only where it finds it so.
func (s *sorted) read(doc []byte) error {
	keys := s.keys[:0]
	*s = sorted{doc: doc}
members:
	for name, text := range rawjson.Members(doc) {
		switch string(name) {
		case "_rid":
			s.rid = bytes.Trim(text, `"`)
		case "payload":
			s.payload = text
		case "orderByItems":
			for item := range rawjson.Elements(text) {
				key, err := unwrap(item)
				if err != nil {
					return err
				}
				keys = append(keys, key)
			}
			// The last of the three members ends where the row does, so that nobody has to look for its end.
			rest := doc[cap(doc)-cap(text)+len(text):]
			if payload, last := bytes.CutPrefix(rest, payloadLast); last && s.rid != nil {
				s.payload = bytes.TrimSpace(bytes.TrimSuffix(payload, []byte("}")))
				break members
			}
		}
	}
	s.keys = keys
	if s.rid == nil || len(keys) == 0 {
		return fmt.Errorf("cosmos: a row of a sorted answer lacks _rid or orderByItems: %.100s", doc)
	}
	return nil
}

// unwrap reads {"item": x}; without the member the value is undefined. JSON cannot say undefined, hence the envelope
// (PROTOCOL.md 6.6).
func unwrap(envelope []byte) (value.Value, error) {
	text, ok := rawjson.Get(envelope, "item")
	if !ok {
		return value.Undefined, nil
	}
	return value.Parse(text)
}

// gather adds a page of a partition that cannot sort to those before it, and sorts them all after the last. The
// service announces it with "_streaming":false (PROTOCOL.md 6.1); the rows count against the budget, as they may be
// all of the partition.
func (m *merge) gather(in *input, page *Page) error {
	if in.gathered == nil {
		in.start = in.origin
	}
	for _, doc := range page.Docs {
		if err := in.fetcher.budget.take(len(doc)+rowOverhead, "ORDER BY of a partition that cannot sort"); err != nil {
			return err
		}
	}
	in.gathered = append(in.gathered, page.Docs...)
	if !in.exhausted {
		return nil
	}
	all := make([]sorted, len(in.gathered))
	for i, doc := range in.gathered {
		if err := all[i].read(doc); err != nil {
			return err
		}
	}
	slices.SortStableFunc(all, func(a, b sorted) int {
		if c := m.order.compare(a.keys, b.keys); c != 0 {
			return c
		}
		if in.reversed {
			return compareRIDs(b.rid, a.rid)
		}
		return compareRIDs(a.rid, b.rid)
	})
	for i := range all {
		in.gathered[i] = all[i].doc
	}
	return nil
}

// ordering is the directions of ORDER BY: true for descending.
type ordering []bool

func newOrdering(directions []string) ordering {
	o := make(ordering, len(directions))
	for i, d := range directions {
		o[i] = d == queryplan.Descending
	}
	return o
}

// names are the directions as plans name them.
func (o ordering) names() []string {
	names := make([]string, len(o))
	for i, descending := range o {
		if names[i] = queryplan.Ascending; descending {
			names[i] = queryplan.Descending
		}
	}
	return names
}

func (o ordering) compare(a, b []value.Value) int {
	for i, descending := range o {
		if i >= len(a) || i >= len(b) {
			break
		}
		if c := value.Compare(a[i], b[i]); c != 0 {
			if descending {
				return -c
			}
			return c
		}
	}
	return 0
}

// ridsReversed reports whether rows with equal keys come in falling order of _rid, from what the service says about
// how it executed a query whose first key is descending or not. Without the header, or with reversed rids, the
// direction of the first key decides (PROTOCOL.md 6.9).
func ridsReversed(descending bool, executionInfo string) bool {
	var info struct {
		ReverseRID  bool `json:"reverseRidEnabled"`
		ReverseScan bool `json:"reverseIndexScan"`
	}
	if executionInfo == "" || json.Unmarshal([]byte(executionInfo), &info) != nil || info.ReverseRID {
		return descending
	}
	return info.ReverseScan
}

// compareRIDs orders documents by the number in their _rid, which counts up as they are created. As texts they would
// be in the order of base64, which is not that of numbers.
func compareRIDs(a, b []byte) int {
	x, okX := documentNumber(a)
	y, okY := documentNumber(b)
	if c := cmp.Compare(x, y); okX && okY && c != 0 {
		return c
	}
	return bytes.Compare(a, b)
}

func documentNumber(rid []byte) (uint64, bool) {
	// 16 bytes, written with - where base64 has /: account and container, then the number.
	const length = 16
	var decoded [length + 2]byte // base64 is decoded three bytes at a time
	text := bytes.ReplaceAll(rid, []byte("-"), []byte("/"))
	if base64.StdEncoding.DecodedLen(len(text)) > len(decoded) {
		return 0, false
	}
	n, err := base64.StdEncoding.Decode(decoded[:], text)
	if err != nil || n != length {
		return 0, false
	}
	return binary.LittleEndian.Uint64(decoded[length/2 : length]), true
}
