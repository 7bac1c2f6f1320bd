package gateway

import (
	"github.com/cosmossql/cosmossql/internal/emulator/store"
	"github.com/cosmossql/cosmossql/internal/value"
)

// readResume reads the resumeFilter beside a query's text, which says behind which sort keys, and which document
// among equal ones, the rows begin: a list with a value for each key of ORDER BY, of which [] is undefined. The newer
// of two ways to go on in a sorted query (PROTOCOL.md 6.9); a filter written into the text, which older clients use,
// needs no help of the server.
func (q *query) readResume(in value.Value) error {
	refuse := func(why string) error {
		return store.Errorf(400, 0, "The resumeFilter of the query is invalid: %s.", why)
	}
	values := in.Get("value")
	switch {
	case len(q.tree.OrderBy) == 0 || q.tree.Rank:
		return refuse("the query has no ORDER BY")
	case values.Kind() != value.KindArray || values.Len() != len(q.tree.OrderBy):
		return refuse("its value must be a list with one entry for each key of ORDER BY")
	}
	var keys []value.Value
	for v := range values.Elems() {
		switch v.Kind() {
		case value.KindArray:
			if v.Len() > 0 {
				return refuse("an entry of its value is an array")
			}
			keys = append(keys, value.Undefined)
		// Guessing an order would repeat or lose rows in silence.
		case value.KindObject: // the hash of an array or object, whose order only the service knows
			return refuse(
				"an entry of its value stands for an array or object, which this server does not order by hash")
		default:
			keys = append(keys, v)
		}
	}
	q.resume, q.exclude = &place{Keys: keysOf(keys)}, in.Get("exclude").IsTrue()
	if rid := in.Get("rid"); rid.Kind() == value.KindString {
		q.resume.Number, _ = store.DocumentNumber(rid.AsString())
		// A partition left of the place where the client stopped has given all rows with these keys.
	} else if q.exclude {
		// Behind every document with these keys.
		q.resume.Number = 1<<64 - 1
		if q.tree.OrderBy[0].Desc {
			q.resume.Number = 0
		}
		q.resume.Index = 1<<31 - 1
	} else if q.tree.OrderBy[0].Desc {
		q.resume.Number = 1<<64 - 1
	}
	return nil
}

// resumed leaves out the rows before the place of the resumeFilter. Rows are in order, so those before the place are
// a beginning of the list.
func (q *query) resumed(rows []result) []result {
	if q.resume == nil {
		return rows
	}
	keys := q.resume.keys()
	for i, r := range rows {
		if c := compareRow(q.tree, r, keys, q.resume); c > 0 || c == 0 && !q.exclude {
			return rows[i:]
		}
	}
	return nil
}
