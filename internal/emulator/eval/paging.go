package eval

import (
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// unlimited is the count of rows without TOP or LIMIT, far enough from overflow to be added to and doubled.
const (
	unlimited int64 = 1 << 60
	// Literals above it are SC2060 to SC2062 in published baselines of plans.
	maxCount = 1<<32 - 1 // the service's bound for TOP, OFFSET and LIMIT
)

// page is what OFFSET, LIMIT and TOP say together: skip first, then at most take. Uncertain in the service: TOP beside
// OFFSET and LIMIT; here the smaller count holds.
type page struct{ skip, take int64 }

func (c *compiler) page(q *nosql.Query) page {
	pg := page{take: unlimited}
	if q.Offset != nil {
		pg.skip = c.count(q.Offset, codeOffset, "The OFFSET count value exceeds the maximum allowed value.")
	}
	if q.Limit != nil {
		pg.take = c.count(q.Limit, codeLimit, "The LIMIT count value exceeds the maximum allowed value.")
	}
	if q.Top != nil {
		pg.take = min(pg.take, c.count(q.Top, codeTop, "The count value provided for a TOP clause must be an integer."))
	}
	return pg
}

// The grammar admits nothing but these two. A parameter may hold anything, and one that is not an integer has the
// same error as a literal out of range.
func (c *compiler) count(x nosql.Expr, code, message string) int64 {
	var v value.Value
	switch x := x.(type) {
	case *nosql.Literal:
		v = literal(x)
	case *nosql.Param:
		v = c.param(x).val
	}
	n, ok := v.AsInt()
	if !ok || n < 0 || n > maxCount {
		c.fail(code, x.Pos(), "%s", message)
	}
	return n
}

// paging lets the rows of the page through and stops the block after the last. It stops with the last row and not
// after it: the next one might be far away, or never come.
func (c *compiler) paging(b *block, pg page, out sink) sink {
	if pg == (page{take: unlimited}) {
		return out
	}
	b.streams = false
	id, end := b.id, pg.skip+pg.take
	return func(e *env, v value.Value) bool {
		st := &e.states[id]
		if st.passed >= end {
			return false
		}
		st.passed++
		if st.passed <= pg.skip {
			return true
		}
		return out(e, v) && st.passed < end
	}
}
