package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/driver"
)

// create makes the database and the container, unless they are there.
func create(ctx context.Context, client *cosmos.Client, cfg *driver.Config, key string) (*cosmos.Container, error) {
	if _, err := client.CreateDatabaseIfNotExists(ctx, cfg.Database); err != nil {
		return nil, err
	}
	database := client.Database(cfg.Database)
	_, err := database.CreateContainerIfNotExists(ctx, cosmos.ContainerProperties{
		ID:           cfg.Container,
		PartitionKey: cosmos.PartitionKeyPaths(key),
	})
	return database.Container(cfg.Container), err
}

// load puts the documents of source into the container. Those that are there already stay as they are.
func load(ctx context.Context, p page, container *cosmos.Container, source io.Reader) error {
	var done, there int
	var refused []cosmos.BulkResult
	before, started := p.stats.Snapshot(), time.Now()
	docs := reader{in: bufio.NewReader(source)}
	for r := range container.CreateMany(ctx, docs.all()) {
		switch {
		case r.Err == nil:
			done++
		case errors.Is(r.Err, cosmos.ErrConflict):
			there++
		default:
			refused = append(refused, r)
		}
	}
	if err := cmp.Or(ctx.Err(), docs.err); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	fmt.Fprintf(p.out, "Loaded   %s into %s/%s in %v: %s\n", counted(done, "document"), container.Database().ID(),
		container.ID(),
		time.Since(started).Round(time.Millisecond), p.cost(before))
	if there > 0 {
		fmt.Fprintf(p.out, "         left out: %s with an id that is taken already\n", counted(there, "document"))
	}
	for i, r := range refused {
		if i == 3 {
			fmt.Fprintf(p.out, "         … and %s more refused\n", grouped(len(refused)-i))
			break
		}
		fmt.Fprintf(p.out, "         refused: document %d: %v\n", r.Index+1, r.Err)
	}
	return nil
}

// reader reads documents from a JSON array or from JSON lines.
type reader struct {
	in  *bufio.Reader
	err error // that ended the reading early
}

// all yields the documents one by one, so that a file of any size passes through.
func (r *reader) all() iter.Seq[any] {
	return func(yield func(any) bool) {
		dec := json.NewDecoder(r.in)
		array, err := r.startsArray()
		if array {
			_, err = dec.Token()
		}
		n := 0
		for err == nil && (!array || dec.More()) {
			n++
			var doc json.RawMessage
			if err = dec.Decode(&doc); err != nil {
				break
			}
			if doc, err = withID(doc, n); err != nil {
				break
			}
			if !yield(doc) {
				return
			}
		}
		switch {
		case !array && err == io.EOF:
		case err != nil && err != io.EOF:
			r.err = fmt.Errorf("document %d: %w", max(n, 1), err)
		default:
			r.err = endOfArray(dec)
		}
	}
}

// endOfArray reads the bracket that ends an array, and reports anything behind it.
func endOfArray(dec *json.Decoder) error {
	if _, err := dec.Token(); err != nil {
		return errors.New("the array has no end: the file was cut short")
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("something follows the array; the file is one array, or JSON lines")
	}
	return nil
}

// startsArray looks at the first byte that is neither white space nor a byte order mark.
func (r *reader) startsArray() (bool, error) {
	for {
		b, err := r.in.ReadByte()
		if err != nil {
			return false, err
		}
		if bytes.IndexByte([]byte(" \t\r\n\xef\xbb\xbf"), b) < 0 {
			return b == '[', r.in.UnreadByte()
		}
	}
}

// withID gives the n-th document an id where it has none. An id that is a number, as other databases have them, becomes
// the string that Cosmos DB wants.
func withID(doc json.RawMessage, n int) (json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(doc, &fields); err != nil {
		return nil, fmt.Errorf("not a JSON object: %.40s", doc)
	}
	id := fields["id"]
	switch {
	case len(id) > 0 && id[0] == '"':
		return doc, nil
	case len(id) == 0 || string(id) == "null":
		fields["id"] = fmt.Appendf(nil, `"%06d"`, n)
	default:
		fields["id"], _ = json.Marshal(string(id))
	}
	return json.Marshal(fields)
}
