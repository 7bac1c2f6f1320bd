package rest

import (
	"context"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
)

func TestAttemptsOfAnOperation(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, nil, fine)
	a := c.Attempts(Repeatable)
	for i := range bulkTries {
		wait, again := a.AfterLoss(true)
		require.True(t, again, "%d", i)
		require.Positive(t, wait)
	}
	_, again := a.AfterLoss(true)
	require.False(t, again)
	_, again = c.Attempts(Write).AfterLoss(true)
	require.False(t, again)
	_, again = c.Attempts(Write).AfterLoss(false)
	require.True(t, again, "what was not sent was not executed")
	wait, again, stale := c.Attempts(Write).After(449, 0, 0)
	require.True(t, again)
	require.False(t, stale)
	require.GreaterOrEqual(t, wait, 10*time.Millisecond)
	_, again, stale = c.Attempts(Write).After(410, 1000, 0)
	require.True(t, again && stale)
	wait, again, _ = c.Attempts(Read).After(503, 0, 40*time.Millisecond)
	require.True(t, again)
	require.GreaterOrEqual(t, wait, 40*time.Millisecond)
}

// What a throttled operation of a bulk may ask for is the client's to say.
func TestThrottlingOfAnOperation(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, nil, fine)
	again, longest := c.Throttling()
	require.True(t, again)
	require.Equal(t, 30*time.Second, longest)
	c.policy = Policy{Throttled: -1, ThrottledWait: time.Second}
	again, longest = c.Throttling()
	require.False(t, again)
	require.Equal(t, time.Second, longest)
}

// Limits of an attempt: the client's for documents and procedures, for anything else at most the usual.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ timeout, documents, metadata time.Duration }{
		{0, 65 * time.Second, 20 * time.Second},
		{time.Second, time.Second, time.Second},
		{time.Minute, time.Minute, 20 * time.Second},
		{-1, 0, 0},
	} {
		c := &Client{timeout: tt.timeout}
		require.Equal(t, tt.documents, c.limit(&Request{Kind: Documents}))
		require.Equal(t, tt.documents, c.limit(&Request{Kind: Procedures}))
		require.Equal(t, tt.metadata, c.limit(&Request{Kind: Containers}))
	}
}

func TestJitterAndBackoff(t *testing.T) {
	t.Parallel()
	require.Zero(t, jitter(0))
	require.Zero(t, jitter(-time.Second))
	for range 100 {
		d := jitter(time.Second)
		require.True(t, d >= time.Second && d <= 1100*time.Millisecond, d)
	}
	require.Equal(t, 10*time.Millisecond, backoff(1, 10*time.Millisecond, time.Second))
	require.Equal(t, 80*time.Millisecond, backoff(4, 10*time.Millisecond, time.Second))
	require.Equal(t, time.Second, backoff(500, 10*time.Millisecond, time.Second), "no overflow")
	require.Equal(t, 9, Policy{}.throttled())
	require.Equal(t, 0, Policy{Throttled: -1}.throttled())
	require.Equal(t, 30*time.Second, Policy{}.throttledWait())
	require.Equal(t, time.Second, Policy{ThrottledWait: time.Second}.throttledWait())
}

func TestRetryAfterForms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		header, value string
		want          time.Duration
		asked         bool
	}{
		{HeaderRetryAfter, "250", 250 * time.Millisecond, true},
		{HeaderRetryAfter, "0", 0, true},
		{HeaderRetryAfter, "1.5", 1500 * time.Microsecond, true},
		{"Retry-After", "2", 2 * time.Second, true},
		{HeaderRetryAfter, "1e18", 24 * time.Hour, true},
		{HeaderRetryAfter, "Inf", 24 * time.Hour, true},
		{"Retry-After", "9223372036854775807", 24 * time.Hour, true},
		{HeaderRetryAfter, "-5", 0, false},
		{HeaderRetryAfter, "NaN", 0, false},
		{HeaderRetryAfter, "soon", 0, false},
		{"Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT", 0, false},
	} {
		r := &Response{Header: http.Header{}}
		r.Header.Set(tt.header, tt.value)
		got, asked := r.retryAfter()
		require.Equal(t, tt.want, got, tt.value)
		require.Equal(t, tt.asked, asked, tt.value)
	}
}

func TestOnceIsOnce(t *testing.T) {
	t.Parallel()
	for _, s := range []step{status(429, 0), status(503, 0), fails(errDial), fails(errReset)} {
		c, script := scripted(t, nil, s)
		req := readReq()
		req.Once = true
		resp, err := c.Do(t.Context(), req)
		require.Error(t, err)
		require.Equal(t, 1, resp.Attempts)
		require.Len(t, script.seen, 1)
	}
}

func TestMultiWriteSessionIsSoughtEverywhere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, []string{"East US"}, answers(200, accountMulti), status(404, 1002))
		resp, err := c.Do(t.Context(), readReq())
		require.Error(t, err)
		require.Equal(t, 3, resp.Attempts)
		require.Equal(t, []string{
			"GET https://acct.test:443/",
			"GET https://east.test/dbs/d/colls/c/docs/1",
			"GET https://west.test/dbs/d/colls/c/docs/1",
			"GET https://east.test/dbs/d/colls/c/docs/1",
		}, s.urls())
	})
}

func TestConnectionFailuresVisitEveryRegion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var visited []string
		account := answers(200, accountTwo)
		c, _ := scripted(t, []string{"East US"}, func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/" {
				return account(r)
			}
			visited = append(visited, r.URL.Host)
			return nil, errDial
		})
		_, err := c.Do(t.Context(), readReq())
		require.ErrorIs(t, err, ErrUnreachable)
		require.Equal(t, []string{"east.test", "east.test", "west.test"}, visited,
			"where there is another region, one repeat is enough")
		visited = nil
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		_, err = c.Do(ctx, writeReq())
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, ErrUnknownOutcome, "no connection, no outcome")
		require.GreaterOrEqual(t, len(visited), 8,
			"the account lives, and may name another region for writes any moment")
		require.NotContains(t, visited, "east.test", "writes have one region only")
	})
}

func TestUnreadableAccount(t *testing.T) {
	t.Parallel()
	c, _ := scripted(t, nil, answers(200, `{"id":7}`))
	_, _, err := c.Account(t.Context())
	require.ErrorContains(t, err, "not an account document")
	c, _ = scripted(t, nil, status(401, 0))
	_, _, err = c.Account(t.Context())
	require.ErrorContains(t, err, "cosmos: GET /: 401")
	// Regions whose addresses make no sense are left out.
	c, _ = scripted(t, nil, answers(200, `{"writableLocations":[{"name":"a","databaseAccountEndpoint":"::"}],`+
		`"readableLocations":[{"name":"a","databaseAccountEndpoint":"::"},{"name":"b",`+
		`"databaseAccountEndpoint":"https://b.test"},{"name":"c","databaseAccountEndpoint":"https://c.test"}]}`), fine)
	_, _, err = c.Account(t.Context())
	require.NoError(t, err)
	resp, err := c.Do(t.Context(), readReq())
	require.NoError(t, err)
	require.Equal(t, "b", resp.Region)
}

func TestRegionNames(t *testing.T) {
	t.Parallel()
	require.True(t, sameRegion("West US 2", "westus2"))
	require.False(t, sameRegion("West US", "westus2"))
	r := regions{preferred: []string{"westus2", "North Europe"}}
	var names []string
	for _, reg := range r.prefer(
		[]region{{name: "East US"}, {name: "North Europe"}, {name: "West US 2"}, {name: "Japan East"}}) {
		names = append(names, reg.name)
	}
	require.Equal(t, []string{"West US 2", "North Europe", "East US", "Japan East"}, names)
}

func TestActivityIDs(t *testing.T) {
	t.Parallel()
	seen := make(map[string]bool)
	for range 1000 {
		id := NewActivityID()
		require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, id)
		require.False(t, seen[id])
		seen[id] = true
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	at := time.Date(2017, 4, 27, 2, 51, 12, 5, time.FixedZone("CEST", 2*3600))
	require.Equal(t, date2017, date(at))
	require.Equal(t, date2017, date(at.Add(time.Millisecond)))
	require.Equal(t, "Thu, 27 Apr 2017 00:51:13 GMT", date(at.Add(time.Second)))
}

// A charge that is not an amount would never leave a budget again.
func TestCharges(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{"2.25": 2.25, "": 0, "x": 0, "NaN": 0, "Inf": 0, "-Inf": 0, "-1": 0} {
		c, _ := scripted(t, nil, answers(200, `{}`, HeaderRequestCharge, text))
		resp, err := c.Do(t.Context(), readReq())
		require.NoError(t, err)
		require.Equal(t, want, resp.Charge, text)
	}
}

func TestLosses(t *testing.T) {
	t.Parallel()
	late := &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}
	for _, tt := range []struct {
		name  string
		err   error
		begun bool
		want  answer
	}{
		{"dial", errDial, true, answer{loss: unsent}},
		{"dial that takes too long", late, false, answer{loss: silent}},
		{"reset while sending", errReset, true, answer{loss: cut, sent: true}},
		{"reset before sending", errReset, false, answer{loss: unsent}},
		{"no such host", &net.OpError{Op: "dial", Err: &net.DNSError{IsNotFound: true}}, true, answer{loss: unsent}},
		{"the attempt takes too long", context.DeadlineExceeded, true, answer{loss: silent, sent: true}},
		{"too large", errTooMuch, true, answer{loss: hopeless, sent: true}},
	} {
		require.Equal(t, tt.want, lossOf(t.Context(), tt.err, tt.begun), tt.name)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	require.Equal(t, answer{loss: cancelled, sent: true}, lossOf(over, context.Canceled, true))
	late2, cancel := context.WithTimeout(t.Context(), -1)
	defer cancel()
	require.Equal(t, answer{loss: expired, sent: true}, lossOf(late2, context.DeadlineExceeded, true))
}

// A connection that takes too long to be made is no deadline of the caller's.
func TestSlowDialIsNobodysDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, _ := scripted(t, nil, fails(&net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}))
		err := do(t, c, readReq())
		require.ErrorIs(t, err, ErrUnreachable)
		require.NotErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, os.ErrDeadlineExceeded)
		require.ErrorContains(t, err, "dial tcp: i/o timeout")
	})
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"plain", `Message: {"Errors":["a","b"]}` + "\r\nActivityId: x",
		`{"errors":[{"code":"SC1","message":"m","location":{"start":1,"end":2}}]}`, `{"errors":[`, `{`, ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := clean(s)
		require.False(t, strings.ContainsFunc(got, unicode.IsControl), "%q", got)
		if !strings.Contains(s, "{") {
			require.LessOrEqual(t, len(got), len(s))
		}
	})
}
