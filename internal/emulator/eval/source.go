package eval

import (
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// source makes the step that binds one alias and then calls next for every binding. Sources are made before it is
// known what follows them, and put together from the last to the first.
type source func(next stage) stage

// The account says maxJoinsPerSqlQuery 10 (recorded exchange 33); the code of the service's error is not known.
const maxJoins = 10

// from compiles the sources of q and binds their aliases in s, in the order in which they are evaluated. Only the
// first can be the container: there is no join between documents (COSMOS_SQL.md 5.3), so whatever stands second
// begins with an alias.
func (c *compiler) from(s *scope, q *nosql.Query, documents bool) []source {
	if len(q.From)-1 > maxJoins {
		c.fail("", q.From[maxJoins+1].Span, "The query has more than %d JOINs, which is the limit.", maxJoins)
	}
	sources := make([]source, 0, len(q.From))
	for i := range q.From {
		src := &q.From[i]
		if src.Query != nil {
			sources = append(sources, c.subquerySource(s, src, documents && i == 0))
		} else {
			sources = append(sources, c.pathSource(s, src, documents && i == 0))
		}
	}
	return sources
}

// bind gives src a slot and makes its name, if it has one, visible in s. A slot is taken even without a name, as FROM
// c.kids[0] has none and * still refers to it.
func (c *compiler) bind(s *scope, src *nosql.Source, b binding) int {
	b.name, b.slot = src.Name(), c.newSlot()
	s.names = append(s.names, b)
	return b.slot
}

// pathSource compiles FROM path and x IN path. A path that does not begin with an alias begins with the container.
func (c *compiler) pathSource(s *scope, src *nosql.Source, documents bool) source {
	base, steps := unwind(src.Path)
	id, ok := base.(*nosql.Ident)
	if !ok {
		c.fail(nosql.CodeSyntax, base.Pos(), "Syntax error, FROM needs a path that begins with a name.")
		return func(next stage) stage { return next }
	}
	// In a subquery a name that is an alias outside means that one; any other leading name of a first source is the
	// container, whatever it is called.
	if _, correlated := s.find(id.Name); correlated || !documents {
		collection := c.expr(s, src.Path).eval
		slot := c.bind(s, src, binding{})
		return bindTo(slot, collection, src.In)
	}
	c.readsDoc = true
	if len(steps) == 0 && !src.In {
		slot := c.bind(s, src, binding{whole: true, sortable: true})
		return scan(slot)
	}
	// The document needs a slot although no name of the query refers to it, once FROM c.kids has taken the alias
	// kids.
	root := c.newSlot()
	hidden := &scope{names: []binding{{name: id.Name, slot: root, whole: true}}}
	collection := c.expr(hidden, src.Path).eval
	slot := c.bind(s, src, binding{sortable: !src.In})
	inner := bindTo(slot, collection, src.In)
	return func(next stage) stage { return scan(root)(inner(next)) }
}

// scan binds every document.
func scan(slot int) source {
	return func(next stage) stage {
		return func(e *env) bool {
			for doc := range e.docs {
				// Other slots keep what the document before left there; every source writes its own before anything
				// reads it.
				e.doc, e.slots[slot], e.built = doc, doc, 0
				e.text.next()
				if !next(e) {
					return false
				}
			}
			return true
		}
	}
}

// bindTo binds the value of collection, or every element of it. A path without a value gives no row, x IN of anything
// but an array neither (COSMOS_SQL.md 5.3). Ticks are taken here too, for sources that give no rows at all would
// never reach a terminal that counts.
func bindTo(slot int, collection expr, each bool) source {
	if !each {
		return func(next stage) stage {
			return func(e *env) bool {
				v := collection(e)
				e.slots[slot] = v
				return !v.IsDefined() || next(e)
			}
		}
	}
	return func(next stage) stage {
		return func(e *env) bool {
			v := collection(e)
			if v.Kind() != value.KindArray {
				return e.tick()
			}
			for i := range v.Len() {
				e.slots[slot] = v.At(i)
				// The terminal counts rows only for the innermost source.
				if !next(e) {
					return false
				}
			}
			return e.tick()
		}
	}
}

// subquerySource compiles FROM (query) and x IN (query). Its rows reach the next source as they come; only one that
// sorts or groups gathers them first.
func (c *compiler) subquerySource(s *scope, src *nosql.Source, documents bool) source {
	// The inner block is compiled before the alias is bound, which it must not see; its rows go to a step that is only
	// known later.
	q := c.checkSubquery(src.Query)
	var slot int
	var next stage
	inner := c.block(q, s, documents, func(e *env, v value.Value) bool {
		if !src.In {
			e.slots[slot] = v
			return next(e)
		}
		for i := range v.Len() {
			if v.Kind() != value.KindArray {
				return true
			}
			e.slots[slot] = v.At(i)
			if !next(e) {
				return false
			}
		}
		return true
	})
	if documents && !inner.streams {
		c.streams = false
	}
	slot = c.bind(s, src, binding{derived: true})
	return func(then stage) stage {
		next = then
		return inner.run
	}
}
