package cosmos

import (
	"net/http"
	"sync"
	"testing"

	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/stretchr/testify/require"
)

// The requests that a hedged read becomes are told side by side that the partition has moved.
func TestHedgesLearnOfMovesSideBySide(t *testing.T) {
	c := newFake(t, func(http.ResponseWriter, call) {}).orders()
	_, err := c.FeedRanges(t.Context())
	require.NoError(t, err)
	var req rest.Request
	c.aim(t.Context(), &req, "80")
	require.Equal(t, "0", req.Range)
	var wg sync.WaitGroup
	for range 4 {
		own := req
		wg.Go(func() {
			req.Moved(t.Context(), &own, true)
			require.Equal(t, "0", own.Range)
		})
	}
	wg.Wait()
}
