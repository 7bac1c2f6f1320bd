// Package examples holds small programs, each with one job. Each runs with no arguments against a Cosmos DB server
// within itself, and with COSMOS_DSN against a real account. This package itself only tests that they do.
package examples
