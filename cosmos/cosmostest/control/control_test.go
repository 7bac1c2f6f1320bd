package control

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a server, its control and a client.
type world struct {
	t      *testing.T
	srv    *cosmostest.Server
	http   http.Handler
	orders *cosmos.Container
	driven *sync.Map // routes that were asked for and answered
}

func newWorld(t *testing.T, opts ...cosmostest.Option) *world {
	t.Helper()
	c := New()
	srv := cosmostest.RunT(t, append(opts, c.Watch(), cosmostest.Partitions(1),
		cosmostest.Data(cosmostest.Database{ID: "shop",
			Containers: []cosmostest.ContainerData{{ID: "orders", PartitionKey: []string{"/customer"}}}}))...)
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	return &world{t: t, srv: srv, http: c.Handler(srv), orders: client.Database("shop").Container("orders"),
		driven: new(sync.Map)}
}

// do asks the control port and returns its answer.
func (w *world) do(method, path, body string) (int, string) {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, httptest.NewRequestWithContext(w.t.Context(), method, path, strings.NewReader(body)))
	require.Equal(w.t, "application/json", rec.Header().Get("Content-Type"))
	require.True(w.t, jsontext.Value(rec.Body.String()).IsValid(), rec.Body.String())
	if rec.Code == http.StatusOK {
		mux := http.NewServeMux()
		for _, rt := range routes() {
			mux.Handle(rt.method+" "+rt.path, http.NotFoundHandler())
		}
		_, pattern := mux.Handler(httptest.NewRequest(method, path, nil))
		w.driven.Store(pattern, true)
	}
	return rec.Code, rec.Body.String()
}

// ok is do for what works; the answer's member is returned.
func ok[T any](w *world, method, path, body, member string) T {
	w.t.Helper()
	status, text := w.do(method, path, body)
	require.Equal(w.t, http.StatusOK, status, text)
	var members map[string]jsontext.Value
	require.NoError(w.t, json.Unmarshal([]byte(text), &members))
	var out T
	if member != "" {
		require.Contains(w.t, members, member)
		require.NoError(w.t, json.Unmarshal(members[member], &out))
	}
	return out
}

type order struct {
	ID       string `json:"id"`
	Customer string `json:"customer"`
}

func (w *world) create(id string) (*cosmos.Response, error) {
	return w.orders.CreateItem(w.t.Context(), order{id, "ann"})
}

// Every route does what its line in the docs says.
func TestRoutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cosmostest.Regions("West US", "East US"), cosmostest.PartitionFailover())
	const shop = "/databases/shop/containers/orders"

	require.Equal(t, "cosmostest", ok[string](w, "GET", "/account", "", "name"))
	regions := ok[[]regionState](w, "POST", "/regions", `{"name": "UK South"}`, "regions")
	require.Equal(t, []string{"West US", "East US", "UK South"},
		[]string{regions[0].Name, regions[1].Name, regions[2].Name})
	require.Equal(t, []bool{true, false}, []bool{regions[0].Writes, regions[1].Writes})
	require.True(t, ok[[]regionState](w, "POST", "/regions/uksouth/drain", "", "regions")[2].Draining)
	status, text := w.do("POST", "/regions", `{"name": "France Central"}`)
	require.Equal(t, 412, status, "one change at a time")
	require.Contains(t, text, "UK South is being removed")
	require.False(t, ok[[]regionState](w, "POST", "/regions/UK%20South/cancel", "", "regions")[2].Draining)
	require.Len(t, ok[[]regionState](w, "DELETE", "/regions/uksouth", "", "regions"), 2)

	// A write that never leaves its region is lost when the region is.
	ways := ok[[]replicationState](w, "PUT", "/replication",
		`{"from": "West US", "to": "", "paused": true}`, "replication")
	require.Equal(t, []replicationState{
		{"West US", "East US", 0, 0, true, 0}, {"East US", "West US", 0, 0, false, 0},
	}, ways)
	_, err := w.create("1")
	require.NoError(t, err)
	require.Equal(t, 1, ok[[]replicationState](w, "GET", "/account", "", "replication")[0].Waiting)
	status, text = w.do("POST", "/failover", `{"region": "East US"}`)
	require.Equal(t, 412, status)
	require.Contains(t, text, "resume it, or force the failover")
	gone := ok[[]lostWrite](w, "POST", "/failover", `{"region": "East US", "force": true}`, "lost")
	require.Equal(t, "shop/orders/1", gone[0].Database+"/"+gone[0].Container+"/"+gone[0].Item)
	require.Equal(t, duration(20*time.Millisecond), ok[[]replicationState](w, "PUT", "/replication",
		`{"from": "West US", "least": "20ms", "most": "50ms", "paused": false}`, "replication")[1].Least)
	ok[any](w, "PUT", "/replication", `{"least": "0s", "most": "0s"}`, "")
	require.True(t, ok[bool](w, "PUT", "/multi-write", `{"on": true}`, "multiWrite"))
	require.False(t, ok[bool](w, "PUT", "/multi-write", `{"on": false}`, "multiWrite"))

	res, err := w.create("2")
	require.NoError(t, err)
	require.Equal(t, "East US", res.Region)
	require.Len(t, ok[[]order](w, "GET", shop+"/documents", "", "documents"), 1)
	require.Empty(t, ok[[]lostWrite](w, "POST", shop+"/failover", `{"range": "0", "region": "West US"}`, "lost"))
	halves := ok[[]string](w, "POST", shop+"/split", `{"range": "0"}`, "new")
	require.Len(t, halves, 2)
	require.Len(t, ok[[]rangeState](w, "GET", shop+"/ranges", "", "ranges"), 2)
	require.Len(t, ok[[]string](w, "POST", shop+"/merge", `{"ranges": ["`+halves[0]+`", "`+halves[1]+`"]}`, "new"), 1)
	whole := ok[[]rangeState](w, "GET", shop+"/ranges", "", "ranges")[0].ID
	require.Equal(t, "copying", ok[string](w, "POST", shop+"/split",
		`{"range": "`+whole+`", "key": ["ann"], "phases": true}`, "phase"))
	require.Equal(t, "splitting", ok[[]rangeState](w, "GET", shop+"/ranges", "", "ranges")[0].Status)
	require.Equal(t, []string{whole}, ok[[]changeState](w, "GET", shop+"/changes", "", "changes")[0].Old)
	require.Equal(t, "preparing", ok[string](w, "POST", shop+"/changes/"+whole+"/advance", "", "phase"))
	require.Equal(t, "cancelled", ok[string](w, "POST", shop+"/changes/"+whole+"/cancel", "", "phase"))
	require.Empty(t, ok[[]changeState](w, "GET", shop+"/changes", "", "changes"))
	at := ok[[]string](w, "POST", shop+"/split", `{"range": "`+whole+`", "at": "20"}`, "new")
	require.Equal(t, "20", ok[[]rangeState](w, "GET", shop+"/ranges", "", "ranges")[1].Min)
	for _, phase := range []string{"copying", "preparing", "swapping", "done"} {
		if phase == "copying" {
			ok[string](w, "POST", shop+"/merge", `{"ranges": ["`+at[1]+`", "`+at[0]+`"], "phases": true}`, "phase")
			continue
		}
		require.Equal(t, phase, ok[string](w, "POST", shop+"/changes/"+at[0]+"/advance", "", "phase"))
	}
	require.Equal(t, "shop", ok[[]cosmostest.DatabaseContents](w, "GET", "/databases", "", "databases")[0].ID)

	before := ok[string](w, "GET", "/account", "", "now")
	require.Greater(t, ok[string](w, "POST", "/clock", `{"advance": "1h"}`, "now"), before)
	ok[any](w, "POST", "/clock", `{"skew": "20m"}`, "")
	_, err = w.create("3")
	require.ErrorContains(t, err, "403")
	ok[any](w, "POST", "/clock", `{"skew": "0s"}`, "")

	id := ok[int](w, "POST", "/faults",
		`{"match": {"operations": ["Create"], "partitionKey": [ "ann" ]}, "times": 1, "status": 400}`, "id")
	_, err = w.create("4")
	require.ErrorContains(t, err, "400")
	_, err = w.create("4")
	require.NoError(t, err)
	require.EqualValues(t, 1, ok[[]fault](w, "GET", "/faults", "", "faults")[0].Happened)
	require.Equal(t, id, ok[int](w, "DELETE", "/faults/1", "", "id"))
	ok[any](w, "POST", "/faults", `{"rate": 1, "seed": 7, "match": {"database": "none"}}`, "")
	require.Len(t, ok[[]any](w, "DELETE", "/faults", "", "faults"), 1)
	require.Empty(t, ok[[]any](w, "GET", "/faults", "", "faults"))

	require.True(t, ok[bool](w, "PUT", "/throttle", `{"on": true}`, "throttle"))
	require.False(t, ok[bool](w, "PUT", "/throttle", `{"on": false}`, "throttle"))

	_, data := w.do("GET", "/data", "")
	require.Contains(t, data, `"customer":`)
	require.Len(t, ok[[]any](w, "POST", "/data", strings.Replace(data, `"shop"`, `"copy"`, 1), "databases"), 2)

	all := ok[[]request](w, "GET", "/requests", "", "requests")
	last := all[len(all)-1]
	require.Equal(t, []any{cosmostest.Create, "West US", `["ann"]`, 201},
		[]any{last.Operation, last.Region, last.PartitionKey, last.Status})
	require.NotContains(t, last.Header, "Authorization")
	require.Contains(t, last.Header, "X-Ms-Version")
	require.Len(t, ok[[]request](w, "GET", "/requests?after="+jsonNumber(last.Number-1), "", "requests"), 1)
	ok[any](w, "DELETE", "/requests", "", "")
	require.Empty(t, ok[[]request](w, "GET", "/requests", "", "requests"))
	require.GreaterOrEqual(t, ok[map[string]int](w, "GET", "/counts", "", "counts")["Create"], 4)

	listed := ok[[]map[string]string](w, "GET", "/", "", "routes")
	require.Len(t, listed, len(routes()))
	for _, r := range listed {
		_, driven := w.driven.Load(r["route"])
		require.True(t, driven, "%s was not driven", r["route"])
	}
}

func jsonNumber(n int) string { b, _ := json.Marshal(n); return string(b) }

// What a fault can do to a request, a client meets.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		rule string
		want func(*testing.T, error)
	}{
		{`{"status": 429, "subStatus": 3200, "retryAfter": "1ms", "times": 1}`, nil}, // repeated
		{`{"status": 400, "subStatus": 1001, "message": "not here"}`, wants("not here")},
		{`{"status": 500, "afterwards": true, "times": 1}`, nil}, // settled by reading what was created
		{`{"cut": "after", "times": 1}`, nil},
		{`{"spoil": "garbled", "times": 1}`, nil},
		{`{"spoil": "foreign", "status": 404}`, wants("404")},
		{`{"delay": "1ms"}`, nil},
		{`{"rate": 1, "status": 400}`, wants("400")},
		{`{"rate": 0, "delay": "1ms", "match": {"region": "southcentralus", "range": "", "item": ""}}`, nil},
		{`{"status": 400, "match": {"operations": ["Create"], "database": "shop", "container": "orders", "header": ` +
			`{"x-ms-documentdb-is-upsert": "x"}}}`, nil},
	} {
		t.Run(test.rule, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, err := w.create("0") // what a client reads first is read
			require.NoError(t, err)
			rule := test.rule
			if !strings.Contains(rule, "match") {
				rule = strings.TrimSuffix(rule, "}") + `, "match": {"operations": ["Create"]}}`
			}
			ok[int](w, "POST", "/faults", rule, "id")
			_, err = w.create("1")
			if test.want == nil {
				require.NoError(t, err)
			} else {
				test.want(t, err)
			}
		})
	}
}

func wants(text string) func(*testing.T, error) {
	return func(t *testing.T, err error) { t.Helper(); require.ErrorContains(t, err, text) }
}

// A region that hangs answers nothing, and goes on when the fault is ended.
func TestHang(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.create("0")
	require.NoError(t, err)
	id := ok[int](w, "POST", "/faults", `{"hang": true, "times": 1, "match": {"operations": ["Read"]}}`, "id")
	done := make(chan error, 1)
	go func() {
		_, err := w.orders.ReadItem(t.Context(), "0", cosmos.PartitionKey("ann"))
		done <- err
	}()
	require.Eventually(t, func() bool {
		return ok[[]fault](w, "GET", "/faults", "", "faults")[0].Happened == 1
	}, patience, tick)
	select {
	case err := <-done:
		t.Fatal("it was answered", err)
	default:
	}
	ok[any](w, "DELETE", "/faults/"+jsonNumber(id), "", "")
	require.NoError(t, <-done, "it was cut, and sent again")
}

// The docs have a line for each route, with the body that it takes, and none for others.
func TestDocs(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../../docs/testing-failover.md")
	require.NoError(t, err)
	var lines, want []string
	for line := range strings.Lines(string(page)) {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE"} {
			if strings.HasPrefix(line, "| `"+method+" /") {
				lines = append(lines, strings.TrimSpace(line))
			}
		}
	}
	for _, rt := range routes() {
		body := ""
		if rt.body != "" {
			body = "`" + rt.body + "`"
		}
		path := strings.Replace(rt.path, "/{database}/containers/{container}/", "/{database}/…/", 1)
		path = strings.TrimSuffix(path, "{$}")
		want = append(want, "| `"+rt.method+" "+path+"` | "+strings.TrimSpace(body+" | "+rt.does+" |"))
	}
	require.Equal(t, want, lines)
	for _, op := range cosmostest.Operations() {
		require.Contains(t, string(page), "`"+string(op)+"`")
	}
}

const (
	patience = 10 * time.Second
	tick     = time.Millisecond
)
