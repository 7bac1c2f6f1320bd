// Package state is a state store, as a runtime for microservices offers it to the applications that it runs: keys with
// ETags, writes that the first or the last one wins, time to live, transactions, many keys at once, and queries by
// page.
package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

var (
	// ErrETagMismatch says that the key is not as the caller had seen it.
	ErrETagMismatch = errors.New("state: ETag mismatch")
	// ErrBadToken says that a page's token is damaged or of another query.
	ErrBadToken = errors.New("state: bad page token")
)

// Key names a value of an application.
type Key struct{ App, Name string }

// Item is a value. The value of a key that is not there is nil and has no ETag.
type Item struct {
	Key     Key
	Value   json.RawMessage
	ETag    string
	Expires time.Time // zero if it does not
	Err     error     // of BulkGet
}

// Set is a write. Under an ETag it is done if the key still has it; FirstWrite without one is done if there is no such
// key.
type Set struct {
	Key        Key
	Value      any
	ETag       string
	FirstWrite bool
	TTL        time.Duration // 0: without end
}

// Delete is a delete, of what still has the ETag if there is one.
type Delete struct {
	Key  Key
	ETag string
}

// Store is the component that the runtime calls.
type Store interface {
	Get(ctx context.Context, key Key) (Item, error)
	BulkGet(ctx context.Context, keys []Key) []Item // in the order of keys
	Set(ctx context.Context, s Set) (etag string, err error)
	Delete(ctx context.Context, d Delete) error
	// [Set] and [Delete] of one application, all or none
	Transact(ctx context.Context, app string, changes ...any) error
	Query(ctx context.Context, q Query) (Page, error)
}

type document struct {
	ID    string          `json:"id"`
	App   string          `json:"app"`
	Value json.RawMessage `json:"value"`
	TTL   int             `json:"ttl,omitempty"` // seconds
	ETag  string          `json:"_etag,omitempty"`
	TS    int64           `json:"_ts,omitempty"` // Unix seconds
}

func (d document) item() Item {
	i := Item{Key: Key{d.App, d.ID}, Value: d.Value, ETag: d.ETag}
	if d.TTL > 0 {
		i.Expires = time.Unix(d.TS+int64(d.TTL), 0)
	}
	return i
}

type store struct{ items *cosmos.Container }

// Open returns the store in a container, which it creates if need be.
func Open(ctx context.Context, db *cosmos.Database, container string) (Store, error) {
	_, err := db.CreateContainerIfNotExists(ctx, cosmos.ContainerProperties{
		ID:           container,
		PartitionKey: cosmos.PartitionKeyPaths("/app"),
		DefaultTTL:   new(-1), // only values with a time to live end
	})
	if err != nil {
		return nil, fmt.Errorf("state: open %s: %w", container, err)
	}
	return &store{items: db.Container(container)}, nil
}

func (s *store) Get(ctx context.Context, key Key) (Item, error) {
	d, _, err := cosmos.ReadItem[document](ctx, s.items, key.Name, cosmos.PartitionKey(key.App))
	if errors.Is(err, cosmos.ErrNotFound) {
		return Item{Key: key}, nil
	}
	return d.item(), err
}

func (s *store) BulkGet(ctx context.Context, keys []Key) []Item {
	items := make([]Item, 0, len(keys))
	at := func(yield func(cosmos.ItemKey) bool) {
		for _, k := range keys {
			if !yield(cosmos.At(k.Name, k.App)) {
				return
			}
		}
	}
	for _, r := range cosmos.Collect(s.items.ReadMany(ctx, at)) {
		item := Item{Key: keys[r.Index], Err: r.Err}
		if r.Err == nil {
			var d document
			item.Err = json.Unmarshal(r.Body, &d)
			item = d.item()
		} else if errors.Is(r.Err, cosmos.ErrNotFound) {
			item.Err = nil
		}
		items = append(items, item)
	}
	return items
}

func (s *store) Set(ctx context.Context, set Set) (string, error) {
	o, err := set.operation()
	if err != nil {
		return "", err
	}
	resp, err := s.items.Do(ctx, o, cosmos.ContentResponse(false))
	if err != nil {
		return "", mismatch(err)
	}
	return resp.ETag, nil
}

func (s *store) Delete(ctx context.Context, d Delete) error {
	_, err := s.items.Do(ctx, d.operation())
	if d.ETag == "" && errors.Is(err, cosmos.ErrNotFound) {
		return nil
	}
	return mismatch(err)
}

func (s *store) Transact(ctx context.Context, app string, changes ...any) error {
	operations := make([]cosmos.Operation, len(changes))
	for i, change := range changes {
		var err error
		switch c := change.(type) {
		case Set:
			operations[i], err = c.operation()
		case Delete:
			operations[i] = c.operation()
		default:
			err = fmt.Errorf("state: change %d is a %T, neither Set nor Delete", i, change)
		}
		if err != nil {
			return err
		}
	}
	_, err := s.items.TransactionalBatch(ctx, operations, cosmos.PartitionKey(app), cosmos.ContentResponse(false))
	return mismatch(err)
}

func (s Set) operation() (cosmos.Operation, error) {
	value, err := json.Marshal(s.Value)
	if err != nil {
		return cosmos.Operation{}, fmt.Errorf("state: set %s: %w", s.Key.Name, err)
	}
	d := document{ID: s.Key.Name, App: s.Key.App, Value: value, TTL: int((s.TTL + time.Second - 1) / time.Second)}
	switch {
	case s.ETag != "":
		return cosmos.OpReplace(d.ID, d, cosmos.IfMatch(s.ETag)), nil
	case s.FirstWrite:
		return cosmos.OpCreate(d), nil
	}
	return cosmos.OpUpsert(d), nil
}

func (d Delete) operation() cosmos.Operation {
	opts := []cosmos.Option{cosmos.PartitionKey(d.Key.App)}
	if d.ETag != "" {
		opts = append(opts, cosmos.IfMatch(d.ETag))
	}
	return cosmos.OpDelete(d.Key.Name, opts...)
}

// mismatch makes one error of all that say that a key is not as it was seen. It stays what it was, too.
func mismatch(err error) error {
	is := func(kind error) bool { return errors.Is(err, kind) }
	if slices.ContainsFunc([]error{cosmos.ErrPreconditionFailed, cosmos.ErrConflict, cosmos.ErrNotFound}, is) {
		return fmt.Errorf("%w: %w", ErrETagMismatch, err)
	}
	return err
}
