// Package chaos runs every operation of the client and of database/sql through storms of random faults, splits and
// merges, and holds what each call reported against what the server stores. It has tests only:
//
//	go test ./test/chaos -run TestChaos -seeds 20 -for 60s
//	go test ./test/chaos -run TestChaos -seed 4711
//
// Storms run side by side, each against a server of its own; -together bounds how many.
package chaos
