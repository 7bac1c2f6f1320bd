package partition

import (
	"encoding/binary"
	"math"
	"unicode/utf16"
	"unicode/utf8"
)

// EPK returns the effective partition key that k hashes to. For a hierarchical definition fewer components than paths
// give the prefix that the EPKs of all keys below it share; see [PrefixRange].
func (d Definition) EPK(k Key) string {
	if len(k) == 0 {
		return ""
	}
	var space [128]byte // long enough for most keys, so that they are hashed on the stack
	b := space[:0]
	switch {
	case d.Hierarchical():
		var level [64]byte
		for _, c := range k {
			b = appendHash2(b, c.appendHashed(level[:0], 0xFF))
		}
	case d.Version == 2:
		for _, c := range k {
			b = c.appendHashed(b, 0xFF)
		}
		b = appendHash2(space[:0], b)
	default:
		for _, c := range k {
			b = c.cut().appendHashed(b, 0)
		}
		hash := murmur32(b)
		b = appendOrdered(space[:0], float64(hash))
		for _, c := range k {
			b = c.cut().appendOrdered(b)
		}
	}
	return hexUpper(b)
}

// PrefixRange returns the range [min, max) of the EPKs of all keys that begin with prefix.
// For a full key that is the range of this key alone.
func (d Definition) PrefixRange(prefix Key) (lo, hi string) {
	if len(prefix) == 0 {
		return Min, Max
	}
	epk := d.EPK(prefix)
	return epk, epk + Max
}

// appendHashed writes the form of a component that goes into the hash.
func (c Component) appendHashed(b []byte, terminator byte) []byte {
	switch c.kind {
	case kindNumber:
		return binary.LittleEndian.AppendUint64(append(b, 5), math.Float64bits(c.num))
	case kindString:
		return append(append(append(b, 8), c.str...), terminator)
	}
	return append(b, byte(c.kind)) // 0 undefined, 1 null, 2 false, 3 true
}

// appendOrdered writes the form of a component that follows the hash in a V1 key and sorts as the value does.
func (c Component) appendOrdered(b []byte) []byte {
	switch c.kind {
	case kindNumber:
		return appendOrdered(b, c.num)
	case kindString:
		const limit = 100 // bytes; a longer string is cut after one more, and has no terminator
		b = append(b, 8)
		for i := range min(len(c.str), limit+1) {
			b = append(b, c.str[i]+1) // UTF-8 has no byte 0xFF
		}
		if len(c.str) <= limit {
			b = append(b, 0)
		}
		return b
	}
	return append(b, byte(c.kind))
}

// appendOrdered writes a number so that byte order is numeric order: 05, the top byte, then seven bits a byte, where a
// low bit of 1 says that more follow.
func appendOrdered(b []byte, f float64) []byte {
	u := math.Float64bits(f)
	if u < 1<<63 {
		u ^= 1 << 63
	} else {
		u = ^u + 1
	}
	b = append(b, 5, byte(u>>56))
	for u <<= 8; ; {
		piece := byte(u>>56) | 1
		if u <<= 7; u == 0 {
			return append(b, piece&^1)
		}
		b = append(b, piece)
	}
}

// cut shortens a string to its first 100 UTF-16 units, which is all that V1 looks at.
func (c Component) cut() Component {
	const limit = 100
	if c.kind != kindString || len(c.str) <= limit {
		return c
	}
	units := 0
	for i, r := range c.str {
		n := utf16.RuneLen(r)
		if units+n > limit {
			c.str = c.str[:i]
			if units < limit { // the limit falls inside a surrogate pair: half of it is left, and encoded as U+FFFD
				c.str += string(utf8.RuneError)
			}
			return c
		}
		units += n
	}
	return c
}

// appendHash2 writes the V2 hash of data: 16 bytes, the most significant first, the two top bits clear.
func appendHash2(b, data []byte) []byte {
	h1, h2 := murmur128(data)
	b = binary.BigEndian.AppendUint64(b, h2&(1<<62-1))
	return binary.BigEndian.AppendUint64(b, h1)
}

func hexUpper(b []byte) string {
	const digits = "0123456789ABCDEF"
	out := make([]byte, 2*len(b))
	for i, c := range b {
		out[2*i], out[2*i+1] = digits[c>>4], digits[c&15]
	}
	return string(out)
}
