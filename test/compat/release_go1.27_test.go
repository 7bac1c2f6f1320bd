//go:build go1.27

package compat

// columnScanner says that database/sql lets the driver scan columns.
const columnScanner = true
