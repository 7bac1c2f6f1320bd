package partition

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDivide: the parts of a range follow each other without a gap, rise, and are as many as were asked for while it
// has room.
func TestDivide(t *testing.T) {
	t.Parallel()
	tree := Definition{Paths: []string{"/a", "/b"}, Kind: "MultiHash", Version: 2}
	lo, hi := tree.PrefixRange(Key{String("x")})
	for _, tt := range []struct {
		name   string
		lo, hi string
		d      Definition
	}{
		{"all", Min, Max, Definition{Paths: []string{"/a"}, Kind: "Hash", Version: 2}},
		{"old hashes", Min, Max, Definition{Paths: []string{"/a"}, Kind: "Hash", Version: 1}},
		{"one first value", lo, hi, tree},
	} {
		for n := 1; n < 20; n++ {
			bounds := Divide(tt.lo, tt.hi, n, tt.d)
			require.Len(t, bounds, n+1, "%s in %d", tt.name, n)
			require.Equal(t, tt.lo, bounds[0])
			require.Equal(t, tt.hi, bounds[n])
			for i := range n {
				require.Negative(t, Compare(bounds[i], bounds[i+1]), "%s in %d: %v", tt.name, n, bounds)
			}
		}
	}
	v2 := Definition{Paths: []string{"/a"}, Kind: "Hash", Version: 2}
	require.Equal(t, []string{"0A", "0A"}, Divide("0A", "0A", 3, v2), "nothing to divide")
}
