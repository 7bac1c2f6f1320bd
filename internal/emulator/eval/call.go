package eval

import (
	"slices"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// call compiles a function call. What is wrong with a call is looked for in the order in which the service finds it:
// the name, the number of arguments, then where it stands. Types are never an error, even of constants: they give
// undefined (COSMOS_SQL.md 7.0, R2).
func (c *compiler) call(s *scope, x *nosql.Call) node {
	if x.UDF {
		return c.udf(s, x)
	}
	f := lookup(x.Name)
	// RRF outside ORDER BY RANK is an unknown name to the service, FullTextScore is a misplaced one: SC2005 for the
	// first, SC2240 for the other.
	if f == nil || f.rank != "" && f.rank != codeScore {
		c.exprs(s, x.Args) // the service looks at these first
		return c.fail(codeFunction, x.NameSpan, "'%s' is not a recognized built-in function name.", x.Name)
	}
	if !x.Star && !f.arity.admits(len(x.Args)) {
		return c.fail(codeArity, x.Span, "The %s function requires %s argument(s).", f.name, f.arity)
	}
	switch {
	// Before x.Star, for COUNT(*) is taken where the grammar takes it; any other function with a star is the syntax
	// error that it would be in the service.
	case f.fold != nil:
		return c.aggregateCall(s, x, f)
	case x.Star:
		return c.fail(nosql.CodeSyntax, x.Span, "Syntax error, incorrect syntax near '*'.")
	case f.rank != "":
		return c.fail(codeScore, x.Span, "The %s function is only allowed in the ORDER BY RANK clause.", f.name)
	}
	args := c.exprs(s, x.Args)
	code := f.eval
	if f.bind != nil {
		if code = f.bind(c, x, args); code == nil { // reported
			return constant(value.Undefined)
		}
	}
	eval := apply(code, f.args.forEach(len(args)), args)
	// Folding it would give every document of a query the same random number and the same time.
	if f.volatile {
		return node{eval: eval}
	}
	return c.pure(eval, args...)
}

// apply evaluates the arguments onto the stack and calls code, unless one of them is of a type that the function does
// not take; the result is then undefined. One stack for all calls under way saves a slice a call and row. It is cut
// back before anything is returned, as the calls around share it, and sliced only when all arguments are there, as a
// call among them may have moved it.
func apply(code body, takes []kinds, args []node) expr {
	return func(e *env) value.Value {
		base := len(e.stack)
		for i := range args {
			v := args[i].eval(e)
			if !takes[i].admit(v) {
				e.stack = e.stack[:base]
				return value.Undefined
			}
			e.stack = append(e.stack, v)
		}
		v := code(e, e.stack[base:])
		e.stack = e.stack[:base]
		return v
	}
}

// The account says maxUdfRefPerSqlQuery 10 (recorded exchange 33).
const maxUDFCalls = 10

// udf compiles udf.name(…). An undefined argument keeps the function from being called. Uncertain in the service: the
// code of the error for an unknown function.
func (c *compiler) udf(s *scope, x *nosql.Call) node {
	if c.opts.Functions == nil {
		return c.fail("", x.Span, "The user-defined function 'udf.%s' is not supported: "+
			"this server does not run JavaScript.", x.Name)
	}
	f, err := c.opts.Functions(x.Name)
	if err != nil {
		return c.fail("", x.Span, "The user-defined function 'udf.%s' cannot be called: %v", x.Name, err)
	}
	// Equal, not greater: one finding is enough however many calls follow.
	if c.udfCalls++; c.udfCalls == maxUDFCalls+1 {
		return c.fail(codeUDFCalls, x.Span,
			"The SQL query exceeded the maximum number of user-defined function calls. "+
				"The allowed limit is %d.", maxUDFCalls)
	}
	args := c.exprs(s, x.Args)
	takes := make([]kinds, len(args))
	for i := range takes {
		takes[i] = isDefined
	}
	return node{eval: apply(func(e *env, a []value.Value) value.Value {
		// The function may keep its arguments; the stack is used again.
		v, err := f(e.ctx, slices.Clone(a))
		if err != nil {
			return e.fail("The user-defined function 'udf." + x.Name + "' failed: " + err.Error())
		}
		return v
	}, takes, args)}
}
