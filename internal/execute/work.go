package execute

import (
	"cmp"
	"context"

	"github.com/cosmossql/cosmossql/internal/statement"
)

// Work is a statement that changes documents: an [*Insertion] or a [*Change].
type Work interface {
	// Run carries it out now.
	Run(ctx context.Context, c Container) (Result, error)

	// Ops says what it is as part of a transaction.
	Ops(ctx context.Context, c Container) ([]Op, error)
}

// Terms are what a statement is carried out by besides its text.
type Terms struct {
	Args     []statement.Arg
	AutoID   bool   // a document without an id gets a UUID
	IfMatch  string // the ETag that the one document meant must have; "" for any
	Answer   bool   // RETURNING is to be answered
	InFlight int    // documents changed at the same time; 0: 32
}

// Plan makes work of a statement and says where it goes and what it gives back. It makes none of a statement that does
// not change documents.
func Plan(s statement.Statement, t Terms) (w Work, to statement.Target, returning *statement.Returning, err error) {
	switch s := s.(type) {
	case *statement.Insert:
		docs, err := s.Documents(t.Args)
		in := &Insertion{
			Documents: docs, KeyPaths: s.PartitionKey, AutoID: t.AutoID, IfMatch: t.IfMatch, Answer: t.Answer && s.Returning != nil,
		}
		// REPLACE is what it is in MySQL: there may be no document yet.
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
		Verb: verb, Where: where, Args: t.Args, IfMatch: t.IfMatch, Answer: t.Answer && returning != nil, InFlight: cmp.Or(t.InFlight, 32),
	}
}
