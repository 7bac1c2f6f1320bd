package pipeline

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/queryplan"
)

func TestAggregates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, aggregate, parts, want string }{
		{"count", "Count", `[{"item":2}] [{"item":3}]`, "5"},
		{"count of nothing", "Count", ``, "0"},
		{"countif", "CountIf", `[{"item":0}] [{"item":3}]`, "3"},
		{"sum", "Sum", `[{"item":2.5}] [{"item":0.5}]`, "3"},
		{"sum of fractions", "Sum", `[{"item":2.5}] [{"item":0.25}]`, "2.75"},
		{"sum of nothing", "Sum", ``, "0"},
		{"sum of empty partitions", "Sum", `[{"item":0}] [{"item":0}]`, "0"},
		{"sum of strings", "Sum", `[{"item":2}] [{}] [{"item":1}]`, ""},
		{"average", "Average", `[{"item":{"sum":10,"count":2}}] [{"item":{"sum":0,"count":0}}]`, "5"},
		{"average of nothing", "Average", ``, ""},
		{"average of no numbers", "Average", `[{"item":{"sum":0,"count":0}}]`, ""},
		{"average of strings", "Average", `[{"item":{"sum":1,"count":1}}] [{"item":{"count":1}}]`, ""},
		{"min", "Min",
			`[{"item":3,"item2":{"min":3,"count":1}}] [{"item2":{"count":0}}] [{"item":2,"item2":{"min":2,"count":9}}]`,
			"2"},
		{"min by item alone", "Min", `[{"item":3}] [{"item":2}]`, "2"},
		{"min across types", "Min", `[{"item":"a","item2":{"min":"a","count":1}}] [{"item":5,"item2":{"min":5,` +
			`"count":1}}] [{"item":null,"item2":{"min":null,"count":1}}]`, "null"},
		{"min of nothing", "Min", `[{"item2":{"count":0}}]`, ""},
		{"max", "Max", `[{"item":3,"item2":{"max":3,"count":1}}] [{"item":"a","item2":{"max":"a","count":1}}]`, `"a"`},
		{"max of arrays", "Max", `[{"item":3,"item2":{"max":3,"count":1}}] [{"item2":{"count":1}}]`, ""},
		{"max of an object", "Max", `[{"item":{"a":1},"item2":{"max":{"a":1},"count":1}}]`, ""},
		{"list", "MakeList", `[{"item":[1,2]}] [{"item":[]}] [{"item":[2]}]`, "[1,2,2]"},
		{"list of nothing", "MakeList", ``, "[]"},
		{"set", "MakeSet", `[{"item":[1,{"a":1,"b":2}]}] [{"item":[1.0,{"b":2,"a":1},"1"]}]`, `[1,{"a":1,"b":2},"1"]`},
		{"exact integers", "Sum", `[{"item":9007199254740991}] [{"item":0}]`, "9007199254740991"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := newAggregate(batches(tt.parts),
				&queryplan.Info{HasSelectValue: true, Aggregates: []string{tt.aggregate}}, plenty)
			require.NoError(t, err)
			require.Equal(t, tt.want, drain(t, s))
		})
	}
}

func TestListAggregates(t *testing.T) {
	t.Parallel()
	count, average, least := "Count", "Average", "Min"
	info := &queryplan.Info{
		GroupByAliases:   []string{"n", "five", "a", "m"},
		AliasToAggregate: map[string]*string{"n": &count, "five": nil, "a": &average, "m": &least},
	}
	for _, tt := range []struct{ name, parts, want string }{
		{"two partitions", `{"payload":{"n":{"item":1},"five":5,"a":{"item":{"sum":1,"count":1}},` +
			`"m":{"item":1,"item2":{"min":1,"count":1}}}} ` +
			`{"payload":{"n":{"item":2},"five":5,"a":{"item":{"sum":3,"count":1}},"m":{"item2":{"count":0}}}}`,
			`{"n":3,"five":5,"a":2,"m":1}`},
		{"undefined is left out",
			`{"payload":{"n":{"item":0},"five":5,"a":{"item":{"sum":0,"count":0}},"m":{"item2":{"count":0}}}}`,
			`{"n":0,"five":5}`},
		{"nothing", ``, `{"n":0}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := newAggregate(batches(tt.parts), info, plenty)
			require.NoError(t, err)
			require.Equal(t, tt.want, drain(t, s))
		})
	}
	_, err := newAggregate(nil, &queryplan.Info{HasSelectValue: true, Aggregates: []string{"Median"}}, plenty)
	require.ErrorContains(t, err, "Median")
	s, err := newAggregate(batches(`x`), info, plenty)
	require.NoError(t, err)
	_, err = s.next(t.Context(), 0)
	require.ErrorContains(t, err, "partial aggregate")
}
