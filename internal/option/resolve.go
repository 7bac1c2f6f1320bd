package option

import (
	"context"
	"slices"

	"github.com/cosmossql/cosmossql/internal/errtext"
)

type key struct{}

// layers are the options that a context carries: defaults of a connection, and those of the program.
type layers struct{ defaults, carried []Option }

func carriedBy(ctx context.Context) layers {
	l, _ := ctx.Value(key{}).(layers)
	return l
}

// With returns a context that carries opts after those it carries already.
func With(ctx context.Context, opts []Option) context.Context {
	if len(opts) == 0 {
		return ctx
	}
	l := carriedBy(ctx)
	l.carried = slices.Concat(l.carried, opts)
	return context.WithValue(ctx, key{}, l)
}

// WithDefaults returns a context that carries opts before all others: the defaults of a connection.
func WithDefaults(ctx context.Context, opts []Option) context.Context {
	if len(opts) == 0 {
		return ctx
	}
	l := carriedBy(ctx)
	l.defaults = slices.Concat(opts, l.defaults)
	return context.WithValue(ctx, key{}, l)
}

// Shared is the option of several operations to share the budget of s, if it has one.
func Shared(s *Set) []Option {
	if s.Budget == nil {
		return nil
	}
	return []Option{{name: MaxRUPerSecond, value: s.Budget}}
}

// Sharing returns a context in which all operations share the budget of s, if it has one: those of one statement.
func Sharing(ctx context.Context, s *Set) context.Context {
	if s.Budget == nil {
		return ctx
	}
	return With(ctx, Shared(s))
}

// Bare returns a context without the options that ctx carries, for requests beside those of the caller.
func Bare(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, layers{}) }

// Unguarded returns a context that carries what ctx and args say but for what guards or narrows an operation. It is for
// the requests of a statement, which carries that out itself.
func Unguarded(ctx context.Context, args []Option) context.Context {
	l := carriedBy(ctx)
	if len(l.defaults) == 0 && len(l.carried) == 0 && len(args) == 0 {
		return ctx
	}
	guarding := func(o Option) bool { return guards.has(o.name) }
	l.carried = slices.DeleteFunc(slices.Concat(l.carried, args), guarding)
	// A default PartitionKey stays: it gives way to what the statement says.
	l.defaults = slices.DeleteFunc(slices.Clone(l.defaults), func(o Option) bool {
		return guarding(o) &&
			o.name != PartitionKey
	})
	return context.WithValue(ctx, key{}, l)
}

// None reports whether neither ctx nor opts say anything: whatever the operation, [Resolve] gives an empty set.
func None(ctx context.Context, opts []Option) bool {
	l := carriedBy(ctx)
	return len(l.defaults) == 0 && len(l.carried) == 0 && len(opts) == 0
}

// Resolve applies the defaults of a client, then those of a connection, then what ctx carries, then the arguments of a
// call: the later wins. An argument that the operation does not take is an error. Elsewhere such an option is skipped,
// but for one that guards an operation about documents: that must be carried out or refused.
func Resolve(ctx context.Context, op *Operation, defaults, args []Option) (*Set, error) {
	s := &Set{}
	if err := s.Resolve(ctx, op, defaults, args); err != nil {
		return nil, err
	}
	return s, nil
}

// Resolve is the function of that name, into s, which is empty.
func (s *Set) Resolve(ctx context.Context, op *Operation, defaults, args []Option) error {
	l := carriedBy(ctx)
	for _, layer := range [2][]Option{defaults, l.defaults} {
		if err := s.add(op, layer, "a default"); err != nil {
			return err
		}
	}
	s.DefaultKey = s.PartitionKey != nil
	if err := s.add(op, l.carried, "the context"); err != nil {
		return err
	}
	for _, o := range args {
		switch {
		case !o.says():
		case o.err != nil:
			return o.err
		case !op.takes.has(o.name):
			return refuse(op, o)
		default:
			s.apply(o)
		}
	}
	return nil
}

// add applies options that were not given to the operation itself.
func (s *Set) add(op *Operation, layer []Option, where string) error {
	for _, o := range layer {
		switch {
		case !o.says():
		case o.err != nil:
			return o.err
		case op.takes.has(o.name):
			s.apply(o)
		case op.documents && guards.has(o.name) && !op.part:
			return errtext.Refusef("cosmos: %s carries the option %s, which %s cannot carry out%s", where, o, op.Name,
				remedy(op, o.name))
		}
	}
	return nil
}

// Check returns the error of the first option with an impossible value.
func Check(opts []Option) error {
	for _, o := range opts {
		if o.err != nil {
			return o.err
		}
	}
	return nil
}

// refuse is the error of an argument that has no effect on an operation.
func refuse(op *Operation, o Option) error {
	return errtext.Refusef("cosmos: the option %s does not apply to %s%s", o, op.Name, remedy(op, o.name))
}

// remedy says what to do with an option that an operation does not take.
func remedy(op *Operation, n Name) string {
	switch {
	case n == IfMatch && (op == CreateItem || op == OpCreate || op == Insert || op == txInsert):
		return ": a document that is created has no ETag to compare; use a replace, or an upsert"
	case n == IfMatch && op == ReadItem, n == IfMatch && op == OpRead:
		return ": a read takes IfNoneMatch"
	case op == TransactionalBatch && guards.has(n), op == Bulk && guards.has(n),
		op.takes.has(OnProgress) && (n == IfMatch || n == IfNoneMatch):
		return ": it is about one document; give it to that operation, as in OpReplace(id, item, IfMatch(etag))"
	case n == PatchCondition:
		return ": only patches have conditions (PatchItem, OpPatch, PatchMany, UPDATE)"
	case op.part:
		return ": give it to the call that sends the operation"
	}
	first, then := methods, statements
	if op.takes.has(InDatabase) || n == InDatabase || n == InContainer {
		first, then = statements, methods // a statement's writer has other statements at hand
	}
	by := takenBy(n, first)
	if by == "" {
		by = takenBy(n, then) // BeginTx alone takes Distributed
	}
	text := ": it is for " + by
	if !guards.has(n) {
		text += "; where it rides the context (WithOptions) or is a default of the client, other calls skip it"
	}
	return text
}
