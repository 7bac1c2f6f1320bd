package eval

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/nosql"
	"github.com/cosmossql/cosmossql/internal/value"
)

// A small shop, for the cases by clause.
const shop = `
{"id":"1","kind":"a","n":3,"tags":["x","y"],"parts":[{"p":"bolt","q":2},{"p":"nut","q":5}],` +
	`"who":{"name":"Ada","age":36},"_rid":"r1"}
{"id":"2","kind":"b","n":1,"tags":[],"parts":[{"p":"bolt","q":7}],"who":{"name":"Bob"},"_rid":"r2"}
{"id":"3","kind":"a","n":null,"tags":"x","who":null,"_rid":"r3"}
{"id":"4","kind":"b","n":"3","tags":["y",1,null],"_rid":"r4"}
{"id":"5","n":2.5,"parts":[],"who":{"name":"Eve","age":20},"_rid":"r5"}
{"id":"6","kind":"a","n":3,"_rid":"r6"}`

// queryCase is a query over the shop and its rows, joined by spaces. Single quotes stand for double ones.
type queryCase struct{ name, query, want string }

func checkQueries(t *testing.T, cases []queryCase) {
	t.Helper()
	docs := documents(t, shop)
	o := Options{Params: params(t, "@one", "1", "@two", "2", "@kinds", `["a","c"]`)}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			rows := mustEvaluate(t, tc.query, docs, o)
			require.Equal(t, tc.want, strings.ReplaceAll(strings.Join(rows, " "), `"`, "'"))

			q, err := nosql.Parse(tc.query, nosql.Cosmos)
			require.NoError(t, err)
			if q.Top != nil || q.Offset != nil {
				return
			}
			checkPages(t, q, docs, o, rows)
			if q.OrderBy == nil {
				checkWrapped(t, q, docs, o, rows)
			}
		})
	}
}

// checkPages asks for parts of the result, which must be just that.
func checkPages(t *testing.T, q *nosql.Query, docs []value.Value, o Options, rows []string) {
	t.Helper()
	number := func(n int) nosql.Expr { return &nosql.Literal{Kind: nosql.Number, Text: strconv.Itoa(n)} }
	for skip := range len(rows) + 1 {
		part := *q
		part.Offset, part.Limit = number(skip), number(2)
		require.Equal(t, rows[skip:min(skip+2, len(rows))], evaluateQuery(t, &part, docs, o), "OFFSET %d", skip)
	}
	first := *q
	first.Top = number(1)
	require.Equal(t, rows[:min(1, len(rows))], evaluateQuery(t, &first, docs, o), "TOP")
}

// checkWrapped makes the query a subquery of one that hands its rows on.
func checkWrapped(t *testing.T, q *nosql.Query, docs []value.Value, o Options, rows []string) {
	t.Helper()
	around := &nosql.Query{
		Select: nosql.Select{Value: true, Items: []nosql.Item{{X: &nosql.Ident{Name: "wrapped"}}}},
		From:   []nosql.Source{{Query: q, Alias: "wrapped"}},
	}
	require.Equal(t, rows, evaluateQuery(t, around, docs, o), "as a source")

	around.Select.Items[0].X = &nosql.Subquery{Kind: nosql.ArrayQuery, Query: q}
	around.From = nil
	list := evaluateQuery(t, around, docs, o)
	require.Equal(t, []string{"[" + strings.Join(rows, ",") + "]"}, list, "as an array")
}

func evaluateQuery(t *testing.T, q *nosql.Query, docs []value.Value, o Options) []string {
	t.Helper()
	p, err := Compile(q, o)
	require.NoError(t, err)
	rows := []string{}
	for row, err := range p.Rows(t.Context(), seq(docs)) {
		require.NoError(t, err)
		rows = append(rows, string(value.AppendJSON(nil, row.Value)))
	}
	return rows
}
