// Package programs holds the storage layers of programs as they are written on package cosmos and on database/sql, each
// in a folder of its own: behind the interface that such a program has, from README, docs and godoc alone, with the
// test that its users would want. What is awkward to write here is to be mended in the API.
package programs
