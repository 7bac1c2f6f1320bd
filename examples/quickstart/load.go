package main

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/driver"
)

// load creates database and container where they are not there, and the documents of source in them.
func load(ctx context.Context, p page, db *sql.DB, cfg *driver.Config, key string, source io.Reader) error {
	client, err := cosmos.FromDB(ctx, db)
	if err != nil {
		return err
	}
	if _, err := client.CreateDatabase(ctx, cfg.Database); err != nil && !errors.Is(err, cosmos.ErrConflict) {
		return fmt.Errorf("create database %q: %w", cfg.Database, err)
	}
	_, err = client.Database(cfg.Database).CreateContainer(ctx, cosmos.ContainerProperties{
		ID:           cfg.Container,
		PartitionKey: cosmos.PartitionKeyPaths(key),
	})
	if err != nil && !errors.Is(err, cosmos.ErrConflict) {
		return fmt.Errorf("create container %q: %w", cfg.Container, err)
	}

	var done, there int
	var refused []cosmos.Result
	started := time.Now()
	docs := reader{in: bufio.NewReader(source)}
	container := client.Database(cfg.Database).Container(cfg.Container)
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
	if docs.err != nil {
		return fmt.Errorf("read the data: %w", docs.err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "Loaded   %s documents into %s/%s, partition key %s, in %v: %s\n", grouped(done),
		cfg.Database, cfg.Container, key, time.Since(started).Round(time.Millisecond), p.cost(cosmos.Usage{}))
	if there > 0 {
		fmt.Fprintf(p.out, "         %s more were there already\n", grouped(there))
	}
	for i, r := range refused {
		if i == 3 {
			fmt.Fprintf(p.out, "         … and %s more\n", grouped(len(refused)-i))
			break
		}
		fmt.Fprintf(p.out, "         refused: document %d, %q: %v\n", r.Index+1, r.ID, r.Err)
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
		for n := 1; err == nil; n++ {
			if array && !dec.More() {
				_, err = dec.Token()
				break
			}
			var raw json.RawMessage
			if err = dec.Decode(&raw); err != nil {
				break
			}
			var doc json.RawMessage
			if doc, err = withID(raw, n); err != nil {
				err = fmt.Errorf("document %d: %w", n, err)
				break
			}
			if !yield(doc) {
				return
			}
		}
		if err != io.EOF {
			r.err = err
		}
	}
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
