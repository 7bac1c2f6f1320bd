package genkit

import (
	"context"

	"github.com/cosmossql/cosmossql/examples/ai/store"
	"github.com/firebase/genkit/go/core/x/session"
)

// Sessions keeps the states of Genkit's sessions as checkpoints, a thread for each session. Genkit's Save has no
// version: the last writer wins, and no step is lost from the history. A program that must not lose an update calls
// [store.Checkpoints.Update] on the same store.
type Sessions[S any] struct {
	Checkpoints *store.Checkpoints[S]
}

var _ session.Store[any] = Sessions[any]{}

// Get returns the state of a session, nil if there is none.
func (s Sessions[S]) Get(ctx context.Context, id string) (*session.Data[S], error) {
	c, err := s.Checkpoints.Load(ctx, id)
	if err != nil || c.Step == 0 {
		return nil, err
	}
	return &session.Data[S]{ID: id, State: c.State}, nil
}

// Save stores the state of a session.
func (s Sessions[S]) Save(ctx context.Context, id string, data *session.Data[S]) error {
	_, err := s.Checkpoints.Update(ctx, id, func(S) (S, error) { return data.State, nil })
	return err
}
