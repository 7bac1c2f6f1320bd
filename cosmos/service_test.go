package cosmos_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// Tests against the in-process server, through the public API alone.

type book struct {
	ID     string `json:"id"`
	Author string `json:"author"`
	Title  string `json:"title,omitempty"`
	Pages  int    `json:"pages,omitempty"`
}

// library starts a server with a container "books", partitioned by /author over four partitions.
func library(t testing.TB, opts ...cosmostest.Option) (*cosmostest.Server, *cosmos.Container) {
	t.Helper()
	srv := cosmostest.RunT(t,
		append(opts, cosmostest.Data(cosmostest.Database{ID: "library", Containers: []cosmostest.ContainerData{
			{ID: "books", PartitionKey: []string{"/author"}, Throughput: 400}}}))...)
	return srv, connect(t, srv, nil).Database("library").Container("books")
}

func connect(t testing.TB, srv *cosmostest.Server, opts *cosmos.ClientOptions) *cosmos.Client {
	t.Helper()
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client
}

func TestDocumentsEndToEnd(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx := t.Context()
	resp, err := books.CreateItem(ctx, book{ID: "1 é?#%", Author: "Zoë", Title: "<A>"})
	require.NoError(t, err)
	require.Equal(t, 201, resp.StatusCode)
	require.NotEmpty(t, resp.SessionToken)
	_, err = books.CreateItem(ctx, book{ID: "1 é?#%", Author: "Zoë"})
	require.ErrorIs(t, err, cosmos.ErrConflict)
	_, err = books.CreateItem(ctx, book{ID: "1 é?#%", Author: "Ann"})
	require.NoError(t, err, "ids are unique in a logical partition only")

	key := cosmos.PartitionKey("Zoë")
	resp, err = books.ReadItem(ctx, "1 é?#%", key)
	require.NoError(t, err)
	var got book
	require.NoError(t, resp.Decode(&got))
	require.Equal(t, book{ID: "1 é?#%", Author: "Zoë", Title: "<A>"}, got)
	same, err := books.ReadItem(ctx, "1 é?#%", key, cosmos.IfNoneMatch(resp.ETag))
	require.NoError(t, err)
	require.Equal(t, 304, same.StatusCode)

	got.Pages = 7
	_, err = books.ReplaceItem(ctx, got.ID, got, cosmos.IfMatch(`"stale"`))
	require.ErrorIs(t, err, cosmos.ErrPreconditionFailed)
	replaced, err := books.ReplaceItem(ctx, got.ID, got, cosmos.IfMatch(resp.ETag), cosmos.ContentResponse(false))
	require.NoError(t, err)
	require.Empty(t, replaced.Body)
	require.NotEqual(t, resp.ETag, replaced.ETag)
	up, err := books.UpsertItem(ctx, book{ID: "new", Author: "Ann"})
	require.NoError(t, err)
	require.Equal(t, 201, up.StatusCode)
	up, err = books.UpsertItem(ctx, book{ID: "new", Author: "Ann", Pages: 3})
	require.NoError(t, err)
	require.Equal(t, 200, up.StatusCode)

	_, err = books.DeleteItem(ctx, "new", cosmos.PartitionKey("Ann"))
	require.NoError(t, err)
	_, err = books.DeleteItem(ctx, "new", cosmos.PartitionKey("Ann"))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	n := 0
	for raw, err := range books.Items(ctx, cosmos.PageSize(1)) {
		require.NoError(t, err)
		require.True(t, json.Valid(raw))
		n++
	}
	require.Equal(t, 2, n)
}

func TestReadYourWrites(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ctx := t.Context()
	resp, err := books.CreateItem(ctx, book{ID: "1", Author: "Ann"})
	require.NoError(t, err)
	_, err = books.ReadItem(ctx, "1", cosmos.PartitionKey("Ann"))
	require.NoError(t, err)
	// Another client is handed the token.
	other := connect(t, srv, nil).Database("library").Container("books")
	_, err = other.ReadItem(ctx, "1", cosmos.PartitionKey("Ann"), cosmos.SessionToken(resp.SessionToken))
	require.NoError(t, err)
}

func TestPatchEndToEnd(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx := t.Context()
	key := cosmos.PartitionKey("Ann")
	_, err := books.CreateItem(ctx,
		map[string]any{"id": "1", "author": "Ann", "pages": 5, "tags": []string{"a", "b"}, "old": "x", "gone": 1})
	require.NoError(t, err)
	resp, err := books.PatchItem(ctx, "1", []cosmos.PatchOperation{
		cosmos.PatchSet("/title", "T"),
		cosmos.PatchSet("/none", nil),
		cosmos.PatchAdd("/tags/0", "first"),
		cosmos.PatchReplace("/pages", 10),
		cosmos.PatchIncrement("/pages", -2.5),
		cosmos.PatchMove("/old", "/new"),
		cosmos.PatchRemove("/gone"),
	}, key, cosmos.PatchCondition("from c where c.pages = 5"))
	require.NoError(t, err)
	var got map[string]any
	require.NoError(t, resp.Decode(&got))
	for _, name := range []string{"_rid", "_self", "_etag", "_ts", "_attachments"} {
		delete(got, name)
	}
	require.Equal(t, map[string]any{"id": "1", "author": "Ann", "pages": 7.5, "tags": []any{"first", "a", "b"},
		"new": "x", "title": "T", "none": nil}, got)
	_, err = books.PatchItem(ctx, "1", []cosmos.PatchOperation{cosmos.PatchSet("/a", 1)}, key,
		cosmos.PatchCondition(`from c where c.title = "other"`))
	require.ErrorIs(t, err, cosmos.ErrPreconditionFailed)

	eleven := make([]cosmos.PatchOperation, 11)
	for i := range eleven {
		eleven[i] = cosmos.PatchSet(fmt.Sprintf("/a%d", i), i)
	}
	for want, ops := range map[string][]cosmos.PatchOperation{
		"no operations":           nil,
		"11 operations":           eleven,
		"does not begin with /":   {cosmos.PatchSet("a", 1)},
		"is not one of ~0":        {cosmos.PatchSet("/list/12~", 1)},
		"is not a number to add":  {cosmos.PatchIncrement("/a", "1")},
		"none of add, set":        {{Op: "test", Path: "/a"}},
		"a value of type chan":    {cosmos.PatchSet("/a", make(chan int))},
		`path "b" does not begin`: {cosmos.PatchMove("b", "/a")},
	} {
		_, err = books.PatchItem(ctx, "1", ops, key)
		require.ErrorContains(t, err, want)
	}
}

func TestBatchEndToEnd(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx := t.Context()
	resp, err := books.TransactionalBatch(ctx, []cosmos.Operation{
		cosmos.OpCreate(book{ID: "1", Author: "Ann"}),
		cosmos.OpUpsert(book{ID: "2", Author: "Ann"}),
		cosmos.OpPatch("1", []cosmos.PatchOperation{cosmos.PatchSet("/title", "T")},
			cosmos.PatchCondition("from c where c.author = 'Ann'")),
		cosmos.OpReplace("2", book{ID: "2", Author: "Ann", Pages: 2}),
		cosmos.OpRead("1"),
		cosmos.OpDelete("2"),
	})
	require.NoError(t, err)
	require.Len(t, resp.Results, 6)
	status := []int{}
	for _, r := range resp.Results {
		status = append(status, r.StatusCode)
	}
	require.Equal(t, []int{201, 201, 200, 200, 200, 204}, status)
	require.Contains(t, string(resp.Results[4].Body), `"title":"T"`)
	require.Positive(t, resp.RequestCharge)
	require.NotEmpty(t, resp.SessionToken)

	_, err = books.TransactionalBatch(ctx, []cosmos.Operation{
		cosmos.OpCreate(book{ID: "3", Author: "Ann"}),
		cosmos.OpDelete("1", cosmos.IfMatch(`"stale"`)),
		cosmos.OpDelete("none"),
	})
	var failed *cosmos.BatchError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, 1, failed.Index)
	require.ErrorIs(t, err, cosmos.ErrPreconditionFailed)
	require.ErrorContains(t, err,
		"operation 2 of the batch (Delete 1) failed, and nothing was done: 412 PreconditionFailed")
	_, err = books.ReadItem(ctx, "3", cosmos.PartitionKey("Ann"))
	require.ErrorIs(t, err, cosmos.ErrNotFound, "nothing of a failed batch is left")

	big := make([]cosmos.Operation, 101)
	for i := range big {
		big[i] = cosmos.OpDelete(fmt.Sprint(i))
	}
	huge := book{ID: "x", Author: "Ann", Title: strings.Repeat("x", 1_200_000)}
	ann := cosmos.PartitionKey("Ann")
	for want, ops := range map[string][]cosmos.Operation{
		"no operations":                  {},
		"101 operations":                 big,
		"more than 2097152 bytes (2 MB)": {cosmos.OpCreate(huge), cosmos.OpUpsert(huge)},
		"stays in one logical partition": {cosmos.OpCreate(book{ID: "1", Author: "Bob"})},
		"operation 2 of the batch (Delete) is refused, and nothing was sent: the document id is empty": {
			cosmos.OpDelete("1"), cosmos.OpDelete("")},
		"patch has no operations": {cosmos.OpPatch("1", nil)},
	} {
		_, err = books.TransactionalBatch(ctx, ops, ann)
		require.ErrorContains(t, err, want)
	}
	_, err = books.TransactionalBatch(ctx, []cosmos.Operation{cosmos.OpDelete("1")})
	require.ErrorContains(t, err, "needs the option PartitionKey")
}

func TestThroughputEndToEnd(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx := t.Context()
	p, err := books.ReadThroughput(ctx)
	require.NoError(t, err)
	require.NotZero(t, p.Response.RequestCharge)
	p.Response = nil
	require.Equal(t, cosmos.ThroughputProperties{Manual: 400, Current: 400, Minimum: 400}, *p)
	p, err = books.ReplaceThroughput(ctx, cosmos.Throughput(700))
	require.NoError(t, err)
	require.Equal(t, 700, p.Manual)
	p, err = books.ReplaceThroughput(ctx, cosmos.AutoscaleThroughput(4000))
	require.NoError(t, err)
	require.Equal(t, 4000, p.Autoscale)
	require.Zero(t, p.Manual)
	p, err = books.ReplaceThroughput(ctx, cosmos.Throughput(500))
	require.NoError(t, err)
	require.Equal(t, 500, p.Manual)
	_, err = books.ReplaceThroughput(ctx)
	require.ErrorContains(t, err, "needs one of the options")
	_, err = books.ReplaceThroughput(ctx, cosmos.Throughput(450))
	require.ErrorIs(t, err, cosmos.ErrBadRequest)
	_, err = books.Database().ReadThroughput(ctx)
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	require.ErrorContains(t, err, `database "library" has no throughput of its own`)
	client := books.Database().Client()
	_, err = client.CreateDatabase(ctx, "shared", cosmos.AutoscaleThroughput(1000))
	require.NoError(t, err)
	p, err = client.Database("shared").ReadThroughput(ctx)
	require.NoError(t, err)
	require.Equal(t, 1000, p.Autoscale)
	p, err = client.Database("shared").ReplaceThroughput(ctx, cosmos.AutoscaleThroughput(2000))
	require.NoError(t, err)
	require.Equal(t, 2000, p.Autoscale)
}

func TestFaultsAreSurvived(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ctx := t.Context()
	var st cosmos.Stats
	srv.Fail(cosmostest.Create, 3, 429, 3200, time.Millisecond)
	_, err := books.CreateItem(cosmos.WithStats(ctx, &st), book{ID: "1", Author: "Ann"})
	require.NoError(t, err)
	require.Equal(t, 3, st.Snapshot().Retries)
	srv.Fail(cosmostest.Create, 2, 449, 0, 0)
	_, err = books.CreateItem(ctx, book{ID: "2", Author: "Ann"})
	require.NoError(t, err)
	srv.Fail(cosmostest.Read, 2, 503, 0, time.Millisecond)
	_, err = books.ReadItem(ctx, "1", cosmos.PartitionKey("Ann"))
	require.NoError(t, err)
	srv.Fail(cosmostest.Upsert, 1, 503, 0, 0)
	_, err = books.UpsertItem(ctx, book{ID: "3", Author: "Ann"})
	require.ErrorIs(t, err, cosmos.ErrUnavailable)
	require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Upsert), Times: 1, Cut: cosmostest.CutAfter})
	_, err = books.UpsertItem(ctx, book{ID: "4", Author: "Ann"})
	require.ErrorIs(t, err, cosmos.ErrUnknownOutcome)
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Create), Times: 1, Cut: cosmostest.CutAfter})
	_, err = books.CreateItem(ctx, book{ID: "6", Author: "Ann"})
	require.NoError(t, err, "the document proves it")
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Read), Times: 2, Cut: cosmostest.CutAfter})
	_, err = books.ReadItem(ctx, "4", cosmos.PartitionKey("Ann"))
	require.NoError(t, err, "it had been written after all")
	srv.Inject(cosmostest.Fault{Match: cosmostest.On(cosmostest.Upsert), Times: 2, Cut: cosmostest.CutAfter})
	_, err = books.UpsertItem(ctx, book{ID: "5", Author: "Ann"}, cosmos.RepeatWrites(true))
	require.NoError(t, err)
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	srv.Fail(cosmostest.Read, 1, 429, 3200, 10*time.Second)
	_, err = books.ReadItem(short, "1", cosmos.PartitionKey("Ann"))
	require.ErrorIs(t, err, cosmos.ErrThrottled)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, short.Err(), "it failed at once")
}

func TestTLS(t *testing.T) {
	t.Parallel()
	srv := cosmostest.NewServer(cosmostest.TLS())
	defer srv.Close()
	ctx := t.Context()
	_, err := connect(t, srv, &cosmos.ClientOptions{InsecureSkipVerify: true}).Account(ctx)
	require.NoError(t, err)
	cred, err := cosmos.KeyCredential(srv.Key())
	require.NoError(t, err)
	strict, err := cosmos.NewClient(srv.Endpoint(), cred, nil)
	require.NoError(t, err)
	defer strict.Close()
	_, err = strict.Account(ctx)
	require.ErrorIs(t, err, cosmos.ErrUnavailable)
	require.ErrorContains(t, err, "InsecureSkipVerify")
	own, err := cosmos.NewClient(srv.Endpoint(), cred, &cosmos.ClientOptions{HTTPClient: srv.HTTPClient()})
	require.NoError(t, err)
	_, err = own.Account(ctx)
	require.NoError(t, err)
	srv.HTTPClient().CloseIdleConnections()
}

func BenchmarkPointRead(b *testing.B) {
	_, books := library(b)
	_, err := books.CreateItem(b.Context(), book{ID: "1", Author: "Ann", Title: strings.Repeat("x", 100)})
	require.NoError(b, err)
	key := cosmos.PartitionKey("Ann")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := books.ReadItem(b.Context(), "1", key); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCreate(b *testing.B) {
	_, books := library(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := books.CreateItem(b.Context(), book{ID: fmt.Sprint(i), Author: "Ann"},
			cosmos.ContentResponse(false)); err != nil {
			b.Fatal(err)
		}
	}
}
