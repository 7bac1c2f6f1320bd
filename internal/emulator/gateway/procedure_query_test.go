package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/eval"
	"github.com/cosmossql/cosmossql/internal/emulator/script"
	"github.com/cosmossql/cosmossql/internal/value"
)

func parseValue(text string) value.Value {
	v, err := value.Parse([]byte(text))
	if err != nil {
		panic(err)
	}
	return v
}

// A script pages through the documents of its partition key; each page goes on where the one before ended, whether the
// rows come document by document or are sorted first.
func TestQueriesOfProcedures(t *testing.T) {
	t.Parallel()
	type pages struct {
		rows []string
		each []int
		err  error
	}
	var ask script.Query
	var got pages
	s, coll := scriptServer(t, &engine{scripts: map[string]func(script.Invocation) (script.Result, error){
		"all": func(in script.Invocation) (script.Result, error) {
			got = pages{}
			for q := ask; ; {
				p, err := in.Collection.Query(q)
				if got.err = err; err != nil {
					return done(value.Null)
				}
				got.each = append(got.each, len(p.Rows))
				for _, row := range p.Rows {
					if id := row.Get("id"); id.IsDefined() {
						row = id
					}
					got.rows = append(got.rows, string(value.AppendJSON(nil, row)))
				}
				if q.Continuation = p.Next; p.Next == "" {
					return done(value.Null)
				}
			}
		},
	}}, 0)
	for i := range 5 {
		s.do("POST", coll+"/docs", pk("p"), fmt.Sprintf(`{"id":"%d","pk":"p","tags":["x","y"]}`, i)).want(t, 201)
	}
	s.do("POST", coll+"/docs", pk("q"), `{"id":"foreign","pk":"q","tags":["x"]}`).want(t, 201)
	for _, test := range []struct {
		name string
		q    script.Query
		rows string
		each []int
		err  string
	}{
		{"all documents", script.Query{}, `"0" "1" "2" "3" "4"`, []int{5}, ""},
		{"in pages", script.Query{PageSize: 2}, `"0" "1" "2" "3" "4"`, []int{2, 2, 1}, ""},
		{"pages that are full at the end", script.Query{PageSize: 5}, `"0" "1" "2" "3" "4"`, []int{5}, ""},
		{"rows", script.Query{Text: "SELECT VALUE c.id FROM c WHERE c.id > @id", PageSize: 2,
			Params: map[string]value.Value{"@id": value.String("1")}}, `"2" "3" "4"`, []int{2, 1}, ""},
		{"several rows of a document", script.Query{Text: "SELECT VALUE t FROM c JOIN t IN c.tags", PageSize: 3},
			strings.TrimSpace(strings.Repeat(`"x" "y" `, 5)), []int{3, 3, 3, 1}, ""},
		{"sorted", script.Query{Text: "SELECT VALUE c.id FROM c ORDER BY c.id DESC", PageSize: 2},
			`"4" "3" "2" "1" "0"`, []int{2, 2, 1}, ""},
		{"counted", script.Query{Text: "SELECT VALUE COUNT(1) FROM c", PageSize: 2}, `5`, []int{1}, ""},
		{"no documents", script.Query{Text: "SELECT VALUE 1"}, `1`, []int{1}, ""},
		{"broken text", script.Query{Text: "SELECT FROM"}, "", nil, "Syntax error"},
		{"unknown function", script.Query{Text: "SELECT VALUE NOPE(1) FROM c"}, "", nil, "NOPE"},
		{"broken token", script.Query{Continuation: "x"}, "", nil, "Invalid Continuation Token"},
		{"half a token", script.Query{Continuation: "3-"}, "", nil, "Invalid Continuation Token"},
		{"broken token of a sorted query", script.Query{Text: "SELECT * FROM c ORDER BY c.id", Continuation: "-1-0"},
			"", nil, "Invalid Continuation Token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ask = test.q
			s.do("POST", coll+"/sprocs/all", pk("p"), "[]").want(t, 200)
			if test.err != "" {
				var e *script.Error
				require.ErrorAs(t, got.err, &e)
				require.Equal(t, 400, e.Number)
				require.Contains(t, e.Message, test.err)
				return
			}
			require.NoError(t, got.err)
			require.Equal(t, test.rows, strings.Join(got.rows, " "))
			require.Equal(t, test.each, got.each)
		})
	}
}

// User-defined functions run in queries, in conditions of patches and in queries of scripts; a plan runs none.
func TestUserDefinedFunctions(t *testing.T) {
	t.Parallel()
	e := &engine{functions: map[string]eval.Function{
		"twice": func(_ context.Context, args []value.Value) (value.Value, error) {
			return value.Float(2 * args[0].AsFloat()), nil
		},
		"throws": func(context.Context, []value.Value) (value.Value, error) {
			return value.Undefined, errors.New("thrown by the function")
		},
	}, scripts: map[string]func(script.Invocation) (script.Result, error){
		"asks": func(in script.Invocation) (script.Result, error) {
			p, err := in.Collection.Query(script.Query{Text: "SELECT VALUE udf.twice(c.n) FROM c"})
			return script.Result{Response: value.Array(p.Rows)}, err
		},
	}}
	s, coll := scriptServer(t, e, 0)
	for _, id := range []string{"twice", "throws", "broken"} {
		s.do("POST", coll+"/udfs", nil, h{"id": id, "body": id}).want(t, 201)
	}
	s.do("POST", coll+"/docs", pk("p"), `{"id":"a","pk":"p","n":21}`).want(t, 201)
	require.Equal(t, []any{42.0}, s.query(coll, "SELECT VALUE udf.twice(c.n) FROM c", pk("p")))
	require.Equal(t, "[42]", s.do("POST", coll+"/sprocs/asks", pk("p"), "[]").want(t, 200).body)
	for id, want := range map[string]string{
		"throws": "thrown by the function",
		"broken": "does not compile",
		"none":   "it does not exist",
	} {
		a := s.post(coll, "SELECT VALUE udf."+id+"(c.n) FROM c", pk("p")).want(t, 400)
		require.Contains(t, a.text("message"), want)
	}
	patch := func(condition string) answer {
		return s.do("PATCH", coll+"/docs/a", pk("p"),
			`{"condition":"FROM c WHERE `+condition+`","operations":[{"op":"incr","path":"/n","value":1}]}`)
	}
	patch("udf.twice(c.n) = 41").want(t, 412)
	require.Equal(t, 22.0, patch("udf.twice(c.n) = 42").want(t, 200).get("n"))
	plan := h{"x-ms-cosmos-is-query-plan-request": "True", "content-type": "application/query+json",
		"x-ms-cosmos-supported-query-features": "Aggregate"}
	s.do("POST", coll+"/docs", plan, h{"query": "SELECT VALUE udf.throws(c.n) FROM c"}).want(t, 200)
}
