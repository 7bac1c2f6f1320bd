package exec

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// DDL executes CREATE, ALTER and DROP. database is that of statements that name none. The result is 1, or 0 if there
// was nothing to do by IF [NOT] EXISTS.
func DDL(ctx context.Context, client *cosmos.Client, s statement.Statement, database string) (n int64, err error) {
	defer func() {
		if err = listed(err); errors.Is(err, cosmos.ErrConflict) {
			way := "CREATE … IF NOT EXISTS goes on with what is there"
			if _, container := s.(*statement.CreateContainer); container {
				way += ", if its partition key is the same"
			}
			err = fmt.Errorf("%w; %s", err, way)
		}
	}()
	switch s := s.(type) {
	case *statement.CreateDatabase:
		create := client.CreateDatabase
		if s.IfNotExists {
			create = client.CreateDatabaseIfNotExists
		}
		p, err := create(ctx, s.Database, throughput(s.Throughput)...)
		return affected(err == nil && p.Response.StatusCode == http.StatusOK, err)
	case *statement.AlterDatabase:
		_, err := client.Database(s.Database).ReplaceThroughput(ctx, throughput(s.Throughput)...)
		return affected(false, err)
	}
	d, err := databaseOf(client, s, database)
	if err != nil {
		return 0, err
	}
	switch s := s.(type) {
	case *statement.CreateContainer:
		p, err := decoded(s.Properties)
		if err != nil {
			return 0, err
		}
		create := d.CreateContainer
		if s.IfNotExists {
			create = d.CreateContainerIfNotExists
		}
		made, err := create(ctx, p, throughput(s.Throughput)...)
		return affected(err == nil && made.Response.StatusCode == http.StatusOK, err)
	case *statement.AlterContainer:
		return affected(false, alter(ctx, d.Container(s.Container), s))
	case *statement.Drop:
		drop := d.Delete
		if s.Container != "" {
			drop = d.Container(s.Container).Delete
		}
		_, err := drop(ctx)
		return affected(s.IfExists && absent(err), err)
	}
	return 0, fmt.Errorf("cosmos: %T has nothing to execute", s)
}

// listed adds to the error about what there is not how to see what there is.
func listed(err error) error {
	if absent(err) {
		return fmt.Errorf("%w; SHOW DATABASES lists the databases, SHOW CONTAINERS those of one", err)
	}
	return err
}

// absent reports whether err says that there is no such database or container, or none that it could be in.
func absent(err error) bool {
	return errors.Is(err, cosmos.ErrNotFound) || errors.Is(err, cosmos.ErrOwnerNotFound)
}

// affected is the result of a statement: its error is none if there was nothing to do.
func affected(nothing bool, err error) (int64, error) {
	if nothing {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return 1, nil
}

// databaseOf is the database that a statement names, or else the default.
func databaseOf(client *cosmos.Client, s statement.Statement, otherwise string) (*cosmos.Database, error) {
	var name string
	switch s := s.(type) {
	case *statement.CreateContainer:
		name = s.Database
	case *statement.AlterContainer:
		name = s.Database
	case *statement.Drop:
		name = s.Database
	case *statement.List:
		name = s.Database
	case *statement.Describe:
		name = s.Database
	default:
		return nil, fmt.Errorf("cosmos: %T is not about a database", s)
	}
	if name = cmp.Or(name, otherwise); name == "" {
		return nil, ErrNoDatabase
	}
	return client.Database(name), nil
}

// ErrNoDatabase is the error of a statement that nothing tells the database of.
var ErrNoDatabase = errtext.Refusef(
	"cosmos: no database: name one in the DSN, as database.container in the statement, or with cosmos.InDatabase")

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
		err = errtext.Refusef("cosmos: the container's definition: %w", err)
	}
	return p, err
}

// alter changes definition and throughput, the definition first because it is more likely to be refused.
func alter(ctx context.Context, c *cosmos.Container, s *statement.AlterContainer) error {
	if s.Properties != nil {
		old, err := encoded(c.Read(ctx))
		if err != nil {
			return err
		}
		changed, err := replaceMembers(old, s.Properties)
		if err != nil {
			return err
		}
		p, err := decoded(changed)
		if err != nil {
			return err
		}
		if _, err := c.Replace(ctx, p, cosmos.IfMatch(p.ETag)); err != nil {
			return err
		}
	}
	if s.Throughput == (statement.Throughput{}) {
		return nil
	}
	_, err := c.ReplaceThroughput(ctx, throughput(s.Throughput)...)
	return err
}

// replaceMembers sets the members of changes in old; null removes one.
func replaceMembers(old, changes json.RawMessage) (json.RawMessage, error) {
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(old, &members); err != nil {
		return nil, fmt.Errorf("cosmos: reading a container's definition: %w", err)
	}
	for name, value := range rawjson.Members(changes) {
		if rawjson.Kind(value) == 'n' {
			delete(members, rawjson.Unquote(name))
			continue
		}
		members[rawjson.Unquote(name)] = value
	}
	return json.Marshal(members)
}

// Show executes LIST and DESCRIBE. Each row is a JSON object whose members are the columns.
func Show(ctx context.Context, client *cosmos.Client, s statement.Statement,
	database string) (_ []json.RawMessage, err error) {
	if list, ok := s.(*statement.List); ok && !list.Containers {
		return rows(client.Databases(ctx))
	}
	d, err := databaseOf(client, s, database)
	if err != nil {
		return nil, err
	}
	switch s := s.(type) {
	case *statement.List:
		return rows(d.Containers(ctx))
	case *statement.Describe:
		defer func() { err = listed(err) }()
		if s.Container != "" {
			c := d.Container(s.Container)
			return describe(ctx, func() (json.RawMessage, error) { return encoded(c.Read(ctx)) }, c.ReadThroughput)
		}
		return describe(ctx, func() (json.RawMessage, error) { return encoded(d.Read(ctx)) }, d.ReadThroughput)
	}
	return nil, fmt.Errorf("cosmos: %T has no rows", s)
}

// rows is a list of definitions as JSON.
func rows[T any](list iter.Seq2[*T, error]) ([]json.RawMessage, error) {
	var all []json.RawMessage
	for p, err := range list {
		row, err := encoded(p, err)
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}

func encoded[T any](properties *T, err error) (json.RawMessage, error) {
	if err != nil {
		return nil, err
	}
	return json.Marshal(properties)
}

// describe returns a row for each property, and one for the throughput if there is one of its own.
func describe(ctx context.Context, read func() (json.RawMessage, error),
	offer func(context.Context, ...cosmos.Option) (*cosmos.ThroughputProperties, error)) ([]json.RawMessage, error) {
	properties, err := read()
	if err != nil {
		return nil, err
	}
	var all []json.RawMessage
	for name, value := range rawjson.Members(properties) {
		all = append(all, property(string(name), value))
	}
	t, err := offer(ctx)
	switch {
	case errors.Is(err, cosmos.ErrNotFound):
		return all, nil
	case err != nil:
		return nil, err
	case t.Manual > 0:
		all = append(all, property("throughput", fmt.Append(nil, t.Manual)))
	case t.Autoscale > 0:
		all = append(all, property("max_throughput", fmt.Append(nil, t.Autoscale)))
	}
	return all, nil
}

func property(name string, value []byte) json.RawMessage {
	return slices.Concat([]byte(`{"property":"`), []byte(name), []byte(`","value":`), value, []byte("}"))
}
