package pipeline

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/queryplan"
	"github.com/cosmossql/cosmossql/internal/value"
)

// partials is what one partition answers of its values for each aggregate, in the forms of PROTOCOL.md 6.6: computed by
// hand here, so that folding is held against the whole and not against itself.
func partials(texts []string) map[string]string {
	count, sum, numbers := 0, 0.0, true
	var least, most value.Value
	ordered := true
	var list, set []string
	trues := 0
	for _, text := range texts {
		if text == "" {
			continue // undefined is passed over
		}
		v, err := value.Parse([]byte(text))
		if err != nil {
			panic(err)
		}
		count++
		list = append(list, text)
		if !slices.ContainsFunc(set, func(s string) bool { w, _ := value.Parse([]byte(s)); return value.Equal(v, w) }) {
			set = append(set, text)
		}
		if v.IsTrue() {
			trues++
		}
		numbers = numbers && v.Kind() == value.KindNumber
		sum += v.AsFloat()
		ordered = ordered && v.Kind() <= value.KindString
		if !least.IsDefined() || value.Compare(v, least) < 0 {
			least = v
		}
		if !most.IsDefined() || value.Compare(v, most) > 0 {
			most = v
		}
	}
	number := func(f float64) string { return string(value.AppendJSON(nil, value.Float(f))) }
	all := map[string]string{
		"Count":    fmt.Sprintf(`{"item":%d}`, count),
		"CountIf":  fmt.Sprintf(`{"item":%d}`, trues),
		"Sum":      `{}`,
		"Average":  fmt.Sprintf(`{"item":{"count":%d}}`, count),
		"Min":      fmt.Sprintf(`{"item2":{"count":%d}}`, count),
		"Max":      fmt.Sprintf(`{"item2":{"count":%d}}`, count),
		"MakeList": `{"item":[` + strings.Join(list, ",") + `]}`,
		"MakeSet":  `{"item":[` + strings.Join(set, ",") + `]}`,
	}
	if numbers {
		all["Sum"] = `{"item":` + number(sum) + `}`
		all["Average"] = fmt.Sprintf(`{"item":{"sum":%s,"count":%d}}`, number(sum), count)
	}
	if ordered && count > 0 {
		low, high := string(value.AppendJSON(nil, least)), string(value.AppendJSON(nil, most))
		all["Min"] = fmt.Sprintf(`{"item":%s,"item2":{"min":%s,"count":%d}}`, low, low, count)
		all["Max"] = fmt.Sprintf(`{"item":%s,"item2":{"max":%s,"count":%d}}`, high, high, count)
	}
	return all
}

// folded is what the client makes of the answers of partitions.
func folded(t *testing.T, aggregate string, parts []string) string {
	t.Helper()
	f := newFold(aggregate)
	for _, part := range parts {
		v, err := value.Parse([]byte(part))
		require.NoError(t, err, part)
		f.add(v)
	}
	return string(value.AppendJSON(nil, f.result()))
}

// TestFoldsDoNotSeePartitions: however values are spread, folding gives what one partition with all of them gives; and
// for what has no order of its own it does not matter who answers first.
func TestFoldsDoNotSeePartitions(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(31, 32))
	pools := [][]string{
		{"1", "2", "2.5", "-3", "0"}, {"", "1", "4"}, {"null", "1", `"a"`, "true", "false"}, {`"a"`, `"b"`, ""},
		{"[1]", "1"}, {`{"k":1}`, "null"}, {""}, {"1", "1.0", "true"}, {"null"}, {"true", "false", ""},
	}
	for _, pool := range pools {
		for range 40 {
			var whole []string
			groups := make([][]string, 1+r.IntN(5))
			for range r.IntN(12) {
				whole = append(whole, pool[r.IntN(len(pool))])
			}
			// In order, as partitions are read one after the other.
			for i, v := range whole {
				g := i * len(groups) / len(whole)
				groups[g] = append(groups[g], v)
			}
			for aggregate, one := range partials(whole) {
				want := folded(t, aggregate, []string{one})
				var parts []string
				for _, g := range groups {
					parts = append(parts, partials(g)[aggregate])
				}
				require.Equal(t, want, folded(t, aggregate, parts), "%s of %q in %q", aggregate, whole, groups)
				if aggregate != "MakeList" && aggregate != "MakeSet" {
					slices.Reverse(parts)
					require.Equal(t, want, folded(t, aggregate, parts), "%s of %q, the last first", aggregate, groups)
				}
				// A partition without a document of the filter has no say.
				empty := partials(nil)[aggregate]
				if aggregate != "MakeList" && aggregate != "MakeSet" {
					require.Equal(t, want, folded(t, aggregate, append(parts, empty)),
						"%s beside an empty partition", aggregate)
				}
			}
		}
	}
}

// TestUnknownAggregates: a plan of a newer service may name one; leaving its column out would be a wrong answer.
func TestUnknownAggregates(t *testing.T) {
	t.Parallel()
	unknown, count := "Median", "Count"
	for name, info := range map[string]*queryplan.Info{
		"value": {HasSelectValue: true, Aggregates: []string{unknown}},
		"column": {GroupByAliases: []string{"n", "m"},
			AliasToAggregate: map[string]*string{"n": &count, "m": &unknown}},
	} {
		_, err := newAggregate(batches(""), info, plenty)
		require.ErrorContains(t, err, "cannot merge: Median", name)
		info.GroupByExpressions = []string{"c.a"}
		_, err = newGroupBy(batches(""), info, nil, plenty)
		require.ErrorContains(t, err, "cannot merge: Median", name)
	}
	for _, name := range []string{"Count", "CountIf", "Sum", "Average", "Min", "Max", "MakeList", "MakeSet"} {
		require.NotNil(t, newFold(name), name)
	}
	require.Nil(t, newFold("count"), "names are those of plans, letter by letter")
}

// TestLikelyIsEnough: of rows spread at random a partition rarely has more than it is asked for, and never is it asked
// for more than all.
func TestLikelyIsEnough(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(33, 34))
	for _, n := range []int64{0, 1, 10, 100, 1000} {
		for _, inputs := range []int64{1, 2, 5, 50} {
			asked := likely(n, inputs)
			require.LessOrEqual(t, asked, n)
			if inputs == 1 {
				require.Equal(t, n, asked, "a single partition has them all")
				continue
			}
			short := 0
			for range 400 {
				have := make([]int64, inputs)
				for range n {
					have[r.IntN(int(inputs))]++
				}
				if have[0] > asked {
					short++
				}
			}
			require.LessOrEqual(t, short, 8, "%d of %d over %d", asked, n, inputs)
		}
	}
}

// TestCappedSum: two counts of 2^32 must not become a small or negative number where an int has 32 bits.
func TestCappedSum(t *testing.T) {
	t.Parallel()
	const most = 1<<31 - 1
	for _, tt := range []struct{ a, b, want int64 }{
		{0, 0, 0}, {3, 4, 7}, {most, 0, most}, {most, 1, most}, {1, most, most}, {most - 1, 1, most},
		{1 << 32, 1 << 32, most},
		{4294967295, 0, most}, {0, 4294967295, most}, {-1, 0, -1},
	} {
		require.Equal(t, tt.want, cappedSum(tt.a, tt.b), "%d + %d", tt.a, tt.b)
	}
}
