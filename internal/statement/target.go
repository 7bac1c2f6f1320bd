package statement

import (
	"encoding/json"
	"strconv"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// Target is the container that a statement other than SELECT works on. Database is "" where the text leaves it to the
// connection.
type Target struct {
	Database, Container string
}

// readTarget reads [database.]container.
func readTarget(p *nosql.Parser) Target {
	name := p.Word()
	if p.Accept(".") {
		return Target{Database: name, Container: p.Word()}
	}
	return Target{Container: name}
}

// Returning is the RETURNING clause: what a statement gives back of each document it wrote or deleted.
type Returning struct {
	Star    bool
	Columns []string // the output names of an explicit list
	paths   []path
}

// readReturning reads RETURNING * or RETURNING path [AS name], …; without the word it gives nil. Paths may begin with
// alias.
func readReturning(p *nosql.Parser, alias string) *Returning {
	if !p.Accept("RETURNING") {
		return nil
	}
	r := &Returning{}
	if p.Accept("*") {
		r.Star = true
		return r
	}
	for {
		way := unalias(readPath(p, true), alias)
		name := way[len(way)-1]
		if p.Accept("AS") {
			name = columnName(p)
		}
		r.Columns = append(r.Columns, name)
		r.paths = append(r.paths, way)
		if !p.Accept(",") {
			return r
		}
	}
}

// unalias takes the name of the document off the front of way.
func unalias(way path, alias string) path {
	if len(way) > 1 && way[0] == alias {
		return way[1:]
	}
	return way
}

// Row is what the clause makes of a document, which must be valid JSON: an object with the Columns that it has, or the
// document itself for RETURNING *.
func (r *Returning) Row(document json.RawMessage) json.RawMessage {
	if r.Star {
		return document
	}
	row := json.RawMessage{'{'}
	for i, way := range r.paths {
		value, ok := way.get(document)
		if !ok {
			continue
		}
		if len(row) > 1 {
			row = append(row, ',')
		}
		row = append(nosql.AppendString(row, r.Columns[i]), ':')
		row = append(row, value...)
	}
	return append(row, '}')
}

// get is the value that way leads to in a document.
func (way path) get(value []byte) ([]byte, bool) {
	for _, name := range way {
		if value[0] == '{' {
			var ok bool
			if value, ok = rawjson.Get(value, name); !ok {
				return nil, false
			}
			continue
		}
		n, err := strconv.Atoi(name)
		if err != nil || value[0] != '[' {
			return nil, false
		}
		var found []byte
		for element := range rawjson.Elements(value) {
			if n == 0 {
				found = element
				break
			}
			n--
		}
		if found == nil {
			return nil, false
		}
		value = found
	}
	return value, true
}
