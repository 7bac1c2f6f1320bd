package exec

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/statement"
)

// Terms are what a statement about documents is executed with. What its options guard or narrow is in Set, and is
// carried out here; the others ride the context.
type Terms struct {
	Container  *cosmos.Container
	Args       []statement.Arg
	Set        *option.Set
	AutoID     bool // a document without an id gets a UUID
	RequireKey bool // a document without a value for each path of the partition key is refused
	Answer     bool // the caller wants the rows of RETURNING
}

// Result is the result of a statement.
type Result struct {
	Affected  int64
	Documents []json.RawMessage // the documents affected, where the statement has RETURNING and the caller wants them
}

// work is a statement that changes documents, with its arguments.
type work interface {
	// run executes it now.
	run(ctx context.Context) (Result, error)

	// operations returns what it does as a part of a transaction, and the partition key of each operation.
	operations(ctx context.Context) ([]cosmos.Operation, []partition.Key, error)
}

// Target returns the container that a statement names in its text; ok is false if it does not change documents.
func Target(s statement.Statement) (to statement.Target, returning *statement.Returning, ok bool) {
	switch s := s.(type) {
	case *statement.Insert:
		return s.Target, s.Returning, true
	case *statement.Update:
		return s.Target, s.Returning, true
	case *statement.Delete:
		return s.Target, s.Returning, true
	}
	return to, nil, false
}

// Run executes an INSERT, UPDATE or DELETE.
func Run(ctx context.Context, s statement.Statement, t Terms) (Result, error) {
	w, err := t.work(s)
	if err != nil {
		return Result{}, err
	}
	return w.run(ctx)
}

// work makes the work of a statement.
func (t Terms) work(s statement.Statement) (work, error) {
	switch s := s.(type) {
	case *statement.Insert:
		return t.insert(s)
	case *statement.Update:
		return t.update(s)
	case *statement.Delete:
		return t.delete(s)
	}
	return nil, fmt.Errorf("cosmos: %T does not change documents", s)
}

// within is the option PartitionKey that narrows the statement, as one argument more; none if there is none. A default
// rides the context, where it gives way to the key that the statement names.
func (t *Terms) within() []cosmos.Option {
	if t.Set.PartitionKey == nil || t.Set.DefaultKey {
		return nil
	}
	return []cosmos.Option{inPartition(t.Set.PartitionKey)}
}

// narrow makes the surplus argument of gocosmos's statements, the value of the partition key, an option PartitionKey.
func (t *Terms) narrow(rest []statement.Arg, value json.RawMessage) error {
	t.Args = rest
	if value == nil {
		return nil
	}
	key, err := parseKey([]json.RawMessage{value})
	if err != nil {
		return err
	}
	if given := t.Set.PartitionKey; given != nil && !t.Set.DefaultKey && !slices.Equal(given, key) {
		return errtext.Refusef("cosmos: the last argument says that the partition key is %s, "+
			"but the option PartitionKey says %s", key, given)
	}
	set := *t.Set
	set.PartitionKey, set.DefaultKey = key, false
	t.Set = &set
	return nil
}

func inPartition(key partition.Key) cosmos.Option { return option.New(option.PartitionKey, key) }

// parseKey makes a key of the JSON of its values.
func parseKey(values []json.RawMessage) (partition.Key, error) {
	header := []byte{'['}
	for i, value := range values {
		if i > 0 {
			header = append(header, ',')
		}
		header = append(header, value...)
	}
	return partition.ParseKey(string(append(header, ']')))
}

// agree refuses a statement about partition keys if the option PartitionKey names another. A default gives way.
func (t *Terms) agree(keys []partition.Key) error {
	given := t.Set.PartitionKey
	if given == nil || t.Set.DefaultKey {
		return nil
	}
	for _, key := range keys {
		if !slices.Equal(given, key) {
			return errtext.Refusef(
				"cosmos: the statement is about partition key %s, but the option PartitionKey says %s",
				key, given)
		}
	}
	return nil
}

// definition is the partition key of the container.
func (t *Terms) definition(ctx context.Context) (partition.Definition, error) {
	d, err := t.Container.PartitionKeyDefinition(ctx)
	return partition.Definition(d), err
}

// Another writer may be faster than a statement that reads before it writes, and again the next time. A statement tries
// again raceTries times, with pauses that double from raceFirst up to raceLast: in all about half a minute.
const (
	raceTries = 40
	raceFirst = 5 * time.Millisecond
	raceLast  = time.Second
)

// race counts how often other writers were faster.
type race struct{ lost int }

// again waits before the next try. err is what the service answered to the last one; it is returned if there is to be
// no other.
func (r *race) again(ctx context.Context, err error) error {
	if r.lost++; r.lost == raceTries {
		return fmt.Errorf("cosmos: other writers changed the document %d times before this statement could: %w", r.lost,
			err)
	}
	wait := min(raceFirst<<min(r.lost-1, 20), raceLast)
	timer := time.NewTimer(wait/2 + rand.N(wait)) // so that writers that met once do not meet again
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
	}
}

// Affected is what database/sql gets of a statement: how many documents it has affected.
type Affected int64

// RowsAffected implements driver.Result.
func (a Affected) RowsAffected() (int64, error) { return int64(a), nil }

// LastInsertId implements driver.Result.
func (Affected) LastInsertId() (int64, error) {
	return 0, errtext.Refusef("cosmos: ids are texts, and a statement may write several documents: read them with " +
		"Query, as rows of INSERT … RETURNING id")
}
