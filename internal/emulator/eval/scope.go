package eval

// scope is the aliases that a part of a query sees, innermost first, and what aggregates mean there. An inner alias
// hides an outer one of its name; within one query names differ, which nosql.Resolve has made sure of.
type scope struct {
	parent     *scope
	names      []binding
	aggregates aggregateRule
	block      *block // where aggregates accumulate; nil where they do not
}

// aggregateRule says what an aggregate function means in a scope.
type aggregateRule int

const (
	// In FROM, WHERE and GROUP BY, which are evaluated before there are groups.
	refused     aggregateRule = iota
	accumulated               // in the select list
	nested                    // in the argument of another one
)

func (s *scope) inAggregate() bool { return s != nil && s.aggregates == nested }

// binding is one alias. whole marks one that stands for a document as it is stored. Only whole documents have
// computed properties and system properties; a value inside one is plain JSON.
type binding struct {
	name  string
	slot  int
	whole bool
	// sortable marks an alias whose paths ORDER BY can use: the documents, or one value inside each. An alias of JOIN
	// is not one: the service answers 2206 to ORDER BY on it (19 published baselines).
	sortable bool
	// derived marks an alias of a subquery's rows. ORDER BY on it is refused with a message of its own.
	derived bool
}

// Names are case-sensitive, as all but keywords and built-in functions are.
func (s *scope) find(name string) (binding, bool) {
	for ; s != nil; s = s.parent {
		for _, b := range s.names {
			if b.name == name {
				return b, true
			}
		}
	}
	return binding{}, false
}

// empty reports whether no alias is visible.
func (s *scope) empty() bool {
	for ; s != nil; s = s.parent {
		if len(s.names) > 0 {
			return false
		}
	}
	return true
}

// owns reports whether name is an alias of this scope itself. GROUP BY and ORDER BY may only name these; an alias of
// the query around is the same value for all rows here.
func (s *scope) owns(name string) bool {
	for _, b := range s.names {
		if b.name == name {
			return true
		}
	}
	return false
}
