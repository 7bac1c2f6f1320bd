package cosmossql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// statementContainer is a container with what the options of a statement say. Those that guard nothing ride the context.
type statementContainer struct {
	container *cosmos.Container
	set       *option.Set
}

func (s statementContainer) Definition(ctx context.Context) (partition.Definition, error) {
	d, err := s.container.PartitionKeyDefinition(ctx)
	return partition.Definition(d), err
}

func (s statementContainer) Do(ctx context.Context, op execute.Op) (execute.Outcome, error) {
	opts, err := s.partition(op.Document, op.Key)
	if err != nil {
		return execute.Outcome{}, err
	}
	if op.IfMatch != "" {
		opts = append(opts, cosmos.IfMatch(op.IfMatch))
	}
	switch op.Kind {
	case execute.Create, execute.Upsert, execute.Patch:
		opts = append(opts, cosmos.ContentResponse(op.Answer))
	}
	if op.Kind == execute.Patch && s.set.Condition != "" {
		opts = append(opts, cosmos.PatchCondition(s.set.Condition))
	}
	var r *cosmos.Response
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
		var own []cosmos.Option
		if op.IfMatch != "" {
			own = append(own, cosmos.IfMatch(op.IfMatch))
		}
		switch op.Kind {
		case execute.Create:
			operations[i] = cosmos.OpCreate(op.Document, own...)
		case execute.Upsert:
			operations[i] = cosmos.OpUpsert(op.Document, own...)
		case execute.Patch:
			if s.set.Condition != "" && i == 0 {
				own = append(own, cosmos.PatchCondition(s.set.Condition))
			}
			operations[i] = cosmos.OpPatch(op.ID, patch(op.Patch), own...)
		default:
			operations[i] = cosmos.OpDelete(op.ID, own...)
		}
	}
	opts, err := s.partition(nil, key)
	if err != nil {
		return nil, err
	}
	opts = append(opts, cosmos.ContentResponse(answer))
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
	if key == nil && !s.set.DefaultKey {
		key = s.set.PartitionKey
	}
	args := parameters(params)
	if key != nil {
		args = append(args, inPartition(key))
	}
	return func(yield func(json.RawMessage, error) bool) {
		pager := s.container.NewPager(text, args...)
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

// partition is the option PartitionKey of a request: key is the one that document or WHERE says. Another one among the
// options of the statement is refused.
func (s statementContainer) partition(doc json.RawMessage, key partition.Key) ([]cosmos.Option, error) {
	given := s.set.PartitionKey
	if given != nil && !s.set.DefaultKey && !slices.Equal(given, key) {
		return nil, fmt.Errorf("cosmos: the statement is about partition key %s, but the option PartitionKey says %s", key, given)
	}
	if doc != nil {
		return nil, nil
	}
	return []cosmos.Option{inPartition(key)}, nil
}

func inPartition(key partition.Key) cosmos.Option { return option.New(option.PartitionKey, key) }

// status is the HTTP status of err; 0 if err is no answer of the service.
func status(err error) int {
	var e *cosmos.Error
	if errors.As(err, &e) {
		return e.StatusCode
	}
	return 0
}
