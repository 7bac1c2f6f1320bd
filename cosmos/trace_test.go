package cosmos_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// recorder is a Tracer that writes down what it is told.
type recorder struct {
	mu    sync.Mutex
	lines []string
	open  int
	all   strings.Builder
}

func (r *recorder) note(open int, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open += open
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

// record keeps all that an event has, to look for secrets in it.
func (r *recorder) record(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintf(&r.all, "%+v", event)
}

type depth struct{}

func (r *recorder) OperationBegins(ctx context.Context, b cosmos.OperationBegin) context.Context {
	r.note(1, "begin %s %s/%s", b.Name, b.Database, b.Container)
	return context.WithValue(ctx, depth{}, b.Name)
}

func (r *recorder) OperationEnds(ctx context.Context, e cosmos.OperationEnd) {
	ru := "free"
	if e.RequestCharge > 0 {
		ru = "paid"
	}
	r.record(e)
	r.note(-1, "end %s %d/%d attempts=%d rows=%d %s err=%t", ctx.Value(depth{}), e.StatusCode, e.SubStatus, e.Attempts,
		e.Rows, ru, e.Err != nil)
}

func (r *recorder) AttemptBegins(ctx context.Context, b cosmos.AttemptBegin) context.Context {
	r.note(1, "  %s of %v", b.Method, ctx.Value(depth{}))
	return context.WithValue(ctx, depth{}, "attempt")
}

func (r *recorder) AttemptEnds(ctx context.Context, e cosmos.AttemptEnd) {
	r.record(e)
	r.note(-1, "  %v %d %d", ctx.Value(depth{}), e.Number, e.StatusCode)
}

func (r *recorder) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := strings.Join(r.lines, "\n")
	r.lines = nil
	return text
}

// The tracer is told of operations and attempts in pairs, and of no document, parameter or secret.
func TestTracer(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t)
	made := srv.Container("/author")
	tracer := &recorder{}
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), &cosmos.ClientOptions{Tracer: tracer})
	require.NoError(t, err)
	defer client.Close()
	db, id := made.Database, made.ID
	books := client.Database(db).Container(id)
	ctx := t.Context()
	srv.Fail(cosmostest.Create, 1, 429, 3200, time.Millisecond)
	_, err = books.CreateItem(ctx, map[string]string{"id": "1", "author": "secret author"})
	require.NoError(t, err)
	require.Equal(t, strings.Join([]string{
		"begin create_item " + db + "/" + id,
		"  GET of create_item", "  attempt 1 200", // the account
		"  GET of create_item", "  attempt 1 200", // the container
		"  POST of create_item", "  attempt 1 429", "  POST of create_item", "  attempt 2 201",
		"end create_item 201/0 attempts=4 rows=0 paid err=false",
	}, "\n"), tracer.take())

	_, err = books.ReadItem(ctx, "2", cosmos.PartitionKey("secret author"))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	require.Contains(t, tracer.take(), "end read_item 404/0 attempts=1 rows=0 paid err=true")
	for _, err := range cosmos.Query[map[string]any](ctx, books, "SELECT * FROM c WHERE c.author = @a",
		cosmos.Parameter{Name: "@a", Value: "secret author"}) {
		require.NoError(t, err)
	}
	seen := tracer.take()
	require.Contains(t, seen, "end query_items 200/0 attempts=1 rows=1 paid err=false")
	require.Equal(t, 2, strings.Count(seen, "end query_items"), "the end of the result is not an error: "+seen)
	require.NotContains(t, seen, "err=true")
	_, err = books.TransactionalBatch(ctx, []cosmos.Operation{cosmos.OpDelete("1")},
		cosmos.PartitionKey("secret author"))
	require.NoError(t, err)
	require.Contains(t, tracer.take(), "end execute_batch 200/0 attempts=1")
	for r := range books.UpsertMany(ctx, cosmos.Each([]map[string]string{{"id": "1", "author": "secret author"}})) {
		require.NoError(t, r.Err)
	}
	require.Contains(t, tracer.take(), "end execute_bulk 200/0 attempts=")
	for _, err := range books.ChangeFeed().Items(ctx) {
		require.NoError(t, err)
	}
	require.Contains(t, tracer.take(), "end query_change_feed")
	_, err = client.Account(ctx)
	require.NoError(t, err)
	_, err = books.Read(ctx)
	require.NoError(t, err)
	require.Contains(t, tracer.take(), "end read_container 200/0 attempts=1 rows=0 paid err=false")
	client.Close() // ends what was read ahead
	require.Eventually(t, func() bool {
		tracer.mu.Lock()
		defer tracer.mu.Unlock()
		return tracer.open == 0
	}, 10*time.Second, time.Millisecond, "whatever begins ends")
	tracer.mu.Lock()
	defer tracer.mu.Unlock()
	require.NotContains(t, tracer.all.String(), "secret author")
	require.NotContains(t, tracer.all.String(), srv.Key())
}
