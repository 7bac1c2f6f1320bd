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

var (
	_ execute.Container = store{}
	_ execute.Account   = account{}
)

// run carries out a statement that changes something. returning is what it gives back, or nil.
func (c *Conn) run(r *request, s statement.Statement, answer bool) (done execute.Result, returning *statement.Returning, err error) {
	w, to, returning, err := c.work(r, s, answer)
	if err != nil {
		return done, nil, err
	}
	if w != nil {
		done, err = w.Run(r.ctx, store{to, r.Options})
		return done, returning, err
	}
	if _, err := s.Bind(r.Values); err != nil {
		return done, nil, err
	}
	done.Affected, err = execute.Manage(r.ctx, account{c.client, r.Options}, s, c.database(r))
	return done, nil, err
}

// work is what a statement does to the documents of a container; nil for one about databases and containers.
func (c *Conn) work(r *request, s statement.Statement, answer bool) (w execute.Work, to *cosmos.Container, returning *statement.Returning, err error) {
	w, target, returning, err := execute.Plan(s, execute.Terms{
		Args: r.Values, AutoID: !c.settings.NoAutoID, IfMatch: r.Set.IfMatch, Answer: answer, InFlight: r.Set.MaxConcurrency,
	})
	if w == nil || err != nil {
		return nil, nil, nil, err
	}
	to, err = c.container(r, target.Database, target.Container)
	return w, to, returning, err
}

// store is a container as [execute] sees it, with the options of a statement.
type store struct {
	container *cosmos.Container
	options   []cosmos.Option
}

func (s store) Definition(ctx context.Context) (partition.Definition, error) {
	d, err := s.container.PartitionKeyDefinition(ctx)
	return partition.Definition(d), err
}

func (s store) Do(ctx context.Context, op execute.Op) (execute.Outcome, error) {
	// The statement's own ETag is the operation's by now, where it is about one document.
	opts := append(slices.Clone(s.options), cosmos.ContentResponse(op.Answer), cosmos.IfMatch(op.IfMatch))
	if op.Document == nil {
		opts = append(opts, inPartition(op.Key))
	}
	var r *cosmos.Response
	var err error
	switch op.Kind {
	case execute.Create:
		r, err = s.container.Create(ctx, op.Document, opts...)
	case execute.Upsert:
		r, err = s.container.Upsert(ctx, op.Document, opts...)
	case execute.Patch:
		r, err = s.container.Patch(ctx, op.ID, patch(op.Patch), opts...)
	case execute.Delete:
		r, err = s.container.Delete(ctx, op.ID, opts...)
	default:
		r, err = s.container.Read(ctx, op.ID, opts...)
	}
	if r == nil {
		return execute.Outcome{Status: status(err)}, err
	}
	return execute.Outcome{Status: r.StatusCode, ETag: r.ETag, Document: r.Body}, err
}

func (s store) Batch(ctx context.Context, key partition.Key, ops []execute.Op) ([]execute.Outcome, error) {
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

func (s store) Query(ctx context.Context, text string, params []statement.Arg, key partition.Key) iter.Seq2[json.RawMessage, error] {
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

func parameters(args []statement.Arg) []cosmos.Parameter {
	params := make([]cosmos.Parameter, len(args))
	for i, arg := range args {
		params[i] = cosmos.Parameter{Name: arg.Name, Value: arg.Value}
	}
	return params
}

// account is a client as [execute] sees it, with the options of a statement.
type account struct {
	client  *cosmos.Client
	options []cosmos.Option
}

func (a account) CreateDatabase(ctx context.Context, database string, t statement.Throughput) (int, error) {
	_, err := a.client.CreateDatabase(ctx, database, a.with(t)...)
	return status(err), err
}

func (a account) CreateContainer(ctx context.Context, database string, properties json.RawMessage, t statement.Throughput) (int, error) {
	p, err := decoded(properties)
	if err != nil {
		return 0, err
	}
	_, err = a.client.Database(database).CreateContainer(ctx, p, a.with(t)...)
	return status(err), err
}

func (a account) Drop(ctx context.Context, database, container string) (int, error) {
	d := a.client.Database(database)
	drop := d.Delete
	if container != "" {
		drop = d.Container(container).DeleteContainer
	}
	_, err := drop(ctx, a.options...)
	return status(err), err
}

func (a account) Properties(ctx context.Context, database, container string) (json.RawMessage, error) {
	d := a.client.Database(database)
	if container == "" {
		return encoded(d.Read(ctx, a.options...))
	}
	return encoded(d.Container(container).ReadProperties(ctx, a.options...))
}

func (a account) ReplaceProperties(ctx context.Context, database, container string, properties json.RawMessage) error {
	p, err := decoded(properties)
	if err != nil {
		return err
	}
	opts := append(slices.Clone(a.options), cosmos.IfMatch(p.ETag))
	_, err = a.client.Database(database).Container(container).ReplaceProperties(ctx, p, opts...)
	return err
}

func (a account) Throughput(ctx context.Context, database, container string) (statement.Throughput, error) {
	d := a.client.Database(database)
	read := d.ReadThroughput
	if container != "" {
		read = d.Container(container).ReadThroughput
	}
	p, err := read(ctx, a.options...)
	if errors.Is(err, cosmos.ErrNotFound) {
		return statement.Throughput{}, nil
	}
	if err != nil {
		return statement.Throughput{}, err
	}
	return statement.Throughput{Manual: p.Manual, Autoscale: p.Autoscale}, nil
}

func (a account) ReplaceThroughput(ctx context.Context, database, container string, t statement.Throughput) error {
	d := a.client.Database(database)
	replace := d.ReplaceThroughput
	if container != "" {
		replace = d.Container(container).ReplaceThroughput
	}
	_, err := replace(ctx, a.with(t)...)
	return err
}

func (a account) List(ctx context.Context, database string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		if database == "" {
			for p, err := range a.client.Databases(ctx, a.options...) {
				if !yield(encoded(p, err)) {
					return
				}
			}
			return
		}
		for p, err := range a.client.Database(database).Containers(ctx, a.options...) {
			if !yield(encoded(p, err)) {
				return
			}
		}
	}
}

// with adds a throughput to the options.
func (a account) with(t statement.Throughput) []cosmos.Option {
	opts := slices.Clone(a.options)
	if t.Manual > 0 {
		opts = append(opts, cosmos.Throughput(t.Manual))
	}
	if t.Autoscale > 0 {
		opts = append(opts, cosmos.AutoscaleThroughput(t.Autoscale))
	}
	return opts
}

// status is the service's, where err is its answer.
func status(err error) int {
	var e *cosmos.Error
	if errors.As(err, &e) {
		return e.StatusCode
	}
	return 0
}

func decoded(properties json.RawMessage) (p cosmos.ContainerProperties, err error) {
	if err = json.Unmarshal(properties, &p); err != nil {
		err = fmt.Errorf("cosmos: the container's definition: %w", err)
	}
	return p, err
}

func encoded[T any](properties *T, err error) (json.RawMessage, error) {
	if err != nil {
		return nil, err
	}
	return json.Marshal(properties)
}
