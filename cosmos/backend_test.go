package cosmos

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/stretchr/testify/require"
)

const sortedPlan = `{"partitionedQueryExecutionInfoVersion":2,"queryInfo":{"orderBy":["Ascending"],` +
	`"rewrittenQuery":"rewritten {documentdb-formattableorderbyquery-filter}"},` +
	`"queryRanges":[{"min":"","max":"FF","isMinInclusive":true,"isMaxInclusive":false}]}`

// planning answers plan requests by a plan and queries by nothing.
func planning(w http.ResponseWriter, c call) {
	if c.header.Get("x-ms-cosmos-is-query-plan-request") != "" {
		reply(w, 200, sortedPlan)
		return
	}
	reply(w, 200, feedOf("Documents"))
}

func TestPlanRequest(t *testing.T) {
	t.Parallel()
	f := newFake(t, planning)
	for range Query[json.RawMessage](t.Context(), f.orders(), "SELECT * FROM c WHERE c.a = @p1 ORDER BY c.b", "x",
		Priority("Low")) {
	}
	require.Equal(t, 2, f.sent())
	plan, page := f.calls[0], f.calls[1]
	require.JSONEq(t,
		`{"query":"SELECT * FROM c WHERE c.a = @p1 ORDER BY c.b","parameters":[{"name":"@p1","value":"x"}]}`, plan.body)
	require.Equal(t, "True", plan.header.Get("x-ms-cosmos-is-query-plan-request"))
	require.Empty(t, plan.header.Get("x-ms-documentdb-isquery"), "it is not a query")
	require.Equal(t, "application/query+json", plan.header.Get("Content-Type"))
	require.Contains(t, plan.header.Get("x-ms-cosmos-supported-query-features"), "MultipleOrderBy")
	require.NotContains(t, plan.header.Get("x-ms-cosmos-supported-query-features"), "SkipOrderByRewrite")

	require.JSONEq(t, `{"query":"rewritten true","parameters":[{"name":"@p1","value":"x"}]}`, page.body)
	require.Equal(t, "0", page.header.Get("x-ms-documentdb-partitionkeyrangeid"))
	require.Empty(t, page.header.Get("x-ms-start-epk"), "the range is asked whole")
	require.Equal(t, "Low", page.header.Get("x-ms-cosmos-priority-level"))
	require.Equal(t, plan.header.Get("x-ms-cosmos-correlated-activityid"),
		page.header.Get("x-ms-cosmos-correlated-activityid"))
}

// TestAnswerThatIsNoPlan asks again the next time.
func TestAnswerThatIsNoPlan(t *testing.T) {
	t.Parallel()
	plans := 0
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if c.header.Get("x-ms-cosmos-is-query-plan-request") != "" {
			if plans++; plans == 1 {
				reply(w, 200, `{"code":"ServiceUnavailable","message":"not now"}`)
				return
			}
		}
		planning(w, c)
	})
	const text = "SELECT * FROM c ORDER BY c.b"
	for _, want := range []int{1, 2, 2} {
		for range Query[json.RawMessage](t.Context(), f.orders(), text) {
		}
		require.Equal(t, want, plans)
	}
}

// TestServiceThatDidNotSort leaves ORDER BY to the client.
func TestServiceThatDidNotSort(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if c.header.Get("x-ms-cosmos-is-query-plan-request") != "" {
			reply(w, 200, sortedPlan)
			return
		}
		row := func(n int) string {
			return fmt.Sprintf(`{"_rid":"r%d","orderByItems":[{"item":%d}],"payload":%d}`, n, n, n)
		}
		reply(w, 200, `{"Documents":[`+row(2)+`,`+row(3)+`,`+row(1)+`],"_streaming":false}`)
	})
	var rows []int
	for row, err := range Query[int](t.Context(), f.orders(), "SELECT VALUE c.n FROM c ORDER BY c.n") {
		require.NoError(t, err)
		rows = append(rows, row)
	}
	require.Equal(t, []int{1, 2, 3}, rows)
}

func TestPartOfARange(t *testing.T) {
	t.Parallel()
	f := newFake(t, counting(1))
	f.key = `{"paths":["/customer","/order"],"kind":"MultiHash","version":2}`
	for range Query[json.RawMessage](t.Context(), f.orders(), "SELECT * FROM c", PartitionKey("redmond")) {
	}
	h := f.last(t).header
	require.Equal(t, "0", h.Get("x-ms-documentdb-partitionkeyrangeid"))
	require.Equal(t, "22E342F38A486A088463DFF7838A5963", h.Get("x-ms-start-epk"))
	require.Equal(t, "22E342F38A486A088463DFF7838A5963FF", h.Get("x-ms-end-epk"))
	require.Equal(t, "EffectivePartitionKeyRange", h.Get("x-ms-read-key-type"))
	require.Empty(t, h.Get("x-ms-documentdb-partitionkey"))

	for range Query[json.RawMessage](t.Context(), f.orders(), "SELECT * FROM c", PartitionKey("redmond", 7)) {
	}
	require.Equal(t, `["redmond",7]`, f.last(t).header.Get("x-ms-documentdb-partitionkey"))
}

// TestRangeThatIsGone reads the ranges again and asks the new ones.
func TestRangeThatIsGone(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil)
	f.raw = func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("x-ms-documentdb-partitionkeyrangeid")
		if id == "0" {
			f.mu.Lock()
			f.feed = `{"PartitionKeyRanges":[{"id":"1","minInclusive":"","maxExclusive":"1F","parents":["0"]},` +
				`{"id":"2","minInclusive":"1F","maxExclusive":"FF","parents":["0"]}]}`
			f.mu.Unlock()
			reply(w, 410, `{"code":"Gone","message":"gone"}`, "x-ms-substatus", "1002")
			return
		}
		reply(w, 200, feedOf("Documents", "from "+id))
	}
	var rows []string
	for row, err := range Query[string](t.Context(), f.orders(), "SELECT * FROM c") {
		require.NoError(t, err)
		rows = append(rows, row)
	}
	require.ElementsMatch(t, []string{"from 1", "from 2"}, rows)
}

func TestPointReadOfAQuery(t *testing.T) {
	t.Parallel()
	status, sub := 200, "0"
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if status != 200 {
			reply(w, status, `{"code":"NotFound","message":"none"}`, "x-ms-substatus", sub)
			return
		}
		reply(w, 200, `{"id":"1"}`)
	})
	ask := func() ([]string, error) {
		var rows []string
		for row, err := range Query[json.RawMessage](t.Context(),
			f.orders(), "SELECT * FROM c WHERE c.customer = @c AND c.id = @id", Parameter{Name: "@c", Value: "a"},
			Parameter{Name: "@id", Value: "1"}) {
			if err != nil {
				return rows, err
			}
			rows = append(rows, string(row))
		}
		return rows, nil
	}
	rows, err := ask()
	require.NoError(t, err)
	require.Equal(t, []string{`{"id":"1"}`}, rows)
	got := f.last(t)
	require.Equal(t, "GET /dbs/shop/colls/orders/docs/1", got.method+" "+got.path)
	require.Equal(t, `["a"]`, got.header.Get("x-ms-documentdb-partitionkey"))

	status = 404
	rows, err = ask()
	require.NoError(t, err)
	require.Empty(t, rows, "no such document is not a row")
	sub = "1003"
	_, err = ask()
	require.ErrorIs(t, err, ErrOwnerNotFound, "no such container is an error")
}

// TestTokenOfOnePartition may query its partition without being allowed to read the container.
func TestTokenOfOnePartition(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if c.method == http.MethodGet {
			reply(w, 403, `{"code":"Forbidden","message":"no"}`)
			return
		}
		reply(w, 200, feedOf("Documents", 7))
	})
	foreign := f.Database("shop").Container("secret")
	for n, err := range Query[int](t.Context(), foreign, "SELECT VALUE c.n FROM c", PartitionKey("a")) {
		require.NoError(t, err)
		require.Equal(t, 7, n)
	}
	for _, err := range Query[int](t.Context(), foreign, "SELECT VALUE c.n FROM c") {
		require.ErrorIs(t, err, ErrForbidden)
	}
}

func TestPageSaysWhatItCost(t *testing.T) {
	t.Parallel()
	f := newFake(t, counting(2))
	p := f.orders().NewPager("SELECT * FROM c")
	defer p.Close()
	charge := 0.0
	for {
		page, err := p.Next(t.Context())
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		require.Equal(t, 200, page.Response.StatusCode)
		charge += page.Response.RequestCharge
	}
	require.Equal(t, 4.0, charge, "every request once, wherever it was read ahead")
}

func TestPlanKey(t *testing.T) {
	t.Parallel()
	key := func(text string, params ...Parameter) string {
		p, err := new(Client).prepareQuery(text, &argument.List{Parameters: params})
		require.NoError(t, err)
		return p.planKey()
	}
	const filter, top = "SELECT * FROM c WHERE c.a = @a", "SELECT TOP @a * FROM c"
	require.Equal(t, key(filter, Parameter{Name: "@a", Value: 1}), key(filter, Parameter{Name: "@a", Value: 2}))
	require.NotEqual(t, key(top, Parameter{Name: "@a", Value: 1}), key(top, Parameter{Name: "@a", Value: 2}))
	require.NotEqual(t, key("NEW SYNTAX @a", Parameter{Name: "@a", Value: 1}),
		key("NEW SYNTAX @a", Parameter{Name: "@a", Value: 2}), "who knows what they are for")
}

// One text has two plans: where its parameters leave one logical partition, the plan may leave OFFSET to that.
func TestPlanOfOnePartition(t *testing.T) {
	t.Parallel()
	f := newFake(t, planning)
	const text = "SELECT DISTINCT c.a FROM c WHERE c.customer IN (@a, @b) OFFSET 1 LIMIT 2"
	for i, customers := range [][2]string{{"ada", "ada"}, {"ada", "bob"}, {"bob", "bob"}, {"bob", "cy"}} {
		_, err := f.orders().Explain(t.Context(), text,
			[]Parameter{{Name: "@a", Value: customers[0]}, {Name: "@b", Value: customers[1]}})
		require.NoError(t, err)
		require.Equal(t, min(i+1, 2), f.sent())
	}
}

func TestExplanationText(t *testing.T) {
	t.Parallel()
	f := newFake(t, planning)
	e, err := f.orders().Explain(t.Context(), "SELECT * FROM c ORDER BY c.a")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(e.String(), "access: planned\ntarget: range 0 [, FF)\nstage 1: merge by"),
		"%s", e)
	_, err = f.Database("shop").Container("a/b").Explain(t.Context(), "SELECT 1")
	require.ErrorContains(t, err, "container id")
	_, err = f.orders().Explain(t.Context(), "SELECT 1", PageSize(-2))
	require.ErrorContains(t, err, "page size")
}
