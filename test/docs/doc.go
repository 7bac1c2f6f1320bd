// Package docs holds README.md and the pages under docs to the code: each block of Go stands in a program or test that
// runs, links lead somewhere, and every option, error and flag of the code is in its table, and the other way round.
package docs
