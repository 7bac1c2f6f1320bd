package gateway

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// systemStrings have markers of their own. The order is the wire's: the index is the marker less 20.
var systemStrings = []string{"$s", "$t", "$v", "_attachments", "_etag", "_rid", "_self", "_ts", "attachments/",
	"coordinates", "geometry",
	"GeometryCollection", "id", "url", "Value", "label", "LineString", "link", "MultiLineString", "MultiPoint",
	"MultiPolygon", "name",
	"Name", "Type", "Point", "Polygon", "properties", "type", "value", "Feature", "FeatureCollection", "_id"}

// text reads a string behind its marker. The encodings exist to make frequent names, ids and dates short; all give an
// ordinary text.
func (d *binaryReader) text(marker byte) (string, error) {
	var n uint64
	var err error
	switch {
	case marker >= 0x20 && marker < 0x40:
		return systemStrings[marker-0x20], nil
	case marker >= 0x80 && marker < 0xC0:
		n = uint64(marker & 0x7F)
	case marker >= 0xC0 && marker <= 0xC2:
		n, err = d.number(1 << (marker - 0xC0))
	case marker >= 0xC3 && marker <= 0xC6: // what stands elsewhere
		size := int(marker-0xC3) + 1
		if n, err = d.number(size); err != nil {
			return "", err
		}
		if n == 0 || int(n) >= len(d.data) || n >= uint64(d.at-1-size) {
			return "", errBinary // before this, so that no reference leads to itself
		}
		there := &binaryReader{data: d.data, at: int(n) + 1}
		return there.text(d.data[n])
	case marker >= 0x71 && marker <= 0x74:
		return d.base64(marker)
	case marker >= 0x75 && marker <= 0x77, marker == 0xD3:
		return d.guid(marker)
	case marker >= 0x78 && marker <= 0x7F:
		return d.packed(marker)
	default: // of a dictionary that the sender would have written elsewhere
		return "", errBinary
	}
	if err != nil {
		return "", err
	}
	raw, err := d.take(int(n))
	return string(raw), err
}

// base64 reads a text of base64: how many groups of four letters, how many of the last one's are padding, which is
// there or, where the number is complemented, left out, and the bytes that it stands for. The text must come out as
// it was written, padding included.
func (d *binaryReader) base64(marker byte) (string, error) {
	size := 1 + int(marker-0x71)%2
	groups, err := d.number(size)
	if err != nil {
		return "", err
	}
	pad, err := d.take(1)
	if err != nil {
		return "", err
	}
	padding, missing := int(pad[0]), pad[0] > 2
	if missing {
		padding = int(^pad[0])
	}
	raw, err := d.take(3*int(groups) - padding)
	if err != nil {
		return "", err
	}
	encoding := base64.StdEncoding
	if marker >= 0x73 {
		encoding = base64.URLEncoding
	}
	if missing {
		encoding = encoding.WithPadding(base64.NoPadding)
	}
	return encoding.EncodeToString(raw), nil
}

// guid reads a text of 32 digits in groups, lower case, upper case or in double quotes, low halves of bytes first; or a
// GUID itself, whose first three groups are little-endian.
func (d *binaryReader) guid(marker byte) (string, error) {
	raw, err := d.take(16)
	if err != nil {
		return "", err
	}
	var id uuid.UUID
	for i, b := range raw {
		id[i] = b<<4 | b>>4
	}
	switch marker {
	case 0x76:
		return strings.ToUpper(id.String()), nil
	case 0x77:
		return `"` + id.String() + `"`, nil
	case 0xD3:
		copy(id[:], raw)
		slices.Reverse(id[0:4])
		slices.Reverse(id[4:6])
		slices.Reverse(id[6:8])
	}
	return id.String(), nil
}

// packed reads a text of letters that take 4 to 7 bits each, lowest bits first: of an alphabet, or above a lowest
// letter. Digits, dates and texts whose letters lie close together need fewer bits.
func (d *binaryReader) packed(marker byte) (string, error) {
	bits, size, base, alphabet := 4, 1, byte(0), ""
	switch marker {
	case 0x78:
		alphabet = "0123456789abcdef"
	case 0x79:
		alphabet = "0123456789ABCDEF"
	case 0x7A:
		alphabet = " 0123456789:-.TZ"
	case 0x7E:
		bits = 7
	case 0x7F:
		bits, size = 7, 2
	default:
		bits = int(marker-0x7B) + 4
	}
	n, err := d.number(size)
	if err != nil {
		return "", err
	}
	if alphabet == "" && bits < 7 {
		b, err := d.take(1)
		if err != nil {
			return "", err
		}
		base = b[0]
	}
	raw, err := d.take((int(n)*bits + 7) / 8)
	if err != nil {
		return "", err
	}
	out := make([]byte, n)
	for i := range out {
		var letter byte
		for bit := range bits {
			at := i*bits + bit
			letter |= raw[at/8] >> (at % 8) & 1 << bit
		}
		if out[i] = letter + base; alphabet != "" {
			out[i] = alphabet[letter]
		}
	}
	return string(out), nil
}
