//go:build race

package cosmossql_test

// eased is by how much the largest tests are smaller: the race detector makes everything many times slower.
const eased = 10
