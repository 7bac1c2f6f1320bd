// Package bench compares this project's client and driver with the other Go clients of Cosmos DB, and measures what its
// streams keep in memory. The server of a benchmark always runs in a process of its own, so that what is measured is
// the client. README.md has the commands and the figures of the last run.
package bench
