//go:build !race

package cosmossql_test

// eased is by how much the largest tests are smaller, which they are under the race detector.
const eased = 1
