package gateway_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// dated reads the databases with a request that has these headers, and is signed with dates as the last two lines.
func (s *server) dated(headers h, dates string) answer {
	s.t.Helper()
	key, err := base64.StdEncoding.DecodeString(testKey)
	require.NoError(s.t, err)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("get\ndbs\n\n" + dates))
	sig := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return s.raw("GET", "/dbs", headers.and(h{"authorization": url.QueryEscape("type=master&ver=1.0&sig=" + sig)}), nil)
}

// A request is signed with its date: in upper or lower case, in the one header or the other.
func TestDatesOfSignatures(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	now := time.Now().UTC().Format(http.TimeFormat)
	lower := strings.ToLower(now)
	long := time.Now().UTC().Format("Monday, 02-Jan-06 15:04:05 GMT")
	for _, test := range []struct {
		name, dates string
		headers     h
		status      int
		says        string
	}{
		{"as net/http writes it", lower + "\n\n", h{"x-ms-date": now}, 200, ""},
		{"in lower case", lower + "\n\n", h{"x-ms-date": lower}, 200, ""},
		{"in upper case", lower + "\n\n", h{"x-ms-date": strings.ToUpper(now)}, 200, ""},
		{"with the day's whole name", strings.ToLower(long) + "\n\n", h{"x-ms-date": long}, 200, ""},
		{"in the other header", "\n" + lower + "\n", h{"date": now}, 200, ""},
		{"in both, of which its own counts", lower + "\n\n", h{"x-ms-date": now, "date": "yesterday"}, 200, ""},
		{"signed as it is written", now + "\n\n", h{"x-ms-date": now}, 401, "Server used the following payload"},
		{"signed in the wrong line", "\n" + lower + "\n", h{"x-ms-date": now}, 401, "'get\ndbs\n\n" + lower + "\n\n'"},
		{"none", "\n\n", nil, 401, "mandates Date headers"},
		{"too short", "gmt\n\n", h{"x-ms-date": "GMT"}, 401, "invalid format"},
		{"ISO 8601", "x\n\n", h{"x-ms-date": time.Now().UTC().Format(time.RFC3339)}, 401, "invalid format"},
		{"another zone", "x\n\n", h{"x-ms-date": strings.Replace(now, "GMT", "CET", 1)}, 401, "invalid format"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, s.dated(test.headers, test.dates).want(t, test.status).body,
				strings.ReplaceAll(test.says, "\n", `\n`))
		})
	}
}

// A signature is good for a quarter of an hour to either side of the server's clock, which can be made wrong; the
// refusal tells the time that the server has. Documents live by another clock.
func TestSkewedClocks(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := newServer(t, clock.options)
	clock.seconds.Add(24 * 60 * 60)
	s.do("GET", "/dbs", nil, nil).want(t, 200)
	at := func(d time.Duration) answer {
		date := time.Now().Add(d).UTC().Format(http.TimeFormat)
		return s.dated(h{"x-ms-date": date}, strings.ToLower(date)+"\n\n")
	}
	for _, test := range []struct {
		clock, date time.Duration
		status      int
	}{
		{0, 0, 200}, {0, 14 * time.Minute, 200}, {0, -14 * time.Minute, 200},
		{0, 16 * time.Minute, 403}, {0, -16 * time.Minute, 403}, {0, 200 * 365 * 24 * time.Hour, 403},
		{time.Hour, 0, 403}, {time.Hour, time.Hour, 200}, {time.Hour, 30 * time.Minute, 403},
		{-time.Hour, 0, 403}, {-time.Hour, -time.Hour, 200},
		{0, 0, 200},
	} {
		s.gateway.SkewClock(test.clock)
		a := at(test.date).want(t, test.status)
		if test.status != 403 {
			continue
		}
		_, text, _ := strings.Cut(a.text("message"), "current server time: ")
		text, _, _ = strings.Cut(text, ")")
		told, err := time.Parse(http.TimeFormat, text)
		require.NoError(t, err)
		require.InDelta(t, test.clock.Minutes(), time.Until(told).Minutes(), 1)
	}
}
