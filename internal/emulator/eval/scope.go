package eval

// scope is the aliases that a part of a query sees, innermost first, and what aggregates mean there.
type scope struct {
	parent     *scope
	names      []binding
	aggregates aggregateRule
	block      *block // where aggregates accumulate
}

// aggregateRule says what an aggregate function means in a scope.
type aggregateRule int

const (
	refused     aggregateRule = iota
	accumulated               // in the select list
	nested                    // in the argument of another one
)

func (s *scope) inAggregate() bool { return s != nil && s.aggregates == nested }

// binding is one alias. whole marks one that stands for a document as it is stored.
type binding struct {
	name  string
	slot  int
	whole bool
	// sortable marks an alias whose paths ORDER BY can use: the documents, or one value inside each.
	sortable bool
	// derived marks an alias of a subquery's rows.
	derived bool
}

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

// owns reports whether name is an alias of this scope itself.
func (s *scope) owns(name string) bool {
	for _, b := range s.names {
		if b.name == name {
			return true
		}
	}
	return false
}
