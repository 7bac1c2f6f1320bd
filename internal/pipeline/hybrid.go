package pipeline

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/rawjson"
	"github.com/cosmossql/cosmossql/internal/value"
)

// hybrid answers ORDER BY RANK: it gathers statistics from all partitions, runs a search for every scoring function,
// and fuses their ranks. It holds the best rows of every search.
type hybrid struct {
	fetcher *fetcher
	plan    *queryplan.Plan
	targets []*cursor // that every search asks
	local   bool      // so do the statistics
	done    bool
}

func (s *hybrid) more() bool { return !s.done }

func (s *hybrid) explain(e *Explanation) {
	e.targets(s.targets)
	h := s.plan.Hybrid
	switch {
	case h.RequiresGlobalStatistics && s.local:
		e.add("full text statistics of these partitions")
	case h.RequiresGlobalStatistics:
		e.add("full text statistics of all partitions")
	}
	for i, c := range h.Components {
		e.add("search %d: best by %v %v", i+1, c.OrderByExpressions, c.OrderBy)
	}
	if len(h.Components) > 1 {
		e.add("fuse ranks")
	}
	if h.Skip != nil {
		e.add("skip %d", *h.Skip)
	}
	if h.Take != nil {
		e.add("take %d", *h.Take)
	}
}

// Everything is made before the first row: a rank depends on all others.
func (s *hybrid) next(ctx context.Context, _ int) (rows, error) {
	if s.done {
		return rows{}, io.EOF
	}
	var stats statistics
	if s.plan.Hybrid.RequiresGlobalStatistics {
		var err error
		if stats, err = s.statistics(ctx); err != nil {
			return rows{}, err
		}
	}
	results := make([][]scored, len(s.plan.Hybrid.Components))
	searches, searching := errgroup.WithContext(ctx)
	for i := range results {
		searches.Go(func() (err error) {
			results[i], err = s.search(searching, i, stats)
			return err
		})
	}
	if err := searches.Wait(); err != nil {
		return rows{}, err
	}
	found, err := s.fuse(results)
	if err != nil {
		return rows{}, err
	}
	s.done = true
	return rows{docs: s.cut(found)}, nil
}

// statistics are sums over all partitions.
type statistics struct {
	DocumentCount int64 `json:"documentCount"`
	FullText      []struct {
		TotalWordCount float64   `json:"totalWordCount"`
		HitCounts      []float64 `json:"hitCounts"`
	} `json:"fullTextStatistics"`
}

// statistics asks every partition of the container, whatever the query is restricted to: scores compare a document
// with all others. With local scores it asks those that the query reaches. Otherwise the same document would have
// another score in another partition.
func (s *hybrid) statistics(ctx context.Context) (statistics, error) {
	var sum statistics
	cursors := s.asking(s.plan.Hybrid.GlobalStatisticsQuery)
	if !s.local {
		everywhere := cursor{fetcher: s.fetcher, query: s.plan.Hybrid.GlobalStatisticsQuery, max: partition.Max}
		var err error
		if cursors, err = s.fetcher.targets(ctx, queryplan.FullRange(), everywhere); err != nil {
			return sum, err
		}
	}
	in := s.fetcher.newSource(cursors, 0)
	in.inOrder, in.eager = true, true
	for {
		page, err := in.next(ctx, 0)
		if err == io.EOF {
			return sum, nil
		}
		if err != nil {
			return sum, err
		}
		for _, doc := range page.docs {
			var one statistics
			if err := json.Unmarshal(doc, &one); err != nil {
				return sum, fmt.Errorf("cosmos: full text statistics: %w", err)
			}
			if err := sum.add(one); err != nil {
				return sum, err
			}
		}
	}
}

func (s *statistics) add(one statistics) error {
	if s.FullText == nil {
		*s = one
		return nil
	}
	s.DocumentCount += one.DocumentCount
	if len(one.FullText) != len(s.FullText) {
		return fmt.Errorf("cosmos: full text statistics of %d functions where %d were expected", len(one.FullText),
			len(s.FullText))
	}
	for i, f := range one.FullText {
		if len(f.HitCounts) != len(s.FullText[i].HitCounts) {
			return fmt.Errorf("cosmos: full text statistics of %d words where %d were expected", len(f.HitCounts),
				len(s.FullText[i].HitCounts))
		}
		s.FullText[i].TotalWordCount += f.TotalWordCount
		for j, n := range f.HitCounts {
			s.FullText[i].HitCounts[j] += n
		}
	}
	return nil
}

// fill replaces the placeholders in a component's query. They are numbered by component, the statistics by full text
// function. Deployed gateways number them so differently (PROTOCOL.md 6.8): the next statistics are taken only when a
// component has a placeholder.
func (s *statistics) fill(text string, components int) string {
	text = strings.ReplaceAll(text, queryplan.TotalDocumentCount, strconv.FormatInt(s.DocumentCount, 10))
	next := 0
	for i := range components {
		words, hits := queryplan.TotalWordCount(i), queryplan.HitCounts(i)
		if next >= len(s.FullText) || !strings.Contains(text, words) && !strings.Contains(text, hits) {
			continue
		}
		f := s.FullText[next]
		next++
		list := []byte{'['}
		for j, n := range f.HitCounts {
			if j > 0 {
				list = append(list, ", "...)
			}
			list = value.AppendJSON(list, number(n))
		}
		text = strings.ReplaceAll(text, words, string(value.AppendJSON(nil, number(f.TotalWordCount))))
		text = strings.ReplaceAll(text, hits, string(append(list, ']')))
	}
	return text
}

// search returns the rows of one component, best first. No token and no TOP of the user's: the plan has enlarged the
// number of rows, so that fusing has enough to choose from (PROTOCOL.md 6.8).
func (s *hybrid) search(ctx context.Context, i int, stats statistics) ([]scored, error) {
	info := &s.plan.Hybrid.Components[i]
	text := stats.fill(strings.ReplaceAll(info.RewrittenQuery, queryplan.FilterPlaceholder, "true"),
		len(s.plan.Hybrid.Components))
	in := s.fetcher.newSource(s.asking(text), 0)
	in.inOrder, in.eager = true, true
	best := newTopN(in, info, &s.fetcher.budget)
	if err := best.drain(ctx); err != nil {
		return nil, err
	}
	return best.kept, nil
}

// asking is cursors that ask a query of every partition that the search reaches.
func (s *hybrid) asking(text string) []*cursor {
	cursors := make([]*cursor, len(s.targets))
	for i, target := range s.targets {
		c := *target
		c.query = text
		cursors[i] = &c
	}
	return cursors
}

// candidate is a document that some component found.
type candidate struct {
	place   uint64 // of the document among those of its container, by its resource id
	payload []byte
	scores  []float64
	fused   float64
}

// fuse merges the components' rows by reciprocal rank: every component ranks all documents found, equal scores share
// a rank, and a document's score is the sum of weight/(60+rank). A document that several searches found counts once,
// with all its scores, which every row carries.
func (s *hybrid) fuse(results [][]scored) ([]*candidate, error) {
	var found []*candidate
	seen := map[string]bool{}
	for _, result := range results {
		for _, row := range result {
			if seen[string(row.rid)] {
				continue
			}
			seen[string(row.rid)] = true
			c, err := newCandidate(row, len(results))
			if err != nil {
				return nil, err
			}
			c.place = ridPlace(row.rid)
			found = append(found, c)
		}
	}
	// Rows of the same rank stay in the order in which their documents were made, as in a single partition.
	slices.SortStableFunc(found, func(a, b *candidate) int { return cmp.Compare(a.place, b.place) })
	byScore := slices.Clone(found)
	for i := range results {
		sign := -1.0
		if o := s.plan.Hybrid.Components[i].OrderBy; len(o) > 0 && o[0] == queryplan.Ascending {
			sign = 1
		}
		weight := 1.0
		if i < len(s.plan.Hybrid.Weights) {
			weight = s.plan.Hybrid.Weights[i]
		}
		slices.SortStableFunc(byScore, func(a, b *candidate) int {
			return cmp.Compare(sign*a.scores[i],
				sign*b.scores[i])
		})
		rank := 0
		for k, c := range byScore {
			if k == 0 || c.scores[i] != byScore[k-1].scores[i] {
				rank++
			}
			const smoothing = 60
			c.fused += weight / float64(smoothing+rank)
		}
	}
	slices.SortStableFunc(found, func(a, b *candidate) int { return cmp.Compare(b.fused, a.fused) })
	return found, nil
}

// ridPlace is the number of a document, which the second half of its resource id holds, little endian; 0 where it is of
// another form.
func ridPlace(rid []byte) uint64 {
	id, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(strings.Trim(string(rid), `"`), "-", "/"))
	if err != nil || len(id) != 16 {
		return 0
	}
	return binary.LittleEndian.Uint64(id[8:])
}

// newCandidate reads {"payload": …, "componentScores": […]}.
func newCandidate(row scored, components int) (*candidate, error) {
	c := &candidate{}
	c.payload, _ = rawjson.Get(row.payload, "payload")
	list, _ := rawjson.Get(row.payload, "componentScores")
	for text := range rawjson.Elements(list) {
		f, err := strconv.ParseFloat(string(text), 64)
		if err != nil {
			return nil, fmt.Errorf("cosmos: a component score: %w", err)
		}
		c.scores = append(c.scores, f)
	}
	if len(c.scores) != components {
		return nil, fmt.Errorf("cosmos: %d component scores where %d were expected", len(c.scores), components)
	}
	return c, nil
}

// cut applies OFFSET, LIMIT and TOP. Only now: OFFSET and LIMIT are about fused ranks.
func (s *hybrid) cut(found []*candidate) []json.RawMessage {
	if skip := s.plan.Hybrid.Skip; skip != nil {
		found = found[min(*skip, int64(len(found))):]
	}
	if take := s.plan.Hybrid.Take; take != nil {
		found = found[:min(*take, int64(len(found)))]
	}
	out := make([]json.RawMessage, 0, len(found))
	for _, c := range found {
		if c.payload != nil {
			out = append(out, c.payload)
		}
	}
	return out
}
