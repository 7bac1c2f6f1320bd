package cosmostest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cosmossql/cosmossql/cosmos"
	"github.com/cosmossql/cosmossql/cosmos/cosmostest"
	"github.com/stretchr/testify/require"
)

// ask sends a request whose signature does not matter: the fault comes before it is looked at.
func ask(t *testing.T, srv *cosmostest.Server, method string) (status int, header http.Header, body string, err error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.Endpoint()+"dbs", nil)
	require.NoError(t, err)
	resp, err := srv.HTTPClient().Do(req)
	if err != nil {
		return 0, nil, "", err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, string(b), err
}

func TestSpoiledAnswers(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t)
	_, _, whole, err := ask(t, srv, "GET")
	require.NoError(t, err)
	require.True(t, json.Valid([]byte(whole)))
	for _, tt := range []struct {
		fault  cosmostest.Fault
		status int
		check  func(header http.Header, body string, err error)
	}{
		{cosmostest.Fault{Spoil: cosmostest.SpoilForeign}, 200, func(h http.Header, body string, err error) {
			require.NoError(t, err)
			require.Contains(t, body, "<html>")
			for name := range h {
				require.False(t, strings.HasPrefix(name, "X-Ms-"), name)
			}
		}},
		{cosmostest.Fault{Spoil: cosmostest.SpoilForeign, Status: 502}, 502,
			func(_ http.Header, body string, err error) {
				require.NoError(t, err)
				require.Contains(t, body, "<html>")
			}},
		{cosmostest.Fault{Spoil: cosmostest.SpoilForeign, Status: 204}, 204,
			func(h http.Header, body string, err error) {
				require.NoError(t, err)
				require.Empty(t, h.Get("x-ms-activity-id")+body)
			}},
		{cosmostest.Fault{Spoil: cosmostest.SpoilEmpty}, 401, func(h http.Header, body string, err error) {
			require.NoError(t, err)
			require.NotEmpty(t, h.Get("x-ms-activity-id"))
			require.Empty(t, body)
		}},
		{cosmostest.Fault{Spoil: cosmostest.SpoilTruncated}, 401, func(_ http.Header, body string, err error) {
			require.NoError(t, err)
			require.Equal(t, whole[:5], body[:5])
			require.False(t, json.Valid([]byte(body)))
		}},
		{cosmostest.Fault{Spoil: cosmostest.SpoilGarbled}, 401, func(_ http.Header, body string, err error) {
			require.NoError(t, err)
			require.False(t, json.Valid([]byte(body)))
		}},
		{cosmostest.Fault{Spoil: cosmostest.SpoilLong}, 401, func(_ http.Header, _ string, err error) {
			require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		}},
		{cosmostest.Fault{Status: 503, Afterwards: true}, 503, func(h http.Header, _ string, err error) {
			require.NoError(t, err)
			require.NotEmpty(t, h.Get("x-ms-gatewayversion"))
		}},
	} {
		tt.fault.Times = 1
		srv.Inject(tt.fault)
		status, h, body, err := ask(t, srv, "GET")
		require.Equal(t, tt.status, status, "%+v: %v", tt.fault, err)
		tt.check(h, body, err)
	}
}

// A clock that is off by more than 15 minutes refuses every signature, and says so.
func TestSkewedClock(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t)
	client, err := cosmos.NewClientFromConnectionString(srv.ConnectionString(), nil)
	require.NoError(t, err)
	defer client.Close()
	for _, d := range []time.Duration{time.Hour, -time.Hour} {
		srv.SkewClock(d)
		_, err = client.Account(t.Context())
		require.ErrorIs(t, err, cosmos.ErrForbidden)
		require.ErrorContains(t, err, "not valid at the current time")
	}
	srv.SkewClock(10 * time.Minute)
	_, err = client.Account(t.Context())
	require.NoError(t, err)
}

func TestHangingRegion(t *testing.T) {
	t.Parallel()
	srv := cosmostest.RunT(t, cosmostest.Regions("West US", "East US"))
	back := srv.HangRegion("West US")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", srv.RegionEndpoint("West US"), nil)
	require.NoError(t, err)
	_, err = srv.HTTPClient().Do(req)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	back()
	back()
	status, _, _, err := ask(t, srv, "GET")
	require.NoError(t, err)
	require.Equal(t, 401, status)
}

// The faults of a storm follow from its seed.
func TestStorm(t *testing.T) {
	t.Parallel()
	run := func(seed uint64) (seen []string, faults int) {
		srv := cosmostest.RunT(t)
		end := srv.Storm(cosmostest.Storm{Seed: seed, Rate: 0.5})
		for range 60 {
			status, _, body, err := ask(t, srv, "GET")
			seen = append(seen, http.StatusText(status)+map[bool]string{true: "!"}[err != nil]+
				map[bool]string{true: "<"}[strings.HasPrefix(body, "<")])
		}
		faults = end()
		status, _, _, err := ask(t, srv, "GET")
		require.NoError(t, err)
		require.Equal(t, 401, status, "it is over")
		return seen, faults
	}
	a, faults := run(7)
	b, again := run(7)
	require.Equal(t, a, b)
	require.Equal(t, faults, again)
	require.Greater(t, faults, 15)
	c, _ := run(8)
	require.NotEqual(t, a, c)
}
