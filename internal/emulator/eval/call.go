package eval

import (
	"slices"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// call compiles a function call.
func (c *compiler) call(s *scope, x *nosql.Call) node {
	if x.UDF {
		return c.udf(s, x)
	}
	f := lookup(x.Name)
	if f == nil || f.rank != "" && f.rank != codeScore {
		c.exprs(s, x.Args) // the service looks at these first
		return c.fail(codeFunction, x.NameSpan, "'%s' is not a recognized built-in function name.", x.Name)
	}
	if !x.Star && !f.arity.admits(len(x.Args)) {
		return c.fail(codeArity, x.Span, "The %s function requires %s argument(s).", f.name, f.arity)
	}
	switch {
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
	if f.volatile {
		return node{eval: eval}
	}
	return c.pure(eval, args...)
}

// apply evaluates the arguments onto the stack and calls code, unless one of them is of a type that the function does
// not take; the result is then undefined.
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
	if c.udfCalls++; c.udfCalls == maxUDFCalls+1 {
		return c.fail(codeUDFCalls, x.Span, "The SQL query exceeded the maximum number of user-defined function calls. "+
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
