package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/cosmossql/cosmossql/cosmos"
)

// operation is one operation of a batch or of a bulk request.
type operation struct {
	Op   string          `json:"op"` // create, upsert, replace, read, delete or patch
	ID   string          `json:"id"`
	Key  []any           `json:"key"` // where the batch does not say it and Body does not carry it
	Body json.RawMessage `json:"body"`
	Sets []change        `json:"patch"`
}

// change is one operation of a patch, in the words of the service.
type change struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	From  string          `json:"from"`
	Value json.RawMessage `json:"value"`
}

// outcome is what became of one operation.
type outcome struct {
	Status int    `json:"status"`
	Error  string `json:"error,omitempty"`
}

func (o operation) build() (cosmos.Operation, error) {
	var opts []cosmos.Option
	if o.Key != nil {
		opts = append(opts, cosmos.PartitionKey(o.Key...))
	}
	switch o.Op {
	case "create":
		return cosmos.OpCreate(o.Body, opts...), nil
	case "upsert":
		return cosmos.OpUpsert(o.Body, opts...), nil
	case "replace":
		return cosmos.OpReplace(o.ID, o.Body, opts...), nil
	case "read":
		return cosmos.OpRead(o.ID, opts...), nil
	case "delete":
		return cosmos.OpDelete(o.ID, opts...), nil
	case "patch":
		changes, err := patch(o.Sets)
		return cosmos.OpPatch(o.ID, changes, opts...), err
	default:
		return cosmos.Operation{}, fmt.Errorf("there is no operation %q", o.Op)
	}
}

func patch(changes []change) ([]cosmos.PatchOperation, error) {
	var all []cosmos.PatchOperation
	for _, c := range changes {
		switch c.Op {
		case "set":
			all = append(all, cosmos.PatchSet(c.Path, c.Value))
		case "add":
			all = append(all, cosmos.PatchAdd(c.Path, c.Value))
		case "replace":
			all = append(all, cosmos.PatchReplace(c.Path, c.Value))
		case "remove":
			all = append(all, cosmos.PatchRemove(c.Path))
		case "incr":
			all = append(all, cosmos.PatchIncrement(c.Path, c.Value))
		case "move":
			all = append(all, cosmos.PatchMove(c.From, c.Path))
		default:
			return nil, fmt.Errorf("there is no patch operation %q", c.Op)
		}
	}
	return all, nil
}

func operations(list []operation) ([]cosmos.Operation, error) {
	all := make([]cosmos.Operation, len(list))
	for i, o := range list {
		op, err := o.build()
		if err != nil {
			return nil, err
		}
		all[i] = op
	}
	return all, nil
}

func (r *request) batch(ctx context.Context, c *cosmos.Container, opts []cosmos.Option) (answer, error) {
	ops, err := operations(r.Operations)
	if err != nil {
		return answer{}, err
	}
	resp, err := c.TransactionalBatch(ctx, ops, opts...)
	if resp == nil {
		return answer{}, err
	}
	var a answer
	for _, result := range resp.Results {
		a.Outcomes = append(a.Outcomes, outcome{Status: result.StatusCode})
	}
	if e := (*cosmos.BatchError)(nil); errors.As(err, &e) {
		a.Failed = &e.Index
	}
	return a, err
}

func (r *request) bulk(ctx context.Context, c *cosmos.Container, opts []cosmos.Option) (answer, error) {
	ops, err := operations(r.Operations)
	if err != nil {
		return answer{}, err
	}
	var a answer
	for _, result := range cosmos.Collect(c.Bulk(ctx, slices.Values(ops), opts...)) {
		o := outcome{Status: result.StatusCode}
		if result.Err != nil {
			o.Error = result.Err.Error()
		}
		a.Outcomes = append(a.Outcomes, o)
	}
	return a, nil
}
