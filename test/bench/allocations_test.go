//go:build !race

// The race detector's pools forget things at random, which is made again then.

package bench

import (
	"testing"

	"github.com/cosmossql/cosmossql/test/bench/canned"
)

// A point read allocates at most 110 times, net/http's more than 70 included, of which the names of the answer's
// headers are 25.
func TestAllocationsOfAPointRead(t *testing.T) {
	c := ours(t, start(t, service{Canned: &canned.Options{Documents: 1, PageSize: 1}}))
	for range 100 { // the container is known, the connection open
		must(t, c.read(t.Context()))
	}
	n := testing.AllocsPerRun(2000, func() { must(t, c.read(t.Context())) })
	t.Logf("%v allocations", n)
	if n > 110 {
		t.Errorf("%v allocations, not at most 110", n)
	}
}
