package value

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// MaxDepth is how deeply arrays and objects may nest in the text that [Parse] accepts: the service's own limit.
const MaxDepth = 128

// SyntaxError says why a text is not one JSON value.
type SyntaxError struct {
	Offset int // byte offset at which reading stopped
	Reason string
}

// Error describes the fault and its place.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("invalid JSON at offset %d: %s", e.Offset, e.Reason)
}

// Parse reads one JSON value, nested at most [MaxDepth] deep. The value aliases text, which must not be changed
// afterwards. Integers that fit 64 bits stay exact, members keep their order, and of members with the same name the
// last one counts. A number beyond the range of a double, such as 1e400, is refused: no value could keep it. The error
// is a [*SyntaxError].
func Parse(text []byte) (Value, error) { return ParseDepth(text, MaxDepth) }

// ParseDepth is [Parse] with another limit on nesting.
func ParseDepth(text []byte, depth int) (Value, error) {
	return ParseString(unsafe.String(unsafe.SliceData(text), len(text)), depth)
}

// ParseString is [ParseDepth] for a text that is a string already.
//
// Reading takes two steps. The scanner checks the text and lists its tokens with the number of children of each
// array and object; the builder then knows how much to allocate: one slice for all members, one for all elements, and
// one each for the heads of objects and arrays.
func ParseString(text string, depth int) (Value, error) {
	s := scanners.Get().(*scanner)
	defer s.release()
	if err := s.scan(text, depth); err != nil {
		return Undefined, err
	}
	return s.build(), nil
}

var scanners = sync.Pool{New: func() any { return &scanner{names: new(nameCache)} }}

// keepTokens bounds what a pooled scanner holds on to, so that one huge document does not keep its memory.
const keepTokens = 1 << 16

func (s *scanner) release() {
	tokens := s.tokens[:0]
	if cap(tokens) > keepTokens {
		tokens = nil
	}
	*s = scanner{tokens: tokens, names: s.names}
	scanners.Put(s)
}

// build makes the value of a scanned text.
func (s *scanner) build() Value {
	b := builder{
		text:    s.text,
		names:   s.names,
		tokens:  s.tokens,
		members: make([]Member, 0, s.members),
		elems:   make([]Value, 0, s.elems),
		objects: make([]object, 0, s.objects),
		arrays:  make([]array, 0, s.arrays),
		packed:  s.packed,
	}
	v := b.next()
	if b.repeated {
		// The text says a name twice somewhere, so no part of it that is raw may be copied to a reader.
		for i := range b.objects {
			b.objects[i].raw = ""
		}
		for i := range b.arrays {
			b.arrays[i].raw = ""
		}
	}
	return v
}

// builder turns tokens into values. Its slices have exactly the capacity that they will fill, so that parts of them
// can be handed out as they are reserved.
type builder struct {
	text     string
	names    *nameCache
	tokens   []token
	pos      int
	members  []Member
	elems    []Value
	objects  []object
	arrays   []array
	packed   []packed
	repeated bool
}

func (b *builder) next() Value {
	t := &b.tokens[b.pos]
	b.pos++
	switch t.kind {
	case tokenString:
		return b.str(t)
	case tokenNumber:
		return number(b.text[t.start:t.end])
	case tokenTrue:
		return True
	case tokenFalse:
		return False
	case tokenNull:
		return Null
	case tokenArray:
		return b.array(t)
	default:
		return b.object(t)
	}
}

func (b *builder) array(t *token) Value {
	if t.flag&inPacked != 0 {
		return Value{kind: KindArray, flag: isPacked, ptr: unsafe.Pointer(&b.packed[t.count])}
	}
	n := len(b.elems)
	b.elems = b.elems[:n+int(t.count)]
	elems := b.elems[n : n+int(t.count) : n+int(t.count)]
	b.arrays = append(b.arrays, array{elems: elems, raw: b.raw(t)})
	head := &b.arrays[len(b.arrays)-1]
	for i := range elems {
		elems[i] = b.next()
	}
	return Value{kind: KindArray, ptr: unsafe.Pointer(head)}
}

func (b *builder) object(t *token) Value {
	n := len(b.members)
	b.members = b.members[:n+int(t.count)]
	members := b.members[n : n+int(t.count) : n+int(t.count)]
	b.objects = append(b.objects, object{raw: b.raw(t)})
	head := &b.objects[len(b.objects)-1]
	for i := range members {
		name := b.name(&b.tokens[b.pos])
		b.pos++
		members[i] = Member{Name: name, Value: b.next()}
	}
	if hasRepeated(members) {
		b.repeated = true
		members = lastOfEach(members)
	}
	head.members = members
	return Value{kind: KindObject, ptr: unsafe.Pointer(head)}
}

// raw returns the text of t when it may be copied as it is.
func (b *builder) raw(t *token) string {
	if t.flag&spaced != 0 {
		return ""
	}
	return b.text[t.start:t.end]
}

func (b *builder) str(t *token) Value {
	s := b.text[t.start+1 : t.end-1]
	if t.flag&escaped != 0 {
		return String(unescape(s))
	}
	v := String(s)
	v.flag = plain
	return v
}

func (b *builder) name(t *token) string {
	if t.flag&escaped != 0 {
		return unescape(b.text[t.start+1 : t.end-1])
	}
	return b.names.get(b.text[t.start+1 : t.end-1])
}

// unescape decodes the inside of a valid JSON string.
func unescape(s string) string { return rawjson.Unquote(unsafe.Slice(unsafe.StringData(s), len(s))) }
