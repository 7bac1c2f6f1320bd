// Package azcosmos holds our in-process server against the Go client that Azure ships,
// github.com/Azure/azure-sdk-for-go/sdk/data/azcosmos, and that client's documents against ours. It is a module of its
// own, so that the Azure SDK never reaches a user's go.mod.
package azcosmos
