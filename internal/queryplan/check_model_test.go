package queryplan_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/planner"
	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// planOf is the plan of q as a client reads it.
func planOf(t *testing.T, q *nosql.Query, params map[string]value.Value) *queryplan.Plan {
	t.Helper()
	plan, err := planner.Plan(q, planner.Options{Definition: single, Params: params,
		Features: planner.ParseFeatures(queryplan.Features)})
	require.NoError(t, err, nosql.Print(q))
	text, err := json.Marshal(plan)
	require.NoError(t, err)
	var read queryplan.Plan
	require.NoError(t, json.Unmarshal(text, &read))
	return &read
}

// TestWhatAPlanLosesIsMissed takes one member after the other out of whole plans, as a server that does not know a
// clause would: what the query then says more than its plan is found, and nothing is missed in the whole one.
func TestWhatAPlanLosesIsMissed(t *testing.T) {
	t.Parallel()
	lists := []string{"*", "c.a, c.b", "VALUE c.a"}
	folds := []string{"VALUE COUNT(1)", "MAX(c.a) AS m, COUNT(1) AS n"}
	lost := map[string]int{}
	for _, clauses := range []struct {
		lists        []string
		before, tail string
	}{
		{slices.Concat(lists, folds), "", ""},
		{lists, "TOP 5 ", ""},
		{lists, "", " ORDER BY c.a DESC"},
		{lists, "TOP 5 ", " ORDER BY c.a, c.b"},
		{lists, "", " OFFSET 2 LIMIT 3"},
		{lists, "", " ORDER BY c.a OFFSET 0 LIMIT 3"},
		{lists[1:], "DISTINCT ", " ORDER BY c.a"},
		{lists[1:], "DISTINCT TOP 2 ", ""},
		{[]string{"c.a", "c.a, COUNT(1) AS n", "VALUE SUM(c.b)"}, "", " GROUP BY c.a"},
		{[]string{"c.a", "c.a, COUNT(1) AS n"}, "", " GROUP BY c.a ORDER BY c.a OFFSET 1 LIMIT 1"},
		{folds, "TOP 1 ", " WHERE c.a > 1"},
	} {
		for _, list := range clauses.lists {
			text := "SELECT " + clauses.before + list + " FROM c" + clauses.tail
			q := parse(t, text)
			plan := planOf(t, q, nil)
			require.Empty(t, plan.Omits(q), text)
			for _, member := range []struct {
				clause string
				stands bool
				lose   func(*queryplan.Info)
			}{
				{"TOP", q.Top != nil, func(i *queryplan.Info) { i.Top = nil }},
				{"LIMIT", q.Limit != nil, func(i *queryplan.Info) { i.Limit = nil }},
				{"OFFSET", q.Offset != nil, func(i *queryplan.Info) { i.Offset = nil }},
				{"ORDER BY", len(q.OrderBy) > 0 && len(q.GroupBy) == 0, func(i *queryplan.Info) { i.OrderBy = nil }},
				{"DISTINCT", q.Distinct, func(i *queryplan.Info) { i.DistinctType = "" }},
				{"GROUP BY", len(q.GroupBy) > 0, func(i *queryplan.Info) { i.GroupByExpressions = nil }},
				{"an aggregate", len(q.GroupBy) == 0 && queryplan.Aggregates(q), func(i *queryplan.Info) {
					i.Aggregates, i.AliasToAggregate = nil, nil
				}},
			} {
				poor := *plan.Info
				member.lose(&poor)
				want := ""
				if member.stands {
					want = member.clause
					lost[want]++
				}
				require.Equal(t, want, (&queryplan.Plan{Version: 2, Info: &poor}).Omits(q), "%s without %s", text,
					member.clause)
			}
		}
	}
	require.Len(t, lost, 7, "every clause: %v", lost)
}

// TestGroupsAreSortedByWhatTheyHave merges the groups that a partition gives, whose rows say what GroupOrder calls
// their keys and columns, and compares the order with that of the query itself.
func TestGroupsAreSortedByWhatTheyHave(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 5))
	c := corpus{def: single}
	for i := range 120 {
		doc, err := value.ParseString(fmt.Sprintf(`{"id":"%d","a":{"x":%d,"y":%d},"b":"%c","n":%d}`, i, rng.IntN(3),
			rng.IntN(2), 'p'+rng.IntN(4), rng.IntN(50)), value.MaxDepth)
		require.NoError(t, err)
		c.docs, c.keys = append(c.docs, doc), append(c.keys, partition.Key{})
	}
	everything := func(int) bool { return true }
	for _, text := range []string{
		"SELECT c.b, COUNT(1) AS n FROM c GROUP BY c.b ORDER BY c.b DESC",
		"SELECT c.b AS name, c.a AS pair FROM c GROUP BY c.b, c.a ORDER BY name, c.a.y DESC, c.a.x",
		"SELECT c.a, SUM(c.n) AS total FROM c GROUP BY c.a ORDER BY total DESC, c.a.x, c.a.y",
		"SELECT c.a.x, MAX(c.n) AS most, MIN(c.n) AS least FROM c GROUP BY c.a.x, c.b ORDER BY c.a.x DESC, c.b",
		"SELECT COUNT(1) AS n, UPPER(c.b) AS u FROM c GROUP BY c.b, c.a.y ORDER BY u DESC, c.a.y DESC",
		"SELECT c.b, c.a.x FROM c GROUP BY LOWER(c.b), c.b, c.a.x ORDER BY LOWER(c.b) DESC, c.a.x",
	} {
		q := parse(t, text)
		order, err := queryplan.GroupOrder(q)
		require.NoError(t, err, text)
		require.Len(t, order, len(q.OrderBy), text)
		names, _ := q.Columns()
		rewritten := parse(t, planOf(t, q, nil).Info.RewrittenQuery)
		rewritten.OrderBy = nil // the service's partitions do not sort groups either
		program, err := eval.Compile(rewritten, eval.Options{})
		require.NoError(t, err)
		var groups []value.Value
		for row, err := range program.Rows(t.Context(), slices.Values(c.docs)) {
			require.NoError(t, err)
			groups = append(groups, row.Value)
		}
		rng.Shuffle(len(groups), func(i, j int) { groups[i], groups[j] = groups[j], groups[i] })
		slices.SortStableFunc(groups, func(x, y value.Value) int {
			for _, key := range order {
				if d := value.Compare(groupValue(x, key, names), groupValue(y, key, names)); d != 0 && key.Descending {
					return -d
				} else if d != 0 {
					return d
				}
			}
			return 0
		})
		var got []string
		for _, g := range groups {
			var members []value.Member
			for _, name := range names {
				if v := whole(g.Get("payload").Get(name)); v.IsDefined() {
					members = append(members, value.Member{Name: name, Value: v})
				}
			}
			got = append(got, string(value.AppendJSON(nil, value.Object(members))))
		}
		require.Equal(t, c.rows(t, q, everything), got, text)
	}
}

// groupValue is what a group is sorted by.
func groupValue(group value.Value, key queryplan.GroupKey, names []string) value.Value {
	if key.Item < 0 {
		return whole(group.Get("payload").Get(names[key.Column]))
	}
	v := group.Get("groupByItems").At(key.Item).Get("item")
	for _, name := range key.Path {
		v = v.Get(name)
	}
	return v
}

// whole takes the result of an aggregate out of its envelope; one partition has it complete.
func whole(v value.Value) value.Value {
	if item := v.Get("item"); item.IsDefined() {
		return item
	}
	return v
}
