package execute

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"

	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// Account is what the statements about databases and containers act on. A method that takes a database and a container is
// about the database if container is "". status is the HTTP status of an error; 0 if there was no answer.
type Account interface {
	CreateDatabase(ctx context.Context, database string, t statement.Throughput) (status int, err error)
	CreateContainer(ctx context.Context, database string, properties json.RawMessage, t statement.Throughput) (status int, err error)
	Drop(ctx context.Context, database, container string) (status int, err error)

	// Properties reads a definition. ReplaceProperties writes that of a container if its _etag is still the same.
	Properties(ctx context.Context, database, container string) (json.RawMessage, error)
	ReplaceProperties(ctx context.Context, database, container string, properties json.RawMessage) error

	// Throughput is zero if the database or container has none of its own.
	Throughput(ctx context.Context, database, container string) (statement.Throughput, error)
	ReplaceThroughput(ctx context.Context, database, container string, t statement.Throughput) error

	// List yields the definitions of the databases, or of the containers of one.
	List(ctx context.Context, database string) iter.Seq2[json.RawMessage, error]
}

// Manage executes CREATE, ALTER and DROP. database is that of statements that name none. The result is 1, or 0 if there
// was nothing to do by IF [NOT] EXISTS.
func Manage(ctx context.Context, a Account, s statement.Statement, database string) (int64, error) {
	switch s := s.(type) {
	case *statement.CreateDatabase:
		status, err := a.CreateDatabase(ctx, s.Database, s.Throughput)
		return affected(s.IfNotExists && status == http.StatusConflict, err)
	case *statement.AlterDatabase:
		return affected(false, a.ReplaceThroughput(ctx, s.Database, "", s.Throughput))
	case *statement.CreateContainer:
		database, err := databaseName(s.Database, database)
		if err != nil {
			return 0, err
		}
		status, err := a.CreateContainer(ctx, database, s.Properties, s.Throughput)
		return affected(s.IfNotExists && status == http.StatusConflict, err)
	case *statement.AlterContainer:
		database, err := databaseName(s.Database, database)
		if err != nil {
			return 0, err
		}
		return affected(false, alter(ctx, a, s, database))
	case *statement.Drop:
		database, err := databaseName(s.Database, database)
		if err != nil {
			return 0, err
		}
		status, err := a.Drop(ctx, database, s.Container)
		return affected(s.IfExists && status == http.StatusNotFound, err)
	}
	return 0, fmt.Errorf("cosmos: %T has nothing to execute", s)
}

// affected is the result of an operation: its error is none if there was nothing to do.
func affected(nothing bool, err error) (int64, error) {
	if nothing {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return 1, nil
}

// databaseName is the database that a statement names, or else the default.
func databaseName(inText, otherwise string) (string, error) {
	if database := cmp.Or(inText, otherwise); database != "" {
		return database, nil
	}
	return "", errors.New("cosmos: no database: name one in the DSN or as database.container in the statement")
}

// alter changes definition and throughput, the definition first because it is more likely to be refused.
func alter(ctx context.Context, a Account, s *statement.AlterContainer, database string) error {
	if s.Properties != nil {
		properties, err := a.Properties(ctx, database, s.Container)
		if err != nil {
			return err
		}
		if properties, err = replaceMembers(properties, s.Properties); err != nil {
			return err
		}
		if err := a.ReplaceProperties(ctx, database, s.Container, properties); err != nil {
			return err
		}
	}
	if s.Throughput == (statement.Throughput{}) {
		return nil
	}
	return a.ReplaceThroughput(ctx, database, s.Container, s.Throughput)
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
func Show(ctx context.Context, a Account, s statement.Statement, database string) ([]json.RawMessage, error) {
	switch s := s.(type) {
	case *statement.List:
		return list(ctx, a, s, database)
	case *statement.Describe:
		return describe(ctx, a, s, database)
	}
	return nil, fmt.Errorf("cosmos: %T has no rows", s)
}

func list(ctx context.Context, a Account, s *statement.List, database string) ([]json.RawMessage, error) {
	if s.Containers {
		var err error
		if database, err = databaseName(s.Database, database); err != nil {
			return nil, err
		}
	} else {
		database = ""
	}
	var rows []json.RawMessage
	for row, err := range a.List(ctx, database) {
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// describe returns a row for each property, and one for the throughput.
func describe(ctx context.Context, a Account, s *statement.Describe, database string) ([]json.RawMessage, error) {
	database, err := databaseName(s.Database, database)
	if err != nil {
		return nil, err
	}
	properties, err := a.Properties(ctx, database, s.Container)
	if err != nil {
		return nil, err
	}
	var rows []json.RawMessage
	for name, value := range rawjson.Members(properties) {
		rows = append(rows, property(name, value))
	}
	t, err := a.Throughput(ctx, database, s.Container)
	if err != nil {
		return nil, err
	}
	if t.Manual > 0 {
		rows = append(rows, property([]byte("throughput"), fmt.Append(nil, t.Manual)))
	}
	if t.Autoscale > 0 {
		rows = append(rows, property([]byte("max_throughput"), fmt.Append(nil, t.Autoscale)))
	}
	return rows, nil
}

func property(name, value []byte) json.RawMessage {
	return slices.Concat([]byte(`{"property":"`), name, []byte(`","value":`), value, []byte("}"))
}
