package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/cosmossql/cosmossql/cosmos"
)

// save saves the containers of a database.
func save(ctx context.Context, db *cosmos.Database, s settings, p *progress) error {
	ids := []string{s.container}
	if s.container == "" {
		ids = nil
		for c, err := range db.Containers(ctx) {
			if err != nil {
				return err
			}
			ids = append(ids, c.ID)
		}
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	whole, state := databaseManifest{}, &record{path: filepath.Join(s.dir, databaseName)}
	if _, err := readRecord(state.path, &whole); err != nil {
		return err
	}
	var err error
	if whole.Throughput, err = throughputOf(db.ReadThroughput(ctx)); err != nil {
		return err
	}
	for _, id := range ids {
		if !slices.Contains(whole.Containers, id) {
			whole.Containers = append(whole.Containers, id)
		}
	}
	if err := state.save(whole); err != nil {
		return err
	}
	for _, id := range ids {
		if err := saveContainer(ctx, db.Container(id), s, p); err != nil {
			return fmt.Errorf("saving %s: %w", id, err)
		}
	}
	return nil
}

func saveContainer(ctx context.Context, c *cosmos.Container, s settings, p *progress) error {
	dir := directory(s.dir, c.ID())
	m := &manifest{}
	found, err := readRecord(filepath.Join(dir, manifestName), m)
	switch {
	case err != nil:
		return err
	case found && !s.resume:
		return fmt.Errorf("%s has a dump already: take another directory, or -resume if it was ended early", dir)
	case !found:
		if m, err = describe(ctx, c); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	state := &record{path: filepath.Join(dir, manifestName)}
	if err := state.save(m); err != nil {
		return err
	}
	p.begin(c.ID(), "saved")
	p.before(m.documents())
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(s.parallel)
	for _, r := range m.Ranges {
		if !r.Complete {
			work.Go(func() error { return saveRange(ctx, c, filepath.Join(dir, r.File), r, m, state, p) })
		}
	}
	if err := errors.Join(work.Wait(), state.save(m)); err != nil {
		return err
	}
	p.end()
	return nil
}

// describe makes the manifest of a container of which nothing is saved yet.
func describe(ctx context.Context, c *cosmos.Container) (*manifest, error) {
	properties, err := c.Read(ctx)
	if err != nil {
		return nil, err
	}
	m := &manifest{}
	if m.Definition, err = definitionOf(properties); err != nil {
		return nil, err
	}
	if m.Throughput, err = throughputOf(c.ReadThroughput(ctx)); err != nil {
		return nil, err
	}
	ranges, err := c.FeedRanges(ctx)
	if err != nil {
		return nil, err
	}
	for i, r := range ranges {
		m.Ranges = append(m.Ranges, &rangeFile{Range: r, File: fmt.Sprintf("%04d.jsonl", i)})
	}
	return m, nil
}

// saveRange saves what is left of a range, page by page.
func saveRange(
	ctx context.Context, c *cosmos.Container, path string, r *rangeFile, m *manifest, state *record, p *progress,
) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	// What was written behind the last position that was noted is read again.
	if err := file.Truncate(r.Bytes); err != nil {
		return err
	}
	if _, err := file.Seek(r.Bytes, io.SeekStart); err != nil {
		return err
	}
	out := bufio.NewWriterSize(file, 1<<20)
	pager := c.NewItemsPager(cosmos.InFeedRange(r.Range), cosmos.Continuation(r.Continuation), cosmos.PageSize(-1))
	defer pager.Close()
	for {
		page, err := pager.Next(ctx)
		if err == io.EOF {
			return state.change(m, func() { r.Complete, r.Continuation = true, "" })
		}
		if err != nil {
			return err
		}
		var size int64
		for _, item := range page.Items {
			line, err := withoutSystem(item)
			if err != nil {
				return err
			}
			size += int64(len(line))
			if _, err := out.Write(line); err != nil {
				return err
			}
		}
		if err := out.Flush(); err != nil {
			return err
		}
		n := len(page.Items)
		if err := state.change(m, func() {
			r.Bytes, r.Documents, r.Continuation, r.Complete = r.Bytes+size, r.Documents+n,
				page.Continuation, !pager.More()
		}); err != nil {
			return err
		}
		p.add(n, size, page.Response.RequestCharge)
		page.Release()
		if r.Complete {
			return nil
		}
	}
}

// added are the properties that the service adds to every document.
var added = []string{"_rid", "_self", "_etag", "_attachments", "_ts"}

// withoutSystem is the line of a document: without the properties that the service adds, all others as they are.
func withoutSystem(doc []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(doc))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("not a document: %.60s", doc)
	}
	line := make([]byte, 0, len(doc)+1)
	line = append(line, '{')
	for dec.More() {
		start := dec.InputOffset()
		name, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		if text, _ := name.(string); slices.Contains(added, text) {
			continue
		}
		if len(line) > 1 {
			line = append(line, ',')
		}
		line = append(line, bytes.TrimLeft(doc[start:dec.InputOffset()], ", \t\r\n")...)
	}
	// A line break can stand between members only: in a text it is escaped.
	line = bytes.ReplaceAll(bytes.ReplaceAll(line, []byte("\n"), []byte(" ")), []byte("\r"), []byte(" "))
	return append(line, '}', '\n'), nil
}
