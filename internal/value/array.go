package value

import (
	"iter"
	"math"
	"unsafe"
)

// array and object are what ptr points to. raw is the compact JSON text of the value, or "" when there is none.
type array struct {
	elems []Value
	raw   string
}

// packed is an array of many numbers, as vectors are: a third of the size. Those of 2^53 and beyond are not held so; it
// always has its text.
type packed struct {
	numbers []float64
	raw     string
}

// packing is how many elements an array has at least that is packed.
const packing = 16

// unpacked is an element of a packed array: as if read by itself.
func unpacked(f float64) Value {
	if f == math.Trunc(f) && (f != 0 || !math.Signbit(f)) {
		return Int(int64(f))
	}
	return Float(f)
}

// Array returns an array of elems, which it keeps: the caller must not change them afterwards, and none may be
// undefined.
func Array(elems []Value) Value {
	return Value{kind: KindArray, ptr: unsafe.Pointer(&array{elems: elems})}
}

// AppendFloats appends the elements of an array to dst; false if v is not an array or one of them is not a number.
func (v Value) AppendFloats(dst []float64) ([]float64, bool) {
	if v.kind != KindArray {
		return dst, false
	}
	if v.flag&isPacked != 0 {
		return append(dst, v.Floats()...), true
	}
	for i := range v.elems() {
		e := &v.elems()[i]
		switch {
		case e.kind != KindNumber:
			return dst, false
		case e.flag&isInt != 0:
			dst = append(dst, float64(int64(e.num)))
		default:
			dst = append(dst, math.Float64frombits(e.num))
		}
	}
	return dst, true
}

// Floats returns the elements of an array that is held as doubles, as a long one of numbers may be, else nil. The
// caller must not change them.
func (v Value) Floats() []float64 {
	if v.kind != KindArray || v.flag&isPacked == 0 {
		return nil
	}
	return (*packed)(v.ptr).numbers
}

// Packed returns how many bytes the elements of v take if v, compactly written and read again, would be held as
// doubles.
func (v Value) Packed() (n int, ok bool) {
	if v.Floats() != nil {
		return 8 * v.Len(), true
	}
	if v.kind != KindArray || v.Len() < packing {
		return 0, false
	}
	for _, e := range v.elems() {
		if f := e.AsFloat(); e.kind != KindNumber || f >= mostInteger || f <= -mostInteger {
			return 0, false
		}
	}
	return 8 * v.Len(), true
}

// Elems yields the elements of an array in order; nothing for every other kind.
func (v Value) Elems() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.kind != KindArray {
			return
		}
		for _, f := range v.Floats() {
			if !yield(unpacked(f)) {
				return
			}
		}
		if v.flag&isPacked != 0 {
			return
		}
		for _, e := range v.elems() {
			if !yield(e) {
				return
			}
		}
	}
}

// elems and members may only be called on a value of the right kind.
func (v Value) elems() []Value {
	if v.flag&isPacked == 0 {
		return (*array)(v.ptr).elems
	}
	elems := make([]Value, v.Len())
	for i, f := range v.Floats() {
		elems[i] = unpacked(f)
	}
	return elems
}
