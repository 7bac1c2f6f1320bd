// Package chaos runs every operation of the client and of database/sql through storms of random faults, splits and
// merges, and holds what each call reported against what the server stores. Others move the regions of an account under
// programs that write in one region, or in all of them. It has tests only:
//
//	go test ./test/chaos -run TestChaos -seeds 20 -for 60s
//	go test ./test/chaos -run TestChaos -seed 4711
//	go test ./test/chaos -run TestMoving -seeds 20 -for 10s
//
// Storms run side by side, each against a server of its own; -together bounds how many.
package chaos
