package columns

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// Value is the Go value of a cell: string, bool, int64 for a number written without fraction and exponent where it
// fits, uint64 where only that holds it, else float64, the JSON text as []byte for an array or an object, nil for null
// and for the nil cell. The []byte is a piece of cell. A number beyond float64 is an error, which carries no prefix.
func Value(cell []byte) (driver.Value, error) {
	switch rawjson.Kind(cell) {
	case '"':
		s, _ := rawjson.String(cell)
		return s, nil
	case 't':
		return true, nil
	case 'f':
		return false, nil
	case '{', '[':
		return cell[:len(cell):len(cell)], nil
	case '0':
		return number(cell)
	}
	return nil, nil
}

func number(cell []byte) (driver.Value, error) {
	if n, ok := integer(cell); ok {
		return n, nil
	}
	if n, err := strconv.ParseUint(string(cell), 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(string(cell), 64)
	if err != nil {
		return nil, fmt.Errorf("number %s is beyond float64; use SELECT VALUE {…} and scan the JSON text", cell)
	}
	if asUint(f) {
		return uint64(f), nil
	}
	return f, nil
}

// integer is the number as an int64, if it is one.
func integer(cell []byte) (int64, bool) {
	digits := cell
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) > 18 {
		n, err := strconv.ParseInt(string(cell), 10, 64)
		return n, err == nil
	}
	n := int64(0)
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	if cell[0] == '-' {
		n = -n
	}
	return n, len(digits) > 0
}

// fraction is a number that is not an integer as a float64, if its value is not of another type.
func fraction(cell []byte) (float64, bool) {
	if !bytes.ContainsAny(cell, ".eE") {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(cell), 64)
	return f, err == nil && !asUint(f)
}

// asUint reports whether a double is handed out as a uint64: beyond int64 the service writes the integers of a
// projection as doubles, 9.22337203685478e+18.
func asUint(f float64) bool { return f >= 1<<63 && f < 1<<64 }

// Time is the cell as a time, if it is a text as encoding/json writes one, RFC 3339 with a date and a zone.
func Time(cell []byte) (t time.Time, ok bool) {
	const shortest = len(`"2006-01-02T15:04:05Z"`)
	if len(cell) < shortest || rawjson.Kind(cell) != '"' || !isDate(bytes.TrimLeft(cell, " \t\r\n")) {
		return t, false
	}
	s, _ := rawjson.String(cell)
	t, err := time.Parse(time.RFC3339Nano, s)
	return t, err == nil
}

// isDate looks at the front of a JSON string, so that other texts cost nothing.
func isDate(cell []byte) bool {
	return len(cell) > 11 && cell[5] == '-' && cell[8] == '-' && cell[11] == 'T'
}

// IsNull reports whether the cell is there and null.
func IsNull(cell []byte) bool { return rawjson.Kind(cell) == 'n' }

// The names that ColumnType.DatabaseTypeName gives.
const (
	TypeAny     = "ANY"
	TypeString  = "STRING"
	TypeNumber  = "NUMBER"
	TypeBoolean = "BOOLEAN"
	TypeObject  = "OBJECT"
	TypeArray   = "ARRAY"
)

// Typing finds the type that the rows of a result agree on, column by column.
type Typing struct {
	layout *Layout
	names  []string
	cells  [][]byte
}

// Typing starts with no row seen.
func (l *Layout) Typing() *Typing {
	own := *l
	own.buf = nil // l's may be the extra column of a row that is being read
	return &Typing{layout: &own, names: make([]string, len(l.Names)), cells: make([][]byte, len(l.Names))}
}

// Add looks at one more row.
func (t *Typing) Add(row []byte) {
	t.layout.Split(row, t.cells)
	for i, cell := range t.cells {
		switch name := typeOf(cell); {
		case t.names[i] == "":
			t.names[i] = name
		case name != "" && name != t.names[i]:
			t.names[i] = TypeAny
		}
	}
}

// Names returns a type for each column; [TypeAny] where the rows have several, or none but null.
func (t *Typing) Names() []string {
	names := slices.Clone(t.names)
	for i, name := range names {
		if name == "" {
			names[i] = TypeAny
		}
	}
	return names
}

// typeOf is "" for null and for the nil cell.
func typeOf(cell []byte) string {
	switch rawjson.Kind(cell) {
	case '"':
		return TypeString
	case '0':
		return TypeNumber
	case 't', 'f':
		return TypeBoolean
	case '{':
		return TypeObject
	case '[':
		return TypeArray
	}
	return ""
}
