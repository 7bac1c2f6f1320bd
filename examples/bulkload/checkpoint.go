package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"sync"
	"time"
)

// checkpoint knows how far a file is loaded: documents are stored in any order, and what counts is the place before
// which every one is. It is written beside the file now and then. It is safe for concurrent use.
type checkpoint struct {
	path string // "" to keep it in memory

	mu      sync.Mutex
	pending map[int]span // by the number of the document
	before  int          // documents stored by the loads before this one
	next    int          // the first document of this load that is not stored
	offset  int64        // where that one begins
	failed  int          // the first document that will not be; what follows it does not count
	saved   time.Time
}

type span struct {
	start, end int64
	stored     bool
}

const (
	checkpointSuffix = ".loaded"
	checkpointFormat = "%d documents, %d bytes\n"
	saveEvery        = time.Second
)

func newCheckpoint(file string, before int, offset int64) *checkpoint {
	c := &checkpoint{pending: map[int]span{}, before: before, offset: offset, failed: math.MaxInt}
	if file != "" {
		c.path = file + checkpointSuffix
	}
	return c
}

// readCheckpoint returns how many documents of the file were stored and where the next one begins, 0 and 0 if no load
// of it was ended.
func readCheckpoint(file string) (documents int, offset int64, err error) {
	data, err := os.ReadFile(file + checkpointSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	if _, err := fmt.Sscanf(string(data), checkpointFormat, &documents, &offset); err != nil ||
		documents < 0 || offset < 0 {
		return 0, 0, fmt.Errorf("%s does not say how far the load came; delete it to begin anew", file+checkpointSuffix)
	}
	return documents, offset, nil
}

// begin notes a document that is on its way.
func (c *checkpoint) begin(index int, start, end int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending[index] = span{start: start, end: end}
}

// stored notes that a document is stored, and returns its length in the file.
func (c *checkpoint) stored(index int) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	doc := c.pending[index]
	if index > c.failed {
		delete(c.pending, index)
		return doc.end - doc.start, nil
	}
	doc.stored = true
	c.pending[index] = doc
	for s := c.pending[c.next]; s.stored; s = c.pending[c.next] {
		delete(c.pending, c.next)
		c.next++
		c.offset = s.end
	}
	if time.Since(c.saved) < saveEvery {
		return doc.end - doc.start, nil
	}
	return doc.end - doc.start, c.save()
}

// fail notes that a document could not be stored: a later load tries again from there.
func (c *checkpoint) fail(index int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, index)
	c.failed = min(c.failed, index)
}

// save writes the checkpoint; a file half written must not be taken for one, so that it is renamed into its place.
func (c *checkpoint) save() error {
	c.saved = time.Now()
	if c.path == "" {
		return nil
	}
	if err := os.WriteFile(c.path+".new", fmt.Appendf(nil, checkpointFormat, c.before+c.next, c.offset),
		0o644); err != nil {
		return err
	}
	return os.Rename(c.path+".new", c.path)
}

// finish writes the checkpoint of a load that has ended, or takes it away when nothing is left to load.
func (c *checkpoint) finish(complete bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !complete {
		return c.save()
	}
	if c.path == "" {
		return nil
	}
	if err := os.Remove(c.path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
