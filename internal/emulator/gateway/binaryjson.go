package gateway

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/value"
)

// binaryMark begins a body of binary JSON, which SDKs of .NET, Java and Rust can send. Answers stay texts, which is
// lawful: clients go by the first byte. A text cannot begin with it: 80 never is the first byte of a character in
// UTF-8.
const binaryMark = 0x80

// fromBinary turns a body of binary JSON into the text that it stands for; every other body stays as it is.
func fromBinary(body []byte) ([]byte, error) {
	if len(body) == 0 || body[0] != binaryMark {
		return body, nil
	}
	d := &binaryReader{data: body, at: 1}
	v, err := d.value(0)
	if err == nil && d.at != len(body) {
		err = errBinary
	}
	if err != nil {
		return nil, err
	}
	return value.AppendJSON(nil, v), nil
}

var errBinary = errors.New("the body is not binary JSON")

// binaryReader reads values one after the other. Everything is little-endian. The layout is that of PROTOCOL.md
// 10.13. Every length comes from outside and is checked before anything is taken.
type binaryReader struct {
	data []byte
	at   int
}

// take returns the next n bytes.
func (d *binaryReader) take(n int) ([]byte, error) {
	if n < 0 || n > len(d.data)-d.at {
		return nil, errBinary
	}
	b := d.data[d.at : d.at+n]
	d.at += n
	return b, nil
}

// number reads an unsigned integer of n bytes.
func (d *binaryReader) number(n int) (uint64, error) {
	b, err := d.take(n)
	if err != nil {
		return 0, err
	}
	var whole [8]byte
	copy(whole[:], b)
	return binary.LittleEndian.Uint64(whole[:]), nil
}

// value reads one value.
func (d *binaryReader) value(depth int) (value.Value, error) {
	// As deep as a document may be (PROTOCOL.md 4.3).
	const deepest = 128
	if depth > deepest {
		return value.Undefined, errBinary
	}
	b, err := d.take(1)
	if err != nil {
		return value.Undefined, err
	}
	switch m := b[0]; {
	case m < 0x20:
		return value.Int(int64(m)), nil
	case m < 0x40, m >= 0x71 && m <= 0xC6, m == 0xD3:
		s, err := d.text(m)
		return value.String(s), err
	case m >= 0xC7 && m <= 0xCF, m >= 0xD7 && m <= 0xDC:
		return d.numeric(m)
	case m == 0xD0:
		return value.Null, nil
	case m == 0xD1, m == 0xD2:
		return value.Bool(m == 0xD2), nil
	case m >= 0xDD && m <= 0xDF: // bytes
		n, err := d.number(1 << (m - 0xDD))
		if err != nil {
			return value.Undefined, err
		}
		raw, err := d.take(int(n))
		return value.String(base64.StdEncoding.EncodeToString(raw)), err
	case m >= 0xE0 && m <= 0xE7:
		return d.array(m-0xE0, depth)
	case m >= 0xE8 && m <= 0xEF:
		return d.object(m-0xE8, depth)
	case m >= 0xF0 && m <= 0xF3:
		return d.numbers(m, depth)
	}
	return value.Undefined, fmt.Errorf("%w that this server reads: marker %#x", errBinary, b[0])
}

// numeric reads a number behind its marker. Whole doubles become integers again: senders of binary JSON have nothing
// but doubles (28423844363879210 arrives as …208).
func (d *binaryReader) numeric(marker byte) (value.Value, error) {
	sizes := map[byte]int{0xC7: 8, 0xC8: 1, 0xC9: 2, 0xCA: 4, 0xCB: 8, 0xCC: 8, 0xCD: 4, 0xCE: 8, 0xCF: 2, 0xD7: 1,
		0xD8: 1, 0xD9: 2, 0xDA: 4, 0xDB: 8, 0xDC: 4}
	n, err := d.number(sizes[marker])
	if err != nil {
		return value.Undefined, err
	}
	f := 0.
	switch marker {
	// An unsigned one may be beyond int64; as text it is read as any document's.
	case 0xC7:
		return value.Parse(strconv.AppendUint(nil, n, 10))
	case 0xC8, 0xD7, 0xDC:
		return value.Int(int64(n)), nil
	case 0xD8:
		return value.Int(int64(int8(n))), nil
	case 0xC9, 0xD9:
		return value.Int(int64(int16(n))), nil
	case 0xCA, 0xDA:
		return value.Int(int64(int32(n))), nil
	case 0xCB, 0xDB:
		return value.Int(int64(n)), nil
	case 0xCD:
		f = float64(math.Float32frombits(uint32(n)))
	case 0xCF:
		f = half(uint16(n))
	default:
		f = math.Float64frombits(n)
	}
	// JSON has none of them, and the text could not be written.
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return value.Undefined, errBinary
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return value.Int(int64(f)), nil
	}
	return value.Float(f), nil
}

// half is the value of a float of 16 bits. Go has no such type.
func half(bits uint16) float64 {
	sign, exponent, fraction := 1., int(bits>>10&0x1F), float64(bits&0x3FF)
	if bits&0x8000 != 0 {
		sign = -1
	}
	switch exponent {
	case 0:
		return sign * fraction / 1024 * math.Pow(2, -14)
	case 31:
		return math.Inf(int(sign))
	}
	return sign * (1 + fraction/1024) * math.Pow(2, float64(exponent-15))
}

// extent reads how far a container of values goes: kinds 2 to 4 have a length of 1, 2 or 4 bytes, 5 to 7 a count, too.
func (d *binaryReader) extent(kind byte) (end int, err error) {
	size := 1 << ((kind - 2) % 3)
	n, err := d.number(size)
	if err != nil {
		return 0, err
	}
	if kind >= 5 {
		if _, err = d.number(size); err != nil {
			return 0, err
		}
		// The length does not cover the count.
	}
	if end = d.at + int(n); n > uint64(len(d.data)) || end > len(d.data) {
		return 0, errBinary
	}
	return end, nil
}

// The count beside the length is passed over, as the length says all.
func (d *binaryReader) array(kind byte, depth int) (value.Value, error) {
	var list []value.Value
	end := d.at
	switch kind {
	case 0:
	case 1:
		v, err := d.value(depth + 1)
		return value.Array([]value.Value{v}), err
	default:
		var err error
		if end, err = d.extent(kind); err != nil {
			return value.Undefined, err
		}
	}
	for d.at < end {
		v, err := d.value(depth + 1)
		if err != nil {
			return value.Undefined, err
		}
		list = append(list, v)
	}
	return value.Array(list), nil
}

// A name may be any kind of string, a reference too.
func (d *binaryReader) object(kind byte, depth int) (value.Value, error) {
	var members []value.Member
	end := d.at
	switch kind {
	case 0:
	case 1:
		end = d.at + 1 // one member, however long
	default:
		var err error
		if end, err = d.extent(kind); err != nil {
			return value.Undefined, err
		}
	}
	for d.at < end {
		name, err := d.value(depth + 1)
		if err != nil || name.Kind() != value.KindString {
			return value.Undefined, errBinary
		}
		v, err := d.value(depth + 1)
		if err != nil {
			return value.Undefined, err
		}
		members = append(members, value.Member{Name: name.AsString(), Value: v})
	}
	return value.Object(members), nil
}

// numbers reads an array of numbers of one type, or an array of such arrays. Embeddings are sent so: the type stands
// once for all.
func (d *binaryReader) numbers(marker byte, depth int) (value.Value, error) {
	size := 1
	if marker%2 == 1 {
		size = 2
	}
	kind, err := d.take(1)
	if err != nil {
		return value.Undefined, err
	}
	item := kind[0]
	inner := 0
	if marker >= 0xF2 {
		t, err := d.take(1)
		if err != nil {
			return value.Undefined, err
		}
		n, err := d.number(size)
		if err != nil {
			return value.Undefined, err
		}
		item, inner = t[0], int(n)
	}
	n, err := d.number(size)
	// A number takes at least a byte, so no honest count is larger.
	if err != nil || int(n) > len(d.data) || inner > len(d.data) {
		return value.Undefined, errBinary
	}
	row := func(n int) (value.Value, error) {
		var list []value.Value
		for range n {
			v, err := d.numeric(item)
			if err != nil {
				return value.Undefined, err
			}
			list = append(list, v)
		}
		return value.Array(list), nil
	}
	if marker < 0xF2 {
		return row(int(n))
	}
	var rows []value.Value
	for range n {
		v, err := row(inner)
		if err != nil {
			return value.Undefined, err
		}
		rows = append(rows, v)
	}
	return value.Array(rows), nil
}
