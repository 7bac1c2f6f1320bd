package partition

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/bits"
	"strings"
)

// Boundaries returns the n+1 bounds of n equal physical partitions, from [Min] to [Max], as the service lays them out.
func Boundaries(n int, d Definition) []string {
	bounds := make([]string, 0, n+1)
	bounds = append(bounds, Min)
	for i := 1; i < n; i++ {
		if d.version1() {
			share := math.MaxUint32 / uint64(n)
			bounds = append(bounds, hexUpper(appendOrdered(nil, float64(uint64(i)*share))))
			continue
		}
		bounds = append(bounds, top.div(uint64(n)).mul(uint64(i)).hex())
	}
	return append(bounds, Max)
}

// Midpoint returns a bound between lo and hi that halves the hashes between them, or "" if no bound fits between.
// Below one value of the first level of a hierarchical key it halves the next level.
func Midpoint(lo, hi string, d Definition) string { return between(lo, hi, 1, 2, d) }

// Divide returns the bounds of n parts of the EPKs from lo to hi with as many hashes each, lo and hi included; fewer if
// there are not so many.
func Divide(lo, hi string, n int, d Definition) []string {
	bounds := []string{lo}
	for i := 1; i < n; i++ {
		if b := between(lo, hi, uint64(i), uint64(n), d); b != "" && Compare(bounds[len(bounds)-1], b) < 0 {
			bounds = append(bounds, b)
		}
	}
	return append(bounds, hi)
}

// between returns the bound below which the first i of n parts of [lo, hi) lie, or "" if there is none.
func between(lo, hi string, i, n uint64, d Definition) string {
	if d.version1() {
		a, b := hash1(lo), hash1(hi)
		bound := a + (b-a)*i/n
		if bound <= a || bound >= b {
			return ""
		}
		return hexUpper(appendOrdered(nil, float64(bound)))
	}
	levels := 1
	if d.Hierarchical() {
		levels = len(d.Paths)
	}
	return between2(lo, hi, i, n, levels)
}

func between2(lo, hi string, i, n uint64, levels int) string {
	const digits = 32 // of one level
	if levels == 0 {
		return ""
	}
	a, b := parseHash2(lo), parseHash2(hi)
	gap := b.sub(a)
	if part := gap.div(n); part != (uint128{}) {
		return a.add(part.mul(i)).hex()
	}
	loRest, hiRest := tail(lo, digits), Max
	if gap == (uint128{}) {
		hiRest = tail(hi, digits)
	}
	if bound := between2(loRest, hiRest, i, n, levels-1); bound != "" {
		return a.hex() + bound
	}
	return ""
}

func (d Definition) version1() bool { return !d.Hierarchical() && d.Version != 2 }

// hash1 reads the hash at the start of a V1 bound.
func hash1(bound string) uint64 {
	switch bound {
	case Min:
		return 0
	case Max:
		return math.MaxUint32
	}
	b, err := hex.DecodeString(bound)
	if err != nil || len(b) < 3 {
		return 0
	}
	u := uint64(b[1]) << 56
	for i, shift := 2, 48; i < len(b) && shift >= 0; i, shift = i+1, shift-7 { // a hash has 32 bits: no more matter
		u |= uint64(b[i]&^1) << shift
		if b[i]&1 == 0 {
			break
		}
	}
	f := math.Float64frombits(u ^ 1<<63)
	if !(f >= 0 && f <= math.MaxUint32) {
		return 0
	}
	return uint64(f)
}

// uint128 is the number that 16 bytes of a V2 hash stand for.
type uint128 struct{ hi, lo uint64 }

// top is the greatest V2 hash, 2^126-1.
var top = uint128{1<<62 - 1, math.MaxUint64}

func parseHash2(bound string) uint128 {
	if bound == Max {
		return top
	}
	var b [16]byte
	if len(bound)%32 == len(Max) { // the upper bound of a prefix; see PrefixRange
		bound = strings.TrimSuffix(bound, Max)
	}
	if len(bound) > 32 {
		bound = bound[:32]
	}
	if _, err := hex.Decode(b[:], []byte(bound)); err != nil {
		return uint128{}
	}
	return uint128{binary.BigEndian.Uint64(b[:]), binary.BigEndian.Uint64(b[8:])}
}

func (u uint128) add(v uint128) uint128 {
	lo, carry := bits.Add64(u.lo, v.lo, 0)
	hi, _ := bits.Add64(u.hi, v.hi, carry)
	return uint128{hi, lo}
}

func (u uint128) sub(v uint128) uint128 {
	lo, borrow := bits.Sub64(u.lo, v.lo, 0)
	hi, _ := bits.Sub64(u.hi, v.hi, borrow)
	return uint128{hi, lo}
}

func (u uint128) mul(n uint64) uint128 {
	carry, lo := bits.Mul64(u.lo, n)
	return uint128{u.hi*n + carry, lo}
}

func (u uint128) div(n uint64) uint128 {
	hi, rem := u.hi/n, u.hi%n
	lo, _ := bits.Div64(rem, u.lo, n)
	return uint128{hi, lo}
}

func (u uint128) hex() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], u.hi)
	binary.BigEndian.PutUint64(b[8:], u.lo)
	return hexUpper(b[:])
}

func tail(s string, n int) string {
	if len(s) <= n {
		return ""
	}
	return s[n:]
}
