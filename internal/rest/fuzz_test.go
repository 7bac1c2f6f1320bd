package rest

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// FuzzAnswer: whatever a server answers, a request ends, in an answer or in an error of one line.
func FuzzAnswer(f *testing.F) {
	f.Add(200, `{"id":"1"}`, "0:-1#5", "20", true)
	f.Add(404, `{"code":"NotFound","message":"Message: {\"Errors\":[\"a\"]}\r\nActivityId: 1"}`,
		"0:1#5#1=2", "NaN", true)
	f.Add(429, `{"message":"x, \r\nRequestStartTime: y"}`, ",,:", "1e300", true)
	f.Add(302, "<html>\r\n</html>", "", "", false)
	f.Add(999, "\x00\xff", "a:b:c", "-1", false)
	f.Fuzz(func(t *testing.T, status int, body, token, pause string, own bool) {
		if status < 200 || status > 999 {
			return
		}
		c, _ := scripted(t, nil, func(*http.Request) (*http.Response, error) {
			h := http.Header{HeaderSessionToken: {token}, HeaderRetryAfter: {pause}, "Www-Authenticate": {pause},
				"Location": {pause}}
			if !own {
				h = http.Header{"Location": {pause}}
			}
			return &http.Response{StatusCode: status, Header: h, ContentLength: -1,
				Body: io.NopCloser(strings.NewReader(body))}, nil
		})
		for _, req := range []*Request{readReq(), writeReq()} {
			req.Once = true
			resp, err := c.Do(t.Context(), req)
			require.NotNil(t, resp)
			if err != nil {
				require.False(t, strings.ContainsFunc(err.Error(), unicode.IsControl), "%q", err.Error())
			}
		}
		require.NotContains(t, c.Sessions.Token("dbs/d/colls/c", ""), "\n")
	})
}
