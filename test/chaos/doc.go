// Package chaos runs every operation of the client and of database/sql through storms of random faults, splits and
// merges, and holds what each call reported against what the server stores. It has tests only:
//
//	go test ./test/chaos -seeds 20 -for 60s
//	go test ./test/chaos -seed 4711
package chaos
