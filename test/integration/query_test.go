package integration

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/dsl"
)

// shelves fills a container with books on many shelves, which are many partitions.
func shelves(t *testing.T) (*cosmos.Container, []book) {
	t.Helper()
	c := library(t)
	var books []book
	for i := range 200 {
		books = append(books, book{ID: fmt.Sprint(i), Shelf: fmt.Sprint("s", i%23), Title: strings.Repeat("x", i%7),
			Pages: int64(i * 37 % 200), Price: float64(i%10) / 4})
	}
	for _, r := range cosmos.Collect(c.CreateMany(t.Context(), cosmos.Each(books))) {
		require.NoError(t, r.Err)
	}
	return c, books
}

func TestAcrossPartitions(t *testing.T) {
	t.Parallel()
	c, books := shelves(t)
	db := openDB(t, c)

	byPages := slices.SortedFunc(slices.Values(books), func(a, b book) int { return cmp.Compare(a.Pages, b.Pages) })
	ids := func(books []book) []string {
		all := []string{}
		for _, b := range books {
			all = append(all, b.ID)
		}
		return all
	}
	require.Equal(t, ids(byPages), column[string](t, db, "SELECT c.id FROM c ORDER BY c.pages", cosmos.PageSize(7)))
	require.Equal(t, ids(byPages[:5]), column[string](t, db, "SELECT TOP 5 c.id FROM c ORDER BY c.pages"))
	require.Equal(t, ids(byPages[50:60]),
		column[string](t, db, "SELECT c.id FROM c ORDER BY c.pages OFFSET 50 LIMIT 10"))
	slices.Reverse(byPages)
	require.Equal(t, ids(byPages),
		column[string](t, db, "SELECT c.id FROM c ORDER BY c.pages DESC", cosmos.MaxConcurrency(2)))

	prices := map[float64]int64{}
	for _, b := range books {
		prices[b.Price]++
	}
	rows, err := db.QueryContext(t.Context(),
		"SELECT c.price, COUNT(1) AS n, MIN(c.pages) AS least, AVG(c.price) AS mean FROM c GROUP BY c.price")
	require.NoError(t, err)
	defer rows.Close()
	groups := map[float64]int64{}
	for rows.Next() {
		var price, mean float64
		var n, least int64
		require.NoError(t, rows.Scan(&price, &n, &least, &mean))
		require.Equal(t, price, mean)
		groups[price] = n
	}
	require.NoError(t, rows.Err())
	require.Equal(t, prices, groups)

	require.Equal(t, []int64{199 * 200 / 2}, column[int64](t, db, "SELECT VALUE SUM(c.pages) FROM c"))
	require.Len(t, column[string](t, db, "SELECT DISTINCT VALUE c.title FROM c"), 7)
	require.Equal(t, []int64{23},
		column[int64](t, db, "SELECT VALUE COUNT(1) FROM (SELECT DISTINCT VALUE c.shelf FROM c)"))
}

// A query stops after any page, and another client goes on where it stood.
func TestContinuation(t *testing.T) {
	t.Parallel()
	c, books := shelves(t)
	for _, query := range []string{"SELECT VALUE c.id FROM c", "SELECT VALUE c.id FROM c ORDER BY c.pages DESC",
		"SELECT VALUE c.id FROM c ORDER BY c.pages OFFSET 3 LIMIT 190"} {
		t.Run(query, func(t *testing.T) {
			all := []string{}
			for id, err := range cosmos.Query[string](t.Context(), c, query) {
				require.NoError(t, err)
				all = append(all, id)
			}
			require.GreaterOrEqual(t, len(all), len(books)-10)

			token, pieced := "", []string{}
			for range len(books) {
				pager := c.NewPager(query, cosmos.PageSize(13), cosmos.Continuation(token))
				page, err := pager.Next(t.Context())
				if err == io.EOF {
					require.NoError(t, pager.Close())
					break
				}
				require.NoError(t, err)
				for _, item := range page.Items {
					var id string
					require.NoError(t, json.Unmarshal(item, &id))
					pieced = append(pieced, id)
				}
				token = page.Continuation
				require.NoError(t, pager.Close())
				if token == "" {
					break
				}
			}
			if strings.Contains(query, "ORDER BY") {
				require.Equal(t, all, pieced)
			} else {
				require.ElementsMatch(t, all, pieced)
			}
		})
	}
}

func TestBuilder(t *testing.T) {
	t.Parallel()
	c, _ := shelves(t)
	db := openDB(t, c)
	few := dsl.Select("b.id", "b.pages").From("b").Where(dsl.Lt{"b.pages": 5}).OrderBy("b.pages DESC")
	rows, err := few.RunWith(db).QueryContext(t.Context())
	require.NoError(t, err)
	defer rows.Close()
	var pages []int64
	for rows.Next() {
		var id string
		var n int64
		require.NoError(t, rows.Scan(&id, &n))
		pages = append(pages, n)
	}
	require.NoError(t, rows.Err())
	require.Equal(t, []int64{4, 3, 2, 1, 0}, pages)

	result, err := dsl.Update(c.ID()).Set("title", "dear").Where(dsl.Eq{c.ID() + ".price": 2.25}).RunWith(db).
		ExecContext(t.Context())
	require.NoError(t, err)
	n, err := result.RowsAffected()
	require.NoError(t, err)
	require.EqualValues(t, 20, n)
}

func TestExplain(t *testing.T) {
	t.Parallel()
	c, _ := shelves(t)
	for query, access := range map[string]string{
		"SELECT * FROM c WHERE c.id = '1' AND c.shelf = 's1'": "point read",
		"SELECT * FROM c WHERE c.shelf = 's1'":                "partition",
	} {
		rows, err := openDB(t, c).QueryContext(t.Context(), "EXPLAIN "+query)
		require.NoError(t, err)
		var text strings.Builder
		columns, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			require.NoError(t, rows.Scan(into...))
			fmt.Fprintln(&text, values...)
		}
		require.NoError(t, rows.Err())
		require.Contains(t, strings.ToLower(text.String()), access)
	}
}

// TestConformance runs the cases of ../conformance through the client and whatever partitions the account has.
func TestConformance(t *testing.T) {
	t.Parallel()
	type conformanceCase struct {
		Number  int                        `json:"n"`
		Query   string                     `json:"q"`
		Params  map[string]json.RawMessage `json:"p"`
		Rows    []any                      `json:"r"`
		Ordered bool                       `json:"o"`
		Code    string                     `json:"e"`
		Certain string                     `json:"c"` // C for certain, I for inferred
	}
	c := newContainer(t,
		cosmos.ContainerProperties{PartitionKey: cosmos.PartitionKeyPaths("/pk"), IndexingPolicy: composite(t)})
	for _, doc := range lines[json.RawMessage](t, "../conformance/data.jsonl") {
		_, err := c.CreateItem(t.Context(), doc)
		require.NoError(t, err)
	}
	ran := 0
	for _, tt := range lines[conformanceCase](t, "../conformance/cases.jsonl") {
		// JavaScript has to be stored first, and the in-process server does not run it. Groups of a subquery cannot be
		// merged from several partitions; the service refuses that, too.
		if strings.Contains(tt.Query, "udf.") || tt.Number == 172 || tt.Number == 17 ||
			account.real && tt.Certain != "C" {
			continue
		}
		ran++
		t.Run(fmt.Sprintf("%d %s", tt.Number, tt.Query), func(t *testing.T) {
			t.Parallel()
			var args []any
			for name, value := range tt.Params {
				args = append(args, cosmos.Parameter{Name: name, Value: value})
			}
			got := []any{}
			var failed error
			for row, err := range cosmos.Query[any](t.Context(), c, tt.Query, args...) {
				if failed = err; err == nil {
					got = append(got, plain(row))
				}
			}
			if tt.Code != "" {
				require.Error(t, failed)
				if tt.Code != "?" {
					require.ErrorContains(t, failed, tt.Code)
				}
				return
			}
			require.NoError(t, failed)
			require.True(t, sameRows(got, tt.Rows, tt.Ordered), "got %v, want %v", got, tt.Rows)
		})
	}
	require.Greater(t, ran, 200)
}

// composite indexes are what a real account wants for an ORDER BY of two keys.
func composite(t *testing.T) *cosmos.IndexingPolicy {
	var p cosmos.IndexingPolicy
	require.NoError(t, json.Unmarshal([]byte(`{
		"indexingMode":"consistent","automatic":true,"includedPaths":[{"path":"/*"}],"excludedPaths":[],
		"compositeIndexes":[
			[{"path":"/age","order":"ascending"},{"path":"/id","order":"descending"}],
			[{"path":"/pk","order":"ascending"},{"path":"/id","order":"descending"}]]}`), &p))
	return &p
}

func lines[T any](t *testing.T, file string) []T {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var all []T
	for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
		var v T
		require.NoError(t, json.Unmarshal(s.Bytes(), &v))
		all = append(all, v)
	}
	return all
}

// plain removes what the service adds to documents.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for _, name := range []string{"_rid", "_self", "_etag", "_attachments", "_ts"} {
			delete(v, name)
		}
		for name, member := range v {
			v[name] = plain(member)
		}
	case []any:
		for i := range v {
			v[i] = plain(v[i])
		}
	}
	return v
}

func sameRows(got, want []any, ordered bool) bool {
	if len(got) != len(want) {
		return false
	}
	rest := slices.Clone(want)
	for _, row := range got {
		at := slices.IndexFunc(rest, func(other any) bool { return near(row, other) })
		if at < 0 || ordered && at > 0 {
			return false
		}
		rest = slices.Delete(rest, at, at+1)
	}
	return true
}

// near compares values; the published distances differ from exact ones in the last digits.
func near(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && math.Abs(a-b) <= 1e-6*math.Abs(b)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, near)
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for name, member := range a {
			if other, ok := b[name]; !ok || !near(member, other) {
				return false
			}
		}
		return true
	default:
		return a == b
	}
}
