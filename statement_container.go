package cosmossql

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"slices"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/execute"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/statement"
)

var _ execute.Container = statementContainer{}

// statementContainer is a container with the options of a statement.
type statementContainer struct {
	container *cosmos.Container
	options   []cosmos.Option
}

func (s statementContainer) Definition(ctx context.Context) (partition.Definition, error) {
	d, err := s.container.PartitionKeyDefinition(ctx)
	return partition.Definition(d), err
}

func (s statementContainer) Do(ctx context.Context, op execute.Op) (execute.Outcome, error) {
	// op.IfMatch takes the place of the statement's IfMatch, from which execute.Plan made it.
	opts := append(slices.Clone(s.options), cosmos.ContentResponse(op.Answer), cosmos.IfMatch(op.IfMatch))
	if op.Document == nil {
		opts = append(opts, inPartition(op.Key))
	}
	var r *cosmos.Response
	var err error
	switch op.Kind {
	case execute.Create:
		r, err = s.container.CreateItem(ctx, op.Document, opts...)
	case execute.Upsert:
		r, err = s.container.UpsertItem(ctx, op.Document, opts...)
	case execute.Patch:
		r, err = s.container.PatchItem(ctx, op.ID, patch(op.Patch), opts...)
	case execute.Delete:
		r, err = s.container.DeleteItem(ctx, op.ID, opts...)
	default:
		r, err = s.container.ReadItem(ctx, op.ID, opts...)
	}
	if r == nil {
		return execute.Outcome{Status: status(err)}, err
	}
	return execute.Outcome{Status: r.StatusCode, ETag: r.ETag, Document: r.Body}, err
}

func (s statementContainer) Batch(ctx context.Context, key partition.Key, ops []execute.Op) ([]execute.Outcome, error) {
	operations := make([]cosmos.Operation, len(ops))
	answer := false
	for i, op := range ops {
		answer = answer || op.Answer
		switch op.Kind {
		case execute.Create:
			operations[i] = cosmos.OpCreate(op.Document)
		case execute.Upsert:
			operations[i] = cosmos.OpUpsert(op.Document, cosmos.IfMatch(op.IfMatch))
		case execute.Patch:
			operations[i] = cosmos.OpPatch(op.ID, patch(op.Patch), cosmos.IfMatch(op.IfMatch))
		default:
			operations[i] = cosmos.OpDelete(op.ID, cosmos.IfMatch(op.IfMatch))
		}
	}
	opts := append(slices.Clone(s.options), cosmos.ContentResponse(answer), cosmos.IfMatch(""), inPartition(key))
	r, err := s.container.TransactionalBatch(ctx, operations, opts...)
	if r == nil {
		return nil, err
	}
	outcomes := make([]execute.Outcome, len(r.Results))
	for i, result := range r.Results {
		outcomes[i] = execute.Outcome{Status: result.StatusCode, ETag: result.ETag, Document: result.Body}
	}
	return outcomes, err
}

func patch(ops []statement.Operation) []cosmos.PatchOperation {
	operations := make([]cosmos.PatchOperation, len(ops))
	for i, op := range ops {
		operations[i] = cosmos.PatchOperation{Op: op.Op, Path: op.Path, Value: op.Value}
	}
	return operations
}

func (s statementContainer) Query(ctx context.Context, text string, params []statement.Arg, key partition.Key) iter.Seq2[json.RawMessage, error] {
	opts := s.options
	if key != nil {
		opts = append(slices.Clone(opts), inPartition(key))
	}
	return func(yield func(json.RawMessage, error) bool) {
		pager := s.container.NewPager(text, parameters(params), opts...)
		defer pager.Close()
		for {
			page, err := pager.Next(ctx)
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			page.Release()
		}
	}
}

func inPartition(key partition.Key) cosmos.Option {
	return func(s *option.Set) { s.PartitionKey = key }
}

// status is the HTTP status of err; 0 if err is no answer of the service.
func status(err error) int {
	var e *cosmos.Error
	if errors.As(err, &e) {
		return e.StatusCode
	}
	return 0
}
