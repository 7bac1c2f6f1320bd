// Package orm is a small repository of typed objects over database/sql, without reflection of its own: each type says
// how it is named and partitioned, encoding/json and package dsl do the rest.
package orm

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/dsl"
)

var (
	ErrNotFound = errors.New("orm: there is no such object")
	ErrExists   = errors.New("orm: there is one with this id")
	ErrChanged  = errors.New("orm: somebody else has changed the object since it was read")
)

// Model says where the objects of a type are and what identifies them.
type Model[T any] struct {
	Database, Container string
	Key                 []string // names of the properties of the partition key
	Identity            func(*T) (id string, key []any)
}

// Stored is an object as it was read or written last. Its version guards what is done with it next.
type Stored[T any] struct {
	Value   T
	Version string
}

// UnmarshalJSON reads a document.
func (s *Stored[T]) UnmarshalJSON(text []byte) error {
	var system struct {
		ETag string `json:"_etag"`
	}
	if err := json.Unmarshal(text, &system); err != nil {
		return err
	}
	s.Version = system.ETag
	return json.Unmarshal(text, &s.Value)
}

// Query narrows a list. Conditions and sort keys name the properties of an object by c, such as dsl.Gt{"c.total": 5}.
type Query struct {
	Where   dsl.Sqlizer // nil: all
	OrderBy []string
	Key     []any // of one partition; nil: all of them
}

// Repository has the objects of a type.
type Repository[T any] struct {
	db        *sql.DB
	model     Model[T]
	container *cosmos.Container // for what SQL has no statement for: a replace, and pages with tokens
}

// New makes a repository of a model.
func New[T any](ctx context.Context, db *sql.DB, model Model[T]) (*Repository[T], error) {
	client, err := cosmos.FromDB(ctx, db)
	if err != nil {
		return nil, err
	}
	return &Repository[T]{db: db, model: model, container: client.Database(model.Database).Container(model.Container)},
		nil
}

// Insert stores a new object.
func (r *Repository[T]) Insert(ctx context.Context, value T) (*Stored[T], error) {
	s := &Stored[T]{Value: value}
	statement := dsl.Insert(r.model.Container).Document(value).Returning("_etag")
	return s, kind(statement.RunWith(r.db).ScanContext(ctx, &s.Version))
}

// Get reads the object with an id and a partition key.
func (r *Repository[T]) Get(ctx context.Context, id string, key ...any) (*Stored[T], error) {
	if len(key) != len(r.model.Key) {
		return nil, fmt.Errorf("orm: %d values for the partition key %v", len(key), r.model.Key)
	}
	where := dsl.And{dsl.Eq{"c.id": id}}
	for i, name := range r.model.Key {
		where = append(where, dsl.Eq{dsl.Path("c", name): key[i]})
	}
	var row cosmos.JSON[*Stored[T]]
	err := r.query(Query{Where: where}).RunWith(r.db).ScanContext(ctx, &row)
	return row.V, kind(err)
}

// Update stores the whole object again, as its Value now is.
func (r *Repository[T]) Update(ctx context.Context, s *Stored[T]) error {
	resp, err := r.container.Do(ctx, r.replace(s), cosmos.ContentResponse(false))
	if err == nil {
		s.Version = resp.ETag
	}
	return kind(err)
}

// Delete deletes an object that nobody has changed.
func (r *Repository[T]) Delete(ctx context.Context, s *Stored[T]) error {
	id, key := r.model.Identity(&s.Value)
	done, err := dsl.Delete(r.model.Container+" c").Where(dsl.Eq{"c.id": id}).
		With(cosmos.PartitionKey(key...), cosmos.IfMatch(s.Version)).RunWith(r.db).ExecContext(ctx)
	if err != nil {
		return kind(err)
	}
	if n, err := done.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return ErrNotFound
}

// List yields the objects that a query finds; the sequence ends after the first error.
func (r *Repository[T]) List(ctx context.Context, q Query) iter.Seq2[Stored[T], error] {
	return func(yield func(Stored[T], error) bool) {
		rows, err := r.query(q).RunWith(r.db).QueryContext(ctx)
		if err != nil {
			yield(Stored[T]{}, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			var row cosmos.JSON[Stored[T]]
			if err := rows.Scan(&row); err != nil {
				yield(Stored[T]{}, err)
				return
			}
			if !yield(row.V, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Stored[T]{}, err)
		}
	}
}

// Page returns up to size objects and the token of the next page, which is empty behind the last one.
func (r *Repository[T]) Page(ctx context.Context, q Query, size int, token string) ([]Stored[T], string, error) {
	text, args, err := r.query(q).With(cosmos.PageSize(size), cosmos.Continuation(token)).ToSql()
	if err != nil {
		return nil, "", err
	}
	pager := r.container.NewPager(text, args...)
	defer pager.Close()
	page, err := pager.Next(ctx)
	if err == io.EOF {
		return nil, "", nil
	} else if err != nil {
		return nil, "", err
	}
	objects := make([]Stored[T], len(page.Items))
	for i, item := range page.Items {
		if err := json.Unmarshal(item, &objects[i]); err != nil {
			return nil, "", err
		}
	}
	return objects, page.Continuation, nil
}

func (r *Repository[T]) query(q Query) dsl.SelectBuilder {
	b := dsl.SelectValue("c").From(r.model.Container + " c").OrderBy(q.OrderBy...)
	if q.Where != nil {
		b = b.Where(q.Where)
	}
	if q.Key != nil {
		b = b.With(cosmos.PartitionKey(q.Key...))
	}
	return b
}

func (r *Repository[T]) replace(s *Stored[T]) cosmos.Operation {
	id, key := r.model.Identity(&s.Value)
	return cosmos.OpReplace(id, s.Value, cosmos.PartitionKey(key...), cosmos.IfMatch(s.Version))
}

// Tx keeps what is to be done with objects of one partition, for all of it to be done at once.
type Tx[T any] struct {
	repository *Repository[T]
	ops        []cosmos.Operation
	written    []*Stored[T] // by operation
}

// Insert stores a new object.
func (tx *Tx[T]) Insert(value T) *Stored[T] {
	s := &Stored[T]{Value: value}
	tx.ops, tx.written = append(tx.ops, cosmos.OpCreate(value)), append(tx.written, s)
	return s
}

// Update stores a whole object again.
func (tx *Tx[T]) Update(s *Stored[T]) {
	tx.ops, tx.written = append(tx.ops, tx.repository.replace(s)), append(tx.written, s)
}

// Delete deletes an object.
func (tx *Tx[T]) Delete(s *Stored[T]) {
	id, key := tx.repository.model.Identity(&s.Value)
	op := cosmos.OpDelete(id, cosmos.PartitionKey(key...), cosmos.IfMatch(s.Version))
	tx.ops, tx.written = append(tx.ops, op), append(tx.written, s)
}

// Transaction does all that work asks for, or nothing if work or any of it fails.
func (r *Repository[T]) Transaction(ctx context.Context, key []any, work func(*Tx[T]) error) error {
	tx := &Tx[T]{repository: r}
	if err := work(tx); err != nil || len(tx.ops) == 0 {
		return err
	}
	resp, err := r.container.TransactionalBatch(ctx, tx.ops, cosmos.PartitionKey(key...), cosmos.ContentResponse(false))
	if err != nil {
		return kind(err)
	}
	for i, result := range resp.Results {
		tx.written[i].Version = result.ETag
	}
	return nil
}

// kind makes the errors that callers decide by this package's own; the cause stays beside it.
func kind(err error) error {
	switch {
	case errors.Is(err, sql.ErrNoRows), errors.Is(err, cosmos.ErrNotFound):
		return errors.Join(ErrNotFound, err)
	case errors.Is(err, cosmos.ErrConflict):
		return errors.Join(ErrExists, err)
	case errors.Is(err, cosmos.ErrPreconditionFailed):
		return errors.Join(ErrChanged, err)
	}
	return err
}
