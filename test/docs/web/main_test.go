package main

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// A reader who follows "more" sees each order once, in order, and the page of docs/paging.md ends.
func TestList(t *testing.T) {
	for _, count := range []int{0, 10, 25} {
		srv := cosmostest.RunT(t)
		made := srv.Container("/customer")
		client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
		require.NoError(t, err)
		defer client.Close()
		orders := client.Database(made.Database).Container(made.ID)
		for n := range count {
			item := map[string]any{"id": fmt.Sprint(n), "customer": fmt.Sprint(n % 7), "total": n}
			_, err := orders.CreateItem(t.Context(), item)
			require.NoError(t, err)
		}
		var seen []string
		for next, pages := "/", 0; next != ""; pages++ {
			require.LessOrEqual(t, pages, 3)
			answer := httptest.NewRecorder()
			list(orders)(answer, httptest.NewRequest("GET", next, nil))
			require.Equal(t, http.StatusOK, answer.Code, answer.Body)
			for _, o := range regexp.MustCompile(`<li>order (\d+): `).FindAllStringSubmatch(answer.Body.String(), -1) {
				seen = append(seen, o[1])
			}
			next = ""
			if link := regexp.MustCompile(`href="([^"]+)"`).FindStringSubmatch(answer.Body.String()); link != nil {
				next = "/" + html.UnescapeString(link[1])
			}
		}
		require.Len(t, seen, count)
		for i, id := range seen {
			require.Equal(t, fmt.Sprint(count-1-i), id)
		}
		answer := httptest.NewRecorder()
		list(orders)(answer, httptest.NewRequest("GET", "/?more=x", nil))
		require.Equal(t, http.StatusBadRequest, answer.Code)
	}
}
