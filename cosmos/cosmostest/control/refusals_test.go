package control

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
)

// What cannot be done is refused with the reason and the way out.
func TestRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, cosmostest.Regions("West US", "East US"))
	const shop = "/databases/shop/containers/orders"
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/nothing", "", 404, "there is no route GET /nothing: GET / lists all of them"},
		{"PATCH", "/regions", "", 405, "/regions does not take PATCH, but POST"},
		{"POST", "/regions", "", 400, `the body is missing: such as {\"name\": \"UK South\"}`},
		{"POST", "/regions", "{}", 400, `member \"name\" is missing`},
		{"POST", "/regions", `{"name": "x"`, 400, "the body is not JSON, at byte 12"},
		{"POST", "/regions", `{"name": "x", "name": "y"}`, 400, `member \"name\" is given twice`},
		{"POST", "/regions", `{"Name": "x"}`, 400, `unknown member \"Name\": the body is such as`},
		{"POST", "/regions", `{"name": 7}`, 400, `member \"name\": a number is not what is wanted`},
		{"POST", "/regions", `{"name": "west us"}`, 409, "has a region"},
		{"POST", "/regions", `{"name": " "}`, 409, "it has no name"},
		{"POST", "/regions/nowhere/drain", "", 404, `no region \"nowhere\": it has West US, East US`},
		{"POST", "/regions/eastus/cancel", "", 412, "East US is not being removed"},
		{"DELETE", "/regions/westus", "", 412, "is the write region: move that to another one first"},
		{"POST", "/failover", `{"region": "West US"}`, 412, "is the write region already"},
		{"POST", "/failover", `{}`, 400, `member \"region\" is missing`},
		{"PUT", "/multi-write", `{}`, 400, `member \"on\" is missing`},
		{"PUT", "/throttle", `{}`, 400, `member \"on\" is missing`},
		{"PUT", "/replication", `{}`, 400, "nothing is to be changed"},
		{"PUT", "/replication", `{"least": "1ms"}`, 400, "go together"},
		{"PUT", "/replication", `{"least": "1", "most": "2ms"}`, 400,
			`member \"least\": \"1\" is not a time: such as 20ms`},
		{"PUT", "/replication", `{"least": "2ms", "most": "1ms"}`, 400, "is impossible"},
		{"PUT", "/replication", `{"from": "x", "paused": true}`, 404, "no region"},
		{"PUT", "/replication", `{"from": "West US", "to": "westus", "paused": true}`, 400,
			"does not replicate to itself"},
		{"PUT", "/replication", `{"from": "West US", "to": "westus", "least": "1s", "most": "1s"}`, 400,
			"does not replicate to itself"},
		{"POST", "/clock", `{"advance": "-1h"}`, 400, "the clock goes ahead only"},
		{"POST", "/clock", `{}`, 400, "nothing is to be changed"},
		{"GET", "/databases/shop/containers/none/ranges", "", 404, "container shop/none"},
		{"POST", shop + "/split", `{"range": "9"}`, 410, "split: "},
		{"POST", shop + "/split", `{"range": "0", "at": "20", "key": ["ann"]}`, 400, "both say where to cut"},
		{"POST", shop + "/changes/0/advance", "", 404, "range 0 is being neither split nor merged"},
		{"POST", shop + "/split", `{}`, 400, `member \"range\" is missing`},
		{"POST", shop + "/merge", `{"ranges": ["0"]}`, 400, "two neighbours, not 1"},
		{"POST", shop + "/failover", `{"range": "0"}`, 400, `member \"region\" is missing`},
		{"POST", shop + "/failover", `{"region": "East US"}`, 400, `member \"range\" is missing`},
		{"POST", shop + "/failover", `{"range": "0", "region": "East US"}`, 400,
			"does not fail over single partitions"},
		{"POST", "/data", `{"databases": [{"id": "shop"}]}`, 409, "line 1: database"},
		{"GET", "/requests?before=1", "", 400, `unknown parameter \"before\"`},
		{"GET", "/requests?after=x", "", 400, "after=x is not a number"},
		{"DELETE", "/faults/7", "", 404, "there is no fault 7: GET /faults lists them"},
		{"POST", "/faults", `{"status": 503, "match": {"regions": "x"}}`, 400, `unknown member \"match.regions\"`},
		{"POST", "/faults", `{"status": 503, "match": {"operations": ["read"]}}`, 400,
			`there is no operation \"read\"`},
		{"POST", "/faults", `{"status": 503, "match": {"partitionKey": "ann"}}`, 400, `such as [\"ann\"], not \"ann\"`},
		{"POST", "/faults", `{"status": 503, "match": {"partitionKey": null}}`, 400, "not null"},
		{"POST", "/faults", `{"hang": true, "status": 503}`, 400, "what hangs is never answered"},
		{"POST", "/faults", `{"hang": true, "cut": "after"}`, 400, "what hangs is never answered"},
		{"POST", "/faults", `{}`, 400, "nothing is to happen"},
		{"POST", "/faults", `{"cut": "x"}`, 400, `no cut \"x\": there are after, before, body`},
		{"POST", "/faults", `{"spoil": "x"}`, 400, `no spoil \"x\": there are empty, foreign`},
		{"POST", "/faults", `{"status": 503, "times": -1}`, 400, "not below 0"},
		{"POST", "/faults", `{"rate": 2}`, 400, "from 0 to 1, not 2"},
		{"POST", "/faults", `{"rate": 0.1, "times": 2}`, 400, "not \\\"times\\\""},
		{"POST", "/faults", `{"seed": 1, "status": 503}`, 400, `needs a \"rate\"`},
		{"POST", "/faults", `{"status": 99}`, 400, "from 200 to 599, not 99"},
		{"POST", "/faults", `{"subStatus": 3, "cut": "after"}`, 400, `need a \"status\"`},
	} {
		status, text := w.do(test.method, test.path, test.body)
		require.Equal(t, test.status, status, "%s %s %s: %s", test.method, test.path, test.body, text)
		require.Contains(t, text, test.want, "%s %s %s", test.method, test.path, test.body)
		require.NotRegexp(t, `cosmostest|json: |Go |control\.`, text)
	}
	for range maxFaults {
		ok[int](w, "POST", "/faults", `{"delay": "1ms", "match": {"database": "none"}}`, "id")
	}
	status, text := w.do("POST", "/faults", `{"delay": "1ms"}`)
	require.Equal(t, 409, status)
	require.Contains(t, text, "there are 1000 faults")
}

// A page of another site cannot make a browser move the world.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	req := httptest.NewRequestWithContext(t.Context(), "POST", "/faults", strings.NewReader(`{"delay": "1ms"}`))
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, req)
	require.Equal(t, 403, rec.Code)
	require.Contains(t, rec.Body.String(), "a page of another site")
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("cut off") }

func TestBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := httptest.NewRecorder()
	w.http.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), "POST", "/faults", broken{}))
	require.Equal(t, 400, rec.Code)
	require.Contains(t, rec.Body.String(), "cut off")
}
