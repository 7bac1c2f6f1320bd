package pipeline

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
)

func parse(t testing.TB, text string) *nosql.Query {
	t.Helper()
	q, err := nosql.Parse(text, nosql.Cosmos)
	require.NoError(t, err)
	return q
}

// grouping makes the fake count documents by the number modulo 7, under a plan that has no word of an order, as the
// service's have.
func grouping(f *fake) *fake {
	count := "Count"
	f.planned(
		&queryplan.Plan{Version: 2, Ranges: queryplan.FullRange(), Info: &queryplan.Info{RewrittenQuery: "rewritten",
			GroupByExpressions: []string{"c.g"}, GroupByAliases: []string{"g", "n"},
			AliasToAggregate: map[string]*string{"g": nil, "n": &count}}})
	f.answers(func(docs []document) []any {
		groups, order := map[uint64]int{}, []uint64{}
		for _, d := range docs {
			if groups[d.number%7] == 0 {
				order = append(order, d.number%7)
			}
			groups[d.number%7]++
		}
		var rows []any
		for _, g := range order {
			item := map[string]any{"item": g}
			rows = append(rows, map[string]any{"groupByItems": []any{item},
				"payload": map[string]any{"g": g, "n": map[string]any{"item": groups[g]}}})
		}
		return rows
	})
	return f
}

// TestGroupsInOrder: ORDER BY of groups is the client's work, across partitions and pages.
func TestGroupsInOrder(t *testing.T) {
	t.Parallel()
	const query = "SELECT c.g, COUNT(1) AS n FROM c GROUP BY c.g ORDER BY "
	for order, want := range map[string]string{
		"c.g":         "0 1 2 3 4 5 6",
		"c.g DESC":    "6 5 4 3 2 1 0",
		"n DESC, c.g": "1 2 3 0 4 5 6",
		"COUNT(1), g": "0 4 5 6 1 2 3",
		"n, c.g DESC": "6 5 4 0 3 2 1",
		"c.g.x, c.g":  "0 1 2 3 4 5 6",
	} {
		for _, n := range []int{1, 5} {
			f := grouping(newFake(n, numbered(59, 1)))
			o := Options{Query: query + order, Tree: parse(t, strings.Replace(query+order, ", g", ", c.g", 1)),
				Access: planned, PageSize: 2}
			var got []string
			for _, row := range readAll(t, f, o) {
				var g, n int
				_, err := fmt.Sscanf(row, `{"g":%d,"n":%d}`, &g, &n)
				require.NoError(t, err, row)
				got = append(got, fmt.Sprint(g))
			}
			require.Equal(t, want, strings.Join(got, " "), order)
		}
	}
	f := grouping(newFake(2, nil))
	rows := Open(f, Options{Query: query + "SUM(c.x)", Tree: parse(t, query+"SUM(c.x)"), Access: planned})
	_, err := rows.Next(t.Context())
	require.ErrorContains(t, err, "cannot be sorted by SUM(c.x)")
	require.Empty(t, f.requests)
	require.NoError(t, rows.Close())
	rows = Open(f, Options{Query: query + "n", Tree: parse(t, query+"n"), Access: planned})
	e, err := rows.Explain(t.Context())
	require.NoError(t, err)
	require.Equal(t,
		[]string{"pages of the partitions, one partition after the other", "group by [c.g]", "sort groups"}, e.Stages)
	require.NoError(t, rows.Close())
}

// TestPlanThatLeavesOutAClause: one partition that answers the whole text may do it all; several cannot be merged.
func TestPlanThatLeavesOutAClause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		plan := &queryplan.Plan{Version: 2, Info: &queryplan.Info{}, Ranges: queryplan.FullRange()}
		o := Options{Access: planned, Tree: parse(t, "SELECT * FROM c ORDER BY c.n"), PageSize: 5}
		rows := Open(newFake(3, nil).planned(plan), o)
		_, err := rows.Next(t.Context())
		require.ErrorContains(t, err, "the service's plan of the query has no word of its "+
			"ORDER BY, and the results cannot be merged from 3 partitions")
		require.NoError(t, rows.Close())
		f := newFake(1, numbered(20, 1)).planned(plan)
		require.Len(t, readAll(t, f, o), 20)
		rows = Open(f, o)
		_, err = rows.Next(t.Context())
		require.NoError(t, err)
		f.split(0)
		for range 3 {
			if _, err = rows.Next(t.Context()); err != nil {
				break
			}
		}
		require.ErrorContains(t, err, "cannot be merged from 2 partitions")
		require.NoError(t, rows.Close())
	})
}

// TestSplitOfAPoint: a query that reads no documents is asked at a point, and one child goes on with it.
func TestSplitOfAPoint(t *testing.T) {
	t.Parallel()
	for _, resume := range []bool{false, true} {
		f := newFake(1, nil)
		f.answer = func(string, []document) []string { return []string{"1", "2", "3", "4"} }
		o := Options{Access: queryplan.AccessPath{Kind: queryplan.FanOut,
			Ranges: queryplan.KeyRanges(nil, partition.Definition{})}, PageSize: 3}
		rows := Open(f, o)
		batch, err := rows.Next(t.Context())
		require.NoError(t, err)
		require.Len(t, batch.Docs, 3)
		f.split(0)
		if resume {
			require.NoError(t, rows.Close())
			o.Continuation = batch.Continuation
			rows = Open(f, o)
		}
		batch, err = rows.Next(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"4"}, texts(batch.Docs))
		require.False(t, rows.More())
		require.NoError(t, rows.Close())
	}
}
