// Package rest executes one request against the REST interface of a Cosmos DB account: it addresses and signs the
// request, chooses a region, sends it, repeats it where repeating is right, keeps the session and turns the answer into
// a result or an error.
package rest
