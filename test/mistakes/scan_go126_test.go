//go:build !go1.27

package mistakes

import (
	"testing"
	"time"
)

// From Go 1.27 on a driver scans by itself, and none of these is a mistake.
func TestScanningByTheStandardLibrary(t *testing.T) {
	t.Parallel()
	check(t, []mistake{
		{"an object into a struct", scan("SELECT VALUE p FROM products p", new(product)),
			"sql: Scan error on column index 0, name…[]uint8 into type *mistakes.product", ofTheStandardLibrary},
		{"a time into a time", scan("SELECT p.at FROM products p WHERE p.id = '1'", new(time.Time)),
			"sql: Scan error on column index 0, name…string into type *time.Time", ofTheStandardLibrary},
		{"null into a string", scan("SELECT p.nothing FROM products p WHERE p.id = '1'", new(string)),
			"sql: Scan error on column index 0, name…NULL to string is unsupported", ofTheStandardLibrary},
		{"an array into a string slice", scan("SELECT p.tags FROM products p WHERE p.id = '1'", new([]string)),
			"sql: Scan error on column index 0, name…[]uint8 into type *[]string", ofTheStandardLibrary},
	})
}
