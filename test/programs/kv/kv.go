// Package kv is a key-value store on a container, as a data lake keeps its references in: values with versions,
// compare-and-swap, and scans in the order of the keys.
package kv

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cosmossql/cosmossql/cosmos"
)

var (
	// ErrNotFound says that there is no such key.
	ErrNotFound = errors.New("kv: key not found")
	// ErrChanged says that the key does not have the version that the caller had seen.
	ErrChanged = errors.New("kv: key was changed by another")
)

// Version is what a value was read under. Absent stands for a key that is not there, Any for whatever is there.
type Version string

const (
	Absent Version = ""
	Any    Version = "*"
)

// Entry is a key with its value.
type Entry struct {
	Key     []byte
	Value   []byte
	Version Version
}

// Store is what the program wants of a key-value store. Partitions have keys of their own.
type Store interface {
	Get(ctx context.Context, partition string, key []byte) (Entry, error)
	Set(ctx context.Context, partition string, key, value []byte) (Version, error)
	SetIf(ctx context.Context, partition string, key, value []byte, seen Version) (Version, error)
	Delete(ctx context.Context, partition string, key []byte) error
	DeleteIf(ctx context.Context, partition string, key []byte, seen Version) error
	Scan(partition string, from Range) Iterator
}

// Range is what a scan goes over: the keys with a prefix that do not come before Start, PageSize of them a request.
type Range struct {
	Prefix   []byte
	Start    []byte
	PageSize int
}

// Iterator goes through entries in the order of their keys.
type Iterator interface {
	Next(ctx context.Context) (Entry, error) // io.EOF at the end
	Seek(key []byte)                         // goes on at the first key that is not before this one, behind or ahead
	Close()
}

// document has its key in hexadecimal: keys are any bytes, and the digits sort as these do.
type document struct {
	ID        string `json:"id"`
	Partition string `json:"partition"`
	Data      []byte `json:"data"`
	ETag      string `json:"_etag,omitempty"`
}

func (d document) entry() (Entry, error) {
	key, err := hex.DecodeString(d.ID)
	return Entry{Key: key, Value: d.Data, Version: Version(d.ETag)}, err
}

type store struct{ items *cosmos.Container }

// Open returns the store in a container, which it creates if need be.
func Open(ctx context.Context, db *cosmos.Database, container string) (Store, error) {
	_, err := db.CreateContainerIfNotExists(ctx, cosmos.ContainerProperties{
		ID:           container,
		PartitionKey: cosmos.PartitionKeyPaths("/partition"),
	})
	if err != nil {
		return nil, fmt.Errorf("kv: open %s: %w", container, err)
	}
	return &store{items: db.Container(container)}, nil
}

func (s *store) Get(ctx context.Context, partition string, key []byte) (Entry, error) {
	d, _, err := cosmos.ReadItem[document](ctx, s.items, id(key), cosmos.PartitionKey(partition))
	if errors.Is(err, cosmos.ErrNotFound) {
		return Entry{}, ErrNotFound
	}
	if err != nil {
		return Entry{}, err
	}
	return d.entry()
}

func (s *store) Set(ctx context.Context, partition string, key, value []byte) (Version, error) {
	return written(s.items.UpsertItem(ctx, doc(partition, key, value), cosmos.ContentResponse(false)))
}

func (s *store) SetIf(ctx context.Context, partition string, key, value []byte, seen Version) (Version, error) {
	d := doc(partition, key, value)
	if seen == Absent {
		return written(s.items.CreateItem(ctx, d, cosmos.ContentResponse(false)))
	}
	// Not an upsert: that would bring back a key that has been deleted.
	return written(s.items.ReplaceItem(ctx, d.ID, d, cosmos.IfMatch(string(seen)), cosmos.ContentResponse(false)))
}

func (s *store) Delete(ctx context.Context, partition string, key []byte) error {
	_, err := s.items.DeleteItem(ctx, id(key), cosmos.PartitionKey(partition))
	if errors.Is(err, cosmos.ErrNotFound) {
		return nil
	}
	return err
}

func (s *store) DeleteIf(ctx context.Context, partition string, key []byte, seen Version) error {
	if seen == Absent {
		return fmt.Errorf("kv: delete %q: nothing to delete in an absent key", key)
	}
	_, err := written(s.items.DeleteItem(ctx, id(key), cosmos.PartitionKey(partition), cosmos.IfMatch(string(seen))))
	return err
}

func (s *store) Scan(partition string, from Range) Iterator {
	return &iterator{items: s.items, partition: partition, scan: from}
}

func id(key []byte) string { return hex.EncodeToString(key) }

func doc(partition string, key, value []byte) document {
	return document{ID: id(key), Partition: partition, Data: value}
}

// written tells the outcome of a conditional write.
func written(resp *cosmos.Response, err error) (Version, error) {
	switch {
	case errors.Is(err, cosmos.ErrConflict), errors.Is(err, cosmos.ErrPreconditionFailed),
		errors.Is(err, cosmos.ErrNotFound):
		return "", ErrChanged
	case err != nil:
		return "", err
	}
	return Version(resp.ETag), nil
}

// iterator reads a page when the one before is used up.
type iterator struct {
	items     *cosmos.Container
	partition string
	scan      Range
	pager     *cosmos.Pager
	page      []json.RawMessage
}

func (i *iterator) Next(ctx context.Context) (Entry, error) {
	if i.pager == nil {
		i.pager = i.items.NewPager("SELECT * FROM c WHERE STARTSWITH(c.id, @prefix) AND c.id >= @start ORDER BY c.id",
			cosmos.PartitionKey(i.partition), cosmos.PageSize(i.scan.PageSize), cosmos.ReadAhead(false),
			cosmos.Parameter{Name: "prefix", Value: id(i.scan.Prefix)},
			cosmos.Parameter{Name: "start", Value: id(i.scan.Start)})
	}
	if len(i.page) == 0 {
		page, err := i.pager.Next(ctx)
		if err != nil {
			return Entry{}, err
		}
		i.page = page.Items
	}
	var d document
	if err := json.Unmarshal(i.page[0], &d); err != nil {
		return Entry{}, err
	}
	i.page = i.page[1:]
	return d.entry()
}

func (i *iterator) Seek(key []byte) {
	i.Close()
	i.scan.Start, i.pager, i.page = key, nil, nil
}

func (i *iterator) Close() {
	if i.pager != nil {
		i.pager.Close()
	}
}
