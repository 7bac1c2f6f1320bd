package cosmossql

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/execute"
	"github.com/cosmossql/cosmossql/internal/statement"
)

var _ execute.Account = statementAccount{}

// statementAccount is an account; the options of a statement ride the context.
type statementAccount struct {
	client *cosmos.Client
}

func (a statementAccount) CreateDatabase(ctx context.Context, database string, t statement.Throughput) (int, error) {
	_, err := a.client.CreateDatabase(ctx, database, throughput(t)...)
	return status(err), err
}

func (a statementAccount) CreateContainer(ctx context.Context, database string, properties json.RawMessage, t statement.Throughput) (int, error) {
	p, err := decoded(properties)
	if err != nil {
		return 0, err
	}
	_, err = a.client.Database(database).CreateContainer(ctx, p, throughput(t)...)
	return status(err), err
}

func (a statementAccount) Drop(ctx context.Context, database, container string) (int, error) {
	d := a.client.Database(database)
	drop := d.Delete
	if container != "" {
		drop = d.Container(container).Delete
	}
	_, err := drop(ctx)
	return status(err), err
}

func (a statementAccount) Properties(ctx context.Context, database, container string) (json.RawMessage, error) {
	d := a.client.Database(database)
	if container == "" {
		return encoded(d.Read(ctx))
	}
	return encoded(d.Container(container).Read(ctx))
}

func (a statementAccount) ReplaceProperties(ctx context.Context, database, container string, properties json.RawMessage) error {
	p, err := decoded(properties)
	if err != nil {
		return err
	}
	_, err = a.client.Database(database).Container(container).Replace(ctx, p, cosmos.IfMatch(p.ETag))
	return err
}

func (a statementAccount) Throughput(ctx context.Context, database, container string) (statement.Throughput, error) {
	d := a.client.Database(database)
	read := d.ReadThroughput
	if container != "" {
		read = d.Container(container).ReadThroughput
	}
	p, err := read(ctx)
	if errors.Is(err, cosmos.ErrNotFound) {
		return statement.Throughput{}, nil
	}
	if err != nil {
		return statement.Throughput{}, err
	}
	return statement.Throughput{Manual: p.Manual, Autoscale: p.Autoscale}, nil
}

func (a statementAccount) ReplaceThroughput(ctx context.Context, database, container string, t statement.Throughput) error {
	d := a.client.Database(database)
	replace := d.ReplaceThroughput
	if container != "" {
		replace = d.Container(container).ReplaceThroughput
	}
	_, err := replace(ctx, throughput(t)...)
	return err
}

func (a statementAccount) List(ctx context.Context, database string) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		if database == "" {
			for p, err := range a.client.Databases(ctx) {
				if !yield(encoded(p, err)) {
					return
				}
			}
			return
		}
		for p, err := range a.client.Database(database).Containers(ctx) {
			if !yield(encoded(p, err)) {
				return
			}
		}
	}
}

// throughput makes the options of a throughput.
func throughput(t statement.Throughput) (opts []cosmos.Option) {
	if t.Manual > 0 {
		opts = append(opts, cosmos.Throughput(t.Manual))
	}
	if t.Autoscale > 0 {
		opts = append(opts, cosmos.AutoscaleThroughput(t.Autoscale))
	}
	return opts
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
