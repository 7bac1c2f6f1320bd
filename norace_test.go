//go:build !race

package cosmossql_test

import "os"

// eased is by how much the largest tests are smaller than with COSMOS_TEST_FULL, and under the race detector.
var eased = func() int {
	if os.Getenv("COSMOS_TEST_FULL") != "" {
		return 1
	}
	return 5
}()
