package rest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// partitionOf is a region's answers to requests about documents of one partition. lags says that it has not seen the
// session.
func partitionOf(isHub, lags bool) step {
	return func(r *http.Request) (*http.Response, error) {
		switch asked := r.Header.Get(headerHubOnly); {
		case r.URL.Path == "/":
			return answers(200, accountTwo)(r)
		case !isHub && (asked == "True" || r.Method == http.MethodPost):
			return status(403, 3)(r)
		case lags && r.Method != http.MethodPost:
			return status(404, 1002)(r)
		}
		return fine(r)
	}
}

// A partition may be written in another region than the account: the one that writes it is looked for, and remembered
// where it is known which partition it is.
func TestThePartitionsOwnWriteRegion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, nil)
		w.set("west.test", partitionOf(false, true))
		w.set("east.test", partitionOf(true, false))
		known := func(req *Request) *Request { req.Range = "7"; return req }
		steps := []struct {
			what string
			req  *Request
			asks string
		}{
			{"a read asks the write region twice, then each region whether it is the one", readReq(),
				"west west west east"},
			{"which is not remembered of a partition that is not known", readReq(), "west west west east"},
			{"nor by a write", writeReq(), "west east"},
			{"a write of one that is known", known(writeReq()), "west east"},
			{"finds it at once from then on", known(writeReq()), "east"},
			{"a read goes where it prefers to, first", known(readReq()), "west east"},
			{"another partition is another matter", writeReq(), "west east"},
		}
		for _, s := range steps {
			require.NoError(t, do(t, c, s.req), s.what)
			require.Equal(t, s.asks, w.took(), s.what)
		}
		// The partition comes back.
		w.set("west.test", partitionOf(true, false))
		w.set("east.test", partitionOf(false, true))
		require.NoError(t, do(t, c, known(writeReq())))
		require.Equal(t, "east west", w.took())
		require.NoError(t, do(t, c, known(writeReq())))
		require.Equal(t, "west", w.took())
	})
}

// If the region that writes the partition has not seen the session either, none has.
func TestTheWriteRegionHasTheLastWord(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, func(cfg *Config) { cfg.Preferred = []string{"East US"} })
		w.set("west.test", partitionOf(true, true))
		w.set("east.test", partitionOf(false, true))
		var f *Failure
		require.ErrorAs(t, do(t, c, readReq()), &f)
		require.Equal(t, []int{404, 1002}, []int{f.StatusCode, f.SubStatus})
		require.Equal(t, "east west west", w.took())
	})
}

// While the account names a region that does not write any more, the next one is found without it, and without a pause.
func TestWritesDoNotWaitForTheAccount(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, nil)
		w.set("west.test", partitionOf(false, false))
		w.set("east.test", partitionOf(true, false))
		start := time.Now()
		for range 5 {
			require.NoError(t, do(t, c, writeReq()))
			require.Equal(t, "west east", w.took())
		}
		require.Zero(t, time.Since(start))

		// Where none writes, all are asked again every second.
		w.set("east.test", partitionOf(false, false))
		time.AfterFunc(2500*time.Millisecond, func() { w.set("west.test", partitionOf(true, false)) })
		require.NoError(t, do(t, c, writeReq()))
		require.LessOrEqual(t, time.Since(start), 3500*time.Millisecond)
		require.Equal(t, "west east west east west east west", w.took())
	})
}

// A region that has failed is the last one to be asked whether it is the one that writes.
func TestTheWriteRegionIsSoughtWhereNothingFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountThree, func(cfg *Config) { cfg.Preferred = []string{"East US"} })
		require.NoError(t, do(t, c, readReq()))
		w.took()
		w.set("east.test", status(500, 0))
		w.set("west.test", partitionOf(false, true))
		w.set("north.test", partitionOf(true, false))
		require.NoError(t, do(t, c, readReq()))
		require.Equal(t, "east west west west north", w.took())
		w.set("north.test", partitionOf(false, false))
		var f *Failure
		require.ErrorAs(t, do(t, c, readReq()), &f)
		require.Equal(t, 500, f.StatusCode)
		require.Equal(t, "east west west west north east", w.took(), "none is left")
	})
}

// Close wakes those who pause before they repeat, and those who wait for their budget.
func TestCloseWakesThoseWhoPause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, w := worldOf(t, accountTwo, nil)
		require.NoError(t, do(t, c, readReq()))
		w.set("west.test", answers(429, `{"message":"slow down"}`, HeaderRetryAfter, "8000"))
		time.AfterFunc(time.Second, c.Close)
		start := time.Now()
		err := do(t, c, writeReq())
		require.ErrorIs(t, err, ErrClosed)
		require.NotErrorIs(t, err, context.Canceled)
		require.NotErrorIs(t, err, ErrUnreachable)
		var f *Failure
		require.True(t, errors.As(err, &f))
		require.Equal(t, 429, f.StatusCode)
		require.Equal(t, time.Second, time.Since(start))
	})
}
