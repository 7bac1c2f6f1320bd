package store

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/cosmossql/cosmossql/internal/value"
)

// MaxDocument is the largest document and the largest request, in bytes.
const MaxDocument = 2 << 20

// maxKey is the longest text, in bytes, that a partition key of version 2 takes.
const maxKey = 2048

// Document is a document on its way into a container: checked, and placed by its partition key.
type Document struct {
	ID, EPK string

	members []value.Member // without system properties
	late    []value.Member // what a patch has added: behind the system properties, but for the time
	ttl     int64          // 0: the container's
	size    int            // of its JSON as it came, in bytes

	isPatched bool
}

// Parse reads and checks a document's JSON and finds its place by the container's partition key. The document aliases
// body.
func (c *Container) Parse(body []byte) (*Document, error) {
	if len(body) > MaxDocument {
		return nil, TooLarge()
	}
	v, err := value.Parse(body)
	if err != nil {
		return nil, Malformed()
	}
	return c.newDocument(v, len(body))
}

// newDocument checks a document and finds its place.
func (c *Container) newDocument(v value.Value, size int) (*Document, error) {
	if v.Kind() != value.KindObject {
		return nil, Invalid()
	}
	d := &Document{members: make([]value.Member, 0, v.Len()+5), size: size}
	for m := range v.Members() {
		if !isSystem(m.Name) {
			d.members = append(d.members, m)
		}
	}
	id := v.Get("id")
	if id.Kind() != value.KindString || id.AsString() == "" {
		return nil, missingID()
	}
	d.ID = id.AsString()
	if len(d.ID) > 1023 {
		return nil, Errorf(400, 0,
			"The input name '%s' is invalid. Ensure to provide a unique non-empty string less than '1024' characters.",
			d.ID)
	}
	if ttl := v.Get("ttl"); ttl.IsDefined() {
		n, exact := ttl.AsInt()
		if !exact || ttl.Kind() != value.KindNumber || n == 0 || n < -1 || n > 1<<31-1 {
			return nil, Errorf(400,
				0, "The input ttl '%s' is invalid. Ensure to provide a nonzero positive integer, or -1.",
				value.AppendJSON(nil, ttl))
		}
		d.ttl = n
	}
	def := c.Definition()
	key := def.key(v)
	for _, path := range def.keyPaths {
		if def.PartitionKey.Version == 2 && len(follow(v, path).AsString()) > maxKey {
			return nil, Errorf(400, 0, "The partition key value is longer than %d bytes.", maxKey)
		}
	}
	d.EPK = def.PartitionKey.EPK(key)
	return d, nil
}

// Item is a stored document. It never changes.
type Item struct {
	ID, RID, ETag, EPK string
	JSON               []byte // with the system properties
	TS, LSN            int64
	// JSON, parsed when it was first read; nil before, and where it is heavy
	tree   atomic.Pointer[value.Value]
	heavy  bool   // parsed it would take more than twice the bytes of its JSON
	number uint64 // within the container; the rid's
	ttl    int64
	unique []string // its entries in the unique key indexes
	gone   bool     // deleted; keeps the place of the number
}

// item makes the stored form of d: its members as they were sent, the system properties after them.
func (d *Document) item(self, rid, etag string, number uint64, ts int64) (*Item, error) {
	members := append(d.members,
		value.Member{Name: "_rid", Value: value.String(rid)}, value.Member{Name: "_self", Value: value.String(self)},
		value.Member{Name: "_etag", Value: value.String(etag)},
		value.Member{Name: "_attachments", Value: value.String("attachments/")})
	members = append(append(members, d.late...), value.Member{Name: "_ts", Value: value.Int(ts)})
	// The strings of the request are cloned, so that its bytes can go.
	it := &Item{ID: strings.Clone(d.ID), RID: rid, ETag: etag, EPK: d.EPK, TS: ts, number: number, ttl: d.ttl}
	const system = 260 // bytes of the system properties, about
	whole := value.Object(members)
	it.JSON = value.AppendDocument(make([]byte, 0, d.size+system), whole)
	it.heavy = footprint(whole) > 2*len(it.JSON)
	if d.isPatched {
		if _, err := value.Parse(it.JSON); err != nil {
			return nil, Errorf(400, 0, "The document is invalid: %v", err) // the patch has nested it too deeply
		}
	}
	return it, nil
}

// Value is the document's JSON, parsed. It aliases JSON.
func (it *Item) Value() value.Value {
	if v := it.tree.Load(); v != nil {
		return *v
	}
	v, _ := value.Parse(it.JSON) // it was written from a value
	if !it.heavy {
		it.tree.Store(&v)
	}
	return v
}

// Parsed is about how many bytes a Value of the item takes that only its caller holds.
func (it *Item) Parsed() int {
	if it.heavy {
		return 4 * len(it.JSON)
	}
	return 0
}

// footprint is about how many bytes a parsed value takes beside its text.
func footprint(v value.Value) (n int) {
	const member, element = 40, 24
	switch v.Kind() {
	case value.KindObject:
		for m := range v.Members() {
			n += member + footprint(m.Value)
		}
	case value.KindArray:
		if n, ok := v.Packed(); ok {
			return n
		}
		for e := range v.Elems() {
			n += element + footprint(e)
		}
	}
	return n
}

// Body is the document as the service answers reads and writes of it: see [value.AppendWide].
func (it *Item) Body() []byte {
	if wide, ok := value.AppendWide(nil, it.JSON); ok {
		return wide
	}
	return it.JSON
}

// patched takes from the changed document what stands behind its system properties: an added member keeps that place.
func (d *Document) patched(changed value.Value) {
	d.members, d.isPatched = d.members[:0], true
	behind := false
	for m := range changed.Members() {
		switch {
		case isSystem(m.Name):
			behind = true
		case behind:
			d.late = append(d.late, m)
		default:
			d.members = append(d.members, m)
		}
	}
}

// own are the members that are the caller's.
func (d *Document) own() value.Value {
	if len(d.late) == 0 {
		return value.Object(d.members)
	}
	return value.Object(slices.Concat(d.members, d.late))
}
