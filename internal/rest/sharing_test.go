package rest

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

func TestReadingTheAccountIsShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		account := answers(200, accountTwo)
		c, _ := scripted(t, []string{"East US"}, func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/" {
				reads++
				return account(r)
			}
			return fine(r)
		})
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { _, _ = c.Do(t.Context(), readReq()) })
		}
		wg.Wait()
		require.Equal(t, 1, reads)
	})
}

// Many goroutines at once; the race detector looks on.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(HeaderSessionToken, fmt.Sprintf("%d:-1#%d", rand.IntN(4), rand.IntN(1000)))
		w.Header().Set(HeaderContentPath, "DPZtAKyOj5g=")
		_, _ = io.Copy(w, r.Body)
	}))
	defer srv.Close()
	auth, err := NewMasterKey(sampleKey)
	require.NoError(t, err)
	hc := NewHTTPClient(false, 0)
	defer hc.CloseIdleConnections()
	c, err := New(Config{Endpoint: srv.URL, Auth: auth, HTTP: hc})
	require.NoError(t, err)
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 50 {
				req := writeReq()
				req.Body = []byte(fmt.Sprintf(`{"id":"%d-%d"}`, w, i))
				resp, err := c.Do(t.Context(), req)
				if err != nil || string(resp.Body) != string(req.Body) {
					t.Errorf("%s, %v", resp.Body, err)
				}
				if i%10 == 0 {
					c.Sessions.Forget("dbs/d")
				}
			}
		})
	}
	wg.Wait()
}

func TestSessionsNeverGoBack(t *testing.T) {
	t.Parallel()
	var s Sessions
	highest := make(map[int]int)
	for range 2000 {
		id, lsn := rand.IntN(3), rand.IntN(10_000)
		highest[id] = max(highest[id], lsn)
		s.Keep("c", "", fmt.Sprintf("%d:-1#%d", id, lsn))
	}
	require.Equal(t, fmt.Sprintf("0:-1#%d,1:-1#%d,2:-1#%d", highest[0], highest[1], highest[2]), s.Token("c", ""))
}

func TestOneRangeNeedsOneToken(t *testing.T) {
	t.Parallel()
	var s Sessions
	ranges := map[string][]string{"0": nil, "1": nil}
	s.Arrange("c", ranges)
	s.Keep("c", "", "0:-1#5,1:-1#6")
	require.Equal(t, "1:-1#6", s.Token("c", "1"))
	require.Equal(t, "0:-1#5,1:-1#6", s.Token("c", "2"), "a range that is new may be the child of any")
	require.Equal(t, "0:-1#5,1:-1#6", s.Token("c", ""))

	c, script := scripted(t, nil, answers(200, `{}`, HeaderSessionToken, "0:-1#5,1:-1#6"), fine)
	_, err := c.Do(t.Context(), readReq())
	require.NoError(t, err)
	c.Sessions.Arrange("dbs/d/colls/c", ranges)
	addressed := readReq()
	addressed.Set(HeaderRangeID, "0")
	known := readReq()
	known.Range = "1"
	for i, req := range []*Request{addressed, known} {
		_, err = c.Do(t.Context(), req)
		require.NoError(t, err)
		require.Equal(t, []string{"0:-1#5", "1:-1#6"}[i], script.seen[i+1].header.Get(HeaderSessionToken))
	}
}

// Sessions that are begun by many at once are one.
func TestSessionsBegunSideBySide(t *testing.T) {
	t.Parallel()
	var s Sessions
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() { s.Keep("c", "", fmt.Sprintf("%d:-1#5", i)) })
	}
	wg.Wait()
	require.Len(t, strings.Split(s.Token("c", ""), ","), 50)
}
