package value

import (
	"cmp"
	"math"
	"strings"
)

// Compare orders a and b as the service sorts them: undefined, null, false, true, numbers, strings, arrays, objects.
// It returns a negative number, zero or a positive number. NaN comes before every other number. Strings compare byte by
// byte; uncertain in the service: it may compare UTF-16 units, which differs above U+FFFF only. Its order within arrays
// and within objects is arbitrary but stable; here arrays compare element by element, and objects member by member in
// order of name. Compare is zero exactly when [Equal] is true.
func Compare(a, b Value) int {
	if a.kind != b.kind {
		return cmp.Compare(a.kind, b.kind)
	}
	switch a.kind {
	case KindBool:
		return cmp.Compare(a.num, b.num)
	case KindNumber:
		return compareNumbers(a, b)
	case KindString:
		return strings.Compare(a.AsString(), b.AsString())
	case KindArray:
		return compareArrays(a.elems(), b.elems())
	case KindObject:
		return compareObjects(a.members(), b.members())
	default:
		return 0
	}
}

// Rank is a number that is not less for a than for b where a comes after b in the order of [Compare], and the same
// where they are equal: most pairs are told apart by it alone.
func Rank(v Value) uint64 {
	rank := uint64(v.kind) << kindShift
	switch v.kind {
	case KindBool:
		rank |= v.num
	case KindNumber:
		f := v.AsFloat() + 0 // -0 is 0
		if math.IsNaN(f) {
			break
		}
		bits := math.Float64bits(f)
		if bits>>63 != 0 {
			bits = ^bits
		} else {
			bits |= 1 << 63
		}
		rank |= bits >> (64 - kindShift)
	case KindString:
		s := v.AsString()
		for i := range min(len(s), prefixBytes) {
			rank |= uint64(s[i]) << (kindShift - 8*(i+1))
		}
	}
	return rank
}

const (
	kindShift   = 61
	prefixBytes = kindShift / 8
)

func compareArrays(a, b []Value) int {
	for i := range min(len(a), len(b)) {
		if c := Compare(a[i], b[i]); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func compareObjects(a, b []Member) int {
	var bufA, bufB [fewMembers]int
	byA, byB := sortedByName(bufA[:0], a), sortedByName(bufB[:0], b)
	for i := range min(len(a), len(b)) {
		ma, mb := &a[byA[i]], &b[byB[i]]
		if c := strings.Compare(ma.Name, mb.Name); c != 0 {
			return c
		}
		if c := Compare(ma.Value, mb.Value); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

// compareNumbers compares by mathematical value, so that integers beyond 2^53 keep apart from each other and from the
// floats around them.
func compareNumbers(a, b Value) int {
	switch aInt, bInt := a.flag&isInt != 0, b.flag&isInt != 0; {
	case aInt && bInt:
		return cmp.Compare(int64(a.num), int64(b.num))
	case aInt:
		return compareIntFloat(int64(a.num), math.Float64frombits(b.num))
	case bInt:
		return -compareIntFloat(int64(b.num), math.Float64frombits(a.num))
	default:
		return cmp.Compare(math.Float64frombits(a.num), math.Float64frombits(b.num))
	}
}

func compareIntFloat(n int64, f float64) int {
	switch {
	case math.IsNaN(f), f < -(1 << 63):
		return 1
	case f >= 1<<63:
		return -1
	}
	whole := math.Trunc(f)
	if c := cmp.Compare(n, int64(whole)); c != 0 {
		return c
	}
	return cmp.Compare(0, f-whole)
}

// Equal reports whether a and b are the same value: deeply, 1 and 1.0 alike, whatever the order of members.
// Undefined equals undefined, and NaN equals NaN.
func Equal(a, b Value) bool {
	if a.kind != b.kind {
		return false
	}
	switch a.kind {
	case KindBool:
		return a.num == b.num
	case KindNumber:
		return compareNumbers(a, b) == 0
	case KindString:
		return a.AsString() == b.AsString()
	case KindArray:
		return equalArrays(a.elems(), b.elems())
	case KindObject:
		return equalObjects(a, b)
	default:
		return true
	}
}

func equalArrays(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalObjects(a, b Value) bool {
	ma, mb := a.members(), b.members()
	if len(ma) != len(mb) {
		return false
	}
	if len(ma) > fewMembers {
		return compareObjects(ma, mb) == 0
	}
	for i := range ma {
		m := &ma[i]
		// Most pairs of objects have their members in the same order.
		if other := &mb[i]; other.Name == m.Name {
			if !Equal(m.Value, other.Value) {
				return false
			}
			continue
		}
		if other := b.Get(m.Name); !other.IsDefined() || !Equal(m.Value, other) {
			return false
		}
	}
	return true
}
