package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
)

// A dump is a directory. Each container has a directory in it, with the manifest and a file of JSON lines for each
// range.
const (
	databaseName = "database.json"
	manifestName = "container.json"
	loadedName   = "loaded.json" // beside the manifest, while the container is loaded
	saveEvery    = time.Second
)

// databaseManifest says what belongs to a dump.
type databaseManifest struct {
	Throughput throughput // that containers share
	Containers []string
}

// manifest says what a container is and how far it is saved.
type manifest struct {
	Definition json.RawMessage // of the container, without what the service adds
	Throughput throughput
	Ranges     []*rangeFile
}

// throughput is what a container or database has of its own, in RU/s.
type throughput struct {
	Manual    int `json:",omitempty"`
	Autoscale int `json:",omitempty"` // the maximum
}

// throughputOf takes what ReadThroughput returns.
func throughputOf(t *cosmos.ThroughputProperties, err error) (throughput, error) {
	switch {
	case errors.Is(err, cosmos.ErrNotFound):
		return throughput{}, nil
	case err != nil:
		return throughput{}, err
	}
	return throughput{t.Manual, t.Autoscale}, nil
}

// options provision it.
func (t throughput) options(s settings) []cosmos.Option {
	switch {
	case s.noThroughput:
	case t.Autoscale > 0:
		return []cosmos.Option{cosmos.AutoscaleThroughput(t.Autoscale)}
	case t.Manual > 0:
		return []cosmos.Option{cosmos.Throughput(t.Manual)}
	}
	return nil
}

// rangeFile is a range of a container and the file of its documents. What is behind Bytes in the file does not count.
type rangeFile struct {
	Range        cosmos.FeedRange
	File         string
	Documents    int
	Bytes        int64
	Continuation string `json:",omitempty"` // where to go on
	Complete     bool
}

// complete reports whether everything is saved.
func (m *manifest) complete() bool {
	for _, r := range m.Ranges {
		if !r.Complete {
			return false
		}
	}
	return true
}

func (m *manifest) documents() (n int) {
	for _, r := range m.Ranges {
		n += r.Documents
	}
	return n
}

// directory is where a container is saved below dir. An id may have characters that a file name may not.
func directory(dir, container string) string {
	return filepath.Join(dir, strings.ReplaceAll(url.QueryEscape(container), ".", "%2E"))
}

// record is a file of JSON that says how far something has come. A file half written must not be taken for one, so that
// it is renamed into its place. It is safe for concurrent use.
type record struct {
	path string

	mu    sync.Mutex
	saved time.Time
}

// change carries out a change of what the record says and writes it down, if the last time is long ago.
func (r *record) change(value any, change func()) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	change()
	if time.Since(r.saved) < saveEvery {
		return nil
	}
	return r.write(value)
}

func (r *record) save(value any) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.write(value)
}

func (r *record) write(value any) error {
	r.saved = time.Now()
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(r.path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(r.path+".new", r.path)
}

// readRecord reads a record; found is false if there is none.
func readRecord(path string, value any) (found bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(text, value); err != nil {
		return false, fmt.Errorf("%s is damaged: %w", path, err)
	}
	return true, nil
}

// definitionOf is the definition of a container without what the service adds to it.
func definitionOf(p *cosmos.ContainerProperties) (json.RawMessage, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	members := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, err
	}
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return strings.HasPrefix(name, "_") })
	return json.Marshal(members)
}
