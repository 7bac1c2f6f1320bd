// Package value is the one form in which the emulator and the query pipeline hold JSON: a small copyable value that
// keeps 64-bit integers exact, knows undefined beside null, and shares the bytes of the document it was parsed from.
//
// Values are immutable. A value read by [Parse] aliases the text it came from, so that text must not change while
// the value, or a copy of it, is in use.
package value

import (
	"iter"
	"math"
	"unsafe"
)

// Kind is the type of a value. The constants stand in the order in which the service sorts values of different types.
type Kind uint8

// The kinds of value, in sort order.
const (
	KindUndefined Kind = iota
	KindNull
	KindBool
	KindNumber
	KindString
	KindArray
	KindObject
)

var kindNames = [...]string{"undefined", "null", "boolean", "number", "string", "array", "object"}

// String names the kind as the query language does: "undefined", "null", "boolean", and so on.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Value is one JSON value, or undefined, which is the zero Value.
// It is three words long, so that closures can hand it around in registers.
type Value struct {
	_    [0]func() // not comparable with ==: use Equal
	ptr  unsafe.Pointer
	num  uint64
	kind Kind
	flag flag
}

// flag says how ptr and num are to be read, where the kind alone does not.
type flag uint8

const (
	// number: num is an int64, not a float64; ptr of a float64 may be to the uint64 that was written
	isInt    flag = 1 << iota
	plain         // string: needs no escaping in JSON
	isPacked      // array: ptr is to a packed
)

type object struct {
	members []Member
	raw     string
}

// Member is one property of an object.
type Member struct {
	Name  string
	Value Value
}

// The values that need no building.
var (
	Undefined = Value{}
	Null      = Value{kind: KindNull}
	False     = Value{kind: KindBool}
	True      = Value{kind: KindBool, num: 1}
)

// Bool returns b as a value.
func Bool(b bool) Value {
	if b {
		return True
	}
	return False
}

// Int returns n as an exact number.
func Int(n int64) Value { return Value{kind: KindNumber, flag: isInt, num: uint64(n)} }

// Float returns f as a number. NaN and the infinities are numbers too; see [AppendJSON] for how they are written.
func Float(f float64) Value { return Value{kind: KindNumber, num: math.Float64bits(f)} }

// String returns s as a value.
func String(s string) Value {
	return Value{kind: KindString, ptr: unsafe.Pointer(unsafe.StringData(s)), num: uint64(len(s))}
}

// Object returns an object of members, which it keeps: the caller must not change them afterwards. No name may occur
// twice and no value may be undefined.
func Object(members []Member) Value {
	return Value{kind: KindObject, ptr: unsafe.Pointer(&object{members: members})}
}

// Kind returns the type of v.
func (v Value) Kind() Kind { return v.kind }

// IsDefined reports whether v is anything but undefined.
func (v Value) IsDefined() bool { return v.kind != KindUndefined }

// IsTrue reports whether v is the boolean true.
func (v Value) IsTrue() bool { return v.kind == KindBool && v.num != 0 }

// AsFloat returns the number v, rounded to the nearest float64 where it is a large integer; 0 for every other kind.
func (v Value) AsFloat() float64 {
	switch {
	case v.kind != KindNumber:
		return 0
	case v.flag&isInt != 0:
		return float64(int64(v.num))
	default:
		return math.Float64frombits(v.num)
	}
}

// AsInt returns the number v as an integer. exact is false when v is not a number, has a fraction, or lies outside
// the 64-bit range; the integer is then 0.
func (v Value) AsInt() (n int64, exact bool) {
	if v.kind != KindNumber {
		return 0, false
	}
	if v.flag&isInt != 0 {
		return int64(v.num), true
	}
	f := math.Float64frombits(v.num)
	// 1<<63 itself does not fit, and the comparison is false for NaN.
	if f >= -(1<<63) && f < 1<<63 && f == math.Trunc(f) {
		return int64(f), true
	}
	return 0, false
}

// IsInt reports whether v is a number that is held as a 64-bit integer, as those written without point and exponent
// are.
func (v Value) IsInt() bool { return v.kind == KindNumber && v.flag&isInt != 0 }

// AsString returns the string v; "" for every other kind.
func (v Value) AsString() string {
	if v.kind != KindString {
		return ""
	}
	return unsafe.String((*byte)(v.ptr), int(v.num))
}

// Len returns the number of elements of an array, of members of an object, of bytes of a string; 0 for every other
// kind.
func (v Value) Len() int {
	switch v.kind {
	case KindString:
		return int(v.num)
	case KindArray:
		if v.flag&isPacked != 0 {
			return len(v.Floats())
		}
		return len(v.elems())
	case KindObject:
		return len(v.members())
	default:
		return 0
	}
}

// At returns element i of an array; undefined when v is not an array or i is out of range.
func (v Value) At(i int) Value {
	if v.kind != KindArray {
		return Undefined
	}
	switch {
	case i < 0 || i >= v.Len():
		return Undefined
	case v.flag&isPacked != 0:
		return unpacked(v.Floats()[i])
	default:
		return v.elems()[i]
	}
}

// Get returns the property name of an object; undefined when v is not an object or has none of that name.
func (v Value) Get(name string) Value {
	if v.kind != KindObject {
		return Undefined
	}
	members := v.members()
	for i := range members {
		if m := &members[i]; m.Name == name {
			return m.Value
		}
	}
	return Undefined
}

// GetNear is Get, for a caller that asks many objects of the same shape: *at is where the property was last time.
func (v Value) GetNear(name string, at *int) Value {
	if v.kind != KindObject {
		return Undefined
	}
	members := v.members()
	if i := *at; i < len(members) && members[i].Name == name {
		return members[i].Value
	}
	for i := range members {
		if m := &members[i]; m.Name == name {
			*at = i
			return m.Value
		}
	}
	return Undefined
}

// Members yields the properties of an object in the order of its text; nothing for every other kind.
func (v Value) Members() iter.Seq[Member] {
	return func(yield func(Member) bool) {
		if v.kind != KindObject {
			return
		}
		for _, m := range v.members() {
			if !yield(m) {
				return
			}
		}
	}
}

// MemberAt returns member i of an object, which must have one.
func (v Value) MemberAt(i int) Member { return v.members()[i] }

// text is the compact text of an array, "" if it has none.
func (v Value) text() string {
	if v.flag&isPacked != 0 {
		return (*packed)(v.ptr).raw
	}
	return (*array)(v.ptr).raw
}

func (v Value) members() []Member { return (*object)(v.ptr).members }
