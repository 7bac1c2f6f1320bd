package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func configFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "world.json")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// move asks the control port, and decodes its answer.
func (x *running) move(t *testing.T, method, path, body string, out any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, x.ready.Control+path, strings.NewReader(body))
	require.NoError(t, err)
	res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
	require.NoError(t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, 200, res.StatusCode, string(text))
	require.NoError(t, json.Unmarshal(text, out))
}

// A file says what the world is at the start, the ready line where it is, and the control port moves it.
func TestConfig(t *testing.T) {
	t.Parallel()
	x := start(t, noEnv, "-throttle", "-control", "127.0.0.1:0", "-config", configFile(t, `{
		"account": "world", "regions": ["West US", "East US", "UK South"], "writeRegion": "eastus", "partitions": 2,
		"onePort": "documents.azure.com", "partitionFailover": true, "consistency": "Session", "scriptTimeout": "2s",
		"replicationDelay": "20ms-50ms", "replicationSeed": 7, "splitPhases": "1m,1s,1s",
		"accountFlap": "1m", "throttle": false,
		"replication": [{"from": "East US", "to": "West US", "paused": true}],
		"faults": [{"match": {"operations": ["Query"]}, "times": 1, "status": 503}],
		"databases": [{"id": "shop", "containers": [{"id": "orders", "partitionKey": {"paths": ["/customer"]}}]}]
	}`))
	require.True(t, x.ready.Ready)
	require.Equal(t, x.said["endpoint"], x.ready.Endpoint)
	require.Regexp(t, `^http://world\.documents\.azure\.com:\d+/$`, x.ready.Endpoint)
	require.Equal(t, "East US", x.ready.Regions[0].Name)
	require.True(t, x.ready.Regions[0].Writes)
	require.Regexp(t, `^http://world-westus\.documents\.azure\.com:\d+/$`, x.ready.Regions[1].Endpoint)

	var account struct {
		Name        string
		Throttle    bool
		Replication []struct {
			From, To, Most string
			Paused         bool
		}
	}
	x.move(t, "GET", "/account", "", &account)
	require.Equal(t, "world", account.Name)
	require.True(t, account.Throttle, "flags count more")
	require.Equal(t, "50ms", account.Replication[0].Most)
	require.True(t, account.Replication[0].Paused)
	var faults struct{ Faults []struct{ Status int } }
	x.move(t, "GET", "/faults", "", &faults)
	require.Equal(t, 503, faults.Faults[0].Status)
	var ranges struct{ Ranges []any }
	x.move(t, "GET", "/databases/shop/containers/orders/ranges", "", &ranges)
	require.Len(t, ranges.Ranges, 2)
	var lost struct{ Lost []any }
	x.move(t, "POST", "/failover", `{"region": "West US", "force": true}`, &lost)
	require.Empty(t, lost.Lost)
}

// A file that cannot be is refused, and what is wrong with it is said.
func TestWrongConfig(t *testing.T) {
	t.Parallel()
	for want, text := range map[string]string{
		"line 1: the text ends":                                      `{"regions": `,
		"line 1: the text ends too early":                            ``,
		"line 1: an object is wanted":                                `[]`,
		"line 2: more text after the end":                            "{}\n{}",
		`line 2: unknown member "region": there are`:                 "{\n\"region\": \"x\"}",
		`unknown member "config"`:                                    `{"config": "x"}`,
		`unknown member "multi-write"`:                               `{"multi-write": true}`,
		`member "key" is given twice`:                                `{"key": "a", "key": "b"}`,
		`member "partitions": a number is wanted, not four`:          `{"partitions": "four"}`,
		`member "partitions": 1.5: `:                                 `{"partitions": 1.5}`,
		`member "multiWrite": true or false is wanted, not yes`:      `{"multiWrite": "yes"}`,
		`member "scriptTimeout": a time such as "20ms" is wanted`:    `{"scriptTimeout": 5}`,
		`member "key": a text is wanted, not 5`:                      `{"key": 5}`,
		`member "regions": a list of texts without commas is wanted`: `{"regions": ["a,b"]}`,
		`member "faults": a list is wanted`:                          `{"faults": {}}`,
		`the region "west us" is named twice`:                        `{"regions": ["West US", "west us"]}`,
		"an account of consistency level Strong has one write region": `{"consistency": "Strong", "multiWrite": true,` +
			` "regions": ["a", "b"]}`,
		`-write-region: the account has no region "c": it has a, b`: `{"regions": ["a", "b"], "writeRegion": "c"}`,
		`line 3: database "shop", container "x"`: "{\"databases\": [\n" +
			"{\"id\": \"shop\", \"containers\": [\n{\"id\": \"x\", \"partitionKey\": {}}]}]}",
		`replication[0]: 404: The account has no region "nowhere"`: `{"replication": [` +
			`{"from": "nowhere", "paused": true}]}`,
		`faults[0]: unknown member "stats"`: `{"faults": [{"stats": 503}]}`,
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			err := run(ctx, []string{"-addr", "127.0.0.1:0", "-health", "", "-config", configFile(t, text)}, noEnv,
				io.Discard, io.Discard)
			require.ErrorContains(t, err, want)
		})
	}
	_, err := readSettings([]string{"-config", "none.json"}, noEnv, io.Discard)
	require.ErrorContains(t, err, "-config: open none.json")
	_, err = readSettings(nil, func(name string) (string, bool) {
		return "other.json", name == "COSMOS_SERVER_CONFIG"
	}, io.Discard)
	require.ErrorContains(t, err, "other.json", "the environment names it, too")
}

// The page has every flag, and its file starts a server.
func TestPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/server.md")
	require.NoError(t, err)
	var usage strings.Builder
	_, err = readSettings([]string{"-h"}, noEnv, &usage)
	require.ErrorIs(t, err, flag.ErrHelp)
	for line := range strings.Lines(usage.String()) {
		if name, ok := strings.CutPrefix(line, "  -"); ok {
			require.Contains(t, string(page), "`-"+strings.Fields(name)[0])
		}
	}
	_, rest, _ := strings.Cut(string(page), "## A file for it all\n\n```json\n")
	file, _, _ := strings.Cut(rest, "```")
	x := start(t, noEnv, "-control", "127.0.0.1:0", "-config", configFile(t, file))
	require.Equal(t, "East US", x.ready.Regions[0].Name)
	require.NotEmpty(t, x.ready.Control)
}
