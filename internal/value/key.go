package value

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"
)

// AppendKey appends bytes that stand for v: the same for two values exactly when [Equal] holds for them, and never
// the beginning of the bytes of another value. It serves DISTINCT, GROUP BY and sets.
func AppendKey(dst []byte, v Value) []byte {
	dst = append(dst, byte(v.kind))
	switch v.kind {
	case KindBool:
		return append(dst, byte(v.num))
	case KindNumber:
		return appendNumberKey(dst, v)
	case KindString:
		return appendStringKey(dst, v.AsString())
	case KindArray:
		elems := v.elems()
		dst = binary.AppendUvarint(dst, uint64(len(elems)))
		for _, e := range elems {
			dst = AppendKey(dst, e)
		}
		return dst
	case KindObject:
		return appendObjectKey(dst, v.members())
	default:
		return dst
	}
}

const (
	keyInt byte = iota
	keyFloat
)

func appendNumberKey(dst []byte, v Value) []byte {
	if n, exact := v.AsInt(); exact {
		return binary.BigEndian.AppendUint64(append(dst, keyInt), uint64(n))
	}
	f := v.AsFloat()
	if math.IsNaN(f) {
		f = math.NaN() // there are many
	}
	return binary.BigEndian.AppendUint64(append(dst, keyFloat), math.Float64bits(f))
}

func appendStringKey(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

func appendObjectKey(dst []byte, members []Member) []byte {
	var buf [fewMembers]int
	dst = binary.AppendUvarint(dst, uint64(len(members)))
	for _, i := range sortedByName(buf[:0], members) {
		dst = appendStringKey(dst, members[i].Name)
		dst = AppendKey(dst, members[i].Value)
	}
	return dst
}

// sortedByName appends to buf the indexes of members in order of name.
func sortedByName(buf []int, members []Member) []int {
	for i := range members {
		buf = append(buf, i)
	}
	slices.SortFunc(buf, func(i, j int) int { return strings.Compare(members[i].Name, members[j].Name) })
	return buf
}
