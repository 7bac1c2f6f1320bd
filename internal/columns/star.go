package columns

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cosmossql/cosmossql/internal/rawjson"
)

// Star learns the columns of a SELECT * from documents read ahead: the union of their members in the order of first
// sight.
type Star struct {
	layout          *Layout
	extra           string // name of the extra column; "" for none
	objects, others int    // rows that are objects, and those that are not
}

// NewStar starts with no column. The members the service adds are hidden unless showSystem is set; extra, where it is
// not "", is the name of a last column for members that were not seen.
func NewStar(extra string, showSystem bool) *Star {
	s := &Star{extra: extra, layout: &Layout{index: map[string]int{}, closed: true, extra: extra != ""}}
	if !showSystem {
		for _, name := range rawjson.SystemProperties {
			s.layout.know(name, -1)
		}
	}
	return s
}

// Add looks at one more row.
func (s *Star) Add(row []byte) {
	if rawjson.Kind(row) != '{' {
		s.others++
		return
	}
	s.objects++
	l := s.layout
	for name := range rawjson.Members(row) {
		if _, known := l.lookup(name); !known {
			text := rawjson.Unquote(name)
			l.know(text, len(l.members))
			l.members = append(l.members, text)
		}
	}
}

// Layout returns the columns. Rows that are not objects, as FROM x IN c.tags may give, have the one column of
// SELECT VALUE; rows of both kinds have no columns in common, which is an error. So is a member of the name that the
// extra column was to have.
func (s *Star) Layout() (*Layout, error) {
	switch {
	case s.others > 0 && s.objects > 0:
		return nil, errors.New("cosmos: SELECT *: some rows are objects and others are not; use SELECT VALUE")
	case s.others > 0:
		return Whole(), nil
	}
	s.layout.Names = s.layout.members
	if s.layout.extra {
		if i, taken := s.layout.index[s.extra]; taken && i >= 0 {
			return nil, fmt.Errorf(
				"cosmos: the documents have a field %q, the name given to the extra column; choose another", s.extra)
		}
		s.layout.Names = append(slices.Clone(s.layout.members), s.extra)
	}
	return s.layout, nil
}
