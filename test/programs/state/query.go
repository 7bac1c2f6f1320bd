package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/cosmossql/cosmossql/cosmos"
)

// Query asks for values, over all applications unless App names one.
type Query struct {
	App    string
	Filter Filter // nil: all
	Sort   string // path in the value; "" is any order
	Desc   bool
	Limit  int    // values a page; 0: as many as fit
	Token  string // of the page before; "" is the first
}

// Page is a part of an answer.
type Page struct {
	Items []Item
	Token string // "" on the last one
}

// Filter is a condition on values.
type Filter interface{ write(*text) }

type (
	EQ struct { // the value at the path is this one
		Path  string
		Value any
	}
	IN struct { // it is one of these
		Path   string
		Values []any
	}
	AND []Filter
	OR  []Filter
)

// text is a condition and what it refers to.
type text struct {
	strings.Builder
	params []cosmos.Parameter
}

func (f EQ) write(t *text) { t.WriteString(path(f.Path) + " = " + t.param(f.Value)) }

func (f IN) write(t *text) {
	t.WriteString("ARRAY_CONTAINS(" + t.param(append([]any{}, f.Values...)) + ", " + path(f.Path) + ")")
}

func (f AND) write(t *text) { t.join(f, " AND ", "true") }
func (f OR) write(t *text)  { t.join(f, " OR ", "false") }

func (t *text) join(parts []Filter, word, none string) {
	if len(parts) == 0 {
		t.WriteString(none)
	}
	for i, f := range parts {
		if i > 0 {
			t.WriteString(word)
		}
		t.WriteByte('(')
		f.write(t)
		t.WriteByte(')')
	}
}

func (t *text) param(v any) string {
	name := "@__param__" + strconv.Itoa(len(t.params)) + "__"
	t.params = append(t.params, cosmos.Parameter{Name: name, Value: v})
	return name
}

// path is a path of the value, such as person.org, as it is safe to write in a query.
func path(p string) string {
	out := `c["value"]`
	for name := range strings.SplitSeq(p, ".") {
		quoted, _ := json.Marshal(name) // of a string it cannot fail
		out += "[" + string(quoted) + "]"
	}
	return out
}

func (s *store) Query(ctx context.Context, q Query) (Page, error) {
	t := &text{}
	t.WriteString("SELECT * FROM c WHERE ")
	if q.Filter == nil {
		q.Filter = AND{}
	}
	AND{q.Filter}.write(t)
	if q.Sort != "" {
		t.WriteString(" ORDER BY " + path(q.Sort))
		if q.Desc {
			t.WriteString(" DESC")
		}
	}
	args := []any{t.params, cosmos.PageSize(q.Limit), cosmos.Continuation(q.Token)}
	if q.App != "" {
		args = append(args, cosmos.PartitionKey(q.App))
	}
	pager := s.items.NewPager(t.String(), args...)
	defer pager.Close()
	answer, err := pager.Next(ctx)
	switch {
	case err == io.EOF:
		return Page{}, nil
	case errors.Is(err, cosmos.ErrBadContinuation):
		return Page{}, fmt.Errorf("%w: %w", ErrBadToken, err)
	case err != nil:
		return Page{}, err
	}
	page := Page{Token: answer.Continuation}
	for _, row := range answer.Items {
		var d document
		if err := json.Unmarshal(row, &d); err != nil {
			return Page{}, err
		}
		page.Items = append(page.Items, d.item())
	}
	return page, nil
}
