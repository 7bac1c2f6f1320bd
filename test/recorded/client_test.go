package recorded

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/cosmos"
)

// What the service appends to a text: what differs from request to request, and the diagnostics of its replicas.
var appended = strings.NewReplacer(
	"GUID", "00000000-0000-0000-0000-000000000001", "Request URI: URI",
	"Request URI: /apps/1/services/2/partitions/3/replicas/4p",
	", DIAGNOSTICS", ", \r\nRequestStartTime: 2026-10-10T09:04:00.6309121Z, RequestEndTime: "+
		"2026-10-10T09:04:00.6325373Z,  Number of regions attempted:1\r\n"+
		`{"systemHistory":[{"dateUtc":"2026-10-10T09:03:10.1813824Z","cpu":2.797,"memory":429467720.000}]}`+
		"\r\nRequestStart: 2026-10-10T09:04:00.6310001Z; "+
		"StoreResult: StorePhysicalAddress: rntbd://replica.example:14301/apps/1, LSN: 40, ActivityId: "+
		"00000000-0000-0000-0000-000000000001;"+
		"\r\n ResourceType: Document, OperationType: Create\r\n, Microsoft.Azure.Documents.Common/2.14.0",
)

// Whatever the service says and appends, an error of the client is one clean line with the right status, substatus and
// text.
func TestClientReadsWhatIsRecorded(t *testing.T) {
	t.Parallel()
	var now exchange
	var account, container, ranges string
	all := exchanges(t)
	for _, e := range all {
		switch e.N {
		case 33:
			account = e.Answer.Body
		case 37:
			container = e.Answer.Body
		case 38:
			ranges = e.Answer.Body
		}
	}
	var fake *httptest.Server
	fake = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("content-type", "application/json")
		h.Set("x-ms-gatewayversion", "version=2.14.0")
		switch {
		case r.URL.Path == "/":
			fmt.Fprint(w, strings.ReplaceAll(account, "https://account-eastus.example:443", fake.URL))
		case strings.HasSuffix(r.URL.Path, "/pkranges"):
			h.Set("etag", `"1"`)
			if r.Header.Get("if-none-match") != "" {
				w.WriteHeader(304)
				return
			}
			fmt.Fprint(w, ranges)
		case !strings.HasSuffix(r.URL.Path, "/docs"):
			fmt.Fprint(w, container)
		default:
			a := now.Answer
			h.Set("x-ms-activity-id", "00000000-0000-0000-0000-000000000001")
			for name, v := range a.Headers {
				if v != "*" && name != "content-length" {
					h.Set(name, v)
				}
			}
			if a.Substatus != "" {
				h.Set("x-ms-substatus", a.Substatus)
			}
			if a.Charge != nil {
				h.Set("x-ms-request-charge", strconv.FormatFloat(*a.Charge, 'f', -1, 64))
			}
			w.WriteHeader(a.Status)
			body := fmt.Sprintf(`{"code":%q`, a.Code)
			if a.Message != "" {
				body += `,"message":` + quoted(appended.Replace(a.Message))
			}
			fmt.Fprint(w, body+"}")
		}
	}))
	t.Cleanup(fake.Close)
	cred, err := cosmos.KeyCredential("AAAA")
	require.NoError(t, err)
	client, err := cosmos.NewClient(fake.URL, cred, nil)
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	items := client.Database("shop").Container("items")
	n := 0
	for _, e := range all {
		a := e.Answer
		if a.Code == "" || a.Status == 429 || a.Substatus == "1001" || a.Status == 401 {
			continue // throttled ones and outdated keys are repeated, 401 is about the clock
		}
		n++
		now = e
		_, err := items.CreateItem(t.Context(), map[string]any{"id": "1", "pk": "a"})
		var failure *cosmos.Error
		require.True(t, errors.As(err, &failure), "%d %s: %v", e.N, e.Name, err)
		require.Equal(t, []string{strconv.Itoa(a.Status), a.Substatus, a.Code},
			[]string{strconv.Itoa(failure.StatusCode), substatus(failure.SubStatus), failure.Code}, e.Name)
		line := failure.Error()
		for _, noise := range []string{"\n", "\r", "RequestStartTime", "replica", "Request URI", "Microsoft.Azure",
			`{"Errors"`, `{"errors"`, "ActivityId:", `\"`} {
			require.NotContains(t, line, noise, "%d %s", e.N, e.Name)
		}
		require.NotContains(t, line, ": (", "%d: nothing dangles", e.N)
		if a.Charge != nil && *a.Charge > 0 {
			require.InDelta(t, *a.Charge, failure.RequestCharge, 0.001, e.Name)
		}
	}
	t.Logf("%d errors read", n)
	require.Greater(t, n, 50)
}

func substatus(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// quoted writes a text as JSON.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", `\r`, "\n", `\n`).Replace(text) + `"`
}
