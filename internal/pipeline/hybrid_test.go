package pipeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

// ranked is a document with a score for every component.
type ranked struct {
	id     int
	scores []float64
}

// searching makes the fake answer the queries of a hybrid plan: "stats", and "search i …" by the i-th score.
func searching(n int, docs []ranked, h *queryplan.Hybrid) *fake {
	f := newFake(n, numbered(len(docs), 1))
	h.GlobalStatisticsQuery = "stats"
	f.planned(&queryplan.Plan{Version: 2, Hybrid: h, Ranges: queryplan.FullRange()})
	f.answer = func(query string, mine []document) []string {
		if query == "stats" {
			return []string{
				fmt.Sprintf(`{"documentCount":%d,"fullTextStatistics":[{"totalWordCount":%d,"hitCounts":[1,%d]}]}`,
					len(mine), 10*len(mine), len(mine))}
		}
		var i int
		if _, err := fmt.Sscanf(query, "search %d", &i); err != nil {
			panic(query)
		}
		ascending := h.Components[i].OrderBy[0] == queryplan.Ascending
		slices.SortFunc(mine, func(a, b document) int {
			c := cmp.Compare(docs[a.number-1].scores[i], docs[b.number-1].scores[i])
			if ascending {
				return c
			}
			return -c
		})
		var rows []string
		for _, d := range mine {
			scores := docs[d.number-1].scores[:len(h.Components)]
			list := strings.Trim(strings.ReplaceAll(fmt.Sprint(scores), " ", ","), "[]")
			rows = append(rows,
				fmt.Sprintf(`{"_rid":%q,"orderByItems":[{"item":%v}],"payload":{"payload":%d,"componentScores":[%s]}}`,
					d.rid(), scores[i], docs[d.number-1].id, list))
		}
		return rows
	}
	return f
}

func component(i int, direction string) queryplan.Info {
	return queryplan.Info{OrderBy: []string{direction}, NonStreamingOrderBy: true,
		RewrittenQuery: fmt.Sprint("search ", i)}
}

func TestHybrid(t *testing.T) {
	t.Parallel()
	num := func(n int64) *int64 { return &n }
	two := []queryplan.Info{component(0, queryplan.Descending), component(1, queryplan.Descending)}
	// Ranks (1,3), (2,1), (3,2), (4,4).
	docs := []ranked{{10, []float64{9, 1}}, {20, []float64{8, 3}}, {30, []float64{7, 2}}, {40, []float64{1, 0}}}
	for _, tt := range []struct {
		name string
		h    queryplan.Hybrid
		docs []ranked
		want []string
	}{
		{"one component", queryplan.Hybrid{Components: two[:1]}, docs, []string{"10", "20", "30", "40"}},
		{"fused", queryplan.Hybrid{Components: two}, docs, []string{"20", "10", "30", "40"}},
		{"taken", queryplan.Hybrid{Components: two, Take: num(2)}, docs, []string{"20", "10"}},
		{"skipped", queryplan.Hybrid{Components: two, Skip: num(1), Take: num(2)}, docs, []string{"10", "30"}},
		{"skipped past the end", queryplan.Hybrid{Components: two, Skip: num(9), Take: num(2)}, docs, nil},
		{"a single row is cut too", queryplan.Hybrid{Components: two, Skip: num(1)}, docs[:1], nil},
		{"weighted", queryplan.Hybrid{Components: two, Weights: []float64{10, 0.1}}, docs,
			[]string{"10", "20", "30", "40"}},
		{"turned round", queryplan.Hybrid{
			Components: []queryplan.Info{component(0, queryplan.Descending), component(1, queryplan.Ascending)}}, docs,
			[]string{"10", "40", "20", "30"}},
		{"equal scores share a rank", queryplan.Hybrid{Components: two},
			[]ranked{{1, []float64{5, 1}}, {2, []float64{5, 2}}, {3, []float64{5, 9}}}, []string{"3", "2", "1"}},
		{"with statistics", queryplan.Hybrid{Components: two, RequiresGlobalStatistics: true}, docs,
			[]string{"20", "10", "30", "40"}},
		{"an empty container", queryplan.Hybrid{Components: two, RequiresGlobalStatistics: true}, nil, nil},
	} {
		for _, n := range []int{1, 2, 5} {
			t.Run(fmt.Sprint(tt.name, n), func(t *testing.T) {
				t.Parallel()
				h := tt.h
				got := readAll(t, searching(n, tt.docs, &h), Options{Access: planned})
				require.Equal(t, tt.want, got)
			})
		}
	}
}

// TestFusionByHand holds the numbers of the two documents in the protocol's example.
func TestFusionByHand(t *testing.T) {
	t.Parallel()
	h := &hybrid{plan: &queryplan.Plan{Hybrid: &queryplan.Hybrid{Components: make([]queryplan.Info, 2)}}}
	row := func(rid string, a, b float64) scored {
		return scored{sorted: sorted{rid: []byte(rid),
			payload: fmt.Appendf(nil, `{"payload":%q,"componentScores":[%v,%v]}`, rid, a, b)}}
	}
	found, err := h.fuse([][]scored{{row("a", 9, 1), row("b", 8, 3)}, {row("b", 8, 3), row("c", 7, 2), row("a", 9, 1)}})
	require.NoError(t, err)
	require.Equal(t, `"b"`, string(found[0].payload))
	require.InDelta(t, 0.032522, found[0].fused, 1e-6)
	require.InDelta(t, 0.032266, found[1].fused, 1e-6)
	require.Len(t, found, 3)
}

// TestStatisticsGoToTheirPlaceholders: placeholders are numbered by component, statistics by full text function.
func TestStatisticsGoToTheirPlaceholders(t *testing.T) {
	t.Parallel()
	docs := []ranked{{1, []float64{1, 1, 1}}, {2, []float64{2, 2, 2}}}
	h := &queryplan.Hybrid{RequiresGlobalStatistics: true}
	for i := range 3 {
		h.Components = append(h.Components, component(i, queryplan.Descending))
	}
	h.Components[1].RewrittenQuery += " " + queryplan.TotalDocumentCount + " " + queryplan.TotalWordCount(1) + " " +
		queryplan.HitCounts(1) + " " + queryplan.FilterPlaceholder
	f := searching(2, docs, h)
	ids := f.ranges
	require.Len(t, readAll(t, f, Options{Access: planned}), 2)
	f.mu.Lock()
	defer f.mu.Unlock()
	var texts []string
	for _, request := range f.requests {
		texts = append(texts, request.Query)
	}
	hits := len(ids)
	require.Contains(t, texts, fmt.Sprintf("search 1 2 20 [%d, 2] true", hits))
	require.Contains(t, texts, "search 0")
}

func TestHybridOfOnePartition(t *testing.T) {
	t.Parallel()
	h := &queryplan.Hybrid{RequiresGlobalStatistics: true,
		Components: []queryplan.Info{component(0, queryplan.Descending)}}
	f := searching(4, nil, h)
	access := queryplan.AccessPath{Kind: queryplan.Planned, Key: partition.Key{partition.String("k")}}
	require.Empty(t, readAll(t, f, Options{Access: access}))
	asked := map[string]int{}
	for _, request := range f.requests {
		asked[request.Query+request.Key.Header()]++
	}
	require.Equal(t, map[string]int{"stats[]": 4, `search 0["k"]`: 1}, asked, "scores compare with the whole container")
}

func TestMalformedHybridAnswers(t *testing.T) {
	t.Parallel()
	for name, rows := range map[string]map[string][]string{
		"statistics are not an object": {"stats": {`7`}},
		"statistics differ": {"stats": {`{"documentCount":1,"fullTextStatistics":[{"hitCounts":[1]}]}`,
			`{"documentCount":1,"fullTextStatistics":[]}`}},
		"words differ": {"stats": {`{"documentCount":1,"fullTextStatistics":[{"hitCounts":[1]}]}`,
			`{"documentCount":1,"fullTextStatistics":[{"hitCounts":[]}]}`}},
		"a score is missing": {
			"search 0": {`{"_rid":"a","orderByItems":[{"item":1}],"payload":{"payload":1,"componentScores":[]}}`}},
		"a score is not a number": {
			"search 0": {`{"_rid":"a","orderByItems":[{"item":1}],"payload":{"payload":1,"componentScores":["x"]}}`}},
		"not an envelope": {"search 0": {`{"payload":1}`}},
	} {
		f := searching(1, nil, &queryplan.Hybrid{RequiresGlobalStatistics: true,
			Components: []queryplan.Info{component(0, queryplan.Descending)}})
		f.answer = func(query string, _ []document) []string { return rows[query] }
		r := Open(f, Options{Access: planned})
		_, err := r.Next(t.Context())
		require.Error(t, err, name)
		require.ErrorContains(t, err, "cosmos: ", name)
		require.NoError(t, r.Close())
	}
}
