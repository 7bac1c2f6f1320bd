// Package connector is the source of a data pipeline: all documents of a container first, then what changes, told
// either by a property that grows or by the change feed. Every change is handed out at least once.
package connector

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/cosmossql/cosmossql/cosmos"
)

// ErrNothing says that there are no changes at the moment: ask again after a pause.
var ErrNothing = errors.New("connector: nothing new")

// Batch is a page of documents. Position is behind it: save it once the documents are safe.
type Batch struct {
	Documents []json.RawMessage
	Snapshot  bool // of the documents that were there at the start
	Position  string
}

// Source is what the pipeline polls.
type Source interface {
	Next(ctx context.Context) (*Batch, error)
	Close() error
}

// Config says how to read. OrderBy names a property that grows with every write, such as "updated"; without it the
// change feed tells the changes.
type Config struct {
	OrderBy  string
	PageSize int
}

// position is the text of a Batch.Position.
type position struct {
	OrderBy  string `json:"orderBy,omitempty"`
	Snapshot bool   `json:"snapshot,omitempty"`
	Page     string `json:"page,omitempty"` // the next one of the snapshot
	// where the change feed stands; under the snapshot, where it stood
	Feed  string          `json:"feed,omitempty"`
	After json.RawMessage `json:"after,omitempty"` // the same by OrderBy
	Seen  []string        `json:"seen,omitempty"`  // the documents that have After and were handed out
}

type source struct {
	container *cosmos.Container
	config    Config
	at        *position // nil: at the very beginning
	pager     *cosmos.Pager
	feed      *cosmos.ChangeFeed
}

var property = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// Open goes on at a saved position; "" is the beginning.
func Open(container *cosmos.Container, config Config, saved string) (Source, error) {
	s := &source{container: container, config: config}
	if config.OrderBy != "" && !property.MatchString(config.OrderBy) {
		return nil, fmt.Errorf("connector: %q is not the name of a property", config.OrderBy)
	}
	if saved == "" {
		return s, nil
	}
	if err := json.Unmarshal([]byte(saved), &s.at); err != nil {
		return nil, fmt.Errorf("connector: the position is damaged: %w", err)
	}
	if s.at == nil || s.at.OrderBy != config.OrderBy {
		return nil, errors.New("connector: the position is of another configuration")
	}
	return s, nil
}

func (s *source) Close() error {
	if s.pager != nil {
		return s.pager.Close()
	}
	return nil
}

func (s *source) Next(ctx context.Context) (*Batch, error) {
	if s.at == nil {
		at, err := s.begin(ctx)
		if err != nil {
			return nil, err
		}
		s.at = at
	}
	if s.at.Snapshot {
		if b, err := s.snapshot(ctx); err != io.EOF {
			return b, err
		}
		s.at.Snapshot, s.at.Page = false, ""
	}
	if s.config.OrderBy != "" {
		return s.ordered(ctx)
	}
	return s.changed(ctx)
}

// begin notes where the changes stand, before the snapshot is begun: what changes under it comes again.
func (s *source) begin(ctx context.Context) (*position, error) {
	at := &position{OrderBy: s.config.OrderBy, Snapshot: true}
	if s.config.OrderBy == "" {
		feed := s.container.ChangeFeed(cosmos.FromNow())
		if _, err := feed.Next(ctx); err != nil && err != io.EOF {
			return nil, err
		}
		token, err := feed.Token()
		at.Feed = token
		return at, err
	}
	query := "SELECT VALUE MAX(c." + s.config.OrderBy + ") FROM c"
	for last, err := range cosmos.Query[json.RawMessage](ctx, s.container, query) {
		if err != nil {
			return nil, err
		}
		at.After = last
	}
	return at, nil
}

func (s *source) snapshot(ctx context.Context) (*Batch, error) {
	if s.pager == nil {
		s.pager = s.container.NewItemsPager(cosmos.PageSize(s.config.PageSize), cosmos.Continuation(s.at.Page))
	}
	page, err := s.pager.Next(ctx)
	if err != nil {
		if err == io.EOF {
			s.pager = nil
		}
		return nil, err
	}
	next := *s.at
	if next.Page = page.Continuation; next.Page == "" {
		next.Snapshot, s.pager = false, nil
	}
	return s.hand(page.Items, true, next)
}

func (s *source) changed(ctx context.Context) (*Batch, error) {
	if s.feed == nil {
		s.feed = s.container.ChangeFeed(cosmos.Continuation(s.at.Feed), cosmos.PageSize(s.config.PageSize))
	}
	page, err := s.feed.Next(ctx)
	if err == io.EOF {
		return nil, ErrNothing
	} else if err != nil {
		return nil, err
	}
	next := *s.at
	if next.Feed, err = s.feed.Token(); err != nil {
		return nil, err
	}
	return s.hand(page.Items, false, next)
}

// ordered asks for what has the last value again, as others may have got it since, and leaves out what was handed out.
func (s *source) ordered(ctx context.Context) (*Batch, error) {
	path := "c." + s.config.OrderBy
	where := "IS_DEFINED(" + path + ")"
	if s.at.After != nil {
		where = path + " >= @after"
	}
	pager := s.container.NewPager("SELECT * FROM c WHERE "+where+" ORDER BY "+path, sql.Named("after", s.at.After),
		cosmos.PageSize(s.config.PageSize))
	defer pager.Close()
	for {
		page, err := pager.Next(ctx)
		if err == io.EOF {
			return nil, ErrNothing
		} else if err != nil {
			return nil, err
		}
		next := *s.at
		fresh, err := next.pass(page.Items, s.config.OrderBy)
		if err != nil {
			return nil, err
		}
		if len(fresh) > 0 {
			return s.hand(fresh, false, next)
		}
	}
}

// pass moves the position behind documents and returns those that are new to it.
func (p *position) pass(documents []json.RawMessage, orderBy string) (fresh []json.RawMessage, err error) {
	p.Seen = slices.Clone(p.Seen)
	for _, document := range documents {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(document, &fields); err != nil {
			return nil, err
		}
		version := string(fields["_rid"]) + string(fields["_etag"])
		if value := fields[orderBy]; !bytes.Equal(value, p.After) {
			p.After, p.Seen = value, nil
		} else if slices.Contains(p.Seen, version) {
			continue
		}
		p.Seen, fresh = append(p.Seen, version), append(fresh, document)
	}
	return fresh, nil
}

func (s *source) hand(documents []json.RawMessage, snapshot bool, next position) (*Batch, error) {
	text, err := json.Marshal(next)
	if err != nil {
		return nil, err
	}
	s.at = &next
	return &Batch{Documents: documents, Snapshot: snapshot, Position: string(text)}, nil
}
