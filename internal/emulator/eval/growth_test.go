package eval

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLongQueriesGrowEvenly holds long chains to costs in proportion to their length. It counts bytes, which do not
// depend on how busy the machine is, so it must not run beside other tests: what grows with the square takes four times
// as many.
func TestLongQueriesGrowEvenly(t *testing.T) {
	docs := documents(t, `{"a":999999}`)
	for _, tt := range []struct {
		name  string
		query func(n int) string
	}{
		{"concatenation", func(n int) string {
			return "SELECT VALUE 1 FROM c WHERE " + strings.Repeat("'x' || ", n) + "'x' LIKE 'xx%'"
		}},
		{"LIKE of concatenated %", func(n int) string {
			return "SELECT VALUE 1 FROM c WHERE 'abc' LIKE " + strings.Repeat("'%' || ", n) + "'c'"
		}},
		{"sum", func(n int) string {
			return "SELECT VALUE 1 FROM c WHERE c.a = " + strings.Repeat("0 + ", n) + "999999"
		}},
		{"IN list", func(n int) string {
			return "SELECT VALUE 1 FROM c WHERE c.a IN (" + strings.Repeat("1,", n) + "999999)"
		}},
		{"grouping by a long path",
			func(n int) string { return "SELECT VALUE 1 FROM c GROUP BY c" + strings.Repeat(".a", n) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cost := func(n int) float64 {
				query := tt.query(n)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				rows := mustEvaluate(t, query, docs, Options{})
				runtime.ReadMemStats(&after)
				require.Equal(t, []string{"1"}, rows)
				return float64(after.TotalAlloc - before.TotalAlloc)
			}
			cost(1000) // what is made once
			require.Less(t, cost(20_000), 3*cost(10_000))
		})
	}
}
