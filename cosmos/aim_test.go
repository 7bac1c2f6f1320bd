package cosmos

import (
	"net/http"
	"sync"
	"testing"

	"github.com/cosmossql/cosmossql/internal/partition"
	"github.com/cosmossql/cosmossql/internal/rest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The requests that a hedged read becomes are told side by side that the partition has moved.
func TestHedgesLearnOfMovesSideBySide(t *testing.T) {
	c := newFake(t, func(http.ResponseWriter, call) {}).orders()
	_, err := c.FeedRanges(t.Context())
	require.NoError(t, err)
	var req rest.Request
	a := &aimed{container: c, definition: &definition{key: partition.Definition{Paths: []string{"/pk"}, Version: 2}},
		key: partition.Key{partition.String("a")}}
	a.aim(t.Context(), &req)
	require.Equal(t, "0", req.Range)
	var wg sync.WaitGroup
	for range 4 {
		own := req
		wg.Go(func() {
			req.Moved.Moved(t.Context(), &own, true)
			assert.Equal(t, "0", own.Range)
		})
	}
	wg.Wait()
}
