package cosmos

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/cosmossql/cosmossql/internal/argument"
	"github.com/cosmossql/cosmossql/internal/cache"
	"github.com/stretchr/testify/require"
)

// counting answers queries and feeds with n pages of one document each: {"n":0}, {"n":1}, …; every third is empty.
func counting(n int) func(w http.ResponseWriter, c call) {
	return func(w http.ResponseWriter, c call) {
		at, _ := strconv.Atoi(c.header.Get("x-ms-continuation"))
		header := []string{}
		if at+1 < n {
			header = []string{"x-ms-continuation", strconv.Itoa(at + 1)}
		}
		if at%3 == 2 {
			reply(w, 200, feedOf("Documents"), header...)
			return
		}
		reply(w, 200, feedOf("Documents", map[string]int{"n": at}), header...)
	}
}

func TestQueryRequest(t *testing.T) {
	t.Parallel()
	f := newFake(t, counting(1))
	for range Query[json.RawMessage](t.Context(), f.orders(),
		`SELECT * FROM c WHERE c.a = "é" AND c.b = @p1 AND c.c = @p2`,
		[]string{"x", "<"}, PageSize(7), json.RawMessage(`{ "raw" : 1 }`), Consistency(ConsistencyEventual)) {
		break
	}
	got := f.last(t)
	require.Equal(t, "POST", got.method)
	require.Equal(t, "/dbs/shop/colls/orders/docs", got.path)
	require.JSONEq(t, `{"query":"SELECT * FROM c WHERE c.a = \"é\" AND c.b = @p1 `+
		`AND c.c = @p2","parameters":[{"name":"@p1","value":["x","<"]},{"name":"@p2","value":{"raw":1}}]}`, got.body)
	require.Equal(t, "application/query+json", got.header.Get("Content-Type"))
	require.Equal(t, "True", got.header.Get("x-ms-documentdb-isquery"))
	require.Equal(t, "True", got.header.Get("x-ms-documentdb-query-enablecrosspartition"))
	require.Equal(t, "7", got.header.Get("x-ms-max-item-count"))
	require.Equal(t, "0", got.header.Get("x-ms-documentdb-partitionkeyrangeid"))
	require.Equal(t, "Eventual", got.header.Get("x-ms-consistency-level"))
	require.Len(t, got.header.Get("x-ms-cosmos-correlated-activityid"), 36)

	for range Query[json.RawMessage](t.Context(), f.orders(), `SELECT * FROM c`, PartitionKey("a")) {
		break
	}
	got = f.last(t)
	require.Equal(t, `["a"]`, got.header.Get("x-ms-documentdb-partitionkey"))
	require.Empty(t, got.header.Get("x-ms-documentdb-query-enablecrosspartition"))
	require.Equal(t, "-1", got.header.Get("x-ms-max-item-count"))
	require.Equal(t, `{"query":"SELECT * FROM c"}`, got.body)
}

func TestQueryDecodes(t *testing.T) {
	t.Parallel()
	f := newFake(t, counting(5))
	type row struct{ N int }
	var got []int
	for r, err := range Query[row](t.Context(), f.orders(), "SELECT c.n FROM c") {
		require.NoError(t, err)
		got = append(got, r.N)
	}
	require.Equal(t, []int{0, 1, 3, 4}, got)
	var raw []string
	for r, err := range Query[json.RawMessage](t.Context(), f.orders(), "SELECT c.n FROM c") {
		require.NoError(t, err)
		raw = append(raw, string(r))
	}
	require.Equal(t, []string{`{"n":0}`, `{"n":1}`, `{"n":3}`, `{"n":4}`}, raw)
	n := 0
	for _, err := range Query[int](t.Context(), f.orders(), "SELECT c.n FROM c") {
		require.ErrorContains(t, err, "cosmos: decoding a row into int")
		n++
	}
	require.Equal(t, 1, n, "the first error ends the sequence")
}

func TestItemsFeed(t *testing.T) {
	t.Parallel()
	f := newFake(t, counting(5))
	n := 0
	for _, err := range f.orders().Items(t.Context(), PageSize(2)) {
		require.NoError(t, err)
		n++
	}
	require.Equal(t, 4, n)
	require.Equal(t, 5, f.sent())
	require.Equal(t, "GET", f.last(t).method)
	require.Equal(t, "2", f.last(t).header.Get("x-ms-max-item-count"))
	for _, err := range f.Database("shop").Container("a/b").Items(t.Context()) {
		require.ErrorContains(t, err, `container id "a/b"`)
	}
}

func TestQueryArgumentsRefused(t *testing.T) {
	t.Parallel()
	f := newFake(t, okay)
	tests := []struct {
		name string
		args []any
		want string
	}{
		{"mixed", []any{1, sql.Named("a", 2)}, "named and positional arguments are mixed"},
		{"twice with and without @", []any{sql.Named("@a", 1), Parameter{Name: "a", Value: 2}},
			"parameter @a is given twice"},
		{"twice", []any{sql.Named("a", 1), sql.Named("a", 2)}, "parameter @a is given twice"},
		{"name", []any{sql.Named("a b", 1)}, `parameter name "@a b"`},
		{"no name", []any{Parameter{Name: "@"}}, `has an empty name`},
		{"list beside positions", []any{1, []Parameter{{Name: "a", Value: 1}}},
			"named and positional arguments are mixed"},
		{"operation", []any{OpDelete("1")},
			"a value of type cosmos.Operation cannot be sent: run it with Container.Do"},
		{"pointer to a parameter", []any{&Parameter{Name: "a", Value: 1}},
			"*argument.Parameter cannot be sent: pass a Parameter"},
		{"keys", []any{[]ItemKey{At("1")}}, "a value of type []cosmos.ItemKey cannot be sent: pass its ID"},
		{"options", []any{[]Option{PageSize(1)}}, "pass an Option as an argument of its own"},
		{"not a number", []any{math.NaN()}, "parameter @p1: NaN"},
		{"channel", []any{1, make(chan int)}, "parameter @p2: a value of type chan int"},
		{"broken JSON", []any{json.RawMessage(`{`)}, "parameter @p1"},
		{"option", []any{PageSize(-3)}, "page size -3"},
		{"key", []any{PartitionKey("a", "b")}, "more values"},
	}
	for _, tt := range tests {
		n := 0
		for _, err := range Query[int](t.Context(), f.orders(), "SELECT 1", tt.args...) {
			require.ErrorContains(t, err, tt.want, tt.name)
			n++
		}
		require.Equal(t, 1, n)
	}
	for _, err := range Query[int](t.Context(), f.orders(), "SELECT \xff") {
		require.ErrorContains(t, err, "not valid UTF-8")
	}
	require.Zero(t, f.sent())
}

func TestPagerReadsAhead(t *testing.T) {
	t.Parallel()
	asked, taken := make(chan string, 10), make(chan struct{})
	f := newFake(t, func(w http.ResponseWriter, c call) {
		at := c.header.Get("x-ms-continuation")
		asked <- at
		if at != "" {
			<-taken // or the first page would tell what the second one cost
		}
		counting(10)(w, c)
	})
	p := f.orders().NewPager("SELECT * FROM c", ReadAhead(true))
	page, err := p.Next(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, page.Continuation)
	require.Equal(t, 2.0, page.Response.RequestCharge)
	close(taken)
	require.Equal(t, "", <-asked)
	require.Equal(t, "1", <-asked, "the next page is fetched while this one is read")
	select {
	case c := <-asked:
		t.Fatalf("page %s was asked for too early", c)
	default:
	}
	require.NoError(t, p.Close())
	require.NoError(t, p.Close())
	_, err = p.Next(t.Context())
	require.ErrorIs(t, err, errPagerClosed)
}

func TestPagerCloseEndsTheRequest(t *testing.T) {
	t.Parallel()
	arrived, gone := make(chan struct{}), make(chan struct{})
	f := newFake(t, nil)
	f.raw = func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.Header.Get("x-ms-continuation") == "" {
			reply(w, 200, feedOf("Documents", 1), "x-ms-continuation", "next")
			return
		}
		close(arrived)
		<-r.Context().Done()
		close(gone)
	}
	p := f.orders().NewPager("SELECT * FROM c", ReadAhead(true))
	_, err := p.Next(t.Context())
	require.NoError(t, err)
	<-arrived
	require.NoError(t, p.Close())
	<-gone
}

func TestPagerGoesOnAfterPassingErrors(t *testing.T) {
	t.Parallel()
	f := newFake(t, counting(4))
	p := f.orders().NewPager("SELECT * FROM c")
	defer p.Close()
	over, cancel := context.WithCancel(t.Context())
	page, err := p.Next(over)
	require.NoError(t, err)
	require.JSONEq(t, `{"n":0}`, string(page.Items[0]))
	cancel()
	_, err = p.Next(over)
	require.ErrorIs(t, err, context.Canceled)
	var got []string
	for {
		page, err := p.Next(t.Context())
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		for _, item := range page.Items {
			got = append(got, string(item))
		}
		page.Release()
	}
	require.Equal(t, []string{`{"n":1}`, `{"n":3}`}, got)
	_, err = p.Next(t.Context())
	require.Equal(t, io.EOF, err, "the end stays the end")
}

// A context that is cancelled between two calls of Next ends the fetch in progress, but not the query.
func TestPagerOutlivesTheContextOfItsFirstPage(t *testing.T) {
	t.Parallel()
	f := newFake(t, counting(2))
	p := f.orders().NewPager("SELECT * FROM c")
	outlives(t, p)
}

// outlives closes the pager when its second page has come after the context of the first one ended.
func outlives(t *testing.T, p *Pager) {
	t.Helper()
	defer p.Close()
	first, cancel := context.WithCancel(t.Context())
	_, err := p.Next(first)
	require.NoError(t, err)
	cancel()
	page, err := p.Next(t.Context())
	require.NoError(t, err)
	require.JSONEq(t, `{"n":1}`, string(page.Items[0]))
}

func TestPagerReportsFailures(t *testing.T) {
	t.Parallel()
	f := newFake(t, func(w http.ResponseWriter, c call) { reply(w, 200, `{"Documents":[{"a":1},`) })
	p := f.orders().NewPager("SELECT * FROM c")
	defer p.Close()
	_, err := p.Next(t.Context())
	require.ErrorContains(t, err, "not a page of a feed")
	f2 := newFake(t, refuse(400, "0"))
	for _, err := range Query[int](t.Context(), f2.orders(), "SELEC") {
		require.ErrorIs(t, err, ErrBadRequest)
		var e *Error
		require.True(t, errors.As(err, &e))
		require.Equal(t, "POST dbs/shop/colls/orders/docs", e.Operation)
	}
}

func TestOptionsByContext(t *testing.T) {
	t.Parallel()
	f := newFake(t, counting(1))
	f.defaults = []Option{PageSize(1), SessionToken("client")}
	ctx := WithOptions(t.Context(), PageSize(2), Priority("Low"))
	ctx = WithOptions(ctx, Option{}, Priority("High"))
	for range Query[json.RawMessage](ctx, f.orders(), "SELECT * FROM c", PageSize(3)) {
	}
	h := f.last(t).header
	require.Equal(t, "3", h.Get("x-ms-max-item-count"), "an argument wins over the context")
	require.Equal(t, "High", h.Get("x-ms-cosmos-priority-level"), "the inner context wins over the outer")
	require.Equal(t, "client", h.Get("x-ms-session-token"))
	for range Query[json.RawMessage](ctx, f.orders(), "SELECT * FROM c") {
	}
	require.Equal(t, "2", f.last(t).header.Get("x-ms-max-item-count"), "the context wins over the client")
}

func TestStats(t *testing.T) {
	t.Parallel()
	answered := 0
	f := newFake(t, func(w http.ResponseWriter, c call) {
		if answered++; answered == 1 {
			reply(w, 429, `{"message":"slow"}`, "x-ms-retry-after-ms", "1")
			return
		}
		w.Header().Set("x-ms-session-token", "0:-1#"+strconv.Itoa(answered))
		counting(2)(w, c)
	})
	_, err := f.orders().PartitionKeyDefinition(t.Context())
	require.NoError(t, err)
	_, err = f.orders().routingMap(t.Context(), nil)
	require.NoError(t, err)
	var st Stats
	ctx := WithStats(t.Context(), &st)
	for range Query[json.RawMessage](ctx, f.orders(), "SELECT * FROM c") {
	}
	u := st.Snapshot()
	require.Equal(t, 3, u.Requests)
	require.Equal(t, 1, u.Retries)
	require.Equal(t, 2, u.Pages)
	require.Equal(t, 6.0, u.RequestCharge)
	require.Len(t, u.ActivityIDs, 2)
	require.Equal(t, "0:-1#3", u.SessionToken)
	for range 2 * keptActivities {
		_, err := f.orders().ReadItem(ctx, "1", PartitionKey("a"))
		require.NoError(t, err)
	}
	require.Len(t, st.Snapshot().ActivityIDs, keptActivities)
	require.Equal(t, 0, (&Stats{}).Snapshot().Requests)
}

func TestReadingsAreShared(t *testing.T) {
	t.Parallel()
	c := &Client{}
	const text = "SELECT * FROM c WHERE c.a = @a AND c.b IN (@b, @a)"
	first := c.parseQuery(text)
	require.Equal(t, []string{"@a", "@b"}, first.params)
	require.Same(t, first, c.parseQuery(text))
	require.Nil(t, c.parseQuery("SELECT ! FROM").tree)
	long := "SELECT * FROM c WHERE c.a = '" + strings.Repeat("x", cache.MaxText) + "'"
	require.NotSame(t, c.parseQuery(long), c.parseQuery(long), "very long texts are not kept")
	_, err := c.prepareQuery(text, &argument.List{Parameters: []Parameter{{Name: "@a", Value: 1}}})
	require.ErrorContains(t, err, "uses parameter @b, for which no value is given")
	_, err = c.prepareQuery(text,
		&argument.List{Parameters: []Parameter{{Name: "@a", Value: 1}, {Name: "@b", Value: 1}, {Name: "@c", Value: 1}}})
	require.NoError(t, err, "programs share one list among several texts")
	_, err = c.prepareQuery("SELECT @p1",
		&argument.List{Parameters: []Parameter{{Name: "@p1", Value: 1}, {Name: "@p2", Value: 1}}, Positional: true})
	require.ErrorContains(t, err, "for parameter @p2, which the query does not use")
}
