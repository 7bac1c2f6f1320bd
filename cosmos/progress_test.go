package cosmos

import (
	"context"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// turns is an account whose documents come in pages without an end.
func turns(t *testing.T, answer func(n int) *http.Response) (*Container, *int) {
	t.Helper()
	n := 0
	r := &playedAccount{target: func(req *http.Request) bool {
		return req.Header.Get("x-ms-documentdb-isquery") != "" || req.URL.Path == "/dbs/d/colls" ||
			req.URL.Path == "/dbs/d/colls/c/docs/big"
	}}
	r.fault = func(*http.Request) (*http.Response, error) {
		n++
		return answer(n), nil
	}
	return r.container(t), &n
}

// Pages that continue where they began are an error, with rows or without.
func TestPagesWithoutAnEnd(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"Documents":[],"DocumentCollections":[]}`,
		`{"Documents":[{"id":"1"}],"DocumentCollections":[{"id":"1"}]}`} {
		c, n := turns(t, func(int) *http.Response { return httpAnswer(200, body, "x-ms-continuation", "same") })
		err := drain(c.NewPager("SELECT * FROM c WHERE c.pk = 'p'"), t.Context())
		require.ErrorContains(t, err, "continues where it began")
		require.LessOrEqual(t, *n, 3)
		*n = 0
		for _, err = range c.Database().Containers(t.Context()) {
			if err != nil {
				break
			}
		}
		require.ErrorContains(t, err, "continues where it began")
		require.LessOrEqual(t, *n, 3)
	}
}

// Empty pages in a row are asked for at a pace.
func TestEmptyPagesPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, n := turns(t, func(n int) *http.Response {
			return httpAnswer(200, `{"Documents":[]}`, "x-ms-continuation", strconv.Itoa(n))
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.ErrorIs(t, drain(c.NewPager("SELECT * FROM c WHERE c.pk = 'p'"), ctx), context.DeadlineExceeded)
		require.Greater(t, *n, 50)
		require.Less(t, *n, 100, "in a minute")
	})
}

// zeros is a body of any length.
type zeros struct{ left int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	clear(p[:n])
	z.left -= n
	return int(n), nil
}

func (z *zeros) Close() error { return nil }

// 400 MB, announced or not, cost less than 150 MB of heap, and are an error. All that was allocated counts, since what
// the heap grows by depends on when garbage is collected.
func TestHugeAnswers(t *testing.T) {
	for _, length := range []int64{400 << 20, -1} {
		c, _ := turns(t, func(int) *http.Response {
			resp := httpAnswer(200, "")
			resp.ContentLength, resp.Body = length, &zeros{400 << 20}
			return resp
		})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := c.ReadItem(t.Context(), "big", PartitionKey("p"))
		runtime.ReadMemStats(&after)
		require.ErrorContains(t, err, "too large")
		require.ErrorContains(t, err, "MaxResponseBytes")
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(150<<20))
		t.Logf("%d bytes of length %d", after.TotalAlloc-before.TotalAlloc, length)
	}
}
