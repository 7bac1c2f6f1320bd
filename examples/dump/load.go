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
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/cosmossql/cosmossql/cosmos"
)

// saved is a container of a dump.
type saved struct {
	dir string
	id  string
	manifest
	properties cosmos.ContainerProperties
	loaded     map[string]int64 // by file: documents before this byte are stored
	exists     bool             // in the database that it is loaded into
}

// load loads the containers of a dump into a database. All are looked at before the first is written.
func load(ctx context.Context, db *cosmos.Database, s settings, p *progress) error {
	var whole databaseManifest
	if _, err := readRecord(filepath.Join(s.dir, databaseName), &whole); err != nil {
		return err
	}
	containers, err := open(s, whole.Containers)
	if err != nil {
		return err
	}
	for _, c := range containers {
		if err := c.fits(ctx, db); err != nil {
			return fmt.Errorf("%s does not fit: %w; nothing was written", c.id, err)
		}
	}
	if _, err := db.Client().CreateDatabaseIfNotExists(ctx, db.ID(), whole.Throughput.options(s)...); err != nil {
		return err
	}
	for _, c := range containers {
		if err := c.load(ctx, db, s, p); err != nil {
			return fmt.Errorf("loading %s: %w", c.id, err)
		}
	}
	return nil
}

// open reads the containers of a dump, and checks that they are whole.
func open(s settings, containers []string) ([]*saved, error) {
	var all []*saved
	for _, id := range containers {
		if s.container != "" && id != s.container {
			continue
		}
		c := &saved{dir: directory(s.dir, id), id: id, loaded: map[string]int64{}}
		name := filepath.Join(c.dir, manifestName)
		if found, err := readRecord(name, &c.manifest); err != nil {
			return nil, err
		} else if !found {
			return nil, fmt.Errorf("the container %s is not saved yet: end it with save -resume", id)
		}
		if err := json.Unmarshal(c.Definition, &c.properties); err != nil {
			return nil, fmt.Errorf("%s: the definition of the container: %w", name, err)
		}
		if !c.complete() {
			return nil, fmt.Errorf("%s is not complete: end it with save -resume", c.dir)
		}
		for _, r := range c.Ranges {
			info, err := os.Stat(filepath.Join(c.dir, r.File))
			if err != nil {
				return nil, err
			}
			if info.Size() != r.Bytes {
				return nil, fmt.Errorf("%s has %d bytes, and had %d when it was saved",
					filepath.Join(c.dir, r.File), info.Size(), r.Bytes)
			}
		}
		if s.resume {
			if _, err := readRecord(filepath.Join(c.dir, loadedName), &c.loaded); err != nil {
				return nil, err
			}
		}
		all = append(all, c)
	}
	if len(all) == 0 {
		what := "container"
		if s.container != "" {
			what += " " + s.container
		}
		return nil, fmt.Errorf("%s holds no dump of a %s", s.dir, what)
	}
	return all, nil
}

// fits checks that the documents can be stored in the container of their name, if there is one.
func (c *saved) fits(ctx context.Context, db *cosmos.Database) error {
	there, err := db.Container(c.id).Read(ctx)
	if errors.Is(err, cosmos.ErrNotFound) || errors.Is(err, cosmos.ErrOwnerNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.exists = true
	was := &c.properties
	for _, policy := range []struct {
		name       string
		saved, now any
	}{
		{"the paths of the partition key", was.PartitionKey.Paths, there.PartitionKey.Paths},
		{"the unique keys", was.UniqueKeyPolicy, there.UniqueKeyPolicy},
		{"the vector embeddings", was.VectorEmbeddingPolicy, there.VectorEmbeddingPolicy},
		{"the default time to live", was.DefaultTTL, there.DefaultTTL},
	} {
		if !reflect.DeepEqual(policy.saved, policy.now) {
			return fmt.Errorf("%s were %s when it was saved, and those of the container that is there are %s",
				policy.name, text(policy.saved), text(policy.now))
		}
	}
	return nil
}

func text(v any) string {
	t, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(t)
}

func (c *saved) load(ctx context.Context, db *cosmos.Database, s settings, p *progress) error {
	if !c.exists {
		if err := c.create(ctx, db, s); err != nil {
			return err
		}
	}
	p.begin(c.id, "loaded")
	state := &record{path: filepath.Join(c.dir, loadedName)}
	to := db.Container(c.id)
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(s.parallel)
	done := maps.Clone(c.loaded) // which changes while the files are loaded
	for _, r := range c.Ranges {
		work.Go(func() error { return c.loadFile(ctx, to, r.File, done[r.File], s, state, p) })
	}
	if err := work.Wait(); err != nil {
		return errors.Join(err, state.save(c.loaded))
	}
	p.end()
	if err := os.Remove(state.path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// create makes the container as it was, with its throughput.
func (c *saved) create(ctx context.Context, db *cosmos.Database, s settings) error {
	_, err := db.CreateContainer(ctx, c.properties, c.Throughput.options(s)...)
	return err
}

// many is how many documents are stored before the position is noted.
const many = 1000

// loadFile stores the documents of a file, from a byte on.
func (c *saved) loadFile(
	ctx context.Context, to *cosmos.Container, name string, from int64, s settings, state *record, p *progress,
) error {
	file, err := os.Open(filepath.Join(c.dir, name))
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return err
	}
	in := bufio.NewReaderSize(file, 1<<20)
	for {
		var docs []json.RawMessage
		start := from
		for len(docs) < many {
			line, err := in.ReadBytes('\n')
			if from += int64(len(line)); len(bytes.TrimSpace(line)) > 0 {
				docs = append(docs, line)
			}
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		if len(docs) == 0 {
			return nil
		}
		if err := c.store(ctx, to, docs, s.overwrite, p); err != nil {
			return fmt.Errorf("%s, behind byte %d: %w", name, start, err)
		}
		if err := state.change(c.loaded, func() { c.loaded[name] = from }); err != nil {
			return err
		}
	}
}

// store stores documents. One that is there already is left as it is, unless it is to be overwritten.
func (c *saved) store(
	ctx context.Context, to *cosmos.Container, docs []json.RawMessage, overwrite bool, p *progress,
) error {
	put := to.CreateMany
	if overwrite {
		put = to.UpsertMany
	}
	var failed error
	var unknown []cosmos.Operation
	for r := range put(ctx, cosmos.Each(docs)) {
		switch {
		case r.Err == nil:
			p.add(1, int64(len(docs[r.Index])), r.RequestCharge)
		case errors.Is(r.Err, cosmos.ErrConflict) && !overwrite && c.properties.UniqueKeyPolicy == nil:
			p.there(1, r.RequestCharge)
		case errors.Is(r.Err, cosmos.ErrConflict) && !overwrite:
			unknown = append(unknown, cosmos.OpReplace(r.ID, docs[r.Index], cosmos.IfMatch(noETag)))
		case failed == nil:
			failed = fmt.Errorf("document %s: %w", r.ID, r.Err)
		}
	}
	if failed != nil || len(unknown) == 0 {
		return failed
	}
	return thereAlready(ctx, to, unknown, p)
}

// noETag is the ETag of no document.
const noETag = `"00000000-0000-0000-0000-000000000000"`

// thereAlready tells documents that are there from those whose unique keys another one has: both are a conflict. A
// replace under an ETag that no document has changes nothing; its refusal tells whether there is a document.
func thereAlready(ctx context.Context, to *cosmos.Container, unknown []cosmos.Operation, p *progress) error {
	var failed error
	for r := range to.Bulk(ctx, slices.Values(unknown)) {
		switch {
		case errors.Is(r.Err, cosmos.ErrPreconditionFailed):
			p.there(1, r.RequestCharge)
		case failed != nil:
		case errors.Is(r.Err, cosmos.ErrNotFound):
			failed = fmt.Errorf("document %s: another document has the value of a unique key that it has; "+
				"delete or change one of the two, and go on with -resume", r.ID)
		default:
			failed = fmt.Errorf("document %s: %w", r.ID, cmp.Or(r.Err, errors.New("it changes while it is loaded")))
		}
	}
	return failed
}
