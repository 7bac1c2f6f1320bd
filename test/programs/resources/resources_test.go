package resources_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/cosmossql/cosmossql/test/programs/resources"
)

type fixture struct {
	resources.Store
	srv *cosmostest.Server
	db  *cosmos.Database
}

func open(t *testing.T) fixture {
	t.Helper()
	srv := cosmostest.RunT(t)
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	_, err = client.CreateDatabase(t.Context(), "provider")
	require.NoError(t, err)
	db := client.Database("provider")
	s, err := resources.Open(t.Context(), db, "resources", time.Hour)
	require.NoError(t, err)
	return fixture{s, srv, db}
}

func cluster(subscription, name string) *resources.Resource {
	return &resources.Resource{
		Path:  "/subscriptions/" + subscription + "/clusters/" + name,
		State: "Creating", Properties: json.RawMessage(`{"nodes":3}`),
	}
}

func (f fixture) create(t *testing.T, subscription, name string) *resources.Resource {
	t.Helper()
	r := cluster(subscription, name)
	require.NoError(t, f.Create(t.Context(), r))
	return r
}

func TestChangesNeedTheETag(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	r := f.create(t, "s1", "a")
	require.ErrorIs(t, f.Create(ctx, cluster("S1", "A")), resources.ErrExists, "paths know no case")
	got, err := f.Get(ctx, "/Subscriptions/S1/Clusters/A")
	require.NoError(t, err)
	require.Equal(t, r, got)

	// Two read it; the second to write has to read again.
	mine, theirs := *got, *got
	theirs.State = "Failed"
	require.NoError(t, f.Replace(ctx, &theirs))
	mine.State = "Ready"
	require.ErrorIs(t, f.Replace(ctx, &mine), resources.ErrChanged)
	require.ErrorIs(t, f.Delete(ctx, &mine), resources.ErrChanged)

	// What was never read changes nothing.
	unread := cluster("s1", "a")
	for _, change := range []func(context.Context, *resources.Resource) error{f.Replace, f.Delete} {
		require.ErrorContains(t, change(ctx, unread), "ETag")
	}
	tx := f.Begin("s1")
	tx.Replace(unread)
	require.ErrorContains(t, tx.Commit(ctx), "ETag")

	got, err = f.Get(ctx, r.Path)
	require.NoError(t, err)
	require.Equal(t, &theirs, got)
	_, err = f.Get(ctx, "/subscriptions/s2/clusters/a")
	require.ErrorIs(t, err, resources.ErrNotFound)
	_, err = f.Get(ctx, "clusters/a")
	require.ErrorContains(t, err, "not a path")
}

func TestSoftDelete(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	r := f.create(t, "s1", "a")
	require.NoError(t, f.Delete(ctx, r))
	_, err := f.Get(ctx, r.Path)
	require.ErrorIs(t, err, resources.ErrNotFound)
	list, _, err := f.List(ctx, "/subscriptions/s1", 0, "")
	require.NoError(t, err)
	require.Empty(t, list)
	require.ErrorIs(t, f.Create(ctx, cluster("s1", "a")), resources.ErrExists, "its name is taken for an hour")

	kept, err := f.srv.Documents("provider", "resources")
	require.NoError(t, err)
	require.Len(t, kept, 1)
	f.srv.Advance(2 * time.Hour)
	f.create(t, "s1", "a")
}

func TestTransaction(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	a, b := f.create(t, "s1", "a"), f.create(t, "s1", "b")
	stale := *b
	b.State = "Ready"
	require.NoError(t, f.Replace(ctx, b))

	operation := cluster("s1", "a/operations/1")
	begin := func() resources.Transaction {
		tx := f.Begin("S1")
		tx.Create(operation)
		a.State = "Updating"
		tx.Replace(a)
		return tx
	}
	tx := begin()
	tx.Delete(&stale)
	err := tx.Commit(ctx)
	require.ErrorIs(t, err, resources.ErrChanged)
	require.ErrorContains(t, err, b.Path)
	_, err = f.Get(ctx, operation.Path)
	require.ErrorIs(t, err, resources.ErrNotFound, "nothing of it was done")

	tx = begin()
	tx.Delete(b)
	require.NoError(t, tx.Commit(ctx))
	for _, r := range []*resources.Resource{operation, a} {
		got, err := f.Get(ctx, r.Path)
		require.NoError(t, err)
		require.Equal(t, r, got, "with the new ETag")
	}

	tx = begin()
	tx.Create(cluster("s2", "x"))
	require.ErrorContains(t, tx.Commit(ctx), "s2", "another subscription")
}

func TestListPages(t *testing.T) {
	f := open(t)
	for i := range 45 {
		f.create(t, "s1", fmt.Sprintf("c%02d", i))
		f.create(t, "s10", fmt.Sprintf("c%02d", i))
	}
	for i := range 5 {
		f.create(t, "s1", fmt.Sprintf("c07/pools/%d", i))
	}
	tests := []struct {
		prefix      string
		pageSize, n int
	}{
		{"/subscriptions/s1", 0, 50}, {"/subscriptions/S1/", 10, 50}, {"/subscriptions/s1/clusters", 7, 50},
		{"/subscriptions/s1/clusters/C07", 2, 5}, {"/subscriptions/s1/clusters/c0", 2, 0}, {"/subscriptions/s3", 2, 0},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.prefix, " by ", tt.pageSize), func(t *testing.T) {
			before, pages, token := f.srv.Count(cosmostest.Query), 0, ""
			var paths []string
			for more := true; more; more = token != "" {
				var list []*resources.Resource
				var err error
				list, token, err = f.List(t.Context(), tt.prefix, tt.pageSize, token)
				require.NoError(t, err)
				pages++
				for _, r := range list {
					paths = append(paths, r.Path)
				}
				link, err := url.ParseQuery("skip=" + url.QueryEscape(token)) // as the client's next link has it
				require.NoError(t, err)
				token = link.Get("skip")
			}
			require.Len(t, paths, tt.n)
			require.True(t, slices.IsSorted(paths))
			require.Equal(t, pages, f.srv.Count(cosmostest.Query)-before, "a page is a request")
		})
	}
	_, _, err := f.List(t.Context(), "/subscriptions/s1", 10, "made-up")
	require.ErrorIs(t, err, resources.ErrBadToken)
}

// watcher is a handler and the place of its position.
type watcher struct {
	position string
	state    map[string]string
	told     int
	fail     string // the path that it fails on
}

func (w *watcher) Changed(_ context.Context, r *resources.Resource) error {
	if r.Path == w.fail {
		return errors.New("handler failed")
	}
	w.told++
	w.state[r.Path] = r.State
	return nil
}

func (w *watcher) Deleted(_ context.Context, r *resources.Resource) error {
	w.told++
	delete(w.state, r.Path)
	return nil
}

func (w *watcher) Load(context.Context) (string, error) { return w.position, nil }

func (w *watcher) Save(_ context.Context, position string) error { w.position = position; return nil }

func TestInformer(t *testing.T) {
	f := open(t)
	ctx := t.Context()
	w := &watcher{state: map[string]string{}}
	// Each has to go on where the one before it stood: in another process, as it were.
	sync := func() error { return resources.NewInformer(f.db, "resources", w, w).Sync(ctx) }

	require.NoError(t, sync())
	var all []*resources.Resource
	for i := range 40 {
		all = append(all, f.create(t, fmt.Sprint("s", i), "a"))
	}
	require.NoError(t, sync())
	require.Len(t, w.state, 40)
	require.Equal(t, 40, w.told)

	all[3].State = "Ready"
	require.NoError(t, f.Replace(ctx, all[3]))
	require.NoError(t, f.Delete(ctx, all[5]))
	ranges, err := f.srv.Ranges("provider", "resources")
	require.NoError(t, err)
	_, err = f.srv.Split("provider", "resources", ranges[0].ID)
	require.NoError(t, err)
	require.NoError(t, sync())
	require.Equal(t, 42, w.told, "only what has changed, across a split")
	require.Equal(t, "Ready", w.state[all[3].Path])
	require.NotContains(t, w.state, all[5].Path)

	// What the handler failed on comes again.
	w.fail = "/subscriptions/new7/clusters/a"
	for i := range 20 {
		f.create(t, fmt.Sprint("new", i), "a")
	}
	require.ErrorContains(t, sync(), "handler failed")
	w.fail = ""
	require.NoError(t, sync())
	require.Len(t, w.state, 59)
	require.NoError(t, sync())
}
