package control

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// A program in the same process gets what the port would answer, and its refusals as errors.
func TestDo(t *testing.T) {
	t.Parallel()
	c := New()
	srv := cosmostest.RunT(t, c.Watch())
	text, err := c.Do(srv, "GET", "/account", nil)
	require.NoError(t, err)
	require.Contains(t, string(text), `"name": "cosmostest"`)
	text, err = c.Do(srv, "POST", "/regions", []byte(`{"name": "UK South"}`))
	require.NoError(t, err)
	require.Contains(t, string(text), `"UK South"`)
	for _, test := range []struct{ method, path, body, want string }{
		{"POST", "/regions", `{}`, `member "name" is missing`},
		{"POST", "/regions", `{"name": "uksouth"}`, "has a region"},
		{"GET", "/nowhere", "", "there is no route GET /nowhere"},
		{"PUT", "/regions", "", "/regions does not take PUT, but POST"},
		{"GET", "/requests?after=x", "", "after=x is not a number"},
		{"BAD METHOD", "/", "", "invalid method"},
		{"GET", "%", "", "invalid URL escape"},
	} {
		text, err := c.Do(srv, test.method, test.path, []byte(test.body))
		require.ErrorContains(t, err, test.want)
		require.Nil(t, text)
		require.NotContains(t, err.Error(), "cosmostest: ")
	}
}

// Every route says, to a method that it does not take, which ones it does.
func TestWrongMethods(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	methods := map[string][]string{}
	for _, rt := range routes() {
		path := strings.NewReplacer("{$}", "", "{database}", "shop", "{container}", "orders", "{region}", "westus",
			"{range}", "0", "{id}", "1").Replace(rt.path)
		methods[path] = append(methods[path], rt.method)
	}
	for path, allowed := range methods {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} {
			if slices.Contains(allowed, method) {
				continue
			}
			rec := httptest.NewRecorder()
			w.http.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), method, path, nil))
			require.Equal(t, 405, rec.Code, "%s %s: %s", method, path, rec.Body)
			got := strings.Split(rec.Header().Get("Allow"), ", ")
			require.ElementsMatch(t, allowed, got, path)
			require.Contains(t, rec.Body.String(), path+" does not take "+method)
			require.Equal(t, "nosniff", rec.Header().Get("X-Content-Type-Options"))
		}
	}
}

// Splits and merges that take time are shown in the phase that they are in, until the clock has moved through it.
func TestPhasesOfTheClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cosmostest.SplitPhases(time.Hour, 0, 0))
	const shop = "/databases/shop/containers/orders"
	require.Equal(t, "copying", ok[string](w, "POST", shop+"/split", `{"range": "0"}`, "phase"))
	changes := ok[[]changeState](w, "GET", shop+"/changes", "", "changes")
	require.Equal(t, []changeState{{[]string{"0"}, changes[0].New, "copying"}}, changes)
	status, text := w.do("POST", shop+"/split", `{"range": "0", "phases": true}`)
	require.Equal(t, 412, status, text)
	ok[any](w, "POST", "/clock", `{"advance": "1h"}`, "")
	require.Empty(t, ok[[]changeState](w, "GET", shop+"/changes", "", "changes"))
	require.Len(t, ok[[]rangeState](w, "GET", shop+"/ranges", "", "ranges"), 2)
	old := `["` + strings.Join(changes[0].New, `", "`) + `"]`
	require.Equal(t, "copying", ok[string](w, "POST", shop+"/merge", `{"ranges": `+old+`}`, "phase"))
	require.Equal(t, "cancelled", ok[string](w, "POST", shop+"/changes/"+changes[0].New[1]+"/cancel", "", "phase"))
	status, _ = w.do("POST", shop+"/changes/"+changes[0].New[1]+"/cancel", "")
	require.Equal(t, 404, status)
	for _, test := range []struct{ method, path, body string }{
		{"GET", "/documents", ""}, {"GET", "/ranges", ""}, {"GET", "/changes", ""},
		{"POST", "/split", `{"range": "0"}`}, {"POST", "/split", `{"range": "0", "phases": true}`},
		{"POST", "/split", `{"range": "0", "key": ["ann"]}`}, {"POST", "/merge", `{"ranges": ["1", "2"]}`},
		{"POST", "/merge", `{"ranges": ["1", "2"], "phases": true}`}, {"POST", "/changes/0/advance", ""},
		{"POST", "/changes/0/cancel", ""},
	} {
		status, text := w.do(test.method, "/databases/shop/containers/none"+test.path, test.body)
		require.Equal(t, 404, status, "%s: %s", test.path, text)
		require.Contains(t, text, "container shop/none")
	}
}

// A fault ends when it is told to, and tells how often it has happened; ids are not given twice.
func TestFaultsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.create("0")
	require.NoError(t, err)
	read := func() error {
		_, err := w.orders.ReadItem(t.Context(), "0", cosmos.PartitionKey("ann"))
		return err
	}
	const refused = `{"match": {"operations": ["Read"]}, "status": 400, "subStatus": 77, "message": "not now"}`
	first := ok[int](w, "POST", "/faults", refused, "id")
	require.ErrorContains(t, read(), "not now")
	require.ErrorContains(t, read(), "77")
	require.EqualValues(t, 2, ok[[]fault](w, "GET", "/faults", "", "faults")[0].Happened)
	require.EqualValues(t, 2, ok[int64](w, "DELETE", "/faults/"+jsonNumber(first), "", "happened"))
	require.NoError(t, read())
	second := ok[int](w, "POST", "/faults", refused, "id")
	require.Greater(t, second, first)
	third := ok[int](w, "POST", "/faults", `{"match": {"operations": ["Create"]}, "status": 400}`, "id")
	ended := ok[[]fault](w, "DELETE", "/faults", "", "faults")
	require.Equal(t, []int{second, third}, []int{ended[0].ID, ended[1].ID})
	require.Equal(t, []any{400, 77, "not now"}, []any{ended[0].Status, ended[0].SubStatus, ended[0].Message})
	require.NoError(t, read())
	status, _ := w.do("DELETE", "/faults/x", "")
	require.Equal(t, 404, status)
}
