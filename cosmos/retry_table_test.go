package cosmos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// class is operations that the policy treats in the same way.
type class struct {
	name   string
	target func(*http.Request) bool
	run    func(ctx context.Context, c *Container) error
}

func isHeader(name, value string) func(*http.Request) bool {
	return func(r *http.Request) bool { return strings.EqualFold(r.Header.Get(name), value) }
}

func isItem(verb string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == verb && strings.Contains(r.URL.Path, "/docs/") }
}

func isPost(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/docs") &&
		r.Header.Get("x-ms-documentdb-isquery") == "" &&
		r.Header.Get("x-ms-cosmos-is-query-plan-request") == ""
}

var key = PartitionKey("p")

func drain(p *Pager, ctx context.Context) error {
	defer p.Close()
	for {
		page, err := p.Next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		page.Release()
	}
}

var classes = []class{
	{"read", isItem("GET"), func(ctx context.Context, c *Container) error { return failed(c.ReadItem(ctx, "1", key)) }},
	{"create", isPost, func(ctx context.Context, c *Container) error {
		return failed(c.CreateItem(ctx, map[string]string{"id": "1", "pk": "p"}))
	}},
	{"query across", isHeader("x-ms-documentdb-isquery", "True"), func(ctx context.Context, c *Container) error {
		return drain(c.NewPager("SELECT * FROM c"), ctx)
	}},
	{"upsert", isPost, func(ctx context.Context, c *Container) error {
		return failed(c.UpsertItem(ctx, map[string]string{"id": "1", "pk": "p"}))
	}},
	{"patch", isItem("PATCH"), func(ctx context.Context, c *Container) error {
		return failed(c.PatchItem(ctx, "1", []PatchOperation{PatchIncrement("/n", 1)}, key))
	}},
	{"delete under an ETag", isItem("DELETE"), func(ctx context.Context, c *Container) error {
		return failed(c.DeleteItem(ctx, "1", key, IfMatch(`"e"`)))
	}},
	{"upsert, repeatable", isPost, func(ctx context.Context, c *Container) error {
		return failed(c.UpsertItem(ctx, map[string]string{"id": "1", "pk": "p"}, RepeatWrites(true)))
	}},
	{"batch", isHeader("x-ms-cosmos-batch-atomic", "True"), func(ctx context.Context, c *Container) error {
		return failed(c.TransactionalBatch(ctx, []Operation{OpDelete("1")}, key))
	}},
	{"bulk patch", isHeader("x-ms-cosmos-batch-atomic", "False"), func(ctx context.Context, c *Container) error {
		return bulkError(
			c.PatchMany(ctx, slices.Values([]ItemKey{At("1", "p")}), []PatchOperation{PatchIncrement("/n", 1)}))
	}},
	{"bulk upsert", isHeader("x-ms-cosmos-batch-atomic", "False"), func(ctx context.Context, c *Container) error {
		return bulkError(c.UpsertMany(ctx, Each([]map[string]string{{"id": "1", "pk": "p"}})))
	}},
	{"query of one partition", isHeader("x-ms-documentdb-isquery", "True"),
		func(ctx context.Context, c *Container) error {
			return drain(c.NewPager("SELECT * FROM c WHERE c.pk = 'p'"), ctx)
		}},
	{"query plan", isHeader("x-ms-cosmos-is-query-plan-request", "True"),
		func(ctx context.Context, c *Container) error {
			return drain(c.NewPager("SELECT c.a, COUNT(1) AS n FROM c GROUP BY c.a"), ctx)
		}},
	{"change feed", isHeader("A-IM", "Incremental feed"), func(ctx context.Context, c *Container) error {
		_, err := c.ChangeFeed().Next(ctx)
		if err == io.EOF {
			return nil
		}
		return err
	}},
	{"metadata read", func(r *http.Request) bool { return r.URL.Path == "/dbs/d" },
		func(ctx context.Context, c *Container) error {
			return failed(c.Database().Read(ctx))
		}},
	{"metadata write", func(r *http.Request) bool { return r.Method == "POST" && r.URL.Path == "/dbs/d/colls" },
		func(ctx context.Context, c *Container) error {
			return failed(c.Database().CreateContainer(ctx,
				ContainerProperties{ID: "n", PartitionKey: PartitionKeyDefinition{Paths: []string{"/pk"}}}))
		}},
}

// What each kind of operation makes of each answer: how many requests it sends to which region, how long it takes in
// all, and how it ends. A dash in the regions separates the first from the others.
func TestRetryTable(t *testing.T) {
	t.Parallel()
	const (
		reads      = "read, query of one partition, query across, query plan, metadata read"
		feed       = "change feed"
		once       = "upsert, patch, batch, metadata write"
		repeatable = "delete under an ETag, upsert, repeatable"
		all        = reads + ", " + feed + ", " + once + ", " + repeatable
	)
	type want struct {
		who     string
		asked   string // west and east, as w and e, with counts: "w1 e1"
		longest time.Duration
		is      error
		unknown bool
	}
	tests := []struct {
		name        string
		status, sub int
		header      []string
		lost        error
		body        string // of a 200
		stranger    bool   // without the service's headers
		wants       []want
	}{
		{name: "bad request", status: 400, wants: []want{{all, "w1", 0, ErrBadRequest, false}}},
		{name: "unauthorized", status: 401, wants: []want{{all, "w1", 0, ErrUnauthorized, false}}},
		{name: "forbidden", status: 403, wants: []want{{all, "w1", 0, ErrForbidden, false}}},
		{name: "partition full", status: 403, sub: 1014,
			wants: []want{{once + ", " + repeatable, "w1", 0, ErrForbidden, false}}},
		{name: "conflict", status: 409, wants: []want{{once + ", upsert, repeatable", "w1", 0, ErrConflict, false}}},
		{name: "precondition", status: 412,
			wants: []want{{once + ", " + repeatable, "w1", 0, ErrPreconditionFailed, false}}},
		{name: "too large", status: 413, wants: []want{{once + ", upsert, repeatable", "w1", 0, ErrTooLarge, false}}},
		{name: "no document", status: 404, header: []string{"x-ms-documentdb-partitionkeyrangeid", "0"},
			wants: []want{{"read, patch, delete under an ETag", "w1", 0, ErrNotFound, false}}},
		{name: "session unavailable", status: 404, sub: 1002, wants: []want{
			{reads + ", " + feed, "w3", 0, ErrUnavailable, false},
			{once + ", " + repeatable, "w2", 0, ErrUnavailable, false},
		}},
		{name: "create in progress", status: 404, sub: 1013,
			wants: []want{{all, "w11", 25 * time.Second, ErrUnavailable, false}}},
		{name: "another key", status: 400, sub: 1001, wants: []want{{all, "w1", 0, ErrBadRequest, false}}},
		{name: "another container", status: 400, sub: 1024, wants: []want{{all, "w1", 0, ErrBadRequest, false}}},
		{name: "no container", status: 404, sub: 1003, wants: []want{{all, "w1", 0, ErrOwnerNotFound, false}}},
		{name: "another container by name", status: 410, sub: 1000, wants: []want{{once, "w1", 0, ErrGone, false}}},
		{name: "region left the account", status: 403, sub: 1008, wants: []want{
			{all, "w121 e121", 125 * time.Second, ErrForbidden, false},
		}},
		{name: "a stranger", status: 200, body: "<html>", stranger: true, wants: []want{
			{reads + ", " + feed, "w2 e1", time.Second, ErrUnavailable, false}, {once, "w1", 0, ErrUnavailable, true},
			{repeatable, "w4", time.Second, ErrUnavailable, true},
		}},
		{name: "damaged", status: 200, body: `{"id":`, wants: []want{
			{reads + ", " + feed, "w2 e1", time.Second, ErrUnavailable, false}, {once, "w1", 0, ErrUnavailable, true},
			{repeatable, "w4", time.Second, ErrUnavailable, true},
		}},
		{name: "never connected: writes", lost: &net.OpError{Op: "dial", Err: errors.New("refused")}, wants: []want{
			{once + ", " + repeatable, "w124", 125 * time.Second, ErrUnavailable, false},
		}},
		{name: "bulk: unauthorized", status: 401,
			wants: []want{{"bulk patch, bulk upsert", "w1", 0, ErrUnauthorized, false}}},
		{name: "bulk: write forbidden", status: 403, sub: 3,
			wants: []want{{"bulk patch, bulk upsert", "w122 e122", 125 * time.Second, ErrForbidden, false}}},
		{name: "bulk: session unavailable", status: 404, sub: 1002,
			wants: []want{{"bulk patch, bulk upsert", "w2", 0, ErrUnavailable, false}}},
		{name: "bulk: gone", status: 410,
			wants: []want{{"bulk patch, bulk upsert", "w11", 25 * time.Second, ErrGone, false}}},
		{name: "bulk: never connected", lost: &net.OpError{Op: "dial", Err: errors.New("refused")}, wants: []want{
			{"bulk patch, bulk upsert", "w11", 25 * time.Second, ErrUnavailable, false},
		}},
		{name: "bulk: never answered", lost: context.DeadlineExceeded,
			wants: []want{{"bulk patch", "w1", 66 * time.Second, ErrUnavailable, true}}},
		{name: "queries: gone", status: 410, sub: 1002,
			wants: []want{{"query of one partition, query across, " + feed, "w11", 25 * time.Second, ErrGone, false}}},
		{name: "throttled", status: 429, sub: 3200, wants: []want{{all, "w10", 20 * time.Second, ErrThrottled, false}}},
		{name: "throttled for 20 ms", status: 429, sub: 3200, header: []string{"x-ms-retry-after-ms", "20"},
			wants: []want{{all, "w10", 200 * time.Millisecond, ErrThrottled, false}}},
		{name: "throttled for 8 s", status: 429, sub: 3200, header: []string{"x-ms-retry-after-ms", "8000"},
			wants: []want{{all, "w4", 30 * time.Second, ErrThrottled, false}}},
		{name: "throttled for an hour", status: 429, sub: 3200, header: []string{"x-ms-retry-after-ms", "3600000"},
			wants: []want{{all, "w1", 0, ErrThrottled, false}}},
		{name: "concurrent write", status: 449,
			wants: []want{{once + ", " + repeatable, "w16", 11 * time.Second, nil, false}}},
		{name: "write forbidden", status: 403, sub: 3,
			wants: []want{{once + ", " + repeatable, "w121 e121", 125 * time.Second, ErrForbidden, false}}},
		{name: "service timeout", status: 408, wants: []want{
			{reads + ", " + feed, "w1 e1", 0, ErrTimeout, false}, {once, "w1", 0, ErrTimeout, true},
			{repeatable, "w2", time.Second, ErrTimeout, true},
		}},
		{name: "internal error", status: 500, wants: []want{
			{reads + ", " + feed, "w1 e1", 0, nil, false}, {once, "w1", 0, nil, true},
			{repeatable, "w2", time.Second, nil, true},
		}},
		{name: "bad gateway", status: 502, wants: []want{
			{reads + ", " + feed, "w1 e1", 0, nil, false}, {once, "w1", 0, nil, true},
			{repeatable, "w2", time.Second, nil, true},
		}},
		{name: "not implemented", status: 501, wants: []want{{all, "w1", 0, nil, false}}},
		{name: "gateway timeout", status: 504, wants: []want{
			{reads + ", " + feed, "w1 e1", 0, nil, false}, {once, "w1", 0, nil, true},
			{repeatable, "w2", time.Second, nil, true},
		}},
		{name: "lease lost", status: 410, sub: 1022, wants: []want{
			{"read, query plan, metadata read", "w1 e1", 0, ErrGone, false}, {once, "w1", 0, ErrGone, true},
			{repeatable, "w2", time.Second, ErrGone, true},
		}},
		{name: "gone", status: 410,
			wants: []want{{"read, query plan, " + once + ", " + repeatable, "w11", 25 * time.Second, ErrGone, false}}},
		{name: "splitting", status: 410, sub: 1007,
			wants: []want{{"read, query plan, " + once + ", " + repeatable, "w11", 25 * time.Second, ErrGone, false}}},
		{name: "unavailable", status: 503, wants: []want{
			{reads + ", " + feed, "w1 e1", 0, ErrUnavailable, false}, {once, "w1", 0, ErrUnavailable, true},
			{repeatable, "w4", time.Second, ErrUnavailable, true},
		}},
		{name: "unavailable for an hour", status: 503, header: []string{"x-ms-retry-after-ms", "3600000"},
			wants: []want{
				{reads + ", " + feed, "w1 e1", 0, ErrUnavailable, false}, {once, "w1", 0, ErrUnavailable, true},
				{repeatable, "w1", 0, ErrUnavailable, true},
			}},
		{name: "bulk: unavailable", status: 503, wants: []want{{"bulk patch", "w1", 0, ErrUnavailable, true},
			{"bulk upsert", "w11", 25 * time.Second, ErrUnavailable, true}}},
		{name: "bulk: internal error", status: 500,
			wants: []want{{"bulk patch", "w1", 0, nil, true}, {"bulk upsert", "w2", time.Second, nil, true}}},
		{name: "bulk: concurrent write", status: 449,
			wants: []want{{"bulk patch, bulk upsert", "w16", 11 * time.Second, nil, false}}},
		{name: "bulk: cut", lost: &net.OpError{Op: "read", Err: errors.New("reset")}, wants: []want{
			{"bulk patch", "w1", 0, ErrUnavailable, true},
			{"bulk upsert", "w11", 25 * time.Second, ErrUnavailable, true},
		}},
		{name: "bulk: too large", status: 413, wants: []want{{"bulk patch, bulk upsert", "w1", 0, ErrTooLarge, false}}},
		{name: "never connected", lost: &net.OpError{Op: "dial", Err: errors.New("refused")}, wants: []want{
			{reads + ", " + feed, "w2 e1", time.Second, ErrUnavailable, false},
		}},
		{name: "cut", lost: &net.OpError{Op: "read", Err: errors.New("reset")}, wants: []want{
			{reads + ", " + feed, "w2 e1", time.Second, ErrUnavailable, false}, {once, "w1", 0, ErrUnavailable, true},
			{repeatable, "w4", time.Second, ErrUnavailable, true},
		}},
		{name: "never answered", lost: context.DeadlineExceeded, wants: []want{
			{reads + ", " + feed, "w1 e1", 131 * time.Second, ErrUnavailable, false},
			{once, "w1", 66 * time.Second, ErrUnavailable, true},
			{repeatable, "w4", 262 * time.Second, ErrUnavailable, true},
		}},
	}
	short := func(asked []string) string {
		var words []string
		for _, region := range []string{"west", "east"} {
			n := 0
			for _, a := range asked {
				if a == region {
					n++
				}
			}
			if n > 0 {
				words = append(words, region[:1]+strconv.Itoa(n))
			}
		}
		return strings.Join(words, " ")
	}
	for _, tt := range tests {
		for _, w := range tt.wants {
			who := strings.ReplaceAll(w.who, "upsert, repeatable", "upsert; repeatable")
			for name := range strings.SplitSeq(who, ", ") {
				name = strings.ReplaceAll(name, ";", ",")
				i := slices.IndexFunc(classes, func(c class) bool { return c.name == name })
				require.GreaterOrEqual(t, i, 0, name)
				t.Run(tt.name+"/"+name, func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						r := &playedAccount{target: classes[i].target}
						r.fault = func(req *http.Request) (*http.Response, error) {
							switch {
							case errors.Is(tt.lost, context.DeadlineExceeded):
								<-req.Context().Done()
								return nil, req.Context().Err()
							case tt.lost != nil:
								return nil, tt.lost
							}
							if tt.status == 200 {
								resp := httpAnswer(200, tt.body)
								if tt.stranger {
									resp.Header = http.Header{}
								}
								return resp, nil
							}
							return httpAnswer(tt.status, `{"code":"Code","message":"the message"}`,
								append([]string{"x-ms-substatus", strconv.Itoa(tt.sub)}, tt.header...)...), nil
						}
						c := r.container(t)
						start := time.Now()
						err := classes[i].run(t.Context(), c)
						took := time.Since(start)
						require.Equal(t, w.asked, short(r.asked), "%v", err)
						require.LessOrEqual(t, took, w.longest+w.longest/8)
						require.Error(t, err)
						if w.is != nil {
							require.ErrorIs(t, err, w.is)
						}
						require.Equal(t, w.unknown, errors.Is(err, ErrUnknownOutcome), "%v", err)
						require.NotErrorIs(t, err, context.DeadlineExceeded, fmt.Sprint("nobody had a deadline: ", err))
					})
				})
			}
		}
	}
}
