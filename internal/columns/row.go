package columns

import (
	"database/sql/driver"
	"reflect"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// shortText is the longest cell, in bytes, whose text shares memory with the others of its row: who keeps one of those
// keeps all of them.
const shortText = 512

// boxes are values that become interfaces together. What reflect makes of the parts of a boxes that is in an interface
// itself points into that one, where each value would take an allocation of its own.
type boxes struct {
	Texts  [8]string
	Ints   [4]int64
	Floats [4]float64
}

// boxing collects the values of a row, and of which columns they are.
type boxing struct {
	boxes
	texts, ints, floats    int // how many there are
	textOf, intOf, floatOf [8]int
	shared                 []byte // the texts, one behind the other
	ends                   [8]int // of each
}

// Values converts the cells of a row as [Layout.Value] does each, into dest, with one allocation for eight texts or
// four numbers. column is the one whose cell has an error.
func (l *Layout) Values(cells [][]byte, dest []driver.Value) (column int, err error) {
	b := &l.boxing
	b.clear()
	for i, cell := range cells {
		if !l.times && b.take(i, cell) {
			if b.texts == len(b.Texts) || b.ints == len(b.Ints) || b.floats == len(b.Floats) {
				b.unpack(dest)
			}
			continue
		}
		if dest[i], err = l.Value(cell); err != nil {
			return i, err
		}
	}
	b.unpack(dest)
	return 0, nil
}

// take adds a short text or a number. It is false for other cells.
func (b *boxing) take(column int, cell []byte) bool {
	switch rawjson.Kind(cell) {
	case '"':
		if len(cell) > shortText {
			return false
		}
		b.shared = rawjson.AppendString(b.shared, cell)
		b.textOf[b.texts], b.ends[b.texts] = column, len(b.shared)
		b.texts++
		return true
	case '0':
		if n, ok := integer(cell); ok {
			b.Ints[b.ints], b.intOf[b.ints] = n, column
			b.ints++
			return true
		}
		if f, ok := fraction(cell); ok {
			b.Floats[b.floats], b.floatOf[b.floats] = f, column
			b.floats++
			return true
		}
	}
	return false
}

// unpack puts what there is into dest.
func (b *boxing) unpack(dest []driver.Value) {
	if b.texts+b.ints+b.floats == 0 {
		return
	}
	all, begin := string(b.shared), 0
	for i, end := range b.ends[:b.texts] {
		b.Texts[i], begin = all[begin:end], end
	}
	v := reflect.ValueOf(b.boxes)
	for i, column := range b.textOf[:b.texts] {
		dest[column] = v.Field(0).Index(i).Interface()
	}
	for i, column := range b.intOf[:b.ints] {
		dest[column] = v.Field(1).Index(i).Interface()
	}
	for i, column := range b.floatOf[:b.floats] {
		dest[column] = v.Field(2).Index(i).Interface()
	}
	b.clear()
}

// clear forgets the values, so that they do not stay with the boxes of later rows.
func (b *boxing) clear() {
	clear(b.Texts[:b.texts])
	b.texts, b.ints, b.floats, b.shared = 0, 0, 0, b.shared[:0]
}
