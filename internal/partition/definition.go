package partition

import (
	"fmt"
	"strings"

	"github.com/cosmossql/cosmossql/internal/errtext"
	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// Definition is the partition key definition of a container, as the container's JSON has it.
type Definition struct {
	Paths     []string `json:"paths"`
	Kind      string   `json:"kind,omitempty"`    // Hash, or MultiHash for hierarchical keys
	Version   int      `json:"version,omitempty"` // 2, or 1 if absent
	SystemKey bool     `json:"systemKey,omitempty"`
}

// Hierarchical reports whether the key has levels, each hashed alone, so that a prefix of it selects a range.
func (d Definition) Hierarchical() bool { return strings.EqualFold(d.Kind, "MultiHash") }

// Check returns an error if k has more components than d has paths, or fewer.
// A prefix of a hierarchical key, which queries may use, is fewer.
func (d Definition) Check(k Key) error {
	switch {
	case d.SystemKey && len(k) == 0:
		return nil
	case len(k) < len(d.Paths):
		return errtext.Refusef("cosmos: partition key %s has fewer values than the container's partition key (%s)", k,
			strings.Join(d.Paths, ", "))
	case len(k) > len(d.Paths):
		return errtext.Refusef("cosmos: partition key %s has more values than the container's partition key (%s)", k,
			strings.Join(d.Paths, ", "))
	}
	return nil
}

// Extract reads the partition key from a document. A property that the document lacks is [Undefined], and so is one
// that holds an array or an object; the latter is uncertain in the service. The error is about d: a path that is not
// one.
func (d Definition) Extract(doc []byte) (Key, error) {
	key := make(Key, len(d.Paths))
	for i, path := range d.Paths {
		value, found := doc, true
		for rest := path; rest != ""; {
			var segment string
			var err error
			if segment, rest, err = nextSegment(rest); err != nil {
				return nil, err
			}
			if found {
				value, found = rawjson.Get(value, segment)
			}
		}
		if found {
			key[i], _ = fromJSON(value)
		}
	}
	if d.SystemKey && len(key) == 1 && key[0] == Undefined {
		return Key{}, nil
	}
	return key, nil
}

// PathSegments returns the property names that path i of the definition goes through: "a" and "b-c" for /a/"b-c".
func (d Definition) PathSegments(i int) ([]string, error) {
	if i < 0 || i >= len(d.Paths) {
		return nil, fmt.Errorf("cosmos: the partition key has no path %d", i)
	}
	var segments []string
	for rest := d.Paths[i]; ; {
		segment, next, err := nextSegment(rest)
		if err != nil {
			return nil, err
		}
		segments = append(segments, segment)
		if rest = next; rest == "" {
			return segments, nil
		}
	}
}

// nextSegment cuts the first segment off a path such as /a/"b/c". A name may stand in either quotes, as the official
// SDKs read it.
func nextSegment(path string) (segment, rest string, err error) {
	if !strings.HasPrefix(path, "/") || path == "/" {
		return "", "", fmt.Errorf("cosmos: %q is not a partition key path: it must look like /name or /name/name", path)
	}
	path = path[1:]
	quote := path[0]
	if quote != '"' && quote != '\'' {
		end := strings.IndexByte(path, '/')
		if end < 0 {
			return path, "", nil
		}
		if end == 0 {
			return "", "", fmt.Errorf("cosmos: partition key path has an empty name before %q", path)
		}
		return path[:end], path[end:], nil
	}
	end := 1
	for end < len(path) && path[end] != quote {
		if path[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(path) {
		return "", "", fmt.Errorf("cosmos: partition key path has no closing quote in %q", path)
	}
	return rawjson.Unquote([]byte(path[1:end])), path[end+1:], nil
}
