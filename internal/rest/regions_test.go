package rest

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPreferredRegionsAreFoundFirst(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, []string{"eastus"}, answers(200, accountTwo), fine)
	resp, err := c.Do(t.Context(), readReq())
	require.NoError(t, err)
	require.Equal(t, "East US", resp.Region)
	resp, err = c.Do(t.Context(), writeReq())
	require.NoError(t, err)
	require.Equal(t, "West US", resp.Region, "writes go where they are accepted")
	require.Equal(t, []string{
		"GET https://acct.test:443/",
		"GET https://east.test/dbs/d/colls/c/docs/1",
		"POST https://west.test/dbs/d/colls/c/docs",
	}, s.urls())
}

// Without preferred regions there is something to fail over to as well.
func TestWithoutPreferencesTheAccountIsReadToo(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, []string{}, byPath(accountTwo))
	_, err := c.Do(t.Context(), readReq())
	require.NoError(t, err)
	require.Equal(t, []string{"GET https://acct.test:443/", "GET https://west.test/dbs/d/colls/c/docs/1"}, s.urls())
}

func TestBadStartIsNotRemembered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, []string{"East US"}, status(503, 0), fine, answers(200, accountTwo), fine)
		_, err := c.Do(t.Context(), readReq())
		require.NoError(t, err, "the request goes to the account's endpoint meanwhile")
		time.Sleep(2 * accountMinPause)
		s.play(byPath(accountTwo))
		_, err = c.Do(t.Context(), readReq())
		require.NoError(t, err)
		synctest.Wait()
		resp, err := c.Do(t.Context(), readReq())
		require.NoError(t, err)
		require.Equal(t, "East US", resp.Region, "requests do not wait for the second attempt")
		require.Len(t, s.seen, 5)
	})
}

func TestRegionsAreReadAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, []string{"East US"}, byPath(accountTwo))
		for range 2 {
			_, err := c.Do(t.Context(), readReq())
			require.NoError(t, err)
		}
		time.Sleep(accountMaxAge + time.Second)
		_, err := c.Do(t.Context(), readReq())
		require.NoError(t, err)
		synctest.Wait()
		require.Contains(t, s.urls()[3:], "GET https://acct.test:443/", "beside the request, before it or after it")
	})
}

func TestReadsMoveToTheNextRegion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, []string{"East US"}, answers(200, accountTwo), fine)
		_, err := c.Do(t.Context(), readReq())
		require.NoError(t, err)
		time.Sleep(2 * accountMinPause)
		s.play(status(503, 0), answers(200, accountTwo), fine)
		resp, err := c.Do(t.Context(), readReq())
		require.NoError(t, err)
		require.Equal(t, "West US", resp.Region)
		resp, err = c.Do(t.Context(), readReq())
		require.NoError(t, err)
		require.Equal(t, "West US", resp.Region, "a region that failed is avoided")
		time.Sleep(probePause)
		s.play(byPath(accountTwo))
		resp, err = c.Do(t.Context(), readReq())
		require.NoError(t, err)
		require.Equal(t, "West US", resp.Region, "asked beside the request")
		synctest.Wait()
		resp, err = c.Do(t.Context(), readReq())
		require.NoError(t, err)
		require.Equal(t, "East US", resp.Region, "and taken back")
	})
}

func TestSessionsFindTheWriteRegion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, []string{"East US"}, answers(200, accountTwo), fine)
		_, err := c.Do(t.Context(), readReq())
		require.NoError(t, err)
		time.Sleep(2 * accountMinPause)
		s.play(status(404, 1002), fine)
		resp, err := c.Do(t.Context(), readReq())
		require.NoError(t, err)
		require.Equal(t, "West US", resp.Region)
	})
}

func TestWriteForbiddenFollowsTheAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		moved := `{"id":"a","writableLocations":[{"name":"East US","databaseAccountEndpoint":"https://east.test/"}],
			"readableLocations":[{"name":"East US","databaseAccountEndpoint":"https://east.test/"},
				{"name":"West US","databaseAccountEndpoint":"https://west.test/"}]}`
		c, _ := scripted(t, nil, status(403, 3), answers(200, moved), answers(201, `{}`))
		time.Sleep(2 * accountMinPause)
		resp, err := c.Do(t.Context(), writeReq())
		require.NoError(t, err)
		require.Equal(t, "East US", resp.Region)
	})
}

func TestSeveralWriters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, []string{"East US"}, answers(200, accountMulti),
			answers(201, `{}`, HeaderSessionToken, "0:1#5#1=5#2=5"))
		resp, err := c.Do(t.Context(), writeReq())
		require.NoError(t, err)
		require.Equal(t, "East US", resp.Region)
		require.Equal(t, "true", s.seen[1].header.Get(HeaderAllowTentative))
		_, err = c.Do(t.Context(), writeReq())
		require.NoError(t, err)
		require.Equal(t, "0:1#5#1=5#2=5", s.seen[2].header.Get(HeaderSessionToken),
			"writers need the session where there are several")

		time.Sleep(2 * accountMinPause)
		s.play(status(503, 0))
		_, err = c.Do(t.Context(), writeReq())
		require.ErrorIs(t, err, ErrUnknownOutcome, "it may have been executed, so it is not sent to the other region")
		s.play(byPath(accountMulti))
		resp, err = c.Do(t.Context(), writeReq())
		require.NoError(t, err)
		require.Equal(t, "West US", resp.Region, "later writes are")

		time.Sleep(2 * accountMinPause)
		s.play(status(503, 0), answers(200, accountMulti), fine)
		safe := writeReq()
		safe.Effect = Repeatable
		resp, err = c.Do(t.Context(), safe)
		require.NoError(t, err)
		require.Equal(t, 2, resp.Attempts)
	})
}

// Where documents are written in several regions, databases and containers are still made in the first one.
func TestMetadataIsWrittenAtTheHub(t *testing.T) {
	t.Parallel()
	c, s := scripted(t, []string{"East US"}, answers(200, accountMulti), answers(201, `{}`))
	create := &Request{Verb: "POST", Kind: Containers, Link: "dbs/d", Path: "/dbs/d/colls", Effect: Write,
		Body: []byte(`{"id":"c"}`)}
	resp, err := c.Do(t.Context(), create)
	require.NoError(t, err)
	require.Equal(t, "West US", resp.Region)
	require.Empty(t, s.seen[1].header.Get(HeaderAllowTentative))
}

// A region that forbids writes is left, also while the account still names it first.
func TestForbiddenWritesGoOn(t *testing.T) {
	t.Parallel()
	for _, sub := range []int{3, 1008} {
		synctest.Test(t, func(t *testing.T) {
			c, s := scripted(t, []string{"East US"}, answers(200, accountMulti), fine)
			_, err := c.Do(t.Context(), writeReq())
			require.NoError(t, err)
			time.Sleep(2 * accountMinPause)
			s.play(status(403, sub), answers(200, accountMulti), fine)
			resp, err := c.Do(t.Context(), writeReq())
			require.NoError(t, err)
			require.Equal(t, "West US", resp.Region)
		})
	}
}

// A request that its caller repeats by itself still finds out where writes go now, but does not pause for it.
func TestOnceLearnsOfTheRegions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, nil, status(403, 3))
		time.Sleep(2 * accountMinPause)
		req := writeReq()
		req.Once = true
		resp, err := c.Do(t.Context(), req)
		require.Error(t, err)
		require.Equal(t, 2, resp.Attempts)
		require.Len(t, s.seen, 3, "the account was read in between")
		s.play(byPath(accountTwo))
		time.Sleep(accountMinPause)
		_, err = c.Do(t.Context(), req)
		require.NoError(t, err)
		synctest.Wait()
		resp, err = c.Do(t.Context(), req)
		require.NoError(t, err)
		require.Equal(t, "West US", resp.Region)
		require.Len(t, s.seen, 6)
	})
}

// When the account's own endpoint is down, the regions say where the others are.
func TestRegionsNameTheAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, []string{"East US"}, answers(200, accountTwo), fine)
		_, err := c.Do(t.Context(), readReq())
		require.NoError(t, err)
		time.Sleep(accountMaxAge + time.Second)
		moved := `{"id":"a","writableLocations":[{"name":"East US","databaseAccountEndpoint":"https://east.test/"}],
			"readableLocations":[{"name":"East US","databaseAccountEndpoint":"https://east.test/"},
				{"name":"North","databaseAccountEndpoint":"https://north.test/"}]}`
		s.play(func(r *http.Request) (*http.Response, error) {
			if r.URL.Host == "acct.test:443" || r.URL.Host == "west.test" {
				return nil, errDial
			}
			return byPath(moved)(r)
		})
		resp, err := c.Do(t.Context(), writeReq())
		require.NoError(t, err)
		require.Equal(t, "East US", resp.Region)
		require.Contains(t, s.urls(), "GET https://east.test/")
	})
}

// What is known of the regions lasts while the account cannot be read, and requests do not all wait for another try.
func TestUnreadableAccountDoesNotHoldRequestsUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, s := scripted(t, []string{"East US"}, answers(200, accountTwo), fine)
		_, err := c.Do(t.Context(), readReq())
		require.NoError(t, err)
		time.Sleep(accountMaxAge + time.Second)
		down := func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/" {
				return nil, errDial
			}
			return fine(r)
		}
		s.play(down)
		for range 10 {
			resp, err := c.Do(t.Context(), readReq())
			require.NoError(t, err)
			require.Equal(t, "East US", resp.Region)
			time.Sleep(2 * accountMinPause)
		}
		readings := 0
		for _, seen := range s.seen[2:] {
			if !strings.Contains(seen.url, "/dbs/") {
				readings++
			}
		}
		require.LessOrEqual(t, readings, 3, "one reading, of three endpoints")
	})
}

func TestOneRegionKeepsTheGivenAddress(t *testing.T) {
	t.Parallel()
	// An emulator behind a port mapping names an address that only it can reach.
	account := `{"id":"a","writableLocations":[{"name":"South","databaseAccountEndpoint":"http://172.17.0.2:8081/"}],
		"readableLocations":[{"name":"South","databaseAccountEndpoint":"http://172.17.0.2:8081/"}]}`
	c, s := scripted(t, nil, answers(200, account), fine)
	_, info, err := c.Account(t.Context())
	require.NoError(t, err)
	require.Equal(t, "South", info.Readable[0].Name)
	resp, err := c.Do(t.Context(), readReq())
	require.NoError(t, err)
	require.Equal(t, "South", resp.Region)
	require.Equal(t, "GET https://acct.test:443/dbs/d/colls/c/docs/1", s.urls()[1])
}

func TestResourceTokensDoNotReadTheAccount(t *testing.T) {
	t.Parallel()
	s := &script{steps: []step{status(403, 3)}}
	c, err := New(Config{
		Endpoint: "https://acct.test", Auth: NewResourceToken("type=resource"), HTTP: &http.Client{Transport: s},
		Preferred: []string{"East US"},
	})
	require.NoError(t, err)
	c.policy.Throttled = -1
	synctest.Test(t, func(t *testing.T) {
		_, err = c.Do(t.Context(), readReq())
		require.Error(t, err)
	})
	for _, url := range s.urls() {
		require.Equal(t, "GET https://acct.test/dbs/d/colls/c/docs/1", url)
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	auth, err := NewMasterKey(sampleKey)
	require.NoError(t, err)
	for endpoint, want := range map[string]string{
		"":                          "endpoint is missing",
		"acct.documents.azure.com":  "not of the form",
		"ftp://acct.test":           "not of the form",
		"https://":                  "not of the form",
		"https://acct.test/?a=b":    "more than a host",
		"https://u:secret@acct/":    "more than a host",
		"https://acct.test:port/":   "not of the form",
		"https://acct.test/#secret": "more than a host",
	} {
		_, err := New(Config{Endpoint: endpoint, Auth: auth})
		require.ErrorContains(t, err, want, endpoint)
		require.NotContains(t, err.Error(), "u:secret")
	}
	_, err = New(Config{Endpoint: "https://acct.test"})
	require.ErrorContains(t, err, "credential is missing")
}
