// Package columns lays the documents of a result out as the columns of a table.
//
// A [Layout] says which columns there are and cuts a document's JSON into them without decoding it; [Value] turns one
// cell into what database/sql hands to Scan.
package columns

import (
	"bytes"
	"database/sql/driver"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// ValueName is the one column of a SELECT VALUE.
const ValueName = "value"

// Layout is the columns of one result.
type Layout struct {
	Names []string

	whole   bool           // one column, the row itself
	members []string       // the member of the row that each column holds
	index   map[string]int // column of each member; -1 of a hidden one
	closed  bool           // a member without a column is an error
	extra   bool           // the last column holds such members, as a JSON object
	times   bool           // texts that are times are times
	buf     []byte         // the extra column of the row last split
	marks   uint64         // of the members in index, see mark
	boxing  boxing
}

// Whole is the layout of SELECT VALUE: one column, the row itself.
func Whole() *Layout {
	return &Layout{Names: []string{ValueName}, whole: true}
}

// List is the layout of a SELECT with a list: column i is called names[i] and holds the member members[i] of the rows.
func List(names, members []string) *Layout {
	return &Layout{Names: names, members: members}
}

// know gives a member its column.
func (l *Layout) know(member string, column int) {
	l.index[member] = column
	l.marks |= mark(member)
}

// mark is a bit that says what the index need not be asked for: names whose bit is not among marks are not in it.
func mark[T string | []byte](name T) uint64 {
	if len(name) == 0 {
		return 1
	}
	return 1 << ((len(name)*7 + int(name[0]) + 5*int(name[len(name)-1])) % 64)
}

// WithTimes is l, whose texts that are times are handed out as such if parse is set.
func (l *Layout) WithTimes(parse bool) *Layout {
	l.times = parse
	return l
}

// Value is [Value], or the [Time] of a cell that is one.
func (l *Layout) Value(cell []byte) (driver.Value, error) {
	if l.times {
		if t, ok := Time(cell); ok {
			return t, nil
		}
	}
	return Value(cell)
}

// Split cuts a row into cells, one per column, and writes them to cells, which has the length of Names. A cell is the
// text of a JSON value and a piece of row, nil where the row lacks the column; the cell of an extra column is valid
// until the next call. Where the row has a member that belongs to no column and may not be dropped, Split returns its
// name and false. Rows of a list, which the service makes, have each member once: Split looks no further than to the
// last that it needs.
func (l *Layout) Split(row []byte, cells [][]byte) (unknown string, ok bool) {
	if l.whole {
		cells[0] = bytes.TrimSpace(row)
		return "", true
	}
	clear(cells)
	if l.closed && rawjson.Kind(row) != '{' {
		return "", false
	}
	l.buf = append(l.buf[:0], '{')
	next, left := 0, len(cells)
	for name, value := range rawjson.Members(row) {
		// Members mostly come in the order of the columns, with some missing.
		if next < len(l.members) && string(name) == l.members[next] && bytes.IndexByte(name, '\\') < 0 {
			if cells[next] == nil {
				left--
			}
			cells[next] = value
			if next++; left == 0 && !l.closed {
				break
			}
			continue
		}
		i, known := l.lookup(name)
		switch {
		case known && i >= 0:
			if cells[i] == nil {
				left--
			}
			cells[i] = value
			next = i + 1
		case known || !l.closed:
		case l.extra:
			l.appendExtra(name, value)
		default:
			return rawjson.Unquote(name), false
		}
	}
	if l.extra {
		l.buf = append(l.buf, '}')
		cells[len(cells)-1] = l.buf
	}
	return "", true
}

// lookup returns the column of a raw member name.
func (l *Layout) lookup(name []byte) (int, bool) {
	if bytes.IndexByte(name, '\\') >= 0 {
		name = []byte(rawjson.Unquote(name))
	}
	if l.index == nil { // of a list: few rows need it, as their members come in its order
		l.index = make(map[string]int, len(l.members))
		for i, member := range l.members {
			l.know(member, i)
		}
	}
	if l.marks&mark(name) == 0 {
		return 0, false
	}
	i, ok := l.index[string(name)]
	return i, ok
}

func (l *Layout) appendExtra(name, value []byte) {
	if len(l.buf) > 1 {
		l.buf = append(l.buf, ',')
	}
	l.buf = append(append(append(l.buf, '"'), name...), `":`...)
	l.buf = append(l.buf, value...)
}
