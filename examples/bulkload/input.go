package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
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
	lines      *bufio.Reader
	name       string
	offset     int64 // of what is read next
	size       int64
	array      bool // one array, in place of a document a line
	numericIDs bool
	progress   *checkpoint
	err        error // that ended the reading early
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
	in := &input{Closer: file, name: s.file, numericIDs: s.numericIDs}
	if err := in.start(file, s.resume); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return in, nil
}

// start looks at the file, and goes to its beginning or to where the last load of it stood.
func (in *input) start(file *os.File, resume bool) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	in.size = info.Size()
	if in.array, err = startsArray(file); err != nil {
		return err
	}
	before := 0
	if resume {
		if before, in.offset, err = readCheckpoint(in.name); err != nil {
			return err
		}
	}
	if _, err := file.Seek(in.offset, io.SeekStart); err != nil {
		return err
	}
	in.lines = bufio.NewReaderSize(file, 1<<20)
	in.progress = newCheckpoint(in.name, before, in.offset)
	return nil
}

// documents yields the documents one by one, so that a file of any size passes through. Each is noted in the checkpoint
// before it goes out.
func (in *input) documents() iter.Seq[any] {
	return func(yield func(any) bool) {
		next := in.line
		if in.array {
			next = in.elements()
		}
		for index := 0; ; {
			start := in.offset
			text, err := next()
			if err == nil && len(text) > 0 {
				var doc json.RawMessage
				if doc, err = in.withID(text, start); err == nil {
					in.progress.begin(index, start, in.offset)
					index++
					if !yield(doc) {
						return
					}
				}
			}
			if err == io.EOF {
				return
			}
			if err != nil {
				where := place(in.name, start)
				if in.array { // start is behind the element before
					where = "behind " + where
				}
				in.err = fmt.Errorf("%s: %w", where, err)
				return
			}
		}
	}
}

// line reads a line, which may be empty.
func (in *input) line() (text []byte, err error) {
	line, err := in.lines.ReadBytes('\n')
	if in.offset == 0 {
		defer func() { text = bytes.TrimPrefix(text, []byte("\ufeff")) }() // a byte order mark
	}
	in.offset += int64(len(line))
	if err == io.EOF && len(line) > 0 {
		err = nil
	}
	return bytes.TrimSpace(line), err
}

// elements returns what reads the elements of the array, from the beginning or from behind any of them.
func (in *input) elements() func() ([]byte, error) {
	skipped, err := skip(in.lines, in.offset > 0)
	base := in.offset + skipped - 1 // of the bracket that the decoder sees
	dec := json.NewDecoder(io.MultiReader(strings.NewReader("["), in.lines))
	if err == nil {
		_, err = dec.Token()
	}
	return func() ([]byte, error) {
		if err != nil {
			return nil, err
		}
		if !dec.More() {
			if _, err := dec.Token(); err != nil {
				return nil, errNoEnd
			}
			return nil, io.EOF
		}
		var doc json.RawMessage
		if err := dec.Decode(&doc); err != nil {
			if cutShort(err) {
				return nil, errNoEnd
			}
			return nil, err
		}
		in.offset = base + dec.InputOffset()
		return doc, nil
	}
}

var errNoEnd = errors.New("the array has no end: the file was cut short, or has a mistake here")

// cutShort reports whether the JSON ended too early. Go 1.27 calls that a mistake of its syntax.
func cutShort(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		strings.HasSuffix(err.Error(), "unexpected end of JSON input")
}

// skip reads what stands before an element: white space, and the bracket of the array or, behind another element, a
// comma. It returns how many bytes that was.
func skip(r *bufio.Reader, behind bool) (n int64, err error) {
	for wanted := true; ; n++ {
		b, err := r.ReadByte()
		switch {
		case err != nil:
			return n, err
		case strings.IndexByte(" \t\r\n\ufeff", b) >= 0:
		case wanted && (b == '[' && !behind || b == ',' && behind):
			wanted = false
		default:
			return n, r.UnreadByte()
		}
	}
}

// startsArray looks at the first character of a file that is neither white space nor a byte order mark.
func startsArray(file io.Reader) (bool, error) {
	r := bufio.NewReader(file)
	_, err := skip(r, true)
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	first, err := r.ReadByte()
	return first == '[', err
}

// place says where something stands in the file, as an editor counts.
func place(name string, offset int64) string {
	file, err := os.Open(name)
	if err != nil {
		return fmt.Sprintf("at byte %d", offset)
	}
	defer file.Close()
	lines := newlines(1)
	if _, err := io.CopyN(&lines, file, offset); err != nil {
		return fmt.Sprintf("at byte %d", offset)
	}
	return fmt.Sprintf("line %d", lines)
}

// newlines counts those that are written to it.
type newlines int

func (n *newlines) Write(p []byte) (int, error) {
	*n += newlines(bytes.Count(p, []byte("\n")))
	return len(p), nil
}

// withID gives a document an id where it has none. The id is the document's place in the file: loading the file again
// finds the same document again, and stores none twice. An id that is a number becomes a text, with -numeric-ids.
func (in *input) withID(doc []byte, offset int64) (json.RawMessage, error) {
	var fields struct {
		ID json.RawMessage `json:"id"`
	}
	if err := json.Unmarshal(doc, &fields); err != nil {
		return nil, fmt.Errorf("not a JSON object: %.40s", doc)
	}
	switch {
	case fields.ID == nil:
	case in.numericIDs && strings.IndexByte("-0123456789", fields.ID[0]) >= 0:
		all := map[string]json.RawMessage{}
		if err := json.Unmarshal(doc, &all); err != nil {
			return nil, err
		}
		all["id"] = json.RawMessage(strconv.Quote(string(fields.ID)))
		return json.Marshal(all)
	default:
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
