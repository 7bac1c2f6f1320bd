package statement

import (
	"encoding/json"

	"github.com/cosmossql/cosmossql/internal/nosql"
)

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
