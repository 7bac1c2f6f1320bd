package gateway_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cosmossql/cosmossql/internal/emulator/gateway"
	"github.com/cosmossql/cosmossql/internal/emulator/store"
)

// hold takes memory of the server's queries, once those that have been answered have let go of it.
func (s *server) hold(bytes int) (release func()) {
	require.Eventually(s.t, func() bool {
		var err error
		release, err = s.gateway.HoldQueryMemory(bytes)
		return err == nil
	}, 10*time.Second, time.Millisecond)
	return release
}

// TestQueryMemory: all queries together keep within the bound. What they need beyond it is refused for now, what one
// would need alone for ever, and afterwards nothing is held.
func TestQueryMemory(t *testing.T) {
	t.Parallel()
	const bound = 1 << 20
	s := newServer(t, func(o *gateway.Options, so *store.Options) { o.QueryMemory, so.Partitions = bound, 1 })
	coll := s.container("/pk")
	for i := range 600 {
		body := fmt.Sprintf(`{"id":"%d","pk":"p","n":%d,"text":"%s"}`, i, i%7, strings.Repeat("x", 1000))
		s.do("POST", coll+"/docs", pk("p"), body).want(t, 201)
	}
	sorted := "SELECT DISTINCT c.id, c.n FROM c ORDER BY c.n"
	page := pk("p").and(h{"x-ms-max-item-count": "10"})
	for _, query := range []string{
		sorted, "SELECT TOP 500 VALUE c FROM c", "SELECT * FROM c", "SELECT c.text FROM c",
		"SELECT c.text FROM c ORDER BY c.n", "SELECT DISTINCT c.id FROM c",
		"SELECT c.id, COUNT(1) AS n FROM c GROUP BY c.id",
	} {
		release := s.hold(bound - 1000)
		a := s.post(coll, query, page).want(t, 429, "3092")
		require.Contains(t, a.body, "memory of the server's queries is in use")
		release()
		s.post(coll, query, page).want(t, 200)
	}
	release := s.hold(bound - 1000)
	s.do("GET", coll+"/docs", page, nil).want(t, 429, "3092")
	s.do("GET", coll+"/docs/1", pk("p"), nil).want(t, 200)
	release()
	a := s.post(coll, "SELECT DISTINCT VALUE CONCAT(c.text, c.id) FROM c ORDER BY c.n", page).want(t, 400)
	require.Contains(t, a.body, "more rows in memory")

	token := s.post(coll, sorted, page).want(t, 200).header.Get("x-ms-continuation")
	require.Positive(t, s.gateway.QueryMemoryTaken(), "the result waits for its next page")
	s.hold(bound)() // and gives way
	require.Zero(t, s.gateway.QueryMemoryTaken())
	s.post(coll, sorted, page.and(h{"x-ms-continuation": token})).want(t, 200)

	var mu sync.Mutex
	statuses := map[int]int{}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				a := s.post(coll, sorted, pk("p"))
				mu.Lock()
				statuses[a.status]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	require.Positive(t, statuses[200])
	require.Equal(t, 80, statuses[200]+statuses[429])
	s.hold(bound)()
	require.Zero(t, s.gateway.QueryMemoryTaken(), "everything was given back")
}
