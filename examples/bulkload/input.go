package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"strings"
	"time"
)

// input is the file that is loaded, read from where the last load stood.
type input struct {
	io.Closer
	lines    *bufio.Reader
	offset   int64 // of what is read next
	size     int64
	progress *checkpoint
	err      error // that ended the reading early
}

// open opens the file of the command line, or makes up a load of its own.
func open(s settings) (*input, error) {
	if s.file == "" {
		text := madeUp(s.count)
		return &input{
			Closer:   io.NopCloser(nil),
			lines:    bufio.NewReader(strings.NewReader(text)),
			size:     int64(len(text)),
			progress: newCheckpoint("", 0, 0),
		}, nil
	}
	file, err := os.Open(s.file)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	in := &input{Closer: file, size: info.Size()}
	before := 0
	if s.resume {
		if before, in.offset, err = readCheckpoint(s.file); err != nil {
			return nil, err
		}
		if _, err := file.Seek(in.offset, io.SeekStart); err != nil {
			return nil, err
		}
	}
	in.lines = bufio.NewReaderSize(file, 1<<20)
	in.progress = newCheckpoint(s.file, before, in.offset)
	return in, nil
}

// documents yields the documents one by one, so that a file of any size passes through. Each is noted in the checkpoint
// before it goes out.
func (in *input) documents() iter.Seq[any] {
	return func(yield func(any) bool) {
		for index := 0; ; {
			start := in.offset
			line, err := in.lines.ReadBytes('\n')
			in.offset += int64(len(line))
			if text := bytes.TrimSpace(line); len(text) > 0 {
				doc, err := withID(text, start)
				if err != nil {
					in.err = fmt.Errorf("at byte %d: %w", start, err)
					return
				}
				in.progress.begin(index, start, in.offset)
				index++
				if !yield(doc) {
					return
				}
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				in.err = err
				return
			}
		}
	}
}

// withID gives a document an id where it has none. The id is the document's place in the file: loading the file again
// finds the same document again, and stores none twice.
func withID(doc []byte, offset int64) (json.RawMessage, error) {
	var fields struct {
		ID json.RawMessage `json:"id"`
	}
	if err := json.Unmarshal(doc, &fields); err != nil {
		return nil, fmt.Errorf("not a JSON object: %.40s", doc)
	}
	if fields.ID != nil {
		return doc, nil
	}
	id := `{"id":"` + strconv.FormatInt(offset, 36) + `"`
	rest := bytes.TrimSpace(doc[1:])
	if rest[0] != '}' {
		id += ","
	}
	return append([]byte(id), rest...), nil
}

// madeUp is a load of n measurements.
func madeUp(n int) string {
	var b strings.Builder
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		fmt.Fprintf(&b, `{"id":"m-%d","sensor":"s-%d","at":%q,"celsius":%.1f,"tags":["outdoor","floor %d"]}`+"\n",
			i, i%250, start.Add(time.Duration(i)*time.Second).Format(time.RFC3339), 20+float64(i%170)/10, i%7)
	}
	return b.String()
}
