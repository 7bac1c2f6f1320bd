package eval

import "github.com/cosmossql/cosmossql/internal/value"

func conditionalFunctions() []function {
	return []function{
		{name: "IIF", arity: exactly(3), args: signature{isAny}, eval: iif, example: `IIF(1, "yes", "no")`,
			doc: "The second argument if the first is exactly true, otherwise the third."},
		{
			name:    "CHOOSE",
			arity:   atLeast(2),
			args:    signature{isInteger, isAny},
			eval:    choose,
			example: `CHOOSE(2, "a", "b")`,
			doc:     "The argument at the position that the first one gives, counted from 1; undefined out of range.",
		},
	}
}

// Its arguments may all be undefined: the published examples take the third for 1, "true", [] and null alike, and an
// unused branch must not spoil the used one (COSMOS_SQL.md 7.0, R3).
func iif(_ *env, a []value.Value) value.Value {
	if a[0].IsTrue() {
		return a[1]
	}
	return a[2]
}

// choose is undefined for a position with a fraction. Uncertain in the service.
func choose(_ *env, a []value.Value) value.Value {
	if i, _ := a[0].AsInt(); i >= 1 && i < int64(len(a)) {
		return a[i]
	}
	return value.Undefined
}
