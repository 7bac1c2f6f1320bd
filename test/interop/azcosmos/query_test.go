package azcosmos

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos"
	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/stretchr/testify/require"
)

// pages reads every page of a query through azcosmos.
func pages(t *testing.T, c *azcosmos.ContainerClient, query string, key azcosmos.PartitionKey,
	o *azcosmos.QueryOptions) (rows []string, count int) {
	t.Helper()
	pager := c.NewQueryItemsPager(query, key, o)
	for pager.More() {
		page, err := pager.NextPage(t.Context())
		require.NoError(t, err)
		count++
		require.NotNil(t, page.QueryMetrics)
		for _, item := range page.Items {
			rows = append(rows, string(item))
		}
	}
	return rows, count
}

func TestQueries(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	for i := range 30 {
		_, err := a.ours.CreateItem(t.Context(),
			map[string]any{"id": fmt.Sprint(i), "pk": fmt.Sprint("p", i%3), "n": i, "tags": []int{i, i + 1}})
		require.NoError(t, err)
	}
	tests := []struct {
		name, query string
		params      map[string]any
		want        int
	}{
		{"everything", "SELECT * FROM c", nil, 10},
		{"filter", "SELECT VALUE c.n FROM c WHERE c.n > @n", map[string]any{"@n": 12}, 6},
		{"in a list", "SELECT VALUE c.id FROM c WHERE ARRAY_CONTAINS(@ids, c.id)",
			map[string]any{"@ids": []string{"1", "4", "5"}}, 2},
		{"projection", "SELECT c.n, c.tags[0] AS t FROM c WHERE c.n < 10", nil, 3},
		{"join", "SELECT c.id, t FROM c JOIN t IN c.tags", nil, 20},
		{"sorted", "SELECT VALUE c.n FROM c ORDER BY c.n DESC", nil, 10},
		{"top", "SELECT TOP 3 VALUE c.n FROM c ORDER BY c.n", nil, 3},
		{"offset", "SELECT VALUE c.n FROM c ORDER BY c.n OFFSET 4 LIMIT 3", nil, 3},
		{"count", "SELECT VALUE COUNT(1) FROM c", nil, 1},
		{"groups", "SELECT c.n % 2 AS odd, COUNT(1) AS n FROM c GROUP BY c.n % 2", nil, 2},
		{"distinct", "SELECT DISTINCT VALUE c.n % 5 FROM c", nil, 5},
		{"none", "SELECT * FROM c WHERE c.n > 1000", nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &azcosmos.QueryOptions{PageSizeHint: 4}
			args := []any{cosmos.PartitionKey("p1"), cosmos.PageSize(3)}
			for name, v := range tt.params {
				o.QueryParameters = append(o.QueryParameters, azcosmos.QueryParameter{Name: name, Value: v})
				args = append(args, cosmos.Parameter{Name: name, Value: v})
			}
			theirs, _ := pages(t, a.azure, tt.query, azcosmos.NewPartitionKeyString("p1"), o)
			require.Len(t, theirs, tt.want)
			var mine []string
			for row, err := range cosmos.Query[json.RawMessage](t.Context(), a.ours, tt.query, args...) {
				require.NoError(t, err)
				mine = append(mine, string(row))
			}
			require.Equal(t, theirs, mine)
		})
	}
}

func TestPaging(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	for i := range 10 {
		_, err := a.ours.CreateItem(t.Context(), map[string]any{"id": fmt.Sprint(i), "pk": "p"})
		require.NoError(t, err)
	}
	key := azcosmos.NewPartitionKeyString("p")
	rows, count := pages(t, a.azure, "SELECT VALUE c.id FROM c", key, &azcosmos.QueryOptions{PageSizeHint: 4})
	require.Len(t, rows, 10)
	require.Equal(t, 3, count)

	// A token goes through another process's hands unharmed.
	first, err := a.azure.NewQueryItemsPager("SELECT VALUE c.id FROM c", key, &azcosmos.QueryOptions{PageSizeHint: 4}).
		NextPage(t.Context())
	require.NoError(t, err)
	require.NotNil(t, first.ContinuationToken)
	rest, count := pages(t, a.azure, "SELECT VALUE c.id FROM c", key,
		&azcosmos.QueryOptions{PageSizeHint: 4, ContinuationToken: first.ContinuationToken})
	require.Equal(t, rows[4:], rest)
	require.Equal(t, 2, count)
}

// azcosmos has no query engine of its own: what the service does not merge, it refuses, and the server has to say so in
// the service's words.
func TestCrossPartition(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	for i := range 20 {
		_, err := a.ours.CreateItem(t.Context(), map[string]any{"id": fmt.Sprint(i), "pk": fmt.Sprint(i), "n": i})
		require.NoError(t, err)
	}
	rows, _ := pages(t, a.azure, "SELECT VALUE c.n FROM c WHERE c.n >= 5", azcosmos.NewPartitionKey(),
		&azcosmos.QueryOptions{PageSizeHint: 3})
	require.Len(t, rows, 15)
	const served = "can not be directly served by the gateway"
	for query, text := range map[string]string{
		"SELECT VALUE c.n FROM c ORDER BY c.n":              served,
		"SELECT TOP 1 * FROM c":                             served,
		"SELECT DISTINCT VALUE c.n FROM c":                  served,
		"SELECT c.n, COUNT(1) AS times FROM c GROUP BY c.n": "Cross partition query only supports 'VALUE",
		"SELECT VALUE COUNT(1) FROM c":                      served,
		"SELECT * FROM c OFFSET 1 LIMIT 1":                  served,
	} {
		_, err := a.azure.NewQueryItemsPager(query, azcosmos.NewPartitionKey(), nil).NextPage(t.Context())
		require.Equal(t, http.StatusBadRequest, status(err), query)
		require.ErrorContains(t, err, text, query)
	}
}

func TestReadMany(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	var want []azcosmos.ItemIdentity
	for i := range 50 {
		pk := fmt.Sprint("p", i%11)
		_, err := a.ours.CreateItem(t.Context(), map[string]any{"id": fmt.Sprint(i), "pk": pk})
		require.NoError(t, err)
		if i%2 == 0 {
			want = append(want,
				azcosmos.ItemIdentity{ID: fmt.Sprint(i), PartitionKey: azcosmos.NewPartitionKeyString(pk)})
		}
	}
	got, err := a.azure.ReadManyItems(t.Context(), want, nil)
	require.NoError(t, err)
	require.Len(t, got.Items, len(want))
}

func TestErrors(t *testing.T) {
	t.Parallel()
	a := newItems(t, "/pk")
	for query, code := range map[string]string{
		"SELECT * FROM c WHERE": "SC1002",
		"SELECT VALUE BADFN(1)": "SC2005",
		"SELECT x.n FROM c":     "SC2001",
	} {
		_, err := a.azure.NewQueryItemsPager(query, azcosmos.NewPartitionKeyString("p"), nil).NextPage(t.Context())
		require.Equal(t, http.StatusBadRequest, status(err), query)
		require.ErrorContains(t, err, code, query)
	}
}
