package crosspartition_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// requests is what a query costs in requests about documents.
type requests struct{ reads, queries, plans int }

func (w *world) counts() requests {
	return requests{w.server.Count(cosmostest.Read), w.server.Count(cosmostest.Query),
		w.server.Count(cosmostest.QueryPlan)}
}

// TestAccessPaths counts the requests that queries of different shapes make on a container of five partitions.
func TestAccessPaths(t *testing.T) {
	t.Parallel()
	docs := []string{`{"id":"x","pk":"a","t":"T","u":1,"n":1}`, `{"id":"y","pk":"a","t":"T","u":2,"n":2}`,
		`{"id":"z","pk":"b","t":"V","u":1,"n":3}`}
	w := plainWorld(t, 5, docs)
	for _, tt := range []struct {
		name, container, text string
		options               []cosmos.Option
		rows                  int
		want                  requests
	}{
		{"point read", "flat", "SELECT * FROM c WHERE c.id = 'x' AND c.pk = 'a'", nil, 1, requests{reads: 1}},
		{"point read of nothing", "flat", "SELECT * FROM c WHERE c.id = 'x' AND c.pk = 'b'", nil, 0,
			requests{reads: 1}},
		{"point read in a tree", "tree", "SELECT VALUE c FROM c WHERE c.id = 'x' AND c.t = 'T' AND c.u = 1", nil, 1,
			requests{reads: 1}},
		{"point read of columns", "flat", "SELECT c.n, c.id AS name FROM c WHERE c.id = 'x' AND c.pk = 'a'", nil, 1,
			requests{reads: 1}},
		{"point read of a value that is missing", "flat", "SELECT VALUE c.m FROM c WHERE c.id = 'x' AND c.pk = 'a'",
			nil, 0, requests{reads: 1}},
		{"an expression of a document", "flat", "SELECT c.n + 1 FROM c WHERE c.id = 'x' AND c.pk = 'a'", nil, 1,
			requests{queries: 1}},
		{"one key", "flat", "SELECT c.id FROM c WHERE c.pk = 'a' ORDER BY c.n DESC", nil, 2, requests{queries: 1}},
		{"one key of the old kind", "old", "SELECT TOP 1 c.id FROM c WHERE c.pk = 'a' ORDER BY c.n DESC", nil, 1,
			requests{queries: 1}},
		{"one key by option", "flat", "SELECT c.id FROM c OFFSET 0 LIMIT 5", []cosmos.Option{cosmos.PartitionKey("a")},
			2, requests{queries: 1}},
		{"one key, aggregate", "flat", "SELECT VALUE COUNT(1) FROM c WHERE c.pk = 'a'", nil, 1,
			requests{queries: 1, plans: 1}},
		{"the same again", "flat", "SELECT VALUE COUNT(1) FROM c WHERE c.pk = 'a'", nil, 1, requests{queries: 1}},
		{"a prefix by WHERE", "tree", "SELECT * FROM c WHERE c.t = 'T'", nil, 2, requests{queries: 1}},
		{"a prefix by option", "tree", "SELECT * FROM c", []cosmos.Option{cosmos.PartitionKey("T")}, 2,
			requests{queries: 1}},
		{"a prefix, sorted", "tree", "SELECT * FROM c ORDER BY c.n", []cosmos.Option{cosmos.PartitionKey("T")}, 2,
			requests{queries: 1, plans: 1}},
		{"no document", "flat", "SELECT * FROM c WHERE c.pk = 'a' AND c.pk = 'b'", nil, 0, requests{queries: 1}},
		{"everywhere", "flat", "SELECT * FROM c WHERE c.n > 1", nil, 2, requests{queries: 5}},
		{"everywhere, sorted", "flat", "SELECT * FROM c WHERE c.n > 1 ORDER BY c.n", nil, 2,
			requests{queries: 5, plans: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := w.counts()
			rows, err := drained(t.Context(), w.containers[tt.container], tt.text, anys(tt.options)...)
			require.NoError(t, err)
			require.Len(t, rows, tt.rows)
			after := w.counts()
			require.Equal(t, tt.want,
				requests{after.reads - before.reads, after.queries - before.queries, after.plans - before.plans})
		})
	}
}

func anys(options []cosmos.Option) (list []any) {
	for _, o := range options {
		list = append(list, o)
	}
	return list
}

func TestPlanIsAskedForOncePerText(t *testing.T) {
	t.Parallel()
	w := plainWorld(t, 2, []string{`{"id":"x","pk":"a","n":1}`})
	c := w.containers["flat"]
	ask := func(text string, args ...any) int {
		before := w.counts().plans
		_, err := drained(t.Context(), c, text, args...)
		require.NoError(t, err)
		return w.counts().plans - before
	}
	require.Equal(t, 1, ask("SELECT * FROM c WHERE c.n > @p1 ORDER BY c.n", 0))
	require.Equal(t, 0, ask("SELECT * FROM c WHERE c.n > @p1 ORDER BY c.n", 5),
		"the plan does not depend on this parameter")
	require.Equal(t, 1, ask("SELECT TOP @p1 * FROM c ORDER BY c.n", 1))
	require.Equal(t, 1, ask("SELECT TOP @p1 * FROM c ORDER BY c.n", 2), "but on this one it does")
	require.Equal(t, 0, ask("SELECT TOP @p1 * FROM c ORDER BY c.n", 1))
}

func TestExplainThroughTheClient(t *testing.T) {
	t.Parallel()
	w := plainWorld(t, 2, nil)
	before := w.counts()
	e, err := w.containers["flat"].Explain(t.Context(), "SELECT TOP 3 c.id FROM c WHERE c.n > @n ORDER BY c.n DESC",
		[]cosmos.Parameter{{Name: "@n", Value: 1}})
	require.NoError(t, err)
	require.Equal(t, "access: planned\n"+
		"target: range 0 [, 1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF)\n"+
		"target: range 1 [1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF, FF)\n"+
		"stage 1: merge by [c.n] [Descending]\n"+
		"stage 2: take 3\n"+
		"query: SELECT TOP 3 c._rid, [{\"item\": c.n}] AS orderByItems, {\"id\": c.id} AS payload\n"+
		"       FROM c\n"+
		"       WHERE ((c.n > @n) AND (true))\n"+
		"       ORDER BY c.n DESC\n", e.String())
	e, err = w.containers["flat"].Explain(t.Context(), "SELECT * FROM c WHERE c.pk = 'a' AND c.id = 'x'")
	require.NoError(t, err)
	require.Equal(t, "access: point read\ntarget: partition key [\"a\"]\nstage 1: read document x\n", e.String())
	require.Equal(t, before.queries, w.counts().queries, "nothing runs")
	for _, bad := range []string{"SELECT FROM", "SELECT * FROM c WHERE c.a = @missing"} {
		_, err = w.containers["flat"].Explain(t.Context(), bad)
		require.Error(t, err, bad)
	}
}

// TestParametersMustFit: a parameter too few or too many is found before anything is sent.
func TestParametersMustFit(t *testing.T) {
	t.Parallel()
	w := plainWorld(t, 2, nil)
	before := w.counts()
	_, err := drained(t.Context(), w.containers["flat"], "SELECT * FROM c WHERE c.a = @p1 AND c.b = @p2", 1)
	require.ErrorContains(t, err, "parameter @p2, for which no value is given")
	_, err = drained(t.Context(), w.containers["flat"], "SELECT * FROM c WHERE c.a = @p1", 1, 2)
	require.ErrorContains(t, err, "parameter @p2, which the query does not use")
	require.Equal(t, before, w.counts())
}

// TestContinuationsOfOthers are refused with a reason.
func TestContinuationsOfOthers(t *testing.T) {
	t.Parallel()
	w := plainWorld(t, 2, []string{`{"id":"1","pk":1,"n":1}`, `{"id":"2","pk":2,"n":2}`, `{"id":"3","pk":3,"n":3}`})
	const text = "SELECT * FROM c ORDER BY c.n"
	p := w.containers["flat"].NewPager(text, cosmos.PageSize(1))
	page, err := p.Next(t.Context())
	require.NoError(t, err)
	require.NoError(t, p.Close())
	require.NotEmpty(t, page.Continuation)
	for _, tt := range []struct{ name, container, text, token, want string }{
		{"another query", "flat", "SELECT * FROM c ORDER BY c.m", page.Continuation, "belongs to another query"},
		{"another container", "old", text, page.Continuation, "belongs to another query"},
		{"the service's own", "flat", text, "-RID:~abc#RT:1", "not made by this version"},
		{"damaged", "flat", text, page.Continuation[:len(page.Continuation)-2], "damaged"},
	} {
		_, err := drained(t.Context(), w.containers[tt.container], tt.text, cosmos.Continuation(tt.token))
		require.ErrorContains(t, err, tt.want, tt.name)
	}
}

// TestCancelledAtAnyMoment leaves neither goroutine nor connection; goleak looks for them at the end.
func TestCancelledAtAnyMoment(t *testing.T) {
	t.Parallel()
	g := newGenerator(5)
	docs := make([]string, 100)
	for i := range docs {
		docs[i] = g.document(i)
	}
	w := plainWorld(t, 16, docs)
	for _, text := range []string{"SELECT * FROM c", "SELECT * FROM c ORDER BY c.n",
		"SELECT c.t, COUNT(1) AS n FROM c GROUP BY c.t"} {
		for i := range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*200*time.Microsecond)
			p := w.containers["flat"].NewPager(text, cosmos.PageSize(2))
			for {
				_, err := p.Next(ctx)
				if err == nil {
					continue
				}
				require.True(t, errors.Is(err, context.DeadlineExceeded) || err == io.EOF, "%v", err)
				break
			}
			require.NoError(t, p.Close())
			cancel()
		}
	}
}

// TestPrefixOverSeveralPartitions splits a partition that holds nothing but one first value of a hierarchical key: the
// documents of that value are then in two partitions, and queries by the prefix find them all.
func TestPrefixOverSeveralPartitions(t *testing.T) {
	t.Parallel()
	var docs []string
	for i := range 40 {
		docs = append(docs, fmt.Sprintf(`{"id":"%d","pk":"p","t":"T","u":%d,"n":%d}`, i, i%20, i*7%40))
	}
	w := plainWorld(t, 3, docs)
	ranges, err := w.server.Ranges("db", "tree")
	require.NoError(t, err)
	for _, r := range ranges {
		children, err := w.server.Split("db", "tree", r.ID)
		require.NoError(t, err)
		_, err = w.server.Split("db", "tree", children[1])
		require.NoError(t, err)
	}
	for _, tt := range []struct {
		text    string
		options []cosmos.Option
	}{
		{"SELECT VALUE c.n FROM c WHERE c.t = 'T' ORDER BY c.n", nil},
		{"SELECT VALUE c.n FROM c ORDER BY c.n DESC", []cosmos.Option{cosmos.PartitionKey("T")}},
		{"SELECT VALUE SUM(c.n) FROM c WHERE c.t = 'T'", nil},
		{"SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 3 LIMIT 9",
			[]cosmos.Option{cosmos.PartitionKey("T"), cosmos.PageSize(2)}},
	} {
		before := w.counts()
		rows, err := drained(t.Context(), w.containers["tree"], tt.text, anys(tt.options)...)
		require.NoError(t, err)
		require.Equal(t, w.should(t, tt.text, ""), rows, tt.text)
		require.GreaterOrEqual(t, w.counts().queries-before.queries, 2, tt.text)
	}
}
