package execute

import (
	"cmp"
	"context"

	"github.com/cosmossql/cosmossql/internal/statement"
)

// Work is a statement that changes documents: an [*Insertion] or a [*Change].
type Work interface {
	// Run executes it now.
	Run(ctx context.Context, c Container) (Result, error)

	// Ops returns its operations as a part of a transaction.
	Ops(ctx context.Context, c Container) ([]Op, error)
}

// Terms are the arguments and options that a statement is executed with.
type Terms struct {
	Args     []statement.Arg
	AutoID   bool   // a document without an id gets a UUID
	IfMatch  string // the ETag that the document must have, of a statement about one; "" for any
	Answer   bool   // the caller wants the rows of RETURNING
	InFlight int    // documents changed at the same time; 0: defaultInFlight
}

// defaultInFlight is how many documents an UPDATE or DELETE changes at the same time.
const defaultInFlight = 32

// Plan makes the work of a statement, and returns its target and RETURNING clause. The work is nil if the statement does
// not change documents.
func Plan(s statement.Statement, t Terms) (w Work, to statement.Target, returning *statement.Returning, err error) {
	switch s := s.(type) {
	case *statement.Insert:
		docs, err := s.Documents(t.Args)
		in := &Insertion{
			Documents: docs, KeyPaths: s.PartitionKey, AutoID: t.AutoID, IfMatch: t.IfMatch, Answer: t.Answer && s.Returning != nil,
		}
		// REPLACE means the same as in MySQL: insert the document if it does not exist.
		if s.Verb != "INSERT" {
			in.Kind = Upsert
		}
		return in, s.Target, s.Returning, err
	case *statement.Update:
		ops, err := s.Operations(t.Args)
		ch := t.change("UPDATE", s, s.Returning)
		ch.Patch, ch.CheckKey = ops, s.CheckKey
		return ch, s.Target, s.Returning, err
	case *statement.Delete:
		return t.change("DELETE", s, s.Returning), s.Target, s.Returning, nil
	}
	return nil, to, nil, nil
}

func (t Terms) change(verb string, where Searcher, returning *statement.Returning) *Change {
	return &Change{
		Verb: verb, Where: where, Args: t.Args, IfMatch: t.IfMatch, Answer: t.Answer && returning != nil, InFlight: cmp.Or(t.InFlight, defaultInFlight),
	}
}
