package exec

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/option"
	"github.com/cosmossql/cosmossql/internal/rawjson"
)

const (
	maxPaths   = 2000 // of a sample: more are counted together
	maxExample = 60   // bytes of an example
)

// Sample looks at n documents of a container, the first ones of each of its ranges in turn, or of the part that set
// names, and returns a row for each path in them. Each row is a JSON object with the members SampleColumns.
func Sample(ctx context.Context, c *cosmos.Container, n int, set *option.Set) ([]json.RawMessage, error) {
	parts := [][]cosmos.Option{nil}
	if set.PartitionKey == nil && set.FeedRange == nil && set.Continuation == "" {
		ranges, err := c.FeedRanges(ctx)
		if err != nil {
			return nil, err
		}
		parts = nil
		for _, r := range ranges {
			parts = append(parts, []cosmos.Option{cosmos.InFeedRange(r)})
		}
	}
	var pagers []*cosmos.Pager
	defer func() {
		for _, p := range pagers {
			p.Close()
		}
	}()
	size := cosmos.PageSize(min(max(n/len(parts), 1), 1000))
	for _, opts := range parts {
		pagers = append(pagers, c.NewItemsPager(append(opts, size, cosmos.ReadAhead(false))...))
	}
	s := &summary{}
	for open := pagers; len(open) > 0; {
		var more []*cosmos.Pager
		for _, p := range open {
			page, err := p.Next(ctx)
			if err == io.EOF {
				continue
			}
			if err != nil {
				return nil, err
			}
			for _, doc := range page.Items {
				if s.documents == n {
					break
				}
				s.add(doc)
			}
			page.Release()
			if s.documents == n {
				return s.rows(), nil
			}
			more = append(more, p)
		}
		open = more
	}
	return s.rows(), nil
}

// summary is what was seen in a sample.
type summary struct {
	documents int
	paths     int
	left      int         // values of paths beyond maxPaths
	root      pathSummary // of the documents themselves
}

// pathSummary is what was seen at a path.
type pathSummary struct {
	path      string
	documents int // that have it
	last      int // number of the last of those
	nulls     int // values
	kinds     map[byte]int
	example   string
	children  map[string]*pathSummary
	order     []*pathSummary // the children as they first came
}

func (s *summary) add(doc []byte) {
	s.documents++
	s.root.path = "c"
	for name, value := range rawjson.Members(doc) {
		if name := rawjson.Unquote(name); !rawjson.IsSystemProperty(name) {
			s.visit(&s.root, step(name), value)
		}
	}
}

// step is what a query writes behind a path for a member of it.
func step(name string) string {
	return strings.TrimPrefix(nosql.Print(&nosql.Member{X: &nosql.Ident{Name: "c"}, Name: name}), "c")
}

// visit takes a value below a path, at name in it, and what is in it.
func (s *summary) visit(in *pathSummary, name string, value []byte) {
	p := in.children[name]
	if p == nil {
		if s.paths == maxPaths {
			s.left++
			return
		}
		s.paths++
		if in.children == nil {
			in.children = map[string]*pathSummary{}
		}
		p = &pathSummary{path: in.path + name, kinds: map[byte]int{}}
		in.children[name] = p
		in.order = append(in.order, p)
	}
	p.count(s.documents, value)
	switch rawjson.Kind(value) {
	case '{':
		for name, member := range rawjson.Members(value) {
			s.visit(p, step(rawjson.Unquote(name)), member)
		}
	case '[':
		for element := range rawjson.Elements(value) {
			s.visit(p, "[]", element)
		}
	}
}

// count takes a value of the path in the document of this number.
func (p *pathSummary) count(document int, value []byte) {
	if p.last != document {
		p.documents, p.last = p.documents+1, document
	}
	kind := rawjson.Kind(value)
	switch kind {
	case 'n':
		p.nulls++
		return
	case 'f':
		kind = 't'
	}
	p.kinds[kind]++
	if p.example == "" {
		p.example = exampleOf(value)
	}
}

// exampleOf is the text of a value, cut if it is long.
func exampleOf(value []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, value) != nil {
		return ""
	}
	text := b.String()
	if len(text) > maxExample {
		text = strings.ToValidUTF8(text[:maxExample], "") + "…"
	}
	return text
}

var kindNames = map[byte]string{'{': "object", '[': "array", '"': "string", '0': "number", 't': "boolean"}

// types names the types of a path, the most frequent first.
func (p *pathSummary) types() string {
	kinds := make([]byte, 0, len(p.kinds))
	for k := range p.kinds {
		kinds = append(kinds, k)
	}
	slices.SortFunc(kinds, func(a, b byte) int { return cmp.Or(p.kinds[b]-p.kinds[a], cmp.Compare(a, b)) })
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = kindNames[k]
	}
	if len(names) == 0 {
		return "null"
	}
	return strings.Join(names, ", ")
}

// SampleColumns are the columns of DESCRIBE … SAMPLE.
var SampleColumns = []string{"path", "types", "documents", "percent", "nulls", "example"}

// pathRow is a row of DESCRIBE … SAMPLE.
type pathRow struct {
	Path      string  `json:"path"`
	Types     string  `json:"types"`
	Documents int     `json:"documents"`
	Percent   float64 `json:"percent"`
	Nulls     int     `json:"nulls"`
	Example   *string `json:"example"`
}

// rows has each path before what is in it, in the order in which they first came.
func (s *summary) rows() []json.RawMessage {
	list := s.root.rows(nil, s.documents)
	if s.left > 0 {
		text := fmt.Sprintf("%d values of more than %d different paths", s.left, maxPaths)
		row, _ := json.Marshal(pathRow{Path: "…", Example: &text})
		list = append(list, row)
	}
	return list
}

func (p *pathSummary) rows(list []json.RawMessage, documents int) []json.RawMessage {
	for _, child := range p.order {
		row := pathRow{Path: child.path, Types: child.types(), Documents: child.documents, Nulls: child.nulls}
		row.Percent = math.Round(float64(child.documents)/float64(documents)*1000) / 10
		if child.example != "" {
			row.Example = &child.example
		}
		text, _ := json.Marshal(row)
		list = child.rows(append(list, text), documents)
	}
	return list
}
