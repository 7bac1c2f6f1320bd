package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

func TestRefusals(t *testing.T) {
	t.Parallel()
	const gatewayTail = "\r\nActivityId: a-1, Microsoft.Azure.Documents.Common/2.14.0"
	const tail = "\r\nActivityId: a-1, Request URI: " +
		"/apps/11111111-1111-1111-1111-111111111111/services/22222222-2222-2222-2222-222222222222/" +
		"partitions/33333333-3333-3333-3333-333333333333/replicas/100000000000000001s, RequestStats: , SDK: " +
		"Microsoft.Azure.Documents.Common/2.14.0"
	for _, test := range []struct {
		name    string
		err     error
		status  int
		code    string
		message string
	}{
		{"from a partition", store.Errorf(404, 0, `no "x"`), 404, "NotFound",
			`Message: {"Errors":["no \"x\""]}` + tail},
		{"conflict", store.Errorf(409, 0, "there"), 409, "Conflict", `Message: {"Errors":["there"]}` + tail},
		{"precondition", store.Errorf(412, 0, "etag"), 412, "PreconditionFailed",
			`Message: {"Errors":["etag"]}` + tail},
		{"large", store.Errorf(413, 0, "big"), 413, "RequestEntityTooLarge", `Message: {"Errors":["big"]}` + tail},
		{"a list already", refuse(400, 0, `{"errors":[]}`), 400, "BadRequest", `Message: {"errors":[]}` + gatewayTail},
		{"a list of the gateway", refuseList(400, 0, "@p"), 400, "BadRequest",
			`Message: {"Errors":["@p"]}` + gatewayTail},
		{"brackets stay", store.Errorf(400, 0, "VALUE <x>"), 400, "BadRequest",
			`Message: {"Errors":["VALUE <x>"]}` + tail},
		{"not served", refuse(400, store.SubNotServed, "plan"), 400, "BadRequest", "plan" + gatewayTail},
		{"from the gateway", refuse(401, 5000, "who"), 401, "Unauthorized", "who" + gatewayTail},
		{"gone", store.Errorf(410, 1002, "split"), 410, "Gone", `Message: {"Errors":["split"]}` + tail},
		{"throttled", store.Errorf(429, 3200, "slow"), 429, "TooManyRequests", `Message: {"Errors":["slow"]}` + tail},
		{"again", store.Errorf(449, 0, "again"), 449, "RetryWith", `Message: {"Errors":["again"]}` + tail},
		{"depends", store.Errorf(424, 0, "other"), 424, "FailedDependency", `Message: {"Errors":["other"]}` + tail},
		{"not done", store.Errorf(501, 0, "js"), 501, "NotImplemented", `Message: {"Errors":["js"]}` + tail},
		{"unexpected", errors.New("oops"), 500, "InternalServerError", `Message: {"Errors":["oops"]}` + tail},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := httptest.NewRecorder()
			r := httptest.NewRequest("GET", "/dbs", nil)
			r.Header.Set(headerActivity, "a-1")
			g, err := New(store.NewAccount(store.Options{Regions: []string{"East US"}}), Options{Key: "AAAA"})
			require.NoError(t, err)
			c := newCall(g, w, r, 0)
			c.write(c.refusal(test.err))
			require.Equal(t, test.status, w.Code)
			var body struct{ Code, Message string }
			require.NoError(t, json.Unmarshal(w.Body.Bytes(), &body))
			require.Equal(t, []string{test.code, test.message}, []string{body.Code, body.Message})
			raw := map[string][]string(w.Header())
			require.Equal(t, []string{"a-1"}, raw["x-ms-activity-id"],
				"the key is in lower case, for clients that look it up so")
			if strings.Contains(test.message, "replicas/") && test.status != 413 {
				require.NotEmpty(t, raw["x-ms-request-charge"])
			} else {
				require.Empty(t, raw["x-ms-request-charge"], "the gateway costs nothing")
			}
			var e *store.Error
			if errors.As(test.err, &e) && e.SubStatus != 0 {
				require.NotEmpty(t, raw["x-ms-substatus"])
			}
		})
	}
}

func TestPageSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"": 1000, "-1": 1 << 30, "1": 1, "5000": 5000, "0": 1000, "-2": 0, "x": 0, "1.5": 0,
	} {
		r := httptest.NewRequest("GET", "/dbs", nil)
		if text != "" {
			r.Header.Set(headerMaxItems, text)
		}
		n, err := newCall(nil, httptest.NewRecorder(), r, 0).pageSize()
		require.Equal(t, want, n, text)
		require.Equal(t, want == 0, err != nil, text)
	}
}

func TestAPanicIsA500(t *testing.T) {
	t.Parallel()
	g, err := New(store.NewAccount(store.Options{}), Options{Key: "a2V5"})
	require.NoError(t, err)
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("authorization", "type=aad&ver=1.0&sig=e30.eyJleHAiOjk5OTk5OTk5OTl9.YTJWNQ")
	c := newCall(g, w, r, 0)
	c.op.handle = func(*call) (reply, error) { panic("a bug") }
	res, err := c.handle(nil)
	require.Zero(t, res.status)
	require.ErrorContains(t, err, "500: panic: a bug")
	require.ErrorContains(t, err, "call_test.go", "and where it happened")
}

func TestEncode(t *testing.T) {
	t.Parallel()
	text, err := encode(map[string]any{"a": "<&>", "b": json.RawMessage(`{"c":"<"}`)})
	require.NoError(t, err)
	require.Equal(t, `{"a":"<&>","b":{"c":"<"}}`, string(text))
	_, err = encode(make(chan int))
	require.Error(t, err)
}

// kept is a writer whose client is gone, and that still holds what it was given: net/http makes a frame of HTTP/2 of it
// in a goroutine that Write does not wait for when the stream ends.
type kept struct {
	*httptest.ResponseRecorder
	body []byte
}

func (k *kept) Write(p []byte) (int, error) {
	k.body = p
	return 0, errors.New("the stream is closed")
}

// TestPageOfALostClient: the memory of a page that could not be written is not that of another page.
func TestPageOfALostClient(t *testing.T) {
	t.Parallel()
	g, err := New(store.NewAccount(store.Options{Regions: []string{"East US"}}), Options{Key: "AAAA"})
	require.NoError(t, err)
	write := func(w http.ResponseWriter, row string) {
		c := newCall(g, w, httptest.NewRequest("GET", "/dbs", nil), 0)
		c.write(c.feed("", "Databases", [][]byte{[]byte(row)}, 1))
	}
	for range 20 { // a pool gives back what it likes
		lost := &kept{ResponseRecorder: httptest.NewRecorder()}
		write(lost, `"lost"`)
		write(httptest.NewRecorder(), `"next"`)
		require.Contains(t, string(lost.body), `"lost"`)
	}
}
