package cosmos_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// model is what the service should hold: documents by logical partition and id, with the ETag of their last version.
type model map[string]entry

type entry struct {
	doc  book
	etag string
}

// TestAgainstAModel does random things to random documents, with the right ETag, a wrong one or none, and compares
// every outcome with that of a map. All the while partitions split, and requests are throttled.
func TestAgainstAModel(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ctx := t.Context()
	srv.Inject(cosmostest.Fault{
		Match:  func(cosmostest.Request) bool { return rand.IntN(20) == 0 },
		Status: 429, SubStatus: 3200, RetryAfter: time.Millisecond,
	})
	m := make(model)
	for step := range 1500 {
		if step%400 == 399 {
			ranges, err := srv.Ranges("library", "books")
			require.NoError(t, err)
			_, err = srv.Split("library", "books", ranges[rand.IntN(len(ranges))].ID)
			require.NoError(t, err)
		}
		doc := book{ID: fmt.Sprint(rand.IntN(8)), Author: fmt.Sprint("author ", rand.IntN(5)), Pages: step}
		at := doc.Author + "/" + doc.ID
		have, exists := m[at]
		key := cosmos.PartitionKey(doc.Author)
		etag, right := "", true
		var opts []cosmos.Option
		switch rand.IntN(3) {
		case 0:
			etag, right = `"00000000-0000-0000-0000-000000000000"`, false
		case 1:
			etag = have.etag
		}
		if etag != "" {
			opts = append(opts, cosmos.IfMatch(etag))
		}
		var resp *cosmos.Response
		var err, want error
		stays := doc
		switch kind := rand.IntN(6); kind {
		case 0:
			resp, err = books.CreateItem(ctx, doc)
			if exists {
				want = cosmos.ErrConflict
			}
		case 1:
			resp, err = books.UpsertItem(ctx, doc, opts...)
			if exists && !right {
				want = cosmos.ErrPreconditionFailed
			}
		case 2, 3, 4:
			switch {
			case !exists:
				want = cosmos.ErrNotFound
			case !right:
				want = cosmos.ErrPreconditionFailed
			}
			switch kind {
			case 2:
				resp, err = books.ReplaceItem(ctx, doc.ID, doc, opts...)
			case 3:
				resp, err = books.DeleteItem(ctx, doc.ID, append(opts, key)...)
				stays = book{}
			case 4:
				stays = have.doc
				stays.Pages++
				resp, err = books.PatchItem(ctx, doc.ID, []cosmos.PatchOperation{cosmos.PatchIncrement("/pages", 1)},
					append(opts, key)...)
			}
		case 5:
			resp, err = books.ReadItem(ctx, doc.ID, key)
			if !exists {
				require.ErrorIs(t, err, cosmos.ErrNotFound)
				continue
			}
			require.NoError(t, err)
			var got book
			require.NoError(t, resp.Decode(&got))
			require.Equal(t, have.doc, got)
			require.Equal(t, have.etag, resp.ETag)
			continue
		}
		if want != nil {
			require.ErrorIs(t, err, want, "step %d, %s", step, at)
			continue
		}
		require.NoError(t, err, "step %d, %s", step, at)
		if stays == (book{}) {
			delete(m, at)
		} else {
			m[at] = entry{stays, resp.ETag}
		}
	}
	found := 0
	for b, err := range cosmos.Query[book](ctx, books, "SELECT * FROM b ORDER BY b.pages") {
		require.NoError(t, err)
		require.Equal(t, m[b.Author+"/"+b.ID].doc, b)
		found++
	}
	require.Len(t, m, found)
}

// The same kinds of documents that trip other clients: odd ids, odd keys, numbers, nulls, deep and wide values.
func TestOddDocuments(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx := t.Context()
	ids := []string{"plain", "a b", "50% off", "what?", "tag#1", "a+b", "a&b=c", `quo"te`, "é", "日本語", "😀",
		":@!$'()*,;", "%2F", "a..b", "~", "x'; DROP"}
	keys := []any{"p", "", "é\u2028", "😀", `"quoted"`, 5, -1.5, 1e21, 9007199254740991.0, true, false, nil,
		cosmos.Undefined}
	for i, id := range ids {
		for j, key := range keys {
			doc := map[string]any{"id": id, "n": json.Number("9007199254740993"),
				"nested": map[string]any{"a": []any{nil, map[string]any{"b": "<&>"}}}, "_mine": 1}
			if key != cosmos.Undefined {
				doc["author"] = key
			}
			_, err := books.CreateItem(ctx, doc)
			require.NoError(t, err, "id %q, key %v", id, key)
			resp, err := books.ReadItem(ctx, id, cosmos.PartitionKey(key))
			require.NoError(t, err, "id %q, key %v", id, key)
			require.Contains(t, string(resp.Body), `"n":9007199254740993`, "numbers are not touched")
			require.Contains(t, string(resp.Body), `"<&>"`)
			require.Contains(t, string(resp.Body), `"_mine":1`)
			if (i+j)%2 == 0 {
				_, err = books.DeleteItem(ctx, id, cosmos.PartitionKey(key))
				require.NoError(t, err)
			}
		}
	}
}

func TestUniqueKeysAndTimeToLive(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, books := library(t, cosmostest.Clock(func() time.Time { return clock }))
	ctx := t.Context()
	ttl := 60
	_, err := books.Database().CreateContainer(ctx, cosmos.ContainerProperties{
		ID: "strict", PartitionKey: cosmos.PartitionKeyPaths("/author"), DefaultTTL: &ttl,
		UniqueKeyPolicy: &cosmos.UniqueKeyPolicy{UniqueKeys: []cosmos.UniqueKey{{Paths: []string{"/title"}}}},
	})
	require.NoError(t, err)
	strict := books.Database().Container("strict")
	put(t, strict, book{ID: "1", Author: "Ann", Title: "T"})
	_, err = strict.CreateItem(ctx, book{ID: "2", Author: "Ann", Title: "T"})
	require.ErrorIs(t, err, cosmos.ErrConflict)
	results := cosmos.Collect(strict.CreateMany(ctx,
		cosmos.Each([]book{{ID: "3", Author: "Ann", Title: "T"}, {ID: "4", Author: "Bob", Title: "T"}})))
	require.ErrorIs(t, results[0].Err, cosmos.ErrConflict)
	require.NoError(t, results[1].Err)
	clock = clock.Add(61 * time.Second)
	_, err = strict.ReadItem(ctx, "1", cosmos.PartitionKey("Ann"))
	require.ErrorIs(t, err, cosmos.ErrNotFound)
	_, err = strict.CreateItem(ctx, book{ID: "2", Author: "Ann", Title: "T"})
	require.NoError(t, err, "what has expired is in nobody's way")
}

func TestPrefixOfAHierarchicalKey(t *testing.T) {
	t.Parallel()
	_, books := library(t)
	ctx := t.Context()
	_, err := books.Database().CreateContainer(ctx,
		cosmos.ContainerProperties{ID: "tree", PartitionKey: cosmos.PartitionKeyPaths("/tenant", "/user")})
	require.NoError(t, err)
	tree := books.Database().Container("tree")
	type leaf struct {
		ID     string `json:"id"`
		Tenant string `json:"tenant"`
		User   int    `json:"user"`
	}
	var list []leaf
	for i := range 60 {
		list = append(list, leaf{fmt.Sprint(i), fmt.Sprint("t", i%3), i % 5})
	}
	for r := range tree.CreateMany(ctx, cosmos.Each(list)) {
		require.NoError(t, r.Err)
	}
	count := func(key ...any) (n int) {
		for _, err := range cosmos.Query[leaf](ctx, tree, "SELECT * FROM c", cosmos.PartitionKey(key...)) {
			require.NoError(t, err)
			n++
		}
		return n
	}
	require.Equal(t, 20, count("t1"))
	require.Equal(t, 4, count("t1", 2))
	feed := tree.ChangeFeed(cosmos.PartitionKey("t1"))
	require.Len(t, changes(t, feed), 20)
	_, err = tree.ReadItem(ctx, "1", cosmos.PartitionKey("t1"))
	require.ErrorContains(t, err, "fewer values")
	_, err = tree.ReadItem(ctx, "1", cosmos.PartitionKey("t1", 1))
	require.NoError(t, err)
}

func TestRegionsEndToEnd(t *testing.T) {
	t.Parallel()
	srv := cosmostest.NewServer(cosmostest.Regions("West US", "East US"))
	defer srv.Close()
	ctx := t.Context()
	client := connect(t, srv, &cosmos.ClientOptions{PreferredRegions: []string{"eastus"}})
	_, err := client.CreateDatabase(ctx, "library")
	require.NoError(t, err)
	_, err = client.Database("library").
		CreateContainer(ctx, cosmos.ContainerProperties{ID: "books", PartitionKey: cosmos.PartitionKeyPaths("/author")})
	require.NoError(t, err)
	books := client.Database("library").Container("books")
	resp, err := books.CreateItem(ctx, book{ID: "1", Author: "Ann"})
	require.NoError(t, err)
	require.Equal(t, "West US", resp.Region)
	key := cosmos.PartitionKey("Ann")
	resp, err = books.ReadItem(ctx, "1", key)
	require.NoError(t, err)
	require.Equal(t, "East US", resp.Region)

	start := srv.StopRegion("East US")
	var st cosmos.Stats
	resp, err = books.ReadItem(cosmos.WithStats(ctx, &st), "1", key)
	require.NoError(t, err, "the other region answers")
	require.Equal(t, "West US", resp.Region)
	require.Positive(t, st.Snapshot().Retries)
	require.Equal(t, []string{"West US"}, st.Snapshot().Regions)
	resp, err = books.ReadItem(ctx, "1", key)
	require.NoError(t, err)
	require.Zero(t, resp.Retries, "and is asked first from then on")
	start()

	account, err := client.Account(ctx)
	require.NoError(t, err)
	require.Len(t, account.ReadRegions, 2)
	require.Equal(t, "West US", account.WriteRegions[0].Name)
}

func TestSessionOfAnotherClient(t *testing.T) {
	t.Parallel()
	srv, books := library(t)
	ctx := t.Context()
	resp, err := books.CreateItem(ctx, book{ID: "1", Author: "Ann"})
	require.NoError(t, err)
	// A session that nobody has caught up with is no missing document.
	srv.Fail(cosmostest.Read, 0, 404, 1002, 0)
	_, err = books.ReadItem(ctx, "1", cosmos.PartitionKey("Ann"), cosmos.SessionToken(resp.SessionToken))
	require.False(t, errors.Is(err, cosmos.ErrNotFound))
	require.ErrorIs(t, err, cosmos.ErrUnavailable)
}
