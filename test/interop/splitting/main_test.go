package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// A split waits for its client, which meets a refusal in each of the phases, and goes on by it.
func TestSplitting(t *testing.T) {
	in, end := io.Pipe()
	lines, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(in, out)
		out.CloseWithError(err) // one that could not begin is not waited for
		done <- err
	}()
	line, err := bufio.NewReader(lines).ReadBytes('\n')
	require.NoError(t, err)
	var ready struct{ Endpoint, Key, Control string }
	require.NoError(t, json.Unmarshal(line, &ready))

	cred, err := cosmos.KeyCredential(ready.Key)
	require.NoError(t, err)
	client, err := cosmos.NewClient(ready.Endpoint, cred, nil)
	require.NoError(t, err)
	defer client.Close()
	_, err = client.CreateDatabase(t.Context(), "shop")
	require.NoError(t, err)
	_, err = client.Database("shop").CreateContainer(t.Context(),
		cosmos.ContainerProperties{ID: "items", PartitionKey: cosmos.PartitionKeyPaths("/id")})
	require.NoError(t, err)
	items := client.Database("shop").Container("items")
	create := func(from, to int) (ids []string) {
		for i := from; i < to; i++ {
			_, err := items.CreateItem(t.Context(), map[string]any{"id": fmt.Sprint(i)})
			require.NoError(t, err)
			ids = append(ids, fmt.Sprint(i))
		}
		return ids
	}
	ids := create(0, 20)

	ask := func(method, path, body string, answer any) {
		r, err := http.NewRequestWithContext(t.Context(), method, ready.Control+path, strings.NewReader(body))
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.NoError(t, json.NewDecoder(resp.Body).Decode(answer))
	}
	const container = "/databases/shop/containers/items"
	var change struct{ Phase string }
	ask("POST", container+"/split", `{"range": "0", "phases": true}`, &change)
	require.Equal(t, "copying", change.Phase)
	ids = append(ids, create(20, 30)...) // copying refuses nobody
	ask("POST", container+"/changes/0/advance", "", &change)
	require.Equal(t, "preparing", change.Phase)

	var got []string
	for id, err := range cosmos.Query[string](t.Context(), items, "SELECT VALUE c.id FROM c") {
		require.NoError(t, err)
		got = append(got, id)
	}
	require.ElementsMatch(t, ids, got)
	var under struct{ Changes []any }
	ask("GET", container+"/changes", "", &under)
	require.Empty(t, under.Changes, "the split is done")
	var seen struct {
		Requests []struct{ Status, SubStatus int }
	}
	ask("GET", "/requests", "", &seen)
	var refusals []int
	for _, r := range seen.Requests {
		if r.Status == http.StatusGone {
			refusals = append(refusals, r.SubStatus)
		}
	}
	require.GreaterOrEqual(t, len(refusals), 2, "one of each phase; both halves may be asked at once")
	require.Subset(t, []int{1007, 1002}, refusals)

	require.NoError(t, end.Close())
	require.NoError(t, <-done)
}
